"""Equations: the author's macros expanded, labels and layout out, standard TeX left that stands by itself.

Environments become what a reader's TeX knows inside `$$…$$`: `align` is `aligned`, `gather` `gathered`, `eqnarray` an
array. Braces, environments and `\\left`…`\\right` come out balanced. Reference: amsmath's user guide, KaTeX's list.
"""

# ruff: noqa: ARG001 (handlers share a signature)
from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from extractors.latex.commands import SPECS
from extractors.latex.conditions import CONDITIONALS
from extractors.latex.definitions import DEFINITIONS
from extractors.latex.references import Target
from extractors.latex.tokens import BUILTIN, END_ENVIRONMENT, END_FILE, NO_VALUE, RAW
from extractors.latex.writer import Block

if TYPE_CHECKING:
    from extractors.latex.converter import Converter

DISPLAYS = {
    "equation": "",
    "displaymath": "",
    "math": "",
    "dmath": "",
    "dgroup": "",
    "multline": "gathered",
    "gather": "gathered",
    "align": "aligned",
    "flalign": "aligned",
    "alignat": "alignedat",
    "xalignat": "alignedat",
    "xxalignat": "alignedat",
    "eqnarray": "array",
    "IEEEeqnarray": "array",
    "aligneq": "aligned",
}
"""Environment of an equation → what it is inside `$$`."""
_UNNUMBERED = frozenset({"displaymath", "math", "xxalignat"})
_PER_ROW = frozenset({"gather", "align", "flalign", "alignat", "xalignat", "eqnarray", "IEEEeqnarray"})
_TAKES_FIELD = frozenset(
    "^ _ \\frac \\dfrac \\tfrac \\sqrt \\hat \\bar \\vec \\tilde \\dot \\ddot \\widehat \\widetilde \\overline \\underline "
    "\\binom \\mathbf \\mathrm \\mathcal \\mathbb \\mathfrak \\mathsf \\mathit \\mathtt \\mathscr \\boldsymbol \\bm "
    "\\overrightarrow \\overleftarrow \\overbrace \\underbrace \\check \\breve \\acute \\grave \\operatorname \\cfrac "
    "\\bf \\rm \\xrightarrow \\overset \\underset \\stackrel \\pmb".split()
)
"""Commands after which a macro that stands for several tokens needs braces."""
_BOXES = {"\\hbox": "\\text", "\\mbox": "\\text", "\\vbox": "\\text", "\\textnormal": "\\text", "\\textup": "\\text"}
_TEXTS = frozenset(
    "\\text \\textrm \\textit \\textbf \\textsf \\texttt \\textsc \\textsl \\textmd \\emph \\intertext "
    "\\shortintertext \\fbox \\framebox \\makebox \\parbox".split()
)
_DROPPED = frozenset(
    "\\nonumber \\notag \\protect \\relax \\null \\unskip \\/ \\@ \\xspace \\par \\noindent \\centering \\displaylimits "
    "\\allowbreak \\nobreak \\nolinebreak \\linebreak \\pagebreak \\newpage \\allowdisplaybreaks \\hfill \\hfil "
    "\\vfill \\footnotesize \\small \\scriptsize \\tiny \\normalsize \\large \\Large \\LARGE \\huge \\Huge \\noalign \\begingroup "
    "\\endgroup \\leavevmode \\hss \\qedhere \\qed \\ignorespaces \\mathsurround \\strut \\normalfont \\unboldmath "
    "\\boldmath \\hskip \\vskip \\openup \\break \\goodbreak \\smallskip \\medskip \\bigskip \\raggedright \\fi \\MoveEqLeft "
    "\\sloppy \\indent \\- \\singlespacing \\doublespacing \\samepage \\ignorespacesafterend \\hsize \\parskip \\nonscript \\hline@ \\expandafter \\noexpand".split()
)
_GLUE = frozenset("\\hsize \\parskip \\hskip \\vskip \\kern \\mkern \\mskip \\raise \\lower \\openup \\moveleft \\moveright".split())
_CITES = re.compile(r"\\(?:no|paren|text|auto|foot|full|online)?[cC]ite[a-z]*\*?")
_REFS = frozenset({"\\ref", "\\eqref", "\\cref", "\\Cref", "\\autoref", "\\pageref"})
_INNER = {"align": "aligned", "gather": "gathered", "eqnarray": "aligned", "multline": "gathered", "equation": ""}
_PICTURES = frozenset({"tikzpicture", "picture", "pspicture", "pgfpicture", "tikzpicture*", "overpic", "pspicture*"})
_PLAIN_ROWS = {"\\eqalign": "aligned", "\\displaylines": "gathered", "\\eqalignno": "aligned", "\\leqalignno": "aligned"}
_BLANKS = re.compile(r"\s+")
_EDGES = re.compile(r"^(?:\\q?quad(?![A-Za-z])|\\[,;:]|~|\s)+|(?:(?<!\\)(?:\\q?quad|\\[,;:])|~|\s)+$")
_DOUBLE_BRACES = re.compile(r"\{(\{(?:[^{}]|\{[^{}]*\})*\})\}")
_COLUMN = re.compile(r"(?<!\\)&")
_MATH_IN_TEXT = re.compile(r"(\$[^$]+\$)")
_ESCAPED = re.compile(r"[%#&_$]")
_EMPTY_ROWS = re.compile(r"^(?:\\\\\s*)+|(?:\s*\\\\)+$")


