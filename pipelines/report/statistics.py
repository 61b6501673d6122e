"""What the report shows beside the figures of `run.json`: distributions and sampled documents, as plain values.

`pipelines.spark.report` fills them from the datasets; `pipelines.report.page` draws them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

BINS_PER_DECADE = 8
ZERO_BIN = -1
"""Bin of the value 0 on a logarithmic scale."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """Documents by category, verdict and bin.

    With `bin_width` None the scale is logarithmic: bin b holds 10**(b / 8) up to, not including, 10**((b + 1) / 8),
    bin -1 holds 0. Else bin b holds b * bin_width up to, not including, (b + 1) * bin_width.
    """

    counts: Mapping[tuple[str, str], Mapping[int, int]]
    """(category, verdict) → bin → documents."""
    bin_width: float | None = None

    def by_verdict(self, category: str | None = None) -> dict[str, dict[int, int]]:
        """Verdict → bin → documents, of one category or of all."""
        total: dict[str, dict[int, int]] = {}
        for (of, verdict), bins in self.counts.items():
            if category is None or of == category:
                into = total.setdefault(verdict, {})
                for number, count in bins.items():
                    into[number] = into.get(number, 0) + count
        return total

    def categories(self) -> list[str]:
        return sorted({category for category, _ in self.counts})

    def bin_of(self, value: float) -> int:
        """The bin that holds a value."""
        if self.bin_width is not None:
            return math.floor(round(value / self.bin_width, 9))
        return ZERO_BIN if value <= 0 else math.floor(math.log10(value) * BINS_PER_DECADE)

    def ends(self) -> tuple[float, float]:
        """Lower edge of the first bin with documents and upper edge of the last; (0, 0) when there are none."""
        filled = [number for bins in self.counts.values() for number, count in bins.items() if count]
        return (self.lower_edge(min(filled)), self.lower_edge(max(filled) + 1)) if filled else (0.0, 0.0)

    def lower_edge(self, number: int) -> float:
        """Smallest value of a bin."""
        if self.bin_width is not None:
            return number * self.bin_width
        return 0.0 if number == ZERO_BIN else 10 ** (number / BINS_PER_DECADE)

    def median(self, bins: Mapping[int, int]) -> float | None:
        """Middle of the bin that holds the median (geometric on a logarithmic scale); None without documents."""
        total, seen = sum(bins.values()), 0
        for number in sorted(bins):
            seen += bins[number]
            if 2 * seen >= total > 0:
                if number == ZERO_BIN and self.bin_width is None:
                    return 0.0
                low, high = self.lower_edge(number), self.lower_edge(number + 1)
                return (low + high) / 2 if self.bin_width is not None else (low * high) ** 0.5
        return None


@dataclass(frozen=True, slots=True)
class RuleReach:
    """How a rule overlaps with the others, over documents that any rule drops."""

    would_drop: int = 0
    """Documents it is true of, whether or not an earlier rule dropped them first."""
    alone: int = 0
    """Documents no other rule would have dropped: what is gained by removing the rule."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Part of a text; `match` is what to mark in it ("" for nothing)."""

    before: str
    match: str = ""
    after: str = ""
    cut_before: int = 0
    """Characters of the text before the excerpt."""
    cut_after: int = 0
    """Characters of the text after the excerpt."""

    @property
    def text(self) -> str:
        return self.before + self.match + self.after


@dataclass(frozen=True, slots=True)
class Survivor:
    """The kept document that stands for a duplicate."""

    doc_id: str
    kind: str
    """`exact` or `near`."""
    similarity: float | None
    url: str | None = None
    title: str | None = None
    excerpt: Excerpt | None = None


@dataclass(frozen=True, slots=True)
class BenchmarkMatch:
    """What a document has in common with a benchmark."""

    item: str
    span: str
    measure: str
    """`13-gram` or `7-gram`."""
    strength: str
    """Matches or overlap, said plainly."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One document, kept, dropped or failed, with what decided."""

    doc_id: str
    verdict: str
    rule: str | None
    value: str | None
    limit: str | None
    failed_rules: tuple[str, ...]
    source: str
    category: str
    container: str
    offset: int | None = None
    url: str | None = None
    title: str | None = None
    language: str | None = None
    num_words: int | None = None
    error_detail: str | None = None
    excerpt: Excerpt | None = None
    survivor: Survivor | None = None
    match: BenchmarkMatch | None = None

    @property
    def group(self) -> str:
        """What it is an example of: the rule or error, or `kept`."""
        return self.rule or self.verdict


@dataclass(frozen=True, slots=True)
class Statistics:
    """Everything in the report that is not in `run.json`. Each part may be empty."""

    languages: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Language ("" where none was found) → verdict → documents."""
    histograms: Mapping[str, Histogram] = field(default_factory=dict)
    """By column: num_words, num_chars, compression_ratio, language_score (documents with text), num_tokens (kept)."""
    reach: Mapping[str, RuleReach] = field(default_factory=dict)
    """By rule."""
    skip_values: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Rule of the reader → value (a media type, a status, …) → records."""
    cluster_sizes: Mapping[int, int] = field(default_factory=dict)
    """Documents in a cluster, rounded down to a power of two → clusters."""
    duplicates: Mapping[str, int] = field(default_factory=dict)
    """Kind (survivor, exact, near, unverified) → documents."""
    similarities: Histogram | None = None
    """Estimated Jaccard to the survivor, by kind, under the category ""."""
    samples: tuple[Sample, ...] = ()


def samples_by_group(samples: Iterable[Sample], verdict: str) -> dict[str, list[Sample]]:
    """Samples of one verdict by `Sample.group`, in their order."""
    groups: dict[str, list[Sample]] = {}
    for sample in samples:
        if sample.verdict == verdict:
            groups.setdefault(sample.group, []).append(sample)
    return groups
