"""What the containers around a block say of it: their text, their like on the page, the one that holds the article."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from itertools import count, repeat

import numpy as np
from numpy.typing import NDArray

from extractors.html.page import Page

Index = NDArray[np.int64]
Sums = NDArray[np.float64]

LEVELS = 5
"""Ancestors whose own measures a block sees."""
MAIN_SHARES = (0.5, 0.8)
"""Shares of the page's running text that a main container holds."""
TAGS = (
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
_TAG_BITS = {tag: 1 << k for k, tag in enumerate(TAGS)}
_LEVEL_NAMES = (
    "log_chars",
    "blocks",
    "repeats",
    "repeat_good",
    "inputs",
    "link_density",
    "good_share",
    "good_ratio",
    "headings",
)
_MAIN_NAMES = ("within", "before", "after", "depth_below", "link_density", "share_of_page")
NAMES = [
    "hidden",
    "depth",
    *(f"up{level}_{name}" for name in _LEVEL_NAMES for level in range(LEVELS)),
    *(f"main{int(share * 100)}_{name}" for name in _MAIN_NAMES for share in MAIN_SHARES),
]


@dataclass(slots=True)
class Places:
    """A page's containers as arrays."""

    bits: Index
    inherited: Index
    """Vocabulary bits of a container and its ancestors below the root."""
    tags: Index
    """Bits of `TAGS`, the same way."""
    hidden: NDArray[np.bool_]
    above: Index
    """Each block's container and its ancestors, levels × blocks."""
    start: Index
    end: Index
    group: Index
    """Containers of one tag and class below one tag share a number."""


def measure(page: Page, at: Index, sums: Sums, out: NDArray[np.float32]) -> Places:
    """Fill the rows of `NAMES` from prefix sums over blocks (chars, linked, good, punctuation, headings)."""
    size = len(page.parent)
    n = len(at)
    ints = np.frombuffer(
        array("q", [*page.parent, *page.bits, *page.start, *page.end, *page.num_inputs]), np.int64
    ).reshape(5, size)
    parent, bits, start, end, inputs = ints
    up = np.maximum(parent, 0)
    above = np.empty((LEVELS, n), np.int64)
    above[0] = at
    for level in range(1, LEVELS):
        up.take(above[level - 1], out=above[level])
    tags = np.fromiter(map(_TAG_BITS.get, page.tag, repeat(0)), np.int64, size)
    inherited, depth = _inherited(np.stack((bits, tags)), up)
    hidden = np.frombuffer(bytes(page.hidden), np.bool_)
    out[0] = hidden[at]
    np.minimum(depth.take(at), 40, out=out[1], casting="same_kind")
    inside = sums.take(end, axis=1) - sums.take(start, axis=1)
    chars, linked, good, _, headings = inside
    blocks = end - start
    group, repeats, repeat_good = _repeats(page, good)
    table = np.empty((len(_LEVEL_NAMES), size), np.float32)
    table[0], table[1], table[2], table[3], table[4] = chars, blocks, repeats, repeat_good, inputs
    np.log1p(table[:5], out=table[:5])
    floor = np.maximum(chars, 1)
    density = linked / floor
    table[5], table[6], table[7] = density, good / max(good[0], 1.0), good / floor
    table[8] = headings / np.maximum(blocks, 1)
    levels = len(_LEVEL_NAMES) * LEVELS
    out[2 : 2 + levels] = table.take(above.ravel(), axis=1).reshape(levels, n)
    _main(out[2 + levels :], depth, at, start, end, good, density, chars)
    return Places(bits, inherited[0], inherited[1], hidden, above, start, end, group)


def _inherited(own: Index, up: Index) -> tuple[Index, Index]:
    """Bits of each container and its ancestors below the root, and its depth, by doubling the step up the tree."""
    bits = own.copy()
    bits[:, 0] = 0
    depth = np.ones(len(up), np.int64)
    depth[0] = 0
    step = up
    while step.any():
        bits |= bits.take(step, axis=1)
        depth += depth.take(step)
        step = step.take(step)
    bits[:, 0] = own[:, 0]
    return bits, depth


def _repeats(page: Page, good: Sums) -> tuple[Index, Index, Sums]:
    """For each container its group (same parent tag, tag and class), the group's size and mean mass."""
    tags = page.tag
    css = [name.partition(" ")[0] for name in page.name]
    above = [tags[parent] for parent in page.parent]
    keys: dict[tuple[str, str, str], int] = {}
    group = np.fromiter(map(keys.setdefault, zip(tags, css, above, strict=True), count()), np.int64, len(tags))
    sizes = np.bincount(group)
    mass = np.bincount(group, weights=good) / np.maximum(sizes, 1)
    return group, sizes.take(group), mass.take(group)


def _main(
    out: NDArray[np.float32],
    depth: Index,
    at: Index,
    start: Index,
    end: Index,
    good: Sums,
    density: Sums,
    chars: Sums,
) -> None:
    """The smallest container with most of the running text, and how far each block stands from it."""
    num = len(MAIN_SHARES)
    least = np.asarray(MAIN_SHARES)[:, None] * max(good[0], 1e-9)
    main = np.where(good >= least, depth, -1).argmax(axis=1)
    rows = np.arange(len(at))
    low, high = start[main][:, None], end[main][:, None]
    before, after = low - rows, rows - high + 1
    within = (before <= 0) & (after <= 0)
    out[:num] = within
    out[num : 2 * num], out[2 * num : 3 * num] = before, after
    away = out[num : 3 * num]
    np.maximum(away, 0, out=away)
    np.minimum(away, 60, out=away)
    below = np.minimum(depth.take(at) - depth[main][:, None], 20)
    out[3 * num : 4 * num] = (below + 1) * within - 1
    out[4 * num : 5 * num] = density[main][:, None]
    out[5 * num :] = (chars[main] / max(chars[0], 1))[:, None]
