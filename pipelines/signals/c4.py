"""C4's line rules (arXiv 1910.10683, section 2.2), as datatrove's C4QualityFilter applies them, as signals.

They are counted twice: as C4 has them, where a line must end in a terminal mark, and as FineWeb runs them, where it
need not. Nothing is removed from the text; `c4_removed_line_ratio` says how much C4 would. Cost: 0.2 ms a page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from pipelines.signals.lines import ratio

POLICY_PHRASES: Final = (
    "terms of use",
    "privacy policy",
    "cookie policy",
    "uses cookies",
    "use of cookies",
    "use cookies",
)
END_MARKS: Final = (".", "?", "!", '"', "'")
MIN_LINE_WORDS: Final = 3
"""Shorter lines are removed."""
MAX_WORD_CHARS: Final = 1000
"""A line with a longer word is removed."""

_CITATION: Final = re.compile(r"\[\d*]|\[edit]|\[citation needed]")

_NO_STOP_AFTER: Final = (
    *("Mr", "Mrs", "Ms", "Dr", "St", "Jr", "Sr", "Prof", "Rev", "Gen", "Gov", "Sen", "Rep", "Adm", "Inc", "Ltd"),
    *("Co", "Corp", "Bros", "vs", "e.g", "i.e", "a.m", "p.m", "Ph.D", "Jan", "Feb", "Aug", "Sept", "Oct", "Nov", "Dec"),
)
_SENTENCE_END: Final = re.compile(  # one class in front, so that the search skips to its characters
    r"[.!?؟۔।॥၊။።。！？｡](?<!\.\.)(?!\.)(?<!\b[A-Z]\.)"
    + "".join(rf"(?<!\b{re.escape(word)}\.)" for word in _NO_STOP_AFTER)
    + r"(?:[\"'”’)\]»*_]*\s+(?=\S)|(?<=[。！？｡])[」』”’）]*(?=[^\s」』”’）。！？｡]))"
)


def count_sentences(line: str) -> int:
    """Sentences in a line that is not blank: where a mark, closing quotes and white space follow one another, one ends.

    The stops of initials, of common English abbreviations and of an ellipsis end none.
    """
    return len(_SENTENCE_END.findall(line)) + 1


@dataclass(slots=True)
class _Kept:
    """What the line rules leave of a document."""

    num_lines: int = 0
    num_sentences: int = 0
    lorem_ipsum: bool = False
    curly_bracket: bool = False

    def see(self, line: str, num_sentences: int, phrases: _Phrases) -> None:
        """A line with enough words; the order of the rules is the released code's."""
        self.lorem_ipsum |= phrases.lorem_ipsum
        if phrases.javascript:
            return
        self.curly_bracket |= "{" in line
        if not phrases.policy:
            self.num_lines += 1
            self.num_sentences += num_sentences


@dataclass(frozen=True, slots=True)
class _Phrases:
    policy: bool = False
    javascript: bool = False
    lorem_ipsum: bool = False


_NO_PHRASES: Final = _Phrases()


def _phrases(text: str) -> _Phrases:
    """Which of C4's phrases stand in a text in lower case."""
    return _Phrases(any(phrase in text for phrase in POLICY_PHRASES), "javascript" in text, "lorem ipsum" in text)


def c4_signals(lower: str, lines: list[str]) -> dict[str, float | int | bool]:
    """C4's signals of a document given its non-blank lines; `lower` is the document in lower case."""
    anywhere = _phrases(lower) != _NO_PHRASES
    c4, fineweb = _Kept(), _Kept()
    total_sentences = policy_lines = javascript_lines = 0
    for raw in lines:
        line = raw.strip()
        sentences = count_sentences(line)
        phrases = _phrases(line.lower()) if anywhere else _NO_PHRASES
        total_sentences += sentences
        policy_lines += phrases.policy
        javascript_lines += phrases.javascript
        if len(line.split(None, MIN_LINE_WORDS - 1)) < MIN_LINE_WORDS or _has_long_word(line):
            continue
        fineweb.see(line, sentences, phrases)
        if "[" in line:
            line = _CITATION.sub("", line)
        if line.endswith(END_MARKS) and not line.endswith("..."):
            c4.see(line, sentences, phrases)
    return {
        "num_sentences": total_sentences,
        "num_policy_lines": policy_lines,
        "num_javascript_lines": javascript_lines,
        "c4_num_sentences": c4.num_sentences,
        "c4_removed_line_ratio": ratio(len(lines) - c4.num_lines, len(lines)),
        "c4_has_lorem_ipsum": c4.lorem_ipsum,
        "c4_has_curly_bracket": c4.curly_bracket,
        "fineweb_c4_num_sentences": fineweb.num_sentences,
        "fineweb_c4_removed_line_ratio": ratio(len(lines) - fineweb.num_lines, len(lines)),
        "fineweb_c4_has_lorem_ipsum": fineweb.lorem_ipsum,
        "fineweb_c4_has_curly_bracket": fineweb.curly_bracket,
    }


def _has_long_word(line: str) -> bool:
    return len(line) > MAX_WORD_CHARS and any(len(word) > MAX_WORD_CHARS for word in line.split())
