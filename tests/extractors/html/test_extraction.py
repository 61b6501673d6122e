from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.guard import Limits, Watch
from extractors.html import Options, explain, extract
from extractors.html.nesting import flatten
from extractors.html.page import P
from extractors.html.walk import Walk

GOLDEN = Path(__file__).parents[1] / "golden"
T = TypeVar("T")
WORDS = "The quick brown fox jumps over the lazy dog near the river bank today. "
PARAGRAPH = f"<p>{WORDS * 4}</p>"
SOUP = [
    "<p>",
    "</p>",
    "<div>",
    "<table>",
    "<tr>",
    "<td>",
    "</table>",
    "<ul>",
    "<li>",
    "</ul>",
    "<pre>",
    "</pre>",
    "<code>",
    "</code>",
    "<a href=#>",
    "</a>",
    "<math>",
    "<mi>",
    "<sup>",
    "</sup>",
    "<h2>",
    "<br>",
    "<span class=katex>",
    "<b>",
    "$$",
    "\\[",
    "\\]",
    "<script>",
    "<!--",
    "&",
    "&#0;",
    "<nav>",
    "<footer>",
    "<blockquote>",
    "<select>",
    "<noscript>",
]
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def article(inside: str) -> str:
    text = f"<h1>Head</h1>{PARAGRAPH * 8}{inside}{PARAGRAPH * 8}"
    return f"<html><head><title>t</title></head><body><article>{text}</article></body></html>"


@pytest.mark.parametrize(
    "inside",
    [
        "<div>" * 20_000,
        "<b>" * 20_000 + "x",
        "<blockquote>" * 2000 + "x",
        "<ul><li>a" * 2000,
        "<br>" * 200_000,
        "<select>" + "<option>x" * 50_000 + "</select>",
        "<table>"
        + "<tr><td colspan=999999999 rowspan=999999999>a</td><td colspan=100000>b</td></tr>" * 50
        + "</table>",
        "<table><tr><td>" * 400,
        "<math>" + "<mrow>" * 3000 + "<mi>x</mi>",
        "<p>" + "$ " * 100_000 + "</p>",
        "<p>" + "\\" * 500_000 + "</p>",
        "<p>" + "\\[" * 50_000 + "</p>",
        "<pre>" + "x\n" * 200_000 + "</pre>",
        "<!-- open",
        '<div class="x',
        "<script>var a = '<p>'",
        "<p>a\x00b\x01c\x0bd\x7fe\ufffef\ud800g</p>",
        "<p>" + "<code>x</code> y " * 40_000,
        '<ol start="--5"><li>a</ol>',
        '<ol start="²"><li>a</ol>',
        f'<ol start="{"9" * 5000}"><li>a</ol>',
        '<math><mi>a</mi><mspace width="1.2.3em"></math>',
        '<math><mi>a</mi><mspace width=".em"></math>',
        f'<math><mi>a</mi><mspace width="{"9" * 5000}em"></math>',
        f'<table><tr><td colspan="{"9" * 5000}">a<td rowspan="²">b<tr><td colspan="--5">c<td>d</table>',
    ],
    ids=lambda inside: inside[:24],
)
def test_a_hostile_page_ends_soon_with_the_text_that_is_there(inside: str) -> None:
    began = time.process_time()
    found = extract(article(inside), options=Options(limits=Limits(time_s=100)))
    assert time.process_time() - began < 8
    assert found.error is None or found.error.code == "NestingTooDeep"
    assert "quick brown fox" in found.text
    assert not CONTROL.search(found.text)


@pytest.mark.parametrize("page", ["", " \n\t ", "\x00" * 500, "<!-- only a comment -->", b"", b"\xff\xfe"])
def test_a_page_without_text_gives_no_text_and_no_error_but_junk(page: str | bytes) -> None:
    found = extract(page)
    assert found.text == ""
    assert found.error is None or found.error.code == "UndecodableInput"


def test_binary_bytes_are_an_undecodable_input() -> None:
    found = extract(b"%PDF-1.7\n" + bytes(range(256)) * 20)
    assert found.error is not None
    assert found.error.code == "UndecodableInput"
    assert found.text == ""


