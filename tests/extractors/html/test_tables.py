from __future__ import annotations

import pytest

from extractors.html import extract

LONG = "Plain words that fill the page so that something of it is kept. " * 20


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (r"\(P(a|b)\)", r"$P(a\vert b)$"),
        (r"\(\|x\|_2\)", r"$\Vert x\Vert _2$"),
        ("a|b", r"a\|b"),
        ("$5 | $6", r"$5 \| $6"),
    ],
)
def test_bars_of_a_cell_are_no_columns_and_keep_their_meaning_in_tex(cell: str, text: str) -> None:
    rows = "<tr><th>Form</th><th>Name</th></tr>" + f"<tr><td>{cell}</td><td>one of them</td></tr>" * 2
    found = extract(f"<article><p>{LONG}</p><table>{rows}</table><p>{LONG}</p></article>").text
    assert f"| {text} | one of them |" in found
