"""The text layer of a PDF → Markdown; scanned documents are told from empty ones.

Cost: ten times pdfium's own plain text, a sixth of pdfminer's. Blind spots: no OCR; formulas are glyphs in a row;
tagged PDFs' structure is not read. The library is C: `extract` bounds its input and, between characters and pages, its
time, but one call that does not come back, or a crash, takes the process with it: `apart.extract` has one of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from extractors.errors import DamagedInput, ExtractionError, InputTooLarge, UndecodableInput
from extractors.guard import Limits, Watch, guard
from extractors.pdf.glyphs import MAX_PAGE_CHARS
from extractors.pdf.layout import zones
from extractors.pdf.pages import Document, PageText
from extractors.pdf.paragraphs import blocks
from extractors.result import Extraction

SCANNED = "scanned"
"""`kind` of a document whose pages are pictures."""
_DATE = re.compile(r"D:(\d{4})(\d{2})?(\d{2})?")
_PLACEHOLDERS = frozenset({"untitled", "anonymous", "unspecified", "unknown", "none", "title", "author"})
_FILE_NAME = re.compile(r"\.(?:docx?|tex|dvi|pdf|indd|qxd|odt|rtf|ps|pptx?)$|^microsoft (?:word|powerpoint) - ", re.I)


@dataclass(frozen=True, slots=True)
class Options:
    """How one PDF is extracted."""

    max_pages: int = 3000
    """Pages that are read; the text of the first ones is kept and `InputTooLarge` says so."""
    min_page_chars: int = 50
    """Characters a page must have on average, inclusive, for a document with pictures not to be a scan (a page number
    or a stamp over a scanned page has fewer)."""
    limits: Limits = field(default_factory=lambda: Limits(time_s=60.0, input_bytes=256 * 2**20))
    max_unmapped_ratio: float = 0.3
    """Share of characters without a Unicode value, inclusive, up to which the others are a text; papers with many
    formulas have some 0.1."""


_DEFAULT = Options()


def extract(data: bytes, options: Options = _DEFAULT) -> Extraction:
    """Text and metadata of a PDF; never raises on input. `kind` is `scanned` where pages are pictures of text."""
    return guard(lambda watch: _extract(data, options, watch), options.limits)


def _extract(data: bytes, options: Options, watch: Watch) -> Extraction:
    if len(data) > options.limits.input_bytes:
        raise InputTooLarge(f"{len(data)} bytes, limit {options.limits.input_bytes}")
    if b"%PDF-" not in data[:1024]:
        raise DamagedInput("no %PDF header")
    with Document(data) as document:
        found = _Found(document.num_pages, document.metadata(), options)
        watch.partial = found.extraction
        for index in range(min(document.num_pages, options.max_pages)):
            watch.check()
            page = document.page(index, watch)
            if page is None:
                found.num_unread += 1
            else:
                found.pages.append(page)
        if not found.pages:
            raise DamagedInput(f"none of {document.num_pages} pages can be read")
    return found.extraction()


@dataclass(slots=True)
class _Found:
    """What a document says of itself, and its pages read so far."""

    num_pages: int
    stated: dict[str, str]
    options: Options
    pages: list[PageText] = field(default_factory=list)
    num_unread: int = 0

    def extraction(self) -> Extraction:
        pages, stated = self.pages, self.stated
        num_chars = sum(page.num_chars for page in pages)
        is_scan = num_chars < self.options.min_page_chars * len(pages) and 2 * sum(
            page.is_picture for page in pages
        ) >= len(pages)
        error = None if is_scan else self._error(num_chars)
        found = blocks([] if is_scan or isinstance(error, UndecodableInput) else zones(pages))
        author = _stated(stated, "Author")
        notes = {
            "author": author or "",
            "subjects": _stated(stated, "Keywords") or "",
            "producer": stated.get("Producer", "")[:100],
            **{name: str(number) for name, number in self._counts().items() if number},
        }
        return Extraction(
            text=found.text(),
            title=_title(stated) or found.first_heading(),
            author=author,
            date=_date(stated),
            kind=SCANNED if is_scan else "document",
            error=error,
            metadata={name: value for name, value in notes.items() if value},
        )

    def _counts(self) -> dict[str, int]:
        """Pages, and what of them is not in the text."""
        return {
            "num_pages": self.num_pages,
            "num_unread_pages": self.num_unread,
            "num_unmapped_chars": sum(page.left.num_unmapped for page in self.pages),
            "num_turned_chars": sum(page.left.num_turned for page in self.pages),
            "num_cut_chars": sum(page.left.num_cut for page in self.pages),
        }

    def _error(self, num_chars: int) -> ExtractionError | None:
        counts = self._counts()
        num_unmapped = counts["num_unmapped_chars"]
        total = num_chars + num_unmapped
        if num_unmapped > self.options.max_unmapped_ratio * total:
            return UndecodableInput(f"{num_unmapped} of {total} characters have no Unicode value")
        if self.num_pages > self.options.max_pages:
            return InputTooLarge(f"{self.num_pages} pages, limit {self.options.max_pages}")
        if counts["num_cut_chars"]:
            return InputTooLarge(f"{counts['num_cut_chars']} characters of pages that have more than {MAX_PAGE_CHARS}")
        return None


def _stated(stated: dict[str, str], name: str) -> str | None:
    value = stated.get(name, "").strip()
    return value if value and value.lower() not in _PLACEHOLDERS else None


def _title(stated: dict[str, str]) -> str | None:
    """The stated title, unless it is a file's name."""
    title = _stated(stated, "Title")
    return None if title is None or _FILE_NAME.search(title) else title


def _date(stated: dict[str, str]) -> str | None:
    found = _DATE.match(stated.get("CreationDate", "")) or _DATE.match(stated.get("ModDate", ""))
    if not found:
        return None
    day = "-".join(part for part in found.groups() if part)
    return day if "1970" < found[1] < "2100" else None
