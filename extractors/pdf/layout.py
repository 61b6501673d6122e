"""Segments of pages → lines in reading order: running heads out, columns one after the other.

Method: what stands at the edge of several pages alike is a running head (Lin, "Header and footer extraction by page
association", 2003); a gutter is a strip that few segments cross and that prose stands on both sides of. Blind spot:
columns of fewer than five lines, and layouts that wrap text around pictures.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from extractors.pdf.pages import PageText
from extractors.pdf.segments import Segment

EDGE_RATIO = 0.16
"""Share of the page's height, at either end, in which running heads and page numbers stand."""
EDGE_LINES = 3
MIN_REPEATED = 3
"""Pages on which a line at the edge stands alike, inclusive; two of two or three pages count too."""
MIN_COLUMN_LINES = 5
MIN_PROSE_RATIO = 0.45
"""Share of a column's width that its segments fill on average, inclusive; tables stay below it."""
MIN_LINE_CHARS = 20
"""Characters of a segment that is a line of prose in a narrow column, inclusive."""
MIN_ROW_CELLS = 5
"""Short segments on one line, at least two on either side of the gutter, that make it a row of a wide table."""
MAX_CROSSING_RATIO = 0.3
WIDE_GAP = 1.6
"""Font sizes between segments of a line from which they are cells, not words."""
MAX_COLUMN_DEPTH = 3
MAX_STARTS = 64
"""Left ends of segments, the most frequent ones, that are tried as the beginning of a column."""
_PAGE_NUMBER = re.compile(
    r"^\W{0,4}(?:(?:page|seite|p\.)\s*)?(?:\d{1,5}|[ivxlc]{1,7})(?:\s*(?:of|/|von|de)\s*\d{1,5})?\W{0,4}$", re.I
)
_DIGITS = re.compile(r"\d+|\b[ivxlc]+\b", re.I)


@dataclass(slots=True)
class Line:
    """One line of a column."""

    cells: list[str]
    """Its text, in several pieces where wide gaps part them."""
    x0: float
    x1: float
    y: float
    size: float
    is_bold: bool
    is_mono: bool = False
    table: str = ""
    """A table that stands here, as Markdown; there is no text then."""
    zone: int = 0
    """Column of the document it stands in, counted in reading order."""
    page: int = 0

    @property
    def text(self) -> str:
        return " ".join(self.cells)


@dataclass(slots=True)
class Zone:
    """One column between what spans the page."""

    lines: list[Line] = field(default_factory=list)
    page: int = 0
    page_width: float = 0.0


def zones(pages: Sequence[PageText]) -> list[Zone]:
    """Columns of all pages in reading order, without running heads and page numbers."""
    drop = _running(pages)
    found: list[Zone] = []
    for number, page in enumerate(pages):
        kept = [segment for segment in page.segments if (number, round(segment.y), segment.text) not in drop]
        columns = [lines for part in _ordered(kept, 0) if (lines := _lines(part))]
        for lines in columns:
            for line in lines:
                line.zone, line.page = len(found), number
            found.append(Zone(lines, number, page.width))
    return found


def _running(pages: Sequence[PageText]) -> set[tuple[int, int, str]]:
    """Segments that are running heads, feet or page numbers: page, rounded baseline and text."""
    at_edge: dict[tuple[str, str], list[tuple[int, Line, list[Segment]]]] = {}
    for number, page in enumerate(pages):
        for edge, line, parts in _edges(page):
            key = _DIGITS.sub("#", line.text.lower()).strip()
            at_edge.setdefault((edge, key), []).append((number, line, parts))
    drop: set[tuple[int, int, str]] = set()
    needed = min(MIN_REPEATED, max(2, len(pages)))
    for (_, key), places in at_edge.items():
        numbers = {number for number, _, _ in places}
        is_number = all(_PAGE_NUMBER.match(line.text) for _, line, _ in places)
        repeated = len(numbers) >= needed and _alike(places)
        if is_number and len(numbers) >= 2:
            repeated = _counts_up(places)
        elif is_number:
            repeated = _is_own_number(places[0][1], places[0][0])
        if repeated and (key or is_number):
            drop |= {(number, round(part.y), part.text) for number, _, parts in places for part in parts}
    dropped = sum(len(text) for _, _, text in drop)
    total = sum(len(segment.text) + len(segment.table) for page in pages for segment in page.segments)
    return drop if 2 * dropped < total else set()  # forms and slides that differ in little are not all frame


