"""Posts of Q&A sites joined into threads on Spark; the rows are those of `pipelines.sources.threads.form_threads`.

Text crosses the network once, as Markdown: a thread's posts are shuffled to one task by a hash of container and
question and sorted there, so the result depends neither on the partitioning nor on the order of arrival, and a task
holds one thread at a time, however many answers it has.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipelines.schemas import DOCUMENTS
from pipelines.sources.records import ReaderConfig, Row, rows_to_batches
from pipelines.sources.threads import form_threads

if TYPE_CHECKING:
    import pyarrow as pa

_KEYS = "member STRING, question_id BIGINT, post_id BIGINT, post_type STRING, score BIGINT"


def join_threads(posts: DataFrame, config: ReaderConfig) -> DataFrame:
    """The documents of a frame of posts; rows that are no posts pass, and so do the sums of the accounts."""
    options = config.source.stackexchange
    schema = posts.schema

    def form(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        rows = (Row(**fields) for batch in batches for fields in batch.select(DOCUMENTS.names).to_pylist())
        return rows_to_batches(form_threads(rows, options))

    notes = F.from_json("metadata", _KEYS)
    keyed = posts.withColumn("_notes", F.when(F.col("skip_reason").isNull(), notes))
    member = F.coalesce(F.col("_notes.member"), F.lit(""))
    gathered = keyed.withColumn("_member", member).repartition("container", "_member", "_notes.question_id")
    ordered = gathered.sortWithinPartitions(
        "container",
        "_member",
        "_notes.question_id",
        F.col("_notes.post_type") != "question",
        F.col("_notes.score").desc(),
        "_notes.post_id",
        "doc_id",
    )
    return ordered.select(*DOCUMENTS.names).mapInArrow(form, schema)