@dataclass(slots=True)
class _Reading:
    """One equation being read."""

    out: list[str] = field(default_factory=list)
    after_word: bool = False
    depth: int = 0
    environments: list[str] = field(default_factory=list)
    rights: list[int] = field(default_factory=list)
    """Brace depth at each `\\left` that is open."""
    counts_rows: bool = False
    numbered: bool = False
    number: str = ""
    row_unnumbered: bool = False
    tagged: bool = False

    def put(self, token: str) -> None:
        out = self.out
        if self.after_word and (token[0].isalpha() or token[0] == "@"):
            out.append(" ")
        out.append(token)
        self.after_word = token[0] == "\\" and token[-1].isalpha()

    def take_back(self, length: int) -> str:
        text = "".join(self.out[length:])
        del self.out[length:]
        return text


def dollar(c: Converter, name: str) -> None:
    if c.g.buf and c.g.buf[-1] == "$":
        c.g.buf.pop()
        _write_display(c, read(c, "$$"), "")
    else:
        _write_inline(c, read(c, "$"))


def inline_math(c: Converter, name: str) -> None:
    _write_inline(c, read(c, "\\)"))


def bracket_math(c: Converter, name: str) -> None:
    _write_display(c, read(c, "\\]"), "")


def ensure_math(c: Converter, name: str) -> None:
    _write_inline(c, of_tokens(c, c.g.arg()))
    buf = c.g.buf
    if buf and buf[-1].isalpha() and len(buf[-1]) > 3:
        c.write(" ")  # the blank after the macro's name that its author forgot


def display_environment(c: Converter, name: str) -> None:
    """`\\begin{equation}` and its like; the name has been read."""
    base = name.rstrip("*")
    inner = DISPLAYS[base]
    head = ""
    if inner == "alignedat":
        head = "{" + c.g.text_arg() + "}"
    elif base == "IEEEeqnarray":
        c.g.opt()
        head = "{" + "".join(char for char in c.g.text_arg() if char in "lcr") + "}"
    elif base in ("gather", "align", "equation", "multline") and c.g.next_is("["):
        c.g.opt()
    numbered = name == base and base not in _UNNUMBERED
    tex = read(c, name, numbered, base in _PER_ROW)
    if base == "math":
        _write_inline(c, tex)
        return
    if base == "eqnarray":
        head = "{rcl}"
    if inner and tex:
        tex = _rows(_EMPTY_ROWS.sub("", tex).strip(), inner, head)
    _write_display(c, tex, base)


def _rows(rows: str, inner: str, head: str) -> str:
    """The environment around its rows; one row needs none, rows without columns need none for columns."""
    if not rows:
        return ""
    simple = "\\begin" not in rows
    if simple and "\\\\" not in rows:
        return _BLANKS.sub(" ", _COLUMN.sub(" ", rows)).strip()
    if simple and inner == "array" and not _COLUMN.search(rows):
        inner, head = "gathered", ""
    return f"\\begin{{{inner}}}{head}\n{rows}\n\\end{{{inner}}}"


def of_tokens(c: Converter, tokens: list[str]) -> str:
    """TeX of an argument that is mathematics."""
    outer, c.g.buf = c.g.buf, tokens[::-1]
    try:
        return read(c, "")
    finally:
        c.g.buf = outer


def _write_inline(c: Converter, tex: str) -> None:
    tex = _stripped(_EDGES.sub("", _BLANKS.sub(" ", tex).strip()))
    if not tex:
        return
    pieces = c.w.top.pieces
    while pieces and not pieces[-1]:
        pieces.pop()
    if pieces and len(pieces[-1]) > 2 and pieces[-1][0] == pieces[-1][-1] == "$":
        pieces[-1] = f"{pieces[-1][:-1]} {tex}$"  # `$a$$b$` would read as a display
    else:
        pieces.append(f"${tex}$")


