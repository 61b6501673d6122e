"""`pipelines.judge` on Spark: the same rule pass on batches of stored signals; what is shuffled are ids.

As SQL expressions the thirty rules of a recipe made code that the JVM refuses (64 KB a method), and planning alone took
a minute; Arrow's kernels take the columns the rules compare as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from pipelines import judge as pure
from pipelines.dedup import EXACT, NEAR, OUTCOME
from pipelines.judge import COUNTS, IDENTITY_NAMES
from pipelines.recipe import DedupConfig, RuleConfig
from pipelines.rules.check import EXACT_RULE, NEAR_RULE, check_rules, compared_columns, written
from pipelines.schemas import DECISIONS, DROPPED, KEPT, SIGNALS_OUTCOME
from pipelines.spark.dedup import elect, eligible, materialised
from pipelines.spark.parts import spark_ddl
from pipelines.spark.rules import column_kinds, written_number
from pipelines.storage import Storage

MAX_BROADCAST_DOCUMENTS: Final = 200_000
"""Duplicates (100 bytes each) up to which they are sent to every executor instead of shuffling all decisions."""

OUTCOME_NAMES: Final = tuple(field.name for field in SIGNALS_OUTCOME)


def judge(
    signals: DataFrame, duplicates: DataFrame, rules: Sequence[RuleConfig], dedup: DedupConfig, workdir: Storage
) -> DataFrame:
    """`DECISIONS` for the rows of `signals`, in no order; see `pipelines.judge.judge`.

    Intermediate results are written under `workdir`, a folder that driver and executors see. The returned frame reads
    them: write it before deleting the folder. Raises RecipeError.
    """
    ruled = materialised(_rule(signals, rules), workdir, "ruled")
    passing = ruled.filter(F.col("verdict") == KEPT).select("doc_id")
    left = materialised(duplicates.join(passing, "doc_id", "left_semi"), workdir, "left")
    settled = settle(left, signals, dedup)
    removed = settled.filter(F.col("kind").isin(EXACT, NEAR)).select(
        "doc_id",
        "survivor",
        F.when(F.col("kind") == EXACT, EXACT_RULE).otherwise(F.lit(NEAR_RULE)).alias("dedup_rule"),
        written_number(F.col("similarity")).alias("similarity"),
    )
    is_small = left.count() <= MAX_BROADCAST_DOCUMENTS
    joined = ruled.join(F.broadcast(removed) if is_small else removed, "doc_id", "left")
    is_removed = (F.col("verdict") == KEPT) & F.col("dedup_rule").isNotNull()

    def unless_removed(name: str, replacement: Column) -> Column:
        return F.when(is_removed, replacement).otherwise(F.col(name)).alias(name)

    return joined.select(
        *IDENTITY_NAMES,
        unless_removed("verdict", F.lit(DROPPED)),
        unless_removed("rule", F.col("dedup_rule")),
        unless_removed("value", F.col("similarity")),
        unless_removed("limit", F.lit(written(dedup.min_similarity))),
        F.when(is_removed, F.col("survivor")).alias("survivor"),
        unless_removed("failed_rules", F.array("dedup_rule")),
    ).select(DECISIONS.names)


def settle(left: DataFrame, signals: DataFrame, dedup: DedupConfig) -> DataFrame:
    """`pipelines.judge.settle`; `left` holds the rows of `duplicates` whose documents pass the rules."""
    ids = left.select(F.col("doc_id").alias("survivor"))
    again = left.join(ids, "survivor", "left_anti").select("cluster").distinct()
    members = left.join(again, "cluster", "left_semi").select("doc_id", "cluster", "cluster_size")
    members = members.join(eligible(signals, dedup).drop("minhash_bands"), "doc_id")
    settled = left.join(again, "cluster", "left_anti").select(OUTCOME.names)
    return settled.unionByName(elect(members, dedup))


def funnel(decisions: DataFrame, rules: Sequence[RuleConfig], expected_records: int) -> dict[str, Any]:
    """`pipelines.judge.funnel` of decisions."""
    keys = [name for name in COUNTS.names if name != "records"]
    counted = decisions.groupBy(*keys).agg(F.sum("num_records").cast("long").alias("records")).orderBy(*keys)
    rows = [row.asDict() for row in counted.collect()]
    return pure.funnel(pa.Table.from_pylist(rows, COUNTS), rules, expected_records)


def _rule(signals: DataFrame, rules: Sequence[RuleConfig]) -> DataFrame:
    """`pipelines.judge.apply_rules` on the columns that the rules compare."""
    checked = check_rules(rules, column_kinds(signals.schema))
    names = list(dict.fromkeys([*IDENTITY_NAMES, *OUTCOME_NAMES, *compared_columns(checked)]))

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield from pure.apply_rules(pa.Table.from_batches([batch]), checked).to_batches()

    return signals.select(*names).mapInArrow(run, spark_ddl(pure.RULED))
