"""The books of an ingest: every planned part of a container has to show in the rows that were written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipelines.errors import BooksDoNotBalance
from pipelines.schemas import CONTAINER_END

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark

COLUMNS = "container string, doc_id string, num_records bigint, skip_reason string, skip_value string, error string"
DOCUMENT = ("dump", "d1", 1, None, None, None)
FAILURE = ("dump", "d2", 1, None, None, "MalformedRecord")
END_1 = ("dump", "e1", 0, CONTAINER_END, "2", None)
END_2 = ("dump", "e2", 0, CONTAINER_END, "0", None)


def test_a_container_of_two_parts_balances_with_two_closing_rows(spark: SparkSession) -> None:
    from pipelines.spark.books import ingest_books

    frame = spark.createDataFrame([DOCUMENT, FAILURE, END_1, END_2], COLUMNS)
    books = ingest_books(frame, {"dump": 2})
    assert (books.rows, books.records, books.documents) == (4, 2, 1)
    assert books.failed == {"MalformedRecord": 1}


@pytest.mark.parametrize(
    ("rows", "planned", "cause"),
    [
        pytest.param([DOCUMENT, FAILURE, END_1], {"dump": 2}, "1 closing rows of 2 parts", id="one of two parts"),
        pytest.param([DOCUMENT, FAILURE, END_1, END_2], {"dump": 1}, "2 closing rows of 1 parts", id="too many"),
        pytest.param([DOCUMENT, END_1], {"dump": 1}, "2 records read, 1 accounted for", id="a record lost"),
        pytest.param([DOCUMENT, DOCUMENT, END_1], {"dump": 1}, "3 rows with 2 ids", id="a row twice"),
        pytest.param([DOCUMENT, FAILURE, END_1], {"dump": 1, "other": 1}, "other: 0 records read", id="no rows"),
        pytest.param([DOCUMENT, FAILURE, END_1], {}, "1 closing rows of 0 parts", id="not planned"),
    ],
)
def test_what_went_missing_is_named(
    spark: SparkSession, rows: list[tuple[object, ...]], planned: dict[str, int], cause: str
) -> None:
    from pipelines.spark.books import ingest_books

    with pytest.raises(BooksDoNotBalance, match=cause):
        ingest_books(spark.createDataFrame(rows, COLUMNS), planned)
