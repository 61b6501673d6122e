"""The files of a shard read back token for token, and nothing that does not add up gets into one."""

import hashlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import BooksDoNotBalance
from pipelines.shards.index import TokenizerFacts
from pipelines.shards.shard_files import ShardFiles
from pipelines.storage import open_storage
from tests.pipelines.shards.megatron_reader import read

END = 9


def tokenizer(padded_vocabulary: int = 100_352) -> TokenizerFacts:
    return TokenizerFacts(name="t", digest="d", padded_vocabulary=padded_vocabulary, end_of_document=END)


def batch(documents: list[list[int]], num_tokens: list[int] | None = None) -> pa.RecordBatch:
    return pa.record_batch(
        {
            "doc_id": pa.array([f"{number:032x}" for number in range(len(documents))]),
            "epoch": pa.array([0] * len(documents), pa.int32()),
            "num_tokens": pa.array(num_tokens or [len(ids) for ids in documents], pa.int64()),
            "tokens": pa.array([np.array(ids, "<i4").tobytes() for ids in documents], pa.binary()),
        }
    )


ids = st.integers(0, 60_000).filter(lambda token: token != END)
some_documents = st.lists(st.lists(ids, max_size=12).map(lambda tokens: [*tokens, END]), min_size=1, max_size=12)


@pytest.mark.parametrize(("padded_vocabulary", "code"), [(100_352, 4), (65_500, 4), (65_499, 8)])
@given(batches=st.lists(some_documents, min_size=1, max_size=4))
def test_every_token_reads_back_with_an_independent_reader(
    padded_vocabulary: int, code: int, batches: list[list[list[int]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("shards")
    files = ShardFiles(open_storage(str(folder)), "web/web-00000", tokenizer(padded_vocabulary))
    for documents in batches:
        files.append(batch(documents))
    facts = files.close()
    dataset = read(folder / "web" / "web-00000")
    assert dataset.code == code
    assert [sequence.tolist() for sequence in dataset.sequences] == [ids for documents in batches for ids in documents]
    assert (facts.tokens, facts.documents) == (
        sum(len(sequence) for sequence in dataset.sequences),
        len(dataset.sequences),
    )
    for suffix, file in (("bin", facts.bin), ("idx", facts.idx), ("parquet", facts.parquet)):
        content = (folder / "web" / f"web-00000.{suffix}").read_bytes()
        assert (file.bytes, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    lineage = pq.read_table(folder / "web" / "web-00000.parquet")
    assert lineage["num_tokens"].to_pylist() == [len(sequence) for sequence in dataset.sequences]


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary()], ids=str)
def test_a_slice_of_a_batch_writes_its_own_rows_only(kind: pa.DataType, tmp_path: Path) -> None:
    documents = batch([[1, END], [2, 3, END], [4, END]])
    columns = [*documents.columns[:3], documents.column("tokens").cast(kind)]
    files = ShardFiles(open_storage(str(tmp_path)), "web", tokenizer())
    files.append(pa.RecordBatch.from_arrays(columns, documents.schema.names).slice(1, 1))
    files.close()
    assert [sequence.tolist() for sequence in read(tmp_path / "web").sequences] == [[2, 3, END]]


@pytest.mark.parametrize(
    ("documents", "num_tokens", "cause"),
    [
        ([[1, 2]], None, "does not end each of them once"),
        ([[1, END, 2, END]], None, "does not end each of them once"),
        ([[1, END], [2, END]], [3, 1], "does not end each of them once"),
        ([[1, END]], [3], "3 tokens stated, 2 there"),
        ([[100_352, END]], None, "do not fit a vocabulary of 100,352"),
        ([[-1, END]], None, "do not fit a vocabulary of 100,352"),
    ],
)
def test_tokens_that_do_not_add_up_are_refused(
    documents: list[list[int]], num_tokens: list[int] | None, cause: str, tmp_path: Path
) -> None:
    files = ShardFiles(open_storage(str(tmp_path)), "web", tokenizer())
    with pytest.raises(BooksDoNotBalance, match=cause):
        files.append(batch(documents, num_tokens))
