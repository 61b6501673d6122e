"""Formulas: TeX where the article gives it, else MathML through `extractors.mathml`, else their text.

Of alternatives one is taken. A formula that is only a picture is counted, and its text is the picture's description or,
as nearly always where there is none, `[formula]`, without which its sentence would say something else.
"""

from __future__ import annotations

import re

from lxml import etree

from extractors.html.page import MATH
from extractors.jats.parse import Element, local
from extractors.jats.walk import Walk, child
from extractors.mathml import to_tex
from extractors.mathml_rows import Tree

_DOCUMENT = re.compile(r"\\begin\s*\{document\}(.*?)(?:\\end\s*\{document\}|$)", re.DOTALL)
_DELIMITERS = (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$"))
_WHOLE = re.compile(r"\\begin\{(equation|displaymath|math)\*?\}(.*)\\end\{\1\*?\}", re.DOTALL)
_ONE_CELL = re.compile(r"\\begin\{matrix\}((?:(?!&|\\\\|\\(?:begin|end)\b).)*)\\end\{matrix\}")
_PICTURES = frozenset({"graphic", "inline-graphic"})
PICTURED = "[formula]"
_DESCRIPTIONS = ("alt-text", "long-desc")
_SAYS_NOTHING = re.compile(
    r"(?:an? |the )?(?:inline|display|math\w*)?[ -]*(?:graphic|image|picture|formula|equation|figure)?s?\W*\d*"
    r"|\S+\.(?:gif|jpe?g|png|tiff?|eps|svg)",
    re.IGNORECASE,
)
_OUTSIDE = frozenset({"label", "object-id", "graphic", "inline-graphic", "alt-text", "long-desc"})


def open_inline(walk: Walk, node: Element) -> None:
    """`<inline-formula>`."""
    tex = tex_of(node)
    if tex:
        walk.buffer.append(f"${tex}$")
    else:
        _as_text(walk, node)


def open_display(walk: Walk, node: Element) -> None:
    """`<disp-formula>`: one block for each formula in it, the label as its tag."""
    sources = [found for found in node if local(found.tag) in ("math", "tex-math", "alternatives")]
    texs = [tex for tex in map(_one, sources) if tex]
    label = walk.one_line(child(node, "label")).strip("() \u00a0")
    if not texs:
        walk.flush()
        tex = tex_of(node)
        if tex:
            texs = [tex]
        else:
            _as_text(walk, node)
            if label and "".join(walk.buffer).strip():
                walk.buffer.append(f" ({label})")
            walk.flush()
            return
    walk.flush()
    for k, tex in enumerate(texs):
        tag = f" \\tag{{{label}}}" if label and k == len(texs) - 1 and "\\tag" not in tex else ""
        walk.add(f"$${tex}{tag}$$", MATH)


def open_math(walk: Walk, node: Element) -> None:
    """`<math>` or `<tex-math>` outside a formula element."""
    tex = _one(node)
    if tex:
        walk.buffer.append(f"${tex}$")


def _as_text(walk: Walk, node: Element) -> None:
    """A formula written in letters and raised letters, or a picture."""
    before = len(walk.buffer)
    if node.text:
        walk.buffer.append(node.text)
    for found in node:
        if local(found.tag) not in _OUTSIDE:
            walk.element(found)
        if found.tail:
            walk.buffer.append(found.tail)
    if not "".join(walk.buffer[before:]).strip() and _is_picture(node):
        walk.count("num_formula_images")
        walk.buffer.append(_description(node) or PICTURED)


def _description(node: Element) -> str:
    """What the article says of a picture in words; "" where that is its kind or the name of its file."""
    texts = [
        " ".join("".join(found.itertext()).split()) for found in node.iter("*") if local(found.tag) in _DESCRIPTIONS
    ]
    return next((text for text in texts if not _SAYS_NOTHING.fullmatch(text)), "")


def _is_picture(node: Element) -> bool:
    return any(local(found.tag) in _PICTURES for found in node.iter("*"))


def tex_of(node: Element) -> str:
    """TeX of the first formula below an element; "" where there is none."""
    found = [below for below in node.iter("*") if local(below.tag) in ("tex-math", "math")]
    found.sort(key=lambda below: local(below.tag) != "tex-math")
    return next((tex for tex in map(_one, found) if tex), "")


def _one(node: Element) -> str:
    name = local(node.tag)
    if name == "alternatives":
        return tex_of(node)
    if name == "tex-math":
        return cleaned("".join(node.itertext()))
    for below in node.iter("*"):
        if local(below.tag) == "annotation" and "tex" in (below.get("encoding") or "").lower():
            tex = cleaned("".join(below.itertext()))
            if tex:
                return tex
    return _unwrapped(to_tex(_tree(node))) or cleaned(node.get("alttext") or "")


def _unwrapped(tex: str) -> str:
    """A formula that is the one cell of a table, without the table."""
    cell = _ONE_CELL.fullmatch(tex)
    return cell[1] if cell else tex


def cleaned(tex: str) -> str:
    """TeX on one line without the document around it, comments, and delimiters."""
    document = _DOCUMENT.search(tex)
    if document:
        tex = document[1]
    lines = (re.sub(r"(?<!\\)%.*", "", line) for line in tex.split("\n"))
    tex = " ".join(" ".join(lines).split())
    for left, right in _DELIMITERS:
        if tex.startswith(left) and tex.endswith(right) and len(tex) >= len(left) + len(right):
            tex = tex[len(left) : -len(right)].strip()
            break
    whole = _WHOLE.fullmatch(tex)
    return whole[2].strip() if whole else tex


def _tree(node: Element) -> Tree:
    """The MathML below an element as the converter wants it; the parser bounds the depth."""
    tree = Tree(local(node.tag), dict(node.attrib), [], "")
    if node.text:
        tree.children.append(Tree("", {}, [], node.text))
    for below in node:
        if isinstance(below.tag, str):
            tree.children.append(_tree(below))
        elif below.tag is etree.Entity:
            tree.children.append(Tree("", {}, [], _character(below)))
        if below.tail:
            tree.children.append(Tree("", {}, [], below.tail))
    return tree


def _character(entity: Element) -> str:
    from extractors.jats.parse import Entities

    return Entities(entity).text(entity.name)
