"""Grids with spans as pipe tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.errors import OutputTooLarge
from extractors.pipe_table import MAX_CHARS, MAX_COLUMNS, Cell, render, render_escaped

CELL = st.builds(Cell, st.sampled_from(["a", "b c", "x|y", "", "$p|q$"]), st.integers(0, 4), st.integers(0, 4))


def test_spans_stand_in_their_first_column_of_each_row_they_cover() -> None:
    rows = [[Cell("A"), Cell("B", columns=2)], [Cell("1", rows=2), Cell("2"), Cell("3")], [Cell("4"), Cell("5")]]
    assert render(rows) == "| A | B |  |\n| --- | --- | --- |\n| 1 | 2 | 3 |\n| 1 | 4 | 5 |"


def test_bars_are_escaped_and_formulas_keep_theirs() -> None:
    assert render([[Cell("a|b"), Cell("$|x|$")]]).startswith("| a\\|b | $\\vert x\\vert $ |")


def test_a_table_without_text_is_nothing() -> None:
    assert render([[Cell(""), Cell(" ")], []]) == ""
    assert render([]) == ""


def test_columns_are_bounded() -> None:
    wide = render([[Cell("a", columns=10**6)] * 50, [Cell(str(k)) for k in range(500)]])
    assert wide.split("\n")[1].count("---") == MAX_COLUMNS


def test_cells_beyond_the_last_column_share_it() -> None:
    head, _, first, second = render(
        [
            [Cell(str(k)) for k in range(MAX_COLUMNS + 3)],
            [Cell("a", rows=2), Cell("b")],
            [Cell(f"c{k}") for k in range(MAX_COLUMNS + 1)],
        ]
    ).split("\n")
    assert head.endswith("| 198 | 199 200 201 202 |")
    assert first.startswith("| a | b |  |")
    assert second.startswith("| a | c0 |")
    assert second.endswith("| c197 | c198 c199 c200 |")


@given(st.lists(st.lists(CELL, max_size=6), max_size=6))
def test_no_cell_is_lost(rows: list[list[Cell]]) -> None:
    found = render(rows)
    assert all(cell.text.replace("|", "\\|") in found or "$" in cell.text for row in rows for cell in row)


def test_white_space_is_kept_where_the_caller_made_the_line() -> None:
    assert render_escaped([[Cell("`a  b`"), Cell("c")]]).startswith("| `a  b` | c |")
    assert render([[Cell("a \n b"), Cell("c")]]).startswith("| a b | c |")


@given(st.lists(st.lists(CELL, max_size=6), max_size=6))
def test_every_line_has_as_many_columns(rows: list[list[Cell]]) -> None:
    lines = render(rows).split("\n")
    assert len({line.replace("\\|", "").count("|") for line in lines}) == 1


def test_columns_and_rows_without_text_are_left_out() -> None:
    assert render([[Cell("a"), Cell(""), Cell("b")], [Cell(""), Cell(""), Cell("")]]) == "| a | b |\n| --- | --- |"
    assert render([[Cell(""), Cell("")]]) == ""


def test_a_table_of_more_characters_than_the_limit_is_refused() -> None:
    row = [Cell("x" * (MAX_CHARS // 2 - 6)), Cell("")]
    assert len(render([row, row])) > MAX_CHARS - 20
    with pytest.raises(OutputTooLarge):
        render([row, row, [Cell("x" * 20), Cell("")]])
