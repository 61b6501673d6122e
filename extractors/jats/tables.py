"""Tables: caption, pipe table with spans resolved, notes. XHTML tables and OASIS (CALS) ones."""

from __future__ import annotations

import re

from extractors.html.page import TABLE
from extractors.jats import structure
from extractors.jats.parse import Element, local
from extractors.jats.walk import Walk, child
from extractors.pipe_table import MAX_COLUMNS, Cell, render

MAX_SPAN = 100
_NUMBER = re.compile(r"[0-9]{1,9}")
"""Columns or rows one cell may cover, inclusive; more is a mistake."""
_MARK = re.compile(r"\w{1,2}")
_ROWS = frozenset({"thead", "tbody", "tfoot"})


def open_wrap(walk: Walk, node: Element) -> None:
    """`<table-wrap>`: label and caption, its tables, its notes; of alternatives the table, of a picture the caption."""
    if walk.defer(node):
        return
    outer = walk.note_marks
    walk.note_marks = _marks(walk, node)
    label = walk.one_line(child(node, "label"))
    caption = child(node, "caption")
    if caption is not None:
        structure.captioned(walk, caption, label, with_title=True)
    elif label:
        walk.add(label)
    for part in node:
        name = local(part.tag)
        if name == "table-wrap-foot":
            _foot(walk, part)
        elif name not in ("label", "caption", "graphic", "object-id", "attrib", "permissions"):
            walk.element(part)
        elif name == "attrib":
            structure.open_block(walk, part)
    walk.flush()
    walk.note_marks = outer
    if not any(local(below.tag) in ("table", "tgroup", "list", "p", "preformat") for below in node.iter("*")):
        walk.count("num_table_images")


def _marks(walk: Walk, node: Element) -> frozenset[str]:
    """What marks the notes under a table, as far as it is letters and numbers: labels, or raised first words."""
    marks = set()
    for foot in node:
        if local(foot.tag) != "table-wrap-foot":
            continue
        for note in foot.iter("*"):
            if local(note.tag) == "fn":
                marks.add(walk.one_line(child(note, "label")))
            elif local(note.tag) == "sup" and not (note.getparent().text or "").strip() and note.getprevious() is None:
                marks.add(walk.one_line(note))
    return frozenset(mark for mark in marks if _MARK.fullmatch(mark))


def _foot(walk: Walk, foot: Element) -> None:
    walk.flush()
    for part in foot:
        if local(part.tag) == "fn":
            structure.note_block(walk, part, walk.note_marks)
        elif local(part.tag) == "fn-group":
            _foot(walk, part)
        else:
            walk.element(part)
    walk.flush()


def open_alternatives(walk: Walk, node: Element) -> None:
    """One of several forms of the same: text before pictures."""
    parts = [part for part in node if local(part.tag) not in ("graphic", "inline-graphic", "media", "textual-form")]
    parts = parts or [part for part in node if local(part.tag) == "textual-form"]
    if parts:
        walk.element(parts[0])


def open_table(walk: Walk, node: Element) -> None:
    """`<table>`, XHTML's or a CALS one's `<tgroup>`s."""
    walk.flush()
    groups = [part for part in node if local(part.tag) == "tgroup"]
    if groups:
        for group in groups:
            _write(walk, _cals_rows(walk, group))
    else:
        _write(walk, [_cells(walk, row) for row in _rows(node)])


def open_tgroup(walk: Walk, node: Element) -> None:
    walk.flush()
    _write(walk, _cals_rows(walk, node))


def _write(walk: Walk, rows: list[list[Cell]]) -> None:
    text = render(rows)
    if text:
        walk.add(text, TABLE)


def _rows(table: Element) -> list[Element]:
    """Rows in the order they are read: head, bodies, foot, wherever the foot is written."""
    head: list[Element] = []
    body: list[Element] = []
    foot: list[Element] = []
    for part in table:
        name = local(part.tag)
        if name == "tr":
            body.append(part)
        elif name in _ROWS:
            into = {"thead": head, "tfoot": foot}.get(name, body)
            into.extend(row for row in part if local(row.tag) in ("tr", "row"))
    return head + body + foot


def _cells(walk: Walk, row: Element) -> list[Cell]:
    return [
        Cell(walk.one_line(cell), max(1, _span(cell.get("colspan"))), max(1, _span(cell.get("rowspan"))))
        for cell in row
        if local(cell.tag) in ("td", "th")
    ]


def _span(value: str | None) -> int:
    """The whole number that an attribute states, at most MAX_SPAN; 0 where it states none."""
    return min(int(value), MAX_SPAN) if value and _NUMBER.fullmatch(value) else 0


def _cals_rows(walk: Walk, group: Element) -> list[list[Cell]]:
    columns = {}
    for k, spec in enumerate(part for part in group if local(part.tag) == "colspec"):
        columns[spec.get("colname") or f"c{k + 1}"] = k
    rows = []
    for row in _rows(group):
        cells = []
        for entry in row:
            if local(entry.tag) != "entry":
                continue
            first, last = columns.get(entry.get("namest") or ""), columns.get(entry.get("nameend") or "")
            width = last - first + 1 if first is not None and last is not None and last >= first else 1
            tall = _span(entry.get("morerows")) + 1
            cells.append(Cell(walk.one_line(entry), min(width, MAX_COLUMNS), min(tall, MAX_SPAN)))
        rows.append(cells)
    return rows
