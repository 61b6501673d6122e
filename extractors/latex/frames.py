"""Lists, quotes, floats and algorithms: their frames opened and closed."""

# ruff: noqa: ARG001 (openers share a signature)
from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.latex import algorithms, tables
from extractors.latex.writer import Block, Frame, joined, listed, quoted

if TYPE_CHECKING:
    from extractors.latex.converter import Converter

LISTS: dict[str, str] = {
    "itemize": "itemize",
    "enumerate": "enumerate",
    "description": "description",
    "list": "itemize",
    "trivlist": "itemize",
    "compactitem": "itemize",
    "compactenum": "enumerate",
    "compactdesc": "description",
    "inparaenum": "enumerate",
    "inparaitem": "itemize",
    "asparaenum": "enumerate",
    "asparaitem": "itemize",
    "tightenumerate": "enumerate",
    "tightitemize": "itemize",
    "labeling": "description",
    "steps": "enumerate",
    "acronym": "description",
    "nomenclature": "description",
}
QUOTES = ("quote", "quotation", "displayquote", "verse", "quoting")
FLOATS = {
    "figure": "figure",
    "figure*": "figure",
    "wrapfigure": "figure",
    "SCfigure": "figure",
    "sidewaysfigure": "figure",
    "sidewaysfigure*": "figure",
    "floatingfigure": "figure",
    "marginfigure": "figure",
    "teaserfigure": "figure",
    "SCfigure*": "figure",
    "figwindow": "figure",
    "subfigure": "figure",
    "table": "table",
    "table*": "table",
    "wraptable": "table",
    "sidewaystable": "table",
    "sidewaystable*": "table",
    "margintable": "table",
    "threeparttable": "table",
    "subtable": "table",
    "algorithm": "algorithm",
    "algorithm*": "algorithm",
    "algorithm2e": "algorithm",
    "algorithm2e*": "algorithm",
    "procedure": "algorithm",
    "function": "algorithm",
    "listing": "figure",
    "scheme": "figure",
    "chart": "figure",
}
_FLOAT_ARGUMENTS = {
    "wrapfigure": "omom",
    "wraptable": "omom",
    "floatingfigure": "om",
    "subfigure": "om",
    "subtable": "om",
}
MAX_FIGURE_WORDS = 30
"""A paragraph of a figure that has no caption's mark is kept from so many words on: it is text set in a box."""


def close_to(c: Converter, kind: str) -> None:
    """Close frames up to the innermost of this kind, none where there is none."""
    if not any(frame.kind == kind for frame in c.w.frames[1:]):
        return
    while c.w.top.kind != kind:
        close_frame(c)
    close_frame(c)


def close_to_list(c: Converter) -> Frame | None:
    """The list whose item comes, with everything inside it closed."""
    for i in range(len(c.w.frames) - 1, 0, -1):
        frame = c.w.frames[i]
        if frame.kind == "list":
            while c.w.top is not frame:
                close_frame(c)
            return frame
        if frame.kind in ("cell", "code", "part"):
            return None
    return None


def close_frame(c: Converter) -> None:
    """End the innermost frame and put what it holds into the one around it."""
    frame = c.w.top
    if frame.kind == "code":
        algorithms.close_algorithm(c)
        return
    if frame.kind == "cell":
        tables.end_tabular(c, "")
        return
    frame = c.w.close()
    w = c.w
    if frame.kind == "list":
        text = listed(frame)
        if text:
            w.add(Block("list", text))
    elif frame.kind == "quote":
        if frame.blocks:
            w.add(Block("quote", quoted(frame.blocks)))
    elif frame.kind == "abstract":
        c.meta.abstract.append(joined(frame.blocks))
        if w.top.kind == "doc":
            w.add(Block("mark", "", 2))
    else:
        for block in frame.blocks:
            if frame.kind != "figure" or block.kind != "p" or len(block.text.split()) >= MAX_FIGURE_WORDS:
                w.add(block)
        if frame.kind in ("tabular",):
            w.add(Block("p", joined(frame.blocks)))


def open_list(c: Converter, name: str) -> None:
    c.g.opt()
    if name in ("list", "labeling"):
        c.g.arg()
        if name == "list":
            c.g.arg()
    if name == "trivlist":
        c.w.flush()
    c.w.flush()
    c.w.open(Frame("list", environment=LISTS[name]))


def open_quote(c: Converter, name: str) -> None:
    c.w.flush()
    c.w.open(Frame("quote"))


def open_float(c: Converter, name: str) -> None:
    if name in algorithms.ALGORITHM2E and _is_algorithm2e(c, name):
        c.g.opt()
        c.w.flush()
        c.w.open(Frame("algorithm"))
        algorithms.open_algorithm(c, True)
        return
    for kind in _FLOAT_ARGUMENTS.get(name, "o"):
        if kind == "o":
            c.g.opt()
        elif c.g.next_is("{"):
            c.g.arg()
    c.w.flush()
    c.w.open(Frame(FLOATS[name], environment=name))


def _is_algorithm2e(c: Converter, name: str) -> bool:
    """Whether the lines of the algorithm stand in the float itself."""
    if name.rstrip("*") != "algorithm":
        return True
    buf = c.g.buf
    seen = False
    for i in range(len(buf) - 1, max(-1, len(buf) - 20_000), -1):
        token = buf[i]
        if token in ("algorithmic", "tabular", "lstlisting", "pseudocode", "\\State", "\\STATE", "\\includegraphics"):
            return False
        if token in algorithms.ALGORITHM2E_ONLY or algorithms.is_keyword(c.g.macros.get(token)):
            return True
        seen = seen or token in algorithms.MAYBE_ALGORITHM2E
        if token == "\\end" and i > 2 and buf[i - 2] == name.rstrip("*"):
            break
    return seen


def open_algorithmic(c: Converter, name: str) -> None:
    c.g.opt()
    c.w.flush()
    algorithms.open_algorithm(c, False)
