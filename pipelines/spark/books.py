"""Books: every record that went into a stage comes out of it, counted on the rows that were written.

The sums are taken from the committed files, not from what the tasks said, so a lost, doubled or half-written row shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipelines.errors import BooksDoNotBalance
from pipelines.schemas import CONTAINER_END

MAX_NAMED = 5
"""Containers out of balance that are looked for, before the first is named."""


@dataclass(frozen=True)
class Books:
    """What a dataset of records holds."""

    rows: int
    records: int
    documents: int
    skipped: dict[str, int]
    failed: dict[str, int]

    def counts(self) -> dict[str, Any]:
        """The form that manifests store."""
        return {
            "records": self.records,
            "documents": self.documents,
            "skipped": self.skipped,
            "failed": self.failed,
        }


def ingest_books(documents: DataFrame, containers: Mapping[str, int]) -> Books:
    """The books of freshly written documents; raises BooksDoNotBalance that names the containers in question.

    `containers` says in how many parts each planned container is read. For each there are as many closing rows, their
    counts of records read equal the records of its rows, and no two rows share an id.
    """
    closing = F.col("skip_reason") == CONTAINER_END
    per_container = documents.groupBy("container").agg(
        F.sum("num_records").alias("records"),
        F.sum(F.when(closing, F.col("skip_value").cast("bigint"))).alias("read"),
        F.count(F.when(closing, 1)).alias("closings"),
        F.count("*").alias("rows"),
        F.countDistinct("doc_id").alias("ids"),
    )
    planned = documents.sparkSession.createDataFrame(list(containers.items()), "container string, parts bigint")
    balanced = "closings <=> parts AND records <=> read AND rows <=> ids"
    suspects = planned.join(per_container, "container", "full").where(f"NOT ({balanced})").orderBy("container")
    bad = suspects.limit(MAX_NAMED).collect()
    if bad:
        first = bad[0]
        raise BooksDoNotBalance(
            f"{first.container}: {first.read or 0} records read, {first.records or 0} accounted for, "
            f"{first.closings or 0} closing rows of {first.parts or 0} parts, {first.rows or 0} rows with "
            f"{first.ids or 0} ids (one of {len(bad)} or more such containers). This is a defect of the reader or a "
            "lost task: run the stage again with --force"
        )
    return record_books(documents)


def require_same_records(
    stage: str, before: Mapping[str, Any], after: Books, *, rows_before: int | None = None
) -> None:
    """Raise BooksDoNotBalance unless a stage kept the records (and, if given, the rows) of its input's books."""
    if after.records != before["records"]:
        raise BooksDoNotBalance(f"{stage}: {before['records']} records went in, {after.records} came out")
    if rows_before is not None and after.rows != rows_before:
        raise BooksDoNotBalance(f"{stage}: {rows_before} rows went in, {after.rows} came out")


def record_books(frame: DataFrame) -> Books:
    """The books of a frame with `num_records`, `skip_reason` and `error`."""
    groups = frame.groupBy("skip_reason", "error").agg(
        F.count("*").alias("rows"), F.sum("num_records").alias("records")
    )
    rows = records = documents = 0
    skipped: dict[str, int] = {}
    failed: dict[str, int] = {}
    for group in groups.orderBy("skip_reason", "error").collect():
        rows += group.rows
        records += group.records
        if group.error is not None:
            failed[group.error] = failed.get(group.error, 0) + group.records
        elif group.skip_reason is None:
            documents += group.records
        elif group.skip_reason != CONTAINER_END:
            skipped[group.skip_reason] = group.records
    return Books(rows, records, documents, skipped, failed)
