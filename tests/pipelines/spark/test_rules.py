from __future__ import annotations

import math
import random

import pyarrow as pa
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import types as T

from pipelines.recipe import RuleConfig
from pipelines.rules import arrow
from pipelines.rules.check import check_rules
from pipelines.spark.rules import RuleColumns, column_kinds

pytestmark = pytest.mark.spark

RNG = random.Random(1)
NUMBERS = [None, math.nan, math.inf, -math.inf, 0.0, -0.0, 0.1 + 0.2, 1 / 3, 5e-10, 1e22, 2e-3, 2.0**-44, -7.25]
ROWS = 400
TABLE = pa.table(
    {
        "x": pa.array([RNG.choice([*NUMBERS, RNG.random(), RNG.random() * 1e6]) for _ in range(ROWS)]),
        "y": pa.array([RNG.choice([*NUMBERS, RNG.random()]) for _ in range(ROWS)]),
        "count": pa.array([RNG.choice([None, 0, 1, 49, 50, 2**53 + 1]) for _ in range(ROWS)], pa.int64()),
        "small": pa.array([RNG.choice([None, 0, 7]) for _ in range(ROWS)], pa.int32()),
        "language": pa.array([RNG.choice([None, "", "de", "en", "é", "z'"]) for _ in range(ROWS)]),
        "listed": pa.array([RNG.choice([None, True, False]) for _ in range(ROWS)]),
        "digest": pa.array([RNG.choice([None, b"d"]) for _ in range(ROWS)], pa.binary()),
    }
)
RULES = [
    RuleConfig(name=f"rule.r{number}", drop=drop, when=when)
    for number, (drop, when) in enumerate(
        [
            ("x < 0.5", None),
            ("x + y >= x * y", None),
            ("x / y != 1", "count > 0"),
            ("-x <= 0.25", "not (y > 1)"),
            ("x / 3 > 0.000000001", None),
            ("count == 50", "listed"),
            ("count / small > 1", "listed or language == 'de'"),
            ("language in ('de', 'z''')", None),
            ("language not in ('de', 'en')", "x is not null and listed is null"),
            ("language >= 'e'", None),
            ("listed == true", None),
            ("listed != (x > 0)", None),
            ("digest is null", "small is not null"),
            ("digest is not null", None),
            ("(x / 0) is null", None),
            ("count in (1, 49, -3)", None),
            ("listed not in (false)", None),
        ]
    )
]


def test_spark_finds_measures_and_writes_what_arrow_does(spark: SparkSession) -> None:
    rules = check_rules(RULES, arrow.column_kinds(TABLE.schema))
    frame = spark.createDataFrame(TABLE.append_column("id", pa.array(range(ROWS))))
    columns = RuleColumns(column_kinds(frame.schema))
    texts = [
        column for rule in rules for column in (columns.holds(rule), columns.measured(rule), columns.allowed(rule))
    ]
    rows = frame.orderBy("id").select(*texts).collect()
    for number, rule in enumerate(rules):
        holds, value, limit = ([row[3 * number + i] for row in rows] for i in range(3))
        assert [bool(known) for known in holds] == arrow.holds(rule, TABLE).to_pylist(), rule.name
        assert value == arrow.measured(rule, TABLE).to_pylist(), rule.name
        assert limit == arrow.allowed(rule, TABLE).to_pylist(), rule.name


def test_the_rules_are_not_all_true_or_all_false() -> None:
    rules = check_rules(RULES, arrow.column_kinds(TABLE.schema))
    constant = [rule.name for rule in rules if len(set(arrow.holds(rule, TABLE).to_pylist())) == 1]
    assert constant == ["rule.r14"]


def test_kinds_of_spark_and_arrow_columns_are_the_same(spark: SparkSession) -> None:
    assert column_kinds(spark.createDataFrame(TABLE).schema) == arrow.column_kinds(TABLE.schema)
    assert column_kinds(T.StructType([T.StructField("a", T.ArrayType(T.StringType()))])) == {"a": "other"}
