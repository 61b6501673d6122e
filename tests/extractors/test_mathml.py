from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.mathml import to_tex
from extractors.mathml_rows import Tree

_TOKEN = re.compile(r"<(/?)(\w+)((?:\s+[\w-]+=\"[^\"]*\")*)\s*(/?)>|([^<]+)")


def tree(markup: str) -> Tree:
    """A small reader of well-formed markup, enough for these examples."""
    root = Tree("math", {}, [], "")
    stack = [root]
    for close, tag, attributes, empty, text in _TOKEN.findall(markup):
        if text:
            stack[-1].children.append(Tree("", {}, [], text))
        elif close:
            stack.pop()
        else:
            node = Tree(tag, dict(re.findall(r'([\w-]+)="([^"]*)"', attributes)), [], "")
            stack[-1].children.append(node)
            if not empty:
                stack.append(node)
    return root


@pytest.mark.parametrize(
    ("markup", "tex"),
    [
        ("<mi>x</mi>", "x"),
        ("<mi>α</mi><mo>≤</mo><mi>β</mi>", r"\alpha \leq \beta"),
        ("<mi>sin</mi><mi>x</mi>", r"\sin x"),
        ("<mi>abc</mi>", r"\mathrm{abc}"),
        ('<mi mathvariant="double-struck">R</mi>', r"\mathbb{R}"),
        ("<mi>ℝ</mi>", r"\mathbb{R}"),
        ("<mfrac><mn>1</mn><mi>x</mi></mfrac>", r"\frac{1}{x}"),
        ('<mfrac linethickness="0"><mi>n</mi><mi>k</mi></mfrac>', r"{n \atop k}"),
        ("<msqrt><mi>x</mi><mo>+</mo><mn>1</mn></msqrt>", r"\sqrt{x + 1}"),
        ("<mroot><mi>x</mi><mn>3</mn></mroot>", r"\sqrt[3]{x}"),
        ("<msup><mi>x</mi><mn>2</mn></msup>", "x^2"),
        ("<msup><mi>x</mi><mn>10</mn></msup>", "x^{10}"),
        ("<msup><mi>f</mi><mo>′</mo></msup>", "f'"),
        ("<msubsup><mi>a</mi><mi>i</mi><mn>2</mn></msubsup>", "a_i^2"),
        ("<munderover><mo>∑</mo><mi>i</mi><mi>n</mi></munderover><mi>i</mi>", r"\sum_i^ni"),
        ("<munder><mi>lim</mi><mi>n</mi></munder>", r"\lim_n"),
        ("<mover><mi>x</mi><mo>→</mo></mover>", r"\vec{x}"),
        ("<mover><mi>x</mi><mo>¯</mo></mover>", r"\bar{x}"),
        ("<munder><mi>x</mi><mi>y</mi></munder>", r"\underset{y}{x}"),
        ("<mo>(</mo><mfrac><mi>a</mi><mi>b</mi></mfrac><mo>)</mo>", r"\left(\frac{a}{b}\right)"),
        ('<mfenced open="[" close="]"><mi>a</mi><mi>b</mi></mfenced>', "[a, b]"),
        (
            "<mtable><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr><mtr><mtd><mi>c</mi></mtd></mtr></mtable>",
            r"\begin{matrix}a & b \\ c\end{matrix}",
        ),
        ("<mmultiscripts><mi>X</mi><mn>1</mn><mn>2</mn><mprescripts/><mn>3</mn><none/></mmultiscripts>", "{}_3X_1^2"),
        ("<mtext> if </mtext>", r"\text{ if }"),
        ("<mi>a</mi><mtext>\u2063</mtext><mi>b</mi>", "ab"),
        ("<mo>∣</mo><mi>x</mi><mo>∣</mo>", "|x|"),
        ("<mi>P</mi><mo>(</mo><mi>a</mi><mo>∣</mo><mi>b</mi><mo>)</mo>", r"P(a \mid b)"),
        ("<mo>∥</mo><mi>x</mi><mo>−</mo><mi>y</mi><mo>∥</mo>", r"\|x - y\|"),
        ("<mi>a</mi><mo>=</mo><mo>−</mo><mi>b</mi>", "a = -b"),
        ("<mi>a</mi><mo>−</mo><mi>b</mi>", "a - b"),
        ("<mo>)</mo><mo>−</mo><mi>b</mi>", ") - b"),
        ('<mn mathvariant="bold">1</mn>', r"\mathbf{1}"),
        ("<mn>𝟏</mn>", r"\mathbf{1}"),
        ('<mi mathvariant="bold-italic">λ</mi>', r"\boldsymbol{\lambda}"),
        ("<mover><mi>u</mi><mo>ˉ</mo></mover>", r"\bar{u}"),
        ("<msub><mo>}</mo><mi>i</mi></msub>", r"\}_i"),
        (
            "<mo>{</mo><mtable><mtr><mtd><mn>1</mn></mtd><mtd><mi>a</mi></mtd></mtr></mtable>",
            r"\begin{cases}1 & a\end{cases}",
        ),
        (
            "<mo>{</mo><mtable><mtr><mtd><mn>1</mn></mtd></mtr></mtable><mo>}</mo>",
            r"\begin{Bmatrix}1\end{Bmatrix}",
        ),
        (
            "<mo>(</mo><mtable><mtr><mtd><mn>1</mn></mtd></mtr></mtable><mi>x</mi><mo>)</mo>",
            r"\left(\begin{matrix}1\end{matrix}x\right)",
        ),
        ("<semantics><mi>x</mi><annotation>y</annotation></semantics>", "x"),
        ('<menclose notation="box"><mi>x</mi></menclose>', r"\boxed{x}"),
        ('<mi>a</mi><mspace width=".25em"/><mi>b</mi>', r"a\,b"),
        ('<mi>a</mi><mspace width="1.em"/><mi>b</mi>', r"a\quad b"),
        ('<mi>a</mi><mspace width="1.2.3em"/><mi>b</mi>', r"a\ b"),
        ('<mi>a</mi><mspace width="-1em"/><mi>b</mi>', "ab"),
        ("", ""),
    ],
)
def test_each_element_has_its_tex(markup: str, tex: str) -> None:
    assert to_tex(tree(markup)) == tex


