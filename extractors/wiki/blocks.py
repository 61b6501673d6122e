"""Third pass: lines of plain wikitext to blocks of Markdown: headings, paragraphs, lists, quotes, tables, code.

Reference: MediaWiki's BlockLevelPass. One walk over the lines; tables inside tables are walked again, to a bounded
depth. `:` alone indents, so it makes paragraphs; after `;` it defines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from textwrap import dedent

from extractors import pipe_table
from extractors.guard import Watch
from extractors.wiki import tables
from extractors.wiki.inline import display_math, inline
from extractors.wiki.marks import BREAK, DROPPED, INSERT, INSERT_OPEN, QUOTE_CLOSE, QUOTE_OPEN, Store

MAX_TABLE_DEPTH = 5
MAX_LIST_DEPTH = 12
_HEADING = re.compile(r"(={1,6})(.+?)\1[\s\x07]*$")
_LIST = re.compile(r"[*#:;]+")
_FORMULA = re.compile(f"[\\s:{DROPPED}]*{INSERT.pattern}([.,;:]?)[\\s{DROPPED}]*")
_SPLIT = re.compile(r"(\x02\d+\x03)")
_TERM = re.compile(r"^(.{1,300}?)\s+:\s+(.*)$", re.S)
_TEXT = re.compile(r"[^\W_]|[$`]")
_RULE = re.compile(r"-{4,}")
_FENCE = re.compile(r"`{3,}")


@dataclass(slots=True)
class Block:
    """One block of the page."""

    text: str
    kind: str
    """heading, paragraph, item, code, math or table."""
    level: int = 0
    """Of a heading; of others the depth of quotation."""
    is_tight: bool = False
    """No blank line before it: an item after an item."""


@dataclass(slots=True)
class _Level:
    mark: str
    indent: int
    content: int
    count: int = 0


class BlockParser:
    """Makes blocks of lines."""

    def __init__(self, store: Store, watch: Watch, depth: int = 0) -> None:
        self.store = store
        self.watch = watch
        self.depth = depth
        self.blocks: list[Block] = []
        self.paragraph: list[str] = []
        self.preformatted: list[str] = []
        self.levels: list[_Level] = []
        self.after_term = False
        self.quotes = 0
        self.captions: list[str] = []

    def parse(self, lines: list[str]) -> list[Block]:
        ends = tables.matching_ends(lines) if "{|" in "\n".join(lines) else {}
        at = 0
        while at < len(lines):
            if at % 256 == 0:
                self.watch.check()
            end = ends.get(at)
            if end is not None and end >= at:
                self._end_block()
                self._table(lines[at : end + 1])
                at = end + 1
                continue
            self._line(lines[at])
            at += 1
        self._end_block()
        return self.blocks

    def _line(self, line: str) -> None:
        if line[:1] == " " and self._is_preformatted(line):
            self._flush_paragraph()
            self.preformatted.append(line[1:])
            return
        self._flush_preformatted()
        stripped = line.strip(" \t\r\n\x07")
        if not stripped:
            self._flush_paragraph()
            if DROPPED not in line:
                self.levels.clear()
                self.after_term = False
        elif stripped in (QUOTE_OPEN, QUOTE_CLOSE):
            self._end_block()
            self.quotes = max(0, self.quotes + (1 if stripped == QUOTE_OPEN else -1))
        elif line[0] == "=" and (heading := _HEADING.match(line)):
            self._heading(len(heading[1]), heading[2])
        elif marks := _LIST.match(stripped):
            self._listed(marks[0], stripped[marks.end() :])
        elif _RULE.match(stripped):
            self._end_block()
            if rest := stripped.lstrip("-"):
                self.paragraph.append(rest)
        else:
            if self.levels:
                self._end_block()
            self.paragraph.append(line)

    def _is_preformatted(self, line: str) -> bool:
        stripped = line.strip(" \t\x07")
        return bool(stripped) and not self.paragraph and not self.depth and not stripped.startswith(("{|", "|", "!"))

    def _end_block(self) -> None:
        self._flush_preformatted()
        self._flush_paragraph()
        self.levels.clear()
        self.after_term = False
        self._flush_captions()

    def _add(self, text: str, kind: str, *, is_tight: bool = False) -> None:
        if text:
            self.blocks.append(Block(text, kind, self.quotes, is_tight))

    def _heading(self, level: int, raw: str) -> None:
        self._end_block()
        title = inline(raw.strip(), self.store).replace("\n", " ").strip(": ")
        if title:
            self.blocks.append(Block(f"{'#' * level} {title}", "heading", level))

    def _flush_paragraph(self) -> None:
        if not self.paragraph:
            return
        raw = "\n".join(self.paragraph)
        self.paragraph.clear()
        self._flow(raw, "")
        if not self.levels:
            self._flush_captions()

    def _flush_preformatted(self) -> None:
        """Lines that begin with a space: code where there are several, else a paragraph."""
        lines = self.preformatted
        if not lines:
            return
        self.preformatted = []
        if len(lines) < 2 or any(self._has_block(line) for line in lines):
            self._flow("\n".join(lines), "")
            return
        shown = [inline(line.replace(BREAK, ""), self.store, keep_space=True).rstrip() for line in lines]
        self._add(fenced(dedent("\n".join(shown)).strip("\n"), ""), "code")

    def _has_block(self, line: str) -> bool:
        kinds = (self.store.inserts[int(found[1])].kind for found in INSERT.finditer(line))
        return any(kind in ("pre", "display", "caption") for kind in kinds)

    def _flow(self, raw: str, indent: str, first: str = "", *, is_tight: bool = False) -> None:
        """A run of text as blocks: its code blocks and formulas apart; `first` is written before the first."""
        has_inserts = INSERT_OPEN in raw
        if has_inserts and (found := _FORMULA.fullmatch(raw)):
            insert = self.store.inserts[int(found[1])]
            if insert.kind in ("math", "display") and not first:
                self._add(_indented(display_math(insert.text, found[2]), indent), "math")
                return
        for piece in _SPLIT.split(raw) if has_inserts else [raw]:
            text, kind = self._piece(piece)
            if kind == "inline":
                self._pending += text
                continue
            first, is_tight = self._emit(indent, first, is_tight)
            self._add(_indented(text, indent), kind)
        self._emit(indent, first, is_tight)

    _pending = ""
    """Inline text gathered since the last block of a run."""

    def _piece(self, piece: str) -> tuple[str, str]:
        """Block and kind of an insert that is one; kind `inline` of others."""
        found = INSERT.fullmatch(piece) if piece[:1] == INSERT_OPEN else None
        if found is None:
            return piece, "inline"
        insert = self.store.inserts[int(found[1])]
        if insert.kind == "pre":
            return fenced(insert.text, insert.language), "code"
        if insert.kind == "display":
            return display_math(insert.text), "math"
        if insert.kind == "caption":
            self.captions.append(insert.text)
            return DROPPED, "inline"
        return piece, "inline"

    def _emit(self, indent: str, first: str, is_tight: bool) -> tuple[str, bool]:
        raw, self._pending = self._pending, ""
        text = inline(raw, self.store)
        if not text or (DROPPED in raw and _TEXT.search(text) is None):
            return first, is_tight
        text = first + text.replace("\n", "\n" + indent) if first else _indented(text, indent)
        self._add(text, "item" if is_tight else "paragraph", is_tight=is_tight)
        return "", is_tight

    def _flush_captions(self) -> None:
        captions, self.captions = self.captions, []
        for caption in captions:
            self._add(inline(caption.replace("\n", " "), self.store), "paragraph")

    def _listed(self, marks: str, body: str) -> None:
        self._flush_paragraph()
        marks = marks[:MAX_LIST_DEPTH]
        shared = 0
        for level, mark in zip(self.levels, marks, strict=False):
            if level.mark != mark and not (level.mark in ":;" and mark in ":;"):
                break
            shared += 1
        del self.levels[shared:]
        for mark in marks[shared:]:
            indent = self.levels[-1].content if self.levels else 0
            self.levels.append(_Level(mark, indent, indent))
        last = self.levels[-1]
        if marks[-1] in "*#":
            self._item(last, body)
            self.after_term = False
        elif marks[-1] == ";":
            self._term(last, body)
        else:
            first = ": " if self.after_term else ""
            self._flow(body, " " * last.content, " " * last.content + first if first else "")

    def _item(self, level: _Level, body: str) -> None:
        marker = f"{level.count + 1}. " if level.mark == "#" else "- "
        before = len(self.blocks)
        content = level.indent + len(marker)
        self._flow(body, " " * content, " " * level.indent + marker, is_tight=True)
        if len(self.blocks) > before:
            level.count += 1
            level.content = content

    def _term(self, level: _Level, body: str) -> None:
        split = _TERM.match(body)
        term, definition = (split[1], split[2]) if split else (body, "")
        self._flow(term, " " * level.content)
        self.after_term = True
        if definition:
            self._flow(definition, " " * level.content, " " * level.content + ": ")

    def _table(self, lines: list[str]) -> None:
        table = tables.parse(lines)
        if self.depth >= MAX_TABLE_DEPTH or table.is_left_out():
            return
        caption = inline("\n".join(table.caption), self.store)
        if not table.is_data():
            self._add(caption, "paragraph")
            for row in table.rows:
                for cell in row:
                    inner = BlockParser(self.store, self.watch, self.depth + 1)
                    self._take(inner.parse(cell.lines))
            return
        rows = [[self._cell(cell) for cell in row] for row in table.rows]
        if len(rows[0]) == 1 and len(rows) > 2 and not caption:
            caption, rows = rows[0][0].text, rows[1:]
        rendered = pipe_table.render(rows)
        if rendered.count("\n") >= 2 and "| --- | ---" in rendered:
            self._add(caption.replace("\n", " "), "paragraph")
            self._add(rendered, "table")

    def _take(self, blocks: list[Block]) -> None:
        for block in blocks:
            if block.kind != "heading":
                block.level += self.quotes
        self.blocks += blocks

    def _cell(self, cell: tables.WikiCell) -> pipe_table.Cell:
        """The cell's lines on one: items of lists apart by semicolons."""
        pieces: list[str] = []
        for line in cell.lines:
            body = line.strip(" \t\x07")
            marks = _LIST.match(body)
            if marks and marks[0][-1] in "*#" and pieces and pieces[-1].strip():
                pieces.append(";")
            pieces.append(" " + (body[marks.end() :] if marks else body.strip("=") if body[:2] == "==" else body))
        text = inline("".join(pieces).replace(BREAK, " "), self.store)
        return pipe_table.Cell(text.strip(" ;"), cell.columns, cell.rows)


