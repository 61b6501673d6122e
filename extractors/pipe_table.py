"""Grids of cells with spans → pipe tables; the one renderer for formats whose cells are plain text.

Spans are resolved as in `extractors.html.tables`: a cell's text stands in its first column, in each row it covers.
Cost: the grid, bounded by MAX_SPAN and MAX_COLUMNS. Blind spot: a pipe table has one header row, so a second header
row is a row of the body.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TEX = re.compile(r"\$(?! )[^$]+(?<! )\$")
MAX_SPAN = 100
"""Columns or rows one cell may cover."""
MAX_COLUMNS = 200


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table; `text` is inline Markdown."""

    text: str
    columns: int = 1
    rows: int = 1
    is_header: bool = False


def render(rows: list[list[Cell]]) -> str:
    """The pipe table, "" where no cell has text; the first row is the header, columns and rows without text are out."""
    grid = _grid(rows)
    width = max((len(row) for row in grid), default=0)
    grid = [row + [""] * (width - len(row)) for row in grid]
    keep = [c for c in range(width) if any(row[c] for row in grid)]
    grid = [[row[c] for c in keep] for row in grid if any(row)]
    if not grid:
        return ""
    lines = ["| " + " | ".join(row) + " |" for row in grid]
    lines.insert(1, "|" + " --- |" * len(keep))
    return "\n".join(lines)


def _grid(rows: list[list[Cell]]) -> list[list[str]]:
    grid: list[list[str]] = []
    carried: dict[int, tuple[int, str]] = {}
    for row in rows:
        line: list[str] = []
        following: dict[int, tuple[int, str]] = {}
        for cell in row:
            _carry(line, carried, following)
            text = _inline(cell.text)
            for k in range(min(max(1, cell.columns), MAX_SPAN, MAX_COLUMNS - len(line))):
                value = text if k == 0 else ""
                if cell.rows > 1:
                    following[len(line)] = (min(cell.rows, MAX_SPAN) - 1, value)
                line.append(value)
        _carry(line, carried, following)
        carried = following
        if line:
            grid.append(line)
    return grid


def _carry(line: list[str], carried: dict[int, tuple[int, str]], following: dict[int, tuple[int, str]]) -> None:
    """Fill columns that a cell of an earlier row covers."""
    while len(line) in carried and len(line) < MAX_COLUMNS:
        left, value = carried[len(line)]
        if left > 1:
            following[len(line)] = (left - 1, value)
        line.append(value)


def _inline(text: str) -> str:
    text = " ".join(text.split())
    if "|" not in text:
        return text
    return _TEX.sub(_barless, text).replace("|", "\\|")


def _barless(tex: re.Match[str]) -> str:
    """TeX without `|`: escaped as a cell's, one bar would be read as two."""
    return tex[0].replace("\\|", "\\Vert ").replace("|", "\\vert ")
