from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.signals.words import LETTER, WORD, Vocabulary, normalize, tokenize


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("It's a well-known fact.", ["It", "'s", "a", "well", "-", "known", "fact", "."]),
        ("O'Brien doesn’t know", ["O'Brien", "doesn", "’t", "know"]),
        ("2,000.50 at 10:30 on 2024-11-21", ["2,000.50", "at", "10:30", "on", "2024", "-", "11", "-", "21"]),
        ("The U.S. sent COVID-19 tests.", ["The", "U.S.", "sent", "COVID-19", "tests", "."]),
        ("see https://example.com/a?b=c now", ["see", "https://example.com/a?b=c", "now"]),
        ("ask me@example.com", ["ask", "me@example.com"]),
        ("wait... what… no", ["wait", "...", "what", "…", "no"]),
        (r"\frac{a}{b} f(x)", [r"\frac{a}{b", "}", "f(x", ")"]),
        ("हिन्दी में लिखा", ["हिन्दी", "में", "लिखा"]),
        ("你好世界", ["你好", "世界"]),
        ("iPhone手机", ["iPhone", "手机"]),
        ("ภาษาไทย", ["ภาษา", "ไทย"]),
        ("안녕하세요 세계", ["안녕하세요", "세계"]),
        ("😀 ok", ["😀", "ok"]),
        ("  \n\t ", []),
    ],
)
def test_text_is_cut_into_the_words_a_reader_would_see(text: str, tokens: list[str]) -> None:
    assert tokenize(text) == tokens


@given(st.text())
def test_tokens_hold_every_character_but_white_space_in_order(text: str) -> None:
    tokens = tokenize(text)
    assert "".join(tokens) == "".join(text.split())
    assert all(token and not any(map(str.isspace, token)) for token in tokens)


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_ascii_text_is_cut_the_same_with_another_letter_in_it(text: str) -> None:
    assert tokenize(text + " é")[:-1] == tokenize(text)


@pytest.mark.parametrize(
    ("token", "normal"),
    [
        ("Word", "word"),
        ("2,000.50", "0"),
        ("COVID-19", "covid0"),
        ("Ärger", "arger"),
        ("n't", "nt"),
        ("—", ""),
        ("İ", "i"),
    ],
)
def test_normal_forms_lose_case_numbers_punctuation_and_accents(token: str, normal: str) -> None:
    assert normalize(token) == normal


def test_a_vocabulary_numbers_equal_tokens_alike_and_knows_what_they_are() -> None:
    vocabulary = Vocabulary()
    numbers = vocabulary.numbers(["Sea", ",", "sea", "99", "Sea"])
    assert numbers.tolist() == [0, 1, 2, 3, 0]
    assert vocabulary.lengths(numbers).tolist() == [3, 1, 3, 2, 3]
    assert vocabulary.kinds(numbers).tolist() == [WORD | LETTER, 0, WORD | LETTER, WORD, WORD | LETTER]
    hashes = vocabulary.hashes(numbers)
    assert hashes[0] == hashes[2] != hashes[3]
    assert hashes[1] == 0


@given(st.lists(st.text(min_size=1)), st.lists(st.text(min_size=1)))
def test_what_a_vocabulary_saw_before_changes_no_fact(before: list[str], tokens: list[str]) -> None:
    fresh, used = Vocabulary(), Vocabulary()
    used.numbers(before)
    a, b = fresh.numbers(tokens), used.numbers(tokens)
    assert np.array_equal(fresh.lengths(a), used.lengths(b))
    assert np.array_equal(fresh.kinds(a), used.kinds(b))
    assert np.array_equal(fresh.hashes(a), used.hashes(b))
