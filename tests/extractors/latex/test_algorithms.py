"""algorithm2e: keywords that a paper defines, comments, blocks."""

from __future__ import annotations

import pytest

from extractors.latex import extract


def text(source: str) -> str:
    return extract({"m.tex": f"\\documentclass{{article}}\\begin{{document}}{source}\\end{{document}}".encode()}).text


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        (r"\SetKwProg{Fn}{Function}{:}{end}\begin{algorithm}\Fn{Mill($x$)}{grind\;sift\;}\end{algorithm}",
         ["Function Mill($x$):", "  grind", "  sift"]),
        (r"\SetKwRepeat{Do}{do}{while}\begin{algorithm}\Do{$x>0$}{grind\;}\end{algorithm}",
         ["do", "  grind", "while $x>0$"]),
        (r"\SetKwFor{Each}{for each}{do}{end}\begin{algorithm}\Each{$x$}{grind\;}\end{algorithm}",
         ["for each $x$ do", "  grind"]),
        (r"\SetKwIF{When}{OrWhen}{Else}{when}{:}{or when}{else}{end}"
         r"\begin{algorithm}\When{$x$}{a\;}\OrWhen{$y$}{b\;}\Else{c\;}\end{algorithm}",
         ["when $x$ :", "  a", "or when $y$ :", "  b", "else", "  c"]),
        (r"\SetKwBlock{Setup}{setup}{end}\begin{algorithm}\Setup{a\;}\Begin{b\;}\end{algorithm}",
         ["setup", "  a", "begin", "  b"]),
        (r"\SetKwComment{Note}{// }{}\begin{algorithm}\Note{first}a \Note*{half}b\;\tcp{last}\end{algorithm}",
         ["// first", "a // half", "b", "// last"]),
        (r"\begin{algorithm2e}\If{$x$}{a}\end{algorithm2e}", ["if $x$ then", "  a"]),
        (r"\begin{procedure}a $x$\end{procedure}", ["a $x$"]),
        (r"\begin{algorithm}\If(\tcp*[h]{why}){$x$}{a}\end{algorithm}", ["if $x$ then // why", "  a"]),
        (r"\begin{algorithm}\Switch{$v$}{\Case{1}{a}\Other{b}}\end{algorithm}",
         ["switch $v$ do", "  case 1", "    a", "  otherwise", "    b"]),
        (r"\SetKwFunction{Mill}{mill}\SetKwData{Bin}{bin}\begin{algorithm}\Mill{$x$} or \Mill, \Bin\;\end{algorithm}",
         ["mill($x$) or mill, bin"]),
        (r"\begin{algorithm}\begin{algorithmic}\State a\If{$x$}\State b\Comment{c}\EndIf"
         r"\end{algorithmic}\end{algorithm}",
         ["a", "if $x$ then", "  b // c"]),
    ],
)  # fmt: skip
def test_an_algorithm_reads_as_its_lines(source: str, lines: list[str]) -> None:
    assert text(source) == "\n".join(["```", *lines, "```"])


def test_an_algorithm_of_own_keywords_alone_is_one() -> None:
    source = r"\SetKwProg{Fn}{Function}{}{end}\begin{algorithm}\caption{C.}\Fn{F}{$a$ \tcp*{one} $b$}\end{algorithm}"
    assert text(source) == "Algorithm 1: C.\n\n```\nFunction F\n  $a$ // one\n  $b$\n```"
