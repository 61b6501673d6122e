from __future__ import annotations

import pytest

from extractors.html import extract
from extractors.pipe_table import MAX_COLUMNS

MANY = MAX_COLUMNS + 5
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


def test_code_in_a_cell_keeps_its_white_space() -> None:
    row = "<tr><td><pre>a  =  1</pre></td><td>one of them</td></tr>"
    rows = f"<tr><th>Code</th><th>Name</th></tr>{row * 2}"
    found = extract(f"<article><p>{LONG}</p><table>{rows}</table><p>{LONG}</p></article>").text
    assert "| `a  =  1` | one of them |" in found


def test_cells_beyond_the_last_column_are_not_lost() -> None:
    rows = "".join(
        f"<tr>{''.join(f'<{tag}>{name}{k}</{tag}>' for k in range(MANY))}</tr>"
        for tag, name in (("th", "h"), ("td", "d"))
    )
    found = extract(f"<article><p>{LONG}</p><table>{rows}</table><p>{LONG}</p></article>").text
    assert f"| d{MAX_COLUMNS - 2} | d{MAX_COLUMNS - 1} d{MAX_COLUMNS} " in found
    assert f"d{MANY - 1} |" in found