def _write_display(c: Converter, tex: str, base: str) -> None:
    tex = _lines(tex)
    if not tex:
        return
    c.num_equations += 1
    if c.w.top.kind in ("cell", "line"):
        c.write(f" ${tex} $ " if tex.endswith("\\") else f" ${_BLANKS.sub(' ', tex)}$ ")
        return
    c.w.add(Block("math", f"$${tex}$$" if "\n" not in tex else f"$$\n{tex}\n$$"))


def _lines(tex: str) -> str:
    """Rows on lines of their own, blanks one each."""
    lines = [" ".join(line.split(" ")).strip() for line in _BLANKS.sub(" ", tex).replace("\\\\ ", "\\\\\n").split("\n")]
    tex = "\n".join(line for line in lines if line)
    for environment in ("aligned", "gathered", "alignedat", "array"):
        if tex.startswith("\\begin{" + environment):
            head = tex.index("}") + 1
            if environment in ("alignedat", "array"):
                head = tex.index("}", head) + 1
            tail = f"\\end{{{environment}}}"
            if tex.endswith(tail):
                body = tex[head : -len(tail)].strip()
                return f"{tex[:head]}\n{body}\n{tail}"
    return tex


def read(c: Converter, stop: str, numbered: bool = False, per_row: bool = False) -> str:
    """TeX up to `stop`: `$`, `$$`, `\\\\)`, `\\\\]`, an environment's name, or "" for the end of the tokens."""
    g = c.g
    buf = g.buf
    macros = g.macros
    r = _Reading(counts_rows=per_row, numbered=numbered)
    if numbered:
        r.number = c.numbers.step("equation")
        c.refs.here = Target("equation", r.number)
    c.in_math += 1
    handlers = HANDLERS
    try:
        while buf:
            token = buf.pop()
            macro = macros.get(token)
            if macro is not None:
                g.expand(macro)
                continue
            if token[0] != "\\":
                if token in "{}$^_#~&" and _special(c, r, token, stop):
                    break
                if token not in "{}$^_#~&":
                    r.put(token)
                continue
            if token == stop:
                break
            handler = handlers.get(token)
            if handler is not None:
                if handler(c, r, token, stop):
                    break
            elif not _command(c, r, token, stop):
                break
        return _balanced(c, r)
    finally:
        c.in_math -= 1


def _special(c: Converter, r: _Reading, token: str, stop: str) -> bool:
    """A character with a meaning; whether the equation ends with it."""
    buf = c.g.buf
    if token == "{":
        r.depth += 1
        r.put(token)
    elif token == "}":
        if r.depth == 0:
            if stop == "":
                return False
            buf.append(token)
            return True
        r.depth -= 1
        r.put(token)
    elif token == "$":
        if stop == "$" and (r.depth == 0 or not r.environments):
            return True
        if stop == "$$" and buf and buf[-1] == "$":
            buf.pop()
            return True
        if stop not in ("$", "$$"):
            return False
        if stop == "$$" and r.depth == 0:
            return True
    elif token in "^_":
        r.put(token)
        _brace_macro(c)
    elif token == "#":
        r.put("\\#")
    else:
        r.put(token)
    return False


def _brace_macro(c: Converter) -> None:
    """Put a macro that comes as a field in braces, with its arguments."""
    g = c.g
    g.skip_blanks()
    if not g.buf:
        return
    for _ in range(50):
        macro = g.macros.get(g.buf[-1]) if g.buf else None
        if macro is None:
            return
        g.buf.pop()
        body = g.replaced(macro.body, g.arguments(macro))
        g.num_expansions += 1
        if len(body) == 1 and body[0] in g.macros:
            g.push(body)
            continue
        simple = len(body) == 1 or (body and body[0] == "{" and body[-1] == "}" and "}" not in body[:-1])
        g.push(body if simple else ["{", *body, "}"])
        return