def test_prefixed_and_namespaced_tags_are_the_same_elements() -> None:
    x, two = (Tree("", {}, [], text) for text in ("x", "2"))
    for name in ("mml:{}", "{{http://www.w3.org/1998/Math/MathML}}{}"):
        parts = [Tree(name.format("mi"), {}, [x], ""), Tree(name.format("mn"), {}, [two], "")]
        assert to_tex(Tree(name.format("math"), {}, [Tree(name.format("msup"), {}, parts, "")], "")) == "x^2"


def test_depth_is_no_limit() -> None:
    node = Tree("mi", {}, [Tree("", {}, [], "x")], "")
    for _ in range(50_000):
        node = Tree("mrow", {}, [node], "")
    assert to_tex(node) == "x"


_LEAF = st.builds(
    lambda tag, text: Tree(tag, {}, [Tree("", {}, [], text)], ""),
    st.sampled_from(["mi", "mn", "mo", "mtext"]),
    st.text(max_size=3),
)
_TREES = st.recursive(
    _LEAF,
    lambda inner: st.builds(
        lambda tag, children: Tree(tag, {}, children, ""),
        st.sampled_from(
            ["mrow", "mfrac", "msup", "msubsup", "munderover", "mtable", "mtr", "mfenced", "mover", "msqrt"]
        ),
        st.lists(inner, max_size=4),
    ),
    max_leaves=12,
)


@given(_TREES)
def test_every_tree_gives_text_and_the_same_text_twice(node: Tree) -> None:
    assert to_tex(node) == to_tex(node)
