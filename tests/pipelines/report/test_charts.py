"""Plots: what is drawn adds up, and the scales are right."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.report.charts import Step, bar, grouped_bars, histogram, stacked_bar, waterfall
from pipelines.report.statistics import ZERO_BIN, Histogram

BINS = st.dictionaries(st.integers(ZERO_BIN, 60), st.integers(1, 10**9), min_size=1)


def columns(svg: str) -> list[tuple[str, int]]:
    """(span, documents) of each column of a histogram, from what it says when pointed at."""
    titles = re.findall(r"<title>(.*?): (.*?)</title>", svg)
    return [(span, sum(int(n.replace(",", "")) for n in re.findall(r"(\d[\d,]*) \w+", said))) for span, said in titles]


@given(BINS, BINS)
def test_a_histogram_draws_every_document(kept: dict[int, int], dropped: dict[int, int]) -> None:
    svg = histogram(Histogram({("web", "kept"): kept, ("web", "dropped"): dropped}), "Words")
    assert sum(count for _, count in columns(svg)) == sum(kept.values()) + sum(dropped.values())


@given(st.dictionaries(st.integers(0, 100), st.integers(1, 10**6), min_size=1))
def test_a_linear_histogram_draws_every_document(bins: dict[int, int]) -> None:
    svg = histogram(Histogram({("", "near"): bins}, 0.01), "Similarity")
    assert sum(count for _, count in columns(svg)) == sum(bins.values())


@given(BINS)
def test_no_column_leaves_the_plot(bins: dict[int, int]) -> None:
    svg = histogram(Histogram({("web", "kept"): bins}), "Words")
    for x, width in re.findall(r'<rect class="s-kept" x="([\d.]+)%" y="[\d.]+" width="([\d.]+)%"', svg):
        assert 0 <= float(x) <= float(x) + float(width) <= 100.01


def test_a_hundred_words_stand_at_the_tick_of_a_hundred() -> None:
    shape = Histogram({("web", "kept"): {shape_bin(100): 6000, shape_bin(10): 1}})
    svg = histogram(shape, "Words")
    (x,) = re.findall(r'<rect class="s-kept" x="([\d.]+)%" y="12"', svg)
    (tick,) = re.findall(r'<text class="tick" x="([\d.]+)%" y="148" dx="0" text-anchor="\w+">100</text>', svg)
    assert x == tick


def shape_bin(value: float) -> int:
    return Histogram({}).bin_of(value)


def test_documents_without_words_have_a_column_of_their_own() -> None:
    svg = histogram(Histogram({("web", "dropped"): {ZERO_BIN: 7, 8: 3}}), "Words")
    assert columns(svg)[0] == ("0", 7)
    assert ">0</text>" in svg


def test_a_histogram_of_nothing_is_not_drawn() -> None:
    assert histogram(Histogram({}), "Words") == ""
    assert waterfall([], 0, "Funnel") == ""


@pytest.mark.parametrize("value", [1, 9.99, 10, 99_999, 1e6])
def test_a_value_lies_between_the_edges_of_its_bin(value: float) -> None:
    shape = Histogram({})
    number = shape.bin_of(value)
    assert shape.lower_edge(number) <= value < shape.lower_edge(number + 1)


def test_the_median_is_in_the_bin_that_holds_the_middle_document() -> None:
    assert Histogram({}, 0.1).median({0: 1, 5: 1, 9: 1}) == pytest.approx(0.55)
    assert Histogram({}).median({ZERO_BIN: 3, 8: 1}) == 0
    assert Histogram({}).median({}) is None


def test_the_funnel_draws_what_leaves_at_the_end_of_what_came() -> None:
    svg = waterfall(
        [Step("a", "dropped", 100, 25), Step("b", "dropped", 75, 50), Step("Kept", "kept", 25, 25)], 100, "F"
    )
    drawn = re.findall(r'class="s-dropped" x="([\d.]+)%" y="\d+" width="([\d.]+)%"', svg)
    assert drawn == [("75", "25"), ("25", "50")]
    assert 'class="s-kept" x="0%" y="99" width="25%"' in svg


def test_a_rare_step_is_still_seen() -> None:
    assert 'class="s-failed" x="99.7%" y="19" width="0.3%"' in waterfall([Step("a", "failed", 10**6, 1)], 10**6, "F")


def test_bars_are_in_proportion_and_nothing_is_drawn_for_nothing() -> None:
    assert 'class="s-kept" x="0%" y="0" width="50%"' in bar(5, 10, "kept")
    assert 'class="s-kept" x="0%" y="0" width="0%"' in bar(0, 10, "kept")
    assert 'class="s-dropped" x="25%" y="0" width="75%"' in stacked_bar({"kept": 1, "dropped": 3}, 4)


def test_labels_are_escaped() -> None:
    svg = grouped_bars([("<b>", [("</text>", "target", 3)])], '"><script>', "")
    assert "<b>" not in svg
    assert "<script>" not in svg
    assert svg.count("</text>") == 2
