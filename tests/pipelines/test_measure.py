from __future__ import annotations

import time
import tracemalloc
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.benchmarks import BenchmarkItem
from pipelines.decontamination import build_index
from pipelines.errors import BenchmarkError, RecipeError
from pipelines.measure import MAX_WORD_CHARS, Models, WordFacts, load_models, measure_batch
from pipelines.recipe import MeasureConfig, load_recipe, released_recipes
from pipelines.rules.arrow import column_kinds
from pipelines.rules.check import check_rules
from pipelines.schemas import DOCUMENTS
from pipelines.signals.schema import MEASURED, SIGNALS

MODELS = load_models(MeasureConfig())
TEXT = "The ferry leaves at seven in the morning and comes back when the tide allows. Nobody waits for it in winter."


def documents(*texts: str | None, **columns: Any) -> pa.RecordBatch:
    rows = [
        {
            "doc_id": f"{i:032x}",
            "source": "commoncrawl",
            "category": "web",
            "container": "a.warc.gz",
            "num_records": 1,
            "text": text,
            **columns,
        }
        for i, text in enumerate(texts)
    ]
    return pa.RecordBatch.from_pylist([{f.name: row.get(f.name) for f in DOCUMENTS} for row in rows], schema=DOCUMENTS)


def measured(*texts: str | None, models: Models = MODELS, **columns: Any) -> list[dict[str, Any]]:
    batch = measure_batch(documents(*texts, **columns), models, part="part-00000.parquet", first_row=7)
    rows: list[dict[str, Any]] = batch.to_pylist()
    return rows


@settings(max_examples=30)
@given(st.lists(st.none() | st.text(max_size=200), max_size=5))
def test_rows_in_are_rows_out_in_order_and_in_the_schema(texts: list[str | None]) -> None:
    batch = measure_batch(documents(*texts), MODELS, part="p", first_row=3)
    batch.validate(full=True)
    assert batch.schema == SIGNALS
    assert batch["doc_id"].to_pylist() == [f"{i:032x}" for i in range(len(texts))]
    assert batch["row"].to_pylist() == list(range(3, 3 + len(texts)))
    assert batch["num_chars"].to_pylist() == [None if text is None else len(text) for text in texts]
    assert batch["error"].to_pylist() == [None] * len(texts)


@settings(max_examples=30)
@given(st.lists(st.text(max_size=200), min_size=1, max_size=5))
def test_a_document_is_measured_the_same_alone_and_in_any_batch(texts: list[str]) -> None:
    together = measured(*texts)
    names = [field.name for field in MEASURED]
    for text, row in zip(texts, together, strict=True):
        alone = measured(text)[0]
        assert {name: row[name] for name in names} == {name: alone[name] for name in names}


def test_rows_without_text_have_null_signals_and_keep_their_outcome() -> None:
    row = measured(None, skip_reason="not_html", skip_value="image/png", num_records=12)[0]
    assert (row["skip_reason"], row["skip_value"], row["num_records"]) == ("not_html", "image/png", 12)
    assert [row[field.name] for field in MEASURED] == [None] * len(MEASURED)


def test_an_empty_text_is_measured() -> None:
    row = measured("")[0]
    assert (row["num_words"], row["num_lines"], row["language"], row["mean_word_length_chars"]) == (0, 0, None, None)
    assert row["exact_digest"] is not None
    assert row["minhash_bands"] is None


def test_a_page_has_its_signals() -> None:
    row = measured(TEXT)[0]
    assert (row["language"], row["num_words"], row["num_sentences"], row["num_lines"]) == ("en", 21, 2, 1)
    assert row["num_distinct_stop_words"] == 2  # the, and; `The` is not `the`
    assert len(row["minhash_bands"]) == 14
    assert row["benchmark_7gram_ratio"] is None


def test_a_failure_becomes_the_error_of_its_row_and_leaves_no_half_of_its_signals() -> None:
    class Broken:
        def identify(self, text: str) -> object:
            if "broken" in text:
                raise ZeroDivisionError("no such luck")
            return MODELS.language.identify(text)

    models = Models(Broken(), MODELS.minhasher, None)  # type: ignore[arg-type]
    good, bad, none = measured(TEXT, "broken " + TEXT, None, models=models)
    assert good["error"] is None
    assert good["num_words"] == 21
    assert bad["error"] == "MeasureError"
    assert bad["error_detail"].startswith("ZeroDivisionError: no such luck (identify, line ")
    assert [bad[field.name] for field in MEASURED] == [None] * len(MEASURED)
    assert none["error"] is None


