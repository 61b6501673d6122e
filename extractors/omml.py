"""Office Math (OMML) → TeX, by way of presentation MathML and the converter that HTML and JATS share.

Reference: ECMA-376 part 1, section 22.1; the mapping is that of Microsoft's OMML2MML stylesheet, written anew. Depth is
bounded by the XML parser (256). Blind spot: manual alignment inside a line, borders other than a full box.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from extractors.mathml import to_tex
from extractors.mathml_rows import Tree
from extractors.package_file import attribute, local

_TOKENS = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]|\s+|.", re.S)
_UPRIGHT = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+|\s+|.", re.S)
"""Upright letters beside each other are one name."""
_SCRIPTS = {"script": "script", "fraktur": "fraktur", "double-struck": "double-struck", "sans-serif": "sans-serif",
            "monospace": "monospace"}  # fmt: skip
_BRACES = {"⏞": "⏞", "⏟": "⏟", "︷": "⏞", "︸": "⏟", "⎴": "⎴", "⎵": "⎵"}
_ACCENTS = {"\u0305": "‾", "\u0300": "`", "\u0301": "´", "\u0306": "˘", "\u0308": "¨", "\u030a": "˚",
            "\u030c": "ˇ", "\u20d1": "⇀", "\u20d6": "←", "\u20e1": "↔"}  # fmt: skip
"""Combining accents, which Word stores, as the signs the converter knows them by."""
_SPACES = {"\u2003": "1em", "\u2002": "0.5em", "\u2005": "0.25em", "\u2009": "0.17em", "\u00a0": "0.3em"}
_LETTER_LIKE = re.compile(r"[^\W\d_]|[∞∂∇∅ℏℓ℘ℜℑℵ]")


def omml_to_tex(math: Any) -> str:
    """TeX of an `m:oMath` element; "" for an empty one."""
    return to_tex(Tree("math", {}, _children(math), ""))


def _children(element: Any) -> list[Tree]:
    return [tree for child in element for tree in _trees(child)]


def _trees(element: Any) -> list[Tree]:
    """MathML of one OMML element; property elements have none, unknown ones are what is in them."""
    name = local(element)
    if name == "r":
        return list(_run(element))
    rule = _RULES.get(name)
    if rule is not None:
        return [rule(element)]
    return [] if name.endswith("Pr") or not name or name in _LEFT_OUT else _children(element)


_LEFT_OUT = frozenset({"del", "moveFrom", "annotationRef", "commentReference", "rPr", "fldData"})


def _node(tag: str, children: list[Tree], **attributes: str) -> Tree:
    return Tree(tag, dict(attributes), children, "")


def _token(tag: str, text: str, **attributes: str) -> Tree:
    return Tree(tag, dict(attributes), [Tree("", {}, [], text)], "")


def _row(element: Any | None) -> Tree:
    """The argument as one tree."""
    children = [] if element is None else _children(element)
    return children[0] if len(children) == 1 else _node("mrow", children)


def _child(element: Any, name: str) -> Any | None:
    return next((child for child in element if local(child) == name), None)


def _property(element: Any, name: str, default: str | None = None) -> str | None:
    """Value of a property of the construct; `default` where it is not set."""
    properties = next((child for child in element if local(child).endswith("Pr")), None)
    found = None if properties is None else _child(properties, name)
    if found is None:
        return default
    value = attribute(found, "val")
    return "" if value is None else value


def _is_on(element: Any, name: str) -> bool:
    value = _property(element, name)
    return value is not None and value.lower() not in ("0", "off", "false")


def _run(run: Any) -> Iterator[Tree]:
    """The letters, numbers and operators of a run."""
    text = "".join(child.text or "" for child in run if local(child) == "t")
    if not text:
        if any(local(child) == "br" for child in run):
            yield _token("mspace", "", linebreak="newline")
        return
    properties = _child(run, "rPr")
    if properties is not None and _flag(properties, "nor"):
        yield _token("mtext", text)
        return
    variant = _variant(properties)
    pattern = _UPRIGHT if variant.get("mathvariant") == "normal" else _TOKENS
    for token in pattern.findall(text):
        yield from _tokens(token, variant)


def _flag(properties: Any, name: str) -> bool:
    found = _child(properties, name)
    return found is not None and (attribute(found, "val") or "1").lower() not in ("0", "off", "false")


def _variant(properties: Any | None) -> dict[str, str]:
    if properties is None:
        return {}
    script, style = _child(properties, "scr"), _child(properties, "sty")
    name = _SCRIPTS.get((attribute(script, "val") or "") if script is not None else "")
    if name:
        return {"mathvariant": name}
    kind = (attribute(style, "val") or "") if style is not None else ""
    if kind == "p":
        return {"mathvariant": "normal"}
    return {"mathvariant": "bold"} if kind in ("b", "bi") else {}


def _tokens(token: str, variant: dict[str, str]) -> Iterator[Tree]:
    if token[0].isdigit():
        yield _token("mn", token, **variant)
    elif token.isspace():
        for char in token:
            if char in _SPACES:
                yield _token("mspace", "", width=_SPACES[char])
    elif token not in "&" and _LETTER_LIKE.match(token):
        yield _token("mi", token, **variant)
    elif token != "&":
        yield _token("mo", {"-": "−"}.get(token, token))


def _fraction(element: Any) -> Tree:
    kind = _property(element, "type", "bar")
    numerator, denominator = _row(_child(element, "num")), _row(_child(element, "den"))
    if kind == "lin":
        return _node("mrow", [numerator, _token("mo", "/"), denominator])
    if kind == "noBar":
        return _node("mfrac", [numerator, denominator], linethickness="0")
    return _node("mfrac", [numerator, denominator])


def _scripts(tag: str, *names: str) -> Callable[[Any], Tree]:
    return lambda element: _node(tag, [_row(_child(element, name)) for name in names])


def _before(element: Any) -> Tree:
    """Scripts before their base."""
    none = _node("none", [])
    base, sub, sup = (_row(_child(element, name)) for name in ("e", "sub", "sup"))
    return _node("mmultiscripts", [base, _node("mprescripts", []), sub if sub.children or sub.text else none, sup])


def _radical(element: Any) -> Tree:
    degree = _row(_child(element, "deg"))
    base = _row(_child(element, "e"))
    if _is_on(element, "degHide") or (degree.tag == "mrow" and not degree.children):
        return _node("msqrt", [base])
    return _node("mroot", [base, degree])


def _nary(element: Any) -> Tree:
    """A large operator with its limits, then what it applies to."""
    operator = _token("mo", _property(element, "chr") or "∫")
    sub = None if _is_on(element, "subHide") else _row(_child(element, "sub"))
    sup = None if _is_on(element, "supHide") else _row(_child(element, "sup"))
    has_sub, has_sup = (part is not None and (part.tag != "mrow" or part.children) for part in (sub, sup))
    if has_sub and has_sup and sub is not None and sup is not None:
        head = _node("msubsup", [operator, sub, sup])
    elif has_sub and sub is not None:
        head = _node("msub", [operator, sub])
    elif has_sup and sup is not None:
        head = _node("msup", [operator, sup])
    else:
        head = operator
    body = _child(element, "e")
    return _node("mrow", [head, *([] if body is None else _children(body))])


def _delimiters(element: Any) -> Tree:
    """Fences, their content, and separators between its parts."""
    opening, closing = _property(element, "begChr", "("), _property(element, "endChr", ")")
    separator = _property(element, "sepChr", "|")
    arguments = [child for child in element if local(child) == "e"]
    if (opening, closing) == ("{", "") and len(arguments) == 1:
        inside = [child for child in arguments[0] if not local(child).endswith("Pr")]
        if [local(child) for child in inside] == ["eqArr"]:
            return _node("mrow", [_token("mo", "{"), _equations(inside[0], is_cases=True)])
    parts: list[Tree] = []
    for k, argument in enumerate(arguments):
        if k and separator:
            parts.append(_token("mo", separator))
        parts += _children(argument)
    inner = [] if not opening else [_token("mo", opening)]
    inner += parts
    if closing:
        inner.append(_token("mo", closing))
    if (opening, closing) in (("(", ")"), ("[", "]"), ("{", "}"), ("{", ""), ("⟨", "⟩"), ("⌊", "⌋"), ("⌈", "⌉")):
        return _node("mrow", inner)
    return _node("mfenced", parts, open=opening or "", close=closing or "", separators="")


def _matrix(element: Any) -> Tree:
    rows = [
        _node("mtr", [_node("mtd", _children(cell)) for cell in row if local(cell) == "e"])
        for row in element
        if local(row) == "mr"
    ]
    return _node("mtable", rows)


def _equations(element: Any, is_cases: bool = False) -> Tree:
    """Equations below each other; `&` marks where they are aligned, `#` parts the number of the only one from it."""
    lines = [child for child in element if local(child) == "e"]
    rows = []
    is_aligned = False
    for line in lines:
        cells: list[list[Tree]] = [[]]
        for child in line:
            text = "".join(t.text or "" for t in child if local(t) == "t") if local(child) == "r" else ""
            if not re.search("[&#]", text) or _is_text(child):
                cells[-1] += _trees(child)
                continue
            properties = _variant(_child(child, "rPr"))
            for mark, piece in re.findall("(^|[&#])([^&#]*)", text):
                if mark == "&":
                    is_aligned = not is_cases
                    cells.append([])
                elif mark:
                    cells[-1].append(_token("mspace", "", width="2em"))
                cells[-1] += [tree for token in _TOKENS.findall(piece) for tree in _tokens(token, properties)]
        rows.append(_node("mtr", [_node("mtd", cell) for cell in cells]))
    if len(rows) == 1 and len(rows[0].children) == 1:
        return _node("mrow", rows[0].children[0].children)
    return _node("mtable", rows, **({"columnalign": "right left"} if is_aligned else {}))


def _is_text(run: Any) -> bool:
    properties = _child(run, "rPr")
    return properties is not None and _flag(properties, "nor")


def _function(element: Any) -> Tree:
    """A function's name, set as one word, and its argument."""
    name = _child(element, "fName")
    names = [] if name is None else _joined(_children(name))
    argument = _child(element, "e")
    body = [] if argument is None else _children(argument)
    return _node("mrow", [*names, _token("mo", "\u2061"), *body])


