from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.minhash import CHUNK_SHINGLES, MinHasher, estimate_jaccard, exact_digest, shingle_hashes
from pipelines.recipe import MinHashConfig

HASHER = MinHasher(MinHashConfig())
WORDS = st.lists(st.integers(1, 2**64 - 1), min_size=5, max_size=60).map(lambda values: np.array(values, np.uint64))


def sketch(words: np.ndarray) -> bytes:
    signature = HASHER.signature(words)
    assert signature is not None
    return signature.sketch


@given(st.lists(st.integers(0, 2**64 - 1), max_size=40), st.integers(1, 13))
def test_a_shingle_is_the_polynomial_of_its_words(values: list[int], n: int) -> None:
    expected = []
    for i in range(len(values) - n + 1):
        value = 0
        for word in values[i : i + n]:
            value = (value * 0x9E3779B97F4A7C15 + word) % 2**64
        expected.append(value)
    assert shingle_hashes(np.array(values, np.uint64), n).tolist() == expected


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=3 * CHUNK_SHINGLES))
def test_minima_are_those_of_all_shingles_whatever_the_chunks(values: list[int]) -> None:
    shingles = np.array(values, np.uint64)
    halves = [HASHER.minima(shingles[part::2]) for part in (0, 1)]  # other chunks, other order
    assert np.array_equal(HASHER.minima(shingles), np.minimum(*halves))


@given(WORDS)
def test_equal_documents_have_equal_signatures_and_similarity_one(words: np.ndarray) -> None:
    assert HASHER.signature(words) == MinHasher(MinHashConfig()).signature(words.copy())
    assert estimate_jaccard(sketch(words), sketch(words)) == 1


@given(WORDS)
def test_punctuation_which_has_hash_zero_changes_nothing(words: np.ndarray) -> None:
    assert HASHER.signature(np.insert(words, 2, 0)) == HASHER.signature(words)


def test_a_signature_has_fourteen_bands_of_128_bits_and_112_times_16_bits() -> None:
    signature = HASHER.signature(np.arange(1, 50, dtype=np.uint64))
    assert signature is not None
    assert [len(band) for band in signature.bands] == [16] * 14
    assert len(signature.sketch) == 112 * 2


def test_fewer_words_than_a_shingle_have_no_signature() -> None:
    assert HASHER.signature(np.arange(1, 5, dtype=np.uint64)) is None
    assert HASHER.signature(np.arange(1, 6, dtype=np.uint64)) is not None


def test_a_band_is_equal_exactly_when_its_eight_minima_are() -> None:
    words = np.random.default_rng(1).integers(1, 2**64, 400, np.uint64)
    other = words.copy()
    other[200:206] = 7
    a, b = HASHER.signature(words), HASHER.signature(other)
    assert a is not None
    assert b is not None
    same = HASHER.minima(shingle_hashes(words, 5)) == HASHER.minima(shingle_hashes(other, 5))
    assert [x == y for x, y in zip(a.bands, b.bands, strict=True)] == same.reshape(14, 8).all(axis=1).tolist()
    assert any(same)
    assert not all(same)


def test_another_seed_gives_other_hash_functions() -> None:
    words = np.arange(1, 50, dtype=np.uint64)
    assert MinHasher(MinHashConfig(seed=2)).signature(words) != HASHER.signature(words)


def test_unrelated_documents_have_similarity_near_zero() -> None:
    random = np.random.default_rng(2)
    a, b = (sketch(random.integers(1, 2**64, 300, np.uint64)) for _ in range(2))
    assert estimate_jaccard(a, b) < 0.03


def test_estimates_of_known_similarities_are_unbiased() -> None:
    random = np.random.default_rng(3)
    errors = []
    for _ in range(300):
        shared, left, right = (random.integers(0, 2**64, n, np.uint64) for n in (240, 30, 30))
        a, b = (HASHER.minima(np.concatenate([shared, own])) for own in (left, right))
        errors.append(np.mean(a == b) - 0.8)
    assert abs(np.mean(errors)) < 0.007  # three standard errors
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(np.sqrt(0.8 * 0.2 / 112), rel=0.15)


def test_sketches_of_other_lengths_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="sketches of 2 and 3 hashes"):
        estimate_jaccard(b"\0" * 4, b"\0" * 6)


@given(st.text())
def test_white_space_alone_makes_no_other_document(text: str) -> None:
    assert exact_digest(" \n" + "\n\n".join(text.split()) + "\t") == exact_digest(text)


def test_case_and_punctuation_make_another_document() -> None:
    assert len({exact_digest(text) for text in ("A b.", "a b.", "A b", "Ab.")}) == 4


def test_signatures_are_the_same_on_every_machine_and_release() -> None:
    signature = HASHER.signature(np.arange(1, 30, dtype=np.uint64))
    assert signature is not None
    assert signature.bands[0].hex() == "c360de9cb5e144b3169eebbf11d93318"
    assert signature.sketch[:8].hex() == "8fc29bb9dc6f5dad"
    assert exact_digest("Same text\n").hex() == "e4e9070c9b5a4d7aeb97c0abbefed920"
