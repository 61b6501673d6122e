"""XHTML of an e-book made ready for the HTML parser, and whether a chapter is text or apparatus.

XHTML read by HTML's rules loses text at `<title/>` and `<a id=""/>`, prefixes (`<m:math>`) hide elements, and page
marks of the printed edition stand in the sentences.
"""

from __future__ import annotations

import itertools
import re

from extractors import charset as charsets

_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]{0,1000}(?:\[.{0,100000}?\]\s*)?>", re.S | re.I)
_CDATA = re.compile(r"<!\[CDATA\[(.{0,1000000}?)\]\]>", re.S)
_EMPTY = re.compile(r"<([A-Za-z][\w:.-]*)((?:\s+[^\s=<>/\"']+(?:\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'))?)*)\s*/>")
_PREFIX = re.compile(r"<(/?)(?:m|mml|math|xhtml|html|h|svg):(?=[A-Za-z])")
_NAV = re.compile(r"<nav\b.*?</nav\s*>", re.S | re.I)
_PAGE_BREAK = re.compile(
    r"<(span|div|a|p)\b[^<>]*(?:epub:type|role)\s*=\s*[\"'][^\"']*pagebreak[^\"']*[\"'][^<>]*>[^<]{0,20}</\1\s*>", re.I
)
_PAGE_NUMBER = re.compile(
    r"<(span|a)\b[^<>]*class\s*=\s*[\"'](?:pagenum|pageno|pagebreak|page-?number)[\"'][^<>]*>"
    r"(?:\s*<a\b[^<>]*>)?[^<]{0,20}(?:</a>\s*)?</\1\s*>", re.I
)  # fmt: skip
_LINE_NUMBER = re.compile(
    r"<(span|a)\b[^<>]*class\s*=\s*[\"'](?:lnum|ln|line-?num(?:ber)?|linenum)[\"'][^<>]*>[^<]{0,10}</\1\s*>", re.I
)
_NOTE = re.compile(
    r"(<a\b[^<>]*(?:epub:type|role)\s*=\s*[\"'][^\"']*noteref[^\"']*[\"'][^<>]*>)(.{0,80}?)</a\s*>", re.I | re.S
)
_TARGET = re.compile(r"\bhref\s*=\s*[\"']#([^\"'#]+)[\"']")
_FOOTNOTE = re.compile(
    r"<(aside|div|p|li)\b(?=[^<>]*(?:epub:type|role)\s*=\s*[\"'][^\"']*\bfootnote\b[^\"']*[\"'])"
    r"[^<>]*\sid\s*=\s*[\"']([^\"']+)[\"'][^<>]*>((?:(?!<\1\b).){1,6000}?)</\1\s*>", re.I | re.S
)  # fmt: skip
_BACK_LINK = re.compile(
    r"<a\b[^<>]*\bhref\s*=\s*[\"']#[^<>]*>\s*(?:[\[(]?[\d*†‡]{1,4}[\])]?\.?|[^\w<>]{1,6})\s*</a\s*>", re.I
)
_BLOCK_TAG = re.compile(r"</?(?:p|div|span|section|br|li|ol|ul)\b[^<>]*>", re.I)
_STRUCTURE = re.compile(r"<(?:table|pre|blockquote|h[1-6]|dl|figure)\b", re.I)
_SWITCH = re.compile(r"<epub:switch\b[^<>]*>(.{0,100000}?)</epub:switch\s*>", re.S | re.I)
_CASE = re.compile(r"<epub:(case|default)\b([^<>]*)>(.*?)</epub:\1\s*>", re.S | re.I)
_TAG = re.compile(r"<[^<>]*>")
_IS_STANZA = r"[^<>]*class\s*=\s*[\"'](?:[^\"']*\s)?(?:linegroup|stanza|strophe|lg)(?:\s[^\"']*)?[\"'][^<>]*>"
_STANZA = re.compile(rf"<div\b{_IS_STANZA}", re.I)
_DIV = re.compile(r"<(/?)div\b", re.I)
_NEXT_DIV = re.compile(rf"</div\s*>\s*<div\b(?!{_IS_STANZA})[^<>]*>", re.I)
_NEXT_LINE = re.compile(
    r"</(div|p|span)\s*>\s*<\1\b[^<>]*class\s*=\s*[\"'](?:[^\"']*\s)?(?:line|l|verse)(?:\s[^\"']*)?[\"'][^<>]*>", re.I
)
_TYPE = re.compile(r"<(?:body|section|div|article|nav)\b[^<>]*epub:type\s*=\s*[\"']([^\"']{0,200})[\"']", re.I)
_BODY = re.compile(r"<body\b", re.I)
_APPARATUS = frozenset(
    [
        "cover",
        "toc",
        "landmarks",
        "page-list",
        "loi",
        "lot",
        "loa",
        "lov",
        "index",
        "copyright-page",
        "imprint",
        "colophon",
        "imprimatur",
        "halftitlepage",
        "titlepage",
        "title-page",
    ]
)
"""Types of the EPUB vocabulary and of EPUB 2 guides for pages that a reader leafs past."""
_APPARATUS_NAME = re.compile(
    r"(?:^|[/_.-])(?:(?:book)?cover(?:page)?|toc|contents|title-?page|half-?title(?:page)?|copyright(?:page)?|uncopyright"
    r"|imprint|colophon|nav|loi)(?=[_.-])",
    re.I,
)
MAX_STANZA_CHARS = 20_000
"""Of a group of verse, its markup included."""
MAX_STATED_CHARS = 60_000
"""A longer page that the guide calls the contents or the cover is the book, which begins with them."""
MAX_APPARATUS_CHARS = 6000
"""A longer page whose file name, or first section, alone says `contents` or `cover` is text."""


