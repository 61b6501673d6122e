"""Equations of every markup → TeX: MathJax 2 and 3, KaTeX, MathML, MediaWiki, LaTeXML, formula images, raw
delimiters.

Each function gets a node and says what TeX it stands for; the glyphs beside it are left out by the caller.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from extractors.mathml import to_tex
from extractors.mathml_rows import Tree

Node = Any
Attributes = dict[str, str | None]

_HOST = re.compile(
    r"(?:^|\s)(katex(?:-display|-mathml|-html)?|MathJax(?:_Preview|_Display|_SVG(?:_Display)?|_CHTML|_Error)?|mjx-chtml|MJXc-display"
    r"|mwe-math-element|mwe-math-fallback-image-(?:inline|display)|MJX_Assistive_MathML)(?=\s|$)"
)
_TEX_IMAGE_CLASS = re.compile(
    r"(?:^|[\s_-])(latex|tex|math|mwe-math\S*|equation|formula|ltx_math|teximage)(?=$|[\s_-])", re.I
)
_TEX_IMAGE_SRC = re.compile(
    r"latex\.codecogs\.com|/latex\.php|mathtex\.cgi|mimetex|/math/render/|chart\.(?:apis\.)?google(?:apis)?\.com/chart\?cht=tx|/equation\?tex="
    r"|quicklatex|render\.githubusercontent\.com/render/math|/tex2img|/teximg|i\.upmath\.me|/latexrender/",
    re.I,
)
_LOOKS_TEX = re.compile(r"\\[a-zA-Z]+|[_^]\{|[_^]\w")
_COMMAND = re.compile(r"\\(?:[a-zA-Z]+[\s{\\^_(]|[\[(])")
_WRAPPERS = (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$"))
_STYLE = re.compile(r"^\{\\(?:display|text)style\s+(.*)\}$", re.S)


def host_class(value: str) -> str | None:
    """Name of the math renderer's class in a class attribute, None where there is none."""
    found = _HOST.search(value)
    return found[1] if found else None


def clean(tex: str) -> str:
    """TeX without delimiters, the renderer's style wrapper, and outer space."""
    tex = tex.strip().replace("\u00a0", " ")
    for left, right in _WRAPPERS:
        if tex.startswith(left) and tex.endswith(right) and len(tex) >= len(left) + len(right):
            tex = tex[len(left) : -len(right)].strip()
            break
    if tex.startswith("{"):
        styled = _STYLE.match(tex)
        if styled and _balanced(styled[1]):
            tex = styled[1].strip()
    return tex


def _balanced(tex: str) -> bool:
    depth = 0
    for mark in re.findall(r"\\.|[{}]", tex):
        depth += {"{": 1, "}": -1}.get(mark, 0)
        if depth < 0:
            return False
    return depth == 0


def from_math(node: Node, attributes: Attributes) -> tuple[str, bool]:
    """TeX of a `<math>` element and whether it is displayed: annotation, then alttext, then conversion."""
    display = attributes.get("display") == "block" or attributes.get("mode") == "display"
    for annotation in node.css("annotation"):
        if "tex" in (annotation.attributes.get("encoding") or "").lower():
            tex = clean(annotation.text(deep=True))
            if tex:
                return tex, display
    alttext = attributes.get("alttext")
    if alttext and alttext.strip():
        return clean(alttext), display
    return to_tex(tree(node)), display


def tree(node: Node) -> Tree:
    """The MathML below a parsed node as plain tuples, built without recursion."""
    root = Tree(node.tag, node.attributes, [], "")
    stack = [(root, node.first_child)]
    while stack:
        parent, child = stack.pop()
        while child is not None:
            tag = child.tag
            if tag == "-text":
                parent.children.append(Tree("", {}, [], child.text_content or ""))
            elif not tag.startswith("-"):
                twig = Tree(tag, child.attributes, [], "")
                parent.children.append(twig)
                inner = child.first_child
                if inner is not None:
                    stack.append((parent, child.next))
                    stack.append((twig, inner))
                    break
            child = child.next
    return root


def from_script(node: Node, attributes: Attributes) -> tuple[str, bool] | None:
    """TeX of a MathJax 2 or KaTeX source script, None for other scripts."""
    kind = (attributes.get("type") or "").lower()
    if not kind.startswith("math/"):
        return None
    source = node.text(deep=True)
    display = "mode=display" in kind
    if kind.startswith("math/mml"):
        from selectolax.lexbor import LexborHTMLParser

        math = LexborHTMLParser(source).css_first("math")
        return (from_math(math, math.attributes)[0], display) if math is not None else None
    source = re.sub(r"^\s*%\s*<!\[CDATA\[|%?\s*\]\]>\s*$", "", source.strip())
    return clean(source), display


