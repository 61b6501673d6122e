from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from pipelines import dedup
from pipelines import judge as pure
from pipelines.errors import BooksDoNotBalance, RecipeError
from pipelines.recipe import DedupConfig, RuleConfig
from pipelines.schemas import CONTAINER_END, DECISIONS
from pipelines.spark.judge import funnel, judge
from pipelines.storage import open_storage
from tests.pipelines.planted import document, random_signals, table

pytestmark = pytest.mark.spark

RULES = (
    RuleConfig(name="size.too_few_words", drop="num_words < 15"),
    RuleConfig(name="quality.ratio", drop="quality / (num_words - 20) >= 0.01", when="language in ('de', 'en')"),
    RuleConfig(name="category.acquired", drop="category == 'acquired'", when="not is_listed"),
    RuleConfig(name="language.unknown", drop="language is null", when="num_words * 2 > 50 or quality > 0.3"),
)


@pytest.mark.parametrize(("seed", "rules"), [(1, RULES), (2, RULES[:1]), (3, ())])
def test_spark_decides_as_the_reference_does(
    spark: SparkSession, tmp_path: Path, seed: int, rules: tuple[RuleConfig, ...]
) -> None:
    config = DedupConfig(survivor_order=("quality desc",), min_similarity=0.5)
    signals = random_signals(400, seed, topics=20)
    duplicates = dedup.find_duplicates(signals, config)
    expected = pure.judge(signals, duplicates, rules, config).sort_by("doc_id")
    frame, found = spark.createDataFrame(signals).repartition(3), spark.createDataFrame(duplicates)
    decided = (
        judge(frame, found, rules, config, open_storage(str(tmp_path))).toArrow().sort_by("doc_id").cast(DECISIONS)
    )
    assert decided.to_pylist() == expected.to_pylist()
    assert {row["verdict"] for row in expected.to_pylist()} == {"kept", "dropped", "failed"}


def test_the_funnel_of_a_frame_is_the_funnel_of_the_table(spark: SparkSession) -> None:
    signals = random_signals(200, 4)
    config = DedupConfig()
    decisions = pure.judge(signals, dedup.find_duplicates(signals, config), RULES, config)
    frame = spark.createDataFrame(decisions)
    records = sum(signals["num_records"].to_pylist())
    assert funnel(frame, RULES, records) == pure.funnel(pure.count_verdicts(decisions), RULES, records)
    with pytest.raises(BooksDoNotBalance):
        funnel(frame, RULES, records + 1)


def test_closing_rows_get_no_verdict(spark: SparkSession, tmp_path: Path) -> None:
    closing = document("z", skip_reason=CONTAINER_END, skip_value="1", num_records=0, exact_digest=None)
    signals = spark.createDataFrame(table(document("a"), closing))
    none = spark.createDataFrame(dedup.find_duplicates(table(), DedupConfig()))
    decisions = judge(signals, none, RULES, DedupConfig(), open_storage(str(tmp_path)))
    assert [row.doc_id for row in decisions.collect()] == ["a"]


def test_a_wrong_rule_fails_before_anything_is_written(spark: SparkSession, tmp_path: Path) -> None:
    signals = spark.createDataFrame(table(document("a")))
    none = spark.createDataFrame(dedup.find_duplicates(table(), DedupConfig()))
    with pytest.raises(RecipeError, match="did you mean num_words"):
        judge(signals, none, (RuleConfig(name="a.b", drop="num_wrds < 1"),), DedupConfig(), open_storage(str(tmp_path)))
    assert list(tmp_path.iterdir()) == []
