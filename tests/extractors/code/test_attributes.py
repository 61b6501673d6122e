from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.code.attributes import NOTHING, Attributes, Said
from extractors.code.kinds import Kind
from extractors.code.language import Language

TOP = """\
# comment linguist-generated
[attr]ours linguist-vendored
* text=auto
*.gen.c linguist-generated
/lib/** linguist-vendored=true
lib/own/** -linguist-vendored
*.inc linguist-language=PHP
"with space.h" linguist-documentation linguist-language=C++
gone/ linguist-vendored
!x linguist-vendored
"""


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("src/a.gen.c", Said(generated=True)),
        ("lib/x/y.c", Said(vendored=True)),
        ("lib/own/y.c", Said(vendored=False)),
        ("src/lib/y.c", NOTHING),
        ("a/b.inc", Said(language="PHP")),
        ("with space.h", Said(documentation=True, language="C++")),
        ("gone/a.c", NOTHING),
        ("x", NOTHING),
        ("a.c", NOTHING),
    ],
)
def test_the_last_line_that_matches_holds(path: str, said: Said):
    assert Attributes([(".gitattributes", TOP)]).of(path) == said


def test_a_deeper_file_holds_over_one_above_it_in_its_folder_only_whatever_the_order():
    files = [("src/.gitattributes", "*.gen.c linguist-generated=false\n"), (".gitattributes", TOP)]
    for order in (files, files[::-1]):
        attributes = Attributes(order)
        assert attributes.of("src/a.gen.c") == Said(generated=False)
        assert attributes.of("b.gen.c") == Said(generated=True)


def test_an_exclamation_mark_takes_back_what_was_said():
    text = "*.c linguist-generated linguist-vendored\na.c !linguist-generated\n"
    assert Attributes([(".gitattributes", text)]).of("a.c") == Said(vendored=True)


def test_what_is_said_holds_over_what_was_detected_and_unknown_languages_do_not():
    detected = Kind(generated=True, test=True)
    assert Said(generated=False, language="emacs-lisp").applied(detected, None) == (
        Kind(test=True),
        Language("Emacs Lisp", "programming"),
    )
    assert Said(language="Nosuch").applied(detected, Language("C", "programming")) == (
        detected,
        Language("C", "programming"),
    )


@given(st.text(max_size=200), st.text("ab/.*[", max_size=20))
def test_any_text_is_read(text: str, path: str):
    Attributes([(".gitattributes", text)]).of(path)
    Attributes([(".gitattributes", f"{text} linguist-generated")]).of(path)
