"""Control characters that stand for markup between the passes, and the store of what is put back at the end.

Wikitext cannot hold them: XML forbids them and `extract` takes them out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

INSERT_OPEN, INSERT_CLOSE = "\x02", "\x03"
BREAK = "\x04"
"""`<br>`."""
QUOTE_OPEN, QUOTE_CLOSE = "\x05", "\x06"
"""Each on a line of its own."""
DROPPED = "\x07"
"""Something without text stood here; white space and brackets around it are looked at again."""
CODE_OPEN, CODE_CLOSE = "\x0e", "\x0f"
SUP_OPEN, SUP_CLOSE = "\x10", "\x11"
SUB_OPEN, SUB_CLOSE = "\x12", "\x13"
SKIP_OPEN, SKIP_CLOSE = "\x14", "\x15"
"""Around hidden elements."""

INSERT = re.compile(f"{INSERT_OPEN}(\\d+){INSERT_CLOSE}")
CONTROLS = "".join(map(chr, (*range(9), *range(11, 32), 127)))
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")

Kind = Literal["math", "display", "pre", "text", "code", "caption"]


@dataclass(frozen=True, slots=True)
class Insert:
    """Text no later pass may touch."""

    kind: Kind
    text: str
    language: str = ""
    """Of code."""


@dataclass(slots=True)
class Store:
    """The inserts of one page, and what its markup says of the page."""

    inserts: list[Insert] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    is_disambiguation: bool = False
    num_dropped: int = 0
    """Templates without text."""

    def put(self, kind: Kind, text: str, language: str = "") -> str:
        """The mark that stands for it."""
        self.inserts.append(Insert(kind, text, language))
        return f"{INSERT_OPEN}{len(self.inserts) - 1}{INSERT_CLOSE}"
