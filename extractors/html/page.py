"""A page as arrays: blocks in document order, and the containers that hold them.

A container is an element that breaks lines; its blocks are the range `start[c]:end[c]`. Parallel lists, because the
walk appends to them tens of times per page element and the scorer turns them into numpy columns at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

P, HEADING, PRE, TABLE, MATH, DT, DD, CAPTION, LINE = range(9)
KIND_NAMES = ("p", "h", "pre", "table", "math", "dt", "dd", "caption", "line")

Container = list[Any]
"""One container while the walk is in it: a row of the columns of `Page`, in the order of the names below."""
PARENT, TAG, BITS, HIDDEN, START, END, NAME, NUM_INPUTS = range(8)
MIN_TITLE_CHARS = 8
"""A shorter heading may stand in the page's title by chance."""


class Frame:
    """A quote or a list item that gives its blocks a prefix.

    `is_layout` frames give none: items that hold a heading or a whole post, quotes that only indent code.
    """

    __slots__ = ("depth", "is_layout", "marker", "num_blocks", "parent")

    def __init__(self, parent: Frame | None, marker: str) -> None:
        self.parent = parent
        self.marker = marker
        self.num_blocks = 0
        self.is_layout = False
        self.depth: int = parent.depth + 1 if parent else 1


@dataclass(slots=True)
class Page:
    """Blocks and containers of one page; each list of a group has one entry per block or per container."""

    text: list[str] = field(default_factory=list)
    kind: list[int] = field(default_factory=list)
    level: list[int] = field(default_factory=list)
    """Heading level 1 to 6, else 0."""
    language: list[str] = field(default_factory=list)
    """Language of a code block, else ""."""
    frame: list[Frame | None] = field(default_factory=list)
    container: list[int] = field(default_factory=list)
    link_chars: list[int] = field(default_factory=list)
    num_links: list[int] = field(default_factory=list)
    inner_bits: list[int] = field(default_factory=list)
    """Vocabulary bits of inline elements inside the block."""

    parent: list[int] = field(default_factory=list)
    tag: list[str] = field(default_factory=list)
    bits: list[int] = field(default_factory=list)
    """Vocabulary bits of the container's own class, id and role."""
    hidden: list[bool] = field(default_factory=list)
    """The container or an ancestor is not shown."""
    start: list[int] = field(default_factory=list)
    end: list[int] = field(default_factory=list)
    name: list[str] = field(default_factory=list)
    """class and id as written, for `explain`."""
    num_inputs: list[int] = field(default_factory=list)
    """Form fields inside the container."""
    title: str = ""
    """The page's title, for headings that repeat it."""
    signals: int = 0
    """Bits of what address, metadata and generator say of the kind of page; see `signals.py`."""

    def close(self, opened: list[Container]) -> None:
        """Take over the containers of a finished walk as columns."""
        parent, tag, bits, hidden, start, end, name, num_inputs = map(list, zip(*opened, strict=True))
        self.parent, self.tag, self.bits, self.hidden = parent, tag, bits, hidden
        self.start, self.end, self.name, self.num_inputs = start, end, name, num_inputs

    def block_columns(self) -> tuple[list[Any], ...]:
        """The lists that have one entry per block."""
        return (
            self.text,
            self.kind,
            self.level,
            self.language,
            self.frame,
            self.container,
            self.link_chars,
            self.num_links,
            self.inner_bits,
        )

    def drop_blocks(self, first: int) -> None:
        """Forget the blocks from `first` on; a negative number counts from the end."""
        for column in self.block_columns():
            del column[first:]

    def repeats_title(self, i: int) -> bool:
        """Whether the page's title holds the text of a block, and that is more than a word or two."""
        return len(self.text[i]) >= MIN_TITLE_CHARS and self.text[i].lower() in self.title.lower()

    def num_posts(self) -> int:
        """Size of the largest group of containers whose class names a post, a comment or an answer."""
        groups: dict[str, int] = {}
        for name in self.name:
            if "post" in name or "comment" in name or "answer" in name or "message" in name:
                css = name.split(" ", 1)[0]
                groups[css] = groups.get(css, 0) + 1
        return max(groups.values(), default=0)
