"""Commands inside equations: each function says whether the equation ends with it.

Colours and boxes go; text stays text; environments of displays become those that may stand inside.
"""

# ruff: noqa: ARG001 (handlers share a signature)
from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from extractors.latex.commands import WORDS
from extractors.latex.lengths import read_char_code
from extractors.latex.math import ESCAPED, Reading, escape, skip_environment, special
from extractors.latex.references import Target
from extractors.latex.tokens import END_ENVIRONMENT

if TYPE_CHECKING:
    from extractors.latex.converter import Converter

_BOXES = {"\\hbox": "\\text", "\\mbox": "\\text", "\\vbox": "\\text", "\\textnormal": "\\text", "\\textup": "\\text"}
_TEXTS = frozenset(WORDS["math_texts"])
_INNER = {"align": "aligned", "gather": "gathered", "eqnarray": "aligned", "multline": "gathered", "equation": ""}
_PICTURES = frozenset({"tikzpicture", "picture", "pspicture", "pgfpicture", "tikzpicture*", "overpic", "pspicture*"})
_PLAIN_ROWS = {
    "\\eqalign": "aligned",
    "\\displaylines": "gathered",
    "\\eqalignno": "aligned",
    "\\leqalignno": "aligned",
}
MAX_COLUMNS = 400
"""Characters of a column specification from which on its repetitions are not written out."""
_MATH_IN_TEXT = re.compile(r"(\$[^$]+\$)")


def _begin(c: Converter, r: Reading, token: str, stop: str) -> bool:
    g = c.g
    name = g.text_arg()
    own = c.environments.get(name)
    if own is not None:
        args = g.arguments(own.begin)
        c.open_environments.append((name, g.replaced(own.end, args), g.group_depth()))
        g.num_expansions += 1
        g.push(g.replaced(own.begin.body, args))
        return False
    if name in _PICTURES:
        skip_environment(c, name)
        return False
    base = name.rstrip("*")
    inner = _INNER.get(base, name if name not in ("subequations", "math", "displaymath", "center", "small") else "")
    if base == "alignat":
        inner = "alignedat"
    r.environments.append(inner)
    if inner:
        r.put(f"\\begin{{{inner}}}")
        r.after_word = False
    if inner in ("array", "tabular"):
        position = g.opt()
        if position:
            r.put("[" + "".join(position) + "]")
        r.put("{" + columns(g.text_arg()) + "}")
    return False


def columns(spec: str) -> str:
    """A column specification with what KaTeX knows of it."""
    spec = re.sub(r"@\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}|[<>!]\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}", "", spec)
    for _ in range(20):
        found = re.search(r"\*\{?(\d{1,2})\}?\{([^{}]*)\}", spec)
        if not found or len(spec) > MAX_COLUMNS:
            break
        spec = spec[: found.start()] + found[2] * int(found[1]) + spec[found.end() :]
    spec = re.sub(r"[pmb]\{[^{}]*\}", "l", spec)
    return "".join(char for char in spec if char in "lcr|") or "c"


def _end(c: Converter, r: Reading, token: str, stop: str) -> bool:
    g = c.g
    name = g.text_arg()
    if c.open_environments and c.open_environments[-1][0] == name and name in c.environments:
        _, tokens, _ = c.open_environments.pop()
        g.push(tokens)
        return False
    if r.environments:
        inner = r.environments.pop()
        if inner:
            r.put(f"\\end{{{inner}}}")
            r.after_word = False
        return False
    if name != stop:
        g.push(["\\end", "{", *([name] if name.isalnum() else list(name)), "}"])
    return True


def _row(c: Converter, r: Reading, token: str, stop: str) -> bool:
    g = c.g
    g.star()
    if g.buf and g.buf[-1] == "[":
        g.opt()
    r.put("\\\\")
    r.out.append(" ")
    r.after_word = False
    if r.counts_rows and not r.environments and r.numbered:
        if not r.row_unnumbered:
            c.numbers.values["equation"] = c.numbers.value("equation") + 1
            r.number = c.numbers.printed("equation")
            c.refs.here = Target("equation", r.number)
        r.row_unnumbered = False
    return False


