"""The text layer of a PDF → Markdown; scanned documents are told from empty ones.

Cost: some 30 ms a page of 4,000 characters. Blind spots: no OCR; formulas are glyphs in a row; the structure tree of
tagged PDFs is not read. The library is C: `extract` bounds its input and, between characters and pages, its time, but
one call that does not come back, or a crash, takes the process with it; `apart.extract` gives it one of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from extractors.errors import DamagedInput, ExtractionError, InputTooLarge
from extractors.guard import Limits, Watch, guard
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
        stated = document.metadata()
        pages: list[PageText] = []
        num_unread = 0
        error: ExtractionError | None = None
        if document.num_pages > options.max_pages:
            error = InputTooLarge(f"{document.num_pages} pages, limit {options.max_pages}")
        for index in range(min(document.num_pages, options.max_pages)):
            watch.check()
            page = document.page(index, watch)
            if page is None:
                num_unread += 1
            else:
                pages.append(page)
        if not pages:
            raise DamagedInput(f"none of {document.num_pages} pages can be read")
        return _result(pages, document.num_pages, num_unread, stated, options, error)


def _result(
    pages: list[PageText],
    num_pages: int,
    num_unread: int,
    stated: dict[str, str],
    options: Options,
    error: ExtractionError | None,
) -> Extraction:
    num_chars = sum(page.num_chars for page in pages)
    is_scan = num_chars < options.min_page_chars * len(pages) and 2 * sum(page.is_picture for page in pages) >= len(
        pages
    )
    found = blocks(zones(pages)) if not is_scan else blocks([])
    author = _stated(stated, "Author")
    notes = {
        "author": author or "",
        "num_pages": str(num_pages),
        "num_unread_pages": str(num_unread) if num_unread else "",
        "subjects": _stated(stated, "Keywords") or "",
        "producer": stated.get("Producer", "")[:100],
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
