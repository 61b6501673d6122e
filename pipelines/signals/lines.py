"""Signals of lines and paragraphs: Gopher's (arXiv 2112.11446, A.1.1) and FineWeb's (arXiv 2406.17557, section 3.6).

A line is what stands between `\\n`. Blank ones are no lines, nor are those of a quotation (`>`): Markdown separates
paragraphs by one, plain text does not, and a ratio of lines should be the same for both. Cost: 0.1 ms a page.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Final

from pipelines.signals.repetition import duplicates

SHORT_LINE_CHARS: Final = 30
"""FineWeb's short lines have at most so many characters."""

_BULLETS: Final = ("•", "-")
_ELLIPSES: Final = ("...", "…")
_PARAGRAPH_BREAK: Final = re.compile(r"\n(?:[> \t]*\n)+")
_HEADING: Final = re.compile(r"^#{1,6}(?=[ \t]|$)", re.MULTILINE)


@cache
def terminal_punctuation() -> frozenset[str]:
    """Characters that end a sentence, in any script."""
    listing = (resources.files("pipelines.signals") / "terminal_punctuation.txt").read_text(encoding="utf-8")
    return frozenset(chr(int(line.split()[0], 16)) for line in listing.splitlines() if not line.startswith("#"))


def line_signals(text: str, lines: list[str], num_tokens: int) -> dict[str, float | int]:
    """Ratios over the non-blank `lines` of `text`; `num_tokens` counts words and punctuation marks."""
    num_chars, num_lines, terminal = len(text), len(lines), terminal_punctuation()
    _, repeated_lines, repeated_chars = duplicates(lines)
    paragraphs = _PARAGRAPH_BREAK.split(text.strip()) if lines else []
    num_paragraphs, repeated_paragraphs, repeated_paragraph_chars = duplicates(paragraphs)
    stripped = [line.strip() for line in lines]
    newlines = text.count("\n")
    return {
        "num_lines": num_lines,
        "num_paragraphs": num_paragraphs,
        "bullet_line_ratio": ratio(sum(line.startswith(_BULLETS) for line in stripped), num_lines),
        "ellipsis_line_ratio": ratio(sum(line.endswith(_ELLIPSES) for line in stripped), num_lines),
        "ellipsis_to_word_ratio": ratio(text.count("...") + text.count("…"), num_tokens),
        "hash_to_word_ratio": ratio(text.count("#") - sum(map(len, _HEADING.findall(text))), num_tokens),
        "heading_line_ratio": ratio(len(_HEADING.findall(text)), num_lines),
        "table_line_ratio": ratio(sum(line[0] == "|" and line[-1] == "|" for line in stripped), num_lines),
        "duplicate_line_ratio": ratio(repeated_lines, num_lines),
        "duplicate_line_char_ratio": ratio(repeated_chars, num_chars),
        "duplicate_paragraph_ratio": ratio(repeated_paragraphs, num_paragraphs),
        "duplicate_paragraph_char_ratio": ratio(repeated_paragraph_chars, num_chars),
        "line_end_punctuation_ratio": ratio(sum(line[-1] in terminal for line in lines), num_lines),
        "line_end_punctuation_char_ratio": ratio(
            sum(len(line) for line in lines if line[-1] in terminal), sum(map(len, lines))
        ),
        "short_line_ratio": ratio(sum(len(line) <= SHORT_LINE_CHARS for line in lines), num_lines),
        "fineweb_duplicate_line_char_ratio": ratio(repeated_chars, num_chars - newlines),
        "newline_to_word_ratio": ratio(newlines, num_tokens),
    }


def non_blank_lines(text: str) -> list[str]:
    """The lines of a text that hold more than white space and the mark of a quotation, as they are."""
    return [line for line in text.split("\n") if line and line.lstrip("> \t").strip()]


def ratio(part: int, whole: int) -> float:
    """part/whole; 0 of nothing is 0."""
    return part / whole if whole else 0.0
