"""Blocks and containers → the columns the model reads.

One column per block: its own text, its neighbours, the containers around it and the page. A page has some hundred
blocks, so the cost is the number of numpy calls: what is alike is measured in one call, over stacked rows. All counts
come from one pass over the joined text and prefix sums over blocks.
"""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from extractors.html import containers
from extractors.html.containers import Index
from extractors.html.page import HEADING, KIND_NAMES, MATH, PRE, TABLE, Page
from extractors.html.signals import NAMES as SIGNALS
from extractors.html.vocabulary import bit, category_names

Matrix = NDArray[np.float32]
Vector = NDArray[np.float32]
Sums = NDArray[np.float64]

MAX_CHARS = 2000
"""Characters of one block that are counted; more say nothing new."""
REACHES = (3, 8)
"""Blocks before and after that a window covers."""
_EDGE = max(REACHES)
_SHIFTS = (1, 2, -1, -2)
_SIDES = ("before1", "before2", "after1", "after2")
_SPACE, _UPPER, _DIGIT, _SENTENCE, _COMMA, _SEPARATOR, _CURRENCY, _CJK = 1, 3, 4, 5, 6, 7, 8, 9
_NUM_CLASSES = 16
_FULL_STOP = 46
_ENDS_SENTENCE, _ENDS_COLON, _ENDS_MORE = 1, 2, 4

_OWN = [
    "log_chars",
    "log_words",
    "num_links",
    "sentences",
    "commas",
    "link_density",
    "chars_per_word",
    "punctuation_per_word",
    "upper_ratio",
    "digit_ratio",
    "separator_ratio",
    "currency_ratio",
    "cjk_ratio",
    "ends_sentence",
    "ends_colon",
    "ends_more",
    *(f"kind_{name}" for name in KIND_NAMES[1:8]),
    "heading_level",
    "frame_depth",
    "in_quote",
    "is_title",
    "copies",
]
_AROUND = [f"{side}_{name}" for side in _SIDES for name in ("log_chars", "link_density", "punctuation", "heading")] + [
    f"{name}{reach}" for name in ("good_before", "good_after", "good_share") for reach in REACHES
]
_PLACE = ["position", "good_so_far", "chars_so_far", "since_good", "until_good", "from_h1"]
_SHARES = ("thread", "comment", "product", "card", "docs", "postuser", "article", "code", "review")
_PAGE = [
    "num_blocks",
    "page_good",
    "page_good_share",
    "page_link_density",
    "page_num_good",
    "page_num_h1",
    *SIGNALS,
    *(f"page_{name}_{of}" for name in _SHARES for of in ("share", "good")),
]
NAMES = [*_OWN, *_AROUND, *_PLACE, *_PAGE, *containers.NAMES]
"""Rows that are always measured, in their order; flags follow."""
_FLAG_SOURCES = ("inner_", "own_", "near_", "all_", "in_")


@lru_cache(maxsize=1)
def flag_names() -> tuple[str, ...]:
    """All flags: a category of the vocabulary inside a block, on its container, near it, on any ancestor; a tag."""
    return tuple(
        source + name for source in _FLAG_SOURCES for name in (containers.TAGS if source == "in_" else category_names())
    )


@lru_cache(maxsize=8)
def _flag_places(flags: tuple[str, ...]) -> tuple[Index, Index]:
    """Row of the bits and the bit of each flag, as a mask."""
    known: dict[str, tuple[int, int]] = {}
    for row, source in enumerate(_FLAG_SOURCES):
        for k, name in enumerate(containers.TAGS if source == "in_" else category_names()):
            known[source + name] = row, k
    found = [known[flag] for flag in flags]
    return np.asarray([row for row, _ in found], np.int64), np.asarray([1 << k for _, k in found], np.int64)[:, None]


@lru_cache(maxsize=1)
def _share_masks() -> Index:
    return np.asarray([bit(name) for name in _SHARES], np.int64)[:, None]


@lru_cache(maxsize=1)
def _char_classes() -> Index:
    """Class of each code point of the basic plane, 0 for none."""
    table = np.zeros(0x10000, np.int64)
    for code in range(0x10000):
        char = chr(code)
        if char.isspace():
            table[code] = _SPACE
        elif 0x3040 <= code <= 0x30FF or 0x3400 <= code <= 0x9FFF or 0xAC00 <= code <= 0xD7AF:
            table[code] = _CJK
        elif char.isupper():
            table[code] = _UPPER
        elif char.isalpha():
            table[code] = 2
        elif char.isdigit():
            table[code] = _DIGIT
    for index, chars in (
        (_SENTENCE, ".!?;:。！？；…۔।"),
        (_COMMA, ",，、、"),
        (_SEPARATOR, "|»›•·>/«‹→←↑#@*+©®™"),
        (_CURRENCY, "$€£¥%"),
    ):
        for char in chars:
            table[ord(char)] = index
    return table


