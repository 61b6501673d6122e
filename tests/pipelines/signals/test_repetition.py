from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.signals.repetition import DUPLICATE_NGRAMS, TOP_NGRAMS, duplicates, ngram_signals


def measured(words: list[str], num_chars: int) -> dict[str, float]:
    numbers = {word: i for i, word in enumerate(dict.fromkeys(words))}
    return ngram_signals(
        np.array([numbers[word] for word in words], np.int64), np.array([len(w) for w in words], np.int64), num_chars
    )


def slow_top(words: list[str], n: int) -> int:
    """Characters, spaces included, of all occurrences of the most frequent n-gram; of equals the first."""
    grams = [" ".join(words[i : i + n]) for i in range(len(words) - n + 1)]
    if not grams:
        return 0
    gram, count = Counter(grams).most_common(1)[0]
    return len(gram) * count


def slow_duplicate(words: list[str], n: int) -> int:
    """Characters of the n-grams that repeat an earlier one, greedily from the left."""
    seen, chars, i = set(), 0, 0
    while i <= len(words) - n:
        gram = tuple(words[i : i + n])
        if gram in seen:
            chars += sum(map(len, gram))
            i += n
        else:
            seen.add(gram)
            i += 1
    return chars


@given(st.lists(st.sampled_from(["a", "bb", "ccc", "dddd"]), max_size=80))
def test_fast_counts_are_those_of_the_definition(words: list[str]) -> None:
    signals = measured(words, 1000)
    for n in TOP_NGRAMS:
        assert signals[f"top_{n}gram_char_ratio"] == slow_top(words, n) / 1000
    for n in DUPLICATE_NGRAMS:
        assert signals[f"duplicate_{n}gram_char_ratio"] == slow_duplicate(words, n) / 1000


def test_a_repeated_sentence_counts_once_less_than_it_stands() -> None:
    sentence = ["the", "cat", "sat", "on", "the", "mat", "today"]
    signals = measured(sentence * 3, 84)
    assert signals["duplicate_7gram_char_ratio"] == 2 * 22 / 84
    assert signals["top_2gram_char_ratio"] == 3 * len("the cat") / 84


def test_text_without_repetition_has_none() -> None:
    signals = measured([f"w{i}" for i in range(50)], 200)
    assert not any(value for name, value in signals.items() if name.startswith("duplicate"))


def test_an_empty_text_has_zeros() -> None:
    assert not any(measured([], 0).values())


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [([], (0, 0, 0)), (["a", "b"], (2, 0, 0)), (["ab", "c", "ab", "ab"], (4, 2, 4))],
)
def test_duplicates_count_all_but_the_first(blocks: list[str], expected: tuple[int, int, int]) -> None:
    assert duplicates(blocks) == expected
