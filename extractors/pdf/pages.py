"""A PDF's text layer → segments of one line each with their places, by pdfium.

Why characters and not pdfium's own lines: reading order, columns and headings need each one's place and size. Cost:
some 4 µs a character. Blind spot: pictures of text, and fonts whose characters have no Unicode values.
"""

from __future__ import annotations

import ctypes
import math
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from extractors.errors import DamagedInput, EncryptedInput
from extractors.guard import Watch

MAX_PAGE_CHARS = 200_000
"""Characters of one page that are read; a newspaper's page has some 30,000."""
MAX_STAMP_CHARS = 200
"""Characters over a scanned page (a stamp, a page number, a library's mark), exclusive."""
MIN_COVERED_RATIO = 0.4
"""Share of the page that one picture covers on a scan, inclusive."""
CHECK_EVERY = 2048
_PASSWORD, _SECURITY = 4, 5
_BOLD = re.compile(r"bold|black|heavy|semibold|demi|-medi(?:$|[^u])|cmbx|sfbx|ecbx|bx\d", re.I)
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
_SPACES = dict.fromkeys((0xA0, 0x2002, 0x2003, 0x2007, 0x2009, 0x200A, 0x202F), " ")
_HYPHENS = {0x02: "-", 0xFFFE: "-", 0xAD: "-", 0x2010: "-"}
_CHARACTERS = {**_LIGATURES, **_SPACES, **_HYPHENS}


@dataclass(slots=True)
class Segment:
    """Characters beside each other on one line; y grows upwards, in points."""

    text: str
    x0: float
    x1: float
    y: float
    """Baseline."""
    size: float
    """Font size of most of its characters."""
    is_bold: bool = False


@dataclass(slots=True)
class PageText:
    """What one page has."""

    width: float
    height: float
    segments: list[Segment]
    num_chars: int
    """Characters that are not white space."""
    is_picture: bool = False
    """A picture covers most of it, and next to no text."""


class Document:
    """An open PDF. Raises EncryptedInput and DamagedInput; use as a context manager."""

    def __init__(self, data: bytes) -> None:
        import pypdfium2 as pdfium

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
                found = _Gatherer(text_page.raw, raw).run(watch)
            finally:
                text_page.close()
            width, height = page.get_size()
            num_chars = sum(len("".join(segment.text.split())) for segment, _ in found)
            is_picture = num_chars < MAX_STAMP_CHARS and _is_covered(page, raw, width * height)
            return PageText(width, height, _upright(found), num_chars, is_picture)
        except pdfium.PdfiumError:
            return None
        finally:
            page.close()


def _is_covered(page: Any, raw: Any, area: float) -> bool:
    for picture in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=4):
        left, bottom, right, top = picture.get_bounds()
        if (right - left) * (top - bottom) >= MIN_COVERED_RATIO * area:
            return True
    return False


@dataclass(slots=True)
class _Angled:
    """A segment being gathered, in the coordinates of its own direction."""

    chars: list[str]
    xs: list[float]
    x0: float
    x1: float
    y: float
    size: float
    angle: int
    """Quarter turns."""
    first: int
    """Index of its first character."""


class _Gatherer:
    """Characters of one page, gathered into segments in the order the page draws them."""

    def __init__(self, text_page: Any, raw: Any) -> None:
        self.text_page, self.raw = text_page, raw
        self.box = raw.FS_RECTF()
        self.x, self.y = ctypes.c_double(), ctypes.c_double()
        self.sizes: dict[tuple[float, float], float] = {}
        """Size on the page by the font's stated size and the height of its box."""
        self.open: _Angled | None = None
        self.found: list[tuple[Segment, int]] = []

    def run(self, watch: Watch) -> list[tuple[Segment, int]]:
        """All segments with the quarter turns of their direction."""
        unicode, text_page = self.raw.FPDFText_GetUnicode, self.text_page
        pending_space = False
        for i in range(min(self.raw.FPDFText_CountChars(text_page), MAX_PAGE_CHARS)):
            if i % CHECK_EVERY == 0:
                watch.check()
            code = unicode(text_page, i)
            if code in (10, 13):
                self._close()
                pending_space = False
                continue
            char = _CHARACTERS.get(code) or _character(code)
            if not char or char.isspace():
                pending_space = pending_space or bool(char)
            elif self._add(i, char, pending_space):
                pending_space = False
        self._close()
        return self.found

    def _add(self, index: int, char: str, pending_space: bool) -> bool:
        """Take a character in; False for one without a place."""
        raw, text_page, box = self.raw, self.text_page, self.box
        if not raw.FPDFText_GetLooseCharBox(text_page, index, box):
            return False
        if not raw.FPDFText_GetCharOrigin(text_page, index, self.x, self.y):
            return False
        angle = round(raw.FPDFText_GetCharAngle(text_page, index) / (math.pi / 2)) % 4
        x0, x1, base, height = _turned(box, self.x.value, self.y.value, angle)
        stated = raw.FPDFText_GetFontSize(text_page, index) or 1.0
        size = self.sizes.get((stated, round(height, 1)))
        if size is None:
            size = self.sizes[stated, round(height, 1)] = _scaled(text_page, raw, index, stated)
        segment = self.open
        if segment is None or not _goes_on(segment, x0, x1, base, size, angle):
            self._close()
            segment = self.open = _Angled([], [], x0, x1, base, size, angle, index)
        elif pending_space or x0 - segment.x1 > 0.25 * min(size, segment.size):
            segment.chars.append(" ")
            segment.xs.append(x0)
        segment.x0, segment.x1 = min(segment.x0, x0), max(segment.x1, x1)
        if size > segment.size * 1.02 and len(segment.chars) < 3:
            segment.y, segment.size = base, size  # what came before was raised
        segment.chars.append(char)
        segment.xs.append(x0)
        return True

    def _close(self) -> None:
        if self.open is not None:
            self.found.append(_finished(self.open, self.text_page, self.raw))
            self.open = None


