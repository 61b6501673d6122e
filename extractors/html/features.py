"""Blocks and containers → the columns the model reads.

One row per block: its own text, its neighbours, the containers around it and the page. All counts come from one pass
of numpy over the joined text and prefix sums over blocks, so the cost is near that of the text's length.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from extractors.html.page import HEADING, KIND_NAMES, MATH, PRE, TABLE, Frame, Page
from extractors.html.signals import NAMES as SIGNALS
from extractors.html.vocabulary import bit, category_names

Matrix = NDArray[np.float32]
Vector = NDArray[np.float32]
Index = NDArray[np.int64]

MAX_CHARS = 2000
"""Characters of one block that are counted; more say nothing new."""
LEVELS = 5
"""Ancestors whose own measures a block sees."""
_CLASSES = ("space", "lower", "upper", "digit", "sentence", "comma", "separator", "currency", "cjk")
_TAGS = (
    "nav",
    "aside",
    "footer",
    "header",
    "form",
    "main",
    "article",
    "li",
    "td",
    "figure",
    "dl",
    "section",
    "button",
    "table",
    "details",
    "ul",
    "blockquote",
)

_TAG_BITS = {tag: 1 << k for k, tag in enumerate(_TAGS)}


@lru_cache(maxsize=1)
def _char_classes() -> NDArray[np.uint8]:
    """Class of each code point of the basic plane, 0 for none."""
    table = np.zeros(0x10000, np.uint8)
    for code in range(0x10000):
        char = chr(code)
        if char.isspace():
            table[code] = 1
        elif 0x3040 <= code <= 0x30FF or 0x3400 <= code <= 0x9FFF or 0xAC00 <= code <= 0xD7AF:
            table[code] = 9
        elif char.isupper():
            table[code] = 3
        elif char.isalpha():
            table[code] = 2
        elif char.isdigit():
            table[code] = 4
    for index, chars in ((5, ".!?;:。！？；…۔।"), (6, ",，、、"), (7, "|»›•·>/«‹→←↑#@*+©®™"), (8, "$€£¥%")):
        for char in chars:
            table[ord(char)] = index
    return table


def _counts(page: Page) -> Matrix:
    """Characters of each class per block (n × classes)."""
    texts = [text if len(text) <= MAX_CHARS else text[:MAX_CHARS] for text in page.text]
    codes = np.frombuffer("\n".join(texts).encode("utf-32-le", "replace"), np.uint32)
    classes = _char_classes()[np.minimum(codes, 0xFFFF)]
    sizes = np.fromiter(map(len, texts), np.int64, len(texts))
    starts = np.zeros(len(texts), np.int64)
    np.cumsum(sizes[:-1] + 1, out=starts[1:])
    columns = [
        np.add.reduceat((classes == k).view(np.uint8), starts, dtype=np.int32) for k in range(1, len(_CLASSES) + 1)
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def shift(values: Vector, by: int) -> Vector:
    """`values` moved by that many blocks, zeros at the end that opens."""
    out = np.zeros_like(values)
    if by > 0:
        out[by:] = values[:-by]
    elif by < 0:
        out[:by] = values[-by:]
    return out


class Measured:
    """Columns of one page as rows of a matrix; with `wanted`, only those, in that order."""

    def __init__(self, page: Page, wanted: dict[str, int] | None) -> None:
        self.page = page
        self.size = len(page.text)
        self.wanted = wanted
        self.names: list[str] = [] if wanted is None else list(wanted)
        self.columns: list[Matrix] = []
        self.out = np.zeros((len(wanted) if wanted else 0, self.size), np.float32)

    def put(self, name: str, values: Any) -> None:
        """Store one column: an array, or a number that holds for all blocks."""
        if self.wanted is None:
            self.names.append(name)
            self.columns.append(np.broadcast_to(np.asarray(values, np.float32), (self.size,)))
        else:
            place = self.wanted.get(name)
            if place is not None:
                self.out[place] = values

    def put_flags(self, prefix: str, names: list[str], bits: NDArray[np.int64]) -> None:
        """Store one column per bit."""
        for k, name in enumerate(names):
            name = prefix + name
            if self.wanted is None or name in self.wanted:
                self.put(name, (bits >> k) & 1)

    def matrix(self) -> Matrix:
        """Features × blocks."""
        return self.out if self.wanted is not None else np.stack(self.columns)


@dataclass(slots=True)
class Layout:
    """What the second model reads of a page's arrays."""

    chars: Vector
    at: Index
    up: Index
    start: Index
    end: Index
    group: Index