def prepared(data: bytes) -> str:
    """The chapter as HTML that means what the XHTML meant."""
    text = charsets.decode(data).text
    text = _DOCTYPE.sub("", text, count=1)
    if "<![CDATA[" in text:
        text = _CDATA.sub(lambda found: found[1].replace("&", "&amp;").replace("<", "&lt;"), text)
    if "/>" in text:
        text = _EMPTY.sub(_opened, text)
    text = _PREFIX.sub(r"<\1", text)
    if "pagebreak" in text or "page" in text:
        text = _PAGE_NUMBER.sub("", _PAGE_BREAK.sub("", text))
    if "<epub:switch" in text:
        text = _SWITCH.sub(_chosen, text)
    if "noteref" in text:
        text = _with_notes(text)
    return _with_lines(text)


def _chosen(found: re.Match[str]) -> str:
    """One of a switch's alternatives: MathML, else what every reading system can show."""
    cases = list(_CASE.finditer(found[1]))
    maths = (case[3] for case in cases if "Math/MathML" in case[2])
    return next(maths, next((case[3] for case in cases if case[1].lower() == "default"), found[1]))


def _with_notes(text: str) -> str:
    """Footnotes, which a reading system shows when their mark is touched, at the first mark; other marks in brackets.

    Notes at the end of a chapter or book have their place there. A note with tables or quotes stays where it is, and so
    does one that only other notes refer to.
    """
    notes = list(_FOOTNOTE.finditer(text))
    bodies = {note[2]: note for note in reversed(notes) if not _STRUCTURE.search(note[3])}
    placed: set[int] = set()

    def noted(mark: re.Match[str]) -> str:
        target = _TARGET.search(mark[1])
        body = bodies.get(target[1]) if target else None
        if body is None or body.start() in placed:
            return _bracketed(mark)
        placed.add(body.start())
        words = _words(mark)
        note = " ".join(_BLOCK_TAG.sub(" ", _BACK_LINK.sub("", _NOTE.sub(_bracketed, body[3]))).split())
        note = re.sub(rf"^[\[(]?{re.escape(words)}[\]).:]*\s+", "", note) if words else note
        return f" ({note})" if note else ""

    ends, starts = [0, *(note.end() for note in notes)], [*(note.start() for note in notes), len(text)]
    between = [_NOTE.sub(noted, text[end:start]) for end, start in zip(ends, starts, strict=True)]
    kept = ["" if note.start() in placed else _NOTE.sub(_bracketed, note[0]) for note in notes]
    return "".join(itertools.chain(*itertools.zip_longest(between, kept, fillvalue="")))


def _bracketed(mark: re.Match[str]) -> str:
    words = _words(mark)
    return f"[{words}]" if words else ""


def _words(mark: re.Match[str]) -> str:
    return _TAG.sub("", mark[2]).strip().strip("[]()")


def _with_lines(text: str) -> str:
    """Verse whose lines are blocks by style sheet alone, as one block with line breaks; line numbers are left out."""
    text = _LINE_NUMBER.sub("", text)
    pieces: list[str] = []
    at = 0
    for found in _STANZA.finditer(text):
        if found.start() < at:
            continue  # inside the one before
        end = _end_of_div(text, found.end())
        pieces += [text[at : found.end()], _NEXT_DIV.sub("<br/>", text[found.end() : end])]
        at = end
    return _NEXT_LINE.sub("<br/>", "".join(pieces) + text[at:])


def _end_of_div(text: str, start: int) -> int:
    """Where the `<div>` that is open at a place ends; the place itself where it has no end near it."""
    depth = 1
    for tag in _DIV.finditer(text, start, start + MAX_STANZA_CHARS):
        depth += -1 if tag[1] else 1
        if not depth:
            return tag.start()
    return start


def _opened(found: re.Match[str]) -> str:
    name = found[1]
    return found[0] if name.rpartition(":")[2].lower() in _VOID else f"<{name}{found[2]}></{name}>"


def without_navigation(text: str) -> str:
    """Without `<nav>`: in an e-book it holds lists of contents, landmarks and pages."""
    return _NAV.sub("", text) if "<nav" in text else text


def is_apparatus(member: str, properties: str, text: str) -> bool:
    """Whether the chapter is a cover, a title page, a list of contents, an index or an imprint, as the book says."""
    if not _APPARATUS.isdisjoint(properties.split()) and len(text) <= MAX_STATED_CHARS:
        return True
    start = _BODY.search(text)
    first = start.start() if start else 0
    for found in list(_TYPE.finditer(text, first, first + 3000))[:2]:
        is_whole = found.start() == first or len(text) <= MAX_APPARATUS_CHARS
        if is_whole and not _APPARATUS.isdisjoint(found[1].lower().split()):
            return True
    return _APPARATUS_NAME.search(member) is not None and len(text) <= MAX_APPARATUS_CHARS
