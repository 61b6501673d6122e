"""The lineage says which document each sequence is, in bytes that do not depend on the batches."""

import io
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.schemas import LINEAGE
from pipelines.shards import lineage
from pipelines.shards.lineage import LineageWriter


class KeptBytes(io.BytesIO):
    """What was written stays readable after the file is closed."""

    content = b""

    def close(self) -> None:
        self.content = self.getvalue()
        super().close()


def written(batches: list[list[int]]) -> bytes:
    """The file for documents of these lengths; the ids count up."""
    stream = KeptBytes()
    writer = LineageWriter(stream)
    number = 0
    for batch in batches:
        ids = pa.array([f"{i:032x}" for i in range(number, number + len(batch))], pa.string())
        epochs = pa.array([i % 3 for i in range(number, number + len(batch))], pa.int32())
        writer.append(ids, epochs, np.array(batch, np.int64))
        number += len(batch)
    writer.close()
    stream.close()
    return stream.content


def test_each_sequence_names_its_document_and_where_it_begins() -> None:
    table = pq.read_table(io.BytesIO(written([[5, 1], [7]])))
    assert table.schema.equals(LINEAGE)
    assert table.to_pylist() == [
        {"sequence": 0, "token_offset": 0, "num_tokens": 5, "doc_id": f"{0:032x}", "epoch": 0},
        {"sequence": 1, "token_offset": 5, "num_tokens": 1, "doc_id": f"{1:032x}", "epoch": 1},
        {"sequence": 2, "token_offset": 6, "num_tokens": 7, "doc_id": f"{2:032x}", "epoch": 2},
    ]


@given(lengths=st.lists(st.integers(1, 9), max_size=60), cuts=st.lists(st.integers(0, 60), max_size=6))
def test_the_bytes_do_not_depend_on_the_batches(lengths: list[int], cuts: list[int]) -> None:
    bounds = [0, *sorted(min(cut, len(lengths)) for cut in cuts), len(lengths)]
    batches = [lengths[start:end] for start, end in pairwise(bounds)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lineage, "ROW_GROUP", 8)
        whole, split = written([lengths]), written(batches)
    assert split == whole
    groups = pq.ParquetFile(io.BytesIO(whole)).metadata
    sizes = [groups.row_group(i).num_rows for i in range(groups.num_row_groups)]
    assert sum(sizes) == len(lengths)
    assert all(size == 8 for size in sizes[:-1])
