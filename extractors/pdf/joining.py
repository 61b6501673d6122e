"""Lines of a paragraph → running text: words parted at a line's end joined, unless the document writes the hyphen.

Blind spot: a compound that stands in the document only where a line ends in it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

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
    done: list[str] = []
    last = ""
    for line in texts:
        following = " ".join(line.split())
        tail = last[last.rfind(" ") + 1 :]
        parted = _WORD_PART.search(tail) if tail.endswith("-") else None
        if not last:
            last = following
        elif _ADDRESS.search(tail) and (tail[-1] not in ".:" or following[:1].islower()):
            last += following
        elif tail.endswith("-") and _SUSPENDED.match(following):
            last = f"{last} {following}"
        elif parted and len(parted[1]) >= 2 and (following[:1].islower() or _is_known(parted[1], following, words)):
            last = last + following if _keeps_hyphen(parted[1], following, words) else last[:-1] + following
        elif len(tail) > 1 and tail.endswith("-") and tail[-2].isalnum():
            last += following
        else:
            done.append(last)
            last = following
    return " ".join([*done, last])


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