def _joined(trees: list[Tree]) -> list[Tree]:
    """Letters beside each other as one identifier: `s`, `i`, `n` are the sine; inside scripts and limits too."""
    out: list[Tree] = []
    for tree in trees:
        plain = tree.tag == "mi" and len(tree.children) == 1
        if plain and out and out[-1].tag == "mi" and len(out[-1].children) == 1:
            out[-1] = _token("mi", out[-1].children[0].text + tree.children[0].text)
        elif plain:
            out.append(_token("mi", tree.children[0].text))
        elif tree.tag in ("mrow", "msup", "msub", "msubsup", "munder", "mover") and tree.children:
            head = tree.children if tree.tag == "mrow" else tree.children[:1]
            joined = _joined(
                head if tree.tag == "mrow" else _joined(head[0].children) if head[0].tag == "mrow" else head
            )
            if tree.tag == "mrow":
                out += joined
            else:
                base = joined[0] if len(joined) == 1 else _node("mrow", joined)
                out.append(Tree(tree.tag, tree.attributes, [base, *tree.children[1:]], ""))
        else:
            out.append(tree)
    return out


def _limit(tag: str) -> Callable[[Any], Tree]:
    def rule(element: Any) -> Tree:
        base = _joined(_children(_child(element, "e"))) if _child(element, "e") is not None else []
        whole = base[0] if len(base) == 1 else _node("mrow", base)
        return _node(tag, [whole, _row(_child(element, "lim"))])

    return rule