def measure(page: Page, wanted: dict[str, int] | None = None) -> tuple[Matrix, list[str], Layout]:
    """Feature matrix (features × blocks), its row names, and the layout it was computed from."""
    m = Measured(page, wanted)
    n = m.size
    chars = np.fromiter(map(len, page.text), np.float32, n)
    counts = _counts(page)
    counted = np.minimum(chars, MAX_CHARS)
    words = (counts[:, 0] + 1 + counts[:, 8] * 0.6).astype(np.float32)
    link = (np.asarray(page.link_chars, np.float32) / np.maximum(chars, 1)).astype(np.float32)
    punctuation = counts[:, 4] + counts[:, 5]
    kind = np.asarray(page.kind)
    _own(m, chars, counts, counted, words, link, punctuation, kind)
    good = _good(chars, link, punctuation, words, kind)
    _neighbours(m, chars, words, link, punctuation, kind, good)
    layout = _containers(m, chars, link, punctuation, good, kind)
    return m.matrix(), m.names, layout


def _good(chars: Vector, link: Vector, punctuation: Vector, words: Vector, kind: NDArray[np.int64]) -> Vector:
    """Characters of a block that look like running text, the mass that finds the page's main container."""
    prose = (punctuation >= 1) & (words >= 8) | (kind == PRE) | (kind == TABLE) | (kind == MATH)
    mass: Vector = np.where(prose, np.minimum(chars, 1000) * np.maximum(0, 1 - 1.5 * link), 0).astype(np.float32)
    return mass


def _own(
    m: Measured,
    chars: Vector,
    counts: Matrix,
    counted: Vector,
    words: Vector,
    link: Vector,
    punctuation: Vector,
    kind: NDArray[np.int64],
) -> None:
    page = m.page
    m.put("log_chars", np.log1p(chars))
    m.put("log_words", np.log1p(words))
    m.put("chars_per_word", np.minimum(counted / words, 30))
    m.put("link_density", link)
    m.put("num_links", np.log1p(np.asarray(page.num_links, np.float32)))
    m.put("punctuation_per_word", punctuation / words)
    for k in (2, 3, 6, 7, 8):
        m.put(f"{_CLASSES[k]}_ratio", counts[:, k] / np.maximum(counted, 1))
    m.put("sentences", np.log1p(counts[:, 4]))
    m.put("commas", np.log1p(counts[:, 5]))
    last = [text[-1] for text in page.text]
    m.put("ends_sentence", np.fromiter((c in '.!?。！？”"…' for c in last), np.float32, m.size))
    m.put("ends_colon", np.fromiter((c in ":：" for c in last), np.float32, m.size))
    m.put(
        "ends_more",
        np.fromiter((text.endswith(("…", "...", "»", "›", "→", ">")) for text in page.text), np.float32, m.size),
    )
    for k, name in enumerate(KIND_NAMES[1:8], 1):
        m.put(f"kind_{name}", kind == k)
    m.put("heading_level", np.asarray(page.level))
    frames: list[Frame | None] = page.frame
    m.put("frame_depth", np.fromiter((min(f.depth, 6) if f else 0 for f in frames), np.float32, m.size))
    m.put("in_quote", np.fromiter((f is not None and f.marker == "> " for f in frames), np.float32, m.size))
    categories = category_names()
    m.put_flags("inner_", categories, np.asarray(page.inner_bits, np.int64))
    title = page.title.lower()
    headings = [
        k == HEADING and len(text) > 7 and text.lower() in title for k, text in zip(page.kind, page.text, strict=True)
    ]
    m.put("is_title", np.asarray(headings))
    seen: dict[str, int] = {}
    for text in page.text:
        seen[text] = seen.get(text, 0) + 1
    m.put("copies", np.fromiter((min(seen[t], 5) for t in page.text), np.float32, m.size))


