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
from extractors.pdf.layout import Line, Zone
from extractors.pipe_table import Cell, render

MIN_HEADING_RATIO = 1.12
"""Size over the text's from which a short paragraph is a heading, inclusive."""
MIN_BOLD_RATIO = 0.98
"""The same for one that is bold and numbered."""
MAX_NOTE_RATIO = 0.93
"""Size over the text's up to which lines at a column's foot are its notes, inclusive."""
MAX_HEADING_CHARS = 200
MIN_TABLE_ROWS = 3
MIN_TABLE_COLUMNS = 3
_BULLET = re.compile(r"^[•◦▪▫‣∙●○■□➢✓·–—*-]\s+(?=\S)")
_NUMBERED = re.compile(r"^\(?(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)]\s+\S")
_SECTION = re.compile(r"^(\d{1,2}(?:\.\d{1,2}){0,4}|[A-Z](?:\.\d{1,2}){1,3}|[A-Z](?=\s+[A-Z]))\.?\s+\S")
_NAMED = re.compile(
    r"^(?:abstract|references|bibliography|acknowledge?ments?|appendix|contents|introduction|conclusions?|summary"
    r"|preface|index|glossary)\b.{0,30}$",
    re.I,
)
_ENDS = re.compile(r"[.!?:;…。！？][\"'”’»)\]]*(?:\[\d+\])?$")
_WORD_PART = re.compile(r"([^\W\d_]{2,})-$")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_SUSPENDED = re.compile(r"(?:and|or|und|oder|et|ou|to|bis|y|o|e)\b")
"""After these a hyphen at the line's end stood for a word to come: `sentence- and token-level`."""
_ACCENTED = re.compile("([¨´ˆ˜ˇ˚])([A-Za-zı])")
_ACCENTS = {"¨": "\u0308", "´": "\u0301", "ˆ": "\u0302", "˜": "\u0303", "ˇ": "\u030c", "˚": "\u030a"}
_LEADER = re.compile(r"(?:\s?\.){4,}|…{2,}")


@dataclass(slots=True)
class _Paragraph:
    lines: list[Line] = field(default_factory=list)
    notes: list[_Paragraph] = field(default_factory=list)
    """Notes at the foot of columns that the paragraph runs through."""


def blocks(found: list[Zone]) -> Blocks:
    """All columns as one document's blocks."""
    out = Blocks()
    lines = [line for zone in found for line in zone.lines]
    if not lines:
        return out
    body = _body_size(lines)
    words = Counter(word.lower() for line in lines for word in _WORD.findall(line.text))
    paragraphs = _paragraphs(found, body)
    levels = _levels(paragraphs, body)
    for paragraph in paragraphs:
        _write(paragraph, out, body, levels, words)
        for note in paragraph.notes:
            _write(note, out, body, {}, words)
    return out


