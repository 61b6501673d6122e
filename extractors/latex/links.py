"""What points elsewhere: references, citations, addresses, files."""

# ruff: noqa: ARG001 (handlers share a signature)
from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extractors.latex import packages
from extractors.latex.commands import WORDS
from extractors.latex.definitions import Handler
from extractors.latex.listings import write_block, write_caption
from extractors.latex.tokens import RAW, untokenized

if TYPE_CHECKING:
    from extractors.latex.converter import Converter

CITES = re.compile(r"\\(?:no|paren|text|auto|foot|full|online|super|smart|vol|[PTASF][a-z]{3,5})?[cC]ite[a-z]*")
"""Commands that cite, whatever package they are of."""
_GLYPHS = re.compile(r"\\([%#&_{}$~^])")


def label(c: Converter, name: str) -> None:
    c.refs.label(c.g.text_arg())


def reference(c: Converter, name: str) -> None:
    c.g.star()
    argument = c.g.text_arg()
    several = name in ("\\cref", "\\Cref", "\\labelcref")
    keys = [key.strip() for key in argument.split(",")] if several else [argument]
    kind = name[1:].lower() if name[1:] in ("eqref", "cref", "Cref", "autoref", "vref", "labelcref") else "ref"
    c.write(c.refs.mark("cref" if kind in ("autoref", "vref") else kind, keys))


def page_reference(c: Converter, name: str) -> None:
    c.g.star()
    c.g.arg()


def cite(c: Converter, name: str) -> None:
    c.g.star()
    before = c.g.opt()
    after = c.g.opt()
    keys = [key.strip() for key in c.g.text_arg().split(",")]
    word = name[1:].lower()
    textual = word in (
        "citet",
        "textcite",
        "citeauthor",
        "citeasnoun",
        "shortcite",
        "newcite",
        "citefullauthor",
        "citetitle",
    )
    note = c.inline(before) if before and after else ""
    c.write(c.refs.mark("citet" if textual else "cite", keys))
    if note and len(note.split()) > 3:
        c.write(f" ({note})")


def href(c: Converter, name: str) -> None:
    g = c.g
    g.opt()
    g.skip_blanks()
    if g.buf and g.buf[-1].startswith(RAW):
        g.buf.pop()
    else:
        g.arg()
    g.push(["{", *g.arg(), "}"])


def url(c: Converter, name: str) -> None:
    """An address as it is written."""
    g = c.g
    g.skip_blanks()
    if g.buf and g.buf[-1] not in ("{", "}") and len(g.buf[-1]) == 1:
        tokens = g.until(g.buf.pop())
    else:
        tokens = g.arg()
    if any(token in g.macros for token in tokens):
        tokens = g.expanded(tokens)
    c.write(_GLYPHS.sub(r"\1", untokenized([t for t in tokens if t not in (" ", "{", "}")])))


def input_file(c: Converter, name: str) -> None:
    g = c.g
    g.skip_blanks()
    if g.buf and g.buf[-1] == "{":
        target = g.text_arg()
    else:
        taken: list[str] = []
        while g.buf and g.buf[-1] not in (" ", "\\par", "{", "}") and (g.buf[-1][0] != "\\" or g.buf[-1] in g.macros):
            token = g.buf.pop()
            if token in g.macros:
                g.expand(g.macros[token])
            else:
                taken.append(token)
        target = "".join(taken)
    found = c.input(target, part=name in ("\\subfile", "\\subfileinclude"), own_folder=name.startswith("\\subfile"))
    if name == "\\InputIfFileExists":
        yes, no = g.arg(), g.arg()
        g.push(yes if found else no)
    if name == "\\include":
        c.w.flush()


def import_file(c: Converter, name: str) -> None:
    c.g.star()
    folder, target = c.g.text_arg(), c.g.text_arg()
    c.input(target, folder, own_folder=True)


def if_file(c: Converter, name: str) -> None:
    target = c.g.text_arg()
    yes, no = c.g.arg(), c.g.arg()
    c.g.push(yes if c.files.resolve(target, c.folders[::-1]) else no)


def use_package(c: Converter, name: str) -> None:
    options = c.g.opt()
    wanted = c.g.text_arg()
    c.g.opt()
    suffixes = (".cls", ".sty") if name in ("\\documentclass", "\\documentstyle") else (".sty",)
    packages.use(c, wanted, suffixes)
    if name == "\\documentstyle" and options:
        packages.use(c, c.g.text_of(options))


def listing_file(c: Converter, name: str) -> None:
    """`\\lstinputlisting{file}`, `\\inputminted{language}{file}`, `\\verbatiminput{file}`."""
    options = c.g.text_of(c.g.opt() or [])
    language = c.g.text_arg() if name == "\\inputminted" else ""
    found = re.search(r"language\s*=\s*\{?\s*([\w+#]+)", options)
    path = c.files.resolve(c.g.text_arg(), c.folders[::-1], ("",))
    if path is not None:
        write_caption(c, options)
        write_block(c, c.files.text(path), (found[1] if found else language).lower())


def hyper_reference(c: Converter, name: str) -> None:
    """`\\hyperref[label]{text}`, `\\hyperref{url}{category}{name}{text}`."""
    if c.g.opt() is None:
        for _ in range(3):
            c.g.arg()
    c.g.push(["{", *c.g.arg(), "}"])


HANDLERS: dict[str, Handler] = {
    "\\label": label,
    **dict.fromkeys(
        ("\\ref", "\\eqref", "\\cref", "\\Cref", "\\autoref", "\\vref", "\\labelcref", "\\nameref", "\\subref"),
        reference,
    ),
    **dict.fromkeys(("\\pageref", "\\vpageref", "\\cpageref"), page_reference),
    **{"\\" + word: cite for word in WORDS["citations"]},
    "\\href": href,
    "\\hyperref": hyper_reference,
    **dict.fromkeys(("\\url", "\\path", "\\nolinkurl", "\\burl"), url),
    **dict.fromkeys(
        ("\\input", "\\include", "\\subfile", "\\subfileinclude", "\\@input", "\\InputIfFileExists"), input_file
    ),
    **dict.fromkeys(("\\import", "\\subimport", "\\inputfrom", "\\subinputfrom", "\\includefrom"), import_file),
    "\\IfFileExists": if_file,
    **dict.fromkeys(("\\usepackage", "\\RequirePackage", "\\documentclass", "\\documentstyle"), use_package),
    **dict.fromkeys(("\\lstinputlisting", "\\inputminted", "\\verbatiminput", "\\VerbatimInput"), listing_file),
}
