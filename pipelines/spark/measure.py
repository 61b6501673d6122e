"""`pipelines.measure` on Spark: the parts of `documents` are read, measured and counted where they lie."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from pipelines.manifests import Dataset
from pipelines.measure import Models, load_models, measure_batch
from pipelines.recipe import MeasureConfig
from pipelines.schemas import IDENTITY, SIGNALS_OUTCOME
from pipelines.signals.schema import SIGNALS
from pipelines.spark.parts import PartBatch, map_parts, spark_ddl

BENCHMARK_INDEX = "index.npz"
"""The file of the `benchmarks` dataset."""

_LOCATED = ("part", "row")
COLUMNS = (*(f.name for f in (*IDENTITY, *SIGNALS_OUTCOME) if f.name not in _LOCATED), "text", "metadata")
"""What `measure` reads of `documents`."""


def measure_documents(
    spark: SparkSession, documents: Dataset, config: MeasureConfig, benchmarks: Dataset | None
) -> DataFrame:
    """The `signals` of every row of `documents`, aligned with its parts; models load once a Python worker."""
    index_uri = f"{benchmarks.parts.uri}/{BENCHMARK_INDEX}" if benchmarks else None
    config_json = config.model_dump_json()
    _models(config_json, index_uri)  # a wrong path or index ends the stage here, not in each task

    def measure(batches: Iterator[PartBatch]) -> Iterator[pa.RecordBatch]:
        models = _models(config_json, index_uri)
        for batch in batches:
            yield measure_batch(batch.rows, models, part=batch.part, first_row=batch.first_row)

    return map_parts(spark, documents, COLUMNS, measure, spark_ddl(SIGNALS))


@cache
def _models(config_json: str, index_uri: str | None) -> Models:
    return load_models(MeasureConfig.model_validate_json(config_json), index_uri)
