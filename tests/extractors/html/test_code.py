from __future__ import annotations

import pytest

from extractors.html import extract
from extractors.html.code import named

WORDS = "The quick brown fox jumps over the lazy dog near the river bank today. "
PARAGRAPH = f"<p>{WORDS * 4}</p>"


def markdown(inside: str) -> str:
    return extract(f"<article><h1>Head</h1>{PARAGRAPH * 6}{inside}{PARAGRAPH * 6}</article>").text


def test_a_code_table_without_a_gutter_is_one_block() -> None:
    lines = '<div class="line number1"><code class="keyword">def</code> <code class="plain">f(x):</code></div>'
    lines += (
        '<div class="line number2"><code class="spaces">&nbsp;&nbsp;</code><code class="keyword">return</code></div>'
    )
    table = f'<table><tbody><tr><td class="code"><div class="container">{lines}</div></td></tr></tbody></table>'
    assert "```\ndef f(x):\n  return\n```" in markdown(table)


def test_a_listing_with_a_gutter_cell_takes_the_language_of_its_lines() -> None:
    gutter = '<td class="lntd"><pre><code><span class="lnt">1\n</span><span class="lnt">2\n</span></code></pre></td>'
    lines = '<td class="lntd"><pre><code class="language-go">a := 1\nb := 2\n</code></pre></td>'
    found = markdown(f'<div class="chroma"><table class="lntable"><tr>{gutter}{lines}</tr></table></div>')
    assert "```go\na := 1\nb := 2\n```" in found


@pytest.mark.parametrize("css", ["rust", "rust rust-example-rendered", "sourceCode rust"])
def test_a_class_that_is_a_language_names_it(css: str) -> None:
    assert "```rust\nfn main() {}\n```" in markdown(f'<pre class="{css}">fn main() {{}}</pre>')


@pytest.mark.parametrize("css", ["basic", "example", "r", "output"])
def test_a_class_that_may_mean_anything_names_no_language(css: str) -> None:
    assert "```\nfn main() {}\n```" in markdown(f'<pre class="{css}">fn main() {{}}</pre>')


@pytest.mark.parametrize("label", ["js", "JavaScript"])
@pytest.mark.parametrize("css", ["language-js", ""])
def test_a_label_above_a_block_becomes_its_language(label: str, css: str) -> None:
    found = markdown(f'<div><div class="bar"><span>{label}</span></div><pre class="{css}">go();</pre></div>')
    assert "today.\n\n```javascript\ngo();\n```" in found


@pytest.mark.parametrize(
    "inside",
    [
        '<div><div>Java</div><pre class="language-python">go()</pre></div>',
        "<div><div>Answer</div><pre>go()</pre></div>",
        "<div><div>Java</div></div><section><div><pre>go()</pre></div></section>",
    ],
)
def test_a_line_above_a_block_stays_where_it_names_no_language_of_it(inside: str) -> None:
    assert "go()\n```" in (found := markdown(inside))
    assert "\n\nJava\n\n" in found or "\n\nAnswer\n\n" in found


def test_what_a_highlighter_puts_into_the_block_is_left_out() -> None:
    label, link = '<div class="language-id">ts</div>', '<a class="playground-link">Try</a>'
    assert "```\nlet a = 1\n```" in markdown(f"<pre>{label}<code>let a = 1</code>{link}</pre>")


def test_names_of_languages_are_known_by_their_abbreviations() -> None:
    assert [named(text) for text in ("JS", " C++ ", "Rust", "Copy", "")] == ["javascript", "cpp", "rust", "", ""]


def test_an_environment_in_single_dollars_is_one_equation() -> None:
    found = markdown(r"<p>$\begin{align*} a &= b \\ c &= d \end{align*}$</p>")
    assert r"$$\begin{align*} a &= b \\ c &= d \end{align*}$$" in found
    assert "$$$" not in found