def _edges(page: PageText) -> list[tuple[str, Line, list[Segment]]]:
    """The outermost lines of a page, top and bottom."""
    if not page.segments:
        return []
    rows = _rows([segment for segment in page.segments if not segment.table])
    band = EDGE_RATIO * page.height
    out = []
    for edge, some in (("top", rows[:EDGE_LINES]), ("bottom", rows[::-1][:EDGE_LINES])):
        for parts in some:
            line = _line(parts)
            near = line.y > page.height - band if edge == "top" else line.y < band
            if near:
                out.append((edge, line, parts))
    return out


def _alike(places: list[tuple[int, Line, list[Segment]]]) -> bool:
    """At about one height: running text that happens to be alike is not."""
    heights = [line.y for _, line, _ in places]
    middle = median(heights)
    return sum(abs(y - middle) < 12 for y in heights) * 2 > len(heights)


def _counts_up(places: list[tuple[int, Line, list[Segment]]]) -> bool:
    """The numbers grow by one from page to page, mostly."""
    values = []
    for number, line, _ in places:
        found = re.search(r"\d+", line.text)
        values.append((number, int(found[0]) if found else None))
    offsets = Counter(value - number for number, value in values if value is not None)
    if not offsets:
        return True  # roman numerals
    return offsets.most_common(1)[0][1] * 2 >= len(values)


def _is_own_number(line: Line, page: int) -> bool:
    """A page number on a single page: bare, and the page's own."""
    found = re.search(r"\d+", line.text)
    return found is not None and int(found[0]) == page + 1


def _ordered(segments: list[Segment], depth: int) -> list[list[Segment]]:
    """Segments in the order of reading, a list for each column between lines that span the gutter."""
    gutter = _gutter(segments) if depth < MAX_COLUMN_DEPTH else None
    if gutter is None:
        return [segments] if segments else []
    across = {id(s) for s in segments if s.x0 < gutter < s.x1} | _table_rows(segments, gutter)
    spanning = sorted((s for s in segments if id(s) in across), key=lambda s: -s.y)
    rest = [s for s in segments if id(s) not in across]
    out: list[list[Segment]] = []
    top = float("inf")
    for group in _groups(spanning):
        above = group[0].y + 0.5 * group[0].size
        below = group[-1].y - 0.5 * group[-1].size
        out += _columns([s for s in rest if above < s.y <= top], gutter, depth)
        beside = [s for s in rest if below < s.y <= min(above, top)]
        out.append([*group, *beside])
        top = below
    out += _columns([s for s in rest if s.y <= top], gutter, depth)
    return [part for part in out if part]


def _table_rows(segments: list[Segment], gutter: float) -> set[int]:
    """Segments (by `id`) of rows of a table as wide as the page: short cells on both sides of the gutter."""
    found: set[int] = set()
    for row in _rows(segments):
        if len(row) < MIN_ROW_CELLS or any(len(s.text) >= MIN_LINE_CHARS for s in row):
            continue
        if sum(s.x1 <= gutter for s in row) >= 2 and sum(s.x0 >= gutter for s in row) >= 2:
            found |= {id(s) for s in row}
    return found


def _groups(spanning: list[Segment]) -> list[list[Segment]]:
    """Spanning lines that follow each other closely, from the top."""
    groups: list[list[Segment]] = []
    for segment in spanning:
        if groups and groups[-1][-1].y - segment.y < 2.2 * max(segment.size, groups[-1][-1].size):
            groups[-1].append(segment)
        else:
            groups.append([segment])
    return groups


def _columns(segments: list[Segment], gutter: float, depth: int) -> list[list[Segment]]:
    left = [s for s in segments if s.x1 <= gutter]
    right = [s for s in segments if s.x0 >= gutter]
    out = []
    for side in (left, right):
        if side:
            out += _ordered(side, depth + 1)
    return out


