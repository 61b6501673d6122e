"""Presentation MathML → TeX, shared by the HTML and JATS extractors.

Input is a `Tree`, which any parser's nodes are turned into. Method: one rule per element of MathML 3, symbols by
table; post-order without recursion, so depth costs nothing. Blind spot: content MathML and elementary school layout
give their text only.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from extractors.mathml_rows import TALL, Tree, join, local, text_of

_INVISIBLE = dict.fromkeys((0x200B, *range(0x2060, 0x2065)))
"""Zero-width spaces and invisible operators."""
_ALPHANUMERIC = re.compile("[\U0001d400-\U0001d7ff]")


@dataclass(frozen=True, slots=True)
class _Symbols:
    tex: dict[str, str]
    accents: dict[str, str]
    under: dict[str, str]
    functions: frozenset[str]
    large: frozenset[str]
    variants: dict[str, str]
    enclosures: dict[str, str]


@lru_cache(maxsize=1)
def _symbols() -> _Symbols:
    source = json.loads(files("extractors").joinpath("mathml_symbols.json").read_text("utf-8"))
    return _Symbols(
        source["symbols"],
        source["accents"],
        source["under_accents"],
        frozenset(source["functions"]),
        frozenset(source["large_operators"]),
        source["variants"],
        source["enclosures"],
    )


def to_tex(math: Tree) -> str:
    """TeX of a `<math>` tree; "" for an empty one."""
    done: dict[int, str] = {}
    stack: list[tuple[Tree, bool]] = [(math, False)]
    while stack:
        node, visited = stack.pop()
        if visited:
            children = [(child, done.pop(id(child), "")) for child in node.children]
            done[id(node)] = _element(node, children)
            continue
        if not node.tag:
            done[id(node)] = ""  # text belongs to its token element, which reads it
            continue
        stack.append((node, True))
        stack.extend((child, False) for child in node.children)
    return " ".join(done[id(math)].split())


def _element(node: Tree, children: list[tuple[Tree, str]]) -> str:
    tag = local(node.tag)
    token = _TOKENS.get(tag)
    if token is not None:
        return token(node, text_of(node))
    parts = [(child, tex) for child, tex in children if child.tag]
    rule = _RULES.get(tag)
    return rule(node, parts) if rule is not None else join(parts)


def _group(tex: str) -> str:
    return tex if len(tex) == 1 and tex not in "^_'" else "{" + tex + "}"


def _base(tex: str) -> str:
    plain = len(tex) <= 1 or re.fullmatch(
        r"\\[a-zA-Z]+(?:\{[^{}]*\})?|[A-Za-z0-9]|\)|\]|\\[}|]|\\right.{1,8}|[\d.,]+", tex
    )
    return tex if plain else "{" + tex + "}"


def _identifier(node: Tree, text: str) -> str:
    symbols = _symbols()
    variant = symbols.variants.get((node.attributes.get("mathvariant") or "").lower())
    if text in symbols.functions:
        return "\\" + text
    styled = _ALPHANUMERIC.search(text)
    if styled:
        name = unicodedata.name(styled[0], "")
        text = unicodedata.normalize("NFKC", text)
        variant = variant or next(
            (
                tex
                for word, tex in (
                    ("DOUBLE", "mathbb"),
                    ("SCRIPT", "mathcal"),
                    ("FRAKTUR", "mathfrak"),
                    ("BOLD", "mathbf"),
                    ("SANS", "mathsf"),
                    ("MONO", "mathtt"),
                )
                if word in name
            ),
            None,
        )
    tex = "".join(_glyph(char) for char in text).rstrip()
    if variant and not tex.startswith("\\math"):
        return f"\\{variant}{{{tex}}}"
    if len(text) > 1 and text.isalpha() and text.isascii():
        return f"\\mathrm{{{tex}}}"
    return (
        f"\\mathrm{{{tex}}}"
        if node.attributes.get("mathvariant") == "normal" and len(text) == 1 and text.isascii() and text.isalpha()
        else tex.strip()
    )


def _glyph(char: str) -> str:
    tex = _symbols().tex.get(char, char)
    return tex + " " if tex.startswith("\\") and tex[-1].isalpha() else tex


def _operator(node: Tree, text: str) -> str:  # noqa: ARG001
    symbols = _symbols()
    if text in symbols.functions:
        return "\\" + text
    if len(text) > 1 and text.isalpha() and text.isascii():
        return f"\\operatorname{{{text}}}"
    return symbols.tex.get(text) or "".join(_glyph(char) for char in text).strip()


def _number(node: Tree, text: str) -> str:
    if (node.attributes.get("mathvariant") or "normal") != "normal" or _ALPHANUMERIC.search(text):
        return _identifier(node, text)
    return "".join(_glyph(char) for char in text).strip()


def _words(node: Tree, text: str) -> str:
    raw = "".join(child.text for child in node.children).translate(_INVISIBLE)
    text = text.translate(_INVISIBLE).strip()
    if not text:
        return "\\ " if raw else ""
    left, right = raw[:1].isspace() or raw[:1] == "\u00a0", raw[-1:].isspace() or raw[-1:] == "\u00a0"
    inner = re.sub(r"([%#&_$])", r"\\\1", text)
    return f"\\text{{{' ' if left else ''}{inner}{' ' if right else ''}}}"


def _space(node: Tree, text: str) -> str:  # noqa: ARG001
    if node.attributes.get("linebreak") == "newline":
        return "\\\\"
    if (node.attributes.get("width") or "").startswith("-"):
        return ""
    width = re.match(r"(\d+(?:\.\d*)?|\.\d+)em", node.attributes.get("width") or "")
    if not width:
        return "\\ " if node.attributes.get("width") else ""
    return "\\quad " if float(width[1][:6]) >= 0.9 else "\\,"


def _nothing(node: Tree, text: str) -> str:  # noqa: ARG001
    return ""


Parts = list[tuple[Tree, str]]


def _at(parts: Parts, k: int) -> str:
    return parts[k][1] if k < len(parts) else ""


def _first(node: Tree, parts: Parts) -> str:  # noqa: ARG001
    return _at(parts, 0)


def _fraction(node: Tree, parts: Parts) -> str:
    thickness = (node.attributes.get("linethickness") or "").strip()
    if thickness.startswith("0"):
        return f"{{{_at(parts, 0)} \\atop {_at(parts, 1)}}}"
    return f"\\frac{{{_at(parts, 0)}}}{{{_at(parts, 1)}}}"


def _root(node: Tree, parts: Parts) -> str:  # noqa: ARG001
    return f"\\sqrt[{_at(parts, 1)}]{{{_at(parts, 0)}}}"


def _square_root(node: Tree, parts: Parts) -> str:  # noqa: ARG001
    return f"\\sqrt{{{join(parts)}}}"


def _power(base: str, sub: str, sup: str) -> str:
    out = _base(base) if base else "{}"
    if sub:
        out += "_" + _group(sub)
    if sup:
        if set(sup) <= {"'"}:
            return out + sup
        out += "^" + _group(sup.removeprefix("^") or sup)
    return out


def _sup(node: Tree, parts: Parts) -> str:  # noqa: ARG001
    return _power(_at(parts, 0), "", _at(parts, 1))


def _sub(node: Tree, parts: Parts) -> str:  # noqa: ARG001
    return _power(_at(parts, 0), _at(parts, 1), "")


def _subsup(node: Tree, parts: Parts) -> str:  # noqa: ARG001
    return _power(_at(parts, 0), _at(parts, 1), _at(parts, 2))


def _limits(parts: Parts) -> bool:
    """Scripts of the base stand above and below it: big operators, limits, braces."""
    base = parts[0][0] if parts else None
    tex = _at(parts, 0)
    return base is not None and (
        text_of(base) in _symbols().large
        or re.match(r"\\(?:lim|max|min|sup|inf|arg|det|gcd|Pr|operatorname|(?:over|under)(?:brace|bracket))", tex)
        is not None
    )


def _under(node: Tree, parts: Parts) -> str:  # noqa: ARG001
    base, under = _at(parts, 0), _at(parts, 1)
    if _limits(parts):
        return f"{base}_{_group(under)}" if under else base
    accent = _symbols().under.get(text_of(parts[1][0]) if len(parts) > 1 else "")
    return f"\\{accent}{{{base}}}" if accent else f"\\underset{{{under}}}{{{base}}}"


def _over(node: Tree, parts: Parts) -> str:  # noqa: ARG001
    base, over = _at(parts, 0), _at(parts, 1)
    if _limits(parts):
        return f"{base}^{_group(over)}" if over else base
    mark = text_of(parts[1][0]) if len(parts) > 1 else ""
    accent = _symbols().accents.get(mark)
    if accent is None:
        return f"\\overset{{{over}}}{{{base}}}"
    wide = {"hat": "widehat", "tilde": "widetilde", "bar": "overline", "vec": "overrightarrow"}
    return f"\\{wide.get(accent, accent) if len(text_of(parts[0][0])) > 1 else accent}{{{base}}}"


def _under_over(node: Tree, parts: Parts) -> str:  # noqa: ARG001
    if _limits(parts) or not parts:
        return _power(_at(parts, 0), _at(parts, 1), _at(parts, 2)) if parts else ""
    return f"\\overset{{{_at(parts, 2)}}}{{\\underset{{{_at(parts, 1)}}}{{{_at(parts, 0)}}}}}"


def _multiscripts(node: Tree, parts: Parts) -> str:  # noqa: ARG001
    before: list[str] = []
    after: list[str] = []
    into = after
    for child, tex in parts[1:]:
        if local(child.tag) == "mprescripts":
            into = before
        else:
            into.append(tex)
    left = "".join(_power("", a, b) for a, b in zip(before[::2], [*before[1::2], ""], strict=False))
    out = _base(_at(parts, 0))
    for a, b in zip(after[::2], [*after[1::2], ""], strict=False):
        out += ("_" + _group(a) if a else "") + ("^" + _group(b) if b else "")
    return left + out


def _fence(node: Tree, parts: Parts) -> str:
    left, right = node.attributes.get("open"), node.attributes.get("close")
    marks = node.attributes.get("separators")
    marks = "," if marks is None else "".join(marks.split())
    out = "" if marks else join(parts)
    for k, (_, tex) in enumerate(parts if marks else []):
        if k:
            out += marks[min(k - 1, len(marks) - 1)] + " "
        out += tex
    tall = any(local(child.tag) in TALL for child, _ in parts)
    first, last = _fence_mark("(" if left is None else left), _fence_mark(")" if right is None else right)
    return f"\\left{first or '.'}{out}\\right{last or '.'}" if tall else f"{first}{out}{last}"


def _fence_mark(char: str) -> str:
    return _symbols().tex.get(char.strip(), char.strip())


def _table(node: Tree, parts: Parts) -> str:
    columns = (node.attributes.get("columnalign") or "").split()
    name = "aligned" if columns[:2] == ["right", "left"] else "matrix"
    return f"\\begin{{{name}}}" + " \\\\ ".join(tex for _, tex in parts) + f"\\end{{{name}}}"


def _table_row(node: Tree, parts: Parts) -> str:
    cells = [tex for _, tex in parts]
    if local(node.tag) == "mlabeledtr" and cells:
        cells = cells[1:]
    return " & ".join(cells)


def _enclosed(node: Tree, parts: Parts) -> str:
    inner = join(parts)
    for word in (node.attributes.get("notation") or "").split():
        command = _symbols().enclosures.get(word)
        if command:
            return f"\\{command}{{{inner}}}"
    return inner


def _phantom(node: Tree, parts: Parts) -> str:  # noqa: ARG001
    return f"\\phantom{{{join(parts)}}}"


_TOKENS: dict[str, Callable[[Tree, str], str]] = {
    "mi": _identifier,
    "mn": _number,
    "mo": _operator,
    "mtext": _words,
    "ms": _words,
    "mspace": _space,
    **dict.fromkeys(("annotation", "annotation-xml", "none", "mprescripts", "maligngroup", "malignmark"), _nothing),
}
_RULES: dict[str, Callable[[Tree, Parts], str]] = {
    "semantics": _first,
    "maction": _first,
    "mfrac": _fraction,
    "mroot": _root,
    "msqrt": _square_root,
    "msup": _sup,
    "msub": _sub,
    "msubsup": _subsup,
    "munder": _under,
    "mover": _over,
    "munderover": _under_over,
    "mmultiscripts": _multiscripts,
    "mfenced": _fence,
    "mtable": _table,
    "mtr": _table_row,
    "mlabeledtr": _table_row,
    "menclose": _enclosed,
    "mphantom": _phantom,
}