@pytest.mark.parametrize(
    ("source", "metadata"),
    [
        ("records", '{"num_masked": true, "is_test": 1}'),
        ("records", '{"num_masked": 1180591620717411303424}'),
        ("records", '{"programming_language": "\\ud800", "code_kind": []}'),
        ("stackexchange", '{"question_score": "12", "has_accepted_answer": 3}'),
        ("stackexchange", '{"question_score": 1180591620717411303424, "num_answers": 1.5}'),
        ("stackexchange", "[]"),
        ("stackexchange", "{"),
        ("records", '{"a":' * 9000),
    ],
)
def test_facts_of_another_type_than_their_column_are_null(source: str, metadata: str) -> None:
    row = measured(TEXT, category="code", source=source, metadata=metadata)[0]
    names = ("error", "num_masked", "is_test", "code_kind", "question_score", "has_accepted_answer", "num_answers")
    assert [row[name] for name in names] == [None] * len(names)
    assert row["num_words"] == 21


@pytest.mark.parametrize("name", ["vocabulary", "hashes"])
def test_a_worker_forgets_words_when_they_are_too_long_together(name: str) -> None:
    facts = WordFacts()
    known: dict[str, int] = getattr(facts, name)
    known["a" * (MAX_WORD_CHARS - 1)]
    facts.bound()
    assert getattr(facts, name) is known
    known["b"]
    facts.bound()
    assert (len(facts.vocabulary), len(facts.hashes)) == (0, 0)


def test_the_error_of_a_document_is_kept() -> None:
    row = measured(None, error="TimeLimitExceeded", error_detail="10 s")[0]
    assert (row["error"], row["error_detail"]) == ("TimeLimitExceeded", "10 s")


def write_index(path: Path, mode: str) -> str:
    config = MeasureConfig.model_validate({"decontamination": {"mode": mode}}).decontamination
    with path.open("wb") as file:
        build_index([BenchmarkItem("ferry/0", TEXT)], config).save(file)
    return str(path)


def test_benchmarks_are_matched_from_an_index_file(tmp_path: Path) -> None:
    models = load_models(MeasureConfig(), write_index(tmp_path / "index.npz", "phi4"))
    leak, clean = measured(f"Read this: {TEXT}", "Another text altogether.", models=models)
    assert (leak["benchmark_13gram_item"], leak["benchmark_7gram_item"]) == ("ferry/0", "ferry/0")
    assert leak["benchmark_13gram_span"] == TEXT[:-1]
    assert leak["benchmark_13gram_matches"] == 10
    assert leak["benchmark_7gram_ratio"] == 1
    assert (clean["benchmark_13gram_matches"], clean["benchmark_7gram_ratio"]) == (0, 0)
    assert clean["benchmark_13gram_item"] is None


def test_an_index_of_another_mode_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match="built in mode clean, the recipe says phi4"):
        load_models(MeasureConfig(), write_index(tmp_path / "index.npz", "clean"))


def test_a_missing_language_model_is_an_error_of_the_recipe() -> None:
    with pytest.raises(RecipeError, match=r"measure\.language\.model: no language model at nowhere\.bin"):
        load_models(MeasureConfig.model_validate({"language": {"model": "nowhere.bin"}}))


@pytest.mark.parametrize("name", released_recipes())
def test_released_rules_compare_columns_that_are_measured(name: str) -> None:
    rules = load_recipe(name).rules
    assert len(check_rules(rules, column_kinds(SIGNALS))) == len(rules) > 0
    assert all(rule.source for rule in rules)


def test_a_long_document_takes_memory_in_proportion_to_its_length() -> None:
    """Unchunked, the 112 hashes of each of its 5-grams alone would take 900 bytes a word."""
    lines = (" ".join(f"word{i * 7 % 9973}" for i in range(start, start + 20)) for start in range(0, 100_000, 20))
    text = "\n".join(lines)
    tracemalloc.start()
    row = measured(text)[0]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert row["num_words"] == 100_000
    assert peak < 300 * row["num_words"]


@pytest.mark.parametrize(
    "unit",
    [
        "`",
        "``x",
        "~~~\n",
        "$a ",
        "\\(",
        "\\",
        "\\begin{align}",
        "> ",
        "\n",
        ". ",
        "中",
        "[",
        "a(",
        "a.",
        "A.",
        "-",
        "'",
    ],
)
def test_hostile_text_takes_time_in_proportion_to_its_length(unit: str) -> None:
    """A pattern that looks back over the text takes minutes where these take a tenth of a second."""
    text = unit * (100_000 // len(unit))
    began = time.thread_time()
    assert measured(text)[0]["error"] is None
    assert time.thread_time() - began < 5
