"""A Word document → Markdown: the body in order, its structure by styles and outline levels, not by looks.

Reference: ECMA-376 part 1 (WordprocessingML). Cost: that of lxml. Blind spot: text inside pictures, charts, SmartArt
and embedded objects; a heading that is only bold is a paragraph.
"""

from __future__ import annotations

import itertools
from typing import Any

from extractors.blocks import QUOTE, Blocks, Frame, is_layout
from extractors.docx import styles
from extractors.docx.inline import BREAK, CODE, Inline, Reader
from extractors.errors import DamagedInput, InputTooLarge
from extractors.guard import Limits, Watch, guard
from extractors.office import LIMITS, MAX_CELLS, dublin_core, opened
from extractors.package_file import Package, attribute, local, resolve, whole_number
from extractors.pipe_table import Cell, render
from extractors.result import Extraction

MAX_SPAN = 100
"""Columns of one cell, or left out at the beginning of a row, that are believed."""
MAX_NOTE_DEPTH = 3
"""Notes inside notes that are followed. Tables and boxes inside each other end where the XML parser does."""
_BODY_CONTAINERS = frozenset(["sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag", "Choice"])


def extract(data: bytes, limits: Limits = LIMITS) -> Extraction:
    """Text and metadata of a `.docx`; never raises on input."""
    return guard(lambda watch: _extract(data, limits, watch), limits)


def _extract(data: bytes, limits: Limits, watch: Watch) -> Extraction:
    package = opened(data, limits)
    main = _related(package, "", "officeDocument").get("officeDocument") or "word/document.xml"
    root = package.tree(main)
    body = None if root is None else next((child for child in root if local(child) == "body"), None)
    if body is None:
        raise DamagedInput("no document body")
    document = _Document(package, main, watch)
    found = dublin_core(package.part("docProps/core.xml"))
    watch.partial = lambda: found.extraction(document.blocks, package.num_damaged)
    document.read(body)
    return watch.partial()


