"""Openers of elements that hold an equation; what TeX they stand for is `math.py`'s."""

# ruff: noqa: ARG001 (openers share a signature)
from __future__ import annotations

from extractors.html import math
from extractors.html.flow import EDGE
from extractors.html.walk import SKIP, Closer, Node, Walk


def open_math_host(walk: Walk, node: Node, name: str) -> Closer | None:
    found = math.from_host(node, name)
    if found is None:
        return None
    display = found[1] or (name == "mjx-chtml" and node.attributes.get("display") == "true")
    walk.write_math(found[0], display)
    return SKIP


def open_math(walk: Walk, node: Node, tag: str) -> Closer | None:
    attributes = node.attributes
    tex, display = math.from_math(node, attributes)
    if walk.tables and walk.in_equation_table():
        walk.tables[-1].presentational = True
        display = True
    walk.write_math(tex, display)
    return SKIP


def open_script(walk: Walk, node: Node, tag: str) -> Closer | None:
    attributes = node.attributes
    if attributes:
        found = math.from_script(node, attributes)
        if found is not None:
            walk.write_math(*found)
    return SKIP


def open_raw_math(walk: Walk, node: Node, tag: str) -> Closer | None:
    """`<d-math>`, `<tex-math>`: the element's text is TeX."""
    walk.write_math(math.clean(node.text(deep=True)), "block" in node.attributes)
    return SKIP


def open_image(walk: Walk, node: Node, tag: str) -> Closer | None:
    attributes = node.attributes
    if attributes.get("alt") or "tex" in (attributes.get("src") or ""):
        tex = math.from_image(attributes)
        if tex:
            walk.write_math(tex, "display" in (attributes.get("class") or ""))
            return SKIP
    return open_drawing(walk, node, tag)


def open_drawing(walk: Walk, node: Node, tag: str) -> Closer | None:
    """A picture or an icon keeps the words beside it apart."""
    if walk.buffer:
        last = walk.buffer[-1]
        if last == EDGE:
            walk.buffer[-1] = EDGE + EDGE
        elif last[-1:].isalnum():
            walk.buffer.append(EDGE + EDGE)
    return SKIP
