"""Characters of one page → segments of one line each, in the order the page draws them.

A call into pdfium costs as much as the rest of a character's work: what a text object's characters share is asked once
for each object, what a font's code means once for each code. Blind spot: fonts whose table of Unicode values says
something else than their glyphs show.
"""

from __future__ import annotations

import ctypes
import math
import re
import struct
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from extractors.guard import Watch
from extractors.pdf.scripts import ACCENTS, CHARACTERS, PRIVATE, is_right_to_left, plausible
from extractors.pdf.segments import (
    Accent,
    Gathered,
    Run,
    Segment,
    Style,
    accented,
    attached,
    finished,
    goes_on,
    is_page_rtl,
    rejoined,
    span,
)

MAX_PAGE_CHARS = 200_000
"""Characters of one page that are read; a newspaper's page has some 30,000. What is cut off is counted."""
MAX_SKEW = 0.25
"""Share of a quarter turn by which writing may be off one of the four directions; a stamp across a page is more."""
CHECK_EVERY = 2048
_BOLD = re.compile(r"bold|black|heavy|semibold|demi|-medi(?:$|[^u])|cmbx|sfbx|ecbx|bx\d", re.I)
_MONO = re.compile(r"mono|courier|typewriter|consol|menlo|(?:cm|ec|sf)tt\d|nimbusmon", re.I)
_FIXED_PITCH = 1
"""Flag of a font descriptor."""
_LINE_END, _NOTHING = -1, -2
_BOUNDS = struct.Struct("4f")
"""Left, top, right and bottom, as pdfium gives them."""
_SIDES = (3, 0, 1, 2, 3)
"""Which of them is alike for all of a line, by its quarter turns; last for writing aslant."""
_NO_STYLE = Style(1.0, 0, False, False, "")


@dataclass(slots=True)
class Left:
    """Characters of a page that are in no segment."""

    num_unmapped: int = 0
    """Without a Unicode value: the font does not tell what its glyphs mean."""
    num_turned: int = 0
    """Written across the direction of the page."""
    num_cut: int = 0
    """Beyond `MAX_PAGE_CHARS`."""


@dataclass(frozen=True, slots=True)
class PageBox:
    """The visible part of a page in its own coordinates, as drawn."""

    left: float
    bottom: float
    right: float
    top: float


