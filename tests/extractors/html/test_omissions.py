from __future__ import annotations

import pytest

from extractors.html import BlockReport, explain
from extractors.html.omissions import MAX_WORDS_CHARS

TEXT = "The wheel turns when the sluice is open, and the sluice is opened at six. " * 4


def reports(inside: str) -> list[BlockReport]:
    return explain(f"<html><body><p>{TEXT}</p>{inside}<p>{TEXT}End.</p></body></html>")


@pytest.mark.parametrize(
    ("inside", "reason"),
    [
        ("<nav><ul><li>Home</li></ul></nav>", "left out: <nav>"),
        ("<footer>Home</footer>", "left out: <footer>"),
        ('<p>A<span style="display:none">Home</span></p>', "left out: hidden <span>"),
        ('<p>A<span class="sr-only">Home</span></p>', "left out: <span> for screen readers only"),
        ("<select><option>Home</option></select>", "left out: <select>"),
        ("<noscript><b>Home</b></noscript>", "left out: <noscript>"),
    ],
)
def test_an_element_left_out_is_named_with_its_first_words(inside: str, reason: str) -> None:
    (report,) = [report for report in reports(inside) if report.index < 0]
    assert (report.reason, report.text, report.kept) == (reason, "Home", False)


def test_what_is_left_out_stands_between_the_blocks_around_it() -> None:
    kinds = [report.kind for report in reports("<nav>Home</nav><p>Middle.</p><footer>Imprint</footer>")]
    assert kinds == ["p", "nav", "p", "footer", "p"]


def test_what_is_left_out_in_a_table_stands_beside_it() -> None:
    cells = "<tr><td>1</td><td>2<nav>Home</nav></td></tr>" * 3
    kinds = [report.kind for report in reports(f"<table><tr><th>a</th><th>b</th></tr>{cells}</table>")]
    assert sorted(kinds[1:-1]) == ["nav", "nav", "nav", "table"]
    assert kinds[0] == kinds[-1] == "p"


@pytest.mark.parametrize("inside", ["<script>var home</script>", "<pre>a = 1</pre>", "<br>", "<hr>", "<nav></nav>"])
def test_what_has_no_text_or_was_taken_is_not_named(inside: str) -> None:
    assert all(report.index >= 0 for report in reports(inside))


def test_scripts_give_no_words() -> None:
    (report,) = [r for r in reports("<nav><script>var x</script><b>Home</b> there</nav>") if r.index < 0]
    assert report.text == "Home there"
    assert report.path.endswith("body > nav")


def test_words_are_only_the_first() -> None:
    (report,) = [r for r in reports(f"<nav>{'<b>word</b> ' * 10_000}</nav>") if r.index < 0]
    assert 0 < len(report.text) <= MAX_WORDS_CHARS


def test_blocks_keep_their_numbers() -> None:
    assert [r.index for r in reports("<nav>Home</nav><p>Middle.</p>") if r.index >= 0] == [0, 1, 2]
