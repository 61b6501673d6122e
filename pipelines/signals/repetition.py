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

_NONE: Final = np.empty(0, np.int64)


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
        positions, groups, frequencies = _extend(positions, groups)
        if n in TOP_NGRAMS:
            start, count = _most_frequent(positions, frequencies)
            signals[f"top_{n}gram_char_ratio"] = int(offsets[start + n] - offsets[start] + n - 1) * count / num_chars
        elif len(positions):
            chars = _greedy_chars(positions, groups, offsets, n)
            signals[f"duplicate_{n}gram_char_ratio"] = chars / num_chars
        elif n > TOP_NGRAMS[-1]:
            break
    return signals


def _extend(positions: Ints, groups: Ints) -> tuple[Ints, Ints, Ints]:
    """From (n-1)-grams that repeat to n-grams that do: their positions, ascending, their groups, how often each occurs.

    Two n-grams are equal when their (n-1)-grams are, left and right.
    """
    adjacent = (positions[1:] - positions[:-1] == 1).nonzero()[0]
    if len(adjacent) < 2:
        return _NONE, _NONE, _NONE
    keys = groups[adjacent] * (int(groups.max()) + 1) + groups[adjacent + 1]
    order = keys.argsort()
    ordered = keys[order]
    first = np.empty(len(keys) + 1, np.bool_)  # of a group, with one past the end
    first[0] = first[-1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:-1])
    bounds = first.nonzero()[0]
    sizes = bounds[1:] - bounds[:-1]
    kept = (~(first[:-1] & first[1:])).nonzero()[0]  # members of groups of one are first and before a first
    labels = (first[:-1].cumsum() - 1)[kept]
    chosen = adjacent[order[kept]]
    by_position = chosen.argsort()
    labels = labels[by_position]
    return positions[chosen[by_position]], labels, sizes[labels]


def _most_frequent(positions: Ints, frequencies: Ints) -> tuple[int, int]:
    """Where the most frequent n-gram first stands, and how often it occurs; of equals the earliest."""
    if not len(positions):
        return 0, 1
    best = int(frequencies.argmax())
    return int(positions[best]), int(frequencies[best])


def _greedy_chars(positions: Ints, groups: Ints, offsets: Ints, n: int) -> int:
    """Characters of the n-grams that repeat an earlier one, from left to right, none overlapping the one before."""
    seen: set[int] = set()
    repeats: list[int] = []
    free = 0
    for position, group in zip(positions.tolist(), groups.tolist(), strict=True):
        if position >= free:
            if group in seen:
                repeats.append(position)
                free = position + n
            else:
                seen.add(group)
    starts = np.array(repeats, np.int64)
    return int((offsets[starts + n] - offsets[starts]).sum())


def duplicates(blocks: Iterable[str]) -> tuple[int, int, int]:
    """How many blocks (lines, paragraphs) there are, how many repeat an earlier one, and the characters of those."""
    all_blocks = list(blocks)
    distinct = set(all_blocks)
    chars = sum(map(len, all_blocks)) - sum(map(len, distinct))
    return len(all_blocks), len(all_blocks) - len(distinct), chars
