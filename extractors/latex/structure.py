"""The paper's parts: title page, sections, captions, items, statements.

Numbers are counted for the references' sake and not printed with headings; captions and theorems keep theirs.
"""

# ruff: noqa: ARG001 (handlers share a signature)
from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.latex import names
from extractors.latex.commands import WORDS
from extractors.latex.definitions import Handler
from extractors.latex.metadata import AUTHOR_MARK
from extractors.latex.references import SECTIONS, Target
from extractors.latex.writer import Block, heading

if TYPE_CHECKING:
    from extractors.latex.converter import Converter


def section(c: Converter, name: str) -> None:
    starred = c.g.star()
    c.g.opt()
    if not starred:
        number_section(c, name[1:])
    write_section(c, name[1:], c.inline(c.g.arg()))


def number_section(c: Converter, kind: str) -> None:
    """Count the section; done before its title is read, in which its label may stand."""
    if kind == "chapter":
        c.numbers.uses_chapters = True
    number = c.numbers.step(kind)
    at_top = kind in ("section", "chapter") and c.numbers.in_appendix
    c.refs.here = Target("appendix" if at_top else "section" if kind != "chapter" else "chapter", number)


def write_section(c: Converter, kind: str, title: str) -> None:
    if c.w.top.kind == "line":
        c.write(title)
        return
    if not title:
        c.w.flush()
        return
    place = SECTIONS.index(kind) if kind in SECTIONS else 2
    level = max(2, place) if not c.numbers.uses_chapters else max(2, place + 1)
    c.w.add(Block("heading", heading(level, title), level))


def appendix(c: Converter, name: str) -> None:
    c.numbers.in_appendix = True
    c.numbers.values["chapter" if c.numbers.uses_chapters else "section"] = 0
    c.w.add(Block("mark", "", 1))


def acknowledgements(c: Converter, name: str) -> None:
    """A heading; AASTeX and REVTeX 3 give the text as the argument or after the command."""
    write_section(c, "section", "Acknowledgements")


def titled_part(c: Converter, name: str) -> None:
    """PNAS's `\\matmethods{…}` and `\\acknow{…}`, whose headings the class prints."""
    write_section(c, "section", _TITLED_PARTS[name])
    c.g.push(["{", *c.g.arg(), "}"])


_TITLED_PARTS = {"\\matmethods": "Materials and Methods", "\\acknow": "Acknowledgements"}


def title(c: Converter, name: str) -> None:
    g = c.g
    g.star()
    g.opt()
    g.skip_spaces()
    tokens = g.arg() if g.buf and g.buf[-1] == "{" else g.until("\\end" + name[1:])
    text = c.inline([token for token in tokens if token != "\\par"], "line")
    if name == "\\subtitle":
        c.meta.title = f"{c.meta.title}: {text}" if c.meta.title and text else c.meta.title
    elif text and (not c.meta.title or not c.in_body):
        c.meta.title = text


def author(c: Converter, name: str) -> None:
    g = c.g
    g.opt()
    g.skip_spaces()
    tokens = g.arg() if g.buf and g.buf[-1] == "{" else g.until("\\end" + name[1:])
    text = names.author_text(c, tokens)
    c.meta.add_authors(text)


def author_separator(c: Converter, name: str) -> None:
    if c.w.top.kind == "line":
        c.write(AUTHOR_MARK)


def date(c: Converter, name: str) -> None:
    c.meta.date = c.inline(c.g.arg())


def abstract(c: Converter, name: str) -> None:
    g = c.g
    g.opt()
    g.skip_spaces()
    if g.buf and g.buf[-1] == "{":
        c.meta.abstract.append(c.text(g.arg()))
    elif "\\endabstract" in g.buf:
        c.meta.abstract.append(c.text(g.until("\\endabstract")))


def drop_argument(c: Converter, name: str) -> None:
    """`\\thanks{…}`, `\\affil{…}`: notes of the title page."""
    c.g.star()
    c.g.opt()
    if c.g.next_is("{"):
        c.g.arg()
    c.g.opt()


def keywords(c: Converter, name: str) -> None:
    if not c.g.next_is("{"):
        return
    text = c.inline(c.g.arg()).strip()
    if text and c.in_body:
        c.w.add(Block("p", f"Keywords: {text}"))


def caption(c: Converter, name: str) -> None:
    g = c.g
    kind = g.text_arg() if name == "\\captionof" else ""
    starred = g.star()
    g.opt()
    floating = kind if kind in ("figure", "table", "algorithm") else _float_kind(c)
    if name == "\\tablecaption" or name == "\\tabcaption":
        floating = "table"
    if not starred:
        c.refs.here = Target(floating, c.numbers.step(floating))
    text = c.inline(g.arg())
    head = floating.capitalize() + ("" if starred else f" {c.numbers.printed(floating)}")
    if text:
        c.w.add_outside(Block("caption", f"{head}: {text}"))


