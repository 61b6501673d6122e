"""Commands that define others: `\\newcommand`, `\\def`, `\\let`, `\\NewDocumentCommand`, environments,
theorems, switches.

Each is a function of the converter; all work alike in text, in equations and in preambles. Reference: LaTeX 2e's
usrguide, xparse, amsthm, amsopn. Blind spot: definitions a program writes (`\\@for`, expl3 loops).
"""

# ruff: noqa: ARG001 (handlers share a signature)
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extractors.latex.argument_types import argument_types
from extractors.latex.commands import LAYOUT, PROTECTED, STRUCTURAL
from extractors.latex.gullet import Macro
from extractors.latex.tokens import BUILTIN, SOFT_SPACE

if TYPE_CHECKING:
    from extractors.latex.converter import Converter

ALLOWED_INSIDE = frozenset({"@", "\\@ifnextchar", "\\@ifstar", "\\@empty", "\\@ifundefined", "\\@nameuse", "\\@"})
"""Commands with `@` that this package knows; others are a package's own machinery."""
MAX_SHORTHAND = 30
"""Tokens of a published package's macro that is taken for a shorthand."""
Handler = Callable[["Converter", str], None]


@dataclass(slots=True)
class Environment:
    """An environment the submission defines."""

    begin: Macro
    end: list[str]


@dataclass(slots=True)
class Theorem:
    """A theorem-like environment."""

    name: str
    counter: str
    within: str = ""
    numbered: bool = True


def _name(c: Converter) -> str:
    """The command sequence that comes, with or without braces."""
    c.g.skip_spaces()
    buf = c.g.buf
    if not buf:
        return ""
    token = buf.pop()
    if token == "{":
        inside = [token for token in c.g.group() if token != " "]
        if inside and inside[0] == "\\csname":
            return "\\" + "".join(inside[1:-1])
        token = inside[0] if inside else ""
    if token == "\\csname":
        c.g.push([token])
        return c.csname_token()
    return token


def _define(c: Converter, name: str, macro: Macro, everywhere: bool = False) -> None:
    if not name or (name[0] != "\\" and name != "~") or name in STRUCTURAL or name.startswith("\\\x01"):
        return
    if c.in_package and (name in PROTECTED or c.knows(name) or any(token in LAYOUT for token in macro.body)):
        return
    if c.in_package and any(
        token not in ALLOWED_INSIDE and token not in c.g.macros for token in macro.body if "@" in token
    ):
        return
    if c.in_package == "published" and (len(macro.body) > MAX_SHORTHAND or any("@" in token for token in macro.body)):
        return
    if name in PROTECTED and (len(macro.body) > 40 or any(token in LAYOUT for token in macro.body)):
        return
    if name in macro.body and c.knows(name):
        macro = Macro(
            [BUILTIN + name[1:] if token == name else token for token in macro.body],
            macro.style,
            macro.num_args,
            macro.default,
            macro.pattern,
            macro.types,
        )
    if macro.style == "plain" and _ends_as_formula(macro.body):
        macro = Macro([*macro.body, SOFT_SPACE])
    c.g.define(name, macro, everywhere)


def _ends_as_formula(body: list[str]) -> bool:
    """Whether the macro prints a formula, after which a word's blank is easily forgotten."""
    if body[:2] != ["\\ensuremath", "{"] or body[-1] != "}":
        return body[-1:] == ["$"]
    depth = 0
    for token in body[1:-1]:
        depth += (token == "{") - (token == "}")
        if depth == 0:
            return False
    return True


def new_command(c: Converter, name: str) -> None:
    c.g.star()
    target = _name(c)
    count = c.g.opt()
    default = c.g.opt() if count is not None else None
    number = _number(count)
    body = c.g.arg()
    if name == "\\providecommand" and (target in c.g.macros or c.knows(target)):
        return
    style = "latex" if number else "plain"
    _define(c, target, Macro(body, style, number, default if number else None))


def _number(tokens: list[str] | None) -> int:
    text = "".join(tokens or ()).strip()
    return int(text) if text.isdecimal() and len(text) == 1 else 0


def tex_def(c: Converter, name: str) -> None:
    everywhere = name in ("\\gdef", "\\xdef") or c.take_global()
    target = _name(c)
    pattern: list[str] = []
    buf = c.g.buf
    while buf and buf[-1] != "{":
        token = buf.pop()
        if token == "}" or len(pattern) > 100:
            buf.append(token)
            return
        pattern.append(token)
    if not buf:
        return
    buf.pop()
    body = c.g.group()
    if name in ("\\edef", "\\xdef"):
        body = c.g.expanded(body) if not pattern else body
    while pattern and pattern[-1] == " ":
        pattern.pop()
    _define(c, target, Macro(body, "tex" if pattern else "plain", pattern=tuple(pattern)), everywhere)


