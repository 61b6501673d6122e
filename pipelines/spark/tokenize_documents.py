"""Kept documents to token ids, read and encoded in Python: only ids cross the network, and no text enters the JVM.

The unit of work is a row group of `documents`: a task gets the rows to keep of some row groups, reads those from
storage and encodes them. What a document becomes depends on its text and the tokenizer alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyspark.sql import DataFrame

from pipelines.errors import BooksDoNotBalance
from pipelines.manifests import Dataset
from pipelines.recipe import TokenizerConfig
from pipelines.schemas import TOKENS
from pipelines.spark.parts import RowGroup, row_groups, spark_ddl
from pipelines.storage import Storage, open_storage
from pipelines.tokenizers import encode_documents, load_tokenizer

BATCH_ROWS: Final = 256
MAX_BATCH_BYTES: Final = 8 * 2**20
"""Bytes of text after which a batch of tokens is handed on; the ids of a batch take about ten times that."""


def tokenize(kept: DataFrame, documents: Dataset, config: TokenizerConfig, num_partitions: int) -> DataFrame:
    """The tokens (TOKENS) of the documents that `kept` names by `part`, `row`, `doc_id` and `category`.

    One row comes out for each that goes in. Raises TokenizerUnavailable or RecipeError at once; the tasks raise
    BooksDoNotBalance for a row that is not in `documents` under that id or has no text. `num_partitions` is how many
    tasks share the row groups, at most one each.
    """
    load_tokenizer(config)
    units = row_groups(documents)
    num_partitions = max(1, min(num_partitions, len(units)))
    located = kept.select("part", "row", "doc_id", "category").mapInArrow(_locator(units, num_partitions), LOCATED)
    by_unit = located.repartitionById(num_partitions, "task").sortWithinPartitions("unit", "row")
    uri = documents.parts.uri

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        storage = open_storage(uri)
        for unit, rows in _by_unit(batches):
            for texts in _kept_texts(storage, units[unit], rows):
                yield _encode(texts, config)

    return by_unit.mapInArrow(run, spark_ddl(TOKENS))


LOCATED: Final = "task int, unit int, row int, doc_id string, category string"
"""A kept row, the number of the row group it lies in, and the task that reads it."""


def _locator(units: list[RowGroup], num_tasks: int) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """A function from `part`, `row`, `doc_id` and `category` to LOCATED."""
    of_part: dict[str, list[int]] = {}
    for number, unit in enumerate(units):
        of_part.setdefault(unit.part, []).append(number)

    def locate(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            part = batch.column("part").dictionary_encode()
            rows = batch.column("row").to_numpy()
            found = np.empty(len(rows), np.int32)
            for code, name in enumerate(part.dictionary.to_pylist()):
                if name not in of_part:
                    raise BooksDoNotBalance(f"kept documents lie in {name}, which is not a part of documents")
                here = part.indices.to_numpy() == code
                first_rows = [units[number].first_row for number in of_part[name]]
                found[here] = of_part[name][0] + np.searchsorted(first_rows, rows[here], "right") - 1
            tasks = (found.astype(np.int64) * num_tasks // len(units)).astype(np.int32)
            columns = [
                pa.array(tasks),
                pa.array(found),
                *(batch.column(name) for name in ("row", "doc_id", "category")),
            ]
            yield pa.RecordBatch.from_arrays(columns, ["task", "unit", "row", "doc_id", "category"])

    return locate


def _by_unit(batches: Iterator[pa.RecordBatch]) -> Iterator[tuple[int, pa.Table]]:
    """The rows of each unit, whole, from batches that are sorted by unit."""
    pending: list[pa.RecordBatch] = []
    for batch in batches:
        unit = batch.column("unit").to_numpy()
        starts = np.flatnonzero(np.diff(unit, prepend=unit[:1]))
        for start, end in zip([0, *starts], [*starts, len(unit)], strict=True):
            if pending and pending[0].column("unit")[0].as_py() != unit[start]:
                yield _whole_unit(pending)
                pending = []
            pending.append(batch.slice(start, end - start))
    if pending:
        yield _whole_unit(pending)


def _whole_unit(batches: list[pa.RecordBatch]) -> tuple[int, pa.Table]:
    rows = pa.Table.from_batches(batches)
    return rows["unit"][0].as_py(), rows.combine_chunks()


def _kept_texts(storage: Storage, unit: RowGroup, rows: pa.Table) -> Iterator[pa.Table]:
    """The kept rows of one row group in order, as `doc_id`, `category` and `text`, some at a time."""
    wanted = rows["row"].to_numpy() - unit.first_row
    done = 0
    with storage.open_input(unit.part) as stream:
        file = pq.ParquetFile(stream)
        start = 0
        for batch in file.iter_batches(
            BATCH_ROWS, row_groups=[unit.index], columns=["doc_id", "text"], use_threads=False
        ):
            end = int(np.searchsorted(wanted, start + batch.num_rows))
            if end > done:
                found = batch.take(pa.array(wanted[done:end] - start))
                yield from _checked(unit, rows.slice(done, end - done), found)
            start, done = start + batch.num_rows, end
    if done != len(wanted):
        raise BooksDoNotBalance(f"{unit.part}: {len(wanted) - done:,} kept rows lie after its last row")


def _checked(unit: RowGroup, rows: pa.Table, found: pa.RecordBatch) -> Iterator[pa.Table]:
    if not rows["doc_id"].combine_chunks().equals(found.column("doc_id")) or found.column("text").null_count:
        pairs = zip(rows["row"].to_pylist(), rows["doc_id"].to_pylist(), found.to_pylist(), strict=True)
        row, doc_id, there = next(p for p in pairs if p[2]["doc_id"] != p[1] or p[2]["text"] is None)
        what = "without text" if there["doc_id"] == doc_id else f"document {there['doc_id']}"
        raise BooksDoNotBalance(f"{unit.part}: row {row} was kept as document {doc_id}, but is {what}")
    sizes = np.cumsum(pc.binary_length(found.column("text")).to_numpy())
    starts = np.flatnonzero(np.diff(sizes // MAX_BATCH_BYTES, prepend=0))
    texts = pa.table([rows["doc_id"], rows["category"], found.column("text")], ["doc_id", "category", "text"])
    for start, end in zip([0, *starts], [*starts, len(sizes)], strict=True):
        if end > start:
            yield texts.slice(start, end - start)


def _encode(texts: pa.Table, config: TokenizerConfig) -> pa.RecordBatch:
    num_tokens, tokens = encode_documents(load_tokenizer(config), texts["text"].to_pylist())
    columns = [texts["doc_id"].combine_chunks(), texts["category"].combine_chunks(), num_tokens, tokens]
    return pa.RecordBatch.from_arrays(columns, schema=TOKENS)
