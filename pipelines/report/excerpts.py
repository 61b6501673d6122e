"""Excerpts of documents for people: cut, with a benchmark's words or the differences to a survivor marked.

Texts are hostile: what could act on a terminal or a page (controls, reordering of text) is made visible here; markup is
escaped where it is printed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Any

from pipelines.report.statistics import BenchmarkMatch, Excerpt

EXCERPT_CHARS = 2000
"""Characters of a sampled text that the report shows."""

PAIR_CHARS = 1200
"""Characters of each of two texts that stand side by side."""

_CONTROLS = {code: 0x2400 + code for code in range(32) if chr(code) not in "\n\t"}
_CONTROLS |= {0x7F: 0x2421} | dict.fromkeys(range(0x80, 0xA0), 0xFFFD)
_CONTROLS |= dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C), 0xFFFD)
_CONTROLS |= dict.fromkeys((0x2028, 0x2029, 0xFFFE, 0xFFFF), 0xFFFD) | dict.fromkeys(range(0xD800, 0xE000), 0xFFFD)


def visible(text: str) -> str:
    """The text with control characters as their pictures (␛) and reordering characters as �, newlines and tabs kept."""
    return text.translate(_CONTROLS)


def one_line(text: str) -> str:
    """A visible text with each run of white space as one space."""
    return visible(" ".join(text.split()))


def excerpt(text: str, max_chars: int = EXCERPT_CHARS, span: str | None = None) -> Excerpt:
    """The beginning of a text, or the part around `span` (words as the benchmark measure normalises them)."""
    place = find_span(text, span) if span else None
    if place is None:
        return Excerpt(visible(text[:max_chars]), cut_after=max(0, len(text) - max_chars))
    start, end = place
    around = max(max_chars - (end - start), 400)
    first = max(0, start - around // 2)
    last = min(len(text), end + around - (start - first))
    return Excerpt(
        before=visible(text[first:start]),
        match=visible(text[start:end]),
        after=visible(text[end:last]),
        cut_before=first,
        cut_after=len(text) - last,
    )


def find_span(text: str, span: str) -> tuple[int, int] | None:
    """Where the words of `span` stand in `text`, in any case and with anything but words between; None: nowhere."""
    words = span.split()
    if not words:
        return None
    found = re.search(r"(?<!\w)" + r"\W+".join(map(re.escape, words)) + r"(?!\w)", text, re.IGNORECASE)
    return found.span() if found else None


def benchmark_match(signals: Mapping[str, Any], *, ngram_words: int) -> BenchmarkMatch | None:
    """What the 13-gram or the 7-gram measure found in a document; None where it found nothing."""
    item, span = (signals.get(f"benchmark_{ngram_words}gram_{name}") for name in ("item", "span"))
    if item is None:
        return None
    if ngram_words == 13:
        matches = signals.get("benchmark_13gram_matches") or 0
        strength = "1 13-gram in common" if matches == 1 else f"{matches} 13-grams in common"
    else:
        strength = f"{signals.get('benchmark_7gram_ratio') or 0:.3f} of the 7-grams in common"
    return BenchmarkMatch(item, span or "", f"{ngram_words}-gram", strength)


def differences(text: str, other: str) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether its words are missing at this place in `other`."""
    words, others = re.findall(r"\s*\S+|\s+$", text), re.findall(r"\s*\S+|\s+$", other)
    matcher = SequenceMatcher(None, [w.strip() for w in words], [w.strip() for w in others], autojunk=False)
    pieces: list[tuple[str, bool]] = []
    for kind, start, end, _, _ in matcher.get_opcodes():
        if start < end:
            pieces.append(("".join(words[start:end]), kind != "equal"))
    return pieces
