"""Openers and closers of elements that break lines: containers, headings, lists, quotes, code blocks, tables."""

# ruff: noqa: ARG001 (openers and closers share a signature)
from __future__ import annotations

import re

from extractors.html import code, tables
from extractors.html.formulas import open_math_host
from extractors.html.naming import UNNAMED, naming
from extractors.html.page import BITS, CAPTION, DD, DT, HEADING, PARENT, PRE, TAG, Frame, P
from extractors.html.signals import FORUM
from extractors.html.tables import Cell, Table
from extractors.html.walk import SKIP, Closer, Node, Walk

_NUMBER = re.compile(r"[0-9]{1,7}|-[0-9]{1,6}")
MAX_LABEL_CHARS = 12
MAX_LABEL_DEPTH = 3
"""Containers between a label and the one it shares with the code block below it, exclusive."""
MAX_FRAMES = 4000
"""Nested list items and quotes that are told apart; deeper ones belong to the last."""


def open_container(walk: Walk, node: Node, tag: str) -> Closer | None:
    """An element that breaks lines and means nothing else, unless its class names a formula's container."""
    attributes = node.attributes
    if not attributes:
        walk.enter(tag, attributes)
        return Walk.leave
    named = naming(attributes.get("class"), attributes.get("id"), attributes.get("role"))
    if named.renderer is not None:
        closer = open_math_host(walk, node, named.renderer)
        if closer is not None:
            return closer
    if named.is_left_out and not walk.everything:
        walk.num_pruned += 1
        return SKIP
    walk.enter(tag, attributes, named)
    if named.is_quote and walk.page.signals & FORUM and node.css_first("blockquote") is None:
        walk.save(frame=quote_frame(walk))
        return close_saved
    return Walk.leave


def quote_frame(walk: Walk) -> Frame | None:
    """A frame for a quote; at the limit of depth the one there is."""
    return walk.frame if walk.frame is not None and walk.frame.depth >= MAX_FRAMES else Frame(walk.frame, "> ")


def open_navigation(walk: Walk, node: Node, tag: str) -> Closer | None:
    """Left out unheard: of the blocks in `<nav>` and the page's own `<footer>` next to none are main text."""
    if walk.everything or (tag == "footer" and _in_section(walk)):
        return open_container(walk, node, tag)
    walk.num_pruned += 1
    return SKIP


def _in_section(walk: Walk) -> bool:
    container = walk.container
    while container >= 0:
        row = walk.opened[container]
        if row[TAG] in ("article", "main", "section", "li"):
            return True
        container = row[PARENT]
    return False


def open_noscript(walk: Walk, node: Node, tag: str) -> Closer | None:
    if walk.everything:
        return open_container(walk, node, tag)
    walk.noscript_chars += len(node.text(deep=True))
    return SKIP


def open_input(walk: Walk, node: Node, tag: str) -> Closer | None:
    walk.num_inputs += 1
    return SKIP


def close_saved(walk: Walk, node: Node) -> None:
    walk.leave()
    walk.restore()


def open_heading(walk: Walk, node: Node, tag: str) -> Closer | None:
    walk.enter(tag, node.attributes)
    walk.save(kind=HEADING, level=int(tag[1]))
    return close_saved


def open_kind(walk: Walk, node: Node, tag: str, kind: int) -> Closer | None:
    walk.enter(tag, node.attributes)
    if walk.kind == HEADING:
        kind = HEADING
    walk.save(kind=kind)
    return close_saved


def open_dt(walk: Walk, node: Node, tag: str) -> Closer | None:
    walk.flush()
    walk.defining.add(walk.container)
    closer = open_kind(walk, node, tag, DT)
    walk.opened[walk.container][BITS] &= ~walk.signature_bit  # Sphinx's `sig` is a function's, not a poster's
    return closer


def open_dd(walk: Walk, node: Node, tag: str) -> Closer | None:
    return open_kind(walk, node, tag, DD if walk.container in walk.defining else P)


def open_caption(walk: Walk, node: Node, tag: str) -> Closer | None:
    if tag == "caption" and walk.tables:
        walk.tables[-1].has_caption = True
    return open_kind(walk, node, tag, CAPTION)


def open_quote(walk: Walk, node: Node, tag: str) -> Closer | None:
    walk.enter(tag, node.attributes)
    deep = walk.frame is not None and walk.frame.depth >= MAX_FRAMES
    frame = walk.frame if deep else Frame(walk.frame, "> ")
    bits = walk.opened[walk.container][BITS]
    if frame is not None and not deep:
        frame.is_layout = bool(bits & walk.content_bits) and not bits & walk.quote_bit
    walk.save(kind=P if walk.kind == DD else None, frame=frame)
    return close_saved


