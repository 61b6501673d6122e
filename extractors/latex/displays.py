"""Where equations stand: inline as `$…$`, displays as `$$…$$`, with their environment where it has a meaning there.

`align` becomes `aligned`, `gather` `gathered`, `eqnarray` an array; one row needs none of them.
"""

# ruff: noqa: ARG001 (handlers share a signature)
from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extractors.latex.math import BLANKS, of_tokens, read, stripped
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
_EDGES = re.compile(r"^(?:\\q?quad(?![A-Za-z])|\\[,;:]|~|\s)+|(?:(?<!\\)(?:\\q?quad|\\[,;:])|~|\s)+$")
_ROWS_AT_HEAD = re.compile(r"\A(?:\\\\\s*+)++")
_ROWS_BACKWARDS = re.compile(r"(?:(?:\\\\)++(?!\\)\s*+)++")
"""Rows' ends from the end of the text on; in an odd number of backslashes the last is another command's."""
_COLUMN = re.compile(r"(?<!\\)&")


def dollar(c: Converter, name: str) -> None:
    if c.g.buf and c.g.buf[-1] == "$":
        c.g.buf.pop()
        write_display(c, read(c, "$$"))
    else:
        _write_inline(c, read(c, "$"))


def inline_math(c: Converter, name: str) -> None:
    _write_inline(c, read(c, "\\)"))


def bracket_math(c: Converter, name: str) -> None:
    write_display(c, read(c, "\\]"))


def ensure_math(c: Converter, name: str) -> None:
    _write_inline(c, of_tokens(c, c.g.arg()))


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
        tex = _rows(_without_empty_rows(tex), inner, head)
    write_display(c, tex, base)


def _rows(rows: str, inner: str, head: str) -> str:
    """The environment around its rows; one row needs none, rows without columns need none for columns."""
    if not rows:
        return ""
    simple = "\\begin" not in rows
    if simple and "\\\\" not in rows:
        return BLANKS.sub(" ", _COLUMN.sub(" ", rows)).strip()
    if simple and inner == "array" and not _COLUMN.search(rows):
        inner, head = "gathered", ""
    return f"\\begin{{{inner}}}{head}\n{rows}\n\\end{{{inner}}}"


def _write_inline(c: Converter, tex: str) -> None:
    c.tag = ""
    tex = stripped(_EDGES.sub("", BLANKS.sub(" ", tex).strip()))
    if not tex:
        return
    pieces = c.w.top.pieces
    while pieces and not pieces[-1]:
        pieces.pop()
    if pieces and len(pieces[-1]) > 2 and pieces[-1][0] == pieces[-1][-1] == "$":
        pieces[-1] = f"{pieces[-1][:-1]} {tex}$"  # `$a$$b$` would read as a display
    else:
        pieces.append(f"${tex}$")


def write_display(c: Converter, tex: str, base: str = "") -> None:
    """A display on its own, with the number its author gave it; in a cell or a line, an inline formula."""
    tag, c.tag = c.tag, ""
    tex = _without_empty_rows(_lines(tex))
    if not tex:
        return
    c.num_equations += 1
    if c.w.top.kind in ("cell", "line"):
        c.write(f" ${tex} $ " if tex.endswith("\\") else f" ${BLANKS.sub(' ', tex)}$ ")
        return
    if tag and (base not in _PER_ROW or "\\\\" not in tex):
        tex += f" {tag}"
    c.w.add(Block("math", f"$${tex}$$" if "\n" not in tex else f"$$\n{tex}\n$$"))


def _without_empty_rows(tex: str) -> str:
    """`tex` without the rows' ends before and after all it holds."""
    tex = tex.strip()
    tex = _ROWS_AT_HEAD.sub("", tex, count=1)
    found = _ROWS_BACKWARDS.match(tex[::-1])
    return tex[: len(tex) - found.end()] if found else tex


def _lines(tex: str) -> str:
    """Rows on lines of their own, blanks one each."""
    lines = [" ".join(line.split(" ")).strip() for line in BLANKS.sub(" ", tex).replace("\\\\ ", "\\\\\n").split("\n")]
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
