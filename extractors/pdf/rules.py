"""Ruling lines of a page: what its paths draw level or upright.

A thin filled box is two lines on each other, which become one. Cost: some microseconds a path. Blind spot: lines inside
form objects, lines of dots, and pictures of lines.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from typing import Any

from extractors.guard import Watch
from extractors.pdf.glyphs import PageBox

MAX_OBJECTS = 20_000
MAX_LINES = 4_000
"""Objects of a page that are looked at, and lines up to which it is no drawing; beyond either it has no rules."""
MIN_LENGTH = 8.0
"""Points, inclusive: shorter strokes are parts of glyphs and of drawings."""
NEAR = 1.5
"""Points between lines that are one."""
_CHECK_EVERY = 2048


@dataclass(frozen=True, slots=True)
class Rule:
    """A line: its two ends along its direction, and where it lies across it."""

    start: float
    end: float
    at: float


@dataclass(slots=True)
class Rules:
    """Level and upright lines of a page, in points from its lower left corner."""

    level: list[Rule] = field(default_factory=list)
    upright: list[Rule] = field(default_factory=list)


def rules(page: Any, raw: Any, box: PageBox, watch: Watch) -> Rules:
    """The rules of a page; none where it is a drawing."""
    found = Rules()
    num = raw.FPDFPage_CountObjects(page)
    if num > MAX_OBJECTS:
        return found
    for k in range(num):
        if k % _CHECK_EVERY == 0:
            watch.check()
        part = raw.FPDFPage_GetObject(page, k)
        if raw.FPDFPageObj_GetType(part) == raw.FPDF_PAGEOBJ_PATH and _is_drawn(part, raw):
            _add_lines(part, raw, box, found)
        if len(found.level) + len(found.upright) > MAX_LINES:
            return Rules()
    return Rules(_merged(found.level), _merged(found.upright))


def _is_drawn(part: Any, raw: Any) -> bool:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    return bool(raw.FPDFPath_GetDrawMode(part, fill, stroke)) and bool(fill.value or stroke.value)


def _add_lines(part: Any, raw: Any, box: PageBox, found: Rules) -> None:
    num = min(raw.FPDFPath_CountSegments(part), MAX_LINES)
    matrix = raw.FS_MATRIX()
    if not raw.FPDFPageObj_GetMatrix(part, matrix):
        return
    x, y = ctypes.c_float(), ctypes.c_float()
    begun = before = (0.0, 0.0)
    for k in range(num):
        stroke = raw.FPDFPath_GetPathSegment(part, k)
        if not raw.FPDFPathSegment_GetPoint(stroke, x, y):
            continue
        point = (
            matrix.a * x.value + matrix.c * y.value + matrix.e - box.left,
            matrix.b * x.value + matrix.d * y.value + matrix.f - box.bottom,
        )
        kind = raw.FPDFPathSegment_GetType(stroke)
        if kind == raw.FPDF_SEGMENT_MOVETO:
            begun = point
        elif kind == raw.FPDF_SEGMENT_LINETO:
            _add(before, point, found)
        before = point
        if raw.FPDFPathSegment_GetClose(stroke):
            _add(before, begun, found)


def _add(one: tuple[float, float], other: tuple[float, float], found: Rules) -> None:
    (x0, y0), (x1, y1) = one, other
    if abs(y1 - y0) < 0.5 and abs(x1 - x0) >= MIN_LENGTH:
        found.level.append(Rule(min(x0, x1), max(x0, x1), (y0 + y1) / 2))
    elif abs(x1 - x0) < 0.5 and abs(y1 - y0) >= MIN_LENGTH:
        found.upright.append(Rule(min(y0, y1), max(y0, y1), (x0 + x1) / 2))


def _merged(lines: list[Rule]) -> list[Rule]:
    """Lines that lie on each other, or go on where another ends, as one."""
    out: list[Rule] = []
    for line in sorted(lines, key=lambda rule: (round(rule.at / NEAR), rule.start, rule.end)):
        last = out[-1] if out else None
        if last is not None and abs(last.at - line.at) <= NEAR and line.start <= last.end + 2 * NEAR:
            out[-1] = Rule(last.start, max(last.end, line.end), last.at)
        else:
            out.append(line)
    return out
