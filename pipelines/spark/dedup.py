"""`pipelines.dedup` on Spark: the same result for any partitioning, with ids and digests as all that is shuffled.

One shuffle of the band digests makes the stars; buckets above the cap are found first, on a sample by hash of the id,
so that no group of a shuffle is larger than the cap. Sketches are read only for documents that share a component.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from pipelines.dedup import EXACT, MAX_PASS_DOCUMENTS, NEAR, SURVIVOR, UNVERIFIED, survivor_keys
from pipelines.recipe import DedupConfig
from pipelines.schemas import DUPLICATES
from pipelines.spark.components import connected_components
from pipelines.spark.rules import column_kinds
from pipelines.storage import Storage

if TYPE_CHECKING:
    import pyarrow as pa

_SAMPLED_BUCKET: Final = 200
"""Documents of a bucket at the cap that the sample for hot buckets holds: it misses one with a chance below 1e-13."""
_PASS_ROWS: Final = 16_384
_HEADS: Final = "cluster string, head string, exact_digest binary, leader string, similarity double, verified boolean"


def find_duplicates(signals: DataFrame, config: DedupConfig, workdir: Storage) -> DataFrame:
    """`DUPLICATES` of `signals`; see `pipelines.dedup.find_duplicates` for what the rows mean.

    Intermediate results are written under `workdir`, a folder that driver and executors see. The returned frame reads
    them: write it before deleting the folder. Raises NotConverged, and RecipeError for an unknown survivor column.
    """
    documents = eligible(signals, config)
    copies = materialised(_exact_copies(documents), workdir, "copies")
    later = copies.filter(F.col("doc_id") != F.col("representative")).select("doc_id")
    bands = documents.select("doc_id", "minhash_bands").join(later, "doc_id", "left_anti")
    edges = materialised(_edges(bands, config.max_bucket_documents), workdir, "edges")
    components, _ = connected_components(edges, workdir.child("components"), config.max_rounds)
    members = materialised(_members(documents, copies, components), workdir, "members")
    elected = elect(members, config)
    return elected.join(members.select("doc_id", "cluster", "cluster_size"), "doc_id").select(DUPLICATES.names)


def eligible(signals: DataFrame, config: DedupConfig) -> DataFrame:
    """The documents that can be duplicates, with their ranks."""
    fits = F.col("exact_digest").isNotNull() & F.col("error").isNull() & F.col("skip_reason").isNull()
    documents = signals.filter(fits & F.col("category").isin(*config.scope))
    ranks = _ranks(signals, config)
    return documents.select("doc_id", "exact_digest", "minhash_bands", "minhash_sketch", *ranks)


def elect(members: DataFrame, config: DedupConfig) -> DataFrame:
    """`pipelines.dedup.elect`: `doc_id`, `survivor`, `kind`, `similarity` for each member.

    `members` has `doc_id`, `cluster`, `cluster_size`, `exact_digest`, `minhash_sketch` and the columns of `eligible`'s
    ranks. A document's sketch is looked at only when it is the best of its exact digest.
    """
    ranks = _rank_names(config)
    best = F.min(F.struct(*ranks, "doc_id", "minhash_sketch")).alias("best")
    heads = members.groupBy("cluster", "cluster_size", "exact_digest").agg(best)
    parts = F.ceil(F.col("cluster_size") / MAX_PASS_DOCUMENTS)
    heads = heads.select(
        "cluster", F.pmod(F.xxhash64("exact_digest"), parts).cast("int").alias("pass_part"), "exact_digest", "best.*"
    )
    order = ["cluster", "pass_part", *ranks, "doc_id"]
    ranked = heads.repartition("cluster", "pass_part").sortWithinPartitions(*order)
    led = ranked.select("cluster", "pass_part", "exact_digest", "doc_id", "minhash_sketch").mapInArrow(
        _leader_pass(config.min_similarity), _HEADS
    )
    joined = members.select("doc_id", "cluster", "exact_digest").join(led, ["cluster", "exact_digest"])
    stays, is_copy = F.col("doc_id") == F.col("leader"), F.col("head") == F.col("leader")
    kind = (
        F.when(stays & F.col("verified"), SURVIVOR).when(stays, UNVERIFIED).when(is_copy, EXACT).otherwise(F.lit(NEAR))
    )
    similarity = F.when(stays, F.lit(None)).when(is_copy, F.lit(1.0)).otherwise(F.col("similarity"))
    return joined.select(
        "doc_id", F.col("leader").alias("survivor"), kind.alias("kind"), similarity.cast("double").alias("similarity")
    )


def materialised(frame: DataFrame, workdir: Storage, name: str) -> DataFrame:
    """The frame, written as Parquet and read back: computed once, with no lineage."""
    frame.write.mode("overwrite").parquet(workdir.spark_uri(name))
    return frame.sparkSession.read.schema(frame.schema).parquet(workdir.spark_uri(name))


def _rank_names(config: DedupConfig) -> list[str]:
    return [f"rank_{i}" for i in range(1 + len(config.survivor_order))]


def _ranks(signals: DataFrame, config: DedupConfig) -> list[Column]:
    """Sort keys, smaller is better, as `pipelines.dedup.rank_columns` has them."""
    scope = F.array(*(F.lit(category) for category in config.scope))
    ranks = [F.array_position(scope, F.col("category")).cast("int")]
    for key in survivor_keys(config.survivor_order, column_kinds(signals.schema)):
        value = F.col(f"`{key.column}`").cast("double")
        known = value.isNotNull() & ~F.isnan(value)
        ranks.append(F.when(known, -value if key.descending else value).otherwise(F.lit(float("inf"))))
    return [rank.alias(name) for rank, name in zip(ranks, _rank_names(config), strict=True)]


def _exact_copies(documents: DataFrame) -> DataFrame:
    """`doc_id` and `representative` of the documents whose exact digest is not their own alone."""
    ranks = [name for name in documents.columns if name.startswith("rank_")]
    same = Window.partitionBy("exact_digest")
    counted = documents.select(
        "doc_id", F.count("*").over(same).alias("copies"), F.min(F.struct(*ranks, "doc_id")).over(same).alias("best")
    )
    return counted.filter("copies > 1").select("doc_id", F.col("best.doc_id").alias("representative"))


def _edges(documents: DataFrame, max_bucket_documents: int) -> DataFrame:
    """Each document of a band bucket, or of a salted part of a large one, linked to the smallest vertex there."""
    rows = documents.select(F.xxhash64("doc_id").alias("vertex"), F.posexplode("minhash_bands").alias("band", "digest"))
    if documents.count() > max_bucket_documents:
        hot = F.broadcast(_hot_buckets(rows, max_bucket_documents))
        rows = rows.join(hot, ["digest", "band"], "left").withColumn("salt", F.pmod("vertex", "salts"))
    bucket = Window.partitionBy(*(name for name in ("digest", "band", "salt") if name in rows.columns))
    linked = rows.withColumn("least", F.min("vertex").over(bucket)).filter(F.col("vertex") != F.col("least"))
    return linked.select(F.col("vertex").alias("src"), F.col("least").alias("dst")).distinct()


def _hot_buckets(rows: DataFrame, max_bucket_documents: int) -> DataFrame:
    """`digest`, `band` and `salts` of the buckets above the cap."""
    stride = max(1, max_bucket_documents // _SAMPLED_BUCKET)
    sampled = rows.filter(F.pmod("vertex", F.lit(stride)) == 0).groupBy("digest", "band").count()
    suspects = sampled.filter(F.col("count") * stride * 2 > max_bucket_documents).select("digest", "band")
    counted = rows.join(F.broadcast(suspects), ["digest", "band"]).groupBy("digest", "band").count()
    hot = counted.filter(F.col("count") > max_bucket_documents)
    return hot.select("digest", "band", F.ceil(F.col("count") / max_bucket_documents).alias("salts"))


def _members(documents: DataFrame, copies: DataFrame, components: DataFrame) -> DataFrame:
    """Every document that shares a component, with `cluster` and `cluster_size`."""
    labelled = documents.join(copies, "doc_id", "left")
    labelled = labelled.withColumn("vertex", F.xxhash64(F.coalesce("representative", "doc_id")))
    labelled = labelled.join(components, "vertex", "left")
    own = F.when(F.col("representative").isNotNull(), F.col("vertex"))
    labelled = labelled.withColumn("component", F.coalesce("component", own)).filter("component is not null")
    clusters = labelled.groupBy("component").agg(F.min("doc_id").alias("cluster"), F.count("*").alias("cluster_size"))
    return labelled.join(clusters, "component").drop("minhash_bands", "representative", "vertex", "component")


def _leader_pass(min_similarity: float):  # type: ignore[no-untyped-def]
    """The function that runs `pipelines.dedup.lead` over sorted batches, each group whole."""

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        from pipelines.dedup import lead

        for heads in whole_groups(batches, ("cluster", "pass_part"), _PASS_ROWS):
            led = lead(heads, min_similarity)
            table = led.append_column("cluster", heads["cluster"]).append_column("exact_digest", heads["exact_digest"])
            yield from table.select(
                ["cluster", "head", "exact_digest", "leader", "similarity", "verified"]
            ).to_batches()

    return run


def whole_groups(batches: Iterator[pa.RecordBatch], keys: Sequence[str], min_rows: int) -> Iterator[pa.Table]:
    """Tables of at least `min_rows` rows (but for the last) that cut no group of rows with equal keys apart."""
    import pyarrow as pa

    pending: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        cut = _last_start(batch, keys)
        opens = bool(pending) and cut == 0 and not _same(pending[-1], batch, keys)
        if pending and rows + cut >= min_rows and (cut or opens):
            yield pa.Table.from_batches([*pending, batch.slice(0, cut)])
            pending, rows = [], 0
            batch = batch.slice(cut)
        if batch.num_rows:
            pending.append(batch)
            rows += batch.num_rows
    if pending:
        yield pa.Table.from_batches(pending)


def _last_start(batch: pa.RecordBatch, keys: Sequence[str]) -> int:
    """Row where the last group of the batch begins."""
    import numpy as np
    import pyarrow.compute as pc

    start = 0
    for key in keys:
        column = batch[key]
        changes = pc.not_equal(column.slice(1), column.slice(0, max(batch.num_rows - 1, 0)))
        start = max(start, *(np.flatnonzero(changes)[-1:] + 1), 0)
    return int(start)


def _same(left: pa.RecordBatch, right: pa.RecordBatch, keys: Sequence[str]) -> bool:
    return all(left[key][left.num_rows - 1] == right[key][0] for key in keys)