def _neighbours(
    m: Measured, chars: Vector, words: Vector, link: Vector, punctuation: Vector, kind: NDArray[np.int64], good: Vector
) -> None:
    n = m.size
    size = np.log1p(chars)
    heading = (kind == HEADING).astype(np.float32)
    for by in (1, 2, -1, -2):
        side = f"{'before' if by > 0 else 'after'}{abs(by)}"
        m.put(f"{side}_log_chars", shift(size, by))
        m.put(f"{side}_link_density", shift(link, by))
        m.put(f"{side}_punctuation", shift(punctuation / words, by))
        m.put(f"{side}_heading", shift(heading, by))
    total = np.concatenate([[0.0], np.cumsum(good, dtype=np.float64)])
    all_chars = np.concatenate([[0.0], np.cumsum(chars, dtype=np.float64)])
    rows = np.arange(n)
    for reach in (3, 8):
        low, high = np.maximum(rows - reach, 0), np.minimum(rows + reach + 1, n)
        m.put(f"good_before{reach}", np.log1p(total[rows] - total[low]))
        m.put(f"good_after{reach}", np.log1p(total[high] - total[np.minimum(rows + 1, n)]))
        m.put(f"good_share{reach}", (total[high] - total[low]) / np.maximum(all_chars[high] - all_chars[low], 1))
    m.put("position", rows / max(1, n - 1))
    m.put("good_so_far", total[:-1] / max(total[-1], 1))
    m.put("chars_so_far", all_chars[:-1] / max(all_chars[-1], 1))
    is_good = good > 80
    index = np.where(is_good, rows, -1)
    previous = np.maximum.accumulate(index)
    following = np.where(is_good, rows, 10**6)[::-1]
    following = np.minimum.accumulate(following)[::-1]
    m.put("since_good", np.minimum(np.where(previous < 0, 50, rows - previous), 50))
    m.put("until_good", np.minimum(np.where(following > n, 50, following - rows), 50))
    level = np.asarray(m.page.level)
    first = np.flatnonzero(level == 1)
    m.put("from_h1", np.clip(rows - first[0], -20, 100) if len(first) else -30)
    m.put("num_blocks", np.log1p(n))
    m.put("page_good", np.log1p(total[-1]))
    m.put("page_good_share", total[-1] / max(all_chars[-1], 1))
    m.put("page_link_density", float((link * chars).sum() / max(all_chars[-1], 1)))
    m.put("page_num_good", np.log1p(is_good.sum()))
    m.put("page_num_h1", min(len(first), 5))


def _containers(
    m: Measured, chars: Vector, link: Vector, punctuation: Vector, good: Vector, kind: NDArray[np.int64]
) -> Layout:
    page = m.page
    parent = np.asarray(page.parent, np.int64)
    own = np.asarray(page.bits, np.int64)
    start, end = np.asarray(page.start, np.int64), np.asarray(page.end, np.int64)
    end = np.where(end < 0, m.size, end)
    at = np.asarray(page.container, np.int64)
    up = np.maximum(parent, 0)
    names = category_names()
    inherited, tags, depth = _inherited(page)
    m.put_flags("own_", names, own[at])
    near = own[at] | own[up[at]] | own[up[up[at]]]
    m.put_flags("near_", names, near)
    m.put_flags("all_", names, inherited[at])
    m.put_flags("in_", list(_TAGS), tags[at])
    m.put("hidden", np.asarray(page.hidden)[at])
    m.put("depth", np.minimum(depth[at], 40))
    sums = {}
    for name, values in (
        ("chars", chars),
        ("link", link * chars),
        ("good", good),
        ("punctuation", punctuation),
        ("heading", kind == HEADING),
    ):
        total = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
        sums[name] = total[end] - total[start]
    blocks = end - start
    members, group, group_good = _repeats(page, sums["good"])
    inputs = np.asarray(page.num_inputs, np.float32)
    page_good = max(sums["good"][0], 1.0)
    here = at
    for level in range(LEVELS):
        prefix = f"up{level}_"
        m.put(prefix + "log_chars", np.log1p(sums["chars"][here]))
        m.put(prefix + "link_density", sums["link"][here] / np.maximum(sums["chars"][here], 1))
        m.put(prefix + "good_share", sums["good"][here] / page_good)
        m.put(prefix + "good_ratio", sums["good"][here] / np.maximum(sums["chars"][here], 1))
        m.put(prefix + "blocks", np.log1p(blocks[here]))
        m.put(prefix + "repeats", np.log1p(group[here]))
        m.put(prefix + "repeat_good", np.log1p(group_good[here]))
        if level:
            m.put(prefix + "inputs", np.log1p(inputs[here]))
            m.put(prefix + "headings", sums["heading"][here] / np.maximum(blocks[here], 1))
        here = up[here]
    _main_container(m, sums, depth, at, start, end)
    _page(m, chars, good, inherited[at])
    return Layout(chars, at, up, start, end, members)


