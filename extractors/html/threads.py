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
from extractors.html.page import HEADING, PRE, Page
from extractors.html.vocabulary import bit

MIN_POSTS = 2
"""Like containers that are a thread, inclusive."""
MIN_COVER = 0.6
"""Share of the kept text that lies in the bodies, inclusive."""
MIN_SHARE = 0.5
"""Share of the bodies' text that the model keeps, inclusive. Out of fold 0.5 finds 0.943 of the posts, 0.7 0.920."""
COUNTED_CHARS = 300
"""Characters of one block that count: the first post is often as long as all others."""
MAX_QUOTES = 100
"""Quoted blocks that are looked for on the page; each look-up reads all of it."""
MIN_REPEATED_CHARS = 40
"""A post that repeats another with fewer characters may be one of many that say thanks."""
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
    """`kept`, on pages of threads with the title and the blocks of posts that the model missed."""
    if not page.signals & signals.FORUM:
        return kept
    if signals.kind_of(page.signals, page.num_posts(), page.kind.count(PRE)) != "forum":
        return kept
    bodies = _bodies(page, kept, never)
    title = _title(page, kept)
    if title >= 0:
        kept = kept.copy()
        kept[title] = not never[title]
    if not bodies:
        return kept
    part = np.asarray(_parts(page, bodies))[np.asarray(page.container)]
    found: Mask = kept | (part == _BODY)
    posted = {text for text, of in zip(page.text, part.tolist(), strict=True) if of == _BODY}
    for i in np.flatnonzero(kept & (part == 0)).tolist():
        found[i] = page.text[i] not in posted or page.kind[i] == HEADING
    quoted = np.flatnonzero((part == _QUOTE) & ~kept).tolist()
    if quoted:
        said = "\n".join(text for text, of in zip(page.text, part.tolist(), strict=True) if of == _BODY)
        for i in quoted[:MAX_QUOTES]:
            found[i] = page.text[i] not in said
    found &= kept | ~never
    ends = _ends(page)
    for body in _repeated(page, bodies, ends):
        found[page.start[body] : ends[body]] = False
    return found


def _ends(page: Page) -> list[int]:
    """Ends of the containers; those that a time limit left open end with the page."""
    return [len(page.text) if end < 0 else end for end in page.end]


def _repeated(page: Page, bodies: set[int], ends: list[int]) -> list[int]:
    """Bodies with the text of an earlier one: a preview of the post, or its copy for another layout."""
    seen: set[str] = set()
    repeated: list[int] = []
    for body in sorted(bodies):
        said = "\n".join(page.text[page.start[body] : ends[body]])
        if said in seen and len(said) >= MIN_REPEATED_CHARS:
            repeated.append(body)
        seen.add(said)
    return repeated


def _title(page: Page, kept: Mask) -> int:
    """The heading before the kept text that repeats the page's title, or is of the first level; -1: none, or kept."""
    title = page.title.lower()
    first = int(kept.argmax()) if kept.any() else 0
    if page.level[first : first + 1] == [1]:
        return -1
    for i in range(first - 1, -1, -1):
        if page.kind[i] == HEADING and (
            page.level[i] == 1 or (len(page.text[i]) > 7 and page.text[i].lower() in title)
        ):
            return i
    return -1


def _bodies(page: Page, kept: Mask, never: Mask) -> set[int]:
    """The bodies of the posts; empty where there are none."""
    weight = np.minimum(np.fromiter(map(len, page.text), np.float64, len(page.text)), COUNTED_CHARS) + 10
    weight[never] = 0
    whole = np.concatenate([[0.0], np.cumsum(weight)]).tolist()
    found = np.concatenate([[0.0], np.cumsum(weight * kept)]).tolist()
    ends = _ends(page)
    best, bodies = MIN_SHARE, list[int]()
    for group in _groups(page, ends):
        if len(group) < MIN_POSTS:
            continue
        here = sum(found[ends[c]] - found[page.start[c]] for c in group)
        total = sum(whole[ends[c]] - whole[page.start[c]] for c in group)
        if here >= MIN_COVER * found[-1] and here >= best * max(total, 1.0):
            best, bodies = here / max(total, 1.0), group
    return set(bodies)


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
