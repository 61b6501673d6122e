"""Run a pure function over the parts of a committed dataset, read in Python, so that text never enters the JVM.

The unit of work is a Parquet row group: `(part, row group)`, one Spark task each, so that one large part still uses
every core. What a unit gives depends on nothing but the unit, so the result is the same for any parallelism.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession

from pipelines.manifests import Dataset
from pipelines.storage import Storage, open_storage


@dataclass(frozen=True, slots=True)
class RowGroup:
    """One row group of a part; `first_row` is its first row's number in the part."""

    part: str
    index: int
    first_row: int
    rows: int


@dataclass(frozen=True, slots=True)
class PartBatch:
    """Rows of one part, in order; row i of the batch is row `first_row + i` of the part."""

    part: str
    first_row: int
    rows: pa.RecordBatch


PartFunction = Callable[[Iterator[PartBatch]], Iterator[pa.RecordBatch]]


def row_groups(dataset: Dataset) -> list[RowGroup]:
    """Every row group of a dataset in the order of its manifest, from the footers."""
    groups = []
    for part in dataset.manifest.parts:
        with dataset.parts.open_input(part.name) as stream:
            metadata = pq.ParquetFile(stream).metadata
        first_row = 0
        for index in range(metadata.num_row_groups):
            rows = metadata.row_group(index).num_rows
            groups.append(RowGroup(part.name, index, first_row, rows))
            first_row += rows
    return groups


def map_parts(
    spark: SparkSession,
    dataset: Dataset,
    columns: Sequence[str],
    function: PartFunction,
    schema: str,
    *,
    batch_rows: int = 256,
) -> DataFrame:
    """Apply `function` to the rows of each row group; it gets them in order and gives batches of `schema`.

    `function` must be picklable by reference or closure; it is called once a row group. `schema` is the result's, as
    Spark DDL (see `spark_ddl`).
    """
    units = row_groups(dataset)
    uri = dataset.parts.uri

    def run(indices: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        parts = open_storage(uri)
        for batch in indices:
            for index in batch.column(0).to_pylist():
                yield from function(_read(parts, units[index], columns, batch_rows))

    return spark.range(0, len(units), 1, max(1, len(units))).mapInArrow(run, schema)


def _read(parts: Storage, unit: RowGroup, columns: Sequence[str], batch_rows: int) -> Iterator[PartBatch]:
    with parts.open_input(unit.part) as stream:
        file = pq.ParquetFile(stream)
        first_row = unit.first_row
        for batch in file.iter_batches(batch_rows, row_groups=[unit.index], columns=list(columns), use_threads=False):
            yield PartBatch(unit.part, first_row, batch)
            first_row += batch.num_rows


def spark_ddl(schema: pa.Schema) -> str:
    """An Arrow schema as Spark DDL."""
    return ", ".join(f"`{field.name}` {_spark_type(field.type)}" for field in schema)


def _spark_type(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"array<{_spark_type(kind.value_type)}>"
    return _SPARK_TYPES[kind]


_SPARK_TYPES = {
    pa.string(): "string",
    pa.binary(): "binary",
    pa.int64(): "bigint",
    pa.int32(): "int",
    pa.int16(): "smallint",
    pa.int8(): "tinyint",
    pa.float64(): "double",
    pa.float32(): "float",
    pa.bool_(): "boolean",
}


def echo(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Give every batch back: what `doctor` sends rows through."""
    yield from batches
