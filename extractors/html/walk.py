"""One walk over the parsed tree → blocks and containers of a `Page`.

Iterative (a page may nest as deep as it likes), one visit per node; openers per tag return SKIP (leave the subtree out), None, or
the closer to call after the children. Inline text gathers in a buffer that every line-breaking element flushes into a block.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from extractors.guard import Watch
from extractors.html import code, math, tables
from extractors.html.page import CAPTION, DD, DT, HEADING, MATH, PRE, Frame, P, Page
from extractors.html.tables import Cell, Table
from extractors.html.vocabulary import attribute_bits, bit

Node = Any
Closer = Callable[[Node], None]
SKIP = object()
CHECK_EVERY = 512
MAX_ITEM_BLOCKS = 8
"""A list item with more paragraphs of its own is a post or a section."""
MAX_FRAMES = 4000
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_SCREEN_READER = re.compile(
    r"(?:^|\s)(?:sr-only|visually-?hidden|screen-reader(?:-only|-text)?|visuallyhidden|a11y-hidden|u-hidden-visually|assistive-text)(?=\s|$)"
)
_NUMERIC = re.compile(r"[\[(]?[+−-]?\d{1,4}[\])]?")
_BREAK = "\x01"
_JUMP_MARKS = frozenset({"", "¶", "#", "§", "🔗", "↩", "↩︎", "↑", "^", "⏎", "∞", "⇧", "↵", "\uf0c1", "⚓"})
MAX_BUTTON_CHARS = 24
"""Shorter buttons act; longer ones are headings of folded sections."""


class Walk:
    """State of one walk; `run` fills `page`."""

    def __init__(self, watch: Watch, keep_links: bool = False, enter_noscript: bool = False) -> None:
        self.enter_noscript = enter_noscript
        self.page = Page()
        self.watch = watch
        self.keep_links = keep_links
        self.buffer: list[str] = []
        self.generation = 0
        self.container = -1
        self.frame: Frame | None = None
        self.kind = P
        self.level = 0
        self.link_depth = 0
        self.link_chars = 0
        self.num_links = 0
        self.inner_bits = 0
        self.num_inputs = 0
        self.noscript_chars = 0
        self.tables: list[Table] = []
        self.lists: list[list[int]] = []
        self.marks: list[tuple[int, int]] = []
        self.saved: list[tuple[Any, ...]] = []
        self.button_bit = bit("button")
        self.content_bits = bit("content") | bit("thread")
        self.quote_bit = bit("quote")

    def run(self, root: Node) -> Page:
        """Walk everything below `root`, `root` included."""
        openers = _OPENERS
        buffer = self.buffer
        stack: list[tuple[Node, Closer | None]] = []
        self.open_container(root, root.tag)
        node = root.first_child
        steps = 0
        while True:
            while node is None:
                if not stack:
                    self.flush()
                    self.close_container(root)
                    return self.page
                node, closer = stack.pop()
                if closer is not None:
                    closer(node)
                node = node.next
            tag = node.tag
            if tag == "-text":
                text = node.text_content
                if buffer or not text.isspace():
                    buffer.append(text)
                    if self.link_depth:
                        self.link_chars += len(text)
                node = node.next
                continue
            steps += 1
            if steps % CHECK_EVERY == 0:
                self.watch.check()
            opener = openers.get(tag)
            if opener is None:
                opener = Walk.open_unknown
            closer = opener(self, node, tag)
            if closer is SKIP:
                node = node.next
                continue
            child = node.first_child
            if child is None:
                if closer is not None:
                    closer(node)
                node = node.next
            else:
                stack.append((node, closer))
                node = child

    # --- blocks

    def flush(self) -> None:
        """Turn the gathered inline text into a block."""
        if not self.buffer:
            return
        raw = "".join(self.buffer)
        self.buffer.clear()
        self.generation += 1
        if not raw.isspace() and raw.strip(_BREAK + " \n\t\u00a0\u200b\ufeff"):
            for text in paragraphs(raw):
                self.add(text, self.kind, self.level)
        self.link_chars = self.num_links = self.inner_bits = 0

    def add(self, text: str, kind: int, level: int = 0, language: str = "") -> None:
        """Append one block."""
        page = self.page
        page.text.append(text)
        page.kind.append(kind)
        page.level.append(level)
        page.language.append(language)
        frame = self.frame
        page.frame.append(frame)
        if frame is not None:
            note_block(frame, kind)
        page.container.append(self.container)
        page.link_chars.append(min(self.link_chars, len(text)))
        page.num_links.append(self.num_links)
        page.inner_bits.append(self.inner_bits)
        self.link_chars = self.num_links = self.inner_bits = 0

    # --- containers

    def open_container(self, node: Node, tag: str) -> Closer | None:
        """Start an element that breaks lines."""
        if self.buffer:
            self.flush()
        attributes = node.attributes
        page = self.page
        parent = self.container
        hidden = parent >= 0 and page.hidden[parent]
        bits = 0
        name = ""
        if attributes:
            name = attributes.get("class") or ""
            if name:
                bits, shown, _ = class_meaning(name)
                if shown is not None and parent >= 0:
                    closer = self.open_math_host(node, shown)
                    if closer is not None:
                        return closer
            for key in ("id", "role"):
                value = attributes.get(key)
                if value:
                    name = f"{name} {value}"
                    bits |= attribute_bits(value)
            hidden = hidden or is_hidden(attributes)
        self.container = len(page.parent)
        page.parent.append(parent)
        page.tag.append(tag)
        page.bits.append(bits)
        page.hidden.append(hidden)
        page.start.append(len(page.text))
        page.end.append(-1)
        page.name.append(name)
        page.num_inputs.append(self.num_inputs)
        return self.close_container

    def close_container(self, _node: Node) -> None:
        if self.buffer:
            self.flush()
        page = self.page
        this = self.container
        self.container = page.parent[this]
        if page.start[this] == len(page.text) and this == len(page.parent) - 1 and this:
            page.drop_last_container()
            return
        page.end[this] = len(page.text)
        page.num_inputs[this] = self.num_inputs - page.num_inputs[this]

    def open_unknown(self, node: Node, tag: str | None) -> Closer | None:
        tag = tag or "unknown"  # Lexbor gives some made-up elements no name
        if tag.startswith("-"):
            return SKIP  # type: ignore[return-value]
        if tag.startswith("mjx-"):
            return self.open_math_host(node, "mjx-chtml")
        return self.open_container(node, tag) if "-" in tag else self.open_inline(node, tag)

    def open_skipped(self, node: Node, tag: str) -> Closer | None:  # noqa: ARG002
        return SKIP  # type: ignore[return-value]

    def open_noscript(self, node: Node, tag: str) -> Closer | None:
        if self.enter_noscript:
            return self.open_container(node, tag)
        self.noscript_chars += len(node.text(deep=True))
        return SKIP  # type: ignore[return-value]

    def open_input(self, node: Node, tag: str) -> Closer | None:  # noqa: ARG002
        self.num_inputs += 1
        return SKIP  # type: ignore[return-value]

    def _save(self, **changes: Any) -> None:
        self.saved.append((self.kind, self.level, self.frame))
        for name, value in changes.items():
            setattr(self, name, value)

    def close_saved(self, node: Node) -> None:
        self.close_container(node)
        self.kind, self.level, self.frame = self.saved.pop()

    def open_heading(self, node: Node, tag: str) -> Closer | None:
        closer = self.open_container(node, tag)
        self._save(kind=HEADING, level=int(tag[1]))
        return self.close_saved if closer == self.close_container else closer

    def _open_kind(self, node: Node, tag: str, kind: int) -> Closer | None:
        self.open_container(node, tag)
        if self.kind == HEADING:
            kind = HEADING
        self._save(kind=kind)
        return self.close_saved

    def open_dt(self, node: Node, tag: str) -> Closer | None:
        return self._open_kind(node, tag, DT)

    def open_dd(self, node: Node, tag: str) -> Closer | None:
        return self._open_kind(node, tag, DD)

    def open_caption(self, node: Node, tag: str) -> Closer | None:
        if tag == "caption" and self.tables:
            self.tables[-1].has_caption = True
        return self._open_kind(node, tag, CAPTION)

    def open_quote(self, node: Node, tag: str) -> Closer | None:
        self.open_container(node, tag)
        deep = self.frame is not None and self.frame.depth >= MAX_FRAMES
        frame = self.frame if deep else Frame(self.frame, "> ")
        bits = self.page.bits[self.container]
        if frame is not None and not deep:
            frame.is_layout = bool(bits & self.content_bits) and not bits & self.quote_bit
        self._save(frame=frame)
        return self.close_saved

    def open_list(self, node: Node, tag: str) -> Closer | None:
        self.open_container(node, tag)
        start = node.attributes.get("start") if tag == "ol" else None
        number = (
            int(start)
            if start and start.lstrip("-").isascii() and start.lstrip("-").isdigit() and len(start) < 8
            else 1
        )
        self.lists.append([number if tag == "ol" else -1_000_000_000])
        return self.close_list

    def close_list(self, node: Node) -> None:
        self.close_container(node)
        self.lists.pop()

    def open_item(self, node: Node, tag: str) -> Closer | None:
        self.open_container(node, tag)
        marker = "- "
        if self.lists and self.lists[-1][0] > -1_000_000:
            marker = f"{self.lists[-1][0]}. "
            self.lists[-1][0] += 1
        deep = self.frame is not None and self.frame.depth >= MAX_FRAMES
        self._save(frame=self.frame if deep else Frame(self.frame, marker))
        return self.close_saved

    def open_pre(self, node: Node, tag: str) -> Closer | None:
        self.flush()
        attributes = node.attributes
        css = attributes.get("class") or ""
        if "MathJax" in css or self.kind == HEADING:
            return self.open_container(node, tag)
        text = code.code_text(node)
        if text.strip():
            self.open_container(node, tag)
            self.add(text, PRE, 0, code.language_of(node))
            self.close_container(node)
        return SKIP  # type: ignore[return-value]

    # --- tables

    def open_table(self, node: Node, tag: str) -> Closer | None:
        closer = self.open_container(node, tag)
        if closer != self.close_container:
            return closer
        css = node.attributes.get("class") or ""
        if css and code.is_code_table(css, node):
            text = code.code_text(node)
            if text.strip():
                self.add(text, PRE, 0, code.language_of(node))
            self.close_container(node)
            return SKIP  # type: ignore[return-value]
        role = node.attributes.get("role") or ""
        if self.tables:
            self.tables[-1].has_nested = True
        presentational = role in ("presentation", "none") or self.kind == HEADING
        self.tables.append(Table(len(self.page.text), self.container, presentational, num_inputs=self.num_inputs))
        return self.close_table

    def close_table(self, node: Node) -> None:
        if self.buffer:
            self.flush()
        table = self.tables.pop()
        table.presentational = table.presentational or self.num_inputs - table.num_inputs > len(table.rows)
        if len(self.page.text) > table.start and tables.is_data(table, self.page):
            first = table.rows[0][0].start if table.rows[0] else table.start
            table.start = max(table.start, min(first, len(self.page.text) - 1))
            tables.collapse(table, self.page, tables.render(table, self.page))
        elif self.tables and len(table.rows) <= 1:
            self.tables[-1].has_nested = True
        self.close_container(node)

    def open_row(self, node: Node, tag: str) -> Closer | None:
        if self.tables:
            self.tables[-1].rows.append([])
        return self.open_container(node, tag)

    def open_cell(self, node: Node, tag: str) -> Closer | None:
        self.open_container(node, tag)
        if self.tables:
            attributes = node.attributes
            table = self.tables[-1]
            if not table.rows:
                table.rows.append([])
            start = len(self.page.text)
            table.rows[-1].append(
                Cell(start, start, _span(attributes, "colspan"), _span(attributes, "rowspan"), tag == "th")
            )
            return self.close_cell
        return self.close_container

    def close_cell(self, node: Node) -> None:
        self.close_container(node)
        if self.tables and self.tables[-1].rows and self.tables[-1].rows[-1]:
            self.tables[-1].rows[-1][-1].end = len(self.page.text)

    # --- inline

    def open_break(self, node: Node, tag: str) -> Closer | None:  # noqa: ARG002
        self.buffer.append(_BREAK)
        return SKIP  # type: ignore[return-value]

    def open_rule(self, node: Node, tag: str) -> Closer | None:  # noqa: ARG002
        self.flush()
        return SKIP  # type: ignore[return-value]

    def open_inline(self, node: Node, tag: str) -> Closer | None:  # noqa: ARG002
        attributes = node.attributes
        if not attributes:
            return None
        css = attributes.get("class")
        if css:
            bits, shown, unseen = class_meaning(css)
            if shown is not None:
                return self.open_math_host(node, shown)
            if unseen:
                return SKIP  # type: ignore[return-value]
            self.inner_bits |= bits
        return SKIP if is_hidden(attributes) else None  # type: ignore[return-value]

    def open_link(self, node: Node, tag: str) -> Closer | None:
        if self.open_inline(node, tag) is SKIP:
            return SKIP  # type: ignore[return-value]
        self.link_depth += 1
        self.num_links += 1
        if self.keep_links:
            self._mark()
        elif (node.attributes.get("href") or "").startswith("#"):
            self._mark()
            return self.close_jump
        return self.close_link

    def close_jump(self, node: Node) -> None:  # noqa: ARG002
        """A link inside the page: marks beside headings and footnotes are not text."""
        self.link_depth -= 1
        text = self._marked()
        if text and (len(text) > 3 or text.strip() not in _JUMP_MARKS):
            self.buffer.append(text)

    def close_link(self, node: Node) -> None:
        self.link_depth -= 1
        if self.keep_links:
            text = self._marked()
            address = (node.attributes.get("href") or "").strip()
            if text is not None:
                words = " ".join(text.split())
                self.buffer.append(f"[{words}]({address.replace(' ', '%20')})" if words and address else text)

    def _mark(self) -> None:
        self.marks.append((self.generation, len(self.buffer)))

    def _marked(self) -> str | None:
        """Text gathered since the last mark, taken out of the buffer; None when a block began in between."""
        generation, at = self.marks.pop()
        if generation != self.generation:
            return None
        text = "".join(self.buffer[at:])
        del self.buffer[at:]
        return text

    def open_code(self, node: Node, tag: str) -> Closer | None:
        if self.open_inline(node, tag) is SKIP:
            return SKIP  # type: ignore[return-value]
        self._mark()
        return self.close_code

    def close_code(self, node: Node) -> None:
        text = self._marked()
        if text is None:
            return
        words = " ".join(text.replace(_BREAK, "\n").split())
        if not words:
            self.buffer.append(text)
            return
        lines = text.replace(_BREAK, "\n").strip("\n")
        alone = not "".join(self.buffer).strip() and self.kind == P
        if "\n" in lines.strip() and alone and _indented(lines):
            self.buffer.clear()
            self.generation += 1
            self.add(code.code_text(node), PRE, 0, code.language_of(node))
            return
        ticks = "``" if "`" in words else "`"
        self.buffer.append(f"{ticks}{words}{ticks}" if ticks not in words or ticks == "`" else words)

    def open_cite(self, node: Node, tag: str) -> Closer | None:
        closer = self.open_inline(node, tag)
        return closer if closer is SKIP or node.parent.tag != "blockquote" else self.close_cite

    def close_cite(self, node: Node) -> None:  # noqa: ARG002
        """Who is quoted stands on a line of its own."""
        self.buffer.append(_BREAK)

    def open_super(self, node: Node, tag: str) -> Closer | None:
        if self.open_inline(node, tag) is SKIP:
            return SKIP  # type: ignore[return-value]
        self._mark()
        return self.close_super

    def close_super(self, node: Node) -> None:
        text = self._marked()
        if text is None:
            return
        before = self.buffer[-1][-4:] if self.buffer else ""
        words = text.strip()
        linked = node.first_child is not None and (node.parent.tag == "a" or node.css_first("a") is not None)
        if _NUMERIC.fullmatch(words):
            if linked:
                text = words if words[0] in "[(" else f"[{words}]"
            elif before[-1:].isalnum():
                text = f"[{words}]" if words.isdigit() and len(before) == 4 and before.isalpha() else "^" + words
        self.buffer.append(text)

    def open_ruby_text(self, node: Node, tag: str) -> Closer | None:  # noqa: ARG002
        self.buffer.append("(")
        return self.close_ruby_text

    def close_ruby_text(self, node: Node) -> None:  # noqa: ARG002
        self.buffer.append(")")

    def open_button(self, node: Node, tag: str) -> Closer | None:
        self.open_container(node, tag)
        self.page.bits[self.container] |= self.button_bit
        self.link_depth += 1
        return self.close_button

    def close_button(self, node: Node) -> None:
        if len("".join(self.buffer).strip()) <= MAX_BUTTON_CHARS:
            self.buffer.clear()
            self.generation += 1
        self.close_container(node)
        self.link_depth -= 1

    # --- equations

    def write_math(self, tex: str, display: bool) -> None:
        """Put an equation into the text: a block of its own when displayed outside headings and cells."""
        if not tex:
            return
        if display and self.kind not in (HEADING, DT):
            if self.tables and self.tables[-1].rows and not self._equation_table():
                self.buffer.append(f"$${' '.join(tex.split())}$$")
                return
            self.flush()
            self.add(f"$${tex}$$" if "\n" not in tex else f"$$\n{tex}\n$$", MATH)
            return
        self.buffer.append(f"${' '.join(tex.split())}$")

    def _equation_table(self) -> bool:
        return (
            "equation" in self.page.name[self.tables[-1].container]
            or "eqn" in self.page.name[self.tables[-1].container]
        )

    def open_math(self, node: Node, tag: str) -> Closer | None:  # noqa: ARG002
        attributes = node.attributes
        tex, display = math.from_math(node, attributes)
        if self.tables and self._equation_table():
            self.tables[-1].presentational = True
            display = True
        self.write_math(tex, display)
        return SKIP  # type: ignore[return-value]

    def open_math_host(self, node: Node, name: str) -> Closer | None:
        found = math.from_host(node, name)
        if found is None:
            return None
        display = found[1] or (name == "mjx-chtml" and node.attributes.get("display") == "true")
        self.write_math(found[0], display)
        return SKIP  # type: ignore[return-value]

    def open_script(self, node: Node, tag: str) -> Closer | None:  # noqa: ARG002
        attributes = node.attributes
        if attributes:
            found = math.from_script(node, attributes)
            if found is not None:
                self.write_math(*found)
        return SKIP  # type: ignore[return-value]

    def open_raw_math(self, node: Node, tag: str) -> Closer | None:  # noqa: ARG002
        """`<d-math>`, `<tex-math>`: the element's text is TeX."""
        self.write_math(math.clean(node.text(deep=True)), "block" in node.attributes)
        return SKIP  # type: ignore[return-value]

    def open_image(self, node: Node, tag: str) -> Closer | None:  # noqa: ARG002
        attributes = node.attributes
        if attributes.get("alt") or "tex" in (attributes.get("src") or ""):
            tex = math.from_image(attributes)
            if tex:
                self.write_math(tex, "display" in (attributes.get("class") or ""))
        return SKIP  # type: ignore[return-value]