@lru_cache(maxsize=1)
def _ends() -> NDArray[np.uint8]:
    """What a last code point says of its block."""
    table = np.zeros(0x10000, np.uint8)
    for value, chars in ((_ENDS_SENTENCE, '.!?。！？”"…'), (_ENDS_COLON, ":："), (_ENDS_MORE, "…»›→>")):
        for char in chars:
            table[ord(char)] |= value
    return table


@dataclass(slots=True)
class Layout:
    """What the second model and the rules read of a page's arrays."""

    chars: Vector
    kind: NDArray[np.uint8]
    links: NDArray[np.int64]
    """Linked characters of each block."""
    bits: Index
    """Vocabulary bits of each block's container."""
    around: Index
    """The same with those of the container's parent."""
    hidden: NDArray[np.bool_]
    above: Index
    """Each block's container and its ancestors, levels × blocks."""
    start: Index
    end: Index
    group: Index


def measure(page: Page, flags: tuple[str, ...] | None = None) -> tuple[Matrix, list[str], Layout]:
    """Feature matrix (features × blocks), its row names, and the layout it was computed from.

    The rows are `NAMES` and the named flags, all of them without `flags`.
    """
    if flags is None:
        flags = flag_names()
    n = len(page.text)
    out = np.empty((len(NAMES) + len(flags), n), np.float32)
    ints = np.frombuffer(array("q", [*page.container, *page.link_chars, *page.num_links, *page.inner_bits]), np.int64)
    at, links, num_links, inner = ints.reshape(4, n)
    chars = np.fromiter(map(len, page.text), np.float32, n)
    kind = np.frombuffer(bytes(page.kind), np.uint8)
    level = np.frombuffer(bytes(page.level), np.uint8)
    own = out[: len(_OWN)]
    words, punctuation = _own(own, page, chars, links, num_links, kind, level)
    link = own[5]
    is_heading = own[_OWN.index("kind_h")]
    good = _good(chars, link, punctuation, words, kind)
    sums = np.zeros((5, n + 1))
    np.cumsum(np.stack((chars, link * chars, good, punctuation, is_heading)), axis=1, out=sums[:, 1:])
    low = len(_OWN)
    _around(out[low : low + len(_AROUND)], own[[0, 5, 7, _OWN.index("kind_h")]], sums)
    low += len(_AROUND)
    first = _place(out[low : low + len(_PLACE)], good, sums, level)
    low += len(_PLACE)
    places = containers.measure(page, at, sums, out[len(NAMES) - len(containers.NAMES) : len(NAMES)])
    out[low : low + len(_PAGE)] = _page(page, chars, good, sums, first, places.inherited[at])[:, None]
    bits = places.bits.take(places.above[:3])
    near = bits[0] | bits[1]
    flag_rows, masks = _flag_places(flags)
    inherited = places.inherited.take(at)
    held = np.stack((inner, bits[0], near | bits[2], inherited, places.tags.take(at))).take(flag_rows, axis=0)
    held &= masks
    out[len(NAMES) :] = held != 0
    layout = Layout(
        chars,
        kind,
        links,
        bits[0],
        near,
        places.hidden.take(at),
        places.above,
        places.start,
        places.end,
        places.group,
    )
    return out, [*NAMES, *flags], layout


def _good(chars: Vector, link: Vector, punctuation: Vector, words: Vector, kind: NDArray[np.uint8]) -> Vector:
    """Characters of a block that look like running text, the mass that finds the page's main container."""
    prose = (punctuation >= 1) & (words >= 8) | (kind == PRE) | (kind == TABLE) | (kind == MATH)
    mass: Vector = np.where(prose, np.minimum(chars, 1000) * np.maximum(0, 1 - 1.5 * link), 0).astype(np.float32)
    return mass


