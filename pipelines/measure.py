"""The measure pass: everything that is ever asked of a document's text, in one look at it.

`documents` in, `signals` out, row for row. Text is tokenized once; a worker looks into each distinct word
once. A failure while one document is measured is that row's `error`; nothing here drops a row or knows a threshold.
Cost: 2 to 3 ms a page: words a quarter, repetition, language and benchmarks a sixth each, MinHash a tenth.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa

from classifiers.langid import LanguageIdentifier, LanguageModelError, load_identifier
from pipelines.benchmark_index import BenchmarkIndex
from pipelines.decontamination import WordHashes, match
from pipelines.errors import BenchmarkError, RecipeError
from pipelines.minhash import MinHasher, exact_digest
from pipelines.recipe import MeasureConfig
from pipelines.schemas import IDENTITY, SIGNALS_OUTCOME
from pipelines.signals.code import code_signals
from pipelines.signals.heuristics import heuristic_signals
from pipelines.signals.schema import MEASURED, SIGNALS
from pipelines.signals.thread import thread_signals
from pipelines.signals.words import Vocabulary, tokenize
from pipelines.storage import open_storage


class MeasureError(Exception):
    """One document could not be measured: a defect of ours. Its name is what the `error` column says."""


MAX_WORDS: Final = 200_000
"""Distinct tokens a worker remembers, exclusive; past them it starts anew (of prose 32 MB, with benchmarks 66 MB)."""
MAX_WORD_CHARS: Final = 8_000_000
"""Characters of those tokens together, exclusive: encoded data is one token of megabytes."""


class WordFacts:
    """What is known of words already seen; a worker keeps it from batch to batch, and no result depends on it."""

    def __init__(self) -> None:
        self.vocabulary = Vocabulary()
        self.hashes = WordHashes()

    def bound(self) -> None:
        """Forget everything when there is too much of it."""
        if any(
            len(known) >= MAX_WORDS or known.num_chars >= MAX_WORD_CHARS for known in (self.vocabulary, self.hashes)
        ):
            self.vocabulary, self.hashes = Vocabulary(), WordHashes()


@dataclass(frozen=True)
class Models:
    """What a worker loads once."""

    language: LanguageIdentifier
    minhasher: MinHasher
    benchmarks: BenchmarkIndex | None
    """None: the run looks for no benchmarks, and their columns are null."""
    words: WordFacts = field(default_factory=WordFacts)


def load_models(config: MeasureConfig, benchmarks_uri: str | None = None) -> Models:
    """Load the models of a recipe and the benchmark index (an `.npz` of `BenchmarkIndex.save`) at an address.

    Raises RecipeError for a language model that is not there, BenchmarkError for an index built in another mode.
    """
    try:
        language = load_identifier(config.language.model)
    except LanguageModelError as error:
        raise RecipeError(f"measure.language.model: {error}") from error
    benchmarks = None
    if benchmarks_uri is not None:
        folder, _, name = benchmarks_uri.rpartition("/")
        with open_storage(folder or ".").open_input(name) as file:
            benchmarks = BenchmarkIndex.load(file)
        if benchmarks.mode != config.decontamination.mode:
            raise BenchmarkError(
                f"{benchmarks_uri} was built in mode {benchmarks.mode}, the recipe says {config.decontamination.mode}"
            )
    return Models(language, MinHasher(config.minhash), benchmarks)


def measure_batch(documents: pa.RecordBatch, models: Models, *, part: str, first_row: int) -> pa.RecordBatch:
    """The `signals` of some consecutive rows of a documents part.

    `documents` has the columns of DOCUMENTS that `signals` repeats, `text` and `metadata`; `part` is the file they lie
    in and `first_row` the place of the first of them there. Rows in = rows out, in order.
    """
    num_rows = documents.num_rows
    names = ("text", "source", "category", "metadata")
    rows = zip(*(documents.column(name).to_pylist() for name in names), strict=True)
    measured = [
        _NO_TEXT if text is None else _guarded(text, source, category, notes, models)
        for text, source, category, notes in rows
    ]
    columns: dict[str, Any] = {column.name: [row.get(column.name) for row in measured] for column in MEASURED}
    columns["part"] = [part] * num_rows
    columns["row"] = np.arange(first_row, first_row + num_rows, dtype=np.int32)
    for name in (column.name for column in (*IDENTITY, *SIGNALS_OUTCOME)):
        if name not in columns:
            columns[name] = documents.column(name)
    failed = pa.array(["error" in row for row in measured], pa.bool_())
    if failed.true_count:
        columns["error"], columns["error_detail"] = _with_failures(documents, measured)
    arrays = [_array(columns[column.name], column.type) for column in SIGNALS]
    return pa.RecordBatch.from_arrays(arrays, schema=SIGNALS)


Row = Mapping[str, Any]
"""Signals by column; a row without text has none, one that failed has `error` and `error_detail` alone."""

_NO_TEXT: Final[Row] = {}


def _guarded(text: str, source: str, category: str, metadata: str | None, models: Models) -> Row:
    models.words.bound()
    try:
        of_thread = thread_signals(metadata) if source == "stackexchange" else {}
        of_code = code_signals(text, metadata) if category == "code" else {}
        return {**_signals(text, models), **of_thread, **of_code}
    except Exception as error:  # noqa: BLE001 - the one guard: a document's failure becomes its row's error
        place = traceback.extract_tb(error.__traceback__)[-1]
        detail = f"{type(error).__name__}: {error} ({place.name}, line {place.lineno})"
        return {"error": MeasureError.__name__, "error_detail": detail}


def _signals(text: str, models: Models) -> Row:
    lower = text.lower()
    vocabulary = models.words.vocabulary
    words = vocabulary.numbers(tokenize(text))
    language = models.language.identify(text)
    signature = models.minhasher.signature(vocabulary.hashes(words))
    return {
        "language": language.code,
        "language_score": language.score,
        **heuristic_signals(text, lower, words, vocabulary),
        **_benchmark_signals(text, lower, models),
        "exact_digest": exact_digest(text),
        "minhash_bands": signature.bands if signature else None,
        "minhash_sketch": signature.sketch if signature else None,
    }


def _benchmark_signals(text: str, lower: str, models: Models) -> Row:
    if models.benchmarks is None:
        return {}
    found = match(text, lower, models.benchmarks, models.words.hashes)
    return {
        "benchmark_13gram_item": found.item_13gram,
        "benchmark_13gram_span": found.span_13gram,
        "benchmark_13gram_matches": found.matches_13gram,
        "benchmark_7gram_ratio": found.ratio_7gram,
        "benchmark_7gram_item": found.item_7gram,
        "benchmark_7gram_span": found.span_7gram,
    }


def _with_failures(documents: pa.RecordBatch, measured: list[Row]) -> tuple[list[str | None], list[str | None]]:
    """`error` and `error_detail`: those of the documents, and of the rest those of the measurement."""
    codes = documents.column("error").to_pylist()
    details = documents.column("error_detail").to_pylist()
    for i, row in enumerate(measured):
        if codes[i] is None and "error" in row:
            codes[i], details[i] = row["error"], row["error_detail"]
    return codes, details


def _array(values: Any, kind: pa.DataType) -> pa.Array:
    return values.cast(kind) if isinstance(values, pa.Array) else pa.array(values, kind)