def _related(package: Package, member: str, *kinds: str) -> dict[str, str]:
    """Members that a member names by kind of relationship."""
    folder, _, name = member.rpartition("/")
    root = package.tree(f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels")
    found: dict[str, str] = {}
    if root is None:
        return found
    for relation in root:
        kind = (attribute(relation, "Type") or "").rpartition("/")[2]
        target = resolve(member, attribute(relation, "Target") or "")
        if kind in kinds and target and attribute(relation, "TargetMode") != "External":
            found.setdefault(kind, target)
    return found


class _Document:
    """The blocks of a document while it is read."""

    def __init__(self, package: Package, main: str, watch: Watch) -> None:
        parts = _related(package, main, "styles", "numbering", "footnotes", "endnotes")
        self.blocks = Blocks()
        self.watch = watch
        self.styles = styles.Styles(package, parts.get("styles"))
        self.numbering = styles.read_numbering(package, parts.get("numbering"))
        self.notes = {
            kind: _notes(package.part(parts[kind + "s"])) for kind in ("footnote", "endnote") if kind + "s" in parts
        }
        self.reader = Reader(self.note, self.styles.is_hidden)
        self.items: list[tuple[int, Frame]] = []
        """Open list items: their depth and frame."""
        self.quote: Frame | None = None
        self.note_depth = 0
        self.joined: tuple[Inline, styles.Style, Any] | None = None
        """A paragraph whose end was deleted: it goes on in the next one."""
        self.num_cells = 0

    def note(self, kind: str, note_id: str) -> str:
        """Text of a note on one line, each given once."""
        element = self.notes.get(kind, {}).pop(note_id, None)
        if element is None or self.note_depth >= MAX_NOTE_DEPTH:
            return ""
        self.note_depth += 1
        try:
            return self._aside(element).plain()
        finally:
            self.note_depth -= 1

    def _aside(self, element: Any) -> Blocks:
        """Blocks of a note, a cell or a text box, read apart from the running text."""
        kept = self.blocks, self.items, self.quote, self.reader, self.joined
        self.blocks, self.items, self.quote = Blocks(), [], None
        self.reader, self.joined = Reader(self.note, self.styles.is_hidden), None
        try:
            self.read(element)
            return self.blocks
        finally:
            self.blocks, self.items, self.quote, self.reader, self.joined = kept

    def read(self, parent: Any) -> None:
        """Every paragraph and table below an element, in order."""
        for child in parent:
            name = local(child)
            if name == "tbl":
                self._end_joined()
                self._table(child)
            elif name == "p":
                self.watch.check()
                self._paragraph(child)
            elif name == "sdt" and _is_contents(child):
                continue
            elif name in _BODY_CONTAINERS:
                self.read(child)
            elif name == "AlternateContent":
                self.read(child[0] if len(child) else child)
            elif name in ("oMathPara", "oMath"):
                self._emit(self.reader.paragraph([child]), styles.Style(""), None)
        self._end_joined()

    def _end_joined(self) -> None:
        """Emit a paragraph that nothing goes on with, and its text boxes."""
        if self.joined is not None:
            joined, self.joined = self.joined, None
            self._emit(*joined)
            for box in joined[0].boxes:
                self.read(box)

    def _paragraph(self, element: Any) -> None:
        properties = element.find("{*}pPr")
        name = properties.find("{*}pStyle") if properties is not None else None
        style = self.styles.get(attribute(name, "val") if name is not None else None)
        if style.level not in (None, styles.BODY):
            self.reader.end_contents()  # a heading is no entry of the list: its field was never ended
        if styles.is_contents(style) or style.is_hidden:
            self.reader.paragraph(element)
            return
        before, self.joined = self.joined, None
        self.joined = self.reader.paragraph(element, before[0] if before else None), style, properties
        if properties is None or properties.find("{*}rPr/{*}del") is None:
            self._end_joined()

    def _emit(self, inline: Inline, style: styles.Style, properties: Any | None) -> None:
        raw = inline.prose()
        if not raw.strip(" \t\n\u00a0" + BREAK):
            if styles.is_code(style):
                self.blocks.code_line("")
            return
        level = styles.outline_level(properties) if properties is not None else None
        level = style.level if level is None else level
        level = None if level == styles.BODY else level
        if styles.is_title(style) or level is not None:
            self.items.clear()
            self.blocks.heading(_line(raw), 1 if level is None else level + 1)
            return
        frame = self._frame(style, properties)
        code = inline.text().replace(CODE, "") if styles.is_code(style) else inline.code()
        if code is not None and not inline.has_display:
            self.blocks.code_line(code.replace(BREAK, "\n").replace("\t", "    ").rstrip(), frame)
        else:
            self._text(raw, inline.has_display, frame)

    def _text(self, raw: str, has_display: bool, frame: Frame | None) -> None:
        for piece in raw.split(BREAK) if has_display else [raw]:
            if has_display and piece.startswith("$$") and piece.endswith("$$"):
                self.blocks.math(piece[2:-2], frame)
                continue
            lines = (" ".join(line.split()) for line in piece.split(BREAK))
            self.blocks.paragraph("\n".join(line for line in lines if line), frame)

    def _frame(self, style: styles.Style, properties: Any | None) -> Frame | None:
        """The list item or quote a paragraph begins; None for running text."""
        number = styles.number_of(properties) if properties is not None else None
        number = number or style.number
        if number is not None and number[0] != "0":
            marker = self.numbering.marker(*number)
            if marker is not None:
                return self._item(marker, number[1])
            going_on = [frame for depth, frame in self.items if depth <= number[1]]
            if going_on:
                return going_on[-1]
        self.items.clear()
        if not styles.is_quote(style):
            self.quote = None
            return None
        self.quote = self.quote or Frame(None, QUOTE)
        return self.quote

    def _item(self, marker: str, depth: int) -> Frame:
        self.quote = None
        while self.items and self.items[-1][0] >= depth:
            self.items.pop()
        frame = Frame(self.items[-1][1] if self.items else None, marker)
        self.items.append((depth, frame))
        return frame

    def _table(self, element: Any) -> None:
        rows = [self._cells(row) for row in _rows(element)]
        cells = [[blocks for _, blocks in row] for row in rows]
        if not any(len(blocks) for row in cells for blocks in row):
            return
        self.items.clear()
        if is_layout(cells):
            for blocks in itertools.chain(*cells):
                self.blocks.extend(blocks)
            return
        self.blocks.table(render(_spanned(rows)))

    def _count_cell(self) -> None:
        self.num_cells += 1
        if self.num_cells > MAX_CELLS:
            raise InputTooLarge(f"more than {MAX_CELLS} table cells")

    def _cells(self, row: Any) -> list[tuple[tuple[int, str | None], Blocks]]:
        """Columns covered, vertical merge and blocks of each cell of a row."""
        self.watch.check()
        before = row.find("{*}trPr/{*}gridBefore")
        num_before = whole_number(before, "val", MAX_SPAN) if before is not None else None
        cells: list[tuple[tuple[int, str | None], Blocks]] = [((num_before, None), Blocks())] if num_before else []
        for cell in _inside(row, "tc"):
            self._count_cell()
            span, merge = cell.find("{*}tcPr/{*}gridSpan"), cell.find("{*}tcPr/{*}vMerge")
            columns = (whole_number(span, "val", MAX_SPAN) if span is not None else None) or 1
            merged = None if merge is None else attribute(merge, "val") or "continue"
            if cell.find("{*}tcPr/{*}cellDel") is None:
                cells.append(((columns, merged), self._aside(cell)))
        return cells


def _spanned(rows: list[list[tuple[tuple[int, str | None], Blocks]]]) -> list[list[Cell]]:
    """Cells with the rows they cover counted, from the merge marks of the cells below them."""
    places: list[dict[int, tuple[int, str | None]]] = []
    for row in rows:
        column = 0
        place = {}
        for (columns, merged), _ in row:
            place[column] = (columns, merged)
            column += columns
        places.append(place)
    out: list[list[Cell]] = []
    for k, row in enumerate(rows):
        line = []
        for (column, (columns, merged)), (_, blocks) in zip(places[k].items(), row, strict=True):
            covered = 1
            if merged == "restart":
                while k + covered < len(rows) and places[k + covered].get(column, (0, None))[1] == "continue":
                    covered += 1
            if merged != "continue" or k == 0:
                line.append(Cell(blocks.plain(), columns, covered))
        out.append(line)
    return out


def _rows(table: Any) -> list[Any]:
    return [row for row in _inside(table, "tr") if row.find("{*}trPr/{*}del") is None]


def _inside(element: Any, wanted: str) -> list[Any]:
    """Children of a name, also inside content controls and insertions."""
    found: list[Any] = []
    for child in element:
        name = local(child)
        if name == wanted:
            found.append(child)
        elif name in _BODY_CONTAINERS:
            found += _inside(child, wanted)
    return found


def _notes(root: Any | None) -> dict[str, Any]:
    """Notes by id; separators are none."""
    if root is None:
        return {}
    return {attribute(note, "id") or "": note for note in root if attribute(note, "type") in (None, "normal")}


def _is_contents(element: Any) -> bool:
    gallery = element.find("{*}sdtPr/{*}docPartObj/{*}docPartGallery")
    return gallery is not None and (attribute(gallery, "val") or "").startswith("Table of Contents")


def _line(raw: str) -> str:
    return " ".join(raw.replace(BREAK, " ").split())