def _character(code: int) -> str:
    """The character; "" for controls and what is none."""
    return chr(code) if 32 <= code < 0xD800 or 0xE000 <= code < 0x110000 or code == 9 else ""


def _scaled(text_page: Any, raw: Any, index: int, size: float) -> float:
    """The font's size on the page: what the font states, times the scale of its text."""
    matrix = raw.FS_MATRIX()
    if not raw.FPDFText_GetMatrix(text_page, index, matrix):
        return size
    scale = math.sqrt(abs(matrix.a * matrix.d - matrix.b * matrix.c))
    return size * scale if scale > 0 else size


def _turned(box: Any, x: float, y: float, angle: int) -> tuple[float, float, float, float]:
    """Left, right, baseline and height of a character in the direction it is written in."""
    if angle == 0:
        return box.left, box.right, y, box.top - box.bottom
    if angle == 2:
        return -box.right, -box.left, -y, box.top - box.bottom
    if angle == 1:  # written downwards or upwards: turn the page
        return -box.top, -box.bottom, x, box.right - box.left
    return box.bottom, box.top, -x, box.right - box.left


def _goes_on(segment: _Angled, x0: float, x1: float, y: float, size: float, angle: int) -> bool:
    """The character stands on the segment's line, or raised beside it, and not far from its end."""
    if angle != segment.angle:
        return False
    larger = max(size, segment.size)
    if abs(y - segment.y) > (0.5 if size < 0.9 * segment.size or segment.size < 0.9 * size else 0.25) * larger:
        return False
    return -1.5 * larger < x0 - segment.x1 < 1.1 * larger or -1.1 * larger < segment.x0 - x1 < 1.5 * larger


def _finished(segment: _Angled, text_page: Any, raw: Any) -> tuple[Segment, int]:
    text = _logical("".join(segment.chars), segment.xs)
    is_bold = raw.FPDFText_GetFontWeight(text_page, segment.first) >= 600 or _is_bold_font(
        text_page, raw, segment.first
    )
    return Segment(text, segment.x0, segment.x1, segment.y, segment.size, is_bold), segment.angle


def _is_bold_font(text_page: Any, raw: Any, index: int) -> bool:
    flags = ctypes.c_int()
    buffer = ctypes.create_string_buffer(128)
    size = raw.FPDFText_GetFontInfo(text_page, index, buffer, 128, flags)
    return 0 < size <= 128 and _BOLD.search(buffer.value.decode("utf-8", "ignore")) is not None


def _logical(text: str, xs: list[float]) -> str:
    """Text of a script that runs from right to left in the order it is read in.

    Producers store such lines in either order; the places of the characters tell which.
    """
    if not any(unicodedata.bidirectional(char) in ("R", "AL") for char in text[:200]):
        return text
    steps = [
        b - a
        for a, b, char in zip(xs, xs[1:], text[1:], strict=False)
        if unicodedata.bidirectional(char) in ("R", "AL")
    ]
    if sum(step > 0 for step in steps) <= sum(step < 0 for step in steps):
        return text
    words = re.split(r"([A-Za-z0-9][A-Za-z0-9 .,:/%-]*[A-Za-z0-9]|[A-Za-z0-9])", text)
    return "".join(word if k % 2 else word[::-1] for k, word in reversed(list(enumerate(words))))


def _upright(found: list[tuple[Segment, int]]) -> list[Segment]:
    """The segments of the direction most characters run in; marks written across the page are left out."""
    totals = [0, 0, 0, 0]
    for segment, angle in found:
        totals[angle] += len(segment.text)
    main = totals.index(max(totals))
    return [segment for segment, angle in found if angle == main]
