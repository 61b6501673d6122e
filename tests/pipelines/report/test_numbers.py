"""Numbers read as a person would write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.report.numbers import NBSP, duration, full, measured, plural, share, short, size, tick


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (9_999, "9,999"),
        (10_000, "10.0 k"),
        (999_499, "999 k"),
        (999_999, "1.00 M"),
        (2.5e9, "2.50 B"),
        (0.25, "0.25"),
    ],
)
def test_a_short_count_has_three_digits_and_a_unit(value: float, text: str) -> None:
    assert short(value) == text.replace(" ", NBSP)


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 5, "0 %"),
        (5, 5, "100 %"),
        (1, 3, "33.3 %"),
        (1, 10_000, "< 0.1 %"),
        (9_999, 10_000, "> 99.9 %"),
        (0, 0, "–"),
    ],
)
def test_a_share_never_hides_that_something_is_there_or_missing(part: int, whole: int, text: str) -> None:
    assert share(part, whole) == text.replace(" ", NBSP)


@pytest.mark.parametrize(("value", "text"), [(999, "999 B"), (1000, "1.00 kB"), (123_456_789, "123 MB")])
def test_a_size_is_in_decimal_units(value: int, text: str) -> None:
    assert size(value) == text.replace(" ", NBSP)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.0 s"), (59.94, "59.9 s"), (59.96, "1 min 00 s"), (192, "3 min 12 s"), (7500, "2 h 05 min")],
)
def test_a_duration_changes_its_unit_at_a_minute_and_an_hour(seconds: float, text: str) -> None:
    assert duration(seconds) == text.replace(" ", NBSP)


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        ("0.5263157895", "0.5263"),
        ("49", "49"),
        ("100000", "100,000"),
        ("en", "en"),
        ("nan", "nan"),
        (None, "–"),
        ("true", "true"),
    ],
)
def test_a_measured_value_keeps_four_digits_and_text_stays_text(stored: str | None, text: str) -> None:
    assert measured(stored) == text


@pytest.mark.parametrize(("value", "text"), [(1000, "1,000"), (10_000, "10 k"), (0.75, "0.75"), (1e6, "1 M"), (0, "0")])
def test_a_tick_has_no_digit_too_many(value: float, text: str) -> None:
    assert tick(value) == text.replace(" ", NBSP)


def test_nouns_take_their_plural() -> None:
    assert [plural(1, "category"), plural(2, "category"), plural(1234, "rule")] == [
        "1 category",
        "2 categories",
        "1,234 rules",
    ]


def test_the_plural_of_copy_is_copies() -> None:
    assert plural(0, "exact copy") == "0 exact copies"


@given(st.integers(0, 10**15))
def test_all_digits_are_there(count: int) -> None:
    assert int(full(count).replace(",", "")) == count