def open_list(walk: Walk, node: Node, tag: str) -> Closer | None:
    attributes = node.attributes
    named = naming(attributes.get("class"), attributes.get("id"), attributes.get("role")) if attributes else UNNAMED
    if named.is_left_out and not walk.everything:
        walk.num_pruned += 1
        return SKIP
    walk.enter(tag, attributes, named)
    start = attributes.get("start") or ""
    number = int(start) if start and _NUMBER.fullmatch(start) else 1
    walk.lists.append([number if tag == "ol" else -1_000_000_000])
    return close_list


def close_list(walk: Walk, node: Node) -> None:
    walk.leave()
    walk.lists.pop()


def open_item(walk: Walk, node: Node, tag: str) -> Closer | None:
    walk.enter(tag, node.attributes)
    marker = "- "
    if walk.lists and walk.lists[-1][0] > -1_000_000:
        marker = f"{walk.lists[-1][0]}. "
        walk.lists[-1][0] += 1
    deep = walk.frame is not None and walk.frame.depth >= MAX_FRAMES
    frame = walk.frame if deep else Frame(walk.frame, marker)
    if frame is not None and not deep and walk.page.signals & FORUM:
        frame.is_layout = bool(walk.opened[walk.container][BITS] & walk.post_bits)
    walk.save(kind=P if walk.kind == DD else None, frame=frame)
    return close_saved


def open_pre(walk: Walk, node: Node, tag: str) -> Closer | None:
    attributes = node.attributes
    css = attributes.get("class") or ""
    if "MathJax" in css or walk.kind == HEADING:
        return open_container(walk, node, tag)
    walk.flush()
    text = code.code_text(node)
    if text.strip():
        language = _labelled(walk, code.language_of(node))
        walk.enter(tag, attributes)
        walk.add(text, PRE, 0, language)
        walk.leave()
    return SKIP


def _labelled(walk: Walk, language: str) -> str:
    """The language of a code block; a line above it that only names it is taken out of the text."""
    page = walk.page
    if not page.text or page.kind[-1] != P or len(page.text[-1]) > MAX_LABEL_CHARS or walk.tables:
        return language
    name = code.named(page.text[-1])
    if not name or language not in ("", name) or page.frame[-1] is not walk.frame:
        return language
    place = page.container[-1]
    for _ in range(MAX_LABEL_DEPTH):
        if place == walk.container:
            walk.drop_last_block()
            return name
        place = walk.opened[place][PARENT]
        if place < 0:
            break
    return language


def open_table(walk: Walk, node: Node, tag: str) -> Closer | None:
    attributes = node.attributes
    walk.enter(tag, attributes)
    css = attributes.get("class") or ""
    if code.is_code_table(css, node):
        text = code.code_text(node)
        if text.strip():
            walk.add(text, PRE, 0, code.language_of(node))
        walk.leave()
        return SKIP
    role = attributes.get("role") or ""
    if walk.tables:
        walk.tables[-1].has_nested = True
    presentational = role in ("presentation", "none") or walk.kind == HEADING
    walk.tables.append(Table(len(walk.page.text), walk.container, presentational, num_inputs=walk.num_inputs))
    return close_table


def close_table(walk: Walk, node: Node) -> None:
    if walk.buffer:
        walk.flush()
    table = walk.tables.pop()
    table.presentational = table.presentational or walk.num_inputs - table.num_inputs > len(table.rows)
    if len(walk.page.text) > table.start and tables.is_data(table, walk.page):
        first = table.rows[0][0].start if table.rows[0] else table.start
        table.start = max(table.start, min(first, len(walk.page.text) - 1))
        tables.collapse(table, walk.page, walk.opened, tables.render(table, walk.page))
    elif walk.tables and len(table.rows) <= 1:
        walk.tables[-1].has_nested = True
    walk.leave()


def open_row(walk: Walk, node: Node, tag: str) -> Closer | None:
    if walk.tables:
        walk.tables[-1].rows.append([])
    return open_container(walk, node, tag)


def open_cell(walk: Walk, node: Node, tag: str) -> Closer | None:
    attributes = node.attributes
    walk.enter(tag, attributes)
    if walk.tables:
        table = walk.tables[-1]
        if not table.rows:
            table.rows.append([])
        start = len(walk.page.text)
        table.rows[-1].append(
            Cell(start, start, _span(attributes, "colspan"), _span(attributes, "rowspan"), tag == "th")
        )
        return close_cell
    return Walk.leave


def close_cell(walk: Walk, node: Node) -> None:
    walk.leave()
    if walk.tables and walk.tables[-1].rows and walk.tables[-1].rows[-1]:
        walk.tables[-1].rows[-1][-1].end = len(walk.page.text)


def open_rule(walk: Walk, node: Node, tag: str) -> Closer | None:
    walk.flush()
    return SKIP


def _span(attributes: dict[str, str | None], name: str) -> int:
    value = (attributes.get(name) or "").strip()
    return max(1, min(int(value[:9]), tables.MAX_SPAN)) if value.isascii() and value.isdigit() else 1
