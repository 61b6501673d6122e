"""Which document each sequence of a shard is: a Parquet file (schema LINEAGE) beside it.

Its bytes depend on the rows alone, not on the batches they come in. Memory: one row group.
"""

from __future__ import annotations

from typing import IO, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.schemas import LINEAGE

ROW_GROUP: Final = 65_536
"""Rows of a row group; part of the bytes, so not an option."""


class LineageWriter:
    """Appends the documents of one shard, in their order."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._parquet = pq.ParquetWriter(stream, LINEAGE, compression="zstd")
        self._pending: list[pa.Table] = []
        self._num_pending = 0
        self._num_documents = 0
        self._num_tokens = 0

    def append(self, doc_ids: pa.Array, epochs: pa.Array, num_tokens: npt.NDArray[np.int64]) -> None:
        ends = self._num_tokens + np.cumsum(num_tokens)
        sequences = np.arange(self._num_documents, self._num_documents + len(num_tokens), dtype=np.int64)
        columns = [pa.array(sequences), pa.array(ends - num_tokens), pa.array(num_tokens), doc_ids, epochs]
        self._pending.append(pa.Table.from_arrays(columns, schema=LINEAGE))
        self._num_documents += len(num_tokens)
        self._num_tokens += int(num_tokens.sum())
        self._num_pending += len(num_tokens)
        if self._num_pending >= ROW_GROUP:
            self._write_groups(last=False)

    def close(self) -> None:
        self._write_groups(last=True)
        self._parquet.close()

    def _write_groups(self, *, last: bool) -> None:
        rows = pa.concat_tables([LINEAGE.empty_table(), *self._pending]).combine_chunks()
        full = rows.num_rows if last else rows.num_rows - rows.num_rows % ROW_GROUP
        for start in range(0, full, ROW_GROUP):
            group = rows.slice(start, min(ROW_GROUP, full - start))
            self._parquet.write_table(group, row_group_size=ROW_GROUP)
        self._pending = [rows.slice(full)]
        self._num_pending = rows.num_rows - full