def _page(m: Measured, chars: Vector, good: Vector, bits: NDArray[np.int64]) -> None:
    """What holds for all blocks of the page."""
    for k, name in enumerate(SIGNALS):
        m.put(name, m.page.signals >> k & 1)
    for name in ("thread", "comment", "product", "card", "docs", "postuser", "article", "code", "review"):
        held = (bits & bit(name)) != 0
        m.put(f"page_{name}_share", float(chars[held].sum()) / max(float(chars.sum()), 1))
        m.put(f"page_{name}_good", float(good[held].sum()) / max(float(good.sum()), 1))


def _inherited(page: Page) -> tuple[Index, Index, Index]:
    """Vocabulary bits and tag bits of each container and its ancestors below the root, and its depth."""
    bits: list[int] = []
    tags: list[int] = []
    depth: list[int] = []
    places = _TAG_BITS
    for own, tag, parent in zip(page.bits, page.tag, page.parent, strict=True):
        if parent > 0:
            bits.append(own | bits[parent])
            tags.append(places.get(tag, 0) | tags[parent])
            depth.append(depth[parent] + 1)
        else:
            bits.append(own)
            tags.append(places.get(tag, 0))
            depth.append(parent + 1)
    return np.asarray(bits, np.int64), np.asarray(tags, np.int64), np.asarray(depth, np.int64)


def _repeats(page: Page, good: NDArray[np.float64]) -> tuple[Index, Vector, Vector]:
    """For each container its group (same parent tag, tag and class), the group's size and mean mass."""
    keys: dict[tuple[str, str, str], int] = {}
    tags, names = page.tag, page.name
    numbers = [
        keys.setdefault((tag, name.partition(" ")[0], tags[parent]), len(keys))
        for tag, name, parent in zip(tags, names, page.parent, strict=True)
    ]
    group = np.asarray(numbers, np.int64)
    sizes = np.bincount(group)
    mass = np.bincount(group, weights=good)
    count, mean = sizes[group].astype(np.float32), (mass / np.maximum(sizes, 1))[group].astype(np.float32)
    return group, count, mean


def _main_container(
    m: Measured,
    sums: dict[str, NDArray[np.float64]],
    depth: NDArray[np.int64],
    at: Index,
    start: Index,
    end: Index,
) -> None:
    """The smallest container with most of the running text, and how far each block stands from it."""
    good = sums["good"]
    for share in (0.5, 0.8):
        inside = np.flatnonzero(good >= share * max(good[0], 1e-9))
        main = int(inside[np.argmax(depth[inside])]) if len(inside) else 0
        rows = np.arange(m.size)
        within = (rows >= start[main]) & (rows < end[main])
        name = f"main{int(share * 100)}_"
        m.put(name + "within", within)
        m.put(name + "before", np.minimum(np.maximum(start[main] - rows, 0), 60))
        m.put(name + "after", np.minimum(np.maximum(rows - end[main] + 1, 0), 60))
        m.put(name + "depth_below", np.where(within, np.minimum(depth[at] - depth[main], 20), -1))
        m.put(name + "link_density", sums["link"][main] / max(sums["chars"][main], 1))
        m.put(name + "share_of_page", sums["chars"][main] / max(sums["chars"][0], 1))
