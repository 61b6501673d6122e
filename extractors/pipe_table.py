"""Rows of cells → a pipe table with spans resolved, for all formats.

A cell that covers several columns stands in the first and leaves the others empty; one that covers several rows is
repeated in each. Empty rows and columns are left out. Cells beyond column `MAX_COLUMNS` share the last.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from extractors.errors import OutputTooLarge

MAX_COLUMNS = 200
MAX_CHARS = 16 * 2**20
"""Characters of one table, its repeated cells counted each time, inclusive."""
_TEX = re.compile(r"\$(?! )[^$]+(?<! )\$")


class Cell(NamedTuple):
    """One cell and how many columns and rows it covers."""

    text: str
    columns: int = 1
    rows: int = 1


def render(rows: list[list[Cell]]) -> str:
    """The pipe table, its first row as the header, each cell's text on one line; "" for a table without text.

    Raises OutputTooLarge.
    """
    return render_escaped([[cell._replace(text=escaped(" ".join(cell.text.split()))) for cell in row] for row in rows])


def render_escaped(rows: Iterable[Iterable[Cell]]) -> str:
    """The same for cells whose text is one line and `escaped` already: their white space stays as it is."""
    grid = _grid(rows)
    width = max((len(row) for row in grid), default=0)
    grid = [row + [""] * (width - len(row)) for row in grid if any(row)]
    keep = [c for c in range(width) if any(row[c] for row in grid)]
    if not keep:
        return ""
    lines = ["| " + " | ".join(row[c] for c in keep) + " |" for row in grid]
    lines.insert(1, "|" + " --- |" * len(keep))
    return "\n".join(lines)


def _grid(rows: Iterable[Iterable[Cell]]) -> list[list[str]]:
    grid: list[list[str]] = []
    carried: dict[int, tuple[int, str]] = {}
    num_chars = 0
    for row in rows:
        line: list[str] = []
        beyond: list[str] = []
        following: dict[int, tuple[int, str]] = {}
        for cell in row:
            _carry(line, carried, following)
            if len(line) == MAX_COLUMNS:
                beyond.append(cell.text)
            for k in range(min(max(cell.columns, 1), MAX_COLUMNS - len(line))):
                value = cell.text if k == 0 else ""
                if cell.rows > 1:
                    following[len(line)] = (cell.rows - 1, value)
                line.append(value)
        _carry(line, carried, following)
        carried = following
        if beyond:
            line[-1] = " ".join(filter(None, [line[-1], *beyond]))
        num_chars += sum(map(len, line)) + 3 * len(line)
        if num_chars > MAX_CHARS:
            raise OutputTooLarge(f"a table of more than {MAX_CHARS} characters")
        grid.append(line)
    return grid


def _carry(line: list[str], carried: dict[int, tuple[int, str]], following: dict[int, tuple[int, str]]) -> None:
    """Fill columns that a cell of an earlier row covers."""
    while len(line) in carried and len(line) < MAX_COLUMNS:
        left, value = carried[len(line)]
        if left > 1:
            following[len(line)] = (left - 1, value)
        line.append(value)


def escaped(text: str) -> str:
    """Text of a cell with its bars escaped; bars of TeX become commands: escaped, one bar would be read as two."""
    if "|" not in text:
        return text
    return _TEX.sub(_barless, text).replace("|", "\\|")


def _barless(tex: re.Match[str]) -> str:
    return tex[0].replace("\\|", "\\Vert ").replace("|", "\\vert ")
