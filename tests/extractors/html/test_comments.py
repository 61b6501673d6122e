from __future__ import annotations

from pathlib import Path

import pytest

from extractors.guard import Watch
from extractors.html import Options, explain, extract
from extractors.html.comments import MAX_SEPARATORS, MIN_REST_CHARS, without
from extractors.html.elements import OPENERS, open_unknown
from extractors.html.extraction import parse
from extractors.html.page import Page
from extractors.html.walk import Walk

GOLDEN = Path(__file__).parents[1] / "golden"
DROP = Options(comments="drop")
STORY = "x" * MIN_REST_CHARS
COMMENT = '<div class="comments"><p>I liked that.</p></div>'


def rest(html: str, kind: str = "article", title: str = "") -> list[str]:
    page: Page = Walk(Watch(10)).run(parse(html).body, OPENERS, open_unknown)
    page.title = title
    return [page.text[i] for i in without(page, list(range(len(page.text))), kind)]


def test_comments_under_an_article_are_left_out_where_that_is_asked_for() -> None:
    page = (GOLDEN / "comments.html").read_bytes()
    assert extract(page, options=DROP).text + "\n" == (GOLDEN / "dropped" / "comments.md").read_text("utf-8")
    assert "My grandfather cut ice" in extract(page).text


def test_explain_says_that_they_were_comments() -> None:
    reports = explain((GOLDEN / "comments.html").read_bytes(), options=DROP)
    reasons = {report.text: report.reason for report in reports}
    assert reasons["2 thoughts on the mill pond"] == "left out: readers' comments"


@pytest.mark.parametrize("name", ["respond-to-every-review-comment", "comments-and-more-of-them"])
def test_an_address_made_of_a_heading_names_no_comments(name: str) -> None:
    assert name.count("-") > MAX_SEPARATORS
    assert len(rest(f'<p>{STORY}</p><section id="{name}"><p>One.</p></section>')) == 2
    assert len(rest(f'<p>{STORY}</p><section id="the-reader-comments-area"><p>One.</p></section>')) == 1


@pytest.mark.parametrize("kind", ["documentation", "listing", "forum"])
def test_only_articles_and_their_like_have_comments(kind: str) -> None:
    assert len(rest(f"<p>{STORY}</p>{COMMENT}", kind)) == 2


@pytest.mark.parametrize("name", ["forum", "qa"])
def test_the_posts_of_a_thread_are_no_comments(name: str) -> None:
    page = (GOLDEN / f"{name}.html").read_bytes()
    assert extract(page, options=DROP).text == extract(page).text


def test_a_container_with_the_title_of_the_page_is_not_of_comments() -> None:
    page = f'<div class="feedback"><h2>The mill pond</h2><p>{STORY}</p></div>'
    assert rest(page, title="The mill pond - Notes") == ["The mill pond", STORY]
    assert rest(f"<p>{STORY}</p>{page}", title="Something else") == [STORY]


@pytest.mark.parametrize(("size", "left"), [(MIN_REST_CHARS, 1), (MIN_REST_CHARS - 1, 2)])
def test_comments_stay_where_next_to_nothing_would_be_left(size: int, left: int) -> None:
    assert len(rest(f"<p>{'x' * size}</p>{COMMENT}")) == left


def test_a_heading_over_comments_alone_goes_with_them() -> None:
    assert rest(f"<p>{STORY}</p><h2>Two replies</h2>{COMMENT}") == [STORY]
    assert rest(f"<p>{STORY}</p><h2>A section</h2><p>Its text.</p>{COMMENT}") == [STORY, "A section", "Its text."]
    assert rest(f"<p>{STORY}</p><h2>A section</h2>{COMMENT}<p>Its text.</p>") == [STORY, "A section", "Its text."]
