"""Which blocks are main text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from extractors.html import context, features, model, threads
from extractors.html.page import DD, DT, HEADING, PRE, P, Page
from extractors.html.signals import FORUM
from extractors.html.vocabulary import bit

THRESHOLD_SCALE = 1.0
"""Kept is what lies above this share of the optimum for F1, which is half of the best F1 to be expected (Lipton,
Elkan and Naryanaswamy, ECML 2014): sure pages are cut at a half, doubtful ones lower."""
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
MIN_KEPT_BYTES = 200
"""With less kept text than this in UTF-8, blocks down to `LAST_RESORT` are kept too: the page may be small, but it says
something.
"""
LAST_RESORT = 0.15
SURE_OF_HIDDEN = 0.9
"""Least probability of a block that is not shown."""
SURE_OF_HEADING = 0.8
"""Least probability of a last heading with no text below it."""
MAX_EDGE_LINK_CHARS = 30
SURE_OF_TEASER = 0.9
"""Least probability of a short link among related pages that is kept."""
MAX_TEASER_CHARS = 150
RELATED_LEVELS = 4
"""A link's container and its ancestors that may say so."""
MAX_HEADINGS_RUN = 3
"""Headings that may follow each other before the first text of their section."""
MIN_ENTRY_HEADING = 0.02
"""Least probability of a heading of an entry (a post, a card, a result) most of whose text is kept: in a thread it
is the author's name."""
MIN_ENTRY_RATIO = 0.3
"""Kept characters of such an entry, of all that it has."""
MIN_ENTRY_CHARS = 20
MAX_ENTRY_RATIO = 0.7
"""Kept characters of such an entry, of the page's: what holds more is the page."""
MIN_POST_DATE = 0.04
MAX_DATE_CHARS = 40
MIN_THREAD_TITLE = 0.03
MAX_THREAD_TITLE_DISTANCE = 60
"""Blocks from a thread's title to its first post, exclusive: toolbars and the poster's profile stand between."""
MIN_THREAD_SHARE = 0.2
"""Of the page's characters, in containers whose words name a thread."""
_THREAD_ROW = features.NAMES.index("page_thread_share")
_DATE = re.compile(r"\b(?:19|20)\d\d\b|\bago\b|\b(?:yester|to)day\b|\d\d?:\d\d|[前天年]", re.I)


@dataclass(frozen=True, slots=True)
class Scored:
    """A page's blocks with their probability of being main text."""

    page: Page
    scores: NDArray[np.float32]
    layout: features.Layout
    matrix: features.Matrix
    """What the scores were found from, features × blocks."""
    names: list[str]


def select(page: Page) -> list[int]:
    """Indices of the kept blocks, in order."""
    if not page.text:
        return []
    found = score(page)
    return chosen(found, threshold(found))


def threshold(found: Scored) -> float:
    """Least probability of a kept block of this page, exclusive."""
    scores, size = found.scores.astype(np.float64), found.layout.chars + 5.0
    order = np.argsort(-scores, kind="stable")
    gained = np.cumsum((scores * size)[order])
    best = float((2 * gained / (np.cumsum(size[order]) + gained[-1])).max())
    return max(MIN_THRESHOLD, THRESHOLD_SCALE * best / 2)


def chosen(found: Scored, least: float) -> list[int]:
    """Indices of the blocks kept for these scores."""
    page, scores = found.page, found.scores
    never = _never(found)
    kept = (scores > least) & ~never
    if found.layout.chars[kept].sum() < MIN_KEPT_BYTES and _num_bytes(page, kept) < MIN_KEPT_BYTES:
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
    kept_blocks = _titled(found, _trimmed(page, np.flatnonzero(after).tolist(), scores))
    return threads.titled_once(page, _with_entries(found, kept_blocks, never)) if kept_blocks else kept_blocks


def _num_bytes(page: Page, kept: NDArray[np.bool_]) -> int:
    return sum(len(page.text[i].encode()) for i in np.flatnonzero(kept).tolist())


def _titled(found: Scored, kept: list[int]) -> list[int]:
    """With the first-level heading shortly before the text, or the title of a thread, where none is kept."""
    page, scores = found.page, found.scores
    if not kept or any(page.level[i] == 1 for i in kept):
        return kept
    in_thread = is_thread(page, found.matrix)
    reach = MAX_THREAD_TITLE_DISTANCE if in_thread else MAX_TITLE_DISTANCE
    for i in range(kept[0] - 1, max(-1, kept[0] - reach), -1):
        if page.level[i] == 1 and scores[i] > MIN_TITLE:
            return [i, *kept]
        is_shown = in_thread and scores[i] > MIN_THREAD_TITLE and not found.layout.hidden[i]
        if is_shown and page.level[i] and page.repeats_title(i):
            return [i, *kept]
    return kept


def is_thread(page: Page, matrix: features.Matrix) -> bool:
    """A page that says it is a forum's, or has much of its text in containers that name a thread."""
    return bool(page.signals & FORUM) or bool(matrix[_THREAD_ROW, 0] > MIN_THREAD_SHARE)


