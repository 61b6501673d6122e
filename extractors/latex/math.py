"""Equations: the author's macros expanded, labels and layout out, standard TeX left that stands by itself.

Environments become what a reader's TeX knows inside `$$…$$`: `align` is `aligned`, `gather` `gathered`, `eqnarray` an
array. Braces, environments and `\\left`…`\\right` come out balanced. Reference: amsmath's user guide, KaTeX's list.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from extractors.latex.commands import WORDS
from extractors.latex.conditions import CONDITIONALS
from extractors.latex.definitions import DEFINITIONS
from extractors.latex.lengths import read_glue
from extractors.latex.links import CITES
from extractors.latex.references import Target
from extractors.latex.tokens import BUILTIN, END_FILE, NO_VALUE, RAW, SOFT_SPACE

if TYPE_CHECKING:
    from extractors.latex.converter import Converter

_TAKES_FIELD = frozenset(WORDS["math_fields"])
"""Commands after which a macro that stands for several tokens needs braces."""
_DROPPED = frozenset(WORDS["math_dropped"])
_GLUE = frozenset(WORDS["math_lengths"])
BLANKS = re.compile(r"\s+")
_DOUBLE_BRACES = re.compile(r"\{(\{(?:[^{}]|\{[^{}]*\})*\})\}")
ESCAPED = re.compile(r"[%#&_$]")


@dataclass(slots=True)
class Reading:
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


def of_tokens(c: Converter, tokens: list[str]) -> str:
    """TeX of an argument that is mathematics."""
    outer, c.g.buf = c.g.buf, tokens[::-1]
    try:
        return read(c, "")
    finally:
        c.g.buf = outer


def read(c: Converter, stop: str, numbered: bool = False, per_row: bool = False) -> str:
    """TeX up to `stop`: `$`, `$$`, `\\\\)`, `\\\\]`, an environment's name, or "" for the end of the tokens."""
    g = c.g
    buf = g.buf
    macros = g.macros
    r = Reading(counts_rows=per_row, numbered=numbered)
    if numbered:
        r.number = c.numbers.step("equation")
        c.refs.here = Target("equation", r.number)
    c.in_math += 1
    handlers = c.math_handlers
    try:
        while buf:
            token = buf.pop()
            macro = macros.get(token)
            if macro is not None:
                g.expand(macro)
                continue
            if token[0] != "\\":
                if token in "{}$^_#~&" and special(c, r, token, stop):
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


def special(c: Converter, r: Reading, token: str, stop: str) -> bool:
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
        _brace_macro(c, True)
    elif token == "#":
        r.put("\\#")
    else:
        r.put(token)
    return False


def _brace_macro(c: Converter, is_script: bool) -> None:
    """Put a macro that comes as a field in braces, with its arguments.

    A script's macro that begins with a letter is left: TeX raises its first letter only.
    """
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
        if is_script:
            simple = not body or body[0][0] != "\\" or len(body) == 1
        else:
            simple = len("".join(body)) == 1 or (len(body) == 1 and body[0][0] == "\\")
        g.push(body if simple else ["{", *body, "}"])
        return


def _command(c: Converter, r: Reading, token: str, stop: str) -> bool:
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
            handler = c.math_handlers.get(name)
            if handler is not None:
                handler(c, r, name, stop)
            else:
                r.put(name)
            g.macros[name] = macro
    elif token.startswith(RAW):
        raw = c.tokenizer.raws[int(token[2:])]
        plain = raw.text.replace("\n", " ").replace("{", "").replace("}", "").replace("\\", "\0")
        r.put("\\text{" + ESCAPED.sub(escape, plain).replace("\0", "\\backslash ") + "}")
    elif token in _DROPPED:
        if token in _GLUE:
            read_glue(c)
    elif token in (NO_VALUE, END_FILE, SOFT_SPACE):
        return True
    elif token in c.switches:
        CONDITIONALS["\\iftrue"](c, token)
    elif token in c.registers:
        read_glue(c)
    elif CITES.fullmatch(token):
        g.star()
        g.opt()
        g.opt()
        g.arg()
    elif token in _TAKES_FIELD:
        r.put(token)
        if g.buf and g.buf[-1] in g.macros:
            _brace_macro(c, False)
    elif token in _SECTIONS_END:
        g.buf.append(token)
        return False
    else:
        r.put(token)
    return True


_SECTIONS_END = frozenset({"\\section", "\\subsection", "\\subsubsection", "\\chapter", "\\item", "\\maketitle"})


def _balanced(c: Converter, r: Reading) -> str:
    if r.rights:
        r.out.append("\\right." * len(r.rights))
    if r.depth > 0:
        r.out.append("}" * r.depth)
    for name in reversed(r.environments):
        r.out.append(f"\\end{{{name}}}")
    if r.counts_rows and r.row_unnumbered and r.numbered:
        c.numbers.values["equation"] = max(0, c.numbers.value("equation") - 1)
    return stripped("".join(r.out))


def stripped(tex: str) -> str:
    """Without blanks at its ends; a control space at the end goes with them."""
    if "{{" in tex:
        tex = _DOUBLE_BRACES.sub(r"\1", _DOUBLE_BRACES.sub(r"\1", tex))
    tex = tex.strip()
    backslashes = len(tex) - len(tex.rstrip("\\"))
    return tex[:-1].rstrip() if backslashes % 2 else tex


def escape(found: re.Match[str]) -> str:
    return "\\" + found[0]


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
