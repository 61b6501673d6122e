"""The frame around a Project Gutenberg text: what of it is the book, and what the header says of the book.

Generations: "small print" headers that end with `*END*THE SMALL PRINT…` (1991 to about 2003), `*** START OF THE/THIS
PROJECT GUTENBERG EBOOK … ***` (since), unmarked ones, and HTML editions with `pg-header` sections. Texts with no trace
of a frame come back whole. The patterns are ours, for texts of all generations. Blind spot: text without marks of its
own between two framed books is taken for their frame.
"""

from __future__ import annotations

import bisect
import itertools
import re
from dataclasses import dataclass, field

SEARCH_LINES = 1200
"""Lines from either end in which a frame is looked for: the longest small print has about 400."""
NEAR_LINES = 20
"""Lines of an end marker and of what may confirm it."""
MAX_CREDITS = 4
"""Paragraphs of credits and notes before the text that are left out."""
_START = re.compile(
    r"^\W{0,12}(?:START\s+OF\s+(?:THE\s+|THIS\s+)?PROJECT\s+GUTENBERG"
    r"|END\W{0,3}(?:OF\s+)?THE\s+SMALL\s+PRINT"
    r"|START\s+OF\s+(?:THE\s+)?(?:COPYRIGHTED\s+)?PROJECT\s+GUTENBERG)",
    re.I,
)
_END = re.compile(
    r"^\W{0,12}(?:END\s+OF\s+(?:THE\s+|THIS\s+)?(?:COPYRIGHTED\s+)?PROJECT\s+GUTENBERG"
    r"|(?:This\s+is\s+the\s+)?end\s+of\s+(?:the\s+|this\s+)?project\s+gutenberg"
    r"|(?:Ende|Einde|Fine?|Fim)\s+(?:\w+\s+){0,3}(?:Proje\w{1,3}|Progetto|Proyecto)\s+Gutenberg"
    r"|START\W{0,3}THE\s+SMALL\s+PRINT|\*+\s*This\s+file\s+should\s+be\s+named\s)",
    re.I,
)
_LEGAL = re.compile(
    r"small\s+print|Project\s+Gutenberg(?:-tm|™)?\s+(?:License|Literary\s+Archive)|FULL\s+LICENSE"
    r"|General\s+Terms\s+of\s+Use",
    re.I,
)
_CREDIT = re.compile(
    r"^\W{0,3}(?:(?:This\s+)?e-?(?:text|book)\s+(?:was\s+)?(?:produced|prepared)|Produced\s+by|(?:Transcribed|Prepared)\s+by"
    r"|Scanned\s+by|HTML\s+version\s+by|\(?This\s+file\s+was\s+produced"
    r"|Note:\s+(?:Project\s+Gutenberg\s+(?:also\s+)?has|Images\s+of\s+the\s+original\s+pages))",
    re.I,
)
_HEADER_LINE = re.compile(
    r"^(?:\W{0,4}(?:The\s+)?Project\s+Gutenberg|This\s+e(?:Book|text)\s+is\s+for\s+the\s+use)", re.I
)
_FIELD = re.compile(
    r"^\W{0,2}(Title|Author|Translator|Editor|Release Date|Posting Date|Language|Credits|Illustrator)\s*:\s*(.+)", re.I
)
_NUMBER = re.compile(r"\[\s*e(?:Book|text)\s*#\s*(\d+)\s*\]", re.I)
_YEAR = re.compile(
    r"\b(?P<iso>\d{4}-\d{2}-\d{2})\b"
    r"|(?:(?:(?P<first>\d{1,2})\s+)?(?P<month>[^\W\d_]{3,}),?\s+(?:(?P<day>\d{1,2}),?\s+)?|\b)(?P<year>\d{4})\b"
)
_TERMS = re.compile(
    r"(This eBook is for the use of anyone anywhere.*?(?:gutenberg\.(?:org|net)|\.(?=\s*\n\s*\n))"
    r"|This is a COPYRIGHTED Project Gutenberg.*?\.)",
    re.S | re.I,
)
_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_LANGUAGES = {
    "english": "en", "french": "fr", "german": "de", "spanish": "es", "italian": "it", "portuguese": "pt",
    "dutch": "nl", "latin": "la", "finnish": "fi", "swedish": "sv", "danish": "da", "norwegian": "no", "greek": "el",
    "chinese": "zh", "japanese": "ja", "esperanto": "eo", "hungarian": "hu", "polish": "pl", "czech": "cs",
    "catalan": "ca", "tagalog": "tl", "russian": "ru", "welsh": "cy", "icelandic": "is", "afrikaans": "af",
    "serbian": "sr", "romanian": "ro", "bulgarian": "bg", "ukrainian": "uk", "turkish": "tr", "arabic": "ar",
    "hebrew": "he", "sanskrit": "sa", "irish": "ga", "breton": "br", "galician": "gl", "slovenian": "sl",
    "lithuanian": "lt", "estonian": "et", "korean": "ko", "frisian": "fy", "middle english": "enm",
    "old english": "ang", "farsi": "fa",
}  # fmt: skip


