"""Wiki tables: lines between `{|` and `|}` to rows of cells, and which of them hold data.

Reference: mediawiki.org, Help:Tables. What lays out a page (boxes of facts, navigation, columns) is told by its
classes and by the shape of its cells.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from extractors.wiki.marks import INSERT_OPEN

MAX_CELL_CHARS = 1500
"""A longer cell is a text column of a layout."""
_OUT = re.compile(
    r"infobox|navbox|metadata|ambox|sidebar|\btoc\b|toccolours|noprint|mbox|succession|taxobox|vertical-navbox|navigation"
    r"|biota|geography|vcard|messagebox|sistersitebox|plainlinks|navigationsbox|bandeau|rellink|hatnote|citation-needed",
    re.I,
)
_DATA = re.compile(r"wikitable|sortable|prettytable|standard|plainrowheaders|datatable|tabell", re.I)
_FLOAT = re.compile(r"float\s*:\s*(?:right|left)|align\s*=\s*[\"']?(?:right|left)", re.I)
_SPAN = re.compile(r"\b(colspan|rowspan)\s*=\s*[\"']?\s*(\d{1,4})", re.I)
_CLASS = re.compile(r"\b(?:class|id|role)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"']+)", re.I)


_UNBARRED = re.compile(
    r"(?:\s*(?:(?:row|col)span\s*=\s*\d{1,4}(?!\w)"
    r"|(?:(?:row|col)span|style|v?align|bgcolor|class|width|scope)\s*=\s*(?:\"[^\"]*\"|'[^']*'))){1,9}+(?=\s*\S)",
    re.I,
)
"""Attributes of a cell whose bar a template would have given: `rowspan=2 {{N/A}}`. Without quotes and without anything
behind them they are words: `class = Mammalia`, `width=50%`."""


@dataclass(slots=True)
class WikiCell:
    """One cell and the lines of its content."""

    lines: list[str]
    columns: int = 1
    rows: int = 1
    is_header: bool = False
    has_table: bool = False


@dataclass(slots=True)
class WikiTable:
    """One table; nested tables are lines of their cells."""

    attributes: str
    rows: list[list[WikiCell]] = field(default_factory=list)
    caption: list[str] = field(default_factory=list)

    def is_left_out(self) -> bool:
        """Navigation, boxes of facts, notices."""
        names = " ".join(_CLASS.findall(self.attributes))
        if _DATA.search(names):
            return False
        return _OUT.search(names) is not None or (_FLOAT.search(self.attributes) is not None and not self.caption)

    def is_data(self) -> bool:
        """A grid of short cells."""
        rows = [row for row in self.rows if row]
        cells = [cell for row in rows for cell in row]
        if len(rows) < 2 or max(len(row) for row in rows) < 2 or any(cell.has_table for cell in cells):
            return False
        sizes = [sum(map(len, cell.lines)) for cell in cells]
        if max(sizes) > MAX_CELL_CHARS:
            return False
        named = _DATA.search(self.attributes) is not None or any(cell.is_header for cell in cells)
        listed = sum(any(line.startswith(("*", "#", "=")) for line in cell.lines) for cell in cells)
        return listed <= (len(cells) // 2 if named else 0) and (named or sum(sizes) <= 200 * len(cells))


def matching_ends(lines: list[str]) -> dict[int, int]:
    """Line of each `{|` → line of its `|}`; one that never closes ends before the next heading, or with the text."""
    ends: dict[int, int] = {}
    opened: list[int] = []
    headings: list[int] = []
    for k, line in enumerate(lines):
        start = line.lstrip(" :\t\x07*#")[:2]
        if start == "{|":
            opened.append(k)
        elif start == "|}" and not line.lstrip().startswith("|}}") and opened:
            ends[opened.pop()] = k
        elif line.startswith("==") and line.rstrip().endswith("=="):
            headings.append(k)
    for k in opened:
        after = next((h for h in headings if h > k), len(lines)) if len(opened) < 20 else k + 1
        ends[k] = after - 1
    return ends


def parse(lines: list[str]) -> WikiTable:
    """The table of these lines, the first of which has its `{|`."""
    head = lines[0].lstrip(" :\t\x07*#")[2:]
    table = WikiTable(head)
    row: list[WikiCell] = []
    target: list[str] = []
    depth = 0
    for line in lines[1:]:
        stripped = line.lstrip(" \t\x07")
        if stripped.startswith("{|"):
            depth += 1
            if row:
                row[-1].has_table = True
        if depth:
            target.append(stripped)
            depth -= stripped.startswith("|}")
        elif stripped.startswith("|}"):
            break
        elif stripped.startswith("|-"):
            table.rows.append(row)
            row, target = [], []
        elif stripped.startswith("|+"):
            table.caption = target = [_content(stripped[2:])[1]]
        elif stripped[:1] in ("|", "!"):
            row += _cells(stripped)
            target = row[-1].lines
        else:
            target.append(line)
    table.rows.append(row)
    table.rows = [row for row in table.rows if row]
    return table


def _cells(line: str) -> list[WikiCell]:
    is_header = line[0] == "!"
    body = line[1:].replace("!!", "||") if is_header else line[1:]
    made = []
    for k, piece in enumerate(body.split("||")):
        attributes, text = _content(piece)
        spans = {name.lower(): int(number) for name, number in _SPAN.findall(attributes)} if attributes else {}
        header = is_header or (k == 0 and "scope=" in attributes)
        made.append(WikiCell([text], max(1, spans.get("colspan", 1)), max(1, spans.get("rowspan", 1)), header))
    return made


def _content(piece: str) -> tuple[str, str]:
    """Attributes and text of a cell: `style=… | text`."""
    attributes, bar, text = piece.partition("|")
    if not bar:
        stated = _UNBARRED.match(piece) if "=" in piece else None
        return (stated[0], piece[stated.end() :]) if stated else ("", piece)
    if INSERT_OPEN in attributes or "[" in attributes or len(attributes) > 600:
        return "", piece
    return attributes, text
