"""Equations come out as standard TeX with balanced delimiters."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.latex import extract


def text(source: str) -> str:
    return extract({"m.tex": f"\\documentclass{{article}}\\begin{{document}}{source}\\end{{document}}".encode()}).text


@pytest.mark.parametrize(
    ("source", "tex"),
    [
        (r"\begin{equation}\label{e}a=b\end{equation}", "$$a=b$$"),
        (r"\[ a \nonumber \]", "$$a$$"),
        (r"$$a=b\eqno(3)$$", r"$$a=b \tag{3}$$"),
        (r"$$a=b\leqno{\rm and}$$", r"$$a=b \tag*{and}$$"),
        (r"\begin{equation}a=b\tag{$*$}\end{equation}", r"$$a=b \tag{*}$$"),
        (r"\begin{align}a\tag{A}\\b\end{align}", "$$\n\\begin{aligned}\na\\\\\nb\n\\end{aligned}\n$$"),
        (r"\[a=b\\\]", "$$a=b$$"),
        (r"$$\\ a \\ \\$$", "$$a$$"),
        (r"\begin{align}a&=b\\c&=d\nonumber\end{align}", "$$\n\\begin{aligned}\na&=b\\\\\nc&=d\n\\end{aligned}\n$$"),
        (r"\begin{align*}a&=b\end{align*}", "$$a =b$$"),
        (r"\begin{eqnarray}a&=&b\\c&=&d\end{eqnarray}",
         "$$\n\\begin{array}{rcl}\na&=&b\\\\\nc&=&d\n\\end{array}\n$$"),
        (r"\begin{gather}a\\b\end{gather}", "$$\n\\begin{gathered}\na\\\\\nb\n\\end{gathered}\n$$"),
        (r"$$\eqalign{a&=b\cr c&=d\cr}$$", "$$\n\\begin{aligned}\na&=b\\\\\nc&=d\n\\end{aligned}\n$$"),
        (r"\newcommand{\be}{\begin{equation}}\newcommand{\ee}{\end{equation}}\be a=b\ee", "$$a=b$$"),
        (r"$\mbox{if } x>0$", r"$\text{if } x>0$"),
        (r"$\text{for $x$ in}$", r"$\text{for }{x}\text{ in}$"),
        (r"$a\hspace{1cm}b\vspace{2pt}\label{x}$", r"$a\ b$"),
        (r"$\textcolor{red}{x}$", "$x$"),
        (r"$a$$b$", "$a b$"),
        (r"\(x\)", "$x$"),
        (r"\ensuremath{\alpha x}", r"$\alpha x$"),
        (r"$\left( x$", r"$\left( x\right.$"),
        (r"$p\in\<Names>$", r"$p\in\mathit{Names}$"),
        (r"$\SI{3}{\kilo\metre}$", r"$\text{3 km}$"),
    ],
)  # fmt: skip
def test_an_equation_reads_as_standard_tex(source: str, tex: str) -> None:
    assert text(source) == tex


def test_equations_are_counted_for_references_row_by_row() -> None:
    source = r"\begin{align}a&=b\label{p}\\c&=d\nonumber\\e&=f\label{q}\end{align}See \eqref{p}, \eqref{q}."
    assert text(source).endswith("See (1), (2).")


def test_a_missing_dollar_costs_one_paragraph_and_no_more() -> None:
    assert "The rest stays." in text("Broken $a + b here.\n\nThe rest stays. And $c$.")


@given(st.lists(st.sampled_from(["{", "}", "\\left(", "\\right)", "x", "^", "\\begin{array}{c}", "\\end{array}", "&"])))
def test_whatever_stands_in_a_display_its_braces_and_environments_balance(tokens: list[str]) -> None:
    found = text("\\[" + " ".join(tokens) + "\\] after")
    for display in re.findall(r"\$\$(.*?)\$\$", found, re.S):
        assert len(re.findall(r"(?<!\\)\{", display)) == len(re.findall(r"(?<!\\)\}", display))
        assert display.count("\\begin{") == display.count("\\end{")
        assert display.count("\\left") == display.count("\\right")
