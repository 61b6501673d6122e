"""An OpenDocument text → Markdown: headings by outline level, lists, tables with spans, notes and formulas in place.

Reference: ODF 1.3 part 3 (OASIS, 2021). Deletions are stored apart and stay out. Cost: that of lxml. Blind spot: charts
and text in pictures; equations of StarMath without MathML.
"""

from __future__ import annotations

import itertools
import re
from typing import Any

from extractors.blocks import BULLET, QUOTE, Blocks, Frame, is_layout
from extractors.errors import DamagedInput, EncryptedInput, InputTooLarge
from extractors.guard import Limits, Watch, guard
from extractors.mathml import to_tex
from extractors.mathml_rows import Tree
from extractors.office import CODE_STYLE, LIMITS, MAX_CELLS, dublin_core, opened, raised
from extractors.package_file import Package, attribute, local, resolve, whole_number
from extractors.pipe_table import Cell, render
from extractors.result import Extraction

MAX_REPEATED = 64
"""Copies of a repeated cell or row that are written; spreadsheets repeat empty ones to the edge."""
MAX_SPACES = 64
MAX_BASES = 12
"""Styles that build on each other are followed so far."""
MAX_SPAN = 100
"""Columns or rows of one cell that are believed."""
MAX_NUMBER = 999_999_999
BREAK = "\x01"
_LEFT_OUT = frozenset(
    [
        "tracked-changes",
        "table-of-content",
        "alphabetical-index",
        "illustration-index",
        "table-index",
        "object-index",
        "user-index",
        "annotation",
        "annotation-end",
        "forms",
        "sequence-decls",
        "variable-decls",
        "user-field-decls",
        "bookmark",
        "bookmark-start",
        "bookmark-end",
        "change",
        "change-start",
        "change-end",
        "title",
        "desc",
        "note-citation",
        "soft-page-break",
        "hidden-text",
        "page-number",
        "page-count",
        "image",
        "binary-data",
    ]
)
_SHAPES = frozenset(["text-box", "custom-shape", "rect", "ellipse", "circle", "line", "polyline", "polygon", "path",
                     "connector", "caption", "measure", "regular-polygon"])  # fmt: skip
"""Drawings that hold paragraphs of their own."""
_TITLE = re.compile(r"^Title$")
_INLINE_CODE = re.compile(r"source text|teletype|verbatim|code|user entry", re.I)
_ENCODED = re.compile(r"_20_|_5f_|_")
_QUOTE = re.compile(r"quotation|quote", re.I)
_CONTENTS = re.compile(r"^contents \d|^contents heading|index heading", re.I)


def extract(data: bytes, limits: Limits = LIMITS) -> Extraction:
    """Text and metadata of an `.odt`; never raises on input."""
    return guard(lambda watch: _extract(data, limits, watch), limits)


def _extract(data: bytes, limits: Limits, watch: Watch) -> Extraction:
    package = opened(data, limits)
    manifest = package.tree("META-INF/manifest.xml")
    if manifest is not None and next(manifest.iter("{*}encryption-data"), None) is not None:
        raise EncryptedInput("the manifest names encrypted members")
    root = package.tree("content.xml")
    body = None if root is None else next(root.iter("{urn:oasis:names:tc:opendocument:xmlns:office:1.0}text"), None)
    if root is None or body is None:
        raise DamagedInput("no text body")
    document = _Document(package, root, watch)
    found = dublin_core(package.part("meta.xml"))
    watch.partial = lambda: found.extraction(document.blocks, package.num_damaged)
    document.read(body)
    return watch.partial()


