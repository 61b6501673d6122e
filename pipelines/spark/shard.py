"""Tokens and plan to shards: count, cut, place, shuffle once, write.

Three passes over `tokens`: two read ids and counts alone, for the histogram and for the one bucket each partial pass
ends in (see `pipelines.shards.order`); the third sends the tokens of every pass to the task that writes their shard.
Each shard is one partition, sorted within; there is no global sort and no window function, so no task ever holds more
than a shard, and Spark spills what does not fit.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipelines.errors import RecipeError
from pipelines.mixture import Available, Plan
from pipelines.recipe import ShardConfig, TokenizerConfig
from pipelines.shards.index import INDEX, ShardIndex, TokenizerFacts, read_index, write_index
from pipelines.shards.order import (
    CANDIDATES,
    COUNTS,
    Layout,
    choose_cuts,
    count_buckets,
    find_candidates,
    find_crossings,
    lay_out,
    place_documents,
)
from pipelines.spark.parts import spark_ddl
from pipelines.spark.shard_writer import JOB_OPTION, MegatronDataSource, ShardJob
from pipelines.storage import Storage
from pipelines.tokenizers import load_tokenizer


def count_available(tokens: DataFrame) -> dict[str, Available]:
    """Exact tokens and documents of each category that has any: what `plan_mixture` plans with."""
    sums = tokens.groupBy("category").agg(F.sum("num_tokens").alias("tokens"), F.count("*").alias("documents"))
    return {row.category: Available(row.tokens, row.documents) for row in sums.collect()}


def write_shards(
    tokens: DataFrame, plan: Plan, target: Storage, *, config: ShardConfig, tokenizer: TokenizerConfig, seed: int
) -> ShardIndex:
    """Write the shards of a plan into an empty folder and return their index; see `pipelines.shards.index`.

    The bytes depend on the tokens (schema TOKENS), the plan, the config and the seed, not on partitions or cores.
    A plan of nothing gives a valid folder without shards whose `note` says so. Raises BooksDoNotBalance when the
    tokens are not those that the plan counts or a shard is not what was laid out, RecipeError for more shards than
    Megatron can blend and for a folder that has shards already.
    """
    if target.exists(INDEX):
        raise RecipeError(f"{target.uri} already holds shards; name another folder")
    loaded = load_tokenizer(tokenizer)
    facts = TokenizerFacts(
        name=loaded.name,
        digest=loaded.digest,
        padded_vocabulary=tokenizer.padded_vocabulary,
        end_of_document=loaded.end_of_document,
    )
    layout = plan_layout(tokens, plan, config, seed)
    job = ShardJob.of(target, plan, layout, facts)
    if not layout.shards:
        note = " ".join(["no shards: no tokens are planned.", *plan.messages()])
        write_index(target, job.index({}, note))
        return read_index(target)
    tokens.sparkSession.dataSource.register(MegatronDataSource)
    writer = place_tokens(tokens, layout).write.format("megatron").mode("append")
    writer.option(JOB_OPTION, job.model_dump_json()).save()
    return read_index(target)


def plan_layout(tokens: DataFrame, plan: Plan, config: ShardConfig, seed: int) -> Layout:
    """Where each pass over each document goes, from two passes over ids and counts."""
    columns = tokens.select("doc_id", "category", "num_tokens")

    def count(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        yield from count_buckets(batches, plan, seed).to_batches()

    buckets = columns.mapInArrow(count, spark_ddl(COUNTS)).groupBy("category", "epoch", "bucket")
    sums = buckets.agg(F.sum("tokens").alias("tokens"), F.sum("documents").alias("documents"))
    counts = sums.toArrow().cast(COUNTS)
    crossings = find_crossings(counts, plan)

    def find(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        yield from find_candidates(batches, crossings, seed)

    cuts = {}
    if crossings:
        ending = columns.where(F.col("category").isin([crossing.category for crossing in crossings]))
        cuts = choose_cuts(crossings, ending.mapInArrow(find, spark_ddl(CANDIDATES)).toArrow())
    return lay_out(counts, cuts, plan, config, seed)


def place_tokens(tokens: DataFrame, layout: Layout) -> DataFrame:
    """The rows of all shards: each shard is one partition, in the order it is written.

    Columns `shard`, `epoch`, `doc_id`, `num_tokens`, `tokens`. Only ids go through Python here.
    """

    def place(category: pa.Array, doc_id: pa.Array) -> pa.Array:
        return place_documents(layout, category, doc_id)

    places = F.arrow_udf(place, "array<struct<shard: int, epoch: int, key: bigint>>")  # type: ignore[attr-defined]
    placed = tokens.select("*", F.inline(places("category", "doc_id")))
    by_shard = placed.repartitionById(len(layout.shards), F.col("shard"))
    in_order = by_shard.sortWithinPartitions("shard", "epoch", "key", "doc_id")
    return in_order.select("shard", "epoch", "doc_id", "num_tokens", "tokens")
