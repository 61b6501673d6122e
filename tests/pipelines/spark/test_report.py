"""The report's counts and samples on Spark: equal to counting by hand, and the same for any partitioning."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from pipelines.manifests import require_dataset
from pipelines.report.statistics import Histogram, Statistics, samples_by_group
from pipelines.schemas import TOKENS
from pipelines.storage import Storage
from tests.made_run import RECIPE, document, write_run

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.spark


def rows_of(run: Storage, name: str) -> list[dict]:
    return [row for path in require_dataset(run, name).part_paths() for row in pq.read_table(path).to_pylist()]


def collect(spark: SparkSession, run: Storage, partitions: int = 2, **samples: int) -> Statistics:
    from pipelines.spark.parts import spark_ddl
    from pipelines.spark.report import SampleConfig, collect_statistics

    def frame(name: str) -> DataFrame:
        paths = require_dataset(run, name).part_paths()
        stored = spark.read.parquet(*paths) if paths else spark.createDataFrame([], spark_ddl(TOKENS))
        return stored.repartition(partitions)

    return collect_statistics(
        run,
        frame("signals"),
        frame("decisions"),
        frame("duplicates"),
        frame("tokens"),
        RECIPE.rules,
        SampleConfig(**{"seed": RECIPE.seed} | samples),
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Storage:
    return write_run(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def statistics(spark: SparkSession, run: Storage) -> Statistics:
    return collect(spark, run)


def test_the_counts_are_those_of_counting_by_hand(run: Storage, statistics: Statistics) -> None:
    signals = {row["doc_id"]: row for row in rows_of(run, "signals") if row["num_words"] is not None}
    decisions = [row for row in rows_of(run, "decisions") if row["doc_id"] in signals]
    languages = Counter((signals[row["doc_id"]]["language"], row["verdict"]) for row in decisions)
    counted = {(name, verdict): n for name, counts in statistics.languages.items() for verdict, n in counts.items()}
    assert counted == languages
    for name, width in (("num_words", None), ("num_chars", None), ("language_score", 0.05), ("compression_ratio", 0.1)):
        shape = Histogram({}, width)
        expected = Counter(
            (row["category"], row["verdict"], min(shape.bin_of(signals[row["doc_id"]][name]), 100)) for row in decisions
        )
        found = statistics.histograms[name].counts
        assert {(*key, number): n for key, bins in found.items() for number, n in bins.items()} == expected


def test_rules_are_counted_by_what_they_reach_and_by_what_they_alone_drop(run: Storage, statistics: Statistics) -> None:
    decisions = [row for row in rows_of(run, "decisions") if not str(row["rule"]).startswith("ingest.")]
    would = Counter(rule for row in decisions for rule in row["failed_rules"])
    alone = Counter(row["failed_rules"][0] for row in decisions if len(row["failed_rules"]) == 1)
    assert {rule: reach.would_drop for rule, reach in statistics.reach.items()} == would
    assert {rule: reach.alone for rule, reach in statistics.reach.items() if reach.alone} == alone
    assert statistics.reach["language.unsure"].alone == 0


def test_tokens_and_duplicates_are_counted(run: Storage, statistics: Statistics) -> None:
    tokens = Counter((row["category"], Histogram({}).bin_of(row["num_tokens"])) for row in rows_of(run, "tokens"))
    found = statistics.histograms["num_tokens"].counts
    assert {(key[0], number): n for key, bins in found.items() for number, n in bins.items()} == tokens
    assert statistics.duplicates == {"exact": 1, "near": 1, "survivor": 2}
    assert statistics.cluster_sizes == {2: 2}
    assert statistics.skip_values == {"ingest.not_html": {"image/png": 140}, "ingest.status": {"404": 31}}
    assert statistics.similarities is not None
    assert statistics.similarities.counts == {("", "near"): {91: 1}}


def test_any_partitioning_gives_the_same_statistics(spark: SparkSession, run: Storage, statistics: Statistics) -> None:
    assert collect(spark, run, partitions=7) == statistics


def test_samples_are_of_every_reason_and_no_more_than_asked_for(
    spark: SparkSession, run: Storage, statistics: Statistics
) -> None:
    dropped = samples_by_group(statistics.samples, "dropped")
    assert {rule: len(samples) for rule, samples in dropped.items()} == {
        "gopher.too_few_words": 5,
        "gopher.too_many_hashes": 1,
        "benchmark.match_13gram": 1,
        "dedup.exact": 1,
        "dedup.near": 1,
    }
    assert set(samples_by_group(statistics.samples, "failed")) == {"TimeLimitExceeded", "UndecodableInput"}
    assert Counter(sample.category for sample in statistics.samples if sample.verdict == "kept") == {
        "web": 6,
        "code": 6,
    }
    few = collect(spark, run, per_rule=2, kept_per_category=1)
    assert len(samples_by_group(few.samples, "dropped")["gopher.too_few_words"]) == 2
    assert {sample.doc_id for sample in few.samples} < {sample.doc_id for sample in statistics.samples}
    other = collect(spark, run, seed=8)
    assert {sample.doc_id for sample in other.samples} != {sample.doc_id for sample in statistics.samples}


def test_a_sample_carries_what_decided_and_the_text(statistics: Statistics) -> None:
    dropped = samples_by_group(statistics.samples, "dropped")
    short = dropped["gopher.too_few_words"][0]
    assert short.excerpt is not None
    assert short.num_words is not None
    assert (short.value, short.limit) == (str(short.num_words), "20")
    (leak,) = dropped["benchmark.match_13gram"]
    assert leak.match is not None
    assert leak.match.item == "buns/3"
    assert leak.excerpt is not None
    assert leak.excerpt.match.startswith("A BAKER SELLS 12 TRAYS")
    (near,) = dropped["dedup.near"]
    assert near.survivor is not None
    assert (near.survivor.title, near.survivor.kind, near.survivor.similarity) == ("Page 1", "near", 0.9107)
    assert near.survivor.excerpt is not None
    assert "ribbons" in near.survivor.excerpt.text


def test_a_page_that_merely_shares_words_with_a_benchmark_is_not_said_to_match(statistics: Statistics) -> None:
    assert all(sample.match is None for sample in statistics.samples if sample.rule != "benchmark.match_13gram")


def test_more_documents_than_one_scan_holds_are_sampled_by_their_hash(spark: SparkSession, tmp_path: Path) -> None:
    run = write_run(tmp_path, [document(number, f"Short {number}") for number in range(400)])
    found = collect(spark, run, per_rule=5).samples
    everything = collect(spark, run, per_rule=400).samples
    assert found == everything[:5]
    assert len(everything) == 400
