"""Conditionals, as far as they can be decided without typesetting; the rest take the branch most papers print.

Reference: The TeXbook, chapter 20; ifthen, etoolbox, xparse. Blind spot: conditions on registers and boxes, which are
taken as zero and empty.
"""

# ruff: noqa: ARG001 (handlers share a signature)
from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extractors.latex.commands import WORDS
from extractors.latex.definitions import Handler
from extractors.latex.gullet import Macro
from extractors.latex.lengths import read_glue
from extractors.latex.tokens import NO_VALUE

if TYPE_CHECKING:
    from extractors.latex.converter import Converter

_TRUE = frozenset({"\\iftrue", "\\ifpdf", "\\ifPDFTeX", "\\ifpdftex", "\\ifhmode"})
PRIMITIVES = frozenset("\\" + word for word in WORDS["conditionals"])


def is_conditional(c: Converter, token: str) -> bool:
    return token.startswith("\\if") and (token in PRIMITIVES or token in c.switches)


def skip(c: Converter, stops: tuple[str, ...]) -> str:
    """Skip to the first of `stops` on this level, which is read too."""
    buf = c.g.buf
    depth = 0
    while buf:
        token = buf.pop()
        if token[0] != "\\":
            continue
        if token == "\\fi":
            if depth == 0:
                return token
            depth -= 1
        elif depth == 0 and token in stops:
            return token
        elif is_conditional(c, token):
            depth += 1
    return ""


def conditional(c: Converter, name: str) -> None:
    """Evaluate; go on in the branch that holds."""
    if name == "\\ifcase":
        value = _number(c)
        while value > 0:
            stopped = skip(c, ("\\or", "\\else"))
            if stopped != "\\or":
                return
            value -= 1
        return
    if not _holds(c, name):
        skip(c, ("\\else",))


def leave(c: Converter, name: str) -> None:
    """`\\else` or `\\or` at the end of the branch that was read."""
    skip(c, ())


def end_if(c: Converter, name: str) -> None:
    """`\\fi` of the branch that was read."""


def _holds(c: Converter, name: str) -> bool:
    buf = c.g.buf
    if name in c.switches:
        return c.switches[name]
    if name in _TRUE:
        return True
    if name == "\\ifmmode":
        return c.in_math > 0
    if name == "\\ifx":
        c.g.skip_blanks()
        first = buf.pop() if buf else ""
        c.g.skip_blanks()
        second = buf.pop() if buf else ""
        return _meaning(c, first) == _meaning(c, second)
    if name == "\\ifdefined":
        c.g.skip_blanks()
        return bool(buf) and c.is_defined(buf.pop())
    if name == "\\ifcsname":
        return c.is_defined(c.csname_token())
    if name in ("\\ifnum", "\\ifdim"):
        return _compare(c)
    if name == "\\ifodd":
        return _number(c) % 2 == 1
    if name in ("\\if", "\\ifcat"):
        first, second = _expanded_token(c), _expanded_token(c)
        return first == second
    if name in ("\\ifvoid", "\\ifhbox", "\\ifvbox", "\\ifeof"):
        read_glue(c)
        return name in ("\\ifvoid", "\\ifeof")
    return False


def _expanded_token(c: Converter) -> str:
    buf = c.g.buf
    for _ in range(1000):
        if not buf:
            return ""
        token = buf.pop()
        macro = c.g.macros.get(token)
        if macro is None:
            if len(token) > 1 and token[0].isalnum():
                buf.append(token[1:])
                return token[0]
            return token
        c.g.expand(macro)
    return ""


def _meaning(c: Converter, token: str) -> object:
    macro = c.g.macros.get(token)
    if macro is None:
        if token[:1] == "\\" and not c.is_defined(token):
            return "undefined"
        return {"\\@empty": (), "\\empty": (), "\\bgroup": "{", "\\egroup": "}", "\\space": (" ",)}.get(token, token)
    if len(macro.body) == 1 and not macro.counts:
        return macro.body[0]
    return tuple(macro.body)


def _number(c: Converter) -> int:
    """A number that TeX would read: digits, a counter, zero for what is not known."""
    buf = c.g.buf
    sign = 1
    for _ in range(200):
        c.g.skip_blanks()
        if not buf:
            return 0
        token = buf.pop()
        if token in ("-", "+"):
            sign = -sign if token == "-" else sign
        elif token[0].isdecimal():
            digits = re.match(r"\d+", token)
            assert digits
            if digits.end() < len(token):
                buf.append(token[digits.end() :])
            elif buf and buf[-1] == " ":
                buf.pop()
            return sign * int(digits[0][:9])
        elif token == "`":
            c.g.arg()
            return 0
        elif token == "\\value":
            return sign * c.numbers.value(c.g.text_arg())
        elif token in ("\\pdfstrcmp", "\\pdf@strcmp", "\\strcmp"):
            first, second = c.g.text_arg(), c.g.text_arg()
            return sign * ((first > second) - (first < second))
        elif token == "\\pdfoutput":
            return 1
        elif token in c.g.macros:
            c.g.expand(c.g.macros[token])
        elif token in ("\\year", "\\z@", "\\@ne", "\\tw@"):
            return {"\\year": 2020, "\\@ne": 1, "\\tw@": 2}.get(token, 0)
        elif token[0] == "\\":
            return 0
        else:
            buf.append(token)
            return 0
    return 0


def _compare(c: Converter) -> bool:
    first = _number(c)
    buf = c.g.buf
    for _ in range(20):  # the unit of a dimension
        c.g.skip_blanks()
        if not buf or buf[-1] in "<>=":
            break
        buf.pop()
    relation = buf.pop() if buf else "="
    second = _number(c)
    return first < second if relation == "<" else first > second if relation == ">" else first == second


