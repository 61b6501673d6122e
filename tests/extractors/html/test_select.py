"""The rules, on made probabilities: what the models say is not their matter."""

from __future__ import annotations

import numpy as np

from extractors.html import features, select
from extractors.html.train import page_of

TEXT = "The kettle boils, the cat sleeps, and nobody in the house minds the rain that falls outside. " * 3


def kept(html: str, sure: str, doubtful: dict[str, float], url: str | None = None) -> list[str]:
    """Texts that are kept when blocks that begin with `sure` score 0.95, the named ones as given, all others 0.01."""
    page = page_of({"html": html, "url": url})
    assert page is not None
    scores = [0.95 if text.startswith(sure) else doubtful.get(text, 0.01) for text in page.text]
    matrix, names, layout = features.measure(page)
    found = select.Scored(page, np.asarray(scores, np.float32), layout, matrix, names)
    return [page.text[i] for i in select.chosen(found, 0.4)]


def thread(post: str, posts: int = 4) -> str:
    head = "<title>Kettle that never boils - Forum</title>"
    return f"<html><head>{head}</head><body><h2>Kettle that never boils</h2><div>{post * posts}</div></body></html>"


POST = f"<article class=message><h4 class=name>Ada</h4><div>Joined in spring</div><div>{TEXT}</div></article>"


def test_the_author_of_a_kept_post_is_kept_and_the_profile_is_not() -> None:
    found = kept(thread(POST), "The kettle", {"Ada": 0.05, "Joined in spring": 0.05})
    assert found.count("Ada") == 4
    assert "Joined in spring" not in found


def test_an_author_below_the_least_probability_is_dropped() -> None:
    assert "Ada" not in kept(thread(POST), "The kettle", {"Ada": select.MIN_ENTRY_HEADING})


def test_the_heading_of_an_entry_that_is_dropped_is_dropped() -> None:
    card = "<article class=message><h4>Bob</h4><div>Buy now</div></article>"
    assert "Bob" not in kept(thread(POST + card), "The kettle", {"Bob": 0.05, "Buy now": 0.05})


def test_a_listed_date_is_kept_in_a_thread_only() -> None:
    post = POST.replace("<div>Joined", "<ul><li>Jan 2, 2024</li></ul><div>Joined")
    doubtful = {"Jan 2, 2024": 0.1}
    assert "Jan 2, 2024" in kept(thread(post), "The kettle", doubtful, "https://example.org/forum/1")
    plain = thread(post).replace("message", "part")
    assert "Jan 2, 2024" not in kept(plain, "The kettle", doubtful, "https://example.org/1")


def test_the_title_of_a_thread_is_kept_at_a_probability_that_does_not_do_elsewhere() -> None:
    doubtful = {"Kettle that never boils": 0.05}
    html = thread(POST, 1)
    assert "Kettle that never boils" in kept(html, "The kettle", doubtful, "https://example.org/forum/1")
    plain = html.replace("message", "part")
    assert "Kettle that never boils" not in kept(plain, "The kettle", doubtful, "https://example.org/1")


def test_a_posters_signature_is_dropped_and_a_functions_is_kept() -> None:
    poster = f"<body><p>{TEXT}</p><div class=signature>Sent from my kettle, which has never boiled</div></body>"
    assert kept(poster, "The kettle", {"Sent from my kettle, which has never boiled": 0.95}) == [TEXT.strip()]
    manual = f"<body><p>{TEXT}</p><dl><dt class=sig>boil(kettle, water=None)</dt><dd>{TEXT}</dd></dl></body>"
    assert "boil(kettle, water=None)" in kept(manual, "The kettle", {"boil(kettle, water=None)": 0.95})
