from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipelines.signals.lines import line_signals, non_blank_lines, terminal_punctuation

LINES = st.lists(st.sampled_from(["A line.", "- a point", "no end", "", "  ", ">", "# Head", "| a | b |", "more…"]))


def measured(text: str, num_tokens: int = 10) -> dict[str, float | int]:
    return line_signals(text, non_blank_lines(text), num_tokens)


def test_blank_lines_and_marks_of_quotations_are_no_lines() -> None:
    assert non_blank_lines("one\n\n \t\n> two\n>\n> >\nthree") == ["one", "> two", "three"]


@given(LINES)
def test_blank_lines_change_no_ratio_of_lines(lines: list[str]) -> None:
    plain, spaced = measured("\n".join(lines)), measured("\n\n".join(lines))
    for name in ("bullet_line_ratio", "ellipsis_line_ratio", "duplicate_line_ratio", "short_line_ratio", "num_lines"):
        assert plain[name] == spaced[name]


@given(LINES)
def test_ratios_of_lines_lie_between_0_and_1(lines: list[str]) -> None:
    signals = measured("\n".join(lines), 100)
    assert all(0 <= value <= 1 for name, value in signals.items() if name.endswith("_ratio"))


def test_bullets_and_ellipses_are_shares_of_the_lines() -> None:
    signals = measured("- one\n• two\nthree...\nfour…")
    assert signals["bullet_line_ratio"] == 0.5
    assert signals["ellipsis_line_ratio"] == 0.5
    assert signals["ellipsis_to_word_ratio"] == 0.2


def test_marks_of_headings_are_no_hashes() -> None:
    signals = measured("## Heading\n\nC# and #tag\n\n#hash")
    assert signals["hash_to_word_ratio"] == 0.3
    assert signals["heading_line_ratio"] == 1 / 3


def test_terminal_marks_of_any_script_end_a_line() -> None:
    assert {".", "!", "?", "。", "।", "؟", "។"} <= terminal_punctuation()
    assert measured("Yes.\nहाँ।\n好。\nno\n")["line_end_punctuation_ratio"] == 0.75


def test_characters_in_lines_that_end_a_sentence_are_counted_too() -> None:
    found = measured("Menu\nHome\nA whole sentence.\n")
    assert found["line_end_punctuation_char_ratio"] == 17 / 25


def test_a_line_of_thirty_characters_is_short_and_one_of_thirty_one_is_not() -> None:
    assert measured("x" * 30 + "\n" + "y" * 31)["short_line_ratio"] == 0.5


def test_gopher_divides_duplicate_characters_by_all_and_fineweb_by_those_that_are_no_newlines() -> None:
    signals = measured("same\nsame\nother")
    assert signals["duplicate_line_ratio"] == 1 / 3
    assert signals["duplicate_line_char_ratio"] == 4 / 15
    assert signals["fineweb_duplicate_line_char_ratio"] == 4 / 13


def test_paragraphs_are_what_blank_lines_separate() -> None:
    signals = measured("one\nstill one\n\ntwo\n\n\none\nstill one")
    assert signals["num_paragraphs"] == 3
    assert signals["duplicate_paragraph_ratio"] == 1 / 3
