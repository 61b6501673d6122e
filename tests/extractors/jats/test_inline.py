"""Raised, lowered and slanted text, and pointers, where the XML’s layout or the lack of it would tear words."""

from __future__ import annotations

import pytest

from extractors.jats import extract

FIGURE = '<fig id="f1"><label>Figure 1</label><caption><p>A weir.</p></caption></fig>'


def text(paragraph: str, after: str = "") -> str:
    found = extract(f"<article><body><p>{paragraph}</p>{after}</body></article>".encode())
    assert found.error is None
    return found.text


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ("such as<italic>Corythosaurus</italic>,<italic>Velafrons</italic>", "such as Corythosaurus, Velafrons"),
        ("<bold>A</bold><italic>Carex nigra</italic>", "A Carex nigra"),
        ("<italic>Carex nigra</italic>KMM 62", "Carex nigra KMM 62"),
        ("<bold>T</bold><italic>his</italic> is <italic>m</italic>RNA", "This is mRNA"),
        ("<italic>Drosophila</italic>s and <italic>lac</italic>ZYA, anti<italic>sense</italic>", None),
        ("p<italic>Bluescript</italic>", "pBluescript"),
    ],
)
def test_a_name_in_italics_that_touches_a_word_is_parted_from_it(xml: str, expected: str | None) -> None:
    assert text(xml) == (expected or "Drosophilas and lacZYA, antisense")


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ('in<xref ref-type="fig" rid="f2">Fig. 2</xref>', "in Fig. 2"),
        ('(Figs. 7,<xref ref-type="fig" rid="f2">13A</xref> and<xref ref-type="fig" rid="f2">14E</xref>)', None),
        ('as in<xref ref-type="bibr" rid="r">Dodson (1975)</xref>', "as in Dodson (1975)"),
        ('rock<xref ref-type="bibr" rid="r">12</xref>', "rock"),
        ('S<xref ref-type="fig" rid="f2">2</xref>', "S2"),
    ],
)
def test_a_pointer_that_touches_a_word_is_parted_from_it(xml: str, expected: str | None) -> None:
    assert text(xml) == (expected or "(Figs. 7, 13A and 14E)")


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ('see <xref ref-type="fig" rid="f1"/>.', "see Figure 1."),
        ('open (<xref ref-type="fig" rid="f1"/>).', "open (Figure 1)."),
        ('It was open.<xref ref-type="fig" rid="f1"/>', "It was open."),
    ],
)
def test_an_empty_pointer_is_the_label_where_one_is_wanted(xml: str, expected: str) -> None:
    assert text(xml, FIGURE).partition("\n")[0] == expected


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ("CO <sub>2</sub> rose", "CO2 rose"),
        ("σ<italic> <sub>r</sub> </italic>, was", "σ_r, was"),
        ("<italic>P</italic> <sub>het</sub>", "P het"),
        ("carriers <sub>w</sub>HR", "carriers wHR"),
        ("1775 km <sup>2</sup> of", "1775 km^2 of"),
        (f"1775 km\n{' ' * 18}<sup>2</sup>\n{' ' * 18}of", "1775 km^2 of"),
        (f"CO\n{' ' * 18}<sub>2</sub> rose", "CO2 rose"),
        (f"CO<italic>\n{' ' * 18}<sub>2</sub></italic> rose", "CO2 rose"),
        ("80 kg ha <sup>−1</sup>", "80 kg ha^−1"),
        ("as shown in <sup>3</sup>, and by <sup>1</sup>", "as shown in 3, and by 1"),
        ("atmospheric <sup>14</sup>C", "atmospheric 14C"),
        ("164.68 <sup>A</sup>", "164.68 A"),
        ("disease risk<sup>27-31</sup>.", "disease risk[27-31]."),
        ("disease risk<sup>27</sup>.", "disease risk[27]."),
        ("10<sup>2,5</sup>", "102,5"),
        ("[1 − α]<sup>n</sup>", "[1 − α]^n"),
    ],
)
def test_layout_before_raised_and_lowered_text(xml: str, expected: str) -> None:
    assert text(xml) == expected


def test_the_page_of_a_related_article_is_part_of_its_sentence() -> None:
    assert text("See page <related-article>2692</related-article>.") == "See page 2692."
