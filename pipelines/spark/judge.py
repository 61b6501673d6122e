"""`pipelines.judge` on Spark: verdicts on stored signals, as SQL expressions in the JVM.

Python runs only for components of duplicates whose survivor a rule dropped. What is shuffled are ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any, Final

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from pipelines import judge as pure
from pipelines.dedup import EXACT, NEAR, OUTCOME
from pipelines.judge import COUNTS, IDENTITY_NAMES, MAX_DETAIL_CHARACTERS
from pipelines.recipe import DedupConfig, RuleConfig
from pipelines.rules.check import EXACT_RULE, INGEST_FAMILY, NEAR_RULE, Rule, check_rules, written
from pipelines.schemas import CONTAINER_END, DECISIONS, DROPPED, FAILED, KEPT
from pipelines.spark.dedup import elect, eligible
from pipelines.spark.rules import RuleColumns, column_kinds, written_number

_NOTHING: Final = "CAST(NULL AS STRING)"


def judge(signals: DataFrame, duplicates: DataFrame, rules: Sequence[RuleConfig], dedup: DedupConfig) -> DataFrame:
    """`DECISIONS` for the rows of `signals`, in no order; see `pipelines.judge.judge`. Raises RecipeError."""
    ruled = _rule(signals, rules)
    passing = ruled.filter(F.col("verdict") == KEPT).select("doc_id")
    settled = settle(duplicates, passing, signals, dedup)
    removed = settled.filter(F.col("kind").isin(EXACT, NEAR)).select(
        "doc_id",
        "survivor",
        F.when(F.col("kind") == EXACT, EXACT_RULE).otherwise(F.lit(NEAR_RULE)).alias("dedup_rule"),
        written_number(F.col("similarity")).alias("similarity"),
    )
    joined = ruled.join(removed, "doc_id", "left")
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


def settle(duplicates: DataFrame, passing: DataFrame, signals: DataFrame, dedup: DedupConfig) -> DataFrame:
    """`pipelines.judge.settle`; `passing` holds the `doc_id` of the documents that pass the rules."""
    left = duplicates.join(passing, "doc_id", "left_semi")
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
    """Decisions before duplicates are looked at."""
    checked = check_rules(rules, column_kinds(signals.schema))
    columns = RuleColumns(column_kinds(signals.schema))
    records = signals.filter(F.col("skip_reason").isNull() | (F.col("skip_reason") != CONTAINER_END))
    is_failed, is_skipped = F.col("error").isNotNull(), F.col("skip_reason").isNotNull()
    failing = [F.when(columns.holds(rule), F.lit(rule.name)) for rule in checked]
    found = F.array_compact(F.array(*failing)) if failing else F.array().cast("array<string>")
    skip_rule = F.concat(F.lit(f"{INGEST_FAMILY}."), F.col("skip_reason"))
    judged = records.withColumn(
        "failed_rules",
        F.when(is_failed, F.array().cast("array<string>")).when(is_skipped, F.array(skip_rule)).otherwise(found),
    )
    first = F.try_element_at("failed_rules", F.lit(1))
    judged = judged.withColumn("rule", F.when(is_failed, F.col("error")).otherwise(first))
    detail = F.substring("error_detail", 1, MAX_DETAIL_CHARACTERS)
    value = _of_rule(checked, [columns.measured(rule) for rule in checked])
    limit = _of_rule(checked, [columns.allowed(rule) for rule in checked])
    is_document = ~is_failed & ~is_skipped
    return judged.select(
        *IDENTITY_NAMES,
        F.when(is_failed, FAILED).when(F.col("rule").isNotNull(), DROPPED).otherwise(F.lit(KEPT)).alias("verdict"),
        "rule",
        F.when(is_failed, detail).when(is_skipped, F.col("skip_value")).otherwise(value).alias("value"),
        F.when(is_document, limit).alias("limit"),
        "failed_rules",
    )


def _of_rule(rules: Sequence[Rule], texts: Sequence[Column]) -> Column:
    """The text that belongs to the rule named in the column `rule`."""
    chosen = F.expr(_NOTHING)
    pairs = list(zip(rules, texts, strict=True))
    return reduce(
        lambda rest, pair: F.when(F.col("rule") == pair[0].name, pair[1]).otherwise(rest), pairs[::-1], chosen
    )
