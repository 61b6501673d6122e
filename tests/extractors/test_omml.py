from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from extractors.omml import omml_to_tex

NAMESPACE = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
UPRIGHT = '<m:rPr><m:sty m:val="p"/></m:rPr>'


def r(text: str, properties: str = "") -> str:
    return f"<m:r>{properties}<m:t>{text}</m:t></m:r>"


def e(name: str, inner: str) -> str:
    return f"<m:{name}>{inner}</m:{name}>"


def prop(name: str, **values: str) -> str:
    return e(name, "".join(f'<m:{key} m:val="{value}"/>' for key, value in values.items()))


def tex(inner: str) -> str:
    return omml_to_tex(etree.fromstring(f"<m:oMath {NAMESPACE}>{inner}</m:oMath>"))


MATRIX = e("m", e("mr", e("e", r("a")) + e("e", r("b"))) + e("mr", e("e", r("c")) + e("e", r("d"))))
HALF = e("f", e("num", r("1")) + e("den", r("2")))


@pytest.mark.parametrize(
    ("inner", "wanted"),
    [
        (e("f", e("num", r("a+1")) + e("den", r("b"))), r"\frac{a + 1}{b}"),
        (e("f", prop("fPr", type="lin") + e("num", r("a")) + e("den", r("b"))), "a/b"),
        (e("f", prop("fPr", type="noBar") + e("num", r("n")) + e("den", r("k"))), r"{n \atop k}"),
        (e("sSup", e("e", r("x")) + e("sup", r("2"))), "x^2"),
        (e("sSub", e("e", r("x")) + e("sub", r("ij"))), "x_{ij}"),
        (e("sSubSup", e("e", r("x")) + e("sub", r("i")) + e("sup", r("2"))), "x_i^2"),
        (e("sPre", e("sub", r("1")) + e("sup", r("2")) + e("e", r("H"))), "{}_1^2H"),
        (
            e("nary", prop("naryPr", chr="∑") + e("sub", r("i=1")) + e("sup", r("n")) + e("e", r("i"))),
            r"\sum_{i = 1}^ni",
        ),
        (e("nary", prop("naryPr", subHide="1", supHide="1") + e("sub", "") + e("sup", "") + e("e", r("x"))), r"\int x"),
        (e("rad", e("deg", r("3")) + e("e", r("x"))), r"\sqrt[3]{x}"),
        (e("rad", prop("radPr", degHide="1") + e("deg", "") + e("e", r("x"))), r"\sqrt{x}"),
        (e("d", e("e", MATRIX)), r"\begin{pmatrix}a & b \\ c & d\end{pmatrix}"),
        (e("d", prop("dPr", begChr="[", endChr="]") + e("e", MATRIX)), r"\begin{bmatrix}a & b \\ c & d\end{bmatrix}"),
        (e("d", prop("dPr", begChr="|", endChr="|") + e("e", HALF)), r"\left|\frac{1}{2}\right|"),
        (e("d", e("e", HALF)), r"\left(\frac{1}{2}\right)"),
        (e("d", e("e", r("a")) + e("e", r("b"))), "(a|b)"),
        (
            e("d", prop("dPr", begChr="{", endChr="") + e("e", e("eqArr", e("e", r("0")) + e("e", r("1"))))),
            r"\begin{cases}0 \\ 1\end{cases}",
        ),
        (
            e("eqArr", e("e", r("a&amp;=b")) + e("e", r("c&amp;=d"))),
            r"\begin{aligned}a & =b \\ c & =d\end{aligned}",
        ),
        (e("func", e("fName", r("sin", UPRIGHT)) + e("e", r("x"))), r"\sin x"),
        (
            e("func", e("fName", e("sSup", e("e", r("sin", UPRIGHT)) + e("sup", r("2")))) + e("e", r("x"))),
            r"\sin^2x",
        ),
        (
            e("func", e("fName", e("limLow", e("e", r("lim", UPRIGHT)) + e("lim", r("n→∞")))) + e("e", r("f"))),
            r"\lim_{n \rightarrow \infty}f",
        ),
        (e("acc", e("e", r("x"))), r"\hat{x}"),
        (e("acc", prop("accPr", chr="\u0305") + e("e", r("x"))), r"\overline{x}"),
        (e("acc", prop("accPr", chr="\u20d7") + e("e", r("v"))), r"\vec{v}"),
        (e("bar", prop("barPr", pos="top") + e("e", r("xy"))), r"\overline{xy}"),
        (e("bar", e("e", r("z"))), r"\underline{z}"),
        (e("limLow", e("e", e("groupChr", e("e", r("a+b")))) + e("lim", r("n"))), r"\underbrace{a + b}_n"),
        (e("borderBox", e("e", r("x"))), r"\boxed{x}"),
        (e("box", e("e", r("x"))), "x"),
        (e("phant", prop("phantPr", show="0") + e("e", r("x"))), r"\phantom{x}"),
        (e("phant", e("e", r("x"))), "x"),
        (r("R", '<m:rPr><m:scr m:val="double-struck"/></m:rPr>'), r"\mathbb{R}"),
        (r("v", '<m:rPr><m:sty m:val="b"/></m:rPr>'), r"\mathbf{v}"),
        (r(" if ", "<m:rPr><m:nor/></m:rPr>") + r("x≤-1"), r"\text{ if }x \leq -1"),
        ("", ""),
    ],
)
def test_each_construct_has_its_tex(inner: str, wanted: str) -> None:
    assert tex(inner) == wanted


CONSTRUCTS = st.recursive(
    st.sampled_from([r("x"), r("12.5"), r("α+"), r("sin", UPRIGHT), ""]),
    lambda inner: st.one_of(
        st.builds(lambda a, b: e("f", e("num", a) + e("den", b)), inner, inner),
        st.builds(lambda a, b: e("sSup", e("e", a) + e("sup", b)), inner, inner),
        st.builds(lambda a, b: e("nary", e("sub", a) + e("e", b)), inner, inner),
        st.builds(lambda a: e("d", e("e", a)), inner),
        st.builds(lambda a: e("rad", e("e", a)), inner),
        st.builds(lambda a, b: e("func", e("fName", a) + e("e", b)), inner, inner),
        st.builds(lambda a, b: e("limLow", e("e", a) + e("lim", b)), inner, inner),
        st.builds(lambda a, b: a + b, inner, inner),
    ),
    max_leaves=12,
)


@given(CONSTRUCTS)
def test_nested_constructs_give_balanced_tex(inner: str) -> None:
    found = tex(inner)
    assert found.count("{") == found.count("}")
    assert found.count("\\left") == found.count("\\right")
    assert found == tex(inner)
