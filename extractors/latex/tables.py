"""`tabular` and its like to pipe tables, spans resolved.

A cell that covers several columns is followed by empty ones; one that covers several rows is repeated. Equations in
cells lose their bars, which would be read as the cell's end.
"""

# ruff: noqa: ARG001 (handlers share a signature)
from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extractors.latex.definitions import Handler
from extractors.latex.writer import BREAK, Block, Frame, inline

if TYPE_CHECKING:
    from extractors.latex.converter import Converter

MAX_SPAN = 100
MAX_COLUMNS = 200
TABULARS: dict[str, str] = {
    "tabular": "om",
    "tabular*": "mom",
    "tabularx": "mom",
    "tabulary": "mom",
    "xltabular": "mom",
    "tabu": "om",
    "longtabu": "om",
    "longtable": "om",
    "longtable*": "om",
    "supertabular": "m",
    "supertabular*": "mm",
    "xtabular": "m",
    "mpsupertabular": "m",
    "array": "om",
    "tblr": "om",
    "longtblr": "om",
    "NiceTabular": "om",
    "deluxetable": "m",
    "deluxetable*": "m",
    "ruledtabular": "",
    "tabbing": "",
    "tblr*": "om",
}
"""Environment → its arguments."""
_TEX = re.compile(r"\$(?! )[^$]+(?<! )\$")
_LENGTH = re.compile(r"-?[\d.]*\s*(?:[a-z]{2}|\\[A-Za-z]+)?")


def begin_tabular(c: Converter, name: str) -> None:
    g = c.g
    for kind in TABULARS[name]:
        if kind == "o":
            g.opt()
        else:
            g.arg()
    if name == "ruledtabular":
        return
    frame = c.w.open(Frame("tabular", environment=name))
    frame.rows.append([])
    _open_cell(c)


def _open_cell(c: Converter) -> None:
    c.w.open(Frame("cell"))
    c.g.open_group()


def in_table(c: Converter) -> Frame | None:
    """The table whose cell is being written."""
    frames = c.w.frames
    for i in range(len(frames) - 1, 0, -1):
        if frames[i].kind == "cell":
            return frames[i - 1]
        if frames[i].kind not in ("list", "quote", "part", "box"):
            return None
    return None


def _close_cell(c: Converter, table: Frame) -> None:
    from extractors.latex.frames import close_frame

    while c.w.top.kind != "cell":
        close_frame(c)
    cell = c.w.close()
    c.g.close_group()
    text = inline(cell.blocks).strip()
    if not table.rows:
        table.rows.append([])
    if len(table.rows[-1]) < MAX_COLUMNS:
        table.rows[-1].append((text, min(cell.columns, MAX_SPAN), min(cell.spans, MAX_SPAN)))


def next_cell(c: Converter, name: str) -> None:
    table = in_table(c)
    if table is None:
        return
    _close_cell(c, table)
    _open_cell(c)


def next_row(c: Converter, name: str) -> None:
    """`\\\\`: a new row in a table, a line's end elsewhere."""
    c.g.star()
    if c.g.next_is("["):
        skip = c.g.opt()
        if skip is not None and not _LENGTH.fullmatch("".join(skip).strip()):
            c.g.push(["[", *skip, "]"])
    table = in_table(c)
    if table is None or c.w.top.kind == "box":
        c.write(BREAK)
        return
    _close_cell(c, table)
    table.rows.append([])
    _open_cell(c)


def end_tabular(c: Converter, name: str) -> None:
    table = in_table(c)
    if table is None:
        return
    _close_cell(c, table)
    c.w.close()
    if table.environment == "tabbing":
        lines = ["".join(f"{text} " for text, _, _ in row).strip() for row in table.rows]
        c.w.add(Block("p", "\n".join(line for line in lines if line)))
        return
    text = render(table.rows)
    if c.w.top.kind == "cell" or c.w.top.kind == "line":
        c.write(" ".join(cell for row in table.rows for cell, _, _ in row if cell) + " ")
    elif text:
        filled = [cell for row in table.rows for cell, _, _ in row if cell]
        columns = max(sum(1 for cell, _, _ in row if cell) for row in table.rows)
        if columns == 1:
            c.w.add(Block("p", "\n".join(filled)))
        else:
            c.w.add(Block("table", text))


def multicolumn(c: Converter, name: str) -> None:
    columns = _count(c.g.text_arg())
    c.g.arg()
    tokens = c.g.arg()
    for frame in reversed(c.w.frames):
        if frame.kind == "cell":
            frame.columns = columns
            break
    c.g.push(["{", *tokens, "}"])


