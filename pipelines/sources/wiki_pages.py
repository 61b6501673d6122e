"""XML bytes of a wiki dump to pages: found by their tags, each parsed alone, so that one bad page costs one page.

Reference: mediawiki.org, Help:Export (schema 0.3 to 0.11). Cost: a search for two tags and lxml's parse of each page.
Blind spot: of several revisions of a page the last is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pipelines.sources.wiki_streams import Damage, Piece

_OPEN = re.compile(rb"<page[\s>]")
_CLOSE = b"</page>"
_TAIL_BYTES = 16
"""Kept outside a page: a tag may begin in one piece and end in the next."""
_END = b"</mediawiki>"
HEAD_BYTES = 2**20
"""Looked at for `<siteinfo>`."""
DESCRIBED_BYTES = 64 * 1024
"""Kept of a page that is too long: its title and id are there."""


@dataclass(frozen=True, slots=True)
class RawPage:
    """The bytes from `<page>` to `</page>`, or what there is of them."""

    stream: int
    offset: int
    """Of `<page>` in the decoded stream."""
    data: bytes
    length: int
    problem: str = ""
    """"" of a whole page; else cut off, or long."""


@dataclass(slots=True)
class DumpPage:
    """One page as the dump states it."""

    title: str = ""
    namespace: int | None = None
    page_id: int | None = None
    redirect: str | None = None
    revision_id: int | None = None
    timestamp: str | None = None
    model: str = "wikitext"
    text: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """What `<siteinfo>` says of the wiki."""

    database: str | None = None
    language: str | None = None
    base_url: str | None = None
    """Address of the main page."""
    namespaces: dict[str, int] = field(default_factory=dict)
    """Numbers by name, lower case."""


class PageSplitter:
    """Cuts pages out of pieces; a page belongs to the stream that its `<page>` begins in."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.is_cut_off = False
        """The file ended in a stream of this part, without damage and without the end of the dump."""
        self._tail: tuple[int, bytes] = (-1, b"")
        """The last bytes of the stream read last, and the stream."""
        self._window = b""
        self._at = 0
        """Where in the window the page begins, or what is not looked at yet: what lies before it goes with the next
        piece, not with each page, so that a piece of many short pages is moved once."""
        self._marks: list[tuple[int, Piece]] = []
        """Where in the window each piece begins that it has bytes of."""
        self._inside = False
        self._searched = 0
        """From `_at` on: no end of the page before it."""
        self._cut = 0
        """Bytes of a page too long that were let go."""

    def split(self, events: Iterator[Piece | Damage]) -> Iterator[RawPage | Damage]:
        """Owned pages and damage, in order; stops when what follows is another part's."""
        is_last = False
        for event in events:
            is_last = event.is_owned and not isinstance(event, Damage)
            if isinstance(event, Damage):
                yield from self._broken_off("the stream is damaged")
                if not event.is_owned:
                    return
                yield event
                continue
            if not event.is_owned and not self._inside and b"<" not in self._window[self._at :][-5:]:
                return
            self._tail = event.stream, ((self._tail[1] if self._tail[0] == event.stream else b"") + event.data)[-64:]
            self._forget()
            self._marks.append((len(self._window), event))
            self._window += event.data
            yield from self._pages()
            if not event.is_owned and not self._inside:
                return
        self.is_cut_off = is_last and not self._has_ended()
        yield from self._broken_off("the file ends inside the page")

    def _has_ended(self) -> bool:
        """The last stream ends with the root's end tag, or is the rest of it: told by that stream alone."""
        tail = self._tail[1].rstrip()
        return _END in tail or (len(tail) < len(_END) and _END.endswith(tail))

    def _pages(self) -> Iterator[RawPage]:
        while True:
            if not self._inside and not self._enter():
                return
            searched = self._at + max(6, self._searched)
            close = self._window.find(_CLOSE, searched)
            limit = close if close >= 0 else len(self._window)
            following = _OPEN.search(self._window, searched, limit)
            if following:
                yield self._leave(following.start(), "another page begins inside the page")
            elif close >= 0:
                yield self._leave(close + len(_CLOSE), "")
            else:
                self._searched = len(self._window) - self._at - len(_CLOSE)
                self._let_go()
                return

    def _enter(self) -> bool:
        """Go to the next page that is owned."""
        found = _OPEN.search(self._window, self._at)
        if found is None:
            self._at = max(self._at, len(self._window) - _TAIL_BYTES)
            return False
        if not self._place(found.start())[1]:
            self._at = len(self._window)
            return False
        self._at = found.start()
        self._inside, self._searched, self._cut = True, 0, 0
        return True

    def _leave(self, end: int, problem: str) -> RawPage:
        (stream, offset), _ = self._place(self._at)
        data = self._window[self._at : end]
        long = self._cut or len(data) > self.max_bytes
        self._at = end
        self._inside = False
        if long and not problem:
            problem = "long"
        return RawPage(stream, offset, data[:DESCRIBED_BYTES] if long else data, len(data) + self._cut, problem)

    def _let_go(self) -> None:
        """Of a page too long only its head and its end stay."""
        size = len(self._window) - self._at
        surplus = size - DESCRIBED_BYTES - len(_CLOSE)
        if size > self.max_bytes and surplus > 0:
            self._forget()
            self._window = self._window[:DESCRIBED_BYTES] + self._window[-len(_CLOSE) :]
            self._cut += surplus
            self._searched = DESCRIBED_BYTES
            self._marks = self._marks[:1]

    def _broken_off(self, problem: str) -> Iterator[RawPage]:
        if self._inside:
            yield self._leave(len(self._window), problem)
        self._at = len(self._window)

    def _place(self, index: int) -> tuple[tuple[int, int], bool]:
        """(Stream, offset in it) of a byte of the window, and whether the stream is owned."""
        start, piece = next(mark for mark in reversed(self._marks) if mark[0] <= index)
        return (piece.stream, piece.offset + index - start), piece.is_owned

    def _forget(self) -> None:
        """What lies before the page."""
        count, self._at = self._at, 0
        self._window = self._window[count:]
        marks = [(start - count, piece) for start, piece in self._marks]
        first = max((k for k, (start, _) in enumerate(marks) if start <= 0), default=0)
        self._marks = marks[first:]