def _text(c: Converter, r: Reading, token: str, stop: str) -> bool:
    """Text in an equation: its macros expanded, its own equations kept."""
    g = c.g
    if token == "\\intertext" or token == "\\shortintertext":
        r.put(text_inside(c, "\\text", g.arg()) + "\\\\ ")
        return False
    if token in ("\\parbox", "\\makebox", "\\framebox"):
        g.opt()
        g.opt()
        if token == "\\parbox":
            g.opt()
            g.arg()
        token = "\\text"
    if token in ("\\hbox", "\\vbox") and not g.next_is("{"):
        g.until("{")
        g.buf.append("{")
    name = _BOXES.get(token, "\\textit" if token == "\\emph" else token)
    inside = text_inside(c, name, g.arg())
    if inside:
        r.put(inside)
        r.after_word = False
    return False


def text_inside(c: Converter, name: str, tokens: list[str]) -> str:
    """`\\text{…}` of these tokens; equations in it come to stand beside it."""
    text = c.inline(tokens)
    before = " " if tokens and tokens[0] in (" ", "~", "\\ ") else ""
    after = " " if tokens and tokens[-1] in (" ", "~", "\\ ") else ""
    pieces = _MATH_IN_TEXT.split(before + text + after)
    out: list[str] = []
    for piece in pieces:
        if piece.startswith("$") and piece.endswith("$") and len(piece) > 2:
            out.append("{" + piece[1:-1] + "}" if out or len(pieces) > 3 else piece[1:-1])
        elif piece:
            plain = piece.replace("{", "").replace("}", "").replace("\\", "")
            out.append(f"{name}{{{ESCAPED.sub(escape, plain)}}}")
    return "".join(out)


def _char_code(c: Converter, r: Reading, token: str, stop: str) -> bool:
    read_char_code(c)
    return False


def _argument_only(c: Converter, r: Reading, token: str, stop: str) -> bool:
    """`\\textcolor{red}{x}`, `\\ensuremath{x}`: what is inside, as if it stood there."""
    g = c.g
    if token == "\\hyperref":
        if g.opt() is None:
            for _ in range(3):
                g.arg()
    elif token == "\\lowercase":
        g.push(g.arg())
        return False
    if token in ("\\textcolor", "\\colorbox", "\\mathcolor", "\\scalebox", "\\rotatebox", "\\foreignlanguage"):
        g.opt()
        g.arg()
        g.opt()
    elif token == "\\resizebox":
        g.star()
        g.arg()
        g.arg()
    elif token == "\\raisebox":
        g.arg()
        g.opt()
        g.opt()
    elif token == "\\texorpdfstring":
        tokens = g.arg()
        g.arg()
        g.push(tokens)
        return False
    tokens = g.arg()
    if token in ("\\scalebox", "\\rotatebox", "\\resizebox", "\\raisebox", "\\foreignlanguage") and "$" not in tokens:
        g.push(["\\text", "{", *tokens, "}"])
        return False
    if token in ("\\scalebox", "\\rotatebox", "\\resizebox", "\\raisebox"):
        tokens = [t for t in tokens if t != "$"]
    plain = len(tokens) == 1 or token == "\\ensuremath"
    g.push(tokens if plain else ["{", *tokens, "}"])
    return False


def _phantom(c: Converter, r: Reading, token: str, stop: str) -> bool:
    """Blank space of a formula's size; a field keeps its place."""
    c.g.arg()
    if r.out and r.out[-1] in ("^", "_"):
        r.put("{}")
    return False


def _quantity(c: Converter, r: Reading, token: str, stop: str) -> bool:
    """siunitx in an equation; physics' `\\qty(x)` stays."""
    g = c.g
    if token == "\\qty" and not g.next_is("{"):
        r.put(token)
        return False
    taken = [token]
    option = g.opt()
    if option is not None:
        taken += ["[", *option, "]"]
    while g.buf and g.buf[-1] == "{" and len(taken) < 10_000:
        taken += ["{", *g.arg(), "}"]
        if token in ("\\num", "\\si", "\\unit", "\\ang", "\\ce"):
            break
    text = c.inline(taken)
    r.put(text if text.replace(".", "").isdigit() else f"\\text{{{text}}}")
    return False


def _drop_arguments(c: Converter, r: Reading, token: str, stop: str) -> bool:
    g = c.g
    if token in ("\\footnote", "\\footnotemark", "\\includegraphics", "\\vspace", "\\hspace", "\\color", "\\rule"):
        g.star()
        g.opt()
    if token == "\\hspace" or token == "\\rule":
        r.put("\\ ")
        r.after_word = False
    if token != "\\footnotemark":
        g.arg()
    if token in ("\\rule", "\\setlength", "\\addtolength", "\\setcounter", "\\fontsize", "\\cline@"):
        g.arg()
    return False


