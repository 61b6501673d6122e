"""`\\begin` and `\\end`: the submission's own environments, theorems, lists, floats, equations, the document itself."""

# ruff: noqa: ARG001 (handlers share a signature)
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from extractors.latex import algorithms, frames, proofs, tables
from extractors.latex.commands import WORDS
from extractors.latex.definitions import Handler, Theorem
from extractors.latex.displays import DISPLAYS, display_environment
from extractors.latex.frames import FLOATS, LISTS, QUOTES, close_to
from extractors.latex.math import skip_environment
from extractors.latex.references import Target
from extractors.latex.structure import acknowledgements, write_section
from extractors.latex.tokens import END_ENVIRONMENT
from extractors.latex.writer import Block, Frame, heading

if TYPE_CHECKING:
    from extractors.latex.converter import Converter

Opener = Callable[["Converter", str], None]
_THEOREMS = {
    "theorem": "Theorem",
    "lemma": "Lemma",
    "corollary": "Corollary",
    "proposition": "Proposition",
    "definition": "Definition",
    "remark": "Remark",
    "example": "Example",
    "conjecture": "Conjecture",
    "claim": "Claim",
    "assumption": "Assumption",
    "problem": "Problem",
    "exercise": "Exercise",
    "question": "Question",
    "note": "Note",
    "case": "Case",
    "property": "Property",
}
"""What classes (llncs, svjour, lipics) define without a word of the author's."""

_TRANSPARENT: dict[str, str] = {
    **dict.fromkeys(
        ("parbox",),
        "ooom",
    ),
    **dict.fromkeys(
        (
            "adjustwidth",
            "adjustwidth*",
        ),
        "mm",
    ),
    **dict.fromkeys(
        (
            "adjustbox",
            "multicols",
            "multicols*",
            "spacing",
            "turn",
            "rotate",
            "addmargin",
            "textblock",
        ),
        "mo",
    ),
    **dict.fromkeys(("textblock*",), "m"),
    **dict.fromkeys(
        (
            "otherlanguage",
            "otherlanguage*",
            "foreignlanguage",
        ),
        "m",
    ),
    **dict.fromkeys(
        (
            "mdframed",
            "tcolorbox",
            "framed",
            "shaded",
            "subequations",
            "appendices",
            "sloppypar",
        ),
        "o",
    ),
    **dict.fromkeys(
        (
            "frame",
            "block",
        ),
        "",
    ),
}


def begin(c: Converter, name: str) -> None:
    target = c.g.text_arg()
    own = c.environments.get(target)
    g = c.g
    if own is not None:
        args = g.arguments(own.begin)
        c.open_environments.append((target, g.replaced(own.end, args), g.group_depth()))
        g.open_group()
        g.num_expansions += 1
        g.push(g.replaced(own.begin.body, args))
        return
    theorem = c.theorems.get(target) or _standard_theorem(c, target)
    if theorem is not None and target not in ("proof",):
        g.open_group()
        open_theorem(c, target, theorem)
        return
    if target != "document":
        g.open_group()
    opener = ENVIRONMENTS.get(target)
    if opener is not None:
        opener(c, target)
    elif target.rstrip("*") in DISPLAYS:
        display_environment(c, target)
        g.close_group()
    else:
        g.opt()


def _standard_theorem(c: Converter, name: str) -> Theorem | None:
    base = name.rstrip("*").lower()
    if base in _THEOREMS and name not in ENVIRONMENTS:
        return Theorem(_THEOREMS[base], base, "", not name.endswith("*"))
    return None


