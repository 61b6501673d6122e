from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest
import xxhash
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from pipelines import dedup as pure
from pipelines.recipe import DedupConfig
from pipelines.schemas import DUPLICATES
from pipelines.spark import dedup
from pipelines.storage import open_storage
from tests.pipelines.planted import SIGNALS, document, random_signals, table

pytestmark = pytest.mark.spark


def duplicates(spark: SparkSession, signals: pa.Table, config: DedupConfig, folder: Path, partitions: int) -> pa.Table:
    frame = spark.createDataFrame(signals).repartition(partitions)
    found = dedup.find_duplicates(frame, config, open_storage(str(folder / str(partitions)))).toArrow()
    return found.sort_by("doc_id").cast(DUPLICATES)


@pytest.mark.parametrize(
    ("seed", "config"),
    [
        (1, DedupConfig()),
        (2, DedupConfig(max_bucket_documents=7, survivor_order=("quality asc", "num_words desc"))),
        (3, DedupConfig(max_bucket_documents=2, scope=("code", "web"), survivor_order=(), min_similarity=0.5)),
    ],
)
def test_spark_finds_what_the_reference_finds(
    spark: SparkSession, tmp_path: Path, seed: int, config: DedupConfig
) -> None:
    signals = random_signals(300, seed)
    expected = pure.find_duplicates(signals, config)
    assert expected.num_rows > 50
    assert duplicates(spark, signals, config, tmp_path, seed).equals(expected)


def test_partitions_and_order_of_rows_do_not_matter(spark: SparkSession, tmp_path: Path) -> None:
    signals = random_signals(400, 9, topics=12)
    shuffled = signals.take(pa.array(sorted(range(400), key=lambda row: (row * 7919) % 400)))
    one = duplicates(spark, signals, DedupConfig(max_bucket_documents=20), tmp_path, 1)
    many = duplicates(spark, shuffled, DedupConfig(max_bucket_documents=20), tmp_path, 11)
    assert one.equals(many)


def test_large_star_and_small_star_give_the_same_duplicates(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signals = random_signals(200, 11, topics=20)
    expected = pure.find_duplicates(signals, DedupConfig())
    stars = dedup.connected_components
    monkeypatch.setattr(dedup, "connected_components", lambda *of: stars(*of, max_local_edges=-1))
    assert duplicates(spark, signals, DedupConfig(), tmp_path, 3).equals(expected)


def test_signals_without_duplicates_or_without_rows_give_none(spark: SparkSession, tmp_path: Path) -> None:
    unlike = table(*(document(f"{number:032x}", [number * 16 + i for i in range(16)]) for number in range(5)))
    assert duplicates(spark, unlike, DedupConfig(), tmp_path, 2).num_rows == 0
    assert duplicates(spark, SIGNALS.empty_table(), DedupConfig(), tmp_path, 1).num_rows == 0


def test_ids_are_hashed_as_spark_hashes_them(spark: SparkSession) -> None:
    ids = ["", "0" * 32, "fedcba9876543210" * 2, "ü" * 40]
    rows = spark.createDataFrame([(doc_id,) for doc_id in ids], "id string").select(
        F.xxhash64("id"), F.xxhash64(F.col("id").cast("binary"))
    )
    assert [row[0] for row in rows.collect()] == [pure.vertex(doc_id) for doc_id in ids]
    assert [row[1] for row in rows.collect()] == [pure.vertex(doc_id) for doc_id in ids]


def test_a_sampled_search_for_hot_buckets_finds_those_above_the_cap_and_counts_their_salts(spark: SparkSession) -> None:
    digest = {name: xxhash.xxh3_128_digest(name) for name in ("hot", "warm")}
    numbers = spark.range(30_000)
    rows = numbers.select(
        F.xxhash64("id").alias("vertex"),
        F.lit(0).alias("band"),
        F.when(F.col("id") < 25_000, F.lit(digest["hot"])).otherwise(F.lit(digest["warm"])).alias("digest"),
    )
    found = dedup._hot_buckets(rows, 10_000).collect()
    assert [(bytes(row.digest), row.salts) for row in found] == [(digest["hot"], 3)]


def test_groups_are_never_cut_by_batches() -> None:
    rows = pa.table({"cluster": [*"aaabbcdddddde"], "pass_part": [0, 0, 1, 1, 1, *([0] * 8)]})
    for size in range(1, 14):
        for least in (1, 3, 100):
            tables = list(dedup.whole_groups(iter(rows.to_batches(size)), ("cluster", "pass_part"), least))
            assert pa.concat_tables(tables).equals(rows)
            keys = [{tuple(row.values()) for row in cut.to_pylist()} for cut in tables]
            assert max(Counter(key for cut in keys for key in cut).values()) == 1
            assert all(cut.num_rows >= least for cut in tables[:-1])
