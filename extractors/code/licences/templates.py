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


def stored() -> list[tuple[str, list[str]]]:
    """SPDX id and words of each text; an id with several wordings comes several times."""
    vocabulary, ids, ends, stream = _read()
    starts = [0, *ends[:-1]]
    return [
        (spdx_id, [vocabulary[number] for number in stream[start:end]])
        for spdx_id, start, end in zip(ids, starts, ends, strict=True)
    ]


def _read() -> tuple[list[str], list[str], Numbers, Numbers]:
    """Vocabulary, ids, where each text ends, and the numbers of all words."""
    with as_file(files("extractors.code.licences").joinpath("templates.npz")) as path, np.load(path) as table:
        vocabulary = bytes(table["vocabulary"]).decode().split("\n")
        ids = bytes(table["ids"]).decode().split("\n")
        lengths, halves = table["lengths"].astype(np.int64), table["stream"].astype(np.int64)
    middle = len(halves) // 2
    return vocabulary, ids, np.cumsum(lengths), (halves[:middle] << 8) | halves[middle:]


@lru_cache(maxsize=1)
def index() -> Index:
    """The templates, read once per process."""
    vocabulary, ids, ends, stream = _read()
    templates = []
    for spdx_id, start, end in zip(ids, [0, *ends[:-1]], ends, strict=True):
        pairs, counts = np.unique(pairs_of(stream[start:end], len(vocabulary)), return_counts=True)
        templates.append(Template(spdx_id, pairs, counts.astype(np.int64), int(end - start)))
    everything = np.concatenate([template.pairs for template in templates])
    owners = np.repeat(np.arange(len(templates), dtype=np.int16), [len(template.pairs) for template in templates])
    order = np.argsort(everything, kind="stable")
    distinct, first = np.unique(everything[order], return_index=True)
    starts = np.append(first, len(everything)).astype(np.int64)
    known = {word: number for number, word in enumerate(vocabulary)}
    return Index(known, tuple(templates), distinct, starts, owners[order])
