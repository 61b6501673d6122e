"""Excerpts show what is there, mark the right words, and cannot act on what shows them."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from pipelines.report.excerpts import benchmark_match, differences, excerpt, find_span, one_line, visible

TEXTS = st.text(st.characters(codec="utf-8"), max_size=400)


@given(TEXTS)
def test_a_visible_text_has_no_controls_and_keeps_its_length(text: str) -> None:
    shown = visible(text)
    assert len(shown) == len(text)
    assert all(unicodedata.category(char) != "Cc" or char in "\n\t" for char in shown)
    assert not set(shown) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")


def test_an_escape_sequence_becomes_its_picture() -> None:
    assert visible("\x1b[31mred\x9b0m") == "␛[31mred�0m"


@given(TEXTS)
def test_one_line_is_one_line(text: str) -> None:
    assert "\n" not in one_line(text)
    assert "\t" not in one_line(text)


@given(TEXTS, st.integers(1, 50))
def test_an_excerpt_says_how_much_it_leaves_out(text: str, max_chars: int) -> None:
    cut = excerpt(text, max_chars)
    assert cut.text == visible(text[:max_chars])
    assert len(cut.text) + cut.cut_after == len(text)


def test_a_span_is_found_in_any_case_and_across_punctuation() -> None:
    text = "Solve: The Mean mass, of 2.5 kg (once) swapped!"
    start, end = find_span(text, "the mean mass of 2 5 kg once")  # type: ignore[misc]
    assert text[start:end] == "The Mean mass, of 2.5 kg (once"


def test_a_span_that_only_begins_inside_a_word_is_not_found() -> None:
    assert find_span("bathe mean mass", "the mean mass") is None
    assert find_span("the mean masses", "the mean mass") is None
    assert find_span("anything", "") is None


def test_an_excerpt_around_a_span_marks_it_and_counts_both_ends() -> None:
    text = "x " * 3000 + "The Leaked, words" + " y" * 3000
    cut = excerpt(text, 1000, "the leaked words")
    assert cut.match == "The Leaked, words"
    assert cut.cut_before + len(cut.text) + cut.cut_after == len(text)
    assert 900 <= len(cut.text) <= 1100


def test_a_span_that_is_nowhere_leaves_the_beginning() -> None:
    assert excerpt("abc def", 3, "not there").text == "abc"


@given(TEXTS, TEXTS)
def test_differences_put_together_are_the_text(text: str, other: str) -> None:
    assert "".join(piece for piece, _ in differences(text, other)) == text


def test_only_the_words_that_differ_are_marked() -> None:
    marked = [piece.strip() for piece, differs in differences("one two three four", "one 2 three four") if differs]
    assert marked == ["two"]


def test_a_match_is_of_the_measure_that_is_asked_for() -> None:
    signals = {"benchmark_13gram_item": "gsm/1", "benchmark_13gram_span": "a b", "benchmark_13gram_matches": 1}
    match = benchmark_match(signals, ngram_words=13)
    assert match is not None
    assert (match.item, match.strength) == ("gsm/1", "1 13-gram in common")
    assert benchmark_match(signals, ngram_words=7) is None