def _command(c: Converter, r: _Reading, token: str, stop: str) -> bool:
    """A control sequence without a handler; False where the equation ends before it."""
    g = c.g
    definition = DEFINITIONS.get(token) or CONDITIONALS.get(token)
    if definition is not None:
        definition(c, token)
    elif token.startswith(BUILTIN):
        g.buf.append("\\" + token[2:])
        macro = g.macros.pop("\\" + token[2:], None)
        if macro is not None:  # its own meaning, once
            name = g.buf.pop()
            handler = HANDLERS.get(name)
            if handler is not None:
                handler(c, r, name, stop)
            else:
                r.put(name)
            g.macros[name] = macro
    elif token.startswith(RAW):
        raw = c.tokenizer.raws[int(token[2:])]
        plain = raw.text.replace("\n", " ").replace("{", "").replace("}", "").replace("\\", "\0")
        r.put("\\text{" + _ESCAPED.sub(_escape, plain).replace("\0", "\\backslash ") + "}")
    elif token in _DROPPED:
        if token in _GLUE:
            c.read_glue()
    elif token in (NO_VALUE, END_FILE):
        return True
    elif token in c.switches:
        CONDITIONALS["\\iftrue"](c, token)
    elif token in c.registers:
        c.read_glue()
    elif _CITES.fullmatch(token):
        g.opt()
        g.opt()
        g.arg()
    elif token in _TAKES_FIELD:
        r.put(token)
        if g.buf and g.buf[-1] in g.macros:
            _brace_macro(c)
    elif token in _SECTIONS_END:
        g.buf.append(token)
        return False
    else:
        r.put(token)
    return True


_SECTIONS_END = frozenset({"\\section", "\\subsection", "\\subsubsection", "\\chapter", "\\item", "\\maketitle"})


def _balanced(c: Converter, r: _Reading) -> str:
    if r.rights:
        r.out.append("\\right." * len(r.rights))
    if r.depth > 0:
        r.out.append("}" * r.depth)
    for name in reversed(r.environments):
        r.out.append(f"\\end{{{name}}}")
    if r.counts_rows and r.row_unnumbered and r.numbered:
        c.numbers.values["equation"] = max(0, c.numbers.value("equation") - 1)
    return _stripped("".join(r.out))


def _stripped(tex: str) -> str:
    """Without blanks at its ends; a control space at the end goes with them."""
    if "{{" in tex:
        tex = _DOUBLE_BRACES.sub(r"\1", _DOUBLE_BRACES.sub(r"\1", tex))
    tex = tex.strip()
    backslashes = len(tex) - len(tex.rstrip("\\"))
    return tex[:-1].rstrip() if backslashes % 2 else tex


# Commands inside equations: each says whether the equation ends.


def _begin(c: Converter, r: _Reading, token: str, stop: str) -> bool:
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
        if not found:
            break
        spec = spec[: found.start()] + found[2] * int(found[1]) + spec[found.end() :]
    spec = re.sub(r"[pmb]\{[^{}]*\}", "l", spec)
    return "".join(char for char in spec if char in "lcr|") or "c"


def _end(c: Converter, r: _Reading, token: str, stop: str) -> bool:
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


def _row(c: Converter, r: _Reading, token: str, stop: str) -> bool:
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


def _unnumbered(c: Converter, r: _Reading, token: str, stop: str) -> bool:
    if not r.environments:
        r.row_unnumbered = True
    return False


def _label(c: Converter, r: _Reading, token: str, stop: str) -> bool:
    c.refs.label(c.g.text_arg())
    return False


def _tag(c: Converter, r: _Reading, token: str, stop: str) -> bool:
    g = c.g
    g.star()
    if g.buf and g.buf[-1] != "{" and not c.in_body:
        return False
    number = c.inline(g.arg()).strip("()$")
    c.refs.here = Target("equation", number)
    r.row_unnumbered = True
    return False


def _eqno(c: Converter, r: _Reading, token: str, stop: str) -> bool:
    """`\\eqno(3)`: all up to the equation's end is its number."""
    g = c.g
    while g.buf and g.buf[-1] not in ("$", "\\]", "\\end", "\\cr"):
        following = g.buf.pop()
        if following == "\\label":
            c.refs.label(g.text_arg())
        elif following == "{":
            g.group()
    return False


def _reference(c: Converter, r: _Reading, token: str, stop: str) -> bool:
    c.g.star()
    r.put(c.refs.mark("eqref" if token == "\\eqref" else "ref", [c.g.text_arg()]))
    return False


def _text(c: Converter, r: _Reading, token: str, stop: str) -> bool:
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
            out.append(f"{name}{{{_ESCAPED.sub(_escape, plain)}}}")
    return "".join(out)


def _char_code(c: Converter, r: _Reading, token: str, stop: str) -> bool:
    c.read_char_code()
    return False


def _escape(found: re.Match[str]) -> str:
    return "\\" + found[0]


def _argument_only(c: Converter, r: _Reading, token: str, stop: str) -> bool:
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


