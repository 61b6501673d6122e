"""Formulas come out once, as TeX that stands by itself."""

from __future__ import annotations

import pytest

from extractors.jats import extract
from extractors.jats.formulas import cleaned
from extractors.result import Extraction

MML = 'xmlns:mml="http://www.w3.org/1998/Math/MathML"'


def run(inner: str) -> Extraction:
    found = extract(f"<article {MML}><body>{inner}</body></article>".encode())
    assert found.error is None
    return found


def mathml(inner: str) -> str:
    return f"<inline-formula><mml:math>{inner}</mml:math></inline-formula>"


@pytest.mark.parametrize(
    ("source", "tex"),
    [
        ("$$a+b$$", "a+b"),
        ("\\(x\\)", "x"),
        (
            "\\documentclass[12pt]{minimal}\n\\usepackage{amsmath}\n\\begin{document}$$ E = mc^2 $$\\end{document}",
            "E = mc^2",
        ),
        ("\\begin{equation*}\na % note\n= 5\\%\n\\end{equation*}", "a = 5\\%"),
        ("\\begin{aligned}a&=b\\end{aligned}", "\\begin{aligned}a&=b\\end{aligned}"),
        ("", ""),
    ],
)
def test_tex_is_taken_out_of_the_document_around_it(source: str, tex: str) -> None:
    assert cleaned(source) == tex


def test_a_displayed_formula_is_a_block_with_its_label_and_the_sentence_goes_on() -> None:
    inner = "<p>so <disp-formula><label>(3)</label><tex-math>x</tex-math></disp-formula> holds</p>"
    assert run(inner).text == "so\n\n$$x \\tag{3}$$\n\nholds"


def test_of_alternatives_tex_is_taken_once() -> None:
    both = "<alternatives><mml:math><mml:mi>y</mml:mi></mml:math><tex-math>y_0</tex-math><graphic/></alternatives>"
    assert run(f"<p>is <inline-formula>{both}</inline-formula>.</p>").text == "is $y_0$."
    assert run(f"<disp-formula>{both}</disp-formula>").text == "$$y_0$$"


def test_an_annotation_in_tex_wins_over_conversion() -> None:
    inner = (
        "<mml:semantics><mml:mi>x</mml:mi><mml:annotation "
        'encoding="application/x-tex">\\xi</mml:annotation></mml:semantics>'
    )
    assert run(f"<p>{mathml(inner)}</p>").text == "$\\xi$"


def test_two_formulas_of_one_display_are_two_blocks() -> None:
    inner = (
        "<disp-formula><mml:math><mml:mi>a</mml:mi></mml:math><mml:math><mml:mi>b</mml:mi></mml:math></disp-formula>"
    )
    assert run(inner).text == "$$a$$\n\n$$b$$"


def test_a_formula_in_letters_is_text_with_its_label() -> None:
    inner = "<disp-formula><italic>a</italic> = b<sup>2</sup><label>(1)</label></disp-formula>"
    assert run(inner).text == "a = b^2 (1)"


def test_a_pictured_formula_is_counted_and_its_sentence_stays_whole() -> None:
    found = run(
        "<p>the graph <inline-formula><inline-graphic/></inline-formula>, "
        "or <disp-formula><graphic/></disp-formula> so</p>"
    )
    assert found.text == "the graph [formula], or\n\n[formula]\n\nso"
    assert found.metadata["num_formula_images"] == "2"
    labelled = run("<p>by</p><disp-formula><label>(3)</label><graphic/></disp-formula>")
    assert labelled.text == "by\n\n[formula] (3)"


@pytest.mark.parametrize(
    ("description", "text"),
    [
        ("<alt-text>x squared over two</alt-text>", "x squared over two"),
        ("<long-desc>the sum of all weights</long-desc>", "the sum of all weights"),
        ("<alt-text>Inline graphic</alt-text>", "[formula]"),
        ("<alt-text>Formula 12</alt-text>", "[formula]"),
        ("<alt-text>pone.0001.e003.jpg</alt-text>", "[formula]"),
        ("<alt-text> </alt-text>", "[formula]"),
    ],
)
def test_a_picture_is_told_by_its_description_where_that_says_something(description: str, text: str) -> None:
    found = run(f"<p>is <inline-formula><inline-graphic>{description}</inline-graphic></inline-formula> here</p>")
    assert found.text == f"is {text} here"


@pytest.mark.parametrize(
    ("inner", "tex"),
    [
        (
            '<mml:mfenced separators=""><mml:mi>λ</mml:mi><mml:mi>r</mml:mi><mml:mi>t</mml:mi></mml:mfenced>',
            "(\\lambda rt)",
        ),
        ("<mml:mfenced><mml:mi>λ</mml:mi><mml:mi>r</mml:mi></mml:mfenced>", "(\\lambda, r)"),
        (
            (
                "<mml:msub><mml:mi>D</mml:mi><mml:mrow><mml:mi>K</mml:mi>"
                '<mml:mspace width="-0.16em"/></mml:mrow></mml:msub>'
            ),
            "D_K",
        ),
        (
            '<mml:msub><mml:mi>D</mml:mi><mml:mrow><mml:mi>K</mml:mi><mml:mspace width="3pt"/></mml:mrow></mml:msub>',
            "D_K",
        ),
        ("<mml:mtable><mml:mtr><mml:mtd><mml:mi>x</mml:mi></mml:mtd></mml:mtr></mml:mtable>", "x"),
        (
            "<mml:mtable><mml:mtr><mml:mtd><mml:mi>x</mml:mi></mml:mtd><mml:mtd><mml:mi>y</mml:mi></mml:mtd></mml:mtr></mml:mtable>",
            "\\begin{matrix}x & y\\end{matrix}",
        ),
    ],
)
def test_mathml_of_articles(inner: str, tex: str) -> None:
    assert run(f"<p>{mathml(inner)}</p>").text == f"${tex}$"
