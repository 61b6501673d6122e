"""Class, id and role attributes → a bit set of what they name (navigation, share bar, article body, …).

Words come from `vocabulary.json`. Both lookups are pure functions of their string, so the bounded caches cannot
change a result; the same few hundred attribute strings make up most of a site.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib.resources import files

_SPLIT = re.compile(r"[a-z]+|[A-Z]+(?![a-z])|[A-Z][a-z]+")
MAX_ATTRIBUTE_CHARS = 300


@lru_cache(maxsize=1)
def _tables() -> tuple[dict[str, int], list[tuple[str, int]], list[str]]:
    source = json.loads(files("extractors.html").joinpath("vocabulary.json").read_text("utf-8"))
    names = list(source["words"])
    words: dict[str, int] = {}
    for bit, name in enumerate(names):
        for word in source["words"][name].split():
            words[word] = words.get(word, 0) | (1 << bit)
    stems = [(stem, 1 << names.index(name)) for stem, name in source["stems"].items()]
    return words, stems, names


def category_names() -> list[str]:
    """Names of the bits, lowest first."""
    return list(_tables()[2])


def bit(name: str) -> int:
    """The bit of one category."""
    return 1 << _tables()[2].index(name)


@lru_cache(maxsize=65_536)
def _word_bits(word: str) -> int:
    words, stems, _ = _tables()
    known = words.get(word)
    if known is not None:
        return known
    if word.endswith("s") and word[:-1] in words:
        return words[word[:-1]]
    if len(word) < 6:
        return 0
    bits = 0
    for stem, value in stems:
        if word.startswith(stem) or word.endswith(stem):
            bits |= value
    return bits


@lru_cache(maxsize=65_536)
def attribute_bits(value: str) -> int:
    """Bits of all words of an attribute value: split at non-letters and camel case."""
    bits = 0
    for word in _SPLIT.findall(value[:MAX_ATTRIBUTE_CHARS]):
        bits |= _word_bits(word.lower())
    return bits
