"""Licences recognised by their full text, several in one file too.

Method: Sørensen-Dice over pairs of neighbouring words, as askalono and licensee, against every text of SPDX's list;
where a text holds several, the best is taken out and the rest searched again. Cost: about a millisecond per thousand
words. Blind spot: a text in another language than SPDX's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from extractors.code.licences.templates import Index, Numbers, Template, index, pairs_of

MIN_LIKENESS = 0.88
"""Sørensen-Dice of a text and a licence from which on it is that licence (inclusive). Ours: askalono takes 0.8 and
licensee 0.98 of the whole file; here the window that fits best is compared, which costs a custom name in a BSD
licence 0.05 and a text of another family still 0.1."""
MIN_SHORT_LIKENESS = 0.93
"""The same for licences of fewer than `SHORT_WORDS` words."""
SHORT_WORDS = 60
MIN_SHARE = 0.78
"""Share of a licence's pairs that a text must have to be compared (inclusive)."""
MAX_COMPARED = 12
MAX_LICENCES = 12
MAX_WORDS = 60_000
"""Words of a text that are looked at."""
_LONGER = 0.15
"""Of two licences that fit the same words nearly as well the longer one wins: one that contains another has more."""
_MARGIN = 1.15
Hits = npt.NDArray[np.bool_]
_COMMON = frozenset(
    (
        "MIT",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "ISC",
        "Zlib",
        "BSL-1.0",
        "X11",
        "GPL-2.0-only",
        "GPL-3.0-only",
    )
)
_COMMON_WEIGHT = 1.004
"""A tie breaker: where a licence and one of its rare variants fit equally, the licence."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Words `start:end` of a text are the licence `spdx_id`, with this Sørensen-Dice."""

    spdx_id: str
    likeness: float
    start: int
    end: int


def passages(words: list[str]) -> list[Passage]:
    """The licence texts in `words`, best first, without overlaps."""
    known = index()
    numbers = known.numbers(words[:MAX_WORDS])
    found: list[Passage] = []
    while len(found) < MAX_LICENCES:
        best = _best(known, numbers)
        if best is None:
            break
        found.append(best)
        numbers[best.start : best.end] = -1
    return found


def _best(known: Index, numbers: Numbers) -> Passage | None:
    if len(numbers) < 2:
        return None
    pairs = pairs_of(numbers, len(known.vocabulary))
    best: Passage | None = None
    best_weight = 0.0
    for template in _candidates(known, pairs):
        passage = _fit(template, pairs)
        limit = MIN_SHORT_LIKENESS if template.num_words < SHORT_WORDS else MIN_LIKENESS
        weight = passage.likeness * float(template.num_words) ** _LONGER
        if template.spdx_id in _COMMON:
            weight *= _COMMON_WEIGHT
        if passage.likeness >= limit and weight > best_weight:
            best, best_weight = passage, weight
    return best


def _candidates(known: Index, pairs: Numbers) -> list[Template]:
    """The templates of which the text has the largest share of pairs."""
    distinct = np.unique(pairs)
    places = np.searchsorted(known.pairs, distinct)
    places = places[places < len(known.pairs)]
    places = places[np.isin(known.pairs[places], distinct)]
    if not len(places):
        return []
    owned = np.concatenate([known.owners[known.starts[place] : known.starts[place + 1]] for place in places])
    shared = np.bincount(owned, minlength=len(known.templates))
    shares = shared / np.array([len(template.pairs) for template in known.templates])
    order = np.argsort(-shares, kind="stable")[: 3 * MAX_COMPARED]
    likely = [position for position in order if shares[position] >= MIN_SHARE]
    likely.sort(key=lambda position: -float(shares[position]) * known.templates[position].num_words ** _LONGER)
    return [known.templates[position] for position in likely[:MAX_COMPARED]]


def _fit(template: Template, pairs: Numbers) -> Passage:
    """The stretch of the text that looks most like the template."""
    places = np.minimum(np.searchsorted(template.pairs, pairs), len(template.pairs) - 1)
    hits = template.pairs[places] == pairs
    size = min(len(pairs), int(template.num_words * _MARGIN) + 4)
    sums = np.concatenate([[0], np.cumsum(hits)])
    start = int(np.argmax(sums[size:] - sums[:-size] if size < len(sums) else sums[-1:]))
    start, end = _trimmed(hits, start, min(start + size, len(pairs)))
    window = places[start:end][hits[start:end]]
    shared = int(np.minimum(np.bincount(window, minlength=len(template.pairs)), template.counts).sum())
    total = (end - start) + template.num_words - 1
    return Passage(template.spdx_id, 2 * shared / total if total else 0.0, start, end + 1)


def _trimmed(hits: Hits, start: int, end: int) -> tuple[int, int]:
    """The stretch of the window in which hits outweigh misses the most: another licence beside it stays outside."""
    if start >= end:
        return start, end
    sums = np.concatenate([[0], np.cumsum(np.where(hits[start:end], 1, -1))])
    lowest = np.minimum.accumulate(sums)
    last = int(np.argmax(sums - lowest))
    first = int(np.argmax(sums[: last + 1] == lowest[last]))
    return start + first, start + last