def _body_size(lines: list[Line]) -> float:
    """Size of most characters."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size * 2) / 2] += len(line.text)
    return sizes.most_common(1)[0][0] or 1.0


def _paragraphs(found: list[Zone], body: float) -> list[_Paragraph]:
    out: list[_Paragraph] = []
    for zone in found:
        main, notes = _parted(zone.lines, body)
        right = max(line.x1 for line in zone.lines)
        for k, paragraph in enumerate(_split(main, body, right)):
            if k == 0 and out and _continues(out[-1].lines[-1], paragraph.lines[0], found):
                out[-1].lines += paragraph.lines
            else:
                out.append(paragraph)
        if notes:
            if not out:
                out.append(_Paragraph([]))
            out[-1].notes += _split(notes, body, right)
    return [paragraph for paragraph in out if paragraph.lines or paragraph.notes]


def _parted(lines: list[Line], body: float) -> tuple[list[Line], list[Line]]:
    """The running text of a column, and the smaller lines at its foot."""
    end = len(lines)
    while end and lines[end - 1].size <= MAX_NOTE_RATIO * body:
        end -= 1
    first_words = lines[end].text if end < len(lines) else ""
    if end == 0 or re.match(r"(?:table|figure|fig\.|tab\.)\s", first_words, re.I):
        return lines, []
    return lines[:end], lines[end:]


def _split(lines: list[Line], body: float, right: float) -> list[_Paragraph]:
    """Paragraphs of lines of one column, which ends at `right`."""
    if not lines:
        return []
    main = [line for line in lines if abs(line.size - body) < 0.08 * body] or lines
    left = sorted(line.x0 for line in main)[len(main) // 10]
    pitches = [a.y - b.y for a, b in itertools.pairwise(main) if 0 < a.y - b.y < 3 * a.size]
    pitch = median(pitches) if pitches else 1.3 * body
    indented = sum(line.x0 > left + 0.7 * line.size for line in main)
    hanging = len(main) >= 6 and 2 * indented > len(main)
    out: list[_Paragraph] = []
    for before, line in zip([None, *lines], lines, strict=False):
        if before is None or _begins(before, line, left, right, pitch, body, hanging=hanging):
            out.append(_Paragraph([line]))
        else:
            out[-1].lines.append(line)
    return out


def _begins(before: Line, line: Line, left: float, right: float, pitch: float, body: float, *, hanging: bool) -> bool:
    """A paragraph begins with `line`."""
    size = max(before.size, line.size)
    gap = before.y - line.y
    if _is_row(before) and _is_row(line):
        return gap > 2.5 * pitch
    if _is_row(before) != _is_row(line) or abs(before.size - line.size) > 0.08 * size:
        return True
    if gap > 1.35 * max(pitch, 1.05 * size) or gap < -size:
        return True
    if min(before.size, line.size) >= MIN_HEADING_RATIO * body:
        return False  # a heading of several lines, centred or not
    if before.is_bold != line.is_bold and (before.is_bold and len(before.text) < 80 and not before.text.endswith("-")):
        return before.x1 < right - 0.1 * (right - left)
    if _BULLET.match(line.text) or (_NUMBERED.match(line.text) and _ENDS.search(before.text)):
        return True
    if _LEADER.search(before.text) or (_SECTION.match(line.text) and line.is_bold and not before.is_bold):
        return True
    starts_at_margin = line.x0 <= left + 0.4 * line.size
    if hanging:
        return starts_at_margin and before.x0 > left + 0.4 * before.size
    if line.x0 > left + 0.7 * line.size and before.x0 <= left + 0.4 * before.size and not _is_item(before):
        return True
    width = max(1.0, right - left)
    return _is_short(before, right, width)


def _is_short(line: Line, right: float, width: float) -> bool:
    """A line that leaves room at its end, so that nothing was wrapped there."""
    if line.text.endswith("-"):
        return False
    room = right - line.x1
    return room > 0.4 * width or (room > 0.12 * width and _ENDS.search(line.text) is not None)


def _is_item(line: Line) -> bool:
    return _BULLET.match(line.text) is not None or _NUMBERED.match(line.text) is not None


def _is_row(line: Line) -> bool:
    """A row of a table, or an entry of a list of contents with its page."""
    return len(line.cells) >= 2


def _continues(before: Line, line: Line, found: list[Zone]) -> bool:
    """The paragraph goes on in the next column or on the next page."""
    if (
        abs(before.size - line.size) > 0.05 * line.size
        or before.is_bold != line.is_bold
        or _is_row(before)
        or _is_row(line)
    ):
        return False
    if _BULLET.match(line.text):
        return False
    zone = found[before.zone].lines
    right, left = max(other.x1 for other in zone), min(other.x0 for other in zone)
    if _ENDS.search(before.text):
        return right - before.x1 < 0.02 * (right - left) and _is_unindented(line, found[line.zone].lines)
    if before.text.endswith("-") or line.text[:1].islower():
        return True
    return right - before.x1 < 0.1 * (right - left) and not _SECTION.match(line.text)


def _is_unindented(line: Line, zone: list[Line]) -> bool:
    """At the margin of a column whose paragraphs begin with an indent."""
    left = min(other.x0 for other in zone)
    indented = [other for other in zone if other.x0 > left + 0.7 * other.size]
    return bool(indented) and 3 * len(indented) < len(zone) and line.x0 <= left + 0.4 * line.size


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
    if not lines or any(_is_row(line) for line in lines):
        return False
    size = sum(len(line.text) for line in lines)
    letters = sum(char.isalpha() for line in lines for char in line.text)
    return (
        letters >= 2
        and size <= MAX_HEADING_CHARS
        and len(lines) <= 4
        and all(line.size >= MIN_HEADING_RATIO * body for line in lines)
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


def _write(paragraph: _Paragraph, out: Blocks, body: float, levels: dict[float, int], words: Counter[str]) -> None:
    lines = paragraph.lines
    if not lines:
        return
    if all(_is_row(line) for line in lines):
        _write_rows(lines, out)
        return
    level = _heading_level(paragraph, body, levels)
    text = _joined(lines, words)
    if level is not None:
        out.heading(text, level)
        return
    bullet = _BULLET.match(text)
    if bullet and ((len(text) > bullet.end() and bullet[0][0] not in "–—-*") or _BULLET.match(lines[0].text)):
        out.paragraph(text[bullet.end() :], Frame(None, BULLET))
    else:
        out.paragraph(text)


def _write_rows(lines: list[Line], out: Blocks) -> None:
    """Rows with the same number of cells as a table, others line by line."""
    widths = {len(line.cells) for line in lines}
    if len(widths) == 1 and min(widths) >= MIN_TABLE_COLUMNS and len(lines) >= MIN_TABLE_ROWS:
        out.table(render([[Cell(cell) for cell in line.cells] for line in lines]))
    else:
        out.paragraph("\n".join("  ".join(line.cells) for line in lines))


def _joined(lines: list[Line], words: Counter[str]) -> str:
    """The lines as running text, words parted at their ends joined."""
    text = ""
    for line in lines:
        following = " ".join(line.text.split())
        parted = _WORD_PART.search(text)
        if not text:
            text = following
        elif text.endswith("-") and _SUSPENDED.match(following):
            text = f"{text} {following}"
        elif parted and (following[:1].islower() or _is_known(parted[1], following, words)):
            text = _rejoined(text, parted[1], following, words)
        elif text.endswith("-") and len(text) > 1 and text[-2].isalnum():
            text += following
        else:
            text = f"{text} {following}"
    return _ACCENTED.sub(_composed, text) if not text.isascii() else text


def _composed(found: re.Match[str]) -> str:
    """An accent that TeX's old fonts set before its letter, as one character with it."""
    whole = unicodedata.normalize("NFC", found[2].replace("ı", "i") + _ACCENTS[found[1]])
    return whole if len(whole) == 1 else found[0]


def _is_known(first: str, following: str, words: Counter[str]) -> bool:
    """A name in capitals that the document writes without a hyphen elsewhere."""
    second = _WORD.match(following)
    return second is not None and words[f"{first}{second[0]}".lower()] > words[f"{first}-{second[0]}".lower()]


def _rejoined(text: str, first: str, following: str, words: Counter[str]) -> str:
    """Without the hyphen, unless the document writes the whole word with one."""
    second = _WORD.match(following)
    rest = second[0] if second else ""
    compound, whole = f"{first}-{rest}".lower(), f"{first}{rest}".lower()
    keeps = words[compound] > words[whole] and words[compound] > 0
    return text + following if keeps else text[:-1] + following
