"""Rows to batches, and containers to partitions."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.schemas import DOCUMENTS
from pipelines.sources.packing import TARGET_BYTES, pack
from pipelines.sources.records import Row, document_id, rows_to_batches
from pipelines.transport import ContainerRef


def row(text: str | None, number: int = 0) -> Row:
    return Row(document_id("records", "c", number), "records", "web", container="c", offset=number, text=text)


class TestBatches:
    @given(st.lists(st.integers(0, 300), max_size=40), st.integers(1, 7), st.integers(1, 500))
    def test_rows_keep_their_order_and_batches_their_bounds(
        self, lengths: list[int], max_rows: int, max_bytes: int
    ) -> None:
        rows = [row("x" * length, number) for number, length in enumerate(lengths)]
        batches = list(rows_to_batches(rows, max_rows=max_rows, max_bytes=max_bytes))
        assert [n for batch in batches for n in batch["offset"].to_pylist()] == list(range(len(rows)))
        for batch in batches:
            assert batch.schema.equals(DOCUMENTS)
            assert 1 <= batch.num_rows <= max_rows
            assert batch.num_rows == 1 or sum(len(t) for t in batch["text"].to_pylist()) <= max_bytes

    def test_columns_carry_the_rows_fields(self) -> None:
        (batch,) = rows_to_batches([row("text", 7)])
        assert batch.to_pylist()[0] == {
            **dict.fromkeys(DOCUMENTS.names),
            "doc_id": document_id("records", "c", 7),
            "source": "records",
            "category": "web",
            "container": "c",
            "offset": 7,
            "text": "text",
            "num_records": 1,
        }

    def test_half_a_surrogate_pair_is_replaced(self) -> None:
        (batch,) = rows_to_batches([row("a\ud800b")])
        assert batch["text"].to_pylist() == ["a?b"]
        assert isinstance(batch, pa.RecordBatch)


class TestPacking:
    def refs(self, *sizes: int | None) -> list[ContainerRef]:
        return [ContainerRef(f"{n:03}.warc.gz", f"/{n}", size) for n, size in enumerate(sizes)]

    @given(st.lists(st.one_of(st.none(), st.integers(0, 2**31)), max_size=40), st.integers(1, 20))
    def test_every_container_is_in_one_partition_and_none_is_empty(
        self, sizes: list[int | None], num_partitions: int
    ) -> None:
        refs = self.refs(*sizes)
        packed = pack(refs, num_partitions=num_partitions)
        assert sorted(ref for part in packed for ref in part) == refs
        assert len(packed) == min(num_partitions, len(refs))
        assert all(part == tuple(sorted(part)) and part for part in packed)
        assert packed == pack(refs[::-1], num_partitions=num_partitions)

    def test_large_files_stand_alone_and_small_ones_share(self) -> None:
        packed = pack(self.refs(2**30, *[2**20] * 60, 2**30), parallelism=2)
        alone = [part for part in packed if len(part) == 1 and part[0].size_bytes == 2**30]
        assert len(alone) == 2
        assert len(packed) == -(-(2 * 2**30 + 60 * 2**20) // TARGET_BYTES)

    def test_there_are_at_least_as_many_partitions_as_processors(self) -> None:
        assert len(pack(self.refs(*[1000] * 10), parallelism=4)) == 4
        assert len(pack(self.refs(*[None] * 3), parallelism=2)) == 3
        assert pack([], parallelism=4) == []

    def test_no_partition_is_the_callers_mistake(self) -> None:
        with pytest.raises(ValueError, match="at least 1"):
            pack(self.refs(1), num_partitions=0)
