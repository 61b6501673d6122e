"""The licence texts of SPDX as sets of word pairs, with an index from pairs to licences.

Origin: spdx-license-list 6.12.0 on npm (CC0-1.0), written by `build.py`. Cost: some 0.2 s and 20 MB once per process.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import as_file, files

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Template:
    """One licence text: its pairs of neighbouring words, sorted and distinct, how often each occurs, its length."""

    spdx_id: str
    pairs: Numbers
    counts: Numbers
    num_words: int


@dataclass(frozen=True, slots=True)
class Index:
    """All templates, and for each pair of words (`pairs`, sorted) the templates that have it."""

    vocabulary: dict[str, int]
    templates: tuple[Template, ...]
    pairs: Numbers
    starts: Numbers
    """Of pair `i`, the templates are `owners[starts[i]:starts[i + 1]]`."""
    owners: npt.NDArray[np.int16]

    def numbers(self, words: list[str]) -> Numbers:
        """Numbers of the words; -1 for those that no licence has."""
        known = self.vocabulary
        return np.fromiter((known.get(word, -1) for word in words), dtype=np.int64, count=len(words))


def pairs_of(numbers: Numbers, vocabulary_size: int) -> Numbers:
    """Number of each pair of neighbours, one fewer than words; -1 where one of the two is unknown."""
    first, second = numbers[:-1], numbers[1:]
    return np.where((first < 0) | (second < 0), -1, first * vocabulary_size + second)


@lru_cache(maxsize=1)
def index() -> Index:
    """The templates, read once per process."""
    with as_file(files("extractors.code.licences").joinpath("templates.npz")) as path, np.load(path) as stored:
        vocabulary = bytes(stored["vocabulary"]).decode().split("\n")
        ids = bytes(stored["ids"]).decode().split("\n")
        lengths, halves = stored["lengths"].astype(np.int64), stored["stream"].astype(np.int64)
    middle = len(halves) // 2
    stream = (halves[:middle] << 8) | halves[middle:]
    ends = np.cumsum(lengths)
    templates = []
    for spdx_id, length, end in zip(ids, lengths, ends, strict=True):
        pairs, counts = np.unique(pairs_of(stream[end - length : end], len(vocabulary)), return_counts=True)
        templates.append(Template(spdx_id, pairs, counts.astype(np.int64), int(length)))
    everything = np.concatenate([template.pairs for template in templates])
    owners = np.repeat(np.arange(len(templates), dtype=np.int16), [len(template.pairs) for template in templates])
    order = np.argsort(everything, kind="stable")
    distinct, first = np.unique(everything[order], return_index=True)
    starts = np.append(first, len(everything)).astype(np.int64)
    known = {word: number for number, word in enumerate(vocabulary)}
    return Index(known, tuple(templates), distinct, starts, owners[order])
