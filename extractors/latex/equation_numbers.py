"""Numbers, labels and references inside equations.

What LaTeX would count is left out; a number the author states stays as `\\tag`, because the text around it names it.
"""

# ruff: noqa: ARG001 (handlers share a signature)
from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extractors.latex.math import Reading
from extractors.latex.references import Target

if TYPE_CHECKING:
    from extractors.latex.converter import Converter
    from extractors.latex.math_commands import MathHandler

_PLAIN_NUMBER = re.compile(r"(?=.*[\w*†‡′])[\w*†‡′.,:' -]{1,20}")
_REFERENCES = ("\\ref", "\\eqref", "\\cref", "\\Cref", "\\autoref", "\\pageref")


def _unnumbered(c: Converter, r: Reading, token: str, stop: str) -> bool:
    if not r.environments:
        r.row_unnumbered = True
    return False


def _label(c: Converter, r: Reading, token: str, stop: str) -> bool:
    c.refs.label(c.g.text_arg())
    return False


def _tag(c: Converter, r: Reading, token: str, stop: str) -> bool:
    g = c.g
    starred = g.star()
    if g.buf and g.buf[-1] != "{" and not c.in_body:
        return False
    _state_number(c, c.inline(g.arg()), starred)
    r.row_unnumbered = True
    return False


def _eqno(c: Converter, r: Reading, token: str, stop: str) -> bool:
    """`\\eqno(3)`: all up to the equation's end is its number."""
    g = c.g
    number: list[str] = []
    keys: list[str] = []
    while g.buf and g.buf[-1] not in ("$", "\\]", "\\end", "\\cr"):
        following = g.buf.pop()
        if following == "\\label":
            keys.append(g.text_arg())
        elif following == "{":
            number += g.group()
        else:
            number.append(following)
    text = c.inline(number)
    _state_number(c, text, not text.startswith("("))
    for key in keys:
        c.refs.label(key)
    return False


def _state_number(c: Converter, text: str, bare: bool) -> None:
    """The number the author gives an equation, which the text around it may name."""
    number = text.strip("()$ ")
    if number:
        c.refs.here = Target("equation", number)
    if _PLAIN_NUMBER.fullmatch(number):
        c.tag = f"\\tag{'*' if bare else ''}{{{number}}}"


def _reference(c: Converter, r: Reading, token: str, stop: str) -> bool:
    c.g.star()
    r.put(c.refs.mark("eqref" if token == "\\eqref" else "ref", [c.g.text_arg()]))
    return False


HANDLERS: dict[str, MathHandler] = {
    **dict.fromkeys(("\\nonumber", "\\notag"), _unnumbered),
    "\\label": _label,
    "\\tag": _tag,
    **dict.fromkeys(("\\eqno", "\\leqno"), _eqno),
    **dict.fromkeys(_REFERENCES, _reference),
}