def end(c: Converter, name: str) -> None:
    target = c.g.text_arg()
    g = c.g
    if target in c.environments:
        for i in range(len(c.open_environments) - 1, -1, -1):
            if c.open_environments[i][0] == target:
                _, tokens, _ = c.open_environments[i]
                del c.open_environments[i:]
                g.push([*tokens, END_ENVIRONMENT])
                return
        return
    if target == "document":
        c.g.buf.clear()
        return
    if target in tables.TABULARS and target != "ruledtabular":
        tables.end_tabular(c, target)
    elif target == "proof" or target in c.theorems or _standard_theorem(c, target):
        close_to(c, "theorem")
    elif target in LISTS:
        close_to(c, "list")
    elif target in QUOTES:
        close_to(c, "quote")
    elif target in FLOATS and not (target in algorithms.ALGORITHM2E and _is_code(c)):
        close_to(c, FLOATS[target])
    elif target in algorithms.ALGORITHMICS or target in algorithms.ALGORITHM2E:
        close_to(c, "code")
        if target in algorithms.ALGORITHM2E:
            close_to(c, "algorithm")
    elif target == "prooftree":
        proofs.end_proof(c)
    elif target in ("abstract", "abstract*"):
        close_to(c, "abstract")
    elif target in ("minipage", "varwidth") and any(frame.kind == "box" for frame in c.w.frames):
        close_to(c, "box")
    elif target in ("center", "flushleft", "flushright", "minipage", "frame", "titlepage", "multicols"):
        c.w.flush()
    g.close_group()


def end_own(c: Converter, name: str) -> None:
    c.g.close_group()


def _is_code(c: Converter) -> bool:
    return any(frame.kind == "code" for frame in c.w.frames)


# Openers


def display_group(c: Converter, name: str) -> None:
    """An equation, which ends itself; the group that `\\begin` opened ends with it."""
    display_environment(c, name)
    c.g.close_group()


def open_document(c: Converter, name: str) -> None:
    """What the preamble wrote goes."""
    c.in_body = True
    c.w.frames = [Frame("doc")]


def open_theorem(c: Converter, name: str, theorem: Theorem) -> None:
    option = c.g.opt()
    note = c.inline(option) if option else ""
    head = theorem.name
    if theorem.within:
        c.numbers.within.setdefault(theorem.counter, theorem.within)
    if theorem.numbered:
        number = c.numbers.step(theorem.counter)
        c.refs.here = Target(theorem.name.lower(), number)
        head = f"{head} {number}".strip()
    c.w.flush()
    c.w.open(Frame("theorem", lead=f"**{head}{f' ({note})' if note else ''}.**" if head or note else ""))


def open_proof(c: Converter, name: str) -> None:
    option = c.g.opt()
    head = c.inline(option).rstrip(". ") if option else ""
    if head.lower().startswith("of "):
        head = "Proof " + head
    c.w.flush()
    c.w.open(Frame("theorem", lead=f"**{head or 'Proof'}.**"))


def open_abstract(c: Converter, name: str) -> None:
    c.g.opt()
    c.w.flush()
    c.w.open(Frame("abstract"))


def open_skipped(c: Converter, name: str) -> None:
    skip_environment(c, name)


def open_transparent(c: Converter, name: str) -> None:
    c.w.flush()
    for kind in _TRANSPARENT[name]:
        if kind == "o":
            c.g.opt()
        elif kind == "m" and c.g.next_is("{"):
            c.g.arg()


def open_minipage(c: Converter, name: str) -> None:
    """A box; in a table its rows are its own."""
    in_cell = tables.in_table(c) is not None
    if not in_cell:
        c.w.flush()
    for _ in range(3):
        c.g.opt()
    c.g.arg()
    if in_cell:
        c.w.open(Frame("box"))


def open_center(c: Converter, name: str) -> None:
    c.w.flush()


def open_keywords(c: Converter, name: str) -> None:
    text = c.inline(skip_environment(c, name))
    if text and not text.lower().startswith("key"):
        text = f"Keywords: {text}"
    if text:
        c.w.add(Block("p", text))


def open_acknowledgements(c: Converter, name: str) -> None:
    acknowledgements(c, name)