def _phantom(c: Converter, r: _Reading, token: str, stop: str) -> bool:
    """Blank space of a formula's size; a field keeps its place."""
    c.g.arg()
    if r.out and r.out[-1] in ("^", "_"):
        r.put("{}")
    return False


def _quantity(c: Converter, r: _Reading, token: str, stop: str) -> bool:
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


def _drop_arguments(c: Converter, r: _Reading, token: str, stop: str) -> bool:
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


def _left(c: Converter, r: _Reading, token: str, stop: str) -> bool:
    r.rights.append(r.depth)
    r.put(token)
    return False


def _right(c: Converter, r: _Reading, token: str, stop: str) -> bool:
    if r.rights:
        r.rights.pop()
        r.put(token)
    return False


def _plain_rows(c: Converter, r: _Reading, token: str, stop: str) -> bool:
    """Plain TeX's `\\eqalign{…\\cr …}` as an environment."""
    name = _PLAIN_ROWS[token]
    body = c.g.arg()
    while body and body[-1] in (" ", "\\cr", "\\par"):
        body = body[:-1]
    opened = [token for char in f"\\begin {{ {name} }}".split() for token in (char,)]
    closed = [token for char in f"\\end {{ {name} }}".split() for token in (char,)]
    c.g.push([*opened, *("\\\\" if token == "\\cr" else token for token in body), *closed])
    return False


def _group_word(c: Converter, r: _Reading, token: str, stop: str) -> bool:
    return _special(c, r, "{" if token == "\\bgroup" else "}", stop)


def _dollar_word(c: Converter, r: _Reading, token: str, stop: str) -> bool:
    """`\\)` or `\\]` that closes something else."""
    return stop in ("$", "$$", "\\)", "\\]") and token in ("\\)", "\\]")


def _nothing(c: Converter, r: _Reading, token: str, stop: str) -> bool:
    return False


def _paragraph(c: Converter, r: _Reading, token: str, stop: str) -> bool:
    """An empty line ends an equation whose dollar is missing."""
    if stop == "$" and r.depth == 0 and len(r.out) > 4:
        c.g.buf.append(token)
        return True
    r.out.append(" ")
    return False


def _csname(c: Converter, r: _Reading, token: str, stop: str) -> bool:
    c.g.buf.append(c.csname_token())
    return False


def _own_end(c: Converter, r: _Reading, token: str, stop: str) -> bool:
    c.g.buf.append(token)
    return True


def skip_environment(c: Converter, name: str) -> list[str]:
    """Read over an environment whose `\\begin` has been read; what it holds."""
    buf = c.g.buf
    depth = 0
    wanted = list(_name_tokens(name))
    for i in range(len(buf) - 1, -1, -1):
        token = buf[i]
        if token not in ("\\begin", "\\end"):
            continue
        k = i - 1
        while k >= 0 and buf[k] == " ":
            k -= 1
        if k - len(wanted) - 1 < 0 or buf[k] != "{" or buf[k - len(wanted) : k][::-1] != wanted:
            continue
        if buf[k - len(wanted) - 1] != "}":
            continue
        depth += 1 if token == "\\begin" else -1
        if depth < 0:
            found = buf[i + 1 :]
            del buf[k - len(wanted) - 1 :]
            found.reverse()
            return found
    return []


def _name_tokens(name: str) -> list[str]:
    return re.findall(r"[A-Za-z0-9\u0080-\U0010ffff]+|.", name)


HANDLERS = {
    "\\begin": _begin,
    "\\end": _end,
    "\\\\": _row,
    "\\tabularnewline": _row,
    "\\newline": _row,
    "\\nonumber": _unnumbered,
    "\\notag": _unnumbered,
    "\\label": _label,
    "\\tag": _tag,
    "\\eqno": _eqno,
    "\\leqno": _eqno,
    **dict.fromkeys(_REFS, _reference),
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
            "\\hyperlink@",
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
    **dict.fromkeys(("\\phantom", "\\hphantom", "\\vphantom"), _phantom),
    **dict.fromkeys(("\\SI", "\\num", "\\si", "\\qty", "\\unit", "\\ang", "\\ce", "\\SIrange"), _quantity),
    **dict.fromkeys(("\\lccode", "\\uccode", "\\mathcode", "\\catcode", "\\sfcode", "\\delcode"), _char_code),
    END_ENVIRONMENT: _nothing,
}

__all__ = ["DISPLAYS", "SPECS", "display_environment", "ensure_math", "of_tokens", "read", "skip_environment"]
