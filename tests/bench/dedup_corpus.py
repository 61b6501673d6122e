"""Synthetic documents with planted duplicates, any one of which is made from its number alone.

Documents come in families of a hundred, scattered over the corpus: exact copies, pairs of known Jaccard similarity, a
chain of three, pages that share a block with pages of other families, an error page that all families have, and 70
that resemble nothing. Words are pronounceable and follow Zipf's law.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
import xxhash

FAMILY: Final = 100
JACCARDS: Final = (0.95, 0.90, 0.85, 0.80, 0.75, 0.70, 0.60, 0.50)
FIRST_PAIR: Final = 5
CHAIN: Final = (21, 22, 23)
SHARED_BLOCK: Final = range(24, 29)
ERROR_PAGE: Final = 29
VOCABULARY_WORDS: Final = 30_000
SHARED_BLOCKS: Final = 50
NGRAM_WORDS: Final = 5

Words = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Corpus:
    """`documents` is a multiple of 100; equal seeds give equal documents."""

    documents: int
    seed: int

    def place(self, number: int) -> tuple[int, int]:
        """Family and role in it of the document with this number."""
        scattered = (number * _stride(self.documents) + self.seed) % self.documents
        return divmod(scattered, FAMILY)

    def doc_id(self, number: int) -> str:
        return xxhash.xxh3_128_hexdigest(f"synthetic\n{number}", seed=self.seed)

    def words(self, family: int, role: int) -> Words:
        """The words of a document, as numbers."""
        if role <= 1:
            return self._drawn(family, 0)
        if role <= 4:
            return self._drawn(family, 2)
        if role in CHAIN:
            words = self._drawn(family, CHAIN[0])
            for step in range(1, CHAIN.index(role) + 1):
                words = self._varied(words, 0.85, family, CHAIN[step])
            return words
        if role in SHARED_BLOCK:
            own = self._drawn(family, role)
            block = self._drawn(-1 - family % SHARED_BLOCKS, 0)
            return np.concatenate([own, block[: len(own)]])
        if role == ERROR_PAGE:
            return np.concatenate([self._drawn(-1, ERROR_PAGE)[:80], self._drawn(family, role)[:2]])
        pair = (role - FIRST_PAIR) // 2
        if 0 <= pair < len(JACCARDS):
            base = self._drawn(family, FIRST_PAIR + 2 * pair)
            return base if (role - FIRST_PAIR) % 2 == 0 else self._varied(base, JACCARDS[pair], family, role)
        return self._drawn(family, role)

    def text(self, number: int) -> str:
        family, role = self.place(number)
        words = _vocabulary()[self.words(family, role)].tolist()
        # Layout differs between exact copies, as the exact digest overlooks it.
        gap = "\n\n" if role % 2 else "\n"
        return gap.join(f"{' '.join(words[i : i + 12]).capitalize()}." for i in range(0, len(words), 12))

    def jaccard(self, left: int, right: int) -> float:
        """True similarity of two documents' sets of word 5-grams."""
        a, b = (_shingles(self.words(*self.place(number))) for number in (left, right))
        return len(a & b) / len(a | b)

    def _drawn(self, family: int, role: int) -> Words:
        rng = np.random.default_rng([self.seed, family + SHARED_BLOCKS, role])
        count = int(np.clip(rng.lognormal(np.log(250), 0.7), 80, 3_000))
        return np.searchsorted(_zipf(), rng.random(count)).astype(np.int64)

    def _varied(self, words: Words, jaccard: float, family: int, role: int) -> Words:
        """The words with one run of them replaced, as long as the similarity asks for."""
        rng = np.random.default_rng([self.seed, family + SHARED_BLOCKS, role, 1])
        shingles = len(words) - NGRAM_WORDS + 1
        run = max(1, round(shingles * (1 - jaccard) / (1 + jaccard)) - NGRAM_WORDS + 1)
        start = int(rng.integers(NGRAM_WORDS, len(words) - run - NGRAM_WORDS))
        replaced = words.copy()
        replaced[start : start + run] = np.searchsorted(_zipf(), rng.random(run))
        return replaced


def _shingles(words: Words) -> set[tuple[int, ...]]:
    return set(zip(*(words[i:].tolist() for i in range(NGRAM_WORDS)), strict=False))


@cache
def _stride(documents: int) -> int:
    """A number near the golden section of `documents` that has no factor in common with it."""
    stride = int(documents * 0.6180339887) | 1
    while np.gcd(stride, documents) != 1:
        stride += 2
    return stride


@cache
def _zipf() -> npt.NDArray[np.float64]:
    weights = 1 / (np.arange(VOCABULARY_WORDS) + 2.7)
    cumulated = np.cumsum(weights)
    cumulated /= cumulated[-1]
    return cumulated


@cache
def _vocabulary() -> npt.NDArray[np.object_]:
    """Different words of one to four syllables, the common ones short."""
    starts = (*"bcdfghlmnprstv", "st", "tr", "pl", "ch")
    syllables = [start + vowel for start in starts for vowel in (*"aeio", "u", "ai", "ea", "ou")]
    words = [
        *syllables,
        *(a + b for a in syllables for b in syllables),
        *(a + b + c for a in syllables for b in syllables[:40] for c in syllables[:8]),
    ]
    return np.array(list(dict.fromkeys(words))[:VOCABULARY_WORDS], dtype=object)