def test_a_page_over_the_input_limit_keeps_the_text_of_its_first_part() -> None:
    found = extract(article(""), options=Options(limits=Limits(input_bytes=1500)))
    assert found.error is not None
    assert found.error.code == "InputTooLarge"
    assert "quick brown fox" in found.text


def test_a_page_nested_too_deeply_says_so() -> None:
    found = extract(article("<div>" * 20_000))
    assert found.error is not None
    assert found.error.code == "NestingTooDeep"


def in_a_thread(call: Callable[[], T]) -> T:
    """What `call` gives where no timer can strike: the walk looks at the watch every 512 elements."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result()


NO_TIME = Options(limits=Limits(time_s=1e-6))


@pytest.mark.parametrize("page", [article(PARAGRAPH * 600), f"<body><noscript>{PARAGRAPH * 600}</noscript>"])
def test_a_page_over_the_time_limit_keeps_the_text_until_then(page: str) -> None:
    whole = extract(page).text
    found = in_a_thread(lambda: extract(page, options=NO_TIME))
    assert found.error is not None
    assert (found.error.code, str(found.error)) == ("TimeLimitExceeded", "deadline passed")
    assert found.text
    assert whole.startswith(found.text)
    assert len(found.text) < len(whole)


def test_a_walk_that_ends_inside_a_block_gives_the_blocks_before_it() -> None:
    walk = Walk(Watch(10))
    walk.enter("body", {})
    walk.enter("div", {})
    walk.add("one", P)
    walk.page.text.append("two, whose kind is still to come")
    page = walk.so_far()
    assert page.text == ["one"]
    assert (page.start, page.end, page.num_inputs) == ([0, 0], [1, 1], [0, 0])


def test_unclosed_paragraphs_are_no_nesting() -> None:
    assert flatten(b"<p>a<br>" * 5000, 100) == (b"<p>a<br>" * 5000, False)


def test_open_tags_beyond_the_depth_are_taken_out() -> None:
    page = b"<div>" * 90 + b"x" + b"</div>" * 20
    assert flatten(page, 10) == (b"<div>" * 10 + b"x" + b"</div>" * 20, True)
    assert flatten(page, 90) == (page, False)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(SOUP),
            st.text(max_size=12),
        ),
        max_size=40,
    )
)
def test_any_soup_gives_clean_text_twice_the_same(pieces: list[str]) -> None:
    page = "".join(pieces)
    found = extract(page)
    assert found.error is None or found.error.code != "ExtractorBug", str(found.error)
    assert found.text == extract(page).text
    assert unicodedata.is_normalized("NFC", found.text)
    assert not CONTROL.search(found.text)


def test_blocks_that_explain_reports_are_the_text_that_extract_gives() -> None:
    page = article('<div class="share"><a href="#x">Share</a></div><pre>a\n  b</pre>')
    kept = [block for block in explain(page) if block.kept]
    text = extract(page).text
    assert kept
    assert all(block.text.split("\n")[0] in text for block in kept)
    assert all(block.reason and 0 <= block.score <= 1 for block in explain(page))


def test_explain_tells_the_blocks_until_the_time_limit_and_the_limit() -> None:
    reports = in_a_thread(lambda: explain(article(PARAGRAPH * 600), options=NO_TIME))
    assert (reports[-1].kind, reports[-1].reason) == ("error", "TimeLimitExceeded")
    assert len(reports) > 100
    assert all(report.kind != "error" for report in reports[:-1])


def test_explain_tells_that_bytes_are_no_text() -> None:
    (report,) = explain(b"%PDF-1.7\n" + bytes(range(256)) * 20)
    assert (report.index, report.kind, report.reason, report.kept) == (-1, "error", "UndecodableInput", False)


@pytest.mark.parametrize("comments", ["keep", "drop"])
@pytest.mark.parametrize("select", [True, False])
def test_explain_keeps_what_extract_keeps(select: bool, comments: Literal["keep", "drop"]) -> None:
    options = Options(select=select, comments=comments)
    page = (GOLDEN / "comments.html").read_bytes().replace(b"</body>", b"<nav><p>Colophon</p></nav></body>")
    kept = " ".join(report.text for report in explain(page, options=options) if report.kept)
    text = extract(page, options=options).text
    assert list(filter(str.isalpha, text)) == list(filter(str.isalpha, kept))
    assert ("Colophon" in text) is not select
    assert ("My grandfather cut ice" in text) is not (select and comments == "drop")


def test_links_are_their_text_unless_asked_for() -> None:
    page = article(
        '<p>See <a href="https://example.org/a b">the notes</a> about it, which are longer than one would think.</p>'
    )
    assert "See the notes about it" in extract(page).text
    assert "See [the notes](https://example.org/a%20b) about" in extract(page, options=Options(links=True)).text


def test_metadata_is_read_from_where_pages_state_it() -> None:
    head = (
        '<html lang="pt_BR"><head><title>T | Site</title><meta property="og:title" content="T">'
        '<meta name="author" content="A. Writer">'
        '<meta property="article:published_time" content="2024-03-04T10:11:12Z">'
        '<meta name="robots" content="noindex, noai">'
        '<meta name="tdm-reservation" content="1"><link rel="canonical" href="/x"><link rel="license" href="https://creativecommons.org/licenses/by/4.0/">'
    )
    found = extract(head + article(""), url="https://example.org/y")
    assert found.title == "T"
    assert found.author == "A. Writer"
    assert found.date == "2024-03-04T10:11:12Z"
    assert found.language == "pt-BR"
    assert found.canonical_url == "https://example.org/x"
    assert found.license_url == "https://creativecommons.org/licenses/by/4.0/"
    assert found.robots == ("noindex", "noai", "tdm-reservation")


SENTENCE = "".join(f"<ruby>漢字{k}<rt>かんじ</rt></ruby>を" for k in range(5)) + "読みます。"
ENTRY = "<li><ruby>漢字<rt>かんじ</rt></ruby>、中国から来た文字。</li>"


@pytest.mark.parametrize(
    ("inside", "brackets"),
    [
        (f"<p>{SENTENCE}</p>" * 4, 0),
        (f"<p>{SENTENCE.replace('<ruby>', '<span><ruby>').replace('</ruby>', '</ruby></span>')}</p>" * 4, 0),
        (f"<p>{SENTENCE}</p>" * 3, 15),
        (f"<ul>{ENTRY * 30}</ul>", 30),
        (f"<p>{SENTENCE}{'それはとても長い話です。' * 20}</p>" * 4, 20),
    ],
    ids=["every word", "every word in a span", "few", "glossary", "novel"],
)
def test_readings_are_left_out_where_every_word_has_one(inside: str, brackets: int) -> None:
    texts = "".join(block.text for block in explain(f"<body>{inside}</body>"))
    assert texts.count("(かんじ)") == brackets
    assert texts.count("かんじ") == brackets


@pytest.mark.parametrize(
    ("stated", "heading", "own"),
    [
        ("A Day at Sea | The Harbour Post", "A day at sea", "A Day at Sea"),
        ("The Harbour Post: A Day at Sea", "A Day at Sea", "A Day at Sea"),
        ("A Day at Sea - harbour-post.example", "Other words", "A Day at Sea"),
        ("A Day at Sea – an essay", "Other words", "A Day at Sea – an essay"),
        ("A Day at Sea", "A Day", "A Day at Sea"),
        ("Harbour Post", "A Day at Sea", "A Day at Sea"),
        ("Why\u00adever &amp;amp; not?", "", "Whyever & not?"),
        ("港の一日 | 港新聞", "港の一日", "港の一日"),
    ],
)
def test_a_title_is_the_pages_own_without_its_site(stated: str, heading: str, own: str) -> None:
    page = f"<title>{stated}</title><body><h1>{heading}</h1>" + article("")
    assert extract(page, url="https://www.harbour-post.example/a").title == own


def test_a_comments_author_and_date_are_not_the_pages() -> None:
    comment = '<div class="comment"><span itemprop="author">Guest</span><time datetime="2019-05-06">then</time></div>'
    found = extract(f"<body>{article('')}{comment}")
    assert (found.author, found.date) == (None, None)
    stated = '<p><span itemprop="author"><b itemprop="name">A. Writer</b> 7 posts</span></p>'
    assert extract(f"<body>{stated}{comment}{article('')}").author == "A. Writer"


def test_the_address_dates_a_page_that_states_no_date() -> None:
    page = f'<body><p>Next: <time datetime="2021-09-09">later</time></p>{article("")}'
    assert extract(page, url="https://example.org/2020/3/04/a-day/").date == "2020-03-04"
    assert extract(page, url="https://example.org/2020/13/04/a-day/").date == "2021-09-09"
    changed = '<meta name="last-modified" content="2022-01-01"><meta itemprop="datePublished" content="2019-01-02">'
    assert extract(changed + page).date == "2019-01-02"


def test_opt_outs_name_the_robot_they_speak_to() -> None:
    head = (
        '<meta name="robots" content="noai noimageai"><meta name="GPTBot" content="noindex">'
        '<meta name="Google-Extended" content="none"><meta name="anthropic-ai" content="index">'
        '<meta name="tdm-reservation" content="0"><meta name="tdm-policy" content="https://example.org/p.json">'
    )
    found = extract(head + article(""))
    assert found.robots == (
        "noai",
        "noimageai",
        "gptbot:noindex",
        "google-extended:none",
        "tdm-policy:https://example.org/p.json",
    )


@pytest.mark.parametrize(
    ("inline", "line"),
    [
        ('<a href="/u">A. Writer</a><span class="badge">Contributor</span>', "A. Writer Contributor"),
        ('<a href="/a">Advice</a><a href="/b">Skills</a>', "Advice Skills"),
        ('<span class="who">gardener</span><span class="when">2018-10-15</span>', "gardener 2018-10-15"),
        ('Asked Dec 22, 2022<time datetime="2022-12-24">Modified</time>', "Asked Dec 22, 2022 Modified"),
        ('540<svg><path d="M0"/></svg>0 and 540<i class="icon"></i>0', "540 0 and 540 0"),
        ('see <a href="/d">the docs<svg></svg></a>, please', "see the docs, please"),
        ('<span class="dropcap">T</span>he <span class="a">w</span>ord', "The word"),
        ('a <a href="/s">super</a>script, spor<a href="/u">u</a> and CO<span class="n">2</span>', None),
        ("<code>let</code><code>x</code>", "`let` `x`"),
        ('10<span class="s"><sup>6</sup></span> and 10<sup class="s">6</sup>', "10^6 and 10^6"),
        ('見る<a href="/b">東京</a><span class="x">タワー</span>', "見る東京タワー"),
    ],
)
def test_words_that_only_a_style_sheet_keeps_apart_are_apart_and_no_others(inline: str, line: str | None) -> None:
    page = f"<body>{article(f'<p>{inline} stands here as the sentence goes on.</p>')}"
    expected = line or "a superscript, sporu and CO2"
    assert f"\n\n{expected} stands here" in extract(page).text


def test_a_custom_element_in_a_sentence_does_not_end_it() -> None:
    inside = (
        "<p>The <relative-time>third</relative-time> one (<x-source>4</x-source>) was kept.</p><x-card>Apart</x-card>"
    )
    assert "\n\nThe third one (4) was kept." in extract(f"<body>{article(inside)}").text


def test_characters_nobody_sees_do_not_cut_words() -> None:
    text = extract(
        f"<body>{article('<p>Donau&shy;dampf&shy;schiff, for&#8203;mat, คำ&#8203;คำ, می&zwnj;خواهم</p>')}"
    ).text
    assert "Donaudampfschiff, format, คำ\u200bคำ, می\u200cخواهم" in text


def test_control_characters_that_were_windows_quotes_are_read_as_such() -> None:
    text = extract("<body>" + article("<p>That\x92s it, \x81sa\x07id.</p>")).text
    assert "That’s it, said." in text


def test_without_selection_every_block_is_text() -> None:
    page = "<nav><p>one</p></nav><footer>two</footer><p class='share-buttons'>three</p><div class='sidebar'>four</div>"
    assert extract(page, options=Options(select=False)).text == "one\n\ntwo\n\nthree\n\nfour"
