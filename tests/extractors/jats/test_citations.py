"""Reference markers go with what stands around them, unless a sentence needs them as its noun."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.jats.citations import CLOSE, OPEN, is_raised_group, marked, without


def gathered(text: str) -> str:
    """`{1}` stands for a marker with the text 1."""
    return text.replace("{", OPEN).replace("}", CLOSE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("known [{1}].", "known."),
        ("known [{1},{3}–{5}], and", "known, and"),
        ("known {[1]}, {[2]} and {[4]}.", "known."),
        ("known {[2]}–{[7]} here", "known here"),
        ("known ({Kok et al., 2015}; {Gall, 2012}).", "known."),
        ("known (e.g., {Kok, 2015}, and {Gall, 2012}).", "known."),
        ("known (reviewed in {Kok, 2015}; see also {Gall, 2012}).", "known."),
        ("variation (heterochrony; e.g., {Kok, 2015}) is", "variation (heterochrony) is"),
        ("protein (RBP [{12}], also X)", "protein (RBP, also X)"),
        ("rate (n = 5; {Kok, 2015}) of", "rate (n = 5) of"),
        ("assumes (as in [{3}]) that", "assumes that"),
        ("Hughes et al. ({2004}) sampled", "Hughes et al. (2004) sampled"),
        ("Hughes et al. [{12}] sampled", "Hughes et al. sampled"),
        ("air (Hughes et al. {2004}; de Vries and Abel, {2005a}).", "air."),
        ("air (sampled in {2004})", "air (sampled in 2004)"),
        ("as {Leino et al. (2005)} showed", "as Leino et al. (2005) showed"),
        ("described by [{12}] and", "described by [12] and"),
        ("see Ref. [{5}].", "see Ref. [5]."),
        ("pioneers such as ({Snow, 1932}) and", "pioneers such as (Snow, 1932) and"),
        ("rock.{4} Next", "rock. Next"),
        ("shown. [{17}] We found", "shown. We found"),
        ("shown. [{17}] found it", "shown. [17] found it"),
        ("For example, [{17}] found it", "For example, [17] found it"),
        ("in water, [{17}] and air", "in water, and air"),
        ("[{1}], [{24}]", ""),
        (r"$m(t\,;s)\ , \;.$ as known [{1}].", r"$m(t\,;s)\ , \;.$ as known."),
        ("so $a , b , ; c , , d$ [{1}] , , as", "so $a , b , ; c , , d$, as"),
        ("{Kok, 2015}", "Kok, 2015"),
        ("cells {5}, too", "cells, too"),
        ("{Kok, 2015} and {Gall, 2012} disagree", "Kok, 2015 and Gall, 2012 disagree"),
        ("the set [a, b] of [{1}]", "the set [a, b] of [1]"),
        ("plain (text) [stays]", "plain (text) [stays]"),
        ("site (X: 12,673,279-12,673,286 [{Bender, 2000}]) is", "site (X: 12,673,279-12,673,286) is"),
        ("seen (see Pilsbry, 1921 [{39}], pl. 40)", "seen (see Pilsbry, 1921, pl. 40)"),
        ("depicted ({[26]}:fig. 2), and", "depicted (fig. 2), and"),
        ("theropods (abelisaurids {[1]}–{[3]}; frogs {[4]}–{[5]}) were", "theropods (abelisaurids; frogs) were"),
        ("1) so [{9}]. The (July) rate (8 insects; [{12}-{17}]) is", "1) so. The (July) rate (8 insects) is"),
        ("approaches include {[33]}, {[34]}.", "approaches include [33], [34]."),
        ("after a shock, see also [{5}].", "after a shock, see also [5]."),
        ("groups: a: [{5}]. b: [{6}].", "groups: a: [5]. b: [6]."),
        ("the .bam files [{5}]", "the .bam files"),
    ],
)
def test_markers_leave_no_debris(before: str, after: str) -> None:
    assert without(gathered(before)) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("of 2011 , A protein", "of 2011, A protein"),
        ("Wilson DK, , T. gondii", "Wilson DK, T. gondii"),
        ("level ( p = 3 ) is", "level (p = 3) is"),
        ("the .bam files and α = .65", "the .bam files and α = .65"),
        ("`f( x , y )` is", "`f( x , y )` is"),
        ("as `taxa` ( Figure 3) , and `f( )`", "as `taxa` (Figure 3), and `f( )`"),
        ("$a\\ , b$", "$a\\ , b$"),
        (r"so $x \text{a , b , ; c} ( y ) , , d$ ( or ) , as", r"so $x \text{a , b , ; c} ( y ) , , d$ (or), as"),
        ("$$f( x , y ) .$$ is , as", "$$f( x , y ) .$$ is, as"),
        ("at 5 $ , not 6", "at 5 $, not 6"),
        ("a ... b", "a ... b"),
        ("mot : mot ; mot", "mot : mot ; mot"),
        ("boxes [ ] and [x]", "boxes [ ] and [x]"),
    ],
)
def test_layout_around_commas_and_brackets_goes_and_code_keeps_it(before: str, after: str) -> None:
    assert without(before) == after


def test_raised_text_is_a_group_of_markers_only_without_other_words() -> None:
    assert is_raised_group(gathered("{1},{3}–{5}"))
    assert is_raised_group(gathered("[{1}]"))
    assert not is_raised_group(gathered("{1} and water"))
    assert not is_raised_group("2")


@given(
    st.lists(
        st.sampled_from(
            ["word", "(", ")", "[", "]", ",", ";", "–", " ", "{1}", "{[2]}", "{Kok, 2015}", "see", "and", "."]
        )
    )
)
def test_words_outside_brackets_stay_in_order_and_nothing_controls(pieces: list[str]) -> None:
    text = without(gathered("".join(pieces)))
    assert not set(text) & set(OPEN + CLOSE)
    assert text.count("word") == pieces.count("word")


@given(st.text(alphabet="abc 1,;.()[]–"))
def test_of_text_without_markers_nothing_goes_but_layout(text: str) -> None:
    kept, given_ = (re.sub(r"[ ,]", "", found) for found in (without(text), text))
    assert kept == given_
    assert without(without(text)) == without(text)


def test_a_marker_cannot_break_out_of_its_brackets() -> None:
    assert marked(f"a{CLOSE}b") == f"{OPEN}ab{CLOSE}"


def test_a_paragraph_of_very_many_markers_takes_no_more_than_its_length() -> None:
    began = time.process_time()
    assert without(gathered("x{1}, " * 20_000)) == "x, " * 19_999 + "x,"
    assert time.process_time() - began < 4