def _indented(text: str, indent: str) -> str:
    return indent + text.replace("\n", "\n" + indent) if indent else text


def fenced(code: str, language: str) -> str:
    if not code:
        return ""
    ticks = "`" * (max((len(run) for run in _FENCE.findall(code)), default=2) + 1)
    return f"{ticks}{language}\n{code}\n{ticks}"


def without_empty_sections(blocks: list[Block]) -> list[Block]:
    """Headings under which nothing is left are out."""
    kept: list[Block] = []
    below = 0
    """Level of the heading last kept, 0 where text is last."""
    for block in reversed(blocks):
        if block.kind == "heading":
            if not kept or (0 < below <= block.level):
                continue
            below = block.level
        else:
            below = 0
        kept.append(block)
    kept.reverse()
    return kept


def markdown(blocks: list[Block]) -> str:
    out: list[str] = []
    before: Block | None = None
    for block in blocks:
        quotes = 0 if block.kind == "heading" else block.level
        if before is not None:
            shared = min(quotes, 0 if before.kind == "heading" else before.level)
            tight = block.is_tight and before.is_tight and before.kind == "item" and quotes == shared
            out.append("\n" if tight else f"\n{('> ' * shared).rstrip()}\n")
        prefix = "> " * quotes
        out.append(prefix + block.text.replace("\n", "\n" + prefix) if prefix else block.text)
        before = block
    return "".join(out)
