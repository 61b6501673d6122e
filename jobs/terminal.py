"""Text for a terminal: tables that fit its width, and nothing a document could use to act on it."""

from __future__ import annotations

import shutil
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.report.excerpts import one_line

GAP = "  "
MIN_COLUMN = 8
"""Columns of text that a flexible column keeps, however narrow the terminal is."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    title: str
    is_number: bool = False
    share: int = 0
    """Part of the width left over by the fixed columns; 0: as wide as its content."""


def output_width() -> int | None:
    """Columns of the terminal that stdout is; None for a pipe or a file, where nothing is cut."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None) -> list[str]:
    """Lines of a table with its header, no wider than `width` columns of a terminal (None: as wide as it needs)."""
    cells = [[one_line(cell) for cell in row] for row in rows]
    needed = [
        max(display_width(column.title), *(display_width(row[number]) for row in cells), 0)
        if cells
        else len(column.title)
        for number, column in enumerate(columns)
    ]
    widths = _fit(columns, needed, width)
    header = [column.title for column in columns]
    lines = [_line(columns, header, widths), GAP.join("─" * size for size in widths)]
    return lines + [_line(columns, row, widths) for row in cells]


def side_by_side(entries: Sequence[tuple[str, str]], width: int | None) -> list[str]:
    """Names and values in as many columns as fit."""
    if not entries:
        return []
    name_width = max(display_width(name) for name, _ in entries)
    value_width = min(max(display_width(one_line(value)) for _, value in entries), 40)
    cell = name_width + 2 + value_width
    across = max(1, ((width or 100) + 4) // (cell + 4))
    down = -(-len(entries) // across)
    lines = []
    for row in range(down):
        here = entries[row::down]
        padded = [
            f"{pad(name, name_width)}  {pad(cut(one_line(value), value_width), value_width)}" for name, value in here
        ]
        lines.append("    ".join(padded).rstrip())
    return lines


def display_width(text: str) -> int:
    """Columns a text takes in a terminal: East Asian wide characters take two, combining marks none."""
    return sum(_char_width(char) for char in text)


def cut(text: str, width: int) -> str:
    """The text, its end replaced by … where it is wider than `width`."""
    if display_width(text) <= width:
        return text
    used, kept = 0, []
    for char in text:
        used += _char_width(char)
        if used > width - 1:
            break
        kept.append(char)
    return "".join(kept) + "…"


def pad(text: str, width: int, *, right: bool = False) -> str:
    """The text with spaces up to `width`, on its left when `right`."""
    space = " " * max(0, width - display_width(text))
    return space + text if right else text + space


def _fit(columns: Sequence[Column], needed: Sequence[int], width: int | None) -> list[int]:
    if width is None or sum(needed) + len(GAP) * (len(needed) - 1) <= width:
        return list(needed)
    fixed = sum(size for column, size in zip(columns, needed, strict=True) if not column.share)
    left = width - fixed - len(GAP) * (len(columns) - 1)
    widths = list(needed)
    flexible = sorted((n for n, column in enumerate(columns) if column.share), key=lambda n: needed[n])
    shares = sum(columns[number].share for number in flexible)
    for number in flexible:  # the narrowest first, so that what it does not need goes to the others
        part = left * columns[number].share // shares
        widths[number] = min(needed[number], max(part, MIN_COLUMN))
        left, shares = left - widths[number], shares - columns[number].share
    return widths


def _line(columns: Sequence[Column], cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (
        pad(cut(cell, size), size, right=column.is_number)
        for column, cell, size in zip(columns, cells, widths, strict=True)
    )
    return GAP.join(padded).rstrip()


def _char_width(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
