from __future__ import annotations

import base64
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.signals.characters import character_signals, compression_ratio, structure_signals

PROSE = (
    "In the harbour of the old town the boats lie close to one another, and in the evening, when the wind is gone, you "
    "hear the ropes. Whoever sits on the wall then and waits will see the lamps come on, first at the inn, then along "
    "the quay, and last of all, far out, the light that shows the way past the shoals to those who come home late. "
    "My grandfather tended that lamp for thirty years. He trimmed the wick, polished the glass, wrote the weather into "
    "a book, and was never paid for the nights in which no ship came. I have the books still. They smell of oil."
)


def test_kinds_of_characters_are_shares() -> None:
    signals = character_signals("Ab1 é\ufffd\x00.")
    assert signals["control_char_ratio"] == 2 / 8
    assert signals["digit_char_ratio"] == 1 / 7
    assert signals["alpha_char_ratio"] == 3 / 7
    assert signals["uppercase_letter_ratio"] == 1 / 3


@given(st.text())
def test_shares_of_characters_lie_between_0_and_1(text: str) -> None:
    assert all(0 <= value <= 1 for value in character_signals(text).values())


@pytest.mark.parametrize("num_bytes", [250, 400, 560])
def test_prose_has_a_ratio_of_two_to_three_at_any_length(num_bytes: int) -> None:
    ratio = compression_ratio(PROSE.encode()[:num_bytes])
    assert ratio is not None
    assert 2 < ratio < 3.2


def test_random_bytes_as_base64_compress_less_than_prose_and_repeated_text_more() -> None:
    noise = base64.b64encode(random.Random(1).randbytes(6000))
    assert (compression_ratio(noise) or 0) < 1.7
    assert (compression_ratio(b"All rights reserved. " * 300) or 0) > 8
    assert compression_ratio(b"") is None


@pytest.mark.parametrize(
    ("text", "code", "math"),
    [
        ("It costs $5 and then $10 more, US$3.", 0, 0),
        ("Let $x$ be.", 0, 3),
        ("$$\na + b\n$$", 0, 11),
        (r"So \(x^2\) is \[y\] here", 0, 12),
        (r"\begin{align}x\end{align}!", 0, 25),
        ("run `make` now", 6, 0),
        ("```py\nx = {1}\n```\ntext", 17, 0),
        ("> ```\n> x\n> ```\ntext", 15, 0),
        ("~~~\nnever closed", 16, 0),
    ],
)
def test_code_and_mathematics_are_measured_in_characters(text: str, code: int, math: int) -> None:
    signals = structure_signals(text)
    assert signals["code_char_ratio"] == code / len(text)
    assert signals["math_char_ratio"] == math / len(text)


@pytest.mark.parametrize(
    ("text", "found"), [("a { b", True), ("`{`", False), ("$\\frac{1}{2}$", False), ("```\n{\n```\n{", True)]
)
def test_a_curly_bracket_counts_outside_code_and_mathematics_only(text: str, found: bool) -> None:
    assert structure_signals(text)["has_prose_curly_bracket"] is found


@given(st.text(alphabet="`~$\\{}[]() \nax"))
def test_shares_of_code_and_mathematics_never_exceed_the_text(text: str) -> None:
    signals = structure_signals(text)
    assert 0 <= signals["code_char_ratio"] + signals["math_char_ratio"] <= 1
