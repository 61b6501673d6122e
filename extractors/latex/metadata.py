"""Title, abstract, authors and date, as the paper's commands state them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

AUTHOR_MARK = "\x07"
"""What `\\and` is while authors are read."""
MAX_NAME_CHARS = 60
_MATH = re.compile(r"\$[^$]*\$")
_NOTES = re.compile(r"\[[^\]]*\]|\([^)]*\)")
_JUNK = re.compile(r"[*†‡§¶∗⋆]|\^?\d[\d,]*|\^")
_SEPARATORS = re.compile(r",? +(?:and|And|AND|&) +|[,;]\s+(?:and +)?")
_SUFFIXES = re.compile(
    r"^(?:Jr\.?|Sr\.?|I{1,3}|IV|Ph\.?D\.?|M\.?D\.?|Member|Fellow|Senior Member|IEEE|Student Member)$"
)
_PLACES = re.compile(
    r"\b(?:Universi\w+|Instit\w+|Department|Dept|School|Laborator\w+|College|Center|Centre|Faculty|Academy|Street|"
    r"Observatory|Hospital|Division|Research|Inc|GmbH|Ltd|USA|Germany|France|Italy|China|Japan|Canada)\b"
)


@dataclass(slots=True)
class Metadata:
    title: str = ""
    abstract: list[str] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    date: str = ""

    def add_authors(self, text: str) -> None:
        """Names in what `\\author` holds; addresses, marks and notes are left out."""
        for part in text.split(AUTHOR_MARK):
            line = part.strip().split("\n", 1)[0]
            line = _JUNK.sub(" ", _NOTES.sub(" ", _MATH.sub(" ", line)))
            for name in _SEPARATORS.split(line):
                name = (
                    " ".join(name.strip(" ,;.:~-").split()) if not name.strip().endswith(".") else name.strip(" ,;~-")
                )
                if 2 < len(name) <= MAX_NAME_CHARS and "@" not in name and not _SUFFIXES.match(name):
                    if _PLACES.search(name) or "http" in name:
                        break
                    if name not in self.authors and len(self.authors) < 5000:
                        self.authors.append(name)
