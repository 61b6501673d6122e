"""Data tables → pipe tables with spans resolved; layout tables stay the blocks they are."""

from __future__ import annotations

from dataclasses import dataclass, field

from extractors import pipe_table
from extractors.html.page import END, HEADING, PRE, START, TABLE, Container, Page

MAX_SPAN = 100
"""Columns or rows one cell may cover; browsers cap at 1000, real tables stay far below."""
MAX_CELL_CHARS = 1500
"""A longer cell is a text column of a layout."""


@dataclass(slots=True)
class Cell:
    """One cell: its blocks are `start` to `end` of the page."""

    start: int
    end: int
    columns: int
    rows: int
    is_header: bool


@dataclass(slots=True)
class Table:
    """A table being walked."""

    start: int
    container: int
    presentational: bool
    rows: list[list[Cell]] = field(default_factory=list)
    has_nested: bool = False
    has_caption: bool = False
    num_inputs: int = 0


def is_data(table: Table, page: Page) -> bool:
    """Whether a table holds data: a grid of short cells, or one with headers or a caption."""
    rows = [row for row in table.rows if row]
    if table.presentational or table.has_nested or not rows:
        return False
    filled = [[cell for cell in row if cell.end > cell.start] for row in rows]
    cells = [cell for row in filled for cell in row]
    wide = sum(len(row) >= 2 for row in filled)
    if not cells or wide == 0 or max(len(row) for row in rows) < 2:
        return False
    sizes = [sum(len(page.text[i]) for i in range(cell.start, cell.end)) for cell in cells]
    blocks = [cell.end - cell.start for cell in cells]
    headings = sum(page.kind[i] == HEADING for cell in cells for i in range(cell.start, cell.end))
    if max(sizes) > MAX_CELL_CHARS or headings > len(rows):
        return False
    if any(page.kind[i] == PRE and "\n" in page.text[i] for i in range(cells[0].start, cells[-1].end)):
        return False  # a pipe table would break the lines of the code
    listed = sum(
        page.frame[i] is not page.frame[cell.start] or "\n" in page.text[i]
        for cell in cells
        for i in range(cell.start, cell.end)
    )
    if listed > max(2, len(cells) // 8):
        return False  # lists and verses inside cells keep their lines only outside a pipe table
    headed = table.has_caption or any(cell.is_header for cell in cells)
    if headed:
        return sum(blocks) <= 4 * len(cells)
    return len(rows) >= 2 and wide >= 2 and sum(blocks) <= 1.6 * len(cells) and sum(sizes) <= 200 * len(cells)


def render(table: Table, page: Page) -> str:
    """The pipe table; its first row is the header."""
    return pipe_table.render_escaped(
        (pipe_table.Cell(_cell_text(cell, page), cell.columns, cell.rows) for cell in row) for row in table.rows
    )


def _cell_text(cell: Cell, page: Page) -> str:
    pieces = []
    for i in range(cell.start, cell.end):
        text = page.text[i].replace("\n", " ")
        pieces.append(f"`{text}`" if page.kind[i] == PRE else text)
    return pipe_table.escaped(" ".join(pieces))


def collapse(table: Table, page: Page, opened: list[Container], text: str) -> None:
    """Put one table block in the place of the table's blocks."""
    start = table.start
    links = sum(page.link_chars[start:])
    num_links = sum(page.num_links[start:])
    bits = 0
    for value in page.inner_bits[start:]:
        bits |= value
    frame = page.frame[start]
    page.drop_blocks(start)
    page.text.append(text)
    page.kind.append(TABLE)
    page.level.append(0)
    page.language.append("")
    page.frame.append(frame)
    page.container.append(table.container)
    page.link_chars.append(links)
    page.num_links.append(num_links)
    page.inner_bits.append(bits)
    for row in opened[table.container + 1 :]:
        row[START] = min(row[START], start)
        row[END] = start + 1
