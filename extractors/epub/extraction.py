"""An e-book in spine order: each chapter through the HTML extractor, every block of it text.

Cost: that of the HTML parser. Blind spot: text in pictures and in SVG; fixed-layout books come out page by page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from extractors import html
from extractors.epub import chapter, package
from extractors.errors import DamagedInput, EncryptedInput, ExtractionError, InputTooLarge, TimeLimitExceeded
from extractors.guard import Limits, Watch, guard
from extractors.gutenberg.frame import unframed
from extractors.package_file import Package
from extractors.result import Extraction

MAX_CHAPTER_BYTES = 16 * 2**20
FRAME_CHARS = 60_000
"""Characters at either end of a book in which a frame is looked for."""
_GUTENBERG = re.compile("Project Gutenberg", re.I)


@dataclass(frozen=True, slots=True)
class Options:
    """How one book is extracted."""

    apparatus: Literal["drop", "keep"] = "drop"
    """`drop`: leave covers, title pages, lists of contents, indexes and imprints out."""
    max_unpacked_bytes: int = 256 * 2**20
    """Bytes all members that are read may unpack to, inclusive."""
    limits: Limits = field(default_factory=lambda: Limits(time_s=60.0, input_bytes=256 * 2**20))


_DEFAULT = Options()


def extract(data: bytes, options: Options = _DEFAULT) -> Extraction:
    """Text and metadata of an EPUB; never raises on input."""
    return guard(lambda watch: _extract(data, options, watch), options.limits)


def _extract(data: bytes, options: Options, watch: Watch) -> Extraction:
    if len(data) > options.limits.input_bytes:
        raise InputTooLarge(f"{len(data)} bytes, limit {options.limits.input_bytes}")
    container = Package(data, options.max_unpacked_bytes)
    book = package.read(container)
    enciphered = package.encrypted(container)
    if any(item.member in enciphered for item in book.chapters):
        raise EncryptedInput("encryption.xml names chapters")
    if not book.chapters:
        raise DamagedInput(
            f"no chapter: the spine names {book.num_missing} members that are not there and {book.num_foreign} that "
            "are no markup"
        )
    found = _Chapters(book, container)
    watch.partial = found.result
    for item in book.chapters:
        watch.check()
        found.add(item, options)
    return found.result()


class _Chapters:
    """The chapters read so far."""

    def __init__(self, book: package.Book, container: Package) -> None:
        self.book = book
        self.container = container
        self.texts: list[str] = []
        self.num_apparatus = 0
        self.num_damaged = 0
        self.error: ExtractionError | None = None

    def add(self, item: package.Chapter, options: Options) -> None:
        try:
            source = chapter.prepared(self.container.read(item.member, MAX_CHAPTER_BYTES))
        except DamagedInput as error:
            self.num_damaged += 1
            self.error = self.error or error
            return
        is_navigation = " nav " in item.properties
        if options.apparatus == "drop":
            if not is_navigation and chapter.is_apparatus(item.member, item.properties, source):
                self.num_apparatus += 1
                return
            source = chapter.without_navigation(source)
        limits = Limits(options.limits.time_s, MAX_CHAPTER_BYTES, options.limits.depth)
        found = html.extract(source, options=html.Options(select=False, limits=limits))
        if isinstance(found.error, TimeLimitExceeded):
            raise found.error
        if found.error is not None:
            self.num_damaged += 1
            self.error = self.error or found.error
        if is_navigation and _is_heading_only(found.text):
            self.num_apparatus += 1
        elif found.text:
            self.texts.append(found.text)

    def result(self) -> Extraction:
        book = self.book
        text, is_framed = _unframed("\n\n".join(self.texts))
        num_damaged = self.num_damaged + self.container.num_damaged
        notes = {
            "author": "; ".join(book.creators),
            "identifier": book.identifier or "",
            "publisher": book.publisher or "",
            "rights": book.rights or "",
            "subjects": "; ".join(book.subjects),
            "frame": "project-gutenberg" if is_framed else "",
            "num_chapters": str(len(self.texts)),
            "num_apparatus": str(self.num_apparatus) if self.num_apparatus else "",
            "num_missing": str(book.num_missing) if book.num_missing else "",
            "num_foreign": str(book.num_foreign) if book.num_foreign else "",
            "num_damaged": str(num_damaged) if num_damaged else "",
        }
        return Extraction(
            text=text,
            title=book.title,
            author=notes["author"] or None,
            date=book.date,
            language=book.language,
            license_url=book.license_url,
            kind="book",
            error=None if self.texts else self.error,
            metadata={name: value for name, value in notes.items() if value},
        )


def _unframed(text: str) -> tuple[str, bool]:
    """The text without the header and licence that Project Gutenberg puts into books, and whether it had them."""
    if not _GUTENBERG.search(text, 0, FRAME_CHARS) and not _GUTENBERG.search(text, max(0, len(text) - FRAME_CHARS)):
        return text, False
    framed = unframed(text)
    return ("\n".join(framed.lines).strip("\n"), True) if framed.is_framed else (text, False)


def _is_heading_only(text: str) -> bool:
    """What is left of a navigation document without its lists is its heading."""
    return all(block.startswith("#") for block in text.split("\n\n") if block)