def from_host(node: Node, name: str) -> tuple[str, bool] | None:
    """TeX of a rendered formula's container; ("", …) to leave the container out; None when it is no formula."""
    if name in ("MathJax_Preview", "katex-html", "MathJax_Error", "MJX_Assistive_MathML"):
        return ("", False) if name != "MJX_Assistive_MathML" else _first_math(node)
    display = name in ("katex-display", "MathJax_Display", "MathJax_SVG_Display", "MJXc-display")
    found = _first_math(node)
    if found and found[0]:
        return found[0], display or found[1]
    if name.startswith("mwe-math"):
        image = node if node.tag == "img" else node.css_first("img")
        alt = (image.attributes.get("alt") or "") if image is not None else ""
        return (clean(alt), "display" in name) if alt else None
    if name.startswith("katex"):
        return None
    for holder in (node, node.css_first("[data-mathml]")):
        source = holder.attributes.get("data-mathml") if holder is not None else None
        if source:
            from selectolax.lexbor import LexborHTMLParser

            math = LexborHTMLParser(source).css_first("math")
            if math is not None and not _script_follows(node):
                return from_math(math, math.attributes)[0], display
    return "", display


def _script_follows(node: Node) -> bool:
    """A MathJax 2 source script stands right behind the rendering (or behind its wrapper)."""
    for start in (node, node.parent):
        sibling = start.next if start is not None else None
        for _ in range(3):
            if sibling is None:
                break
            if sibling.tag == "script":
                return (sibling.attributes.get("type") or "").startswith("math/")
            sibling = sibling.next
    return False


def _first_math(node: Node) -> tuple[str, bool] | None:
    math = node.css_first("math")
    if math is None or _script_follows(node):
        return None
    return from_math(math, math.attributes)


def from_image(attributes: Attributes) -> str | None:
    """TeX of a formula image from its alternative text or address, None for other images."""
    alt = (attributes.get("alt") or "").strip()
    source = attributes.get("src") or ""
    rendered = "tex" in source or "math" in source or "cht=tx" in source
    by_class = _TEX_IMAGE_CLASS.search(attributes.get("class") or "")
    by_source = _TEX_IMAGE_SRC.search(source) if rendered and not source.startswith("data:") else None
    if not (by_class or by_source):
        plain = len(alt) > 3 and (alt[0] == alt[-1] == "$" or (alt[0] == "\\" and _COMMAND.match(alt)))
        return clean(alt) if plain else None
    if alt and (_LOOKS_TEX.search(alt) or by_source or len(alt) < 40):
        return clean(alt)
    if by_source:
        query = re.search(r"(?:\?|tex=|latex=|chl=|math=)([^&]*)$", source) or re.search(
            r"(?:tex|latex|chl|math)=([^&]*)", source
        )
        if query:
            return clean(unquote(query[1].replace("+", " ")).removeprefix("\\dpi{110}"))
    return None


_RAW = re.compile(  # no piece may hold its own opener: a page of openers alone stays linear
    r"(?P<tick>`{1,2})(?=\S)[^`]{1,400}?(?<=\S)(?P=tick)(?!`)"  # code says what it says
    r"|(?<![\\$])\$\$(?!\s*\$)(?P<dd>[^$]{1,8000}?)(?<!\\)\$\$"
    r"|(?<!\\)\\\[(?P<br>(?:[^\\]|\\[^\[\]]){1,8000}?)\\\]"
    r"|(?<!\\)\\\((?P<pa>(?:[^\\]|\\[^()]){1,4000}?)\\\)"
    r"|\[(?P<tag>i?tex|i?math|i?latex)\](?P<bb>[^\[]{1,1000}(?:\[(?!/)[^\[]{0,400}){0,12})\[/(?P=tag)\]"
    r"|\$latex\s(?P<wp>[^$]{1,2000})\$"
    r"|(?P<dollar>(?<![\\$])\$(?=\\begin)|)(?P<env>\\begin\{(?P<name>equation|align|alignat|gather|multline|eqnarray|displaymath|math|split|flalign)(?P<star>\*?)\}"
    r"(?:[^\\]|\\(?!(?:begin|end)\{(?P=name)(?P=star)\})[\s\S]){1,8000}?\\end\{(?P=name)(?P=star)\})(?P=dollar)"
)


def normalise_raw(text: str) -> list[tuple[bool, str]]:
    """Split text with raw TeX into (is_tex, piece), delimiters brought to `$…$` and `$$…$$`; newlines in TeX are
    kept."""
    pieces: list[tuple[bool, str]] = []
    at = 0
    for found in _RAW.finditer(text):
        pieces.append((False, text[at : found.start()]))
        at = found.end()
        if found["tick"] is not None:
            pieces.append((False, found[0]))
            continue
        tex = found["pa"] or found["wp"] or (found["bb"] if (found["tag"] or "").startswith("i") else None)
        if tex is not None:
            pieces.append((True, f"${' '.join(tex.split())}$"))
            continue
        body = found["dd"] or found["br"] or found["bb"] or found["env"]
        lines = [line.rstrip() for line in body.strip().split("\n")]
        tex = "\n".join(line.strip() for line in lines if line.strip())
        pieces.append((True, f"$$\n{tex}\n$$" if "\n" in tex else f"$${tex}$$"))
    pieces.append((False, text[at:]))
    return pieces
