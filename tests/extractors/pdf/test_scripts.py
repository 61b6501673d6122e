from __future__ import annotations

from collections import Counter

import pytest

from extractors.pdf.scripts import CHARACTERS, MIN_CODES, plausible, with_accent


def test_ligatures_hyphens_and_spaces_are_plain_characters() -> None:
    assert [CHARACTERS[code] for code in (0xFB00, 0xFB01, 0xFB03)] == ["ff", "fi", "ffi"]
    assert [CHARACTERS[code] for code in (0xAD, 0x2010, 0xA0, 0x2009)] == ["-", "-", " ", " "]


@pytest.mark.parametrize(
    ("letter", "accent", "written"),
    [("o", "¨", "ö"), ("ı", "´", "í"), ("r", "ˇ", "ř"), ("c", "¸", "ç"), ("a", "`", "à")],
)
def test_an_accent_and_its_letter_are_one_character(letter: str, accent: str, written: str) -> None:
    assert with_accent(letter, accent) == written


def test_codes_are_words_from_so_many_and_with_vowels_only() -> None:
    words = "the tide came in over the sand"
    assert plausible(Counter(words)) is not None
    assert plausible(Counter("the tide came in ov")) is None
    assert len("the tide came in ov") == MIN_CODES - 1
    assert plausible(Counter("th td cm n vr th snd brgd nd stll")) is None
    assert plausible(Counter(words.upper())) is None
