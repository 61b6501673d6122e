"""phi-4's benchmark matches: appendix B.1 of arXiv 2412.08905, Algorithm 1, measured rather than judged.

`match` counts 13-grams that a document shares with any benchmark and finds the item whose 7-grams it holds most of;
thresholds belong to the recipe. Words are hashed once, grams are linear combinations of word hashes: two different ones
collide with 2^-64. Cost: 0.3 ms a page against 43,701 items. Blind spots: rephrased items; scripts without spaces,
where a clause is a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import islice
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import xxhash
from numpy.lib.stride_tricks import sliding_window_view

from pipelines.benchmark_index import BenchmarkIndex, GramTable
from pipelines.benchmarks import BenchmarkItem
from pipelines.minhash import shingle_hashes
from pipelines.recipe import DecontaminationConfig

Hashes = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]
Mode = Literal["phi4", "clean"]

LONG_GRAM: Final = 13
SHORT_GRAM: Final = 7
MAX_SPAN_CHARS: Final = 1_000
"""Of a longer span the beginning is stored."""

_WORD: Final = re.compile(r"\w+")


class WordHashes(dict[str, int]):
    """xxh3-64 of words, computed once each."""

    num_chars = 0
    """Code points of all its words."""

    def __missing__(self, word: str) -> int:
        self.num_chars += len(word)
        digest = self[word] = xxhash.xxh3_64_intdigest(word)
        return digest


@dataclass(frozen=True, slots=True)
class BenchmarkMatch:
    """What a document has in common with benchmarks; the fields are the columns `benchmark_…` of `signals`."""

    matches_13gram: int = 0
    item_13gram: str | None = None
    span_13gram: str | None = None
    ratio_7gram: float = 0.0
    item_7gram: str | None = None
    span_7gram: str | None = None


def words_of(lower: str, mode: Mode) -> list[str]:
    """Algorithm 1's words of a text in lower case: runs of letters, digits and `_`.

    The report's worked example comes out to the last digit only with `re.sub(r"\\\\W+", " ", text).split(" ")`, which
    leaves an empty word at an end that is no letter; mode `phi4` keeps those, `clean` does not.
    """
    words = _WORD.findall(lower)
    if mode == "phi4":
        if not words:
            return ["", ""] if lower else [""]
        if not _is_word(lower[-1]):
            words.append("")
        if not _is_word(lower[0]):
            words.insert(0, "")
    return words


def gram_hashes(words: Sequence[str], n: int, hashes: WordHashes) -> Hashes:
    """A hash of each run of n words."""
    return shingle_hashes(np.fromiter(map(hashes.__getitem__, words), np.uint64, len(words)), n)


def num_distinct(words: Sequence[str], n: int) -> Ints:
    """How many different words each run of n words has."""
    if len(words) < n:
        return np.empty(0, np.int64)
    numbers = {word: number for number, word in enumerate(words)}
    runs = np.sort(sliding_window_view([numbers[word] for word in words], n), axis=1)
    return np.asarray(np.count_nonzero(np.diff(runs), axis=1) + 1, np.int64)


def build_index(items: Iterable[BenchmarkItem], config: DecontaminationConfig) -> BenchmarkIndex:
    """The grams of all items of at least `min_item_words` words, without 13-grams that are allowed or mere patterns."""
    hashes = WordHashes()
    ids: list[str] = []
    grams: dict[int, list[Hashes]] = {LONG_GRAM: [], SHORT_GRAM: []}
    for item in items:
        words = words_of(item.text.lower(), config.mode)
        if sum(map(bool, words)) < config.min_item_words:
            continue
        ids.append(item.id)
        long = gram_hashes(words, LONG_GRAM, hashes)
        grams[LONG_GRAM].append(np.unique(long[num_distinct(words, LONG_GRAM) >= config.min_distinct_words]))
        grams[SHORT_GRAM].append(np.unique(gram_hashes(words, SHORT_GRAM, hashes)))
    allowed = [gram_hashes(gram.split(" "), LONG_GRAM, hashes) for gram in allowed_13grams(config.allowed_13grams)]
    return BenchmarkIndex(
        mode=config.mode,
        item_ids=tuple(ids),
        long=GramTable.build(grams[LONG_GRAM], without=np.concatenate([np.empty(0, np.uint64), *allowed])),
        short=GramTable.build(grams[SHORT_GRAM]),
        short_sizes=np.array([len(found) for found in grams[SHORT_GRAM]], np.int64),
    )


def allowed_13grams(path: str | None) -> list[str]:
    """13-grams that never count as a match: one a line, words separated by one space, `#` begins a comment."""
    if path is None:
        text = (resources.files("pipelines") / "allowed_13grams.txt").read_text(encoding="utf-8")
    else:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def match(text: str, lower: str, index: BenchmarkIndex, hashes: WordHashes) -> BenchmarkMatch:
    """Algorithm 1 up to its thresholds; `lower` is the text in lower case, `hashes` may be shared between calls.

    The 13-gram item and span are those of the longest run of matching 13-grams; of equal 7-gram ratios the item that
    comes first in the index counts.
    """
    words = words_of(lower, index.mode)
    word_hashes = np.fromiter(map(hashes.__getitem__, words), np.uint64, len(words))
    spans = _Spans(text, lower, lead=int(words[0] == ""))
    grams = shingle_hashes(word_hashes, SHORT_GRAM)
    places, rows = index.short.find(grams)
    if not len(places):
        return BenchmarkMatch()
    # a shared 13-gram is seven shared 7-grams in a row: most documents need no second look-up
    long = _long_match(word_hashes, index, spans) if len(places) > LONG_GRAM - SHORT_GRAM else (0, None, None)
    return BenchmarkMatch(*long, *_short_match(grams, places, rows, index, spans))


def _long_match(words: Hashes, index: BenchmarkIndex, spans: _Spans) -> tuple[int, str | None, str | None]:
    places, rows = index.long.find(shingle_hashes(words, LONG_GRAM))
    if not len(places):
        return 0, None, None
    first, last = _longest_run(places)
    item = index.item_ids[index.long.first_item(int(rows[first]))]
    return len(np.unique(rows)), item, spans.text(int(places[first]), int(places[last]) + LONG_GRAM)


def _short_match(
    grams: Hashes, places: Ints, rows: Ints, index: BenchmarkIndex, spans: _Spans
) -> tuple[float, str, str]:
    """`places` and `rows` say which of the document's 7-grams the index has, and where it has them."""
    distinct = np.unique(rows)
    holders, holder_rows = index.short.items_of(distinct)
    items, overlaps = np.unique(holders, return_counts=True)
    ratios = overlaps / np.minimum(len(np.unique(grams)), index.short_sizes[items])
    best = int(ratios.argmax())  # the first of equals, as the strict comparison of Algorithm 1 leaves it
    shared = distinct[holder_rows[holders == items[best]]]
    own = places[np.isin(rows, shared)]
    first, last = _longest_run(own)
    span = spans.text(int(own[first]), int(own[last]) + SHORT_GRAM)
    return float(ratios[best]), index.item_ids[int(items[best])], span


def _longest_run(places: Ints) -> tuple[int, int]:
    """Indexes of the first and last of the longest run of consecutive places; the first of equals."""
    breaks = np.flatnonzero(np.diff(places) != 1) + 1
    starts, ends = np.append(0, breaks), np.append(breaks, len(places))
    longest = int((ends - starts).argmax())
    return int(starts[longest]), int(ends[longest]) - 1


@dataclass(frozen=True, slots=True)
class _Spans:
    """Finds what words i to j of Algorithm 1 are in the document itself."""

    original: str
    lower: str
    lead: int
    """1 when the first word is the empty one before the text."""

    def text(self, first: int, after: int) -> str:
        """The document from word `first` up to word `after`, at most MAX_SPAN_CHARS of it."""
        found = islice(_WORD.finditer(self.lower), max(0, first - self.lead), after - self.lead)
        start = end = None
        for word in found:
            start = word.start() if start is None else start
            end = word.end()
            if end - start > MAX_SPAN_CHARS:
                break
        # some letters (İ) have two characters in lower case, which shifts what follows
        source = self.original if len(self.original) == len(self.lower) else self.lower
        return source[start:end][:MAX_SPAN_CHARS]


def _is_word(char: str) -> bool:
    return _WORD.match(char) is not None