def multirow(c: Converter, name: str) -> None:
    g = c.g
    g.opt()
    rows = _count(g.text_arg())
    g.opt()
    if g.next_is("*"):
        g.buf.pop()
    else:
        g.arg()
    g.opt()
    tokens = g.arg()
    for frame in reversed(c.w.frames):
        if frame.kind == "cell":
            frame.spans = rows
            break
    g.push(["{", *tokens, "}"])


def stacked(c: Converter, name: str) -> None:
    """`\\shortstack{a\\\\b}`, `\\makecell{…}`, `\\parbox{2cm}{…}`: their rows are no rows of the table around them."""
    g = c.g
    g.star()
    for _ in range(3 if name == "\\parbox" else 1):
        g.opt()
    if name == "\\parbox":
        g.arg()
    tokens = g.arg()
    if in_table(c) is None:
        g.push(["{", *tokens, "}"])
    else:
        c.write(c.inline(tokens))


def _count(text: str) -> int:
    text = text.strip("-= ")
    return max(1, min(int(text), MAX_SPAN)) if text.isdecimal() and len(text) < 5 else 1


def rule(c: Converter, name: str) -> None:
    """`\\cmidrule(lr){1-2}` and its like."""
    g = c.g
    g.opt()
    g.opt("(", ")")
    if name not in ("\\hline", "\\toprule", "\\midrule", "\\bottomrule", "\\hhline@"):
        g.arg()
        g.opt("(", ")")


def halign(c: Converter, name: str) -> None:
    """Plain TeX's `\\halign{template\\cr row\\cr}`."""
    g = c.g
    while g.buf and g.buf[-1] != "{":
        if g.buf[-1] == "\\par":
            return
        g.buf.pop()
    body = g.arg()
    if "\\cr" in body:
        body = body[body.index("\\cr") + 1 :]
    g.push([*_begin("tabular"), "{", "l", "}", *body, *_end("tabular")])


def _begin(name: str) -> list[str]:
    return ["\\begin", "{", name, "}"]


def _end(name: str) -> list[str]:
    return ["\\end", "{", name, "}"]


def data(c: Converter, name: str) -> None:
    """`\\startdata` of AASTeX: what came before were the columns' heads."""
    if in_table(c) is not None:
        next_row(c, name)


def column_head(c: Converter, name: str) -> None:
    tokens = c.g.arg()
    c.g.push(["{", *tokens, "}"])


def table_heads(c: Converter, name: str) -> None:
    """`\\tablehead{\\colhead{a} & …}`."""
    c.g.push([*c.g.arg(), "\\\\"])


def render(rows: list[list[tuple[str, int, int]]]) -> str:
    """The pipe table of rows of (text, columns, rows); "" where there is nothing in it."""
    grid: list[list[str]] = []
    carried: dict[int, tuple[int, str]] = {}
    for row in rows:
        if len(row) <= 1 and not any(text for text, _, _ in row):
            continue
        line: list[str] = []
        following: dict[int, tuple[int, str]] = {}
        for text, columns, spans in row:
            left, value = carried.get(len(line), (0, ""))
            if left and not text:  # LaTeX writes the empty cells under a span
                text = value
                if left > 1:
                    following[len(line)] = (left - 1, value)
            for k in range(min(columns, MAX_COLUMNS - len(line))):
                if spans > 1 and k == 0:
                    following[len(line)] = (spans - 1, text)
                line.append(_barless(text) if k == 0 else "")
        carried = following
        if any(line):
            grid.append(line)
    if not grid:
        return ""
    width = max(map(len, grid))
    grid = [line + [""] * (width - len(line)) for line in grid]
    keep = [k for k in range(width) if any(line[k] for line in grid)]
    lines = ["| " + " | ".join(line[k] for k in keep) + " |" for line in grid]
    lines.insert(1, "|" + " --- |" * len(keep))
    return "\n".join(lines)


def _barless(text: str) -> str:
    if "|" not in text:
        return text
    return _TEX.sub(_without_bars, text).replace("|", "\\|")


def _without_bars(tex: re.Match[str]) -> str:
    return tex[0].replace("\\|", "\\Vert ").replace("|", "\\vert ").replace(" $", "$")


HANDLERS: dict[str, Handler] = {
    "&": next_cell,
    "\\\\": next_row,
    "\\tabularnewline": next_row,
    "\\cr": next_row,
    "\\crcr": next_row,
    "\\newline": next_row,
    "\\multicolumn": multicolumn,
    "\\multirow": multirow,
    **dict.fromkeys(
        ("\\hline", "\\cline", "\\cmidrule", "\\toprule", "\\midrule", "\\bottomrule", "\\hhline", "\\addlinespace@"),
        rule,
    ),
    **dict.fromkeys(("\\shortstack", "\\makecell", "\\thead", "\\parbox", "\\Centerstack"), stacked),
    "\\halign": halign,
    "\\startdata": data,
    "\\colhead": column_head,
    "\\tablehead": table_heads,
}
