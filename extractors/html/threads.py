"""Posts of one thread are all text or none.

The model judges block by block and gives up short posts ("Thanks, that was it."). The bodies of a thread's posts are
the containers of one tag and class that hold most of the kept text, the purest such kind; all of them are kept, but
for repeats and quotes of what stands there anyway. Linear in the page; blind to threads whose posts share no class.
"""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from extractors.html import signals
from extractors.html.page import HEADING, Page
from extractors.html.vocabulary import bit

MIN_POSTS = 2
"""Like containers that are a thread, inclusive."""
MIN_COVER = 0.6
"""Share of the kept text that lies in the bodies, inclusive."""
MIN_SHARE = 0.5
"""Share of the bodies' text that the model keeps, inclusive. Out of fold 0.5 found 0.943 of the posts, 0.7 0.920."""
COUNTED_CHARS = 300
"""Characters of one block that count: the first post is often as long as all others."""
MAX_QUOTES = 100
"""Quotes that are looked for on the page; each look-up reads all of it."""
MIN_REPEATED_CHARS = 40
"""A post that repeats another with fewer characters may be one of many that say thanks."""
MIN_SUBJECT_CHARS = 6
"""A shorter title may be a word of a heading that says something else."""
_REPLY = re.compile(r"^(?:(?:re|aw|antw|sv|odp|vs|回复|回覆|答复|ответ|отв)\s*[:：]\s*)+", re.I)
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
_BODY, _QUOTE, _OTHER = 1, 2, 3

Mask = NDArray[np.bool_]


def completed(page: Page, kept: Mask, never: Mask) -> tuple[Mask, Mask]:
    """On pages of threads `kept` with the title and the blocks of posts that the model missed; elsewhere as it is.

    And `never` with what stands inside a post but is none of it, where the model did not keep it.
    """
    if not page.signals & signals.FORUM:
        return kept, never
    if signals.kind_of(page) != "forum":
        return kept, never
    bodies = _bodies(page, kept, never)
    title = _title(page, kept)
    if title >= 0:
        kept = kept.copy()
        kept[title] = not never[title]
    if not bodies:
        return kept, never
    parts, quotes = _parts(page, bodies)
    part = np.asarray(parts)[np.asarray(page.container)]
    found: Mask = kept | (part == _BODY) | (part == _QUOTE)
    own = [text for text, of in zip(page.text, part.tolist(), strict=True) if of == _BODY]
    posted = set(own)
    for i in np.flatnonzero(kept & (part == 0)).tolist():
        found[i] = page.text[i] not in posted or page.kind[i] == HEADING
    said = "\n".join(own) if quotes else ""
    for quote in quotes[:MAX_QUOTES]:
        inside = range(page.start[quote], page.end[quote])
        longest = max(inside, key=lambda i: len(page.text[i]), default=-1)
        if longest >= 0 and not kept[longest] and page.text[longest] in said:
            found[page.start[quote] : page.end[quote]] = False
    found &= kept | ~never
    for body in _repeated(page, bodies):
        found[page.start[body] : page.end[body]] = False
    return found, never | ((part == _OTHER) & ~kept)


def _repeated(page: Page, bodies: set[int]) -> list[int]:
    """Bodies with the text of an earlier one: a preview of the post, or its copy for another layout."""
    seen: set[str] = set()
    repeated: list[int] = []
    for body in sorted(bodies):
        said = "\n".join(page.text[page.start[body] : page.end[body]])
        if said in seen and len(said) >= MIN_REPEATED_CHARS:
            repeated.append(body)
        seen.add(said)
    return repeated


def _title(page: Page, kept: Mask) -> int:
    """The heading before the kept text that repeats the page's title, or is of the first level; -1: none, or kept."""
    first = int(kept.argmax()) if kept.any() else 0
    if page.level[first : first + 1] == [1]:
        return -1
    for i in range(first - 1, -1, -1):
        if page.kind[i] == HEADING and (page.level[i] == 1 or page.repeats_title(i)):
            return i
    return -1


def titled_once(page: Page, kept: list[int]) -> list[int]:
    """`kept` without headings of posts that say the thread's title again ("Re: Slugs on the kale")."""
    headings = [i for i in kept if page.kind[i] == HEADING]
    title = _subject(page.text[headings[0]]) if headings else ""
    if len(title) < MIN_SUBJECT_CHARS:
        return kept
    again = {i for i in headings[1:] if _REPLY.match(page.text[i]) and _subject(page.text[i]) == title}
    return [i for i in kept if i not in again] if again else kept


def _subject(heading: str) -> str:
    return _REPLY.sub("", heading).strip().lower()


def _bodies(page: Page, kept: Mask, never: Mask) -> set[int]:
    """The bodies of the posts; empty where there are none."""
    weight = np.minimum(np.fromiter(map(len, page.text), np.float64, len(page.text)), COUNTED_CHARS) + 10
    weight[never] = 0
    whole = np.concatenate([[0.0], np.cumsum(weight)]).tolist()
    found = np.concatenate([[0.0], np.cumsum(weight * kept)]).tolist()
    best, bodies = MIN_SHARE, list[int]()
    for group in _groups(page):
        if len(group) < MIN_POSTS:
            continue
        here = sum(found[page.end[c]] - found[page.start[c]] for c in group)
        total = sum(whole[page.end[c]] - whole[page.start[c]] for c in group)
        if here >= MIN_COVER * found[-1] and here >= best * max(total, 1.0):
            best, bodies = here / max(total, 1.0), group
    return set(bodies)


def _groups(page: Page) -> list[list[int]]:
    """Containers of text by tag, class and parent's tag; not one inside another, none in a signature."""
    of_post, signature = sum(bit(name) for name in _POST), bit("signature")
    groups: dict[tuple[str, str, str], list[int]] = {}
    tags, names, parents, start = page.tag, page.name, page.parent, page.start
    for c, bits in enumerate(page.bits):
        parent = parents[c]
        if bits & of_post and not page.bits[parent] & signature:
            group = groups.setdefault((tags[c], _kind(names[c]), tags[parent]), [])
            if not group or start[c] >= page.end[group[-1]]:
                group.append(c)
    return list(groups.values())


@lru_cache(maxsize=4096)
def _kind(name: str) -> str:
    """First word of a class or id without its numbers: what all posts share."""
    words = name.split(None, 1)
    return _DIGITS.sub("", words[0]) if words else ""


def _parts(page: Page, bodies: set[int]) -> tuple[list[int], list[int]]:
    """For each container whether it is part of a body, of a quote in one, of something else in one, or of none (0).

    And the outermost containers of quotes.
    """
    other, quote = sum(bit(name) for name in _NOT_POST), bit("quote")
    parts: list[int] = []
    quotes: list[int] = []
    for c, (bits, parent) in enumerate(zip(page.bits, page.parent, strict=True)):
        part = _BODY if c in bodies else parts[parent] if parent >= 0 else 0
        if part in (_BODY, _QUOTE) and c not in bodies and bits & other:
            part = _OTHER
        elif part == _BODY and c not in bodies and (bits & quote or page.tag[c] == "blockquote"):
            part = _QUOTE
            quotes.append(c)
        parts.append(part)
    return parts, quotes
