"""Characters that stand together on a line → a segment: words, exponents and indices, accents on their letters.

Method: what a page draws later than the line it stands in (exponents, signs of formulas, numbers of notes) is put where
its place is. Blind spot: fractions, roots and limits stay the rows of characters they are drawn as.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from extractors.pdf.scripts import is_right_to_left, logical, marked, with_accent

MAX_RAISED_CHARS = 6
MAX_INSERTED_CHARS = 40
MAX_ATTACHED = 5000
"""Segments of a page up to which those drawn apart are joined; a map has more."""
_ROW = 16.0
FIRST_IDEOGRAPH = "\u2e80"
"""From here on characters are of one width in any type."""


@dataclass(slots=True)
class Word:
    """Characters without a space between them."""

    text: str
    x0: float
    x1: float


@dataclass(slots=True)
class Segment:
    """Words beside each other on one line; y grows upwards, in points."""

    text: str
    x0: float
    x1: float
    y: float
    """Baseline of most of its characters."""
    size: float
    """Font size of most of its characters."""
    is_bold: bool = False
    is_mono: bool = False
    words: list[Word] = field(default_factory=list)
    """Its words with their places; empty for writing from right to left."""
    table: str = ""
    """A table that stands here, as Markdown; `text` is empty then."""


@dataclass(frozen=True, slots=True)
class Style:
    """What the characters of a text object share."""

    size: float
    angle: int
    """Quarter turns; -1 for writing aslant."""
    is_bold: bool
    is_mono: bool
    font: str


Accent = tuple[str, float, float, float, Style]
"""An accent that stands alone: the character, its ends, its baseline."""


@dataclass(slots=True)
class Run:
    """Characters of one style and baseline within a segment."""

    start: int
    base: float
    style: Style
    is_unmapped: bool


@dataclass(slots=True)
class Gathered:
    """A segment being gathered, in the coordinates of its own direction; spaces are `cuts`, not characters."""

    angle: int
    chars: list[str]
    x0s: list[float]
    x1s: list[float]
    cuts: list[int]
    runs: list[Run]
    x0: float
    x1: float
    base: float
    size: float
    has_rtl: bool = False


def span(part: Gathered, k: int) -> slice:
    """Where the characters of a segment's run stand."""
    return slice(part.runs[k].start, part.runs[k + 1].start if k + 1 < len(part.runs) else len(part.chars))


def goes_on(part: Gathered, x0: float, x1: float, base: float, style: Style, rtl: bool) -> bool:
    """The character stands on the segment's line, or raised beside it, and not far from its end."""
    if style.angle != part.angle:
        return False
    size = style.size
    larger = size if size > part.size else part.size
    tolerance = 0.5 if size < 0.9 * part.size or part.size < 0.9 * size else 0.25
    if abs(base - part.base) > tolerance * larger:
        return False
    gap = x0 - part.x1
    if x0 == part.x0s[-1]:
        return True  # a glyph that stands for several characters
    if rtl or part.has_rtl:
        return gap < 1.1 * larger and part.x0 - x1 < 1.5 * larger
    return -0.35 * larger < gap < 1.1 * larger


def accented(found: list[Gathered], accents: list[Accent]) -> list[Accent]:
    """Give accents to the letters below or above them (old fonts draw the two apart); those that stand alone."""
    rows = _by_row(found) if accents else {}
    return [accent for accent in accents if not _settle(accent, _near(rows, accent[3]))]


def _settle(accent: Accent, near: Iterable[Gathered]) -> bool:
    char, x0, x1, base, style = accent
    middle = (x0 + x1) / 2
    for part in near:
        if part.angle != style.angle or abs(part.base - base) > 0.4 * style.size or not part.x0 < middle < part.x1:
            continue
        for k, letter in enumerate(part.chars):
            if part.x0s[k] < middle < part.x1s[k]:
                part.chars[k] = with_accent(letter, char) if letter.isalpha() else letter + char
                return True
    return False


