from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.signals.c4 import c4_signals, count_sentences
from pipelines.signals.lines import non_blank_lines


def measured(text: str) -> dict[str, float | int | bool]:
    return c4_signals(text.lower(), non_blank_lines(text))


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("One. Two! Three?", 3),
        ('He said "No." Then he left.', 2),
        ("Dr. Smith met J. Jones of Acme Inc. in May.", 1),
        ("It costs 3.50 at example.com today", 1),
        ("Well... perhaps", 1),
        ("一句。两句！三句", 3),
        ("「はい。」そうです。", 2),
        ("पहला। दूसरा।", 2),
        ("a heading", 1),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(line: str, count: int) -> None:
    assert count_sentences(line) == count


def test_a_line_needs_three_words_and_for_c4_a_terminal_mark() -> None:
    signals = measured("Two words.\nThis has three words.\nno mark at the end\nand so on...")
    assert signals["c4_num_sentences"] == 1
    assert signals["c4_removed_line_ratio"] == 0.75
    assert signals["fineweb_c4_num_sentences"] == 3
    assert signals["fineweb_c4_removed_line_ratio"] == 0.25


def test_lines_about_cookies_and_javascript_are_counted_and_removed() -> None:
    signals = measured("We use cookies on this site.\nPlease enable JavaScript now.\nThe sea is calm today.")
    assert (signals["num_policy_lines"], signals["num_javascript_lines"]) == (1, 1)
    assert signals["c4_num_sentences"] == 1


@pytest.mark.parametrize(
    ("text", "c4", "fineweb"),
    [
        ("This is a { bracket.", True, True),
        ("This is a { bracket", False, True),
        ("Here javascript has { it.", False, False),
        ("{ two", False, False),
        ("This has none.", False, False),
    ],
)
def test_curly_brackets_count_where_the_line_rules_leave_them(text: str, c4: bool, fineweb: bool) -> None:
    signals = measured(text)
    assert (signals["c4_has_curly_bracket"], signals["fineweb_c4_has_curly_bracket"]) == (c4, fineweb)


def test_lorem_ipsum_is_found_in_any_case() -> None:
    assert measured("Text: LOREM Ipsum dolor sit amet.")["c4_has_lorem_ipsum"]


def test_a_word_of_more_than_a_thousand_characters_removes_its_line() -> None:
    assert measured(f"see the {'x' * 1000} here.")["c4_removed_line_ratio"] == 0
    assert measured(f"see the {'x' * 1001} here.")["c4_removed_line_ratio"] == 1


def test_a_citation_at_the_end_of_a_line_hides_no_mark() -> None:
    assert measured("It is so.[12]")["c4_num_sentences"] == 1


@given(st.lists(st.sampled_from(["A line of words.", "no end here", "x", "we use cookies here.", "a { b c."])))
def test_c4_keeps_no_line_that_fineweb_would_remove(lines: list[str]) -> None:
    signals = measured("\n".join(lines))
    assert signals["c4_num_sentences"] <= signals["fineweb_c4_num_sentences"] <= signals["num_sentences"]
    assert 0 <= signals["fineweb_c4_removed_line_ratio"] <= signals["c4_removed_line_ratio"] <= 1