@lru_cache(maxsize=65_536)
def class_meaning(css: str) -> tuple[int, str | None, bool]:
    """Vocabulary bits of a class attribute, its math renderer, and whether it is for screen readers only."""
    return attribute_bits(css), math.host_class(css), _SCREEN_READER.search(css) is not None


def note_block(frame: Frame, kind: int) -> None:
    """Count a block of a frame, and see when the frame is layout."""
    if kind == PRE and frame.num_blocks == 0 and frame.marker == "> ":
        frame.is_layout = True
    frame.num_blocks += 1
    if frame.num_blocks > MAX_ITEM_BLOCKS and frame.marker != "> ":
        frame.is_layout = True
    if kind == HEADING:
        outer: Frame | None = frame
        for _ in range(3):
            if outer is None or outer.marker == "> ":
                break
            outer.is_layout = True
            outer = outer.parent


def is_hidden(attributes: dict[str, str | None]) -> bool:
    """Hidden by attribute or inline style."""
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return True
    style = attributes.get("style")
    return bool(style) and _HIDDEN_STYLE.search(style or "") is not None


def _span(attributes: dict[str, str | None], name: str) -> int:
    value = (attributes.get(name) or "").strip()
    return max(1, min(int(value[:9]), tables.MAX_SPAN)) if value.isascii() and value.isdigit() else 1


