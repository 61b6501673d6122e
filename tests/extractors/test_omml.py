from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
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
            e(
                "d",
                prop("dPr", begChr="{", endChr="")
                + e("e", e("eqArr", e("e", r("0, &amp;x&lt;1")) + e("e", r("1, &amp;x≥1")))),
            ),
            r"\begin{cases}0, & x < 1 \\ 1, & x \geq 1\end{cases}",
        ),
        (e("d", prop("dPr", sepChr="") + e("e", r("a")) + e("e", r("b"))), "(ab)"),
        (e("d", prop("dPr", sepChr=",") + e("e", r("a")) + e("e", HALF)), r"\left(a,\frac{1}{2}\right)"),
        (e("eqArr", prop("eqArrPr", maxDist="1") + e("e", r("E=m#(1)"))), r"E = m\quad (1)"),
        (e("acc", prop("accPr", chr="\u0332") + e("e", r("x"))), r"\underline{x}"),
        (e("acc", prop("accPr", chr="\u033f") + e("e", r("x"))), r"\overline{\overline{x}}"),
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


CHARS = st.sampled_from(
    ["", "(", "[", "{", "}", "|", "‖", "⟨", "⌊", "∑", "∫", "⋃", "⏞", "⏟", "→", "\u0305", "\u20d7", "&amp;", "#"]
)
SWITCH = st.sampled_from(["", "0", "1", "off", "on"])
FLAGS = ("degHide", "subHide", "supHide", "show", "hideTop", "hideBot", "hideLeft", "hideRight", "strikeH", "grow")
PROPERTIES = st.builds(
    lambda chars, flags, kind, pos: prop(
        "xPr", **dict(zip(("chr", "begChr", "endChr", "sepChr"), chars, strict=True)), **flags, type=kind, pos=pos
    ),
    st.tuples(CHARS, CHARS, CHARS, CHARS),
    st.dictionaries(st.sampled_from(FLAGS), SWITCH),
    st.sampled_from(["bar", "noBar", "lin", "skw", ""]),
    st.sampled_from(["top", "bot", ""]),
)
ARGUMENTS = {
    "f": ("num", "den"), "sSup": ("e", "sup"), "sSub": ("e", "sub"), "sSubSup": ("e", "sub", "sup"),
    "sPre": ("sub", "sup", "e"), "rad": ("deg", "e"), "nary": ("sub", "sup", "e"), "d": ("e", "e", "e"),
    "eqArr": ("e", "e"), "func": ("fName", "e"), "limLow": ("e", "lim"), "limUpp": ("e", "lim"), "acc": ("e",),
    "bar": ("e",), "groupChr": ("e",), "borderBox": ("e",), "box": ("e",), "phant": ("e",), "unknown": ("e",),
}  # fmt: skip
RUNS = ["x", "12.5", "α+", "a&amp;=b", "50%", "#1 $5", "a_b^c", "{x}", "\\", "f′", " if ", "𝑥ℝ", "<", ""]
LEAVES = st.builds(
    r,
    st.sampled_from([text.replace("<", "&lt;") for text in RUNS]),
    st.sampled_from(["", UPRIGHT, '<m:rPr><m:scr m:val="script"/></m:rPr>', '<m:rPr><m:sty m:val="b"/></m:rPr>']),
)


def construct(name: str, properties: str, inner: list[str]) -> str:
    return e(name, properties + "".join(e(part, inner[k]) for k, part in enumerate(ARGUMENTS[name])))


def matrix(inner: list[str]) -> str:
    return e("m", e("mr", e("e", inner[0]) + e("e", inner[1])) + e("mr", e("e", inner[2])))


CONSTRUCTS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(
            construct,
            st.sampled_from(sorted(ARGUMENTS)),
            st.one_of(st.just(""), PROPERTIES),
            st.lists(inner, min_size=3, max_size=3),
        ),
        st.builds(matrix, st.lists(inner, min_size=3, max_size=3)),
        st.builds(lambda a, b: a + b, inner, inner),
    ),
    max_leaves=12,
)


@settings(max_examples=300)
@given(CONSTRUCTS)
def test_nested_constructs_of_all_kinds_give_balanced_tex(inner: str) -> None:
    found = tex(inner)
    plain = re.sub(r"\\\\|\\[{}#$%_&]", "", found)
    assert plain.count("{") == plain.count("}")
    assert len(re.findall(r"\\left(?![a-z])", found)) == len(re.findall(r"\\right(?![a-z])", found))
    assert found.count("\\begin{") == found.count("\\end{")
    assert not set("#$%") & set(plain)
    assert found == tex(inner)