def _gutter(segments: list[Segment]) -> float | None:
    """Middle of the strip between two columns; None on a page with one."""
    if len(segments) < 2 * MIN_COLUMN_LINES:
        return None
    x0, x1 = min(s.x0 for s in segments), max(s.x1 for s in segments)
    if x1 - x0 < 150:
        return None
    best: tuple[float, float] | None = None
    counted = Counter(round(s.x0) for s in segments)
    for start, _ in sorted(counted.most_common(MAX_STARTS)):
        x = start - 3.0
        if not x0 + 0.2 * (x1 - x0) < x < x1 - 0.2 * (x1 - x0):
            continue
        left = [s for s in segments if s.x1 <= x]
        right = [s for s in segments if s.x0 >= x]
        crossing = len(segments) - len(left) - len(right)
        fewer = min(len(left), len(right))
        if fewer < MIN_COLUMN_LINES or crossing > MAX_CROSSING_RATIO * 2 * fewer:
            continue
        if not (_is_prose(left) and _is_prose(right) and _overlap(left, right)):
            continue
        score = fewer - 3.0 * crossing
        if best is None or score > best[0]:
            best = (score, x)
    return None if best is None else best[1]


def _is_prose(segments: list[Segment]) -> bool:
    """Most characters of a side stand in segments that fill it as lines of text do, not in cells of a table."""
    width = max(s.x1 for s in segments) - min(s.x0 for s in segments)
    total = sum(len(s.text) for s in segments)
    if width <= 0 or not total:
        return False
    in_lines = sum(len(s.text) for s in segments if len(s.text) >= MIN_LINE_CHARS)
    filled = sum(len(s.text) * (s.x1 - s.x0) for s in segments) / total
    return 2 * in_lines >= total and filled >= MIN_PROSE_RATIO * width


def _overlap(left: list[Segment], right: list[Segment]) -> bool:
    """The columns stand beside each other, not one below the other."""
    low, high = (
        max(min(s.y for s in left), min(s.y for s in right)),
        min(max(s.y for s in left), max(s.y for s in right)),
    )
    return sum(low <= s.y <= high for s in left) >= MIN_COLUMN_LINES and sum(low <= s.y <= high for s in right) >= 3


def _rows(segments: list[Segment]) -> list[list[Segment]]:
    """Segments on one baseline together, from the top; each row from the left."""
    rows: list[list[Segment]] = []
    for segment in sorted(segments, key=lambda s: (-s.y, s.x0)):
        if rows:
            first = rows[-1][0]
            raised = segment.size < 0.85 * first.size or first.size < 0.85 * segment.size
            if abs(first.y - segment.y) < (0.55 if raised else 0.3) * max(segment.size, first.size):
                rows[-1].append(segment)
                continue
        rows.append([segment])
    return [sorted(row, key=lambda s: s.x0) for row in rows]


def _lines(segments: list[Segment]) -> list[Line]:
    return [line for row in _rows(segments) for line in _parted(row)]


def _parted(row: list[Segment]) -> list[Line]:
    """The line of a row, after the tables that begin beside it."""
    words = [segment for segment in row if not segment.table]
    tables = [Line([], s.x0, s.x1, s.y, s.size, is_bold=False, table=s.table) for s in row if s.table]
    return [*tables, *([_line(words)] if words else [])]


def _line(row: list[Segment]) -> Line:
    cells = [row[0].text]
    for before, segment in itertools.pairwise(row):
        gap = segment.x0 - before.x1
        size = max(before.size, segment.size)
        if gap > WIDE_GAP * size:
            cells.append(segment.text)
        else:
            cells[-1] += ("" if gap < 0.1 * size else " ") + segment.text
    largest = max(row, key=lambda s: len(s.text))
    is_bold = sum(len(s.text) for s in row if s.is_bold) * 2 > sum(len(s.text) for s in row)
    is_mono = all(s.is_mono for s in row)
    return Line(cells, row[0].x0, max(s.x1 for s in row), largest.y, largest.size, is_bold, is_mono)