_PEOPLE = ("author", "translator", "editor", "illustrator")


@dataclass(slots=True)
class Framed:
    """A text's own lines, and what its header says."""

    lines: list[str]
    is_framed: bool
    title: str | None = None
    author: str | None = None
    language: str | None = None
    date: str | None = None
    """Release date of the e-text, ISO 8601."""
    metadata: dict[str, str] = field(default_factory=dict)


def unframed(text: str) -> Framed:
    """The text without header, small print and licence, of each book in it; transcribers' notes stay."""
    lines = text.split("\n")
    spans = _spans(lines)
    first, last = spans[0][0], spans[-1][1]
    framed = Framed(lines, first > 0 or last < len(lines) or len(spans) > 1)
    if framed.is_framed:
        framed.lines = _joined([_without_credits(lines[start:end]) for start, end in spans])
    if framed.is_framed or any(_HEADER_LINE.match(line) for line in lines[:20]):
        _read_header(lines[: first or 60], framed)
        _read_terms("\n".join(lines[:first] + lines[last:]), framed)
    return framed


def _spans(lines: list[str]) -> list[tuple[int, int]]:
    """First index and end of each book: of one, or of those between which an end marker and a start marker stand."""
    filled = next((i for i in range(len(lines) - 1, -1, -1) if lines[i].strip()), 0)
    spans = []
    start = _first_line(lines)
    ends: list[int] = []
    for i in range(start, len(lines)):
        if _is_end(lines, i):
            ends.append(i)
        elif ends and ends[-1] >= i - SEARCH_LINES and i < filled and _START.match(lines[i]):
            spans.append((start, ends[bisect.bisect_left(ends, i - SEARCH_LINES)]))
            start, ends = _after_marker(lines, i), []
    tails = ends[bisect.bisect_left(ends, len(lines) - SEARCH_LINES) :]
    return [*spans, (start, tails[0] if tails else len(lines))]


def _joined(books: list[list[str]]) -> list[str]:
    """The lines of books, at least a blank one between them."""
    joined = books[0]
    for book in books[1:]:
        while joined and not joined[-1].strip():
            joined.pop()
        joined += ["", *book] if "".join(book[:1]).strip() else book
    return joined


def _first_line(lines: list[str]) -> int:
    """Index after the header: after the last start marker near the beginning, which may run over several lines.

    A small print at the end of a short text ends with such a marker too: it stands below an end marker, or at the end.
    """
    at = 0
    for i, line in enumerate(lines[:SEARCH_LINES]):
        if at and _END.match(line):
            break
        if _START.match(line) and not (at and i > at + 400) and any(rest.strip() for rest in lines[i + 1 :]):
            at = _after_marker(lines, i)
    return at or _after_unmarked_header(lines)


def _after_marker(lines: list[str], start: int) -> int:
    """Index after a start marker."""
    at = start + 1
    while lines[start].count("***") == 1 and at < len(lines) and lines[at - 1].strip() and at < start + 4:
        if lines[at].rstrip().endswith("***"):
            return at + 1
        at += 1
    return at


