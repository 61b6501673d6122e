from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from extractors.pipe_table import Cell, render

CELLS = st.builds(Cell, st.text("ab| $\n", max_size=6), st.integers(1, 4), st.integers(1, 4))


def test_spans_are_resolved_as_in_html() -> None:
    rows = [[Cell("wide", columns=2), Cell("c")], [Cell("tall", rows=2), Cell("x"), Cell("y")], [Cell("p"), Cell("q")]]
    assert render(rows) == "| wide |  | c |\n| --- | --- | --- |\n| tall | x | y |\n| tall | p | q |"


def test_bars_of_text_are_escaped_and_bars_of_tex_become_commands() -> None:
    assert "| a\\|b | $P(a\\vert b)$ |" in render([[Cell("a|b"), Cell("$P(a|b)$")]])


def test_columns_and_rows_without_text_are_left_out() -> None:
    assert render([[Cell("a"), Cell(""), Cell("b")], [Cell(""), Cell(""), Cell("")]]) == "| a | b |\n| --- | --- |"
    assert render([[Cell(""), Cell("")]]) == ""


@given(st.lists(st.lists(CELLS, max_size=5), max_size=5))
def test_every_row_has_the_same_number_of_columns(rows: list[list[Cell]]) -> None:
    lines = render(rows).splitlines()
    widths = {line.replace("\\|", "").count("|") for line in lines}
    assert len(widths) <= 1
