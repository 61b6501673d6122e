"""Tables fit the terminal, whatever documents put in them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jobs.terminal import Column, cut, display_width, pad, side_by_side, table

CELLS = st.text(st.characters(codec="utf-8"), max_size=60)
COLUMNS = (Column("Id"), Column("Words", True), Column("Title", share=1), Column("Address", share=2))


@given(st.lists(st.tuples(CELLS, CELLS), max_size=8), st.integers(60, 200))
def test_a_table_is_no_wider_than_the_terminal(rows: list[tuple[str, str]], width: int) -> None:
    lines = table(COLUMNS, [("0123456789ab", "1,234", title, url) for title, url in rows], width)
    assert len(lines) == len(rows) + 2
    assert all(display_width(line) <= width for line in lines)
    assert all("\n" not in line and "\x1b" not in line for line in lines)


def test_a_table_for_a_pipe_cuts_nothing() -> None:
    long = "x" * 500
    assert long in table(COLUMNS, [("id", "1", "title", long)], None)[2]


def test_numbers_stand_at_the_right() -> None:
    lines = table((Column("A"), Column("N", True)), [("a", "1"), ("b", "1,000")], None)
    assert lines[2:] == ["a      1", "b  1,000"]


def test_what_one_column_does_not_need_goes_to_the_next() -> None:
    (line,) = table((Column("T", share=1), Column("U", share=1)), [("short", "u" * 50)], 40)[2:]
    assert line == "short  " + "u" * 32 + "…"


@given(CELLS, st.integers(1, 40))
def test_a_cut_text_fits_and_keeps_its_beginning(text: str, width: int) -> None:
    short = cut(text, width)
    assert display_width(short) <= width
    assert text.startswith(short.removesuffix("…")) or short == text


def test_wide_characters_take_two_columns() -> None:
    assert display_width("舟は昼") == 6
    assert cut("舟は昼まで", 6) == "舟は…"
    assert pad("舟", 4) == "舟  "
    assert pad("1", 3, right=True) == "  1"


def test_names_and_values_fill_the_width() -> None:
    entries = [(f"name_{number}", str(number)) for number in range(5)]
    assert side_by_side(entries, 30) == ["name_0  0    name_3  3", "name_1  1    name_4  4", "name_2  2"]
    assert len(side_by_side(entries, 10)) == 5
    assert side_by_side([], 80) == []