class _Document:
    """The blocks of a document while it is read."""

    def __init__(self, package: Package, content: Any, watch: Watch) -> None:
        self.package = package
        self.watch = watch
        self.blocks = Blocks()
        self.parents: dict[str, str] = {}
        """Style → the one it builds on."""
        self.bases: dict[str, list[str]] = {}
        """Style → itself and the ones it builds on."""
        self.named: dict[tuple[str, re.Pattern[str]], bool] = {}
        self.numbered: dict[str, dict[int, int]] = {}
        """List style → the levels that are numbered, and the number they begin with."""
        self.hidden: set[str] = set()
        self.raised: dict[str, bool] = {}
        """Character style → whether it stands above the line; others below it."""
        for tree in (package.part("styles.xml"), content):
            if tree is not None:
                self._styles(tree)
        self.asides: list[Any] = []
        """Text boxes anchored in the paragraph being read."""
        self.displayed = False
        self.quote: Frame | None = None
        """The quotation that the paragraph before belongs to."""
        self.num_cells = 0
        self.ends: dict[tuple[str, int], int] = {}
        """List style and level → number of its last item, for lists that continue."""

    def _styles(self, tree: Any) -> None:
        for style in tree.iter("{*}style"):
            self.parents[attribute(style, "name") or ""] = attribute(style, "parent-style-name") or ""
            properties = style.find("{*}text-properties")
            if properties is not None:
                self._character_style(attribute(style, "name") or "", properties)
        for style in tree.iter("{*}list-style"):
            self.numbered[attribute(style, "name") or ""] = {
                whole_number(level, "level", MAX_NUMBER) or 1: _number(level, "start-value", MAX_NUMBER)
                for level in style
                if local(level) == "list-level-style-number" and attribute(level, "num-format")
            }

    def _character_style(self, name: str, properties: Any) -> None:
        if attribute(properties, "display") == "none":
            self.hidden.add(name)
        position = attribute(properties, "text-position") or ""
        if position.startswith(("super", "sub", "-")) or position[:1].isdigit():
            self.raised[name] = not position.startswith(("sub", "-")) and not position.startswith("0")

    def _named(self, element: Any, pattern: re.Pattern[str]) -> bool:
        """A style of the element, or one that it builds on, has such a name."""
        key = attribute(element, "style-name") or "", pattern
        if key not in self.named:
            self.named[key] = any(pattern.search(_ENCODED.sub(" ", name)) for name in self._bases(element))
        return self.named[key]

    def _is_hidden(self, element: Any) -> bool:
        return any(name in self.hidden for name in self._bases(element))

    def _bases(self, element: Any) -> list[str]:
        """The style of an element and those that it builds on."""
        style = attribute(element, "style-name") or ""
        if style not in self.bases:
            names: list[str] = []
            name = style
            while name and len(names) < MAX_BASES:
                names.append(name)
                name = self.parents.get(name, "")
            self.bases[style] = names
        return self.bases[style]

    def read(self, parent: Any, frame: Frame | None = None) -> None:
        """Every block below an element, in order."""
        for child in parent:
            name = local(child)
            if name in ("p", "h"):
                self.watch.check()
                self._paragraph(child, frame)
            elif name == "list":
                self._list(child, frame, 1, "")
            elif name == "table":
                self._table(child, frame)
            elif name in _LEFT_OUT or not name or _is_not_shown(child):
                continue
            else:
                self.read(child, frame)

    def _paragraph(self, element: Any, frame: Frame | None) -> None:
        if self._named(element, _CONTENTS) or self._is_hidden(element):
            return
        outer, self.asides = self.asides, []
        outer_displayed, self.displayed = self.displayed, False
        pieces: list[str] = []
        self._inline(element, pieces)
        boxes, self.asides = self.asides, outer
        displayed, self.displayed = self.displayed, outer_displayed
        self._emit(element, "".join(pieces), frame, displayed)
        for box in boxes:
            self.read(box, frame)

    def _emit(self, element: Any, raw: str, frame: Frame | None, displayed: bool) -> None:
        quote, self.quote = self.quote, None
        if local(element) == "h":
            self.blocks.heading(raw.replace(BREAK, " "), whole_number(element, "outline-level", MAX_NUMBER) or 1)
        elif self._named(element, _TITLE):
            self.blocks.heading(raw.replace(BREAK, " "), 1)
        elif self._named(element, CODE_STYLE):
            self.blocks.code_line(raw.replace(BREAK, "\n").replace("\t", "    ").rstrip(), frame)
        else:
            if frame is None and self._named(element, _QUOTE):
                self.quote = quote or Frame(None, QUOTE)
            lines = [" ".join(line.split()) for line in raw.split(BREAK)]
            text = "\n".join(line for line in lines if line)
            alone = text.startswith("$") and text.endswith("$") and text.count("$") == 2
            if displayed and alone:
                self.blocks.math(text[1:-1], frame)
            else:
                self.blocks.paragraph(text, self.quote or frame)

    def _inline(self, element: Any, pieces: list[str]) -> None:
        pieces.append(_collapsed(element.text))
        for child in element:
            self._piece(child, pieces)
            pieces.append(_collapsed(child.tail))

    def _piece(self, child: Any, pieces: list[str]) -> None:
        name = local(child)
        if name == "s":
            count = whole_number(child, "c", MAX_SPACES)
            pieces.append("\u00a0" * (1 if count is None else count))
        elif name in ("tab", "line-break"):
            pieces.append("\t" if name == "tab" else BREAK)
        elif name == "note":
            text = self._aside(child).plain()
            pieces.append(f" ({text})" if text else "")
        elif name in _SHAPES:
            self.asides.append(child)
        elif name == "object":
            self._object(child, pieces)
        elif name == "ruby-text":
            reading: list[str] = []
            self._inline(child, reading)
            pieces.append(f"({''.join(reading)})")
        elif name == "span":
            self._span(child, pieces)
        elif name and name not in _LEFT_OUT:
            self._inline(child, pieces)

    def _span(self, child: Any, pieces: list[str]) -> None:
        style = attribute(child, "style-name") or ""
        if self._is_hidden(child):
            return
        inner: list[str] = []
        self._inline(child, inner)
        text = "".join(inner)
        if style in self.raised:
            text = raised(text, "".join(pieces[-2:]), self.raised[style])
        elif self._named(child, _INLINE_CODE) and text.strip() and "`" not in text and BREAK not in text:
            text = f"`{text}`"
        pieces.append(text)

    def _object(self, element: Any, pieces: list[str]) -> None:
        """An embedded formula, inline or by reference; other objects are left out."""
        math = next(element.iter("{http://www.w3.org/1998/Math/MathML}math"), None)
        if math is None:
            member = resolve("content.xml", (attribute(element, "href") or "").rstrip("/"))
            if member is None:
                return
            root = self.package.part(f"{member}/content.xml")
            math = root if root is not None and local(root) == "math" else None
        if math is None:
            return
        tex = _annotated(math) or to_tex(_tree(math))
        if tex:
            self.displayed = True
            pieces.append(f"${' '.join(tex.split())}$")

    def _aside(self, element: Any) -> Blocks:
        """Blocks of a note or a cell, read apart from the running text."""
        kept, self.blocks, self.quote = self.blocks, Blocks(), None
        asides, self.asides = self.asides, []
        try:
            self.read(element)
            return self.blocks
        finally:
            self.blocks, self.asides = kept, asides

    def _list(self, element: Any, outer: Frame | None, level: int, style: str) -> None:
        style = attribute(element, "style-name") or style
        first = self.numbered.get(style, {}).get(level)
        continued = attribute(element, "continue-numbering") == "true" or attribute(element, "continue-list")
        count = self.ends.get((style, level), 0) if continued else (first or 1) - 1
        for item in element:
            name = local(item)
            if name not in ("list-item", "list-header"):
                continue
            self.watch.check()
            start = whole_number(item, "start-value", MAX_NUMBER)
            count = count + (name == "list-item") if start is None else start
            has_text = any(local(child) in ("p", "h") for child in item)
            frame = (
                Frame(outer, f"{count}. " if first is not None else BULLET)
                if has_text and name == "list-item"
                else outer
            )
            for child in item:
                if local(child) == "list":
                    self._list(child, frame, level + 1, style)
                elif local(child) in ("p", "h"):
                    self._paragraph(child, frame)
                elif local(child) == "table":
                    self._table(child, frame)
        self.ends[style, level] = count

    def _table(self, element: Any, frame: Frame | None) -> None:
        rows: list[list[tuple[Cell, Blocks]]] = []
        for row in element.iter("{*}table-row"):
            if next(row.iterancestors("{*}table"), None) is not element:
                continue
            self.watch.check()
            num_rows = _number(row, "number-rows-repeated", MAX_REPEATED)
            cells = self._cells(row)
            self._count_cells(num_rows * max(1, len(cells)) - len(cells))
            rows += [cells] * num_rows
        texts = [[blocks for _, blocks in row] for row in rows]
        if not any(len(blocks) for row in texts for blocks in row):
            return
        if is_layout(texts):
            for blocks in itertools.chain(*texts):
                self.blocks.extend(blocks)
            return
        self.blocks.table(render([[cell for cell, _ in row] for row in rows]), frame)

    def _count_cells(self, number: int) -> None:
        """Copies of a cell are cells, and a row without any is one."""
        self.num_cells += number
        if self.num_cells > MAX_CELLS:
            raise InputTooLarge(f"more than {MAX_CELLS} table cells")

    def _cells(self, row: Any) -> list[tuple[Cell, Blocks]]:
        cells = []
        for cell in row:
            if local(cell) != "table-cell":
                continue  # covered cells are filled by the spans that cover them
            num_columns = _number(cell, "number-columns-repeated", MAX_REPEATED)
            self._count_cells(num_columns)
            blocks = self._aside(cell)
            columns = _number(cell, "number-columns-spanned", MAX_SPAN)
            made = Cell(blocks.plain(), columns, _number(cell, "number-rows-spanned", MAX_SPAN))
            cells += [(made, blocks)] * num_columns
        return cells


def _collapsed(text: str | None) -> str:
    return re.sub(r"[ \t\r\n]+", " ", text) if text else ""


def _number(element: Any, name: str, most: int) -> int:
    """A count or first number that is stated, else 1."""
    found = whole_number(element, name, most)
    return 1 if found is None else max(1, found)


def _is_not_shown(element: Any) -> bool:
    """Of a section: hidden always, or by a condition that held when the document was written."""
    return attribute(element, "display") == "none" or attribute(element, "is-hidden") == "true"


def _annotated(math: Any) -> str:
    """TeX that the formula itself carries."""
    for note in math.iter("{*}annotation"):
        if "tex" in (note.get("encoding") or "").lower() and note.text:
            return str(note.text).strip()
    return ""


def _tree(element: Any) -> Tree:
    """A formula as the converter reads it; StarMath annotations stay out."""
    children = []
    if element.text:
        children.append(Tree("", {}, [], element.text))
    for child in element:
        if local(child):
            children.append(_tree(child))
        if child.tail and child.tail.strip():
            children.append(Tree("", {}, [], child.tail))
    return Tree(local(element), dict(element.attrib), children, "")