def _with_entries(found: Scored, kept: list[int], never: NDArray[np.bool_]) -> list[int]:
    """With the headings, and in threads the listed dates, of entries whose text is kept.

    An entry is a container of a repeated kind (posts, cards, results) that holds part of the page's kept text.
    """
    layout, frames = found.layout, found.page.frame
    waiting = (layout.kind == HEADING) & (found.scores > MIN_ENTRY_HEADING)
    if is_thread(found.page, found.matrix):
        dates = (layout.kind == P) & (layout.chars < MAX_DATE_CHARS) & (found.scores > MIN_POST_DATE)
        for i in np.flatnonzero(dates & ~never).tolist():
            frame = frames[i]
            waiting[i] = frame is not None and frame.marker != "> " and _DATE.search(found.page.text[i]) is not None
    waiting &= ~never
    waiting[kept] = False
    doubtful = np.flatnonzero(waiting)
    if not len(doubtful):
        return kept
    sums = np.zeros((2, len(layout.chars) + 1))
    is_kept = np.zeros(len(layout.chars), np.bool_)
    is_kept[kept] = True
    np.cumsum(np.stack((layout.chars * is_kept, layout.chars)), axis=1, out=sums[:, 1:])
    inside, whole = sums.take(layout.end, axis=1) - sums.take(layout.start, axis=1)
    is_entry = (np.bincount(layout.group).take(layout.group) >= 2) & (inside >= MIN_ENTRY_RATIO * whole)
    is_entry &= (inside >= MIN_ENTRY_CHARS) & (inside < MAX_ENTRY_RATIO * sums[0, -1])
    above = layout.above[1:, doubtful]
    entry = above[is_entry[above].argmax(axis=0), np.arange(len(doubtful))]
    is_kept[doubtful] = is_entry[entry] & (sums[0, layout.end[entry]] > sums[0, doubtful + 1])
    return [int(i) for i in np.flatnonzero(is_kept)]


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
    why = "dropped by rule: hidden, or a signature, share bar, count, profile, page link, imprint or related page"
    return f"score {score:.2f} > {least:.2f}, {why}"


@lru_cache(maxsize=1)
def _bits() -> tuple[int, ...]:
    return tuple(
        bit(name)
        for name in ("signature", "share", "vote", "postuser", "pagination", "copyright", "content", "related")
    )


def _never(found: Scored) -> NDArray[np.bool_]:
    """Blocks that are text to no reader whatever their neighbours are.

    Signatures, share bars, vote counts, posters' profiles, page links, imprints, related pages; and what is not shown,
    unless the model is sure of it or most of the page is hidden (it waits for a script).
    """
    layout = found.layout
    own, near, chars, kind = layout.bits, layout.around, layout.chars, layout.kind
    never = np.zeros(len(chars), np.bool_)
    signature, share, vote, postuser, pagination, copyright_, content, related = _bits()
    held = int(np.bitwise_or.reduce(near))
    held_above = held | int(np.bitwise_or.reduce(np.asarray(found.page.bits, np.int64)))
    if held & signature:
        never |= ((own & signature) != 0) & (kind != DT) & (kind != PRE)  # of functions, in reference manuals
    if held & (share | pagination):
        linked = 2 * layout.links > chars
        never |= ((own & share) != 0) & linked & (chars < 80)
        never |= ((near & pagination) != 0) & linked & (chars < 60)
        never |= ((own & pagination) != 0) & (chars < 30)
    if held & vote:
        for i in np.flatnonzero(((own & vote) != 0) & (chars < 8)).tolist():
            never[i] |= found.page.text[i].strip("+-").isdigit()
    if held & postuser:
        never |= ((near & postuser) != 0) & ((kind == DT) | (kind == DD)) & (chars < 40)
    if held & copyright_:
        never |= ((own & (copyright_ | content)) == copyright_) & (chars < 200)
    if held_above & related:
        never |= _is_teaser(found, related)
    hidden = layout.hidden
    if hidden.any() and 2 * chars[hidden].sum() < chars.sum():
        never |= hidden & (found.scores < SURE_OF_HIDDEN)
    return never


def _is_teaser(found: Scored, related: int) -> NDArray[np.bool_]:
    """Short links to other pages in a container that says so, and the headings over them.

    Of such links on the bench 5 % were main text; those that the model is sure of stay.
    """
    layout = found.layout
    bits = np.asarray(found.page.bits, np.int64)
    named = (np.bitwise_or.reduce(bits[layout.above[:RELATED_LEVELS]], axis=0) & related) != 0
    named &= found.scores < SURE_OF_TEASER
    links = named & (2 * layout.links > layout.chars) & (layout.chars < MAX_TEASER_CHARS)
    headings = named & (layout.kind == HEADING)
    headings[:-1] &= links[1:]
    result: NDArray[np.bool_] = links | headings
    return result


@lru_cache(maxsize=1)
def _models() -> tuple[model.Trees, model.Trees, tuple[str, ...]]:
    """Both models, reading rows of the features (and of `context`, below them), and the flags that either reads."""
    loaded = model.load("blocks"), model.load("context")
    known = {*features.NAMES, *context.NAMES}
    flags = tuple(dict.fromkeys(name for trees in loaded for name in trees.names if name not in known))
    place = {name: k for k, name in enumerate([*features.NAMES, *flags, *context.NAMES])}
    first, second = (model.placed(trees, place) for trees in loaded)
    return first, second, flags


def score(page: Page) -> Scored:
    """Probability of main text per block and what it was found from."""
    first, second, flags = _models()
    matrix, names, layout = features.measure(page, flags)
    around = context.measure(model.probabilities(first, matrix), layout)
    both = np.concatenate([matrix, around])
    return Scored(page, model.probabilities(second, both), layout, both, [*names, *context.NAMES])
