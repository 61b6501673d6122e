"""Lines in reading order → headings, paragraphs, list items and tables.

Method: a paragraph ends at a wide gap, an indent, a short last line, or a change of size; words parted at a line's end
are joined unless the document writes them with a hyphen elsewhere. Blind spot: displayed formulas come out as their
glyphs.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from statistics import median

from extractors.blocks import BULLET, Blocks, Frame
from extractors.pdf.joining import joined, vocabulary
from extractors.pdf.layout import Line, Zone
from extractors.pipe_table import Cell, render

MIN_HEADING_RATIO = 1.12
"""Size over the text's from which a short paragraph is a heading, inclusive."""
MIN_BOLD_RATIO = 0.98
"""The same for one that is bold and numbered."""
MAX_NOTE_RATIO = 0.93
"""Size over the text's up to which lines at a column's foot are its notes, inclusive."""
MAX_HEADING_CHARS = 200
MIN_GAP_RATIO = 1.25
"""Distance of two lines over the column's usual one from which a paragraph ends, exclusive."""
MIN_MARGIN_LINES = 4
"""Lines of a column from which the longest tells where its margin is, inclusive."""
MIN_PITCHES = 8
"""Lines of a column from which any distance may be the usual one, inclusive."""
MAX_FOOT_LINES = 4
MAX_ENTRY_LINES = 12
MIN_FORMULA_SIGNS = 2
"""Signs of relations and operations that make large type a formula, inclusive."""
MIN_TABLE_ROWS = 3
MIN_TABLE_COLUMNS = 3
_BULLET = re.compile(r"^[•◦▪▫‣∙●○■□➢✓·–—*-]\s+(?=\S)")
_NUMBERED = re.compile(r"^\(?(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)]\s+\S")
_SECTION = re.compile(
    r"^(\d{1,2}(?:\.\d{1,2}){0,4}|[A-Z](?:\.\d{1,2}){1,3}|[IVX]{1,5}(?=[.．])|[A-Z](?=\s+[A-Z]))[.．]?\s+"
    r"(?=\S*\s?\S*[^\W\d_])\S"
)
_NAMED = re.compile(
    r"^(?:abstract|references|bibliography|acknowledge?ments?|appendix|contents|introduction|conclusions?|summary"
    r"|preface|index|glossary)\b.{0,30}$",
    re.I,
)
_ENTRY = re.compile(r"^\[(\d{1,3})\]\s*\S")
_ENDS = re.compile(r"[.!?:;…。！？][\"'”’»)\]]*(?:\[\d+\])?$")
_CELL = re.compile(r"[^\W_]|^[–—−-]$")
_LEADER = re.compile(r"(?:\s?\.){4,}|…{2,}")


@dataclass(slots=True)
class _Paragraph:
    lines: list[Line] = field(default_factory=list)
    notes: list[_Paragraph] = field(default_factory=list)
    """Notes at the foot of columns that the paragraph runs through."""


@dataclass(frozen=True, slots=True)
class _Column:
    """What the lines of a column have in common."""

    left: float
    right: float
    pitch: float
    """Points from line to line."""
    body: float
    """Font size of the document's text."""
    hanging: bool
    """Paragraphs stick out to the left, as those of bibliographies do."""
    num_indented: int
    num_lines: int

    @property
    def width(self) -> float:
        return max(1.0, self.right - self.left)


def blocks(found: list[Zone]) -> Blocks:
    """All columns as one document's blocks."""
    out = Blocks()
    lines = [line for zone in found for line in zone.lines]
    if not lines:
        return out
    body = _body_size(lines)
    words = vocabulary(line.text for line in lines)
    num_mono = sum(len(line.text) for line in lines if line.is_mono)
    is_typescript = 2 * num_mono > sum(len(line.text) for line in lines)
    paragraphs = _paragraphs(found, body)
    levels = _levels(paragraphs, body)
    for paragraph in paragraphs:
        _write(paragraph, out, body, levels, words, is_typescript)
        for note in paragraph.notes:
            _write(note, out, body, {}, words, is_typescript)
    return out


