"""Threads joined on real local Spark: the rows of the pure function, whatever the partitioning, with balanced books."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.recipe import ExtractionConfig
from pipelines.sample.qa_dump import build_stackexchange
from pipelines.schemas import DOCUMENTS
from pipelines.source_config import SourceConfig, StackExchangeOptions
from pipelines.sources.records import Row
from pipelines.sources.stackexchange import read_stackexchange
from pipelines.sources.threads import as_post, form_threads

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark


def in_order(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(rows, key=lambda row: row[0])


def test_threads_are_the_pure_functions_for_any_partitioning(spark: SparkSession, tmp_path: Path) -> None:
    from pipelines.spark.books import ingest_books
    from pipelines.spark.ingest import SourceRead, container_parts

    build_stackexchange(tmp_path)
    found = []
    for split_bytes, partitions, shuffled in ((2**20, 1, 1), (700, 7, 5)):
        source = SourceConfig(
            id="qa",
            format="stackexchange",
            category="acquired",
            stackexchange=StackExchangeOptions(split_bytes=split_bytes),
        )
        planned = SourceRead.plan(source, ExtractionConfig(), [str(tmp_path)], num_partitions=partitions)
        spark.conf.set("spark.sql.shuffle.partitions", shuffled)
        frame = planned.frame(spark).localCheckpoint()
        assert frame.columns == DOCUMENTS.names
        books = ingest_books(frame, container_parts([planned]))
        assert (books.documents, books.failed, books.records) == (13, {"MalformedRecord": 1}, 13 + 6)
        assert books.skipped == {"answer_score": 1, "empty_post": 1, "not_posts": 1, "orphan_answer": 1, "post_type": 1}
        found.append(in_order([tuple(row) for row in frame.where("skip_reason IS NULL").collect()]))
    assert found[0] == found[1]
    assert found[0] == in_order([tuple(getattr(row, name) for name in DOCUMENTS.names) for row in pure(planned)])


def pure(planned: Any) -> list[Row]:
    rows = [row for ref in planned.containers for row in read_stackexchange(ref, planned.config)]
    posts = sorted((post for row in rows if (post := as_post(row))), key=lambda post: post.sort_key)
    others = [row for row in rows if as_post(row) is None and row.skip_reason is None]
    formed = form_threads((post.row for post in posts), planned.config.source.stackexchange)
    return [*others, *(row for row in formed if row.skip_reason is None)]