def _float_kind(c: Converter) -> str:
    """What the caption calls the float it stands in; a table of its own, as `longtable` is, where there is none."""
    for frame in reversed(c.w.frames):
        if frame.kind in ("figure", "table", "algorithm"):
            return frame.environment if frame.environment in _OWN_NAMES else frame.kind
    return "table" if any(frame.kind == "tabular" for frame in c.w.frames) else "figure"


_OWN_NAMES = ("listing", "scheme", "chart")
"""Floats that are called by their environment's name."""


def subcaption(c: Converter, name: str) -> None:
    """`\\subfigure[caption]{picture}`, `\\subcaption{caption}`."""
    g = c.g
    if name == "\\subcaption":
        text = c.inline(g.arg())
        if text:
            c.w.add(Block("caption", text))
        return
    given = g.opt()
    second = g.opt()
    text = c.inline(second or given or [])
    g.push(["{", *g.arg(), "}"])
    if text:
        c.w.add(Block("caption", text))


def item(c: Converter, name: str) -> None:
    from extractors.latex.frames import close_to_list

    frame = close_to_list(c)
    tokens = c.g.opt()
    shown = c.inline(tokens) if tokens is not None else ""
    if frame is None:
        c.w.flush()
        c.write(f"{shown} " if shown else "")
        return
    if frame.environment == "enumerate":
        depth = sum(f.environment == "enumerate" for f in c.w.frames)
        counter = f"enum{min(depth, 4)}"
        number = len(frame.items) + (frame.label is not None) + 1
        c.numbers.values[counter] = number
        c.refs.here = Target("item", shown.strip("().") if shown else str(number))
    c.w.item(shown if shown else "")
    if tokens is not None and not shown:
        c.w.top.label = ""


def plain_item(c: Converter, name: str) -> None:
    """Plain TeX's `\\item{a)}`."""
    if c.in_plain and c.g.buf and c.g.buf[-1] == "{":
        c.w.flush()
        c.write(f"{c.inline(c.g.arg())} ")
        return
    item(c, name)


def proclaim(c: Converter, name: str) -> None:
    """Plain TeX's `\\proclaim Theorem 1. text`, AMS-TeX's `\\proclaim{Theorem 1}`."""
    g = c.g
    c.w.flush()
    head = g.arg() if g.next_is("{") else g.until(".")
    text = c.inline(head).rstrip(".")
    if text:
        c.write(f"**{text}.** ")


def plain_section(c: Converter, name: str) -> None:
    """`\\beginsection title\\par`, AMS-TeX's `\\head title\\endhead`."""
    stop = "\\par" if name == "\\beginsection" else "\\end" + name[1:]
    if stop != "\\par" and stop not in c.g.buf:
        return
    kind = {"\\subhead": "subsection", "\\subsubhead": "subsubsection", "\\specialhead": "section"}.get(name, "section")
    write_section(c, kind, c.inline(c.g.until(stop)))


HANDLERS: dict[str, Handler] = {
    **{"\\" + kind: section for kind in SECTIONS},
    "\\appendix": appendix,
    **dict.fromkeys(
        ("\\acknowledgments", "\\acknowledgements", "\\acknowledgement", "\\acknowledgment", "\\ack", "\\acks"),
        acknowledgements,
    ),
    **dict.fromkeys(_TITLED_PARTS, titled_part),
    **dict.fromkeys(("\\title", "\\icmltitle", "\\Title", "\\subtitle"), title),
    **dict.fromkeys(("\\author", "\\authors", "\\Author", "\\icmlauthor"), author),
    **dict.fromkeys(("\\and", "\\And", "\\AND"), author_separator),
    "\\date": date,
    "\\abstract": abstract,
    **{"\\" + word: drop_argument for word in WORDS["title_page"]},
    **dict.fromkeys(("\\keywords", "\\Keywords"), keywords),
    **dict.fromkeys(
        ("\\caption", "\\captionof", "\\tablecaption", "\\figcaption", "\\tabcaption", "\\topcaption"), caption
    ),
    **dict.fromkeys(("\\subfigure", "\\subfloat", "\\subcaption", "\\subtable"), subcaption),
    "\\item": plain_item,
    "\\itemitem": plain_item,
    "\\proclaim": proclaim,
    **dict.fromkeys(("\\beginsection", "\\head", "\\subhead", "\\subsubhead", "\\specialhead"), plain_section),
}
