"""Rows of MathML → TeX: what stands between the elements of a row, and which of them are fences.

The tree and its text are here because every rule of `mathml.py` needs them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_COMMAND_END = re.compile(r"\\[a-zA-Z]+$")
_LONE_SLASH = re.compile(r"(?<!\\)(?:\\\\)*\\$")
_OPEN, _CLOSE = "([{⟨⌈⌊〈⟦", ")]}⟩⌉⌋〉⟧"
TALL = frozenset({"mfrac", "mtable", "munderover", "munder", "mover", "msqrt"})
"""Elements higher than a line: fences around them grow."""
_MATRICES = {"()": "pmatrix", "[]": "bmatrix", "{}": "Bmatrix"}
_SPACED = frozenset("=<>≤≥≠≈≡∼≃≅∝∈∉⊂⊃⊆⊇→←↔⇒⇔⟹⟺↦+−×÷·⋅∪∩∧∨:∣")


@dataclass(slots=True)
class Tree:
    """An element (`tag`, `attributes`, `children`), or a text node (`tag` "", `text`)."""

    tag: str
    attributes: dict[str, str | None]
    children: list[Tree]
    text: str


def local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1].rsplit(":", 1)[-1].lower()


def text_of(node: Tree) -> str:
    pieces: list[str] = []
    stack = [node]
    while stack:
        item = stack.pop()
        pieces.append(item.text)
        stack.extend(reversed(item.children))
    return " ".join("".join(pieces).split())


def join(parts: list[tuple[Tree, str]]) -> str:
    """TeX of a row: a space after a command before a letter, spaces around relations, `\\left…\\right` around tall
    fences."""
    parts = _fenced(_barred(parts))
    out = ""
    for k, (node, tex) in enumerate(parts):
        if not tex:
            continue
        spaced = local(node.tag) == "mo" and 0 < k < len(parts) - 1 and _is_infix(text_of(node), parts[k - 1][0])
        spaced = spaced and tex not in ("|", "\\|")
        if spaced:
            out = out.rstrip(" ") + f" {tex} "
        elif tex[0].isalpha() and _COMMAND_END.search(out[-24:]):
            out += " " + tex
        else:
            out += tex
    out = out.strip(" ")
    return out[:-1].rstrip(" ") if _LONE_SLASH.search(out) else out  # of a space at the end: `\\ `


def _fenced(parts: list[tuple[Tree, str]]) -> list[tuple[Tree, str]]:
    """Put `\\left` and `\\right` on matching fences with something tall between."""
    opened: list[int] = []
    out = list(parts)
    for k, (node, _) in enumerate(parts):
        if local(node.tag) != "mo":
            continue
        text = text_of(node)
        if text and text in _OPEN:
            opened.append(k)
        elif text and text in _CLOSE and opened:
            first = opened.pop()
            name = _MATRICES.get(text_of(parts[first][0]) + text)
            if name and k == first + 2 and _matrix(parts[first + 1]):
                out[first] = (parts[first][0], "")
                out[first + 1] = (parts[first + 1][0], _renamed(parts[first + 1][1], name))
                out[k] = (node, "")
            elif any(local(inner.tag) in TALL for inner, _ in parts[first + 1 : k]):
                out[first] = (parts[first][0], "\\left" + parts[first][1])
                out[k] = (node, "\\right" + parts[k][1])
    if opened and opened[-1] == len(parts) - 2 and text_of(parts[-2][0]) == "{" and _matrix(parts[-1]):
        out[-2:] = [(parts[-1][0], _renamed(parts[-1][1], "cases"))]
    return out


def _matrix(part: tuple[Tree, str]) -> bool:
    return local(part[0].tag) == "mtable" and part[1].startswith("\\begin{matrix}")


def _renamed(table: str, name: str) -> str:
    rows = table.removeprefix("\\begin{matrix}").removesuffix("\\end{matrix}")
    return f"\\begin{{{name}}}{rows}\\end{{{name}}}"


def _is_infix(text: str, before: Tree) -> bool:
    """An operator between two operands: relations always, a sign unless it follows an operator or an opening."""
    if text not in _SPACED:
        return False
    follows = text_of(before) if text in "+−-±∓" and local(before.tag) == "mo" else ""
    return not follows or follows in _CLOSE or follows in "!′'"


def _barred(parts: list[tuple[Tree, str]]) -> list[tuple[Tree, str]]:
    """Bars that come in pairs are fences, which TeX spaces otherwise than the relations of the same look."""
    for bars, relation, fence in (("∣|", "\\mid", "|"), ("∥‖", "\\parallel", "\\|")):
        places = [k for k, (node, tex) in enumerate(parts) if tex == relation and text_of(node) in bars]
        if places and len(places) % 2 == 0:
            parts = list(parts)
            for k in places:
                parts[k] = (parts[k][0], fence)
    return parts
