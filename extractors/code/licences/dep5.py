"""Machine-readable copyright files (DEP-5): `.reuse/dep5`, `debian/copyright`, and COPYING files in that form.

Reference: the Debian copyright format 1.0. A `Files` paragraph names patterns and a licence; the last paragraph that
matches a path holds. Cost: linear in the text. Blind spot: names of a licence that neither SPDX nor the file's own
text explains.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from extractors.code.globs import path_pattern
from extractors.code.licences.detect import detect
from extractors.code.licences.spdx import Operator, combine, expression_of

MAX_CHARS = 1_000_000
"""Characters that are read, inclusive."""

_FORMAT = re.compile(r"^(?:Format|Format-Specification)[ \t]*:[^\n]*(?:copyright|dep-?5)", re.IGNORECASE | re.MULTILINE)
_FORMAT_CHARS = 2_000
_EXCEPTION = re.compile(r"(?<=\d)\+[a-z][\w-]*exception$")
_SEPARATORS: tuple[tuple[re.Pattern[str], Operator], ...] = (
    (re.compile(r",? and ", re.IGNORECASE), "AND"),
    (re.compile(r",? or | \| ", re.IGNORECASE), "OR"),
)
_UNVERSIONED = {"gpl": "GPL-1.0-or-later", "lgpl": "LGPL-2.0-or-later", "agpl": "AGPL-3.0-or-later"}
_EMPTY_LINE = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """The patterns and the licence's name of one `Files` paragraph."""

    patterns: tuple[str, ...]
    licence: str

    def holds(self, path: str) -> bool:
        """Whether a file is one of those meant."""
        return any(path_pattern(pattern, "dep5").fullmatch(path) for pattern in self.patterns)


@dataclass(frozen=True, slots=True)
class Copyright:
    """A file in this format."""

    paragraphs: tuple[Paragraph, ...]
    texts: Mapping[str, str]
    """Licence texts that the file gives, by their names in it."""

    def of(self, path: str) -> str | None:
        """The name of a file's licence; None where no paragraph matches."""
        return next((entry.licence for entry in reversed(self.paragraphs) if entry.holds(path)), None)

    @property
    def main(self) -> str | None:
        """The name of the licence of `Files: *`, else of the only paragraph."""
        for paragraph in self.paragraphs:
            if "*" in paragraph.patterns:
                return paragraph.licence
        return self.paragraphs[0].licence if len(self.paragraphs) == 1 else None

    def expression(self, name: str) -> str | None:
        """SPDX for a name or an expression of names; names that say little by the text that the file gives."""
        name = _EXCEPTION.sub("", " ".join(name.split()))
        known = expression_of(name)
        body = self.texts.get(name, "")
        # the file's own text counts for BSD: names and numbers of clauses differ
        is_telling = any(map(str.isdigit, name)) and not name.lower().startswith("bsd")
        if known is not None and (is_telling or not body):
            return known
        found = detect(body)
        if known is not None:
            return found.expression if found and not found.is_reference else known
        for separator, operator in _SEPARATORS:
            parts = separator.split(name)
            if len(parts) > 1:
                expressions = [self.expression(part) for part in parts]
                return combine([part for part in expressions if part], operator) if None not in expressions else None
        if " with " in name:
            return self.expression(name.partition(" with ")[0])
        return found.expression if found else _UNVERSIONED.get(name.lower())


def parse_copyright(text: str) -> Copyright | None:
    """The paragraphs of such a file; None for one in free form or without any."""
    if _FORMAT.search(text[:_FORMAT_CHARS]) is None or len(text) > MAX_CHARS:
        return None
    paragraphs: list[Paragraph] = []
    texts: dict[str, str] = {}
    for block in _EMPTY_LINE.split(text.replace("\r", "")):
        stated = _fields(block)
        licence, _, body = stated.get("license", "").partition("\n")
        licence = licence.strip()
        if licence and body.strip():
            texts.setdefault(licence, body)
        if "files" in stated and licence:
            paragraphs.append(Paragraph(tuple(stated["files"].replace(",", " ").split()), licence))
    return Copyright(tuple(paragraphs), texts) if paragraphs else None


def _fields(block: str) -> dict[str, str]:
    """The fields of a paragraph by their names in lower case; lines of a text after the first are kept as lines."""
    stated: dict[str, str] = {}
    name = ""
    for line in block.split("\n"):
        if line.startswith("#"):
            continue
        if line[:1] in (" ", "\t"):
            stated[name] = stated.get(name, "") + "\n" + line.strip().removeprefix(".")
        elif ":" in line:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            stated[name] = value.strip()
    return stated