def open_frame(c: Converter, name: str) -> None:
    """beamer's `\\begin{frame}{Title}`."""
    c.g.opt("<", ">")
    c.g.opt()
    if c.g.buf and c.g.buf[-1] == "{":
        title = c.inline(c.g.arg())
        if title:
            write_section(c, "section", title)


def open_bibliography(c: Converter, name: str) -> None:
    if not c.options.keep_bibliography:
        skip_environment(c, name)
        return
    if c.g.next_is("{"):
        c.g.arg()
    c.w.add(Block("heading", heading(2, "References"), 2))
    c.w.open(Frame("list", environment="itemize"))


def bibitem(c: Converter, name: str) -> None:
    c.g.opt()
    c.g.arg()
    if c.w.top.kind == "list":
        c.w.item("")


def bibliography(c: Converter, name: str) -> None:
    """`\\bibliography{refs}`: the `.bbl` stands for it where it is kept."""
    c.g.opt()
    if name == "\\bibliography" and c.g.next_is("{"):
        c.g.arg()
    if not c.options.keep_bibliography:
        return
    stem = (c.main or "").rpartition(".")[0]
    path = c.files.resolve(stem + ".bbl", suffixes=("",)) or next(
        (path for path in sorted(c.files.members) if path.endswith(".bbl")), None
    )
    if path is not None:
        c.read_file(path)


def old_references(c: Converter, name: str) -> None:
    """AMS-TeX's `\\Refs … \\endRefs`."""
    if "\\endRefs" in c.g.buf:
        c.g.until("\\endRefs")


def proof_word(c: Converter, name: str) -> None:
    """AMS-TeX's `\\demo{Proof}`, llncs' `\\proof`."""
    c.w.flush()
    head = c.inline(c.g.arg()).rstrip(". ") if name == "\\demo" else "Proof"
    c.write(f"**{head}.** ")


def picture_word(c: Converter, name: str) -> None:
    """`\\tikz …;`, `\\begin`-less pictures."""
    c.g.opt()
    if c.g.next_is("{"):
        c.g.arg()
    else:
        c.g.until(";")


ENVIRONMENTS: dict[str, Opener] = {
    "document": open_document,
    "mathpar": proofs.open_mathpar,
    "prooftree": open_center,
    "proof": open_proof,
    "proof*": open_proof,
    "pf": open_proof,
    **dict.fromkeys(LISTS, frames.open_list),
    **dict.fromkeys(QUOTES, frames.open_quote),
    **dict.fromkeys(FLOATS, frames.open_float),
    **dict.fromkeys(DISPLAYS, display_group),
    **dict.fromkeys(tables.TABULARS, tables.begin_tabular),
    **dict.fromkeys(algorithms.ALGORITHMICS, frames.open_algorithmic),
    "abstract": open_abstract,
    "abstract*": open_abstract,
    **dict.fromkeys(WORDS["skipped_environments"], open_skipped),
    **dict.fromkeys(_TRANSPARENT, open_transparent),
    **dict.fromkeys(("minipage", "varwidth"), open_minipage),
    "frame": open_frame,
    **dict.fromkeys(
        ("center", "flushleft", "flushright", "titlepage", "frontmatter", "small", "landscape"), open_center
    ),
    **dict.fromkeys(("keywords", "keyword", "IEEEkeywords", "Keywords"), open_keywords),
    **dict.fromkeys(
        ("acknowledgments", "acknowledgements", "acknowledgement", "acknowledgment", "acks", "ack"),
        open_acknowledgements,
    ),
    **dict.fromkeys(("thebibliography", "references", "REFERENCES", "thebibliography*"), open_bibliography),
}


HANDLERS: dict[str, Handler] = {
    "\\begin": begin,
    "\\end": end,
    END_ENVIRONMENT: end_own,
    "\\bibitem": bibitem,
    "\\bibliography": bibliography,
    "\\printbibliography": bibliography,
    "\\Refs": old_references,
    "\\demo": proof_word,
    "\\proof": proof_word,
    "\\tikz": picture_word,
}