def if_then_else(c: Converter, name: str) -> None:
    condition, yes, no = c.g.arg(), c.g.arg(), c.g.arg()
    c.g.push(yes if _test(c, condition) else no)


def _test(c: Converter, tokens: list[str], depth: int = 0) -> bool:
    """ifthen's condition; without brackets, `\\and` and `\\or` are read from the left."""
    tokens = [token for token in tokens if token not in (" ", "\\par")]
    for i, token in enumerate(tokens):
        if token.lower() in ("\\and", "\\or") and depth < 20:
            left, right = _test(c, tokens[:i], depth + 1), _test(c, tokens[i + 1 :], depth + 1)
            return (left and right) if token.lower() == "\\and" else (left or right)
    if tokens and tokens[0].lower() == "\\not" and depth < 20:
        return not _test(c, tokens[1:], depth + 1)
    outer, c.g.buf = c.g.buf, tokens[::-1]
    try:
        if not tokens:
            return False
        first = c.g.buf.pop()
        if first in ("\\equal", "\\strequal"):
            return c.g.text_arg() == c.g.text_arg()
        if first in ("\\boolean", "\\bool", "\\toggle"):
            return c.switches.get("\\if" + c.g.text_arg(), False)
        if first in ("\\isundefined", "\\undefined"):
            return not c.is_defined("".join(c.g.arg()))
        if first == "\\isodd":
            return _number(c) % 2 == 1
        c.g.buf.append(first)
        return _compare(c) if any(token in "<>=" for token in tokens) else False
    finally:
        c.g.buf = outer


def if_undefined(c: Converter, name: str) -> None:
    """`\\@ifundefined{name}{yes}{no}` and etoolbox's `\\ifdef`, `\\ifcsdef` and their opposites."""
    what = c.g.arg()
    yes, no = c.g.arg(), c.g.arg()
    token = what[0] if name in ("\\ifdef", "\\ifundef") and what else "\\" + c.g.text_of(what)
    defined = c.is_defined(token)
    c.g.push(yes if defined == (name in ("\\ifdef", "\\ifcsdef")) else no)


def if_next(c: Converter, name: str) -> None:
    wanted = c.g.arg()
    yes, no = c.g.arg(), c.g.arg()
    c.g.push(yes if wanted and c.g.next_is(wanted[0]) else no)


def if_star(c: Converter, name: str) -> None:
    yes, no = c.g.arg(), c.g.arg()
    c.g.push(yes if c.g.star() else no)


def test_option(c: Converter, name: str) -> None:
    """`\\@testopt{command}{default}`: the default is given where no bracket follows."""
    command, default = c.g.arg(), c.g.arg()
    c.g.push(command if c.g.next_is("[") else [*command, "[", *default, "]"])


def if_value(c: Converter, name: str) -> None:
    value = c.g.arg()
    missing = value == [NO_VALUE]
    wanted = missing if "NoValue" in name else not missing
    _branches(c, name, wanted)


def if_boolean(c: Converter, name: str) -> None:
    _branches(c, name, "\\BooleanTrue" in c.g.arg())


def _branches(c: Converter, name: str, holds: bool) -> None:
    yes = c.g.arg() if name.endswith(("TF", "T")) else []
    no = c.g.arg() if name.endswith("F") else []
    c.g.push(yes if holds else no)


def if_blank(c: Converter, name: str) -> None:
    tokens = c.g.arg()
    yes, no = c.g.arg(), c.g.arg()
    blank = not [token for token in tokens if token not in (" ", NO_VALUE)]
    c.g.push(yes if blank == (name not in ("\\notblank", "\\ifnotblank")) else no)


def if_equal(c: Converter, name: str) -> None:
    same = c.g.text_arg() == c.g.text_arg()
    yes, no = c.g.arg(), c.g.arg()
    c.g.push(yes if same else no)


def if_switch(c: Converter, name: str) -> None:
    holds = c.switches.get("\\if" + c.g.text_arg(), False)
    yes, no = c.g.arg(), c.g.arg()
    c.g.push(yes if holds != (name in ("\\notbool", "\\nottoggle")) else no)


CONDITIONALS: dict[str, Handler] = {
    **dict.fromkeys(PRIMITIVES, conditional),
    "\\else": leave,
    "\\or": leave,
    "\\fi": end_if,
    "\\ifthenelse": if_then_else,
    **dict.fromkeys(("\\@ifundefined", "\\ifdef", "\\ifundef", "\\ifcsdef", "\\ifcsundef"), if_undefined),
    **dict.fromkeys(("\\@ifnextchar", "\\kernel@ifnextchar", "\\@ifnch"), if_next),
    "\\@ifstar": if_star,
    "\\@testopt": test_option,
    **dict.fromkeys(
        (f"\\If{no}Value{branch}" for no in ("No", "") for branch in ("TF", "T", "F")),
        if_value,
    ),
    **dict.fromkeys((f"\\IfBoolean{branch}" for branch in ("TF", "T", "F")), if_boolean),
    **dict.fromkeys(("\\ifblank", "\\ifstrempty", "\\IfBlankTF", "\\notblank"), if_blank),
    **dict.fromkeys(("\\ifstrequal", "\\ifdefstring"), if_equal),
    **dict.fromkeys(("\\ifbool", "\\iftoggle", "\\notbool", "\\nottoggle"), if_switch),
}


def alias(source: str) -> Macro:
    """What `\\let` makes of a command without a macro."""
    return Macro([source], counts=False)
