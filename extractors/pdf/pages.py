"""A PDF's text layer → segments of one line each with their places, and tables where its rules draw them, by pdfium.

Why characters and not pdfium's own lines: reading order, columns and headings need each one's place and size. Blind
spot: pictures of text, values of form fields, notes of readers (annotations) and attached files.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from extractors.errors import DamagedInput, EncryptedInput
from extractors.guard import Watch
from extractors.pdf.glyphs import Gatherer, Left, PageBox
from extractors.pdf.rules import rules
from extractors.pdf.segments import Segment
from extractors.pdf.tables import with_tables

MAX_STAMP_CHARS = 200
"""Characters over a scanned page (a stamp, a page number, a library's mark), exclusive."""
MIN_COVERED_RATIO = 0.4
"""Share of the page that pictures cover on a scan, inclusive; strips of one picture count together."""
MAX_PICTURES = 2000
_PASSWORD, _SECURITY = 4, 5


@dataclass(slots=True)
class PageText:
    """What one page has, turned so that most of its text runs from left to right and downwards.

    Of a page of right-to-left writing the segments are mirrored: what is read first stands left.
    """

    width: float
    height: float
    segments: list[Segment]
    num_chars: int
    """Characters that are not white space."""
    is_picture: bool = False
    """A picture covers most of it, and next to no text."""
    left: Left = field(default_factory=Left)
    """Characters that are not among the segments."""


class Document:
    """An open PDF. Raises EncryptedInput and DamagedInput; use as a context manager."""

    def __init__(self, data: bytes) -> None:
        import pypdfium2 as pdfium

        self._unmapped: dict[str, Counter[str]] = {}
        try:
            self._pdf: Any = pdfium.PdfDocument(data)
            self.num_pages = len(self._pdf)
        except pdfium.PdfiumError as error:
            if getattr(error, "err_code", None) in (_PASSWORD, _SECURITY):
                raise EncryptedInput("a password is needed") from error
            raise DamagedInput(f"pdfium: {error}"[:200]) from error

    def __enter__(self) -> Document:
        return self

    def __exit__(self, *_: object) -> None:
        self._pdf.close()

    def metadata(self) -> dict[str, str]:
        found = self._pdf.get_metadata_dict(skip_empty=True)
        return {name: " ".join(value.replace("\x00", " ").split()) for name, value in found.items()}

    def page(self, index: int, watch: Watch) -> PageText | None:
        """One page; None where pdfium cannot load it."""
        import pypdfium2 as pdfium
        import pypdfium2.raw as raw

        try:
            page = self._pdf[index]
        except pdfium.PdfiumError:
            return None
        try:
            text_page = page.get_textpage()
            try:
                box = _box(page.raw, raw)
                gatherer = Gatherer(text_page.raw, raw, box, self._unmapped)
                found = gatherer.run(watch)
            finally:
                text_page.close()
            return _page(page, raw, box, found, gatherer, watch)
        except pdfium.PdfiumError:
            return None
        finally:
            page.close()


def _box(page: Any, raw: Any) -> PageBox:
    """The part of the page that is shown, before any turn."""
    shown = raw.FS_RECTF()
    if not raw.FPDF_GetPageBoundingBox(page, shown):
        return PageBox(0, 0, 612, 792)
    return PageBox(shown.left, shown.bottom, shown.right, shown.top)


def _page(
    page: Any, raw: Any, box: PageBox, found: list[tuple[Segment, int]], gatherer: Gatherer, watch: Watch
) -> PageText:
    num_chars = sum(len("".join(segment.text.split())) for segment, _ in found)
    is_picture = num_chars < MAX_STAMP_CHARS and _is_covered(page, raw, box)
    angle = _main_angle(found)
    segments = [segment for segment, other in found if other == angle]
    gatherer.left.num_turned += num_chars - sum(len("".join(segment.text.split())) for segment in segments)
    width, height = box.right - box.left, box.top - box.bottom
    if angle % 2:
        width, height = height, width
    if gatherer.is_right_to_left:
        segments = [replace(segment, x0=width - segment.x1, x1=width - segment.x0, words=[]) for segment in segments]
    elif angle == 0:
        segments = with_tables(segments, rules(page.raw, raw, box, watch))
    return PageText(width, height, segments, num_chars, is_picture, gatherer.left)


def _is_covered(page: Any, raw: Any, box: PageBox) -> bool:
    area = 0.0
    for k, picture in enumerate(page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=4)):
        left, bottom, right, top = picture.get_bounds()
        area += max(0.0, right - left) * max(0.0, top - bottom)
        if area >= MIN_COVERED_RATIO * (box.right - box.left) * (box.top - box.bottom):
            return True
        if k >= MAX_PICTURES:
            break
    return False


def _main_angle(found: list[tuple[Segment, int]]) -> int:
    """The direction most characters run in."""
    totals = [0, 0, 0, 0]
    for segment, angle in found:
        totals[angle] += len(segment.text)
    return totals.index(max(totals))
