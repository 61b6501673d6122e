"""Kept documents become tokens, each once, whatever the partitions; a row that is not what was kept fails."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.errors import PythonException
from pyspark.sql import DataFrame, SparkSession

from pipelines.errors import RecipeError
from pipelines.manifests import Dataset, Manifest, commit, parquet_parts
from pipelines.recipe import TokenizerConfig
from pipelines.schemas import DOCUMENTS, TOKENS
from pipelines.spark import tokenize_documents
from pipelines.spark.parts import RowGroup
from pipelines.spark.tokenize_documents import tokenize
from pipelines.storage import open_storage
from pipelines.tokenizers import load_tokenizer

pytestmark = pytest.mark.spark

WORDS = ("grain", "mill", "stone", "<|endoftext|>", "Ω≈ç", "数学", "\n\n", "def f(x):", "😀", "\x00", "   ")


def text_of(number: int) -> str | None:
    if number % 7 == 3:
        return None  # a skipped record between the documents
    rng = np.random.default_rng(number)
    return " ".join(rng.choice(WORDS, rng.integers(0, 40)))


def document(number: int) -> dict[str, object]:
    return {
        "doc_id": f"{number:032x}",
        "source": "records",
        "category": "web" if number % 3 else "code",
        "container": "c",
        "text": text_of(number),
        "num_records": 1,
    }


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Three parts of 90, 1 and 130 rows, in row groups of 40."""
    run = open_storage(str(tmp_path_factory.mktemp("run")))
    attempt = run.child("documents").child("attempt-1")
    first = 0
    for part, rows in enumerate((90, 1, 130)):
        table = pa.Table.from_pylist([document(number) for number in range(first, first + rows)], DOCUMENTS)
        with attempt.open_output(f"part-{part:05d}-x.parquet") as stream:
            pq.write_table(table, stream, row_group_size=40)
        first += rows
    parts = parquet_parts(attempt)
    manifest = Manifest(
        dataset="documents",
        key="k",
        attempt="attempt-1",
        config={},
        inputs={},
        code="c",
        parts=parts,
        rows=sum(part.rows for part in parts),
        bytes=sum(part.bytes for part in parts),
        started="2026-01-01T00:00:00Z",
        seconds=0,
    )
    return commit(run, manifest)


def every_row(documents: Dataset) -> Iterator[tuple[str, int, str, str]]:
    """part, row, doc_id, category of each document that has a text."""
    number = 0
    for part in documents.manifest.parts:
        for row in range(part.rows):
            if text_of(number) is not None:
                yield part.name, row, f"{number:032x}", str(document(number)["category"])
            number += 1


def kept_frame(spark: SparkSession, rows: list[tuple[str, int, str, str]]) -> DataFrame:
    return spark.createDataFrame(rows, "part string, row int, doc_id string, category string")


@pytest.mark.parametrize("partitions", [1, 3, 17])
def test_each_kept_document_becomes_its_tokens_once_for_any_partitions(
    spark: SparkSession, documents: Dataset, partitions: int
) -> None:
    kept = [row for number, row in enumerate(every_row(documents)) if number % 4 != 1]
    frame = kept_frame(spark, kept[::-1]).repartition(partitions)
    found = tokenize(frame, documents, TokenizerConfig(), partitions).orderBy("doc_id").toArrow()
    assert found.schema.names == TOKENS.names
    tokenizer = load_tokenizer(TokenizerConfig())
    for row, (_part, _row, doc_id, category) in zip(found.to_pylist(), sorted(kept, key=lambda r: r[2]), strict=True):
        (ids,) = tokenizer.encode_batch([text_of(int(doc_id, 16)) or ""])
        assert (row["doc_id"], row["category"], row["num_tokens"]) == (doc_id, category, len(ids) + 1)
        assert np.frombuffer(row["tokens"], "<i4").tolist() == [*ids.tolist(), tokenizer.end_of_document]


def test_row_groups_are_shared_evenly_among_the_tasks(spark: SparkSession, documents: Dataset) -> None:
    frame = kept_frame(spark, list(every_row(documents)))
    tokens = tokenize(frame, documents, TokenizerConfig(), 4)
    rows_of_task = [len(rows) for rows in tokens.select("doc_id").rdd.glom().collect()]
    assert len(rows_of_task) == 4
    assert min(rows_of_task) > 0
    assert tokenize(frame, documents, TokenizerConfig(), 1000).rdd.getNumPartitions() == 8


def test_nothing_kept_gives_no_rows(spark: SparkSession, documents: Dataset) -> None:
    assert tokenize(kept_frame(spark, []), documents, TokenizerConfig(), 3).count() == 0


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        ("part-00000-x.parquet 5 " + "f" * 32 + " web", "row 5 was kept as document f.* but is document 0"),
        (f"part-00000-x.parquet 3 {3:032x} web", "row 3 was kept as .* but is without text"),
        (f"part-00001-x.parquet 1 {91:032x} web", "1 kept rows lie after its last row"),
        (f"part-00009-x.parquet 0 {0:032x} web", r"part-00009-x\.parquet, which is not a part of documents"),
    ],
)
def test_a_row_that_is_not_what_was_kept_fails(spark: SparkSession, documents: Dataset, row: str, cause: str) -> None:
    part, number, doc_id, category = row.split()
    frame = kept_frame(spark, [(part, int(number), doc_id, category)])
    with pytest.raises(PythonException, match=f"BooksDoNotBalance.*{cause}"):
        tokenize(frame, documents, TokenizerConfig(), 2).count()


def test_a_tokenizer_that_does_not_fit_fails_before_any_task(spark: SparkSession, documents: Dataset) -> None:
    with pytest.raises(RecipeError, match="largest id"):
        tokenize(kept_frame(spark, []), documents, TokenizerConfig(padded_vocabulary=50_000), 1)


def test_long_texts_are_handed_on_in_small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenize_documents, "MAX_BATCH_BYTES", 10)
    texts = ["aaaa", "bbbb", "cccccccccccccccccccccccccc", "", "dd", "ééééé"]
    ids = [str(number) for number in range(len(texts))]
    rows = pa.table({"row": list(range(len(texts))), "doc_id": ids, "category": ["web"] * len(texts)})
    found = pa.record_batch({"doc_id": ids, "text": texts})
    batches = list(tokenize_documents._checked(RowGroup("p", 0, 0, 6), rows, found))
    assert [text for batch in batches for text in batch["text"].to_pylist()] == texts
    assert [batch.num_rows for batch in batches] == [2, 3, 1]