def _indented(text: str) -> bool:
    lines = text.split("\n")
    return len(lines) >= 3 or any(line.startswith((" ", "\t")) for line in lines[1:]) or len(lines) == 2


_TWO_BREAKS = re.compile(f"{_BREAK}(?:[\\s\u200b]*{_BREAK})+")


def paragraphs(raw: str) -> list[str]:
    """Blocks of gathered inline text: white space collapsed, `<br>` a newline, two of them a new paragraph."""
    if "$$" in raw or "\\[" in raw or "\\(" in raw or "\\begin{" in raw:
        return _with_tex(raw)
    if _BREAK not in raw:
        text = " ".join(raw.split())
        return [text] if text else []
    blocks = []
    for piece in _TWO_BREAKS.split(raw):
        lines = [" ".join(line.split()) for line in piece.split(_BREAK)]
        text = "\n".join(line for line in lines if line)
        if text:
            blocks.append(text)
    return blocks


def _with_tex(raw: str) -> list[str]:
    pieces = math.normalise_raw(raw.replace(_BREAK, "\n") if raw.count(_BREAK) < 200 else raw)
    tex = [piece for is_tex, piece in pieces if is_tex]
    marked = "".join("\x02" if is_tex else piece.replace("\x02", "") for is_tex, piece in pieces)
    text = " ".join(marked.replace(_BREAK, " ").split())
    for piece in tex:
        text = text.replace("\x02", piece, 1) if len(tex) < 50 else text
    if len(tex) >= 50:
        parts = text.split("\x02")
        text = "".join(a + b for a, b in zip(parts, [*tex, ""], strict=False))
    return [text] if text else []


