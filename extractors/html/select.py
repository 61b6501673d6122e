"""Which blocks are main text."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from extractors.html import context, features, model, threads
from extractors.html.page import DD, DT, HEADING, P, Page
from extractors.html.vocabulary import bit

THRESHOLD_SCALE = 0.9
"""Kept is what lies above this share of the optimum for F1, which is half of the best F1 to be expected (Lipton,
Elkan and Naryanaswamy, ECML 2014): sure pages are cut at a half, doubtful ones lower. Below 1 because lost text
cannot be had again."""
MIN_THRESHOLD = 0.08
MIN_HEADING = 0.12
"""Least probability of a heading whose section is kept."""
MIN_TITLE = 0.1
"""Least probability of the first-level heading before the text."""
MAX_TITLE_DISTANCE = 10
"""Blocks from that heading to the text, exclusive."""
MIN_TERM = 0.03
"""Least probability of a term whose definition is kept: signatures in reference manuals are full of links."""
MIN_GAP = 0.15
"""Least probability of a single block between two kept ones."""
MIN_KEPT_CHARS = 200
"""With less kept text than this, blocks down to `LAST_RESORT` are kept too: the page may be small, but it says
something.
"""
LAST_RESORT = 0.15
SURE_OF_HIDDEN = 0.9
"""Least probability of a block that is not shown."""
SURE_OF_HEADING = 0.8
"""Least probability of a last heading with no text below it."""
MAX_EDGE_LINK_CHARS = 30
MAX_HEADINGS_RUN = 3
"""Headings that may follow each other before the first text of their section."""


def select(page: Page) -> list[int]:
    """Indices of the kept blocks, in order."""
    if not page.text:
        return []
    scores = score(page)[0]
    return chosen(page, scores, threshold(page, scores))


def threshold(page: Page, scores: NDArray[np.float32]) -> float:
    """Least probability of a kept block of this page, exclusive."""
    size = np.fromiter(map(len, page.text), np.float64, len(page.text)) + 5
    order = np.argsort(-scores, kind="stable")
    found = np.cumsum((scores * size)[order])
    best = float((2 * found / (np.cumsum(size[order]) + found[-1])).max())
    return max(MIN_THRESHOLD, THRESHOLD_SCALE * best / 2)


def chosen(page: Page, scores: NDArray[np.float32], least: float) -> list[int]:
    """Indices of the blocks kept for these scores."""
    never = _never(page, scores)
    kept = (scores > least) & ~never
    if sum(len(page.text[i]) for i in np.flatnonzero(kept)) < MIN_KEPT_CHARS:
        kept = (scores > LAST_RESORT) & ~never
    kept, never = threads.completed(page, kept, never)
    after = kept.copy()
    kind = page.kind
    last = len(kind) - 1
    for i in np.flatnonzero(~kept & ~never & (scores > MIN_TERM)).tolist():
        if kind[i] == DT:
            after[i] = i < last and kind[i + 1] == DD and kept[i + 1]
        elif kind[i] == HEADING and scores[i] > MIN_HEADING:
            j = i + 1
            while j < last and j < i + MAX_HEADINGS_RUN and kind[j] == HEADING:
                j += 1
            after[i] = j <= last and kept[j] and kind[j] != HEADING
    for i in np.flatnonzero(~after & ~never & (scores > MIN_GAP)).tolist():
        if 0 < i < last and after[i - 1] and after[i + 1]:
            after[i] = True
    return _titled(page, _trimmed(page, np.flatnonzero(after).tolist(), scores), scores)


def _titled(page: Page, kept: list[int], scores: NDArray[np.float32]) -> list[int]:
    """With the first-level heading shortly before the text, where none is kept."""
    if kept and not any(page.level[i] == 1 for i in kept):
        for i in range(kept[0] - 1, max(-1, kept[0] - MAX_TITLE_DISTANCE), -1):
            if page.level[i] == 1 and scores[i] > MIN_TITLE:
                return [i, *kept]
    return kept


def _trimmed(page: Page, kept: list[int], scores: NDArray[np.float32]) -> list[int]:
    """Without short lines that are only links at both ends, and without doubtful headings that nothing follows."""

    def is_link(i: int) -> bool:
        size = len(page.text[i])
        return size < MAX_EDGE_LINK_CHARS and page.kind[i] == P and page.link_chars[i] >= size

    def is_dangling(i: int) -> bool:
        return page.kind[i] == HEADING and scores[i] < SURE_OF_HEADING

    first, last = 0, len(kept)
    while first < last and is_link(kept[first]):
        first += 1
    while last > first and (is_link(kept[last - 1]) or is_dangling(kept[last - 1])):
        last -= 1
    return kept[first:last] or kept


def reason(score: float, least: float, kept: bool) -> str:
    """Why a block was kept or not."""
    if kept == (score > least):
        return f"score {score:.2f} {'>' if kept else '<='} {least:.2f}"
    if kept:
        why = "kept for its neighbours: a section's heading, a gap, a post of the thread, or a page with little text"
        return f"score {score:.2f} <= {least:.2f}, {why}"
    why = "dropped by rule: hidden, or a signature, share bar, count, profile, page link or imprint"
    return f"score {score:.2f} > {least:.2f}, {why}"


def _never(page: Page, scores: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Blocks that are text to no reader whatever their neighbours are.

    Signatures, share bars, vote counts, posters' profiles, page links, imprints; and what is not shown, unless the
    model is sure of it or most of the page is hidden (it waits for a script).
    """
    bits = np.asarray(page.bits, np.int64)
    at = np.asarray(page.container, np.int64)
    own = bits[at]
    near = own | bits[np.maximum(np.asarray(page.parent, np.int64)[at], 0)]
    chars = np.fromiter(map(len, page.text), np.int64, len(page.text))
    linked = 2 * np.asarray(page.link_chars) > chars
    kind = np.asarray(page.kind)
    never: NDArray[np.bool_] = (own & bit("signature")) != 0
    never |= ((own & bit("share")) != 0) & linked & (chars < 80)
    never |= ((own & bit("vote")) != 0) & np.fromiter((_is_count(text) for text in page.text), np.bool_, len(page.text))
    never |= ((near & bit("postuser")) != 0) & ((kind == DT) | (kind == DD)) & (chars < 40)
    never |= ((near & bit("pagination")) != 0) & linked & (chars < 60)
    never |= ((own & bit("pagination")) != 0) & (chars < 30)
    never |= ((own & bit("copyright")) != 0) & ((own & bit("content")) == 0) & (chars < 200)
    hidden = np.asarray(page.hidden)[at]
    if hidden.any() and 2 * int(chars[hidden].sum()) < int(chars.sum()):
        never |= hidden & (scores < SURE_OF_HIDDEN)
    return never


def _is_count(text: str) -> bool:
    return len(text) < 8 and text.strip("+-").isdigit()


@lru_cache(maxsize=1)
def _wanted() -> dict[str, int]:
    """Rows of the feature matrix: what either model reads of the page itself."""
    names = [*model.load("blocks").names, *(name for name in model.load("context").names if name not in context.NAMES)]
    return {name: k for k, name in enumerate(dict.fromkeys(names))}


def score(page: Page) -> tuple[NDArray[np.float32], NDArray[np.float32], list[str]]:
    """Probability of main text per block, the features it was found from, and their names."""
    matrix, names, layout = features.measure(page, _wanted())
    first, second = model.load("blocks"), model.load("context")
    p = model.probabilities(first, matrix[: len(first.names)])
    around = context.measure(p, layout)
    place = {name: k for k, name in enumerate([*names, *context.NAMES])}
    both = np.concatenate([matrix, around])
    return model.probabilities(second, both[[place[name] for name in second.names]]), both, [*names, *context.NAMES]
