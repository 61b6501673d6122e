"""Posts of one thread are all text or none.

The model judges block by block and gives up short posts ("Thanks, that was it."). The bodies of a thread's posts are
the containers of one tag and class that hold most of the kept text, the purest such kind; all of them are kept, but
for quotes of what stands on the page anyway. Linear in the page; blind to threads whose posts share no class.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from extractors.html import signals
from extractors.html.page import PRE, Page
from extractors.html.vocabulary import bit

MIN_POSTS = 2
"""Like containers that are a thread, inclusive."""
MIN_COVER = 0.6
"""Share of the kept text that lies in the bodies, inclusive."""
MIN_SHARE = 0.5
"""Share of the bodies' text that the model keeps, inclusive. Out of fold 0.5 finds 0.943 of the posts, 0.7 0.920."""
COUNTED_CHARS = 300
"""Characters of one block that count: the first post is often as long as all others."""
MAX_QUOTES = 200
"""Quoted blocks that are looked for on the page; each look-up reads all of it."""
_DIGITS = re.compile(r"\d+")
_POST = ("thread", "content", "comment")
_NOT_POST = (
    "postuser",
    "signature",
    "share",
    "vote",
    "button",
    "pagination",
    "login",
    "nav",
    "related",
    "copyright",
    "ad",
)
"""Inside a post's body but no part of it."""
_BODY, _QUOTE = 1, 2

Mask = NDArray[np.bool_]


def completed(page: Page, kept: Mask, never: Mask) -> Mask:
    """`kept`, on pages of threads with the blocks of posts that the model missed."""
    if not page.signals & signals.FORUM:
        return kept
    if signals.kind_of(page.signals, page.num_posts(), page.kind.count(PRE)) != "forum":
        return kept
    bodies = _bodies(page, kept, never)
    if not bodies:
        return kept
    part = np.asarray(_parts(page, bodies))[np.asarray(page.container)]
    found: Mask = kept | (part == _BODY)
    quoted = np.flatnonzero((part == _QUOTE) & ~kept).tolist()
    if quoted:
        said = "\n".join(text for text, of in zip(page.text, part.tolist(), strict=True) if of == _BODY)
        for i in quoted[:MAX_QUOTES]:
            found[i] = page.text[i] not in said
    found &= kept | ~never
    return found


def _bodies(page: Page, kept: Mask, never: Mask) -> set[int]:
    """The bodies of the posts; empty where there are none or nothing is missing."""
    weight = np.minimum(np.fromiter(map(len, page.text), np.float64, len(page.text)), COUNTED_CHARS) + 10
    weight[never] = 0
    whole = np.concatenate([[0.0], np.cumsum(weight)]).tolist()
    found = np.concatenate([[0.0], np.cumsum(weight * kept)]).tolist()
    size = len(page.text)
    ends = [size if end < 0 else end for end in page.end]
    best, bodies = MIN_SHARE, list[int]()
    for group in _groups(page, ends):
        if len(group) < MIN_POSTS:
            continue
        here = sum(found[ends[c]] - found[page.start[c]] for c in group)
        total = sum(whole[ends[c]] - whole[page.start[c]] for c in group)
        if here >= MIN_COVER * found[-1] and here >= best * max(total, 1.0):
            best, bodies = here / max(total, 1.0), group
    return set(bodies) if best < 1 else set()


def _groups(page: Page, ends: list[int]) -> list[list[int]]:
    """Containers of text by tag, parent's tag and first class word without its numbers; not one inside another."""
    of_post = sum(bit(name) for name in _POST)
    groups: dict[tuple[str, str, str], list[int]] = {}
    for c, bits in enumerate(page.bits):
        if not bits & of_post:
            continue
        words = page.name[c].split(None, 1)
        css = _DIGITS.sub("", words[0]) if words else ""
        group = groups.setdefault((page.tag[c], css, page.tag[page.parent[c]]), [])
        if not group or page.start[c] >= ends[group[-1]]:
            group.append(c)
    return list(groups.values())


def _parts(page: Page, bodies: set[int]) -> list[int]:
    """For each container whether it is part of a body, part of a quote in one, or neither (0)."""
    other, quote = sum(bit(name) for name in _NOT_POST), bit("quote")
    parts: list[int] = []
    for c, (bits, parent) in enumerate(zip(page.bits, page.parent, strict=True)):
        part = _BODY if c in bodies else parts[parent] if parent >= 0 else 0
        if part == _BODY and c not in bodies:
            part = 0 if bits & other else _QUOTE if bits & quote or page.tag[c] == "blockquote" else part
        elif part == _QUOTE and bits & other:
            part = 0
        parts.append(part)
    return parts
