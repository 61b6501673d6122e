from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.code.signals import num_visible_chars, signals


def test_lines_and_shares_are_counted_as_written():
    found = signals("ab1_\n\n12345678\n")
    assert (found["num_lines"], found["max_line_chars"], found["mean_line_chars"]) == (3, 8, 4.0)
    assert found["alnum_ratio"] == pytest.approx(11 / 15)
    assert found["alpha_ratio"] == pytest.approx(2 / 15)
    assert found["alpha_per_token_ratio"] == pytest.approx(2 / 2)


def test_html_has_its_visible_text_measured_and_other_languages_do_not():
    page = (
        "<html><head><style>p {}</style><script>var a = '<b>';</script></head><!-- no --><p>Hello <b>you</b></p></html>"
    )
    assert num_visible_chars(page) == len("Hello you")
    assert signals(page, "HTML")["html_visible_ratio"] == pytest.approx(9 / len(page))
    assert "html_visible_ratio" not in signals(page, "Python")


def test_an_xml_declaration_counts_in_the_first_hundred_characters():
    assert signals(" " * 86 + "<?xml version=")["has_xml_declaration"] == 1
    assert signals(" " * 87 + "<?xml version=")["has_xml_declaration"] == 0


def test_letters_and_alphanumerics_are_those_of_str() -> None:
    found = signals("aé文²½Ⅷ٣_ ")
    assert (found["alpha_ratio"], found["alnum_ratio"]) == (3 / 9, 7 / 9)


@pytest.mark.parametrize("unit", ["<script ", "<style", "<!--", "<script>x", "</script", "<a "])
def test_time_for_a_page_grows_with_it_and_not_with_its_square(unit: str):
    text = unit * (1_000_000 // len(unit))
    started = time.process_time()
    signals(text, "HTML")
    assert time.process_time() - started < 20


def test_no_text_has_no_lines():
    assert signals("")["num_lines"] == 0


@given(st.text(max_size=500))
def test_ratios_lie_between_nought_and_one_and_lines_hold_the_text(text: str):
    found = signals(text, "HTML")
    for name in ("alnum_ratio", "alpha_ratio", "encoded_ratio", "html_visible_ratio"):
        assert 0 <= found[name] <= 1
    assert found["mean_line_chars"] <= found["max_line_chars"] <= len(text)
    assert found == signals(text, "HTML")