class Gatherer:
    """Characters of one page; `unmapped` counts, over the document, what its fonts have no Unicode values for."""

    def __init__(self, text_page: Any, raw: Any, box: PageBox, unmapped: dict[str, Counter[str]]) -> None:
        self._page, self._raw, self._box = text_page, raw, box
        self._unmapped = unmapped
        self._found: list[Gathered] = []
        self._accents: list[Accent] = []
        self._last: Gathered | None = None
        self._styles: dict[Style, Style] = {}
        self._meanings: dict[int, dict[int, tuple[str, bool]]] = {}
        self._high = 0
        self.left = Left()
        self.is_right_to_left = False
        """Known after `run`."""

    def run(self, watch: Watch) -> list[tuple[Segment, int]]:
        """All segments with the quarter turns of their direction."""
        self._gather(watch)
        for char, x0, x1, base, style in accented(self._found, self._accents):
            self._begin(char, x0, x1, base, style, False)
        self._settle_unmapped()
        parts = rejoined(attached([part for part in self._found if any(part.chars)]))
        self.is_right_to_left = is_page_rtl(parts)
        return [(finished(part, self.is_right_to_left), part.angle) for part in parts]

    def _gather(self, watch: Watch) -> None:
        raw, page = self._raw, self._page
        total = raw.FPDFText_CountChars(page)
        self.left.num_cut = max(0, total - MAX_PAGE_CHARS)
        bounds = raw.FS_RECTF()
        place, unpacked = raw.FPDFText_GetLooseCharBox, _BOUNDS.unpack_from
        style, shared, base, side, low, high = _NO_STYLE, 0, 0.0, 3, 0.0, 0.0
        meanings: dict[int, tuple[str, bool]] = {}
        pending = begins = False
        for i, code in enumerate(self._codes(min(total, MAX_PAGE_CHARS))):
            if i % CHECK_EVERY == 0:
                watch.check()
            if code <= 32 or 0xD800 <= code < 0xE000:
                code = self._settled(i, code)
                if code == _LINE_END:
                    self._last, pending, begins = None, False, True
                pending = pending or code == 32
                if code in (_LINE_END, _NOTHING, 32):
                    continue
            if not place(page, i, bounds):
                continue
            sides = unpacked(bounds)
            if pending or begins or not low < sides[side] < high:
                owner, begins = self._owner(i), False
                if owner != shared or not low < sides[side] < high:
                    style, shared, meanings = self._style(i), owner, self._of_font(i)
                    base, side = self._base(i, style.angle), _SIDES[style.angle]
                    low, high = sides[side] - 0.05 * style.size, sides[side] + 0.05 * style.size
            meaning = meanings.get(code)
            if meaning is None:
                meaning = meanings[code] = self._meaning(i, code)
            char, is_unmapped = meaning
            if char == " ":
                pending = True
            elif not char:
                self.left.num_unmapped += code in PRIVATE or code == 0xFFFD
            elif style.angle < 0:
                self.left.num_turned += 1
            else:
                x0, x1 = self._along(sides, style.angle)
                if char in ACCENTS and not is_unmapped:
                    self._accents.append((char, x0, x1, base, style))
                else:
                    self._add(char, x0, x1, base, style, is_unmapped, pending)
                    pending = False

    def _codes(self, num: int) -> Sequence[int]:
        """The Unicode values, in one call where the library gives one for each character."""
        buffer = (ctypes.c_ushort * (num + 1))()
        if self._raw.FPDFText_GetText(self._page, 0, num, buffer) == num + 1:
            return buffer[:num]
        return [self._raw.FPDFText_GetUnicode(self._page, i) for i in range(num)]

    def _owner(self, index: int) -> int:
        """The text object of a character, as a number."""
        return ctypes.cast(self._raw.FPDFText_GetTextObject(self._page, index), ctypes.c_void_p).value or 0

    def _of_font(self, index: int) -> dict[int, tuple[str, bool]]:
        """What codes of a character's font mean, as far as they were met."""
        owner = self._raw.FPDFText_GetTextObject(self._page, index)
        font = ctypes.cast(self._raw.FPDFTextObj_GetFont(owner), ctypes.c_void_p).value if owner else 0
        return self._meanings.setdefault(font or 0, {})

    def _meaning(self, index: int, code: int) -> tuple[str, bool]:
        """What a code stands for, and whether the font does not tell."""
        if self._raw.FPDFText_HasUnicodeMapError(self._page, index):
            return chr(code), True
        return character(code), False

    def _settled(self, index: int, code: int) -> int:
        """A code that is not simply one: `_LINE_END`, `_NOTHING`, 32 for spaces, or what it is."""
        if 0xD800 <= code < 0xDC00:  # the first half of a character
            self._high = code
            return _NOTHING
        if code >= 0xDC00:
            high, self._high = self._high, 0
            return 0x10000 + ((high - 0xD800) << 10) + code - 0xDC00 if high else _NOTHING
        if code in (10, 13) and self._raw.FPDFText_IsGenerated(self._page, index):
            return _LINE_END
        return code

    def _along(self, sides: tuple[float, ...], angle: int) -> tuple[float, float]:
        """Left and right end of a character in the direction it is written in."""
        left, top, right, bottom = sides
        page = self._box
        if angle == 0:
            return left - page.left, right - page.left
        if angle == 2:
            return page.right - right, page.right - left
        if angle == 1:
            return page.top - top, page.top - bottom
        return bottom - page.bottom, top - page.bottom

    def _style(self, index: int) -> Style:
        page, raw = self._page, self._raw
        turns = raw.FPDFText_GetCharAngle(page, index) / (math.pi / 2)
        angle = round(turns) % 4 if abs(turns - round(turns)) <= MAX_SKEW else -1
        flags, buffer = ctypes.c_int(), ctypes.create_string_buffer(128)
        length = raw.FPDFText_GetFontInfo(page, index, buffer, 128, flags)
        font = buffer.value.decode("utf-8", "ignore") if 0 < length <= 128 else ""
        style = Style(
            size=_scaled(page, raw, index, raw.FPDFText_GetFontSize(page, index) or 1.0),
            angle=angle,
            is_bold=raw.FPDFText_GetFontWeight(page, index) >= 600 or _BOLD.search(font) is not None,
            is_mono=bool(flags.value & _FIXED_PITCH) or _MONO.search(font) is not None,
            font=font,
        )
        return self._styles.setdefault(style, style)

    def _base(self, index: int, angle: int) -> float:
        x, y = ctypes.c_double(), ctypes.c_double()
        self._raw.FPDFText_GetCharOrigin(self._page, index, x, y)
        box = self._box
        return (y.value - box.bottom, x.value - box.left, box.top - y.value, box.right - x.value)[max(0, angle)]

    def _add(
        self, char: str, x0: float, x1: float, base: float, style: Style, is_unmapped: bool, pending: bool
    ) -> None:
        part = self._last
        if part is not None and not part.has_rtl and char < "\u0590":
            run, size, gap = part.runs[-1], style.size, x0 - part.x1
            if run.style is style and run.base == base and run.is_unmapped == is_unmapped and -0.3 * size < gap < size:
                if pending or gap > 0.25 * size:
                    part.cuts.append(len(part.chars))
                part.chars.append(char)
                part.x0s.append(x0)
                part.x1s.append(x1)
                if x1 > part.x1:
                    part.x1 = x1
                return
        self._add_slowly(char, x0, x1, base, style, is_unmapped, pending)

    def _add_slowly(
        self, char: str, x0: float, x1: float, base: float, style: Style, is_unmapped: bool, pending: bool
    ) -> None:
        part = self._last
        rtl = char > "\u0590" and is_right_to_left(char)
        if part is None or not goes_on(part, x0, x1, base, style, rtl):
            self._begin(char, x0, x1, base, style, is_unmapped)
            return
        if pending or x0 - part.x1 > 0.25 * min(style.size, part.size):
            part.cuts.append(len(part.chars))
        run = part.runs[-1]
        if run.style is not style or run.base != base or run.is_unmapped != is_unmapped:
            part.runs.append(Run(len(part.chars), base, style, is_unmapped))
        part.chars.append(char)
        part.x0s.append(x0)
        part.x1s.append(x1)
        part.has_rtl = part.has_rtl or rtl
        if x0 < part.x0:
            part.x0 = x0
        if x1 > part.x1:
            part.x1 = x1
        if style.size > part.size * 1.02 and len(part.chars) < 4:
            part.base, part.size = base, style.size  # what came before was raised

    def _begin(self, char: str, x0: float, x1: float, base: float, style: Style, is_unmapped: bool) -> None:
        run = Run(0, base, style, is_unmapped)
        rtl = char > "\u0590" and is_right_to_left(char)
        self._last = Gathered(style.angle, [char], [x0], [x1], [], [run], x0, x1, base, style.size, rtl)
        self._found.append(self._last)

    def _settle_unmapped(self) -> None:
        """Glyphs without Unicode values: read by their codes where those spell words, else left out and counted."""
        runs = [(part, k) for part in self._found for k, run in enumerate(part.runs) if run.is_unmapped]
        for part, k in runs:
            self._unmapped.setdefault(part.runs[k].style.font, Counter()).update(part.chars[span(part, k)])
        words = {font: plausible(counted) for font, counted in self._unmapped.items()}
        for part, k in runs:
            where = span(part, k)
            codes = words[part.runs[k].style.font]
            self.left.num_unmapped += 0 if codes else where.stop - where.start
            part.chars[where] = [codes.get(char, char) if codes else "" for char in part.chars[where]]


def character(code: int) -> str:
    """What a code stands for; "" for controls, marks of direction, private codes and what is none."""
    char = CHARACTERS.get(code)
    if char is not None:
        return char
    if code < 32 or 0x7F <= code < 0xA0 or code & 0xFFFE == 0xFFFE or code >= 0x110000:
        return " " if code == 9 else ""
    if code in PRIVATE or 0x200B <= code <= 0x200F or 0x202A <= code <= 0x202E or code in (0x2060, 0xFEFF, 0xFFFD):
        return ""
    return chr(code)


def _scaled(text_page: Any, raw: Any, index: int, size: float) -> float:
    """The font's size on the page: what the font states, times the scale of its text."""
    matrix = raw.FS_MATRIX()
    if not raw.FPDFText_GetMatrix(text_page, index, matrix):
        return size
    scale = math.sqrt(abs(matrix.a * matrix.d - matrix.b * matrix.c))
    return size * scale if scale > 0 else size
