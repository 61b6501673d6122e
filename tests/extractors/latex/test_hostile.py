"""Sources made to be slow, large or wrong: each ends in time, with its text or with a typed error."""

from __future__ import annotations

import time

import pytest

from extractors.errors import ExpansionLimitExceeded, NestingTooDeep
from extractors.guard import Watch
from extractors.latex import LatexLimits, LatexOptions, LatexResult, extract
from extractors.latex.converter import Converter
from extractors.latex.displays import write_display
from extractors.latex.source import Files

QUICK = LatexOptions(limits=LatexLimits(time_s=4.0))


def document(source: str, **files: str) -> LatexResult:
    main = f"\\documentclass{{article}}\\begin{{document}}{source}\\end{{document}}"
    members = {name.replace("_dot_", "."): text.encode() for name, text in files.items()}
    return extract({"main.tex": main.encode(), **members}, QUICK)


@pytest.mark.parametrize(
    ("source", "ends"),
    [
        ("(" + "see also, " * 26 + r"\cite{a} x", "x"),
        ("(" + "see also, " * 26 + r"\cite{a}" + "see also, " * 26 + " x", "x"),
        ("(" * 3000 + r"\cite{a}" * 3000 + " x", "x"),
        (r"\cite{a} " * 20_000 + "x", "x"),
        (r"\expandafter" * 20_000 + " x", "x"),
        (r"\begin{align}" + r"\\ " * 5000 + r"x\end{align}y", "y"),
        (r"\DeclareAcronym{a}{" + "x" * 20_000 + "}y", "y"),
        (r"$\begin{array}{*{99}{*{99}{*{99}{*{99}{l}}}}}x\end{array}$ y", "y"),
    ],
)  # fmt: skip
def test_no_repetition_is_slow(source: str, ends: str) -> None:
    found = document(source)
    assert found.error is None
    assert found.text.endswith(ends)
    assert len(found.text) < 2 * len(source) + 20_000


@pytest.mark.parametrize("tex", [r"\\ " * 300_000 + "x", "x" + r" \\" * 300_000])
def test_empty_rows_take_time_in_proportion_to_their_number(tex: str) -> None:
    c = Converter(Files({}, 1), QUICK, Watch(4.0))
    before = time.process_time()
    write_display(c, tex)
    assert time.process_time() - before < 2  # under 0.8 s on a busy machine
    assert [block.text for block in c.w.frames[0].blocks] == ["$$x$$"]


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        (r"\[\\ \\\\ a \\ b \\ \\\\\]", "$$\na \\\\\nb\n$$"),
        (r"\[\\\, a \\\,\]", "$$\n\\, a \\\\\n\\,\n$$"),
        (r"\[\\ \\\]", ""),
    ],
)
def test_rows_ends_go_before_and_after_a_display_and_stay_inside(source: str, markdown: str) -> None:
    assert document(source).text == markdown


def test_labels_of_a_bibliography_take_no_longer_than_their_length() -> None:
    for label in (" " * 1490, "(1999" * 290):
        found = document(r"Shown by \cite{a}. End.", x_dot_bbl=f"\\bibitem[{label}" * 300)
        assert found.error is None
        assert found.text == "Shown by prior work. End."


@pytest.mark.parametrize(
    "source",
    [
        r"\ifnum²<3 a\fi\multirow{²}{l}{x}\begin{tabular}{l}\multicolumn{²}{l}{x}\end{tabular}\ding{²}",
        r"\newcommand{\x}[²]{y}\x\DeclarePairedDelimiterX{\p}[²]{a}{b}{#²}$\p{x}$\RN{²}\ion{H}{²}",
        r"\DeclarePairedDelimiterX{\p}[9]{a}{b}{#9#8}$\p{x}$",
        r"\begin{algorithmic}\lIf{x}{y}\uElseIf{x}{y}\lForEach{x}{y}\Switch{x}{\Case{y}{z}}\end{algorithmic}",
        r"\begin{algorithm}\Switch{x}{\Case{1}{y}\Other{z}}\;\end{algorithm}",
        r"\UnaryInfC{x}\DisplayProof\BinaryInfC{}\begin{prooftree}\end{prooftree}\inferrule{}$\inferrule$",
        r"$x\tag{\cite{a}}\eqno$ \[\tag\] $$\eqno(\ref{x}$$",
        r"\SetKwProg\SetKwRepeat{}\SetKwIF{a}\SetKwFor{A}{b}\A\begin{algorithm}\A\;\end{algorithm}",
        r"\edit\nth{}\ion{}{}\RN{}\romannumeral\foo{",
    ],
)  # fmt: skip
def test_odd_arguments_are_no_bug(source: str) -> None:
    found = document(source + " end")
    assert found.error is None or found.error.code != "ExtractorBug", found.error


def test_endless_expansion_and_nesting_are_typed() -> None:
    small = LatexOptions(limits=LatexLimits(expansions=10_000))
    head = b"\\documentclass{article}\\begin{document}"
    assert isinstance(extract({"m.tex": head + rb"\def\a{\a}\a"}, small).error, ExpansionLimitExceeded)
    assert isinstance(document(r"\def\a{\section{\a}}\a").error, NestingTooDeep)