def _by_row(found: list[Gathered]) -> dict[int, list[Gathered]]:
    rows: dict[int, list[Gathered]] = {}
    for part in found:
        rows.setdefault(int(part.base // _ROW), []).append(part)
    return rows


def _near(rows: dict[int, list[Gathered]], base: float) -> Iterator[Gathered]:
    """The segments up to a row higher or lower."""
    row = int(base // _ROW)
    for k in (row, row - 1, row + 1):
        yield from rows.get(k, ())


def attached(found: list[Gathered]) -> list[Gathered]:
    """The segments, with what was drawn at another time joined to the line it stands in: exponents, signs, marks."""
    if len(found) > MAX_ATTACHED:
        return found
    rows = _by_row(found)
    gone: set[int] = set()
    for part in found:
        if len(part.chars) > MAX_INSERTED_CHARS or part.has_rtl:
            continue
        for host in _near(rows, part.base):
            if host is not part and id(host) not in gone and (_is_raised_at(part, host) or _is_inside(part, host)):
                gone.add(id(part))
                _insert(part, host)
                break
    return [part for part in found if id(part) not in gone]


def _is_raised_at(part: Gathered, host: Gathered) -> bool:
    """The small segment stands raised or lowered at the other's end, or as the number of a note before it."""
    if part.size >= 0.85 * host.size or part.angle != host.angle or host.has_rtl:
        return False
    rise = part.base - host.base
    if len(part.chars) > MAX_RAISED_CHARS or not 0.08 * host.size < abs(rise) < 0.5 * host.size:
        return False
    if -0.1 * host.size < part.x0 - host.x1 < 0.2 * host.size:
        return True
    return rise > 0 and -0.1 * host.size < host.x0 - part.x1 < 0.6 * host.size and "".join(part.chars).isdigit()


def _is_inside(part: Gathered, host: Gathered) -> bool:
    """The segment fills a gap that the other leaves on the line."""
    if part.angle != host.angle or host.has_rtl or not host.x0 < part.x0 <= part.x1 < host.x1:
        return False
    is_small = part.size < 0.85 * host.size
    if abs(part.base - host.base) > (0.5 if is_small else 0.1) * host.size:
        return False
    covered = sum(max(0.0, min(part.x1, x1) - max(part.x0, x0)) for x0, x1 in zip(host.x0s, host.x1s, strict=True))
    return covered < 0.3 * (part.x1 - part.x0)


def _insert(part: Gathered, host: Gathered) -> None:
    """Put the characters where they stand on the other's line."""
    glyphs = [*_glyphs(host, False), *_glyphs(part, True)]
    glyphs.sort(key=lambda glyph: glyph.x0)
    host.chars, host.x0s, host.x1s = [g.char for g in glyphs], [g.x0 for g in glyphs], [g.x1 for g in glyphs]
    host.cuts, host.runs = [], []
    for k, glyph in enumerate(glyphs):
        before = glyphs[k - 1] if k else None
        cut = glyph.begins_word
        if before is not None and (glyph.is_inserted or before.is_inserted):
            cut = glyph.x0 - before.x1 > 0.2 * host.size or (glyph.is_inserted and cut)
        if cut and k:
            host.cuts.append(k)
        run = glyph.run
        if before is None or run is not before.run:
            host.runs.append(Run(k, run.base, run.style, run.is_unmapped))
    host.x0, host.x1 = min(host.x0, part.x0), max(host.x1, part.x1)


class _Glyph(NamedTuple):
    x0: float
    x1: float
    char: str
    run: Run
    begins_word: bool
    is_inserted: bool


def _glyphs(part: Gathered, is_inserted: bool) -> Iterator[_Glyph]:
    cuts, place = set(part.cuts), -1
    for k, (x0, x1, char) in enumerate(zip(part.x0s, part.x1s, part.chars, strict=True)):
        if place + 1 < len(part.runs) and part.runs[place + 1].start <= k:
            place += 1
        yield _Glyph(x0, x1, char, part.runs[place], k in cuts, is_inserted)


def rejoined(found: list[Gathered]) -> list[Gathered]:
    """The segments, those of one line joined where one runs from right to left: its Latin words were jumped to."""
    if not any(part.has_rtl for part in found):
        return found
    out: list[Gathered] = []
    for part in sorted(found, key=lambda part: (part.angle, -round(part.base), part.x0)):
        last = out[-1] if out else part
        size = max(part.size, last.size)
        near = last.angle == part.angle and abs(last.base - part.base) < 0.25 * size and part.x0 - last.x1 < 1.1 * size
        if not out or not near or not (part.has_rtl or last.has_rtl):
            out.append(part)
            continue
        at = len(last.chars)
        last.runs += [Run(run.start + at, run.base, run.style, run.is_unmapped) for run in part.runs]
        last.chars, last.x0s, last.x1s = last.chars + part.chars, last.x0s + part.x0s, last.x1s + part.x1s
        last.x1, last.has_rtl = max(last.x1, part.x1), True
    return out


def is_page_rtl(found: list[Gathered]) -> bool:
    """Most letters are of scripts that run from right to left."""
    if not any(part.has_rtl for part in found):
        return False
    letters = [char for part in found for char in "".join(part.chars) if char.isalpha()]
    return 2 * sum(map(is_right_to_left, letters)) > len(letters)


def finished(part: Gathered, is_page_rtl: bool) -> Segment:
    """The segment with its text."""
    counts: Counter[tuple[float, int]] = Counter()
    bold = mono = total = 0
    first: dict[tuple[float, int], Run] = {}
    for k, run in enumerate(part.runs):
        num = sum(map(bool, part.chars[span(part, k)]))
        key = (round(run.style.size, 1), round(run.base))
        first.setdefault(key, run)
        counts[key] += num
        bold, mono, total = bold + num * run.style.is_bold, mono + num * run.style.is_mono, total + num
    main = first[max(counts, key=lambda key: (counts[key], key))]
    size, base = main.style.size, main.base
    if part.has_rtl:
        glyphs = [glyph for glyph in zip(part.x0s, part.x1s, part.chars, strict=True) if glyph[2]]
        x0, x1 = min(glyph[0] for glyph in glyphs), max(glyph[1] for glyph in glyphs)
        text, words = logical(glyphs, size, is_page_rtl), []
    else:
        _raise(part, size, base)
        words = _words(part)
        text, x0, x1 = " ".join(word.text for word in words), words[0].x0, max(word.x1 for word in words)
    is_mono = mono == total and max(text, default="") < FIRST_IDEOGRAPH
    return Segment(text, x0, x1, base, size, 2 * bold > total, is_mono, words)


def _raise(part: Gathered, size: float, base: float) -> None:
    """Mark exponents, indices and the numbers of notes."""
    for k, run in enumerate(part.runs):
        where = span(part, k)
        rise = run.base - base
        if run.style.size >= 0.85 * size or -0.08 * size < rise < 0.18 * size:
            continue
        start = max([cut for cut in part.cuts if cut <= where.start], default=0)
        before = "".join(part.chars[max(start, where.start - 6) : where.start])
        words = "".join(part.chars[where])
        part.chars[where] = [marked(words, before, rise > 0), *[""] * (where.stop - where.start - 1)]
        if where.start == 0 and words.isdigit() and where.stop not in part.cuts:
            part.cuts.append(where.stop)


def _words(part: Gathered) -> list[Word]:
    cuts = [0, *sorted(part.cuts), len(part.chars)]
    out = []
    for start, stop in itertools.pairwise(cuts):
        text = "".join(part.chars[start:stop])
        if text:
            out.append(Word(text, min(part.x0s[start:stop]), max(part.x1s[start:stop])))
    return out