def let(c: Converter, name: str) -> None:
    everywhere = c.take_global()
    target = _name(c)
    buf = c.g.buf
    if c.g.next_is("="):
        buf.pop()
        if buf and buf[-1] == " ":
            buf.pop()
    c.g.skip_blanks()
    if not buf:
        return
    source = buf.pop()
    c.let(target, source, everywhere)


def future_let(c: Converter, name: str) -> None:
    target = _name(c)
    buf = c.g.buf
    if len(buf) < 2:
        return
    command = buf.pop()
    c.let(target, buf[-1], False)
    buf.append(command)


def math_operator(c: Converter, name: str) -> None:
    operator = "\\operatorname*" if c.g.star() else "\\operatorname"
    target = _name(c)
    body = c.g.arg()
    _define(c, target, Macro(["\\operatorname", *(["*"] if operator[-1] == "*" else []), "{", *body, "}"]))


def paired_delimiter(c: Converter, name: str) -> None:
    """`\\abs{x}`, `\\abs*{x}`, `\\abs[\\big]{x}` become their delimiters around the argument."""
    target = _name(c)
    types: list[tuple[str, list[str]]] = [("s", []), ("o", [])]
    inner = ["#3"]
    if name.endswith(("X", "XPP")):
        number = _number(c.g.opt()) or 1
        before = c.g.arg() if name.endswith("XPP") else []
        left, right = c.g.arg(), c.g.arg()
        after = c.g.arg() if name.endswith("XPP") else []
        shifted = [f"#{int(token[1]) + 2}" if _is_parameter(token) else token for token in c.g.arg()]
        before, after = ([f"#{int(t[1]) + 2}" if _is_parameter(t) else t for t in part] for part in (before, after))
        inner = [token for token in shifted if token != "\\delimsize"]
    else:
        number, before, after = 1, [], []
        left, right = c.g.arg(), c.g.arg()
    types += [("m", [])] * number
    stretched = [*before, "\\left", *(left or ["."]), *inner, "\\right", *(right or ["."]), *after]
    sized = [*before, "#2", *left, *inner, "#2", *right, *after]
    plain = [*before, *left, *inner, *right, *after]
    body = ["\\IfBooleanTF", "{", "#1", "}", "{", *stretched, "}"]
    body += ["{", "\\IfNoValueTF", "{", "#2", "}", "{", *plain, "}", "{", *sized, "}", "}"]
    _define(c, target, Macro(body, "xparse", types=tuple(types)))


def _is_parameter(token: str) -> bool:
    return len(token) == 2 and token[0] == "#" and token[1].isdecimal()


def document_command(c: Converter, name: str) -> None:
    target = _name(c)
    types = argument_types(c.g.arg())
    body = c.g.arg()
    if name.startswith("\\Provide") and (target in c.g.macros or c.knows(target)):
        return
    _define(c, target, Macro(body, "xparse" if types else "plain", types=types))


def document_environment(c: Converter, name: str) -> None:
    target = c.g.text_arg()
    types = argument_types(c.g.arg())
    begin, end = c.g.arg(), c.g.arg()
    _environment(c, target, Macro(begin, "xparse" if types else "plain", types=types), end)


def new_environment(c: Converter, name: str) -> None:
    c.g.star()
    target = c.g.text_arg()
    count = c.g.opt()
    default = c.g.opt() if count is not None else None
    number = _number(count)
    begin, end = c.g.arg(), c.g.arg()
    _environment(c, target, Macro(begin, "latex" if number else "plain", number, default if number else None), end)


def _environment(c: Converter, target: str, begin: Macro, end: list[str]) -> None:
    if not target or c.knows_environment(target):
        return
    if c.in_package and any(token in LAYOUT or "@" in token for token in (*begin.body, *end)):
        return
    c.environments[target] = Environment(begin, end)


def new_theorem(c: Converter, name: str) -> None:
    starred = c.g.star()
    target = c.g.text_arg()
    shared = c.g.opt()
    title = c.g.arg()
    within = c.g.opt()
    if not target or target == "proof":
        return
    counter = c.g.text_of(shared) if shared else target
    theorem = Theorem(c.inline(title), counter, c.g.text_of(within) if within else "", not starred)
    c.environments.pop(target, None)
    c.theorems[target] = theorem