def _left(c: Converter, r: Reading, token: str, stop: str) -> bool:
    r.rights.append(r.depth)
    r.put(token)
    return False


def _right(c: Converter, r: Reading, token: str, stop: str) -> bool:
    if r.rights:
        r.rights.pop()
        r.put(token)
    return False


def _plain_rows(c: Converter, r: Reading, token: str, stop: str) -> bool:
    """Plain TeX's `\\eqalign{…\\cr …}` as an environment."""
    name = _PLAIN_ROWS[token]
    body = c.g.arg()
    while body and body[-1] in (" ", "\\cr", "\\par"):
        body = body[:-1]
    rows = ["\\\\" if token == "\\cr" else token for token in body]
    c.g.push(["\\begin", "{", name, "}", *rows, "\\end", "{", name, "}"])
    return False


def _group_word(c: Converter, r: Reading, token: str, stop: str) -> bool:
    return special(c, r, "{" if token == "\\bgroup" else "}", stop)


def _dollar_word(c: Converter, r: Reading, token: str, stop: str) -> bool:
    """`\\)` or `\\]` that closes something else."""
    return stop in ("$", "$$", "\\)", "\\]") and token in ("\\)", "\\]")


def _nothing(c: Converter, r: Reading, token: str, stop: str) -> bool:
    return False


def _paragraph(c: Converter, r: Reading, token: str, stop: str) -> bool:
    """An empty line ends an equation whose dollar is missing."""
    if stop == "$" and r.depth == 0 and len(r.out) > 4:
        c.g.buf.append(token)
        return True
    r.out.append(" ")
    return False


def _angled(c: Converter, r: Reading, token: str, stop: str) -> bool:
    """semantic's `\\<word>`: a name of a language that the paper describes."""
    buf = c.g.buf
    if len(buf) > 1 and buf[-1].isalnum() and buf[-2] == ">":
        r.put(f"\\mathit{{{buf.pop()}}}")
        buf.pop()
    return False


def _csname(c: Converter, r: Reading, token: str, stop: str) -> bool:
    c.g.buf.append(c.csname_token())
    return False


MathHandler = Callable[["Converter", Reading, str, str], bool]
HANDLERS: dict[str, MathHandler] = {
    "\\begin": _begin,
    "\\end": _end,
    "\\\\": _row,
    "\\tabularnewline": _row,
    "\\newline": _row,
    **dict.fromkeys((*_TEXTS, *_BOXES), _text),
    **dict.fromkeys(
        (
            "\\textcolor",
            "\\colorbox",
            "\\mathcolor",
            "\\ensuremath",
            "\\scalebox",
            "\\resizebox",
            "\\rotatebox",
            "\\raisebox",
            "\\foreignlanguage",
            "\\texorpdfstring",
            "\\hl",
            "\\hyperref",
            "\\lowercase",
            "\\uline",
            "\\sout",
        ),
        _argument_only,
    ),
    **dict.fromkeys(
        (
            "\\footnote",
            "\\footnotemark",
            "\\includegraphics",
            "\\vspace",
            "\\hspace",
            "\\color",
            "\\rule",
            "\\setlength",
            "\\addtolength",
            "\\setcounter",
            "\\fontsize",
            "\\index",
            "\\todo",
            "\\marginpar",
            "\\pagestyle",
        ),
        _drop_arguments,
    ),
    **dict.fromkeys(_PLAIN_ROWS, _plain_rows),
    "\\left": _left,
    "\\right": _right,
    "\\bgroup": _group_word,
    "\\egroup": _group_word,
    "\\)": _dollar_word,
    "\\]": _dollar_word,
    "\\(": _nothing,
    "\\[": _nothing,
    "\\par": _paragraph,
    "\\csname": _csname,
    "\\<": _angled,
    **dict.fromkeys(("\\phantom", "\\hphantom", "\\vphantom"), _phantom),
    **dict.fromkeys(("\\SI", "\\num", "\\si", "\\qty", "\\unit", "\\ang", "\\ce", "\\SIrange"), _quantity),
    **dict.fromkeys(("\\lccode", "\\uccode", "\\mathcode", "\\catcode", "\\sfcode", "\\delcode"), _char_code),
    END_ENVIRONMENT: _nothing,
}
