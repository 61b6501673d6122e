from __future__ import annotations

import pytest

from extractors.html import extract

LONG = "Plain words that fill the page so that something of it is kept. " * 20


def line(inside: str) -> str:
    return extract(f"<article><p>{LONG}</p><p>{inside}</p></article>").text.rsplit("\n", 1)[-1]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("A<sup>H</sup>A", "A^HA"),
        ("2<sup>n</sup> of (a+b)<sup>k</sup>", "2^n of (a+b)^k"),
        ("the 1<sup>st</sup> and 2<sup>e</sup>", "the 1st and 2e"),
        ("M<sup>R</sup> and N<sup>o</sup> 5", "MR and No 5"),
        ("x<sub>i</sub> + y<sub>n-1</sub>", "x_i + y_{n-1}"),
        ("a note<sup>[1]</sup> here", "a note[1] here"),
        ("x<sup>2 </sup>is y<sub>i </sub>here", "x^2 is y_i here"),
        ("(a + b)<sup>2</sup>", "(a + b)^2"),
        ("so.<sup>3</sup> And", "so.[3] And"),
        ("H<sub>2</sub>O", "H2O"),
        ("V<sub>max</sub>", "Vmax"),
        ("<code>a</code><code>b</code> <code>c</code>", "`a` `b` `c`"),
    ],
)
def test_raised_and_lowered_letters_and_neighbouring_code_stay_apart(markup: str, text: str) -> None:
    assert line(f"It says {markup}") == f"It says {text}"