def _accent(element: Any) -> Tree:
    mark = _property(element, "chr") or "\u0302"
    base = _row(_child(element, "e"))
    if mark == "\u0332":
        return _node("munder", [base, _token("mo", "_")])
    if mark == "\u033f":  # two lines
        base, mark = _node("mover", [base, _token("mo", "‾")], accent="true"), "\u0305"
    return _node("mover", [base, _token("mo", _ACCENTS.get(mark, mark))], accent="true")


def _bar(element: Any) -> Tree:
    base = _row(_child(element, "e"))
    if _property(element, "pos", "bot") == "top":
        return _node("mover", [base, _token("mo", "¯")])
    return _node("munder", [base, _token("mo", "_")])


def _group(element: Any) -> Tree:
    """A brace or arrow above or below its base."""
    mark = _property(element, "chr") or "⏟"
    tag = "mover" if _property(element, "pos", "bot") == "top" else "munder"
    return _node(tag, [_row(_child(element, "e")), _token("mo", _BRACES.get(mark, mark))])


def _boxed(element: Any) -> Tree:
    hidden = all(_is_on(element, name) for name in ("hideTop", "hideBot", "hideLeft", "hideRight"))
    inner = _children(_child(element, "e")) if _child(element, "e") is not None else []
    return _node("mrow", inner) if hidden else _node("menclose", inner, notation="box")


def _phantom(element: Any) -> Tree:
    inner = _children(_child(element, "e")) if _child(element, "e") is not None else []
    is_shown = _property(element, "show", "1") or "1"
    return _node("mphantom" if is_shown.lower() in ("0", "off", "false") else "mrow", inner)


_RULES: dict[str, Callable[[Any], Tree]] = {
    "f": _fraction,
    "sSup": _scripts("msup", "e", "sup"),
    "sSub": _scripts("msub", "e", "sub"),
    "sSubSup": _scripts("msubsup", "e", "sub", "sup"),
    "sPre": _before,
    "rad": _radical,
    "nary": _nary,
    "d": _delimiters,
    "m": _matrix,
    "eqArr": _equations,
    "func": _function,
    "limLow": _limit("munder"),
    "limUpp": _limit("mover"),
    "acc": _accent,
    "bar": _bar,
    "groupChr": _group,
    "borderBox": _boxed,
    "phant": _phantom,
}
