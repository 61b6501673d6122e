"""One walk over the parsed tree → blocks and containers of a `Page`.

Iterative (a page may nest as deep as it likes), one visit per node. An opener per tag returns SKIP (leave the subtree
out), None, or the closer to call after the children. Inline text gathers in a buffer that every line-breaking element
flushes into blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from extractors.guard import Watch
from extractors.html.flow import BREAK, paragraphs
from extractors.html.naming import UNNAMED, Attributes, Naming, is_hidden, naming
from extractors.html.page import (
    DT,
    END,
    HEADING,
    HIDDEN,
    MATH,
    NAME,
    NUM_INPUTS,
    PARENT,
    PRE,
    START,
    Container,
    Frame,
    P,
    Page,
)
from extractors.html.tables import Table
from extractors.html.vocabulary import bit

Node = Any
Closer = Callable[["Walk", Node], None]
Opener = Callable[["Walk", Node, str], Closer | None]
CHECK_MASK = 511
"""The watch is looked at after each so many elements, plus one."""
MAX_ITEM_BLOCKS = 8
"""A list item with more paragraphs of its own is a post or a section."""
_BLANK = BREAK + " \n\t\r\f\v\u00a0\u200b\ufeff\u3000"


def SKIP(_walk: Walk, _node: Node) -> None:  # noqa: N802
    """The closer that is never called: an opener returns it to leave the element out."""
    raise AssertionError("a skipped element is not closed")


class Walk:
    """State of one walk; `run` fills `page`."""

    def __init__(self, watch: Watch, keep_links: bool = False, everything: bool = False) -> None:
        self.everything = everything
        self.num_pruned = 0
        self.page = Page()
        self.texts = self.page.text
        self.opened: list[Container] = []
        self.watch = watch
        self.keep_links = keep_links
        self.buffer: list[str] = []
        self.generation = 0
        self.container = -1
        self.frame: Frame | None = None
        self.kind = P
        self.level = 0
        self.link_depth = 0
        self.link_chars = 0
        self.num_links = 0
        self.inner_bits = 0
        self.num_inputs = 0
        self.noscript_chars = 0
        self.tables: list[Table] = []
        self.lists: list[list[int]] = []
        self.marks: list[tuple[int, int]] = []
        self.defining: set[int] = set()
        """Containers that hold a `<dt>`: a `<dd>` elsewhere only indents."""
        self.signature_bit = bit("signature")
        self.saved: list[tuple[int, int, Frame | None]] = []
        self.button_bit = bit("button")
        self.content_bits = bit("content") | bit("thread")
        self.quote_bit = bit("quote")
        self.post_bits = bit("comment") | bit("thread")
        self.drops_readings: bool | None = None
        self.again: Walk | None = None
        """The second walk, of a page that the first found next to nothing on."""

    def run(self, root: Node, openers: Mapping[str, Opener | None], unknown: Opener) -> Page:
        """Walk everything below `root`, `root` included.

        `openers` holds None for elements that are left out whatever is in them; `unknown` opens those it does not name.
        """
        buffer = self.buffer
        find, check = openers.get, self.watch.check
        stack: list[tuple[Node, Closer | None]] = []
        self.enter(root.tag, root.attributes)
        node = root.first_child
        steps = 0
        while True:
            while node is None:
                if not stack:
                    self.leave()
                    self.page.close(self.opened)
                    return self.page
                node, closer = stack.pop()
                if closer is not None:
                    closer(self, node)
                node = node.next
            tag = node.tag
            if tag == "-text":
                text = node.text_content
                if buffer or not text.isspace():
                    buffer.append(text)
                    if self.link_depth:
                        self.link_chars += len(text)
                node = node.next
                continue
            steps += 1
            if not steps & CHECK_MASK:
                check()
            opener = find(tag, unknown)
            if opener is None:
                node = node.next
                continue
            closer = opener(self, node, tag)
            if closer is SKIP:
                node = node.next
                continue
            child = node.first_child
            if child is None:
                if closer is not None:
                    closer(self, node)
                node = node.next
            else:
                stack.append((node, closer))
                node = child

    def flush(self) -> None:
        """Turn the gathered inline text into a block."""
        if not self.buffer:
            return
        raw = "".join(self.buffer)
        self.buffer.clear()
        self.generation += 1
        if raw.strip(_BLANK):
            for text in paragraphs(raw):
                self.add(text, self.kind, self.level)
        self.link_chars = self.num_links = self.inner_bits = 0

    def add(self, text: str, kind: int, level: int = 0, language: str = "") -> None:
        """Append one block."""
        page = self.page
        page.text.append(text)
        page.kind.append(kind)
        page.level.append(level)
        page.language.append(language)
        frame = self.frame
        page.frame.append(frame)
        if frame is not None:
            note_block(frame, kind)
        page.container.append(self.container)
        page.link_chars.append(min(self.link_chars, len(text)))
        page.num_links.append(self.num_links)
        page.inner_bits.append(self.inner_bits)
        self.link_chars = self.num_links = self.inner_bits = 0

    def enter(self, tag: str, attributes: Attributes, named: Naming = UNNAMED) -> None:
        """Start a container; `named` spares asking again what its attributes say."""
        if self.buffer:
            self.flush()
        opened = self.opened
        parent = self.container
        hidden = parent >= 0 and opened[parent][HIDDEN]
        if attributes:
            if named is UNNAMED:
                named = naming(attributes.get("class"), attributes.get("id"), attributes.get("role"))
            hidden = hidden or is_hidden(attributes)
        this = len(opened)
        opened.append([parent, tag, named[1], hidden, len(self.texts), -1, named[0], self.num_inputs])
        self.container = this  # the timer may strike before: no container without its row

    def leave(self, _node: Node = None) -> None:
        """End the innermost container; an empty one is forgotten. A closer as it is."""
        if self.buffer:
            self.flush()
        opened = self.opened
        this = self.container
        row = opened[this]
        self.container = row[PARENT]
        end = len(self.texts)
        if row[START] == end and this and this == len(opened) - 1:
            opened.pop()
            return
        row[END] = end
        row[NUM_INPUTS] = self.num_inputs - row[NUM_INPUTS]

    def so_far(self) -> Page:
        """The page of the last walk; of one that a limit or a bug ended, the part up to there."""
        last = self.again or self
        if not last.page.parent:
            last._cut_short()
        return last.page

    def _cut_short(self) -> None:
        """Close what was left open. The timer may strike between two lists of one block; such a block is left out."""
        if self.buffer:
            self.flush()
        page = self.page
        num_blocks = min(map(len, page.block_columns()))
        page.drop_blocks(num_blocks)
        for row in self.opened:
            if row[END] < 0:
                row[END], row[NUM_INPUTS] = num_blocks, self.num_inputs - row[NUM_INPUTS]
            row[START], row[END] = min(row[START], num_blocks), min(row[END], num_blocks)
        if self.opened:
            page.close(self.opened)

    def drop_last_block(self) -> None:
        """Forget the block added last: it named what follows. Containers that held only it are left empty."""
        self.page.drop_blocks(-1)
        last = len(self.texts)
        for row in reversed(self.opened):
            if row[END] == -1:
                continue  # still open
            if row[END] <= last:
                break
            row[END] = last

    def save(self, kind: int | None = None, level: int | None = None, frame: Frame | None = None) -> None:
        """Remember kind, level and frame, and change those that are given."""
        self.saved.append((self.kind, self.level, self.frame))
        self.kind = self.kind if kind is None else kind
        self.level = self.level if level is None else level
        self.frame = self.frame if frame is None else frame

    def restore(self) -> None:
        """Undo the last `save`."""
        self.kind, self.level, self.frame = self.saved.pop()

    def mark(self) -> None:
        """Remember where the gathered text stands."""
        self.marks.append((self.generation, len(self.buffer)))

    def marked(self) -> str | None:
        """Text gathered since the last mark, taken out of the buffer; None when a block began in between."""
        generation, at = self.marks.pop()
        if generation != self.generation:
            return None
        text = "".join(self.buffer[at:])
        del self.buffer[at:]
        return text

    def write_math(self, tex: str, display: bool) -> None:
        """Put an equation into the text: a block of its own when displayed outside headings and cells."""
        if not tex:
            return
        if display and self.kind not in (HEADING, DT):
            if self.tables and self.tables[-1].rows and not self.in_equation_table():
                self.buffer.append(f"$${' '.join(tex.split())}$$")
                return
            self.flush()
            self.add(f"$${tex}$$" if "\n" not in tex else f"$$\n{tex}\n$$", MATH)
            return
        self.buffer.append(f"${' '.join(tex.split())}$")

    def in_equation_table(self) -> bool:
        """The innermost table numbers an equation."""
        name = self.opened[self.tables[-1].container][NAME]
        return "equation" in name or "eqn" in name


def note_block(frame: Frame, kind: int) -> None:
    """Count a block of a frame, and see when the frame is layout."""
    if kind == PRE and frame.num_blocks == 0 and frame.marker == "> ":
        frame.is_layout = True
    frame.num_blocks += 1
    if frame.num_blocks > MAX_ITEM_BLOCKS and frame.marker != "> ":
        frame.is_layout = True
    if kind == HEADING:
        outer: Frame | None = frame
        for _ in range(3):
            if outer is None or outer.marker == "> ":
                break
            outer.is_layout = True
            outer = outer.parent
