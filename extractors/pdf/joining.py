"""Lines of a paragraph → running text: words parted at a line's end joined, unless the document writes the hyphen.

Blind spot: a compound that stands in the document only where a line ends in it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

MAX_WORD_CHARS = 100
"""Characters at a line's end in which the parted word stands, inclusive: a line of nothing but parts grows one word."""
MAX_ADDRESS_CHARS = 2000
"""The same for an address that goes on in the next line."""
_WORD_PART = re.compile(r"([^\W\d_]+(?:-[^\W\d_]+)*)-$")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_PLAIN_WORD = re.compile(r"[^\W\d_]+")
_SUSPENDED = re.compile(r"(?:and|or|und|oder|et|ou|to|bis|y|o|e)\b")
"""After these a hyphen at the line's end stood for a word to come: `sentence- and token-level`."""
_ADDRESS = re.compile(r"(?:https?://|www\.)\S*[/.?&=_~%#:-]$", re.I)


def vocabulary(texts: Iterable[str]) -> Counter[str]:
    """How often the document writes each word, in small letters, compounds whole and in their parts."""
    words: Counter[str] = Counter()
    for text in texts:
        for word in _WORD.findall(text):
            low = word.lower()
            words[low] += 1
            if "-" in low:
                words.update(low.split("-"))
    return words


def joined(texts: Iterable[str], words: Counter[str]) -> str:
    """The lines as running text."""
    pieces: list[str] = []
    tail = ""
    for line in texts:
        following = " ".join(line.split())
        between, num_dropped = _link(tail, following, words) if tail else ("", 0)
        if num_dropped:
            pieces[-1], tail = pieces[-1][:-num_dropped], tail[:-num_dropped]
        pieces += [piece for piece in (between, following) if piece]
        tail = f"{tail}{between}{following}"[-MAX_ADDRESS_CHARS:]
        tail = tail[tail.rfind(" ") + 1 :]
    return "".join(pieces)


def _link(tail: str, following: str, words: Counter[str]) -> tuple[str, int]:
    """What stands between the end of a line and the next, and how many characters of the end it replaces."""
    if _ADDRESS.search(tail) and (tail[-1] not in ".:" or following[:1].islower()):
        return "", 0
    if not tail.endswith("-") or _SUSPENDED.match(following):
        return " ", 0
    parted = _WORD_PART.search(tail[-MAX_WORD_CHARS:])
    if parted and len(parted[1]) >= 2 and (following[:1].islower() or _is_known(parted[1], following, words)):
        return "", 0 if _keeps_hyphen(parted[1], following, words) else 1
    return "" if len(tail) > 1 and tail[-2].isalnum() else " ", 0


def _is_known(first: str, following: str, words: Counter[str]) -> bool:
    """A name in capitals that the document writes without a hyphen elsewhere."""
    second = _WORD.match(following)
    return second is not None and words[f"{first}{second[0]}".lower()] > words[f"{first}-{second[0]}".lower()]


def _keeps_hyphen(first: str, following: str, words: Counter[str]) -> bool:
    """The document writes the whole with a hyphen, or it is a compound already and its next part a word."""
    second = _WORD.match(following)
    rest = second[0].lower() if second else ""
    last = first.rpartition("-")[2].lower()
    compound, whole = f"{first.lower()}-{rest}", f"{first.lower()}{rest}"
    plain = _PLAIN_WORD.match(rest)
    part = plain[0] if plain else ""
    if words[compound] or words[whole]:
        return words[compound] > words[whole]
    if words[f"{last}-{part}"] > words[f"{last}{part}"]:
        return True
    return ("-" in first or "-" in rest) and words[last] > 1 and words[part] > 1 and not words[f"{last}{part}"]
