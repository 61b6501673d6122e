"""Readers' comments under an article, found by structure, for callers who want the article alone.

A container named for comments is left out, unless it holds the page's title, or next to nothing would be left: then
the comments are the page. Posts of a forum or Q&A thread are its text and no comments, whatever their class says; a
manual's section about comments or feedback is none either. Blind to comments whose container has another name.
"""

from __future__ import annotations

from extractors.html.page import HEADING, Page
from extractors.html.signals import FORUM
from extractors.html.vocabulary import attribute_bits, bit

MIN_REST_CHARS = 200
"""With less kept text outside the comments they are the page's text."""
MAX_SEPARATORS = 3
"""Hyphens and underscores of a name of comments; more make the slug of a heading."""
_SPARED_KINDS = frozenset({"forum", "documentation", "listing"})
_WHOLE_PAGE = frozenset({"html", "body", "main"})


def without(page: Page, kept: list[int], kind: str) -> list[int]:
    """`kept` less the blocks of readers' comments and the headings that stood over them alone."""
    if kind in _SPARED_KINDS or page.signals & FORUM or not any(bits & bit("comment") for bits in page.bits):
        return kept
    inside = _inside(page)
    rest: list[int] = []
    for k in range(len(kept) - 1, -1, -1):
        i = kept[k]
        if inside[page.container[i]]:
            continue
        over_comments = k + 1 < len(kept) and inside[page.container[kept[k + 1]]]
        ends_section = not rest or page.kind[rest[-1]] == HEADING
        if not (page.level[i] > 1 and over_comments and ends_section):
            rest.append(i)
    rest.reverse()
    return rest if sum(len(page.text[i]) for i in rest) >= MIN_REST_CHARS else kept


def _inside(page: Page) -> list[bool]:
    """For each container whether it lies in one of comments."""
    comment, title = bit("comment"), _title(page)
    inside: list[bool] = []
    for c, (bits, parent) in enumerate(zip(page.bits, page.parent, strict=True)):
        within = parent >= 0 and inside[parent]
        if not within and bits & comment and page.tag[c] not in _WHOLE_PAGE and _is_named(page.name[c]):
            within = not page.start[c] <= title < page.end[c]
        inside.append(within)
    return inside


def _is_named(name: str) -> bool:
    words = (word for word in name.split() if attribute_bits(word) & bit("comment"))
    return any(word.count("-") + word.count("_") <= MAX_SEPARATORS for word in words)


def _title(page: Page) -> int:
    """The first heading that repeats the page's title, or the first of the first level; -1 where there is none."""
    headings = [i for i, kind in enumerate(page.kind) if kind == HEADING]
    return next(filter(page.repeats_title, headings), next((i for i in headings if page.level[i] == 1), -1))
