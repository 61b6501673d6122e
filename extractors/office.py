"""What Word's and LibreOffice's documents share: limits, metadata in Dublin Core, names of styles, raised text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from extractors.blocks import Blocks
from extractors.errors import InputTooLarge
from extractors.guard import Limits
from extractors.package_file import Package, local
from extractors.result import Extraction

LIMITS = Limits(time_s=60.0, input_bytes=256 * 2**20)
MAX_UNPACKED_BYTES = 96 * 2**20
MAX_CELLS = 100_000
"""Cells of all tables of a document, inclusive; more are no text, and each is held until its table ends."""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_EXPONENT = re.compile(r"[+−-]?\d{1,4}|[A-Z](?<![MRE])|[ijkmnpqx]|[kmn][+−-]\d")
_INDEX = re.compile(r"[a-z]{1,2}|[a-z]\s?[+−-]\s?\d")
CODE_STYLE = re.compile(
    r"(?i:preformatted|verbatim|\bsource ?(?:code|text)\b|\bcode ?(?:block|line|example|snippet|listing)?s?\b"
    r"|\blistings?\b|\bplain text|\bmacro text|\bshell\b)|[a-z]Code\b"
)
"""Names of styles, of Word's or LibreOffice's, that set program text; `Source` is that of a table's source."""
LICENSE_URL = re.compile(r"https?://(?:www\.)?(?:creativecommons\.org|gnu\.org|opensource\.org)/[^\s\"'<>)]+")
_PLACEHOLDERS = frozenset({"", "untitled", "word document", "microsoft word document", "document", "python-docx"})


@dataclass(slots=True)
class About:
    """Title, author, date and language as stated."""

    title: str | None = None
    author: str | None = None
    date: str | None = None
    """Day of the last change, else of creation."""
    language: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)

    def extraction(self, blocks: Blocks, num_damaged: int) -> Extraction:
        """The document; `num_damaged` parts of it were read only as far as their XML could be mended."""
        notes = {**self.metadata, "num_damaged": str(num_damaged)} if num_damaged else self.metadata
        return Extraction(
            text=blocks.text(),
            title=self.title or blocks.first_heading(),
            author=self.author,
            date=self.date,
            language=self.language,
            license_url=license_url(self.metadata.get("rights", "")),
            kind="document",
            metadata=notes,
        )


def opened(data: bytes, limits: Limits) -> Package:
    """The document's package. Raises InputTooLarge, and what Package does."""
    if len(data) > limits.input_bytes:
        raise InputTooLarge(f"{len(data)} bytes, limit {limits.input_bytes}")
    return Package(data, MAX_UNPACKED_BYTES)


def dublin_core(root: Any | None) -> About:
    """Metadata of `docProps/core.xml` or of ODF's `meta.xml`."""
    about = About()
    if root is None:
        return about
    stated: dict[str, str] = {}
    for element in root.iter():
        text = " ".join((element.text or "").split()) if local(element) else ""
        if text:
            stated.setdefault(local(element), text)
    title = stated.get("title", "")
    about.title = title if title.lower() not in _PLACEHOLDERS else None
    about.author = stated.get("initial-creator") or stated.get("creator")
    if about.author and about.author.lower() in _PLACEHOLDERS:
        about.author = None
    for name in ("modified", "date", "created", "creation-date"):
        found = _DATE.match(stated.get(name, ""))
        if found:
            about.date = found[0]
            break
    about.language = stated.get("language")
    names = (("author", about.author), ("subjects", stated.get("subject")), ("rights", stated.get("rights")))
    about.metadata = {name: value for name, value in names if value}
    return about


def license_url(rights: str) -> str | None:
    """Address of a licence that a statement of rights gives."""
    found = LICENSE_URL.search(rights)
    return found[0].rstrip(".,;") if found else None


def raised(text: str, before: str, is_super: bool) -> str:
    """Exponents and indices as the HTML extractor writes them: `x^2`, `x_i`; ordinals and `H2O` stay on the line."""
    words, last = text.strip(), before[-1:]
    if is_super:
        mark = "^" if _EXPONENT.fullmatch(words) and (last.isalnum() or last == ")") else ""
    else:
        mark = "_" if _INDEX.fullmatch(words) and (last.isalpha() or last == ")") else ""
    if not mark:
        return text
    left, _, right = text.partition(words)
    return f"{left}{mark}{words if words.isalnum() else f'{{{words}}}'}{right}"
