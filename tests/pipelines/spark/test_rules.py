from __future__ import annotations

import math

import pyarrow as pa
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from pipelines.rules import arrow
from pipelines.rules.check import written
from pipelines.spark.rules import column_kinds, written_number

pytestmark = pytest.mark.spark


def test_kinds_of_spark_and_arrow_columns_are_the_same(spark: SparkSession) -> None:
    table = pa.table(
        {
            "number": [0.5],
            "count": pa.array([1], pa.int64()),
            "small": pa.array([1], pa.int32()),
            "text": ["a"],
            "flag": [True],
            "digest": [b"d"],
        }
    )
    assert column_kinds(spark.createDataFrame(table).schema) == arrow.column_kinds(table.schema)
    assert column_kinds(T.StructType([T.StructField("a", T.ArrayType(T.StringType()))])) == {"a": "other"}


def test_spark_writes_numbers_as_rules_do(spark: SparkSession) -> None:
    numbers = [0.0, -0.0, 0.1 + 0.2, 1 / 3, 5e-10, 1e22, 2e-3, 2.0**-44, -7.25, 0.8125, 1.0, math.pi]
    frame = spark.createDataFrame([(n,) for n in numbers], "n double").select(written_number(F.col("n")).alias("t"))
    assert [row.t for row in frame.collect()] == [written(n) for n in numbers]