def parse_page(data: bytes) -> DumpPage:
    """Raises ValueError for what is not well-formed or has no id."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, remove_comments=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"not well-formed: {error}"[:300]) from error
    page = DumpPage()
    for child in root:
        if child.tag == "title":
            page.title = child.text or ""
        elif child.tag == "ns":
            page.namespace = _number(child.text)
        elif child.tag == "id":
            page.page_id = _number(child.text)
        elif child.tag == "redirect":
            page.redirect = child.get("title") or ""
        elif child.tag == "revision":
            _read_revision(child, page)
    if page.page_id is None:
        raise ValueError("a page without an id")
    return page


def _read_revision(element: Any, page: DumpPage) -> None:
    page.revision_id, page.timestamp = _number(element.findtext("id")), element.findtext("timestamp")
    page.model = element.findtext("model") or "wikitext"
    page.text = element.findtext("text") or ""


def _number(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if re.fullmatch(r"-?\d{1,18}", text) else None


_SITEINFO, _SITEINFO_END = "<siteinfo>", "</siteinfo>"
_LANGUAGE = re.compile(r"<mediawiki\b[^<>]*\bxml:lang=[\"']([\w-]{2,20})[\"']")


def parse_site(head: str) -> Site:
    """Site of a dump by its first characters; fields stay None where it does not say."""
    from lxml import etree

    language = _LANGUAGE.search(head)
    lang = language[1] if language else None
    start = head.find(_SITEINFO)
    end = head.find(_SITEINFO_END, start) if start >= 0 else -1
    if end < 0:
        return Site(language=lang)
    try:
        root = etree.fromstring(
            head[start : end + len(_SITEINFO_END)], etree.XMLParser(resolve_entities=False, no_network=True)
        )
    except etree.XMLSyntaxError:
        return Site(language=lang)
    names = {(e.text or "").strip().lower(): _number(e.get("key")) for e in root.iter("namespace")}
    namespaces = {name: number for name, number in names.items() if number is not None and name}
    return Site(root.findtext("dbname"), lang, root.findtext("base"), namespaces)