def declare_theorem(c: Converter, name: str) -> None:
    """thmtools: the title and counter stand in the options."""
    options = c.g.opt()
    targets = c.g.text_arg().split(",")
    after = c.g.opt()
    stated = {
        key.strip(): value.strip().strip("{}")
        for key, _, value in (part.partition("=") for part in c.g.text_of(options or after or []).split(","))
    }
    for target in map(str.strip, targets):
        counter = stated.get("sibling") or stated.get("numberlike") or stated.get("sharenumber") or target
        title = stated.get("name") or stated.get("title") or target.capitalize()
        within = stated.get("parent") or stated.get("within") or stated.get("numberwithin") or ""
        if target:
            c.theorems[target] = Theorem(title, counter, within, stated.get("numbered") != "no")


def sp_theorem(c: Converter, name: str) -> None:
    """svjour, llncs: `\\spnewtheorem{name}[counter]{Title}[within]{font}{font}`."""
    new_theorem(c, name)
    c.g.arg()
    c.g.arg()


def new_if(c: Converter, name: str) -> None:
    target = _name(c)
    if target.startswith("\\if"):
        c.switches[target] = False


def new_register(c: Converter, name: str) -> None:
    target = _name(c)
    if len(target) > 1 and target[0] == "\\" and not c.knows(target):
        c.registers.add(target)


def new_name(c: Converter, name: str) -> None:
    """`\\newcounter{x}[within]`, `\\newlength{\\x}`, …: a name and no text."""
    target = _name(c) if name in ("\\newlength", "\\newsavebox") else c.g.text_arg()
    c.g.opt()
    if name in ("\\newlength", "\\newsavebox") and len(target) > 1:
        c.registers.add(target)
    elif name in ("\\newbool", "\\newtoggle", "\\newboolean", "\\providebool", "\\providetoggle"):
        c.switches["\\if" + target] = False


def set_switch(c: Converter, name: str) -> None:
    """`\\setboolean{x}{true}`, `\\booltrue{x}`, …"""
    target = "\\if" + c.g.text_arg()
    if name.endswith("true"):
        c.switches[target] = True
    elif name.endswith("false"):
        c.switches[target] = False
    else:
        c.switches[target] = c.g.text_arg() == "true"


def named_def(c: Converter, name: str) -> None:
    """`\\@namedef{x}…`: `\\def` of a name made of text."""
    c.g.buf.append("\\" + c.g.text_arg())
    tex_def(c, "\\def")


def prefix(c: Converter, name: str) -> None:
    """`\\global` before a definition."""
    c.global_next = True


def nothing(c: Converter, name: str) -> None:
    return


DEFINITIONS: dict[str, Handler] = {
    **dict.fromkeys(
        ("\\newcommand", "\\renewcommand", "\\providecommand", "\\DeclareRobustCommand", "\\newrobustcmd"), new_command
    ),
    **dict.fromkeys(("\\renewrobustcmd", "\\DeclareMathCommand", "\\robustify@command"), new_command),
    **dict.fromkeys(("\\def", "\\edef", "\\gdef", "\\xdef", "\\protected@edef"), tex_def),
    "\\let": let,
    "\\futurelet": future_let,
    "\\@namedef": named_def,
    "\\DeclareMathOperator": math_operator,
    **dict.fromkeys(
        ("\\DeclarePairedDelimiter", "\\DeclarePairedDelimiterX", "\\DeclarePairedDelimiterXPP"), paired_delimiter
    ),
    **dict.fromkeys(
        (
            "\\NewDocumentCommand",
            "\\RenewDocumentCommand",
            "\\ProvideDocumentCommand",
            "\\DeclareDocumentCommand",
            "\\NewExpandableDocumentCommand",
        ),
        document_command,
    ),
    **dict.fromkeys(
        ("\\NewDocumentEnvironment", "\\RenewDocumentEnvironment", "\\DeclareDocumentEnvironment"),
        document_environment,
    ),
    **dict.fromkeys(("\\newenvironment", "\\renewenvironment"), new_environment),
    **dict.fromkeys(("\\newtheorem", "\\newshadetheorem", "\\newmdtheoremenv", "\\newproof"), new_theorem),
    "\\declaretheorem": declare_theorem,
    "\\spnewtheorem": sp_theorem,
    "\\spdefaulttheorem": sp_theorem,
    "\\newif": new_if,
    **dict.fromkeys(("\\newdimen", "\\newskip", "\\newcount", "\\newtoks", "\\newbox", "\\newmuskip"), new_register),
    **dict.fromkeys(("\\newlength", "\\newsavebox", "\\newcounter", "\\newbool", "\\newtoggle"), new_name),
    **dict.fromkeys(("\\newboolean", "\\providebool", "\\providetoggle"), new_name),
    **dict.fromkeys(
        ("\\setboolean", "\\setbool", "\\booltrue", "\\boolfalse", "\\toggletrue", "\\togglefalse"), set_switch
    ),
    "\\global": prefix,
    "\\long": nothing,
    "\\outer": nothing,
    "\\protected": nothing,
}
