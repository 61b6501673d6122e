from __future__ import annotations

import time

import pytest

from extractors.html import extract
from extractors.html.flow import paragraphs


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (r"so \(x\) is", "so $x$ is"),
        (r"write `\(x\)` for \(x\)", r"write `\(x\)` for $x$"),
        (r"``quoted'' \(x\) and ``more''", r"``quoted'' $x$ and ``more''"),
        ("so [itex]x^2[/itex] is", "so $x^2$ is"),
        ("[tex]\na[1] = b[/tex]", "$$a[1] = b$$"),
        ("[tex]a \\\\\n b[/tex]", "$$\na \\\\\nb\n$$"),
        ("[imath]x[/imath] and [/tex]", "$x$ and [/tex]"),
        ("so $latex x^2$ is", "so $x^2$ is"),
        ("[b]bold[/b]", "[b]bold[/b]"),
    ],
)
def test_raw_tex_of_every_delimiter_comes_to_dollars_outside_code(raw: str, text: str) -> None:
    assert paragraphs(raw) == [text]


@pytest.mark.parametrize("opener", ["[tex]", "[tex]a", "$latex a", "`a \\(", "[tex]" + "a[" * 900])
def test_openers_without_an_end_cost_linear_time(opener: str) -> None:
    before = time.process_time()
    paragraphs("[/" + opener * (1_000_000 // len(opener)))
    assert time.process_time() - before < 3


def test_invisible_characters_are_no_text_but_part_words_where_nothing_else_does() -> None:
    long = "Plain words that fill the page so that something of it is kept. " * 20
    found = extract(f"<p>{long}</p><p>un\u00adbreak\u200bable wo\u2060rds, ភាសា\u200bខ្មែរ.</p>").text
    assert found.endswith("unbreakable words, ភាសា\u200bខ្មែរ.")
