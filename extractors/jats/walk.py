"""State of one walk over an article, and the blocks it writes.

Inline text gathers in a buffer that every block element flushes into a paragraph; floats (figures, tables, boxes)
inside a paragraph wait for its end, so that no sentence is torn. Recursive: the parser bounds the depth.
"""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from extractors.guard import Watch
from extractors.html.page import HEADING, Frame, P, Page
from extractors.html.serialise import markdown
from extractors.jats import citations
from extractors.jats.options import Options
from extractors.jats.parse import Element, Entities, local

BREAK = "\x01"
"""Stands for `<break/>` in gathered text."""
CHECK_MASK = 255
"""The watch is looked at after each so many elements, plus one."""
MAX_FRAMES = 12

Handler = Callable[["Walk", Element], None]


class Walk:
    """Writes the blocks of the elements it is given to `page`."""

    def __init__(self, article: Element, watch: Watch, options: Options, handlers: dict[str, Handler]) -> None:
        self.page = Page()
        self.options = options
        self.buffer: list[str] = []
        self.frame: Frame | None = None
        self.level = 1
        """Level of the heading that the parts being walked stand under."""
        self.num_paragraphs = 0
        """Paragraphs that are open around what is walked."""
        self.deferred: list[Element] = []
        self.note_marks: frozenset[str] = frozenset()
        """Marks of the notes under the table being walked."""
        self.placed: set[str] = set()
        """Ids of the footnotes that stand in the text already."""
        self.counts: dict[str, int] = {}
        """How often something was met that leaves no text: formulas that are pictures, …"""
        self._watch = watch
        self._handlers = handlers
        self._num_elements = 0
        self._entities = Entities(article)
        self._article = article
        self._by_id: dict[str, Element] | None = None

    def element(self, node: Element) -> None:
        """Walk one element, by its handler or through it."""
        tag = node.tag
        if not isinstance(tag, str):
            if tag is etree.Entity:
                self.buffer.append(self._entities.text(node.name))
            return
        self._num_elements += 1
        if self._num_elements & CHECK_MASK == 0:
            self._watch.check()
        handler = self._handlers.get(tag)
        if handler is None:
            handler = self._handlers.get(local(tag), Walk.flow)
            self._handlers[tag] = handler
        handler(self, node)

    def flow(self, node: Element) -> None:
        """Walk what is in an element: its text and its children, in order."""
        if node.text:
            self.buffer.append(node.text)
        for child in node:
            self.element(child)
            if child.tail:
                self.buffer.append(child.tail)

    def children(self, node: Element, without: frozenset[str] = frozenset()) -> None:
        """Walk the child elements of one that holds blocks; text between them is layout."""
        for child in node:
            if local(child.tag) not in without:
                self.element(child)
        self.flush()

    def flush(self) -> None:
        """Make a paragraph of the gathered text."""
        if self.buffer:
            text = self.gathered()
            if text:
                self.add(text)

    def gathered(self) -> str:
        """The gathered text, which is no longer gathered: white space collapsed, reference markers out."""
        raw = "".join(self.buffer)
        self.buffer.clear()
        if BREAK not in raw:
            return citations.without(" ".join(raw.split()))
        lines = (" ".join(line.split()) for line in raw.split(BREAK))
        return citations.without("\n".join(line for line in lines if line))

    def add(self, text: str, kind: int = P, level: int = 0, language: str = "") -> None:
        page = self.page
        page.text.append(text)
        page.kind.append(kind)
        page.level.append(level)
        page.language.append(language)
        page.frame.append(self.frame)

    def heading(self, text: str, level: int) -> None:
        if text:
            self.add(text.replace("\n", " "), HEADING, min(level, 6))

    def paragraph(self, node: Element) -> None:
        """Walk an element with mixed content as paragraphs, the floats in it after them."""
        self.flush()
        waiting, self.deferred = self.deferred, []
        self.num_paragraphs += 1
        self.flow(node)
        self.flush()
        self.num_paragraphs -= 1
        floats, self.deferred = self.deferred, waiting
        for floating in floats:
            self.element(floating)

    def defer(self, node: Element) -> bool:
        """Whether a float stands inside a paragraph and so waits for its end; False: write it now."""
        if self.num_paragraphs:
            self.deferred.append(node)
            return True
        self.flush()
        return False

    def one_line(self, node: Element | None) -> str:
        """All text below an element on one line: a title, a label, a cell, a note."""
        if node is None:
            return ""
        saved = (self.page, self.buffer, self.frame, self.num_paragraphs, self.deferred)
        self.page, self.buffer, self.frame, self.num_paragraphs, self.deferred = Page(), [], None, 0, []
        self.flow(node)
        self.flush()
        texts = self.page.text
        self.page, self.buffer, self.frame, self.num_paragraphs, self.deferred = saved
        return " ".join(" ".join(text.split()) for text in texts)

    def inline(self, node: Element) -> str:
        """Text below an inline element as it was gathered, markers and white space in it."""
        saved, self.buffer = self.buffer, []
        self.flow(node)
        text = "".join(self.buffer)
        self.buffer = saved
        return text

    def framed(self, marker: str) -> Frame | None:
        """A frame inside the present one; the present one where frames are too deep."""
        if self.frame is not None and self.frame.depth >= MAX_FRAMES:
            return self.frame
        return Frame(self.frame, marker)

    def target(self, node: Element) -> Element | None:
        """The element that the first id of a cross-reference names."""
        if self._by_id is None:
            self._by_id = {}
            for found in self._article.iterfind(".//*[@id]"):
                self._by_id.setdefault(found.get("id"), found)
        names = (node.get("rid") or "").split()
        return self._by_id.get(names[0]) if names else None

    def count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1

    def text(self) -> str:
        """All blocks as Markdown."""
        return markdown(self.page, range(len(self.page.text)))


def child(node: Element, name: str) -> Element | None:
    """The first child element of that name, in any namespace."""
    return next((found for found in node if local(found.tag) == name), None)
