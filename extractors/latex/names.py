"""Names the submission gives: acronyms and glossary entries, and the authors that its bibliography lists.

Reference: acro, acronym, glossaries, natbib's `\\bibitem[Author(Year)]{key}`, BibTeX's fields.
"""

# ruff: noqa: ARG001 (handlers share a signature)
from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extractors.latex.definitions import Handler
from extractors.latex.metadata import AUTHOR_MARK

if TYPE_CHECKING:
    from extractors.latex.converter import Converter

MAX_BIBLIOGRAPHY_CHARS = 4_000_000
MAX_LABEL_CHARS = 1500
"""Characters after `\\bibitem` in which its label and key stand."""
_BIBITEM = re.compile(
    r"\s*(?:%\s*)?\[(?:\\protect\\citeauthoryear|\{)?\s*+((?:[^\[\]{}(]|\{(?:[^{}]|\{[^{}]*+\})*+\})*+)"
    r"\(\s*\{?(\d{4}[a-z]?)\}?[^\]]{0,2000}+\]\s*(?:%\s*)?\{([^{}]+)\}"
)
_ENTRY = re.compile(r"@(\w+)\s*[{(]\s*([^\s,{}]+)\s*,")
_FIELD = re.compile(
    r"\b(author|editor|year|date)\s*=\s*(?:\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}|\"([^\"]*)\"|(\d{4}))", re.I
)
_YEAR = re.compile(r"\d{4}")
_TEX = re.compile(r"\\[a-zA-Z]+ ?|[{}~]|\\.")
_ETAL = re.compile(r"\bet\b[~ ]*(?:\\)?\.?[~ ]*al\b\.?")
_AND = re.compile(r"\s+and\s+")


def author_text(c: Converter, tokens: list[str]) -> str:
    """Text of `\\author{…}` in which `\\and` is a mark and footnotes are left out."""
    return AUTHOR_MARK.join(block.text for block in c.blocks(tokens, "line"))


def learn_bibliography(c: Converter) -> None:
    """Authors and years of what the paper cites, from the submission's `.bbl` and `.bib` files and its own text."""
    cited = {key for command, keys in c.refs.marks if command.startswith("cite") for key in keys}
    if not cited:
        return
    for path, data in c.files.members.items():
        suffix = path.rpartition(".")[2].lower()
        if suffix not in ("bbl", "bib", "tex") or len(data) > MAX_BIBLIOGRAPHY_CHARS:
            continue
        if suffix != "bib":
            if b"\\bibitem" not in data:
                continue
            for item in c.files.text(path).split("\\bibitem")[1:]:
                _learn_item(c, item[:MAX_LABEL_CHARS])
        elif len(c.refs.names) < 200_000:
            _learn_bib(c, c.files.text(path), cited)


def _learn_item(c: Converter, item: str) -> None:
    found = _BIBITEM.match(item)
    shown = _plain(found[1]) if found else ""
    if found and shown and len(shown) < 80:
        c.refs.names.setdefault(found[3].strip(), f"{shown} ({found[2]})")


def _learn_bib(c: Converter, text: str, cited: set[str]) -> None:
    places = [(found.start(), found[2]) for found in _ENTRY.finditer(text)]
    for i, (start, key) in enumerate(places):
        if key not in cited or key in c.refs.names:
            continue
        end = min(places[i + 1][0] if i + 1 < len(places) else len(text), start + 6000)
        fields = {found[1].lower(): found[2] or found[3] or found[4] for found in _FIELD.finditer(text[start:end])}
        people = fields.get("author") or fields.get("editor")
        year = _YEAR.search(fields.get("year") or fields.get("date") or "")
        if not people or not year:
            continue
        last = [_family(name) for name in _AND.split(" ".join(people.split())) if name.strip()]
        last = [name for name in last if name]
        if not last:
            continue
        more = len(last) > 2 or last[-1].lower() == "others"
        shown = f"{last[0]} et al." if more else " and ".join(last)
        if len(shown) < 80:
            c.refs.names.setdefault(key, f"{shown} ({year[0]})")