def _own(
    out: Matrix,
    page: Page,
    chars: Vector,
    links: Index,
    num_links: Index,
    kind: NDArray[np.uint8],
    level: NDArray[np.uint8],
) -> tuple[Vector, Vector]:
    """Fill the rows of `_OWN`; returns the words and the punctuation marks of each block."""
    n = len(chars)
    texts = page.text
    if chars.max() > MAX_CHARS:  # its end is kept: what a block ends with is read
        texts = [text if len(text) <= MAX_CHARS else text[: MAX_CHARS - 3] + text[-3:] for text in texts]
    codes = np.frombuffer("\n".join(texts).encode("utf-32-le", "replace"), np.uint32)
    counted = np.minimum(chars, MAX_CHARS)
    sizes = counted.astype(np.int64) + 1
    last = np.cumsum(sizes) - 2
    keys = np.repeat(np.arange(0, n * _NUM_CLASSES, _NUM_CLASSES), sizes)[:-1]
    keys += _char_classes().take(codes, mode="clip")
    counts = np.bincount(keys, minlength=n * _NUM_CLASSES).reshape(n, _NUM_CLASSES).T.astype(np.float32)
    words: Vector = counts[_SPACE] + 1 + counts[_CJK] * np.float32(0.6)
    punctuation: Vector = counts[_SENTENCE] + counts[_COMMA]
    out[0], out[1], out[2], out[3], out[4] = chars, words, num_links, counts[_SENTENCE], counts[_COMMA]
    np.log1p(out[:5], out=out[:5])
    np.divide(links, np.maximum(chars, 1), out=out[5], casting="same_kind")
    np.minimum(counted / words, 30, out=out[6])
    np.divide(punctuation, words, out=out[7])
    np.divide(counts[[_UPPER, _DIGIT, _SEPARATOR, _CURRENCY, _CJK]], np.maximum(counted, 1), out=out[8:13])
    ends = _ends().take(codes[last], mode="clip")
    dotted = (sizes > 3) & (codes.take([last, last - 1, last - 2], mode="clip") == _FULL_STOP).all(axis=0)
    out[13], out[14], out[15] = ends & _ENDS_SENTENCE, ends & _ENDS_COLON != 0, (ends & _ENDS_MORE != 0) | dotted
    out[16:23] = kind == np.arange(1, 8, dtype=np.uint8)[:, None]
    out[23] = level
    depths = [0 if frame is None else -frame.depth if frame.marker == "> " else frame.depth for frame in page.frame]
    depth = np.fromiter(depths, np.float32, n)
    np.minimum(np.abs(depth), 6, out=out[24])
    out[25] = depth < 0
    out[26] = 0
    for i in np.flatnonzero(kind == HEADING).tolist():
        if page.repeats_title(i):
            out[26, i] = 1
    seen = Counter(page.text)
    out[27] = np.minimum(np.fromiter(map(seen.__getitem__, page.text), np.float32, n), 5) if len(seen) < n else 1
    return words, punctuation


def _around(out: Matrix, own: Matrix, sums: Sums) -> None:
    """Rows of `_AROUND`: what stands beside each block, and the running text of windows around it."""
    n = own.shape[1]
    padded = np.zeros((4, n + 4), np.float32)
    padded[:, 2:-2] = own
    for k, by in enumerate(_SHIFTS):
        out[4 * k : 4 * k + 4] = padded[:, 2 - by : 2 - by + n]
    total = np.zeros((2, n + 1 + 2 * _EDGE))
    total[:, _EDGE : _EDGE + n + 1] = sums[2::-2]  # good, chars
    total[:, _EDGE + n + 1 :] = sums[2::-2, -1:]
    good, windows = sums[2], out[16:]
    for k, reach in enumerate(REACHES):
        before, after = total[:, _EDGE - reach : _EDGE - reach + n], total[:, _EDGE + reach + 1 :][:, :n]
        windows[k] = good[:-1] - before[0]
        windows[2 + k] = after[0] - good[1:]
        inside = after - before
        windows[4 + k] = inside[0] / np.maximum(inside[1], 1)
    np.log1p(windows[:4], out=windows[:4])


def _place(out: Matrix, good: Vector, sums: Sums, level: NDArray[np.uint8]) -> Index:
    """Rows of `_PLACE`: where a block stands on the page; returns the first-level headings."""
    n = len(good)
    rows = np.arange(n)
    out[0] = rows / max(1, n - 1)
    out[1] = sums[2, :-1] / max(sums[2, -1], 1)
    out[2] = sums[0, :-1] / max(sums[0, -1], 1)
    is_good = good > 80
    previous = np.maximum.accumulate(np.where(is_good, rows, -100))
    following = np.minimum.accumulate(np.where(is_good, rows, n + 100)[::-1])[::-1]
    np.minimum(rows - previous, 50, out=out[3], casting="same_kind")
    np.minimum(following - rows, 50, out=out[4], casting="same_kind")
    first = np.flatnonzero(level == 1)
    out[5] = np.minimum(np.maximum(rows - first[0], -20), 100) if len(first) else -30
    return first


def _page(page: Page, chars: Vector, good: Vector, sums: Sums, first: Index, bits: Index) -> Vector:
    """Values of `_PAGE`, the same for all blocks."""
    num_chars, linked, num_good = sums[0, -1], sums[1, -1], sums[2, -1]
    floor = max(num_chars, 1.0)
    values = [
        np.log1p(len(chars)),
        np.log1p(num_good),
        num_good / floor,
        linked / floor,
        np.log1p(np.count_nonzero(good > 80)),
        min(len(first), 5),
    ]
    values += [page.signals >> k & 1 for k in range(len(SIGNALS))]
    held = (bits & _share_masks()) != 0
    shares = held @ np.stack((chars, good), axis=1) / np.asarray([floor, max(num_good, 1.0)])
    return np.concatenate([values, shares.ravel()]).astype(np.float32)
