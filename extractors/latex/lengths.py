"""Lengths and numbers that TeX reads after a command without braces: read over, nothing is typeset here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extractors.latex.converter import Converter

_UNIT = re.compile(r"\d*(?:true)?(?:pt|pc|in|bp|cm|mm|dd|cc|sp|em|ex|mu|fil{1,3}|px)?")


def read_glue(c: Converter) -> None:
    """Read over `=2.5cm plus 1fil minus \\x`."""
    g = c.g
    if g.next_is("="):
        g.buf.pop()
    for _ in range(3):
        _dimension(c)
        g.skip_blanks()
        if g.buf and g.buf[-1] in ("plus", "minus", "by"):
            g.buf.pop()
        else:
            break


def _dimension(c: Converter) -> None:
    buf = c.g.buf
    c.g.skip_blanks()
    seen = False
    for _ in range(12):
        if not buf:
            return
        token = buf[-1]
        if token[0] == "\\" and token[-1].isalpha():
            if token in ("\\par", "\\begin", "\\end") or (token in c.handlers and token != "\\the"):
                return
            buf.pop()
            return
        if (token in ("-", "+", ".", ",", "--") and not seen) or (
            token in (".", ",") and len(buf) > 1 and buf[-2][0].isdigit()
        ):
            buf.pop()
        elif token[0].isdigit() or (seen and token[0].isalpha()):
            found = _UNIT.match(token)
            length = found.end() if found else 0
            if not length:
                return
            buf.pop()
            if length < len(token):
                buf.append(token[length:])
            seen = True
            if not token[length - 1].isdigit():
                return
        elif token == " " and seen and len(buf) > 1 and _UNIT.fullmatch(buf[-2]) and not buf[-2][0].isdigit():
            buf.pop()
        else:
            return


def read_char_code(c: Converter) -> None:
    """Read over `` `\\~=`\\| `` or `` `|="8000 `` after `\\lccode` and its like."""
    g = c.g
    for _ in range(2):
        g.skip_blanks()
        if g.buf and g.buf[-1] == "`":
            del g.buf[-2:]
        else:
            while g.buf and g.buf[-1] in ("\\string", '"', "'"):
                g.buf.pop()
            _dimension(c)
        if g.next_is("="):
            g.buf.pop()