def _family(name: str) -> str:
    family = name.split(",")[0] if "," in name else name.strip() if name.startswith("{") else name.split()[-1]
    return _plain(family)


def _plain(text: str) -> str:
    from extractors.latex.accents import COMBINING, accented

    text = _ETAL.sub("et al.", text)
    text = re.sub(
        r"\{?\\([`'^\"~=.]|[uvHckdbr](?=[ {]))\s*\{?\\?([A-Za-z])\}?\}?",
        lambda found: accented(found[1], found[2]) if found[1] in COMBINING else found[2],
        text,
    )
    text = text.replace("\\&", "and").replace("~", " ").replace("\\ss", "ß").replace("\\o", "ø").replace("\\l", "ł")
    return " ".join(_TEX.sub("", text).split()).strip(" ,")


def new_acronym(c: Converter, name: str) -> None:
    """`\\newacronym{key}{short}{long}`, `\\acrodef{key}[short]{long}`, `\\acro{key}[short]{long}`."""
    g = c.g
    if name == "\\newacronym":
        g.opt()
        key = g.text_arg()
        short, long = c.inline(g.arg()), c.inline(g.arg())
    else:
        key = g.text_arg()
        option = g.opt()
        short = c.inline(option) if option else key
        long = c.inline(g.arg())
        if name == "\\acro":
            c.write(f" {short}: {long}. ")
    if key and len(c.acronyms) < 10_000:
        c.acronyms[key] = (short, long)


def declared_acronym(c: Converter, name: str) -> None:
    """acro's `\\DeclareAcronym{key}{short=…, long=…}` and glossaries' `\\newglossaryentry{key}{name=…}`."""
    key = c.g.text_arg()
    fields = re.findall(r"\b(\w++)\s*=\s*(?:\{([^{}]*)\}|([^,{}]*))", c.g.text_of(c.g.arg()))
    known = {field: (braced or bare).strip() for field, braced, bare in fields}
    short = known.get("short") or known.get("name") or key
    if key and len(c.acronyms) < 10_000:
        c.acronyms[key] = (short, known.get("long") or short)


def acronym(c: Converter, name: str) -> None:
    """The long form with the short one in brackets at first, then the short one."""
    c.g.star()
    c.g.opt()
    key = c.g.text_arg()
    c.g.opt()
    short, long = c.acronyms.get(key, (key, key))
    word = name[1:].lower()
    plural = "s" if word.endswith(("pl", "acp", "sp", "lp", "fp")) and word not in ("acsp@",) else ""
    if word in ("acl", "aclp", "acrlong", "acrlongpl", "glsentrylong"):
        text = long + plural
    elif word in ("acf", "acfp", "acrfull") or (
        key not in c.acronyms_seen and long != short and word in ("ac", "acp", "gls", "glspl")
    ):
        text = f"{long}{plural} ({short}{plural})"
    else:
        text = short + plural
    c.acronyms_seen.add(key)
    c.write(text[:1].upper() + text[1:] if name[1].isupper() else text)


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(("\\newacronym", "\\acrodef", "\\acro", "\\newacro"), new_acronym),
    **dict.fromkeys(("\\DeclareAcronym", "\\newglossaryentry"), declared_acronym),
    **{
        "\\" + word: acronym
        for word in [
            "ac",
            "acp",
            "acs",
            "acsp",
            "acl",
            "aclp",
            "acf",
            "acfp",
            "Ac",
            "Acp",
            "Acl",
            "Acs",
            "gls",
            "glspl",
            "Gls",
            "Glspl",
            "acrshort",
            "acrshortpl",
            "acrlong",
            "acrlongpl",
            "acrfull",
            "glsentrylong",
            "glsentryshort",
            "acrfullpl",
        ]
    },
}