def _openers() -> dict[str, Callable[[Walk, Node, str], Closer | None]]:
    table: dict[str, Callable[[Walk, Node, str], Closer | None]] = {}
    groups: list[tuple[str, Callable[[Walk, Node, str], Closer | None]]] = [
        ("a", Walk.open_link),
        (
            "abbr acronym b bdi bdo big data del dfn em font i ins label mark nobr q s small span strike strong sub time tt u var blink ruby rb picture output slot",
            Walk.open_inline,
        ),
        ("code samp kbd", Walk.open_code),
        ("sup", Walk.open_super),
        ("cite", Walk.open_cite),
        ("rt", Walk.open_ruby_text),
        ("br", Walk.open_break),
        ("hr", Walk.open_rule),
        ("h1 h2 h3 h4 h5 h6", Walk.open_heading),
        ("ul ol menu dir", Walk.open_list),
        ("li", Walk.open_item),
        ("dt", Walk.open_dt),
        ("dd", Walk.open_dd),
        ("caption figcaption", Walk.open_caption),
        ("blockquote", Walk.open_quote),
        ("pre listing xmp plaintext", Walk.open_pre),
        ("table", Walk.open_table),
        ("tr", Walk.open_row),
        ("td th", Walk.open_cell),
        ("button", Walk.open_button),
        ("math", Walk.open_math),
        ("script", Walk.open_script),
        ("noscript", Walk.open_noscript),
        ("d-math dt-math tex-math", Walk.open_raw_math),
        ("img", Walk.open_image),
        ("input select textarea", Walk.open_input),
        (
            "style template svg iframe object embed audio video canvas map area datalist progress meter rp param source track link meta title frame wbr base head optgroup option noframes",
            Walk.open_skipped,
        ),
        (
            "address article aside body center dd details dialog div dl fieldset figure footer form header hgroup html legend main nav p search section summary tbody tfoot thead colgroup frameset",
            Walk.open_container,
        ),
    ]
    for tags, opener in groups:
        for tag in tags.split():
            table.setdefault(tag, opener)
    del table["noframes"]
    return table


_OPENERS = _openers()
