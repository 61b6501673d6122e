from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sample import markdown
from pipelines.sample.highlight import highlight
from pipelines.sample.texmath import parse, render

STYLES = ("pygments", "pygments-table", "rouge", "rouge-table", "prism", "hljs", "plain")


def shown(text: str) -> str:
    return markdown.to_html(text, lambda source, of: f"[{of}|{source}]", lambda tex, display: f"<{tex}|{display}>")


def visible(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", markup))


def test_blocks_and_spans_become_html() -> None:
    text = "## A *b*\n\nOne `x<y` & **two**.\n\n- p\n- q\n\n> said\n\n| h | i |\n|---|---|\n| 1 | $a$ |"
    assert shown(text) == (
        "<h2>A <em>b</em></h2>\n<p>One <code>x&lt;y</code> &amp; <strong>two</strong>.</p>\n<ul>\n<li>p</li>\n"
        "<li>q</li>\n</ul>\n<blockquote><p>said</p></blockquote>\n<table>\n<thead>\n<tr><th>h</th><th>i</th></tr>\n</thead>\n<tbody>\n"
        "<tr><td>1</td><td><a|False></td></tr>\n</tbody>\n</table>"
    )


def test_a_fence_keeps_its_blank_lines_and_its_language() -> None:
    assert shown("text\n```c\nint a;\n\nint b;\n```\nmore") == "<p>text</p>\n[c|int a;\n\nint b;]\n<p>more</p>"


def test_a_fence_that_is_not_closed_is_an_error() -> None:
    with pytest.raises(ValueError, match="not closed"):
        shown("```python\nx = 1\n")


def test_prices_are_no_formulas() -> None:
    assert shown("From $5 to $10.") == "<p>From $5 to $10.</p>"


@pytest.mark.parametrize("style", STYLES)
@given(
    source=st.text("ab_ 0\"'#/*-+=(){};\n<>&\\", max_size=60), language=st.sampled_from(["python", "c", "sql", "go"])
)
def test_highlighting_changes_no_character_of_the_code(style: str, source: str, language: str) -> None:
    markup = highlight(source, language, style)
    if style.endswith("-table"):
        markup = markup[markup.rindex("<pre>") :]
    assert visible(markup).removesuffix("Copy").rstrip("\n") == source.rstrip("\n")


def test_line_numbers_stand_in_a_cell_of_their_own() -> None:
    assert 'class="linenos"' in highlight("a\nb", "python", "pygments-table")
    assert 'class="lineno">1\n2\n</pre>' in highlight("a\nb", "python", "rouge-table")


@pytest.mark.parametrize(
    ("tex", "mathml"),
    [
        ("x^2", "<mrow><msup><mi>x</mi><mn>2</mn></msup></mrow>"),
        (r"\frac{a}{2b}", "<mrow><mfrac><mi>a</mi><mrow><mn>2</mn><mi>b</mi></mrow></mfrac></mrow>"),
        (
            r"\sum_{k=1}^n",
            "<mrow><munderover><mo>∑</mo><mrow><mi>k</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover></mrow>",
        ),
        (r"a_i^2 < \pi", "<mrow><msubsup><mi>a</mi><mi>i</mi><mn>2</mn></msubsup><mo>&lt;</mo><mi>π</mi></mrow>"),
    ],
)
def test_tex_becomes_mathml(tex: str, mathml: str) -> None:
    assert mathml in render(tex, False, "mathml")


def test_katex_keeps_the_source_in_an_annotation() -> None:
    markup = render("a < b", True, "katex")
    assert markup.startswith('<span class="katex-display">')
    assert '<annotation encoding="application/x-tex">a &lt; b</annotation>' in markup


def test_mathjax_leaves_the_source_in_the_text() -> None:
    assert render("a < b", False, "mathjax") == r"\(a &lt; b\)"
    assert render("a", True, "mathjax-dollar") == "$$a$$"
    assert '<script type="math/tex; mode=display">a</script>' in render("a", True, "mathjax2")


def test_unbalanced_braces_are_an_error() -> None:
    with pytest.raises(ValueError, match="unbalanced"):
        parse("a}")