def _after_unmarked_header(lines: list[str]) -> int:
    """Index after a header without a marker: the `Project Gutenberg` paragraphs and fields a text begins with."""
    at = 0
    i = 0
    while i < min(len(lines), SEARCH_LINES):
        if not lines[i].strip():
            i += 1
            continue
        end = i
        while end < len(lines) and lines[end].strip():
            end += 1
        paragraph = "\n".join(lines[i:end])
        if not (_HEADER_LINE.match(lines[i]) or _FIELD.match(lines[i]) or (at and _LEGAL.search(paragraph))):
            break
        at = i = end
    return at if any(_HEADER_LINE.match(line) for line in lines[:at]) else 0


def _is_end(lines: list[str], at: int) -> bool:
    """Whether a line is an end marker: one with asterisks or in capitals; other words may begin a sentence of the book,
    unless another marker or a legal text is in the rest of their paragraph or the next one, or there is no next one."""
    found = _END.match(lines[at])
    if not found or "*" in found[0] or found[0].isupper():
        return found is not None
    near = "\n".join(line.strip() for line in lines[at : at + NEAR_LINES])
    paragraphs = re.split(r"\n\n+", near.rstrip("\n"))[:2]
    following = "\n".join(paragraphs).split("\n")[1:]
    is_marked = any(_END.match(line) or _HEADER_LINE.match(line) for line in following)
    is_last = len(paragraphs) == 1 and (near.endswith("\n") or at + NEAR_LINES >= len(lines))
    return is_marked or is_last or _LEGAL.search(" ".join(following)) is not None


def _without_credits(lines: list[str]) -> list[str]:
    """Without the paragraphs that say who produced the e-text and where its pictures are, where it begins with them."""
    at = 0
    for _ in range(MAX_CREDITS):
        first = next((i for i in range(at, len(lines)) if lines[i].strip()), len(lines))
        if first == len(lines) or not _CREDIT.match(lines[first]):
            break
        at = next((i for i in range(first, len(lines)) if not lines[i].strip()), len(lines))
    return lines[at:]


def _read_header(lines: list[str], framed: Framed) -> None:
    stated: dict[str, str] = {}
    for i, line in enumerate(lines):
        found = _FIELD.match(line)
        if found:
            name = found[1].lower()
            further = itertools.takewhile(
                lambda x: x[:1].isspace() and x.strip() and not _FIELD.match(x), lines[i + 1 :]
            )
            values = [found[2].strip(), *map(str.strip, further)]
            stated.setdefault(name, ("; " if name in _PEOPLE else " ").join(values))
        number = _NUMBER.search(line)
        if number:
            framed.metadata.setdefault("identifier", f"gutenberg:{number[1]}")
    framed.title, framed.author = stated.get("title"), stated.get("author")
    framed.metadata.update({name: stated[name] for name in _PEOPLE[1:] if name in stated})
    languages = re.split(r"\s*[,;]\s*", stated.get("language", "").lower())
    framed.language = next((_LANGUAGES[name] for name in languages if name in _LANGUAGES), None)
    framed.date = _iso_date(stated.get("release date") or stated.get("posting date") or "")


def _read_terms(frame: str, framed: Framed) -> None:
    found = _TERMS.search(frame)
    if found:
        framed.metadata["rights"] = " ".join(found[1].split())[:600]


def _iso_date(value: str) -> str | None:
    """`June 25, 2008`, `25 June 2008`, `March, 1994`, `2008-06-25` and `1994` as ISO 8601."""
    found = _YEAR.search(value)
    if not found:
        return None
    if found["iso"] or not found["month"]:
        return found["iso"] or found["year"]
    day = found["day"] or found["first"] or ""
    number = next((k for k, name in enumerate(_MONTHS, 1) if name.startswith(found["month"].lower()[:3])), 0)
    if not number:
        return found["year"]
    return f"{found['year']}-{number:02d}" + (f"-{int(day):02d}" if day else "")
