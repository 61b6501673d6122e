"""Inference rules and proof trees are displays of fractions."""

from __future__ import annotations

import pytest

from extractors.latex import extract


def text(source: str) -> str:
    return extract({"m.tex": f"\\documentclass{{article}}\\begin{{document}}{source}\\end{{document}}".encode()}).text


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        (r"\begin{mathpar}\inferrule[mill]{a \\ b}{c}" "\n\n" r"\inferrule*[Right=sift]{a}{b} \and z\end{mathpar}",
         r"$$\text{mill}\;\frac{a \quad b}{c}$$" "\n\n" r"$$\text{sift}\;\frac{a}{b}$$" "\n\n$$z$$"),
        (r"\[\inferrule{a}{b}\]", r"$$\frac{a}{b}$$"),
        (r"So \inferrule{a}{b} holds.", r"So $\frac{a}{b}$ holds."),
        (r"\begin{prooftree}\AxiomC{$a$}\AxiomC{$b$}\RightLabel{mill}\BinaryInfC{$c$}\UnaryInfC{so $d$}\end{prooftree}",
         r"$$\frac{\frac{a \quad b}{c}\;\text{mill}}{\text{so }{d}}$$"),
        (r"\AxiomC{$a$}\UnaryInfC{$b$}\DisplayProof", r"$$\frac{a}{b}$$"),
        (r"\begin{figure}\begin{mathpar}\inferrule{a}{b}\end{mathpar}\caption{C.}\end{figure}",
         "$$\\frac{a}{b}$$\n\nFigure 1: C."),
    ],
)  # fmt: skip
def test_a_rule_reads_as_a_fraction(source: str, markdown: str) -> None:
    assert text(source) == markdown


def test_the_package_beside_the_paper_changes_nothing() -> None:
    style = rb"\def\AxiomC#1{\setbox\x\hbox{#1}}\newcommand\BinaryInfC[1]{#1}\newcommand\inferrule{\mpr@infer}"
    body = rb"\begin{prooftree}\AxiomC{$a$}\AxiomC{$b$}\BinaryInfC{$c$}\end{prooftree}"
    main = rb"\documentclass{article}\usepackage{bussproofs}\begin{document}" + body + rb"\end{document}"
    assert extract({"m.tex": main, "bussproofs.sty": style}).text == r"$$\frac{a \quad b}{c}$$"
