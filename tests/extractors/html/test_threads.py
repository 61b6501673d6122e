from __future__ import annotations

import numpy as np
import pytest

from extractors.guard import Watch
from extractors.html import extract
from extractors.html.elements import OPENERS, open_unknown
from extractors.html.extraction import parse
from extractors.html.page import HEADING, Page
from extractors.html.signals import NAMES
from extractors.html.threads import MAX_QUOTES, MIN_REPEATED_CHARS, completed
from extractors.html.walk import Walk

FORUM = 1 << NAMES.index("generator_forum")
LONG = "A long answer about boilers and their valves, with all the reasons. "


def thread(posts: list[list[tuple[str, str]]], signals: int = FORUM) -> Page:
    """A page of posts; each post is a list of (class of the element inside the body, text)."""
    html = ""
    for number, post in enumerate(posts):
        body = "".join(f'<div class="{name}">{text}</div>' if name else f"<p>{text}</p>" for name, text in post)
        user = f'<div class="userinfo">user{number}</div>'
        html += f'<div id="post-{number}">{user}<div id="message_{number}">{body}</div></div>'
    page = Walk(Watch(10)).run(parse(html).body, OPENERS, open_unknown)
    page.signals = signals
    return page


def kept_texts(page: Page, kept: set[str], never: frozenset[str] = frozenset()) -> list[str]:
    before = np.array([text in kept for text in page.text])
    after, _ = completed(page, before, np.array([text in never for text in page.text]))
    return [text for text, is_kept in zip(page.text, after, strict=True) if is_kept]


def test_a_short_post_is_kept_where_most_of_the_other_posts_are() -> None:
    page = thread([[("", LONG + "One.")], [("", "Thanks, that was it.")], [("", LONG + "Three.")]])
    assert kept_texts(page, {LONG + "One.", LONG + "Three."}) == [
        LONG + "One.",
        "Thanks, that was it.",
        LONG + "Three.",
    ]


@pytest.mark.parametrize(("number", "found"), [(1, 2), (2, 1)])
def test_posts_are_kept_only_where_half_of_their_text_is(number: int, found: int) -> None:
    page = thread([[("", LONG + "One.")], *([("", LONG + f"No{k}.")] for k in range(number))])
    assert len(kept_texts(page, {LONG + "One."})) == found


def test_a_page_that_is_no_thread_stays_as_it_is() -> None:
    page = thread([[("", LONG + "One.")], [("", "Thanks.")], [("", LONG + "Three.")]], signals=0)
    assert kept_texts(page, {LONG + "One.", LONG + "Three."}) == [LONG + "One.", LONG + "Three."]


@pytest.mark.parametrize("name", ["signature", "share-bar", "userinfo"])
def test_what_is_no_part_of_a_post_is_left_to_the_model(name: str) -> None:
    page = thread([[("", LONG + "One.")], [("", "Thanks."), (name, "Out.")], [("", LONG + "Three.")]])
    assert kept_texts(page, {LONG + "One.", LONG + "Three."}) == [LONG + "One.", "Thanks.", LONG + "Three."]


def test_blocks_under_a_rule_stay_out() -> None:
    page = thread([[("", LONG + "One.")], [("", "Thanks.")], [("", LONG + "Three.")]])
    assert "Thanks." not in kept_texts(page, {LONG + "One.", LONG + "Three."}, frozenset({"Thanks."}))


def test_a_quote_is_kept_unless_its_words_stand_in_a_post() -> None:
    posts = [[("", LONG + "One.")], [("quote", "with all the reasons"), ("quote", "From elsewhere."), ("", "So?")]]
    assert kept_texts(thread(posts), {LONG + "One."}) == [LONG + "One.", "From elsewhere.", "So?"]


def test_who_is_quoted_goes_with_a_quote_that_is_left_out() -> None:
    quote = "<p>Ann said:</p><p>with all the reasons</p>"
    posts = [[("", LONG + "One.")], [("quote", quote), ("", "So?")], [("", LONG + "Three.")]]
    assert kept_texts(thread(posts), {LONG + "One.", LONG + "Three."}) == [LONG + "One.", "So?", LONG + "Three."]


def test_only_so_many_quotes_are_looked_for() -> None:
    quotes = [("quote", "with all the reasons")] * (MAX_QUOTES + 1)
    page = thread([*([("", LONG * 5 + str(k))] for k in range(20)), quotes])
    kept = kept_texts(page, {text for text in page.text if text.startswith(LONG)})
    assert kept.count("with all the reasons") == 1


def test_a_post_that_repeats_another_is_kept_once_unless_it_is_short() -> None:
    page = thread([[("", LONG + "One.")], [("", "Thanks.")], [("", LONG + "One.")], [("", "Thanks.")]])
    assert len(LONG) >= MIN_REPEATED_CHARS
    assert kept_texts(page, {LONG + "One."}) == [LONG + "One.", "Thanks.", "Thanks."]


def test_what_repeats_a_post_outside_the_posts_is_left_out() -> None:
    page = thread([[("", LONG + "One.")], [("", LONG + "Two.")]])
    page.text[0] = LONG + "Two."
    assert kept_texts(page, {LONG + "One.", LONG + "Two."}) == [LONG + "One.", LONG + "Two."]


@pytest.mark.parametrize(
    ("level", "title", "is_kept"), [(1, "", True), (3, "Cold radiators - Board", True), (3, "", False)]
)
def test_the_title_of_a_thread_is_text(level: int, title: str, is_kept: bool) -> None:
    page = thread([[("", LONG + "One.")], [("", LONG + "Two.")]])
    page.text[0], page.kind[0], page.level[0], page.title = "Cold radiators", HEADING, level, title
    assert ("Cold radiators" in kept_texts(page, {LONG + "One.", LONG + "Two."})) is is_kept


def board(inside: str) -> str:
    posts = "".join(f'<div class="post"><div class="message">{LONG * 3}{k}</div></div>' for k in range(3))
    html = f'<html><head><meta name="generator" content="phpBB"></head><body>{posts}{inside}</body></html>'
    return extract(html).text


@pytest.mark.parametrize(
    ("name", "mark"), [("quote", "> "), ("bbcode_quote", "> "), ("bbcode_code", ""), ("quotes", "")]
)
def test_a_quote_of_the_boards_own_markup_is_marked(name: str, mark: str) -> None:
    post = f'<div class="post"><div class="message"><div class="{name}">{LONG}?</div>{LONG}!</div></div>'
    assert f"\n{mark}{LONG}?\n" in board(post)


def test_a_quote_around_a_blockquote_is_marked_once() -> None:
    quote = f'<div class="quote"><blockquote>{LONG}?</blockquote></div>'
    assert f"\n> {LONG}?\n" in board(f'<div class="post"><div class="message">{quote}{LONG}!</div></div>')


def test_a_post_that_is_a_list_item_bears_no_mark() -> None:
    post = f'<ol><li class="comment"><div class="message">{LONG}!</div></li></ol>'
    assert f"\n{LONG}!" in board(post)
    assert f"\n1. {LONG}!" in board(post.replace("comment", "x"))


def test_the_subject_of_a_reply_is_not_a_heading_again() -> None:
    replies = ("The kettle", "Re: The kettle", "RE: Re: The kettle", "Re: The lid")
    posts = "".join(
        f'<div class="post"><h3>{subject}</h3><div class="content"><p>{LONG * (k + 1)}</p></div></div>'
        for k, subject in enumerate(replies)
    )
    text = extract(f"<title>The kettle</title><body><main>{posts}</main>", url="https://example.org/forum/t/1").text
    assert text.count("The kettle") == 1
    assert "### Re: The lid" in text
