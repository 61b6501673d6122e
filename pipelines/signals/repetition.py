"""Gopher's repetition signals (arXiv 2112.11446, table A1), as datatrove's GopherRepetitionFilter counts them.

Equal n-grams are found by sorting, level by level: an n-gram can repeat only where both its (n-1)-grams do, so after
the first levels almost nothing is left. Exact, without hashing. Cost: 0.2 ms a page.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

TOP_NGRAMS: Final = (2, 3, 4)
DUPLICATE_NGRAMS: Final = (5, 6, 7, 8, 9, 10)


def ngram_signals(words: Ints, lengths: Ints, num_chars: int) -> dict[str, float]:
    """Characters in the most frequent 2- to 4-gram, and in repeated 5- to 10-grams, per character of the document.

    `words` are numbers that are equal where tokens are; `lengths` their code points. A top n-gram counts the spaces
    between its words, a repeated one does not, and repeated ones are counted greedily from the left without overlap.
    """
    signals = {f"top_{n}gram_char_ratio": 0.0 for n in TOP_NGRAMS}
    signals |= {f"duplicate_{n}gram_char_ratio": 0.0 for n in DUPLICATE_NGRAMS}
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    positions, groups = np.arange(len(words)), words
    for n in range(2, DUPLICATE_NGRAMS[-1] + 1):
        if len(words) < n:
            break
        positions, groups, counts = _extend(positions, groups)
        if n in TOP_NGRAMS:
            start, count = _most_frequent(positions, groups, counts)
            signals[f"top_{n}gram_char_ratio"] = int(offsets[start + n] - offsets[start] + n - 1) * count / num_chars
        elif len(positions):
            chars = _greedy_chars(positions, groups, offsets, n)
            signals[f"duplicate_{n}gram_char_ratio"] = chars / num_chars
        elif n > TOP_NGRAMS[-1]:
            break
    return signals


def _extend(positions: Ints, groups: Ints) -> tuple[Ints, Ints, Ints]:
    """From repeated (n-1)-grams to repeated n-grams: their positions, their group, and how large each group is."""
    none = np.empty(0, np.int64)
    adjacent = np.flatnonzero(np.diff(positions) == 1)
    if not len(adjacent):
        return none, none, none
    starts, left, right = positions[adjacent], groups[adjacent], groups[adjacent + 1]
    keys = left * (int(groups.max()) + 1) + right
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    first = np.concatenate(([True], ordered[1:] != ordered[:-1]))
    counts = np.diff(np.flatnonzero(np.concatenate((first, [True]))))
    inverse = np.empty(len(keys), np.int64)
    inverse[order] = np.cumsum(first) - 1
    repeated = np.flatnonzero(counts[inverse] > 1)
    return starts[repeated], inverse[repeated], counts


def _most_frequent(positions: Ints, groups: Ints, counts: Ints) -> tuple[int, int]:
    """Where the most frequent n-gram first stands, and how often it occurs; of equals the earliest."""
    if not len(positions):
        return 0, 1
    frequencies = counts[groups]
    best = int(frequencies.argmax())
    return int(positions[best]), int(frequencies[best])


def _greedy_chars(positions: Ints, groups: Ints, offsets: Ints, n: int) -> int:
    seen: set[int] = set()
    chars, free = 0, 0
    for position, group in zip(positions.tolist(), groups.tolist(), strict=True):
        if position < free:
            continue
        if group in seen:
            chars += int(offsets[position + n] - offsets[position])
            free = position + n
        else:
            seen.add(group)
    return chars


def duplicates(blocks: Iterable[str]) -> tuple[int, int, int]:
    """How many blocks (lines, paragraphs) there are, how many repeat an earlier one, and the characters of those."""
    all_blocks = list(blocks)
    distinct = set(all_blocks)
    chars = sum(map(len, all_blocks)) - sum(map(len, distinct))
    return len(all_blocks), len(all_blocks) - len(distinct), chars
