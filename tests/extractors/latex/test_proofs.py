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
        (r"\AxiomC{$a$}\LeftLabel{grind}\RightLabel{mill}\UnaryInfC{$b$}\UnaryInfC{$c$}\DisplayProof",
         r"$$\frac{\frac{a}{b}\;\text{grind}\;\text{mill}}{c}$$"),
        (r"\AxiomC{$a$}\LeftLabel{}\RightLabel{mill}\UnaryInfC{$b$}\DisplayProof", r"$$\frac{a}{b}\;\text{mill}$$"),
    ],
)  # fmt: skip
def test_a_rule_reads_as_a_fraction(source: str, markdown: str) -> None:
    assert text(source) == markdown


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        (r"\[\inferrule{a \\ b}{\begin{array}{l}p\\q\end{array} \\ z}\]",
         "$$\n\\frac{a \\quad b}{\\begin{array}{l}p\\\\\nq\\end{array} \\quad z}\n$$"),
        (r"\begin{mathpar}\inferrule{x}{y}\and\begin{cases}1\\2\end{cases}\\z\end{mathpar}",
         "$$\\frac{x}{y}$$\n\n$$\n\\begin{cases}1\\\\\n2\\end{cases}\n$$\n\n$$z$$"),
        (r"\newcommand\bc{\begin{cases}}\newcommand\ec{\end{cases}}\begin{mathpar}\bc 1\\2\ec\and z\end{mathpar}",
         "$$\n\\begin{cases}1\\\\\n2\\end{cases}\n$$\n\n$$z$$"),
    ],
)  # fmt: skip
def test_the_rows_of_an_array_in_a_rule_stay_its_own(source: str, markdown: str) -> None:
    assert text(source) == markdown


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        (r"\begin{mathpar}a } b \and c\end{mathpar} end", "$$a b$$\n\n$$c$$\n\nend"),
        (r"\begin{mathpar}a \end{cases} \and c\end{mathpar} end", "$$a$$\n\n$$c$$\n\nend"),
        (r"\begin{mathpar}a \and {b\end{mathpar} end", "$$a$$\n\n$${b}$$\n\nend"),
    ],
)
def test_a_mathpar_whose_braces_do_not_match_keeps_its_formulas(source: str, markdown: str) -> None:
    assert text(source) == markdown


def test_a_tree_that_nothing_displays_stands_at_the_end() -> None:
    assert text(r"\begin{quote}\AxiomC{$a$}\UnaryInfC{$b$} So.") == "> So.\n\n$$\\frac{a}{b}$$"
    assert text(r"\AxiomC{$a$} So.") == "So.\n\n$$a$$"


def test_the_package_beside_the_paper_changes_nothing() -> None:
    style = rb"\def\AxiomC#1{\setbox\x\hbox{#1}}\newcommand\BinaryInfC[1]{#1}\newcommand\inferrule{\mpr@infer}"
    body = rb"\begin{prooftree}\AxiomC{$a$}\AxiomC{$b$}\BinaryInfC{$c$}\end{prooftree}"
    main = rb"\documentclass{article}\usepackage{bussproofs}\begin{document}" + body + rb"\end{document}"
    assert extract({"m.tex": main, "bussproofs.sty": style}).text == r"$$\frac{a \quad b}{c}$$"