def _body_size(lines: list[Line]) -> float:
    """Size of most characters."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size * 2) / 2] += len(line.text)
    return sizes.most_common(1)[0][0] or 1.0


def _paragraphs(found: list[Zone], body: float) -> list[_Paragraph]:
    out: list[_Paragraph] = []
    pages: dict[int, list[Zone]] = {}
    for zone in found:
        pages.setdefault(zone.page, []).append(zone)
    columns = [_column(zone, zone.lines, pages[zone.page], body) for zone in found]
    running = [column for column in columns if not column.hanging]
    num_indented = sum(column.num_indented for column in running)
    indents = 0 < 3 * num_indented < sum(column.num_lines for column in running)
    for zone, column in zip(found, columns, strict=True):
        main, notes = _parted(zone, pages[zone.page], body)
        for k, paragraph in enumerate(_split(_unrowed(main, column), column)):
            last = out[-1].lines[-1] if k == 0 and out and out[-1].lines else None
            if last is not None and _continues(last, paragraph.lines[0], columns, indents):
                out[-1].lines += paragraph.lines
            else:
                out.append(paragraph)
        if notes:
            if not out:
                out.append(_Paragraph([]))
            out[-1].notes += _split(notes, _column(zone, notes, pages[zone.page], body))
    return [paragraph for paragraph in out if paragraph.lines or paragraph.notes]


def _column(zone: Zone, lines: list[Line], page: list[Zone], body: float) -> _Column:
    """The column that these lines of a zone make."""
    right = max(line.x1 for line in lines)
    lines = [line for line in lines if not line.table] or lines
    main = [line for line in lines if abs(line.size - body) < 0.08 * body] or lines
    left = sorted(line.x0 for line in main)[len(main) // 10]
    if len(lines) < MIN_MARGIN_LINES and not any(_is_beside(zone, other) for other in page):
        right = max(right, 0.6 * zone.page_width)  # so few lines need not reach the margin
    pitches = [a.y - b.y for a, b in itertools.pairwise(main) if 0 < a.y - b.y < 3 * a.size]
    pitch = median(pitches) if pitches else 1.3 * body
    inner = Counter(round(line.x0 / 4) for line in main if line.x0 > left + 0.7 * line.size)
    indented = inner.total()
    return _Column(
        left=left,
        right=right,
        pitch=pitch if len(main) >= MIN_PITCHES else min(pitch, 2.2 * body),
        body=body,
        hanging=len(main) >= 6 and 2 * indented > len(main) and 2 * max(inner.values()) > indented,
        num_indented=indented,
        num_lines=len(main),
    )


def _is_beside(zone: Zone, other: Zone) -> bool:
    """The other column stands to the right of this one."""
    if other is zone:
        return False
    right = max(line.x1 for line in zone.lines)
    return min(line.x0 for line in other.lines) > right and (
        other.lines[0].y > zone.lines[-1].y and other.lines[-1].y < zone.lines[0].y
    )


def _parted(zone: Zone, page: list[Zone], body: float) -> tuple[list[Line], list[Line]]:
    """The running text of a column, and the smaller lines at its foot or at that of the page."""
    lines = zone.lines
    end = len(lines)
    while end and lines[end - 1].size <= MAX_NOTE_RATIO * body and not lines[end - 1].table:
        end -= 1
    if end == 0 and len(lines) <= MAX_FOOT_LINES and len(page) > 1:
        lowest = min(other.lines[-1].y for other in page if other is not zone)
        return (lines, []) if lines[0].y > lowest else ([], lines)
    first_words = lines[end].text if end < len(lines) else ""
    if end == 0 or re.match(r"(?:table|figure|fig\.|tab\.)\s", first_words, re.I):
        return lines, []
    return lines[:end], lines[end:]


def _unrowed(lines: list[Line], column: _Column) -> list[Line]:
    """The lines, those that only justification has torn apart whole again: alone among text and of its full width."""
    for k, line in enumerate(lines):
        full = line.x0 <= column.left + 0.5 * line.size and line.x1 >= column.right - 0.5 * line.size
        near = [other for other in lines[max(0, k - 1) : k + 2] if other is not line]
        if len(line.cells) < 2 or not full or not near or any(_is_row(other) or other.table for other in near):
            continue
        if all(abs(other.size - line.size) < 0.05 * line.size for other in near):
            line.cells = [line.text]
    return lines


def _split(lines: list[Line], column: _Column) -> list[_Paragraph]:
    """Paragraphs of lines of one column."""
    out: list[_Paragraph] = []
    for k, line in enumerate(lines):
        if k == 0 or _begins(lines, k, column):
            out.append(_Paragraph([line]))
        else:
            out[-1].lines.append(line)
    return out


def _begins(lines: list[Line], k: int, column: _Column) -> bool:
    """A paragraph begins with line `k`."""
    before, line = lines[k - 1], lines[k]
    size = max(before.size, line.size)
    gap = before.y - line.y
    if before.table or line.table:
        return True
    if before.is_mono and line.is_mono:
        return gap > 2.5 * max(column.pitch, 1.05 * size) or gap < -size
    if _is_row(before) and _is_row(line):
        return gap > 2.5 * column.pitch
    if _is_row(before) != _is_row(line) or abs(before.size - line.size) > 0.08 * size:
        return True
    if gap > MIN_GAP_RATIO * max(column.pitch, 1.05 * size) or gap < -size:
        return True
    if min(before.size, line.size) >= MIN_HEADING_RATIO * column.body:
        return False  # a heading of several lines, centred or not
    if before.is_bold != line.is_bold and (before.is_bold and len(before.text) < 80 and not before.text.endswith("-")):
        return before.x1 < column.right - 0.1 * column.width
    if _BULLET.match(line.text) or (_NUMBERED.match(line.text) and _ENDS.search(before.text)):
        return True
    if _LEADER.search(before.text) or (_SECTION.match(line.text) and line.is_bold and not before.is_bold):
        return True
    if _follows_number(lines, k):
        return True
    starts_at_margin = line.x0 <= column.left + 0.4 * line.size
    if column.hanging:
        return starts_at_margin and before.x0 > column.left + 0.4 * before.size
    indented = line.x0 > column.left + 0.7 * line.size and before.x0 <= column.left + 0.4 * before.size
    return (indented and not _is_item(before)) or _is_short(lines, k, column)


def _follows_number(lines: list[Line], k: int) -> bool:
    """`[7] …` begins a line after one, of some lines at most, that begins with `[6] …`: entries and notes."""
    found = _ENTRY.match(lines[k].text)
    if not found:
        return False
    for line in reversed(lines[max(0, k - MAX_ENTRY_LINES) : k]):
        other = _ENTRY.match(line.text)
        if other:
            return int(other[1]) + 1 == int(found[1])
    return False


def _is_short(lines: list[Line], k: int, column: _Column) -> bool:
    """The line before `k` leaves room at its end, so that nothing was wrapped there."""
    before, line = lines[k - 1], lines[k]
    if before.text.endswith("-"):
        return False
    room = column.right - before.x1
    if room > 0.4 * column.width or (room > 0.12 * column.width and _ENDS.search(before.text) is not None):
        return True
    begins = next((char for char in line.text if char.isalnum()), "")
    if not (begins.isupper() or begins.isdigit()):
        return False
    near = max(other.x1 for other in lines[max(0, k - 4) : k + 4])  # text beside a picture ends before the margin
    first = line.text.split(" ", 1)[0]
    width = (line.x1 - line.x0) * len(first) / max(1, len(line.text))
    return near - before.x1 > max(0.25 * column.width, 1.5 * width)  # centred lines


def _is_item(line: Line) -> bool:
    return _BULLET.match(line.text) is not None or _NUMBERED.match(line.text) is not None


def _is_row(line: Line) -> bool:
    """A row of a table, or an entry of a list of contents with its page."""
    return len(line.cells) >= 2


def _continues(before: Line, line: Line, columns: list[_Column], indents: bool) -> bool:
    """The paragraph goes on in the next column or on the next page; with `indents` those that begin show it."""
    if before.table or line.table or _is_row(before) or _is_row(line) or _BULLET.match(line.text):
        return False
    if abs(before.size - line.size) > 0.05 * line.size or before.is_bold != line.is_bold:
        return False
    column, following = columns[before.zone], columns[line.zone]
    room = column.right - before.x1
    if before.text.endswith("-"):
        return True
    if room > 0.4 * column.width:
        return False
    is_inside = following.hanging and line.x0 > following.left + 0.7 * line.size
    if _ENDS.search(before.text):
        return is_inside or (indents and room < 0.02 * column.width and line.x0 <= following.left + 0.4 * line.size)
    return is_inside or line.text[:1].islower() or (room < 0.1 * column.width and not _SECTION.match(line.text))


def _levels(paragraphs: list[_Paragraph], body: float) -> dict[float, int]:
    """Heading level of each size of heading, the largest first."""
    sizes = sorted({round(p.lines[0].size * 2) / 2 for p in paragraphs if _is_large(p, body)}, reverse=True)
    levels: dict[float, int] = {}
    level = 0
    before = float("inf")
    for size in sizes:
        if size < 0.95 * before:
            level += 1
            before = size
        levels[size] = min(level, 6)
    return levels


def _is_large(paragraph: _Paragraph, body: float) -> bool:
    lines = paragraph.lines
    if not 1 <= len(lines) <= 4 or any(_is_row(line) or line.table for line in lines):
        return False
    if min(line.size for line in lines) < MIN_HEADING_RATIO * body:
        return False
    text = "".join(line.text for line in lines)
    letters = sum(map(str.isalpha, text))
    return (
        letters >= max(2, 0.5 * len(text.replace(" ", "")))
        and sum(unicodedata.category(char) == "Sm" for char in text) < MIN_FORMULA_SIGNS
        and len(text) <= MAX_HEADING_CHARS
    )


def _heading_level(paragraph: _Paragraph, body: float, levels: dict[float, int]) -> int | None:
    """Level of a heading, None for text."""
    text = " ".join(line.text for line in paragraph.lines)
    bold = all(line.is_bold for line in paragraph.lines)
    section = _SECTION.match(text)
    if _is_large(paragraph, body):
        level = levels.get(round(paragraph.lines[0].size * 2) / 2, 1)
        if section and min(levels.values(), default=1) < level:
            return min(6, section[1].count(".") + 2)
        return level
    large_enough = bool(paragraph.lines) and paragraph.lines[0].size >= MIN_BOLD_RATIO * body
    if not (bold and large_enough and len(paragraph.lines) <= 2 and len(text) <= 120) or text.endswith((",", ";")):
        return None
    if section or _NAMED.match(text):
        depth = section[1].count(".") if section else 0
        return min(6, depth + (2 if levels else 1))
    return None


def _write(
    paragraph: _Paragraph, out: Blocks, body: float, levels: dict[float, int], words: Counter[str], is_typescript: bool
) -> None:
    lines = paragraph.lines
    if not lines:
        return
    if lines[0].table:
        out.table(lines[0].table)
        return
    if len(lines) >= 2 and not is_typescript and all(line.is_mono for line in lines):
        out.code(_code(lines))
        return
    if all(_is_row(line) for line in lines):
        _write_rows(lines, out)
        return
    level = _heading_level(paragraph, body, levels)
    text = joined((line.text for line in lines), words)
    if level is not None:
        out.heading(text, level)
        return
    bullet = _BULLET.match(text)
    if bullet and ((len(text) > bullet.end() and bullet[0][0] not in "–—-*") or _BULLET.match(lines[0].text)):
        out.paragraph(text[bullet.end() :], Frame(None, BULLET))
    else:
        out.paragraph(text)


def _code(lines: list[Line]) -> str:
    """Lines in a type of one width, indented as they stand."""
    left = min(line.x0 for line in lines)
    width = median((line.x1 - line.x0) / max(1, len(line.text)) for line in lines) or 1.0
    pitch = min((a.y - b.y for a, b in itertools.pairwise(lines) if a.y > b.y), default=1.0)
    text = ""
    for before, line in zip([None, *lines], lines, strict=False):
        if before is not None:
            text += "\n\n" if before.y - line.y > 1.6 * pitch else "\n"
        text += " " * min(80, round((line.x0 - left) / width)) + "  ".join(line.cells)
    return text


def _write_rows(lines: list[Line], out: Blocks) -> None:
    """Rows with the same number of cells as a table, others (and figures, formulas in several rows) line by line."""
    widths = {len(line.cells) for line in lines}
    are_cells = all(_CELL.search(cell) for line in lines for cell in line.cells)
    if are_cells and len(widths) == 1 and min(widths) >= MIN_TABLE_COLUMNS and len(lines) >= MIN_TABLE_ROWS:
        out.table(render([[Cell(cell) for cell in line.cells] for line in lines]))
    else:
        out.paragraph("\n".join("  ".join(line.cells) for line in lines))
