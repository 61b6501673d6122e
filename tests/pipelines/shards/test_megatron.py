"""The `.idx` is what the format says, byte for byte."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.shards import megatron
from pipelines.shards.megatron import index_chunks, token_dtype
from tests.pipelines.shards.megatron_reader import read


def test_the_vocabulary_of_phi4_needs_int32_and_only_one_below_65500_fits_uint16() -> None:
    assert token_dtype(100_352) == "int32"
    assert token_dtype(65_500) == "int32"
    assert token_dtype(65_499) == "uint16"


def test_the_index_of_two_documents_has_these_bytes() -> None:
    assert b"".join(index_chunks([np.array([3, 5], np.int32)], "int32")) == bytes.fromhex(
        "4d4d494449445800 00"  # MMIDIDX, two NULs
        "0100000000000000 04"  # version 1, int32
        "0200000000000000 0300000000000000"  # sequences, entries of the document array
        "03000000 05000000"  # lengths
        "0000000000000000 0c00000000000000"  # offsets in bytes
        "0000000000000000 0100000000000000 0200000000000000"  # documents
    )


@pytest.mark.parametrize("dtype", ["int32", "uint16"])
@given(lengths=st.lists(st.lists(st.integers(1, 50), max_size=20), max_size=5))
def test_the_index_reads_back_for_any_batches_and_chunks(
    dtype: str, lengths: list[list[int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    prefix = tmp_path_factory.mktemp("shard") / "web"
    sizes = [length for batch in lengths for length in batch]
    tokens = np.arange(sum(sizes)).astype(dtype)
    Path(f"{prefix}.bin").write_bytes(tokens.tobytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(megatron, "_CHUNK", 7)
        chunks = list(index_chunks([np.array(batch, np.int32) for batch in lengths], dtype))
    Path(f"{prefix}.idx").write_bytes(b"".join(chunks))
    dataset = read(prefix)
    assert np.array_equal(np.concatenate([*dataset.sequences, tokens[:0]]), tokens)
    assert [len(sequence) for sequence in dataset.sequences] == sizes
    assert dataset.documents == list(range(len(sizes) + 1))
    assert Path(f"{prefix}.idx").stat().st_size == 42 + 20 * len(sizes)


def test_offsets_go_beyond_four_gigabytes() -> None:
    lengths = [np.full(3, 2**30, np.int32)]
    index = b"".join(index_chunks(lengths, "int32"))
    assert np.frombuffer(index, "<i8", count=3, offset=34 + 12).tolist() == [0, 2**32, 2**33]
