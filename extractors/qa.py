"""Posts of a question-and-answer site to Markdown: rows of its XML dump, bodies, and the text of a thread.

A row is read without an XML parser: its attributes are matched whole, the five entities of XML and numeric references
are resolved and nothing else is, so a DTD can neither reach out nor grow. Cost: 10 µs a row; a body costs what
`extractors.html` does. Blind spot: markup inside an XML comment is taken for rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from extractors.guard import Limits
from extractors.html import Options, extract
from extractors.result import Extraction

ROW: Final = re.compile(rb"""<row((?:\s+[A-Za-z_][\w.-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*/?>""")
_ATTRIBUTE: Final = re.compile(rb"""([A-Za-z_][\w.-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')""")
_REFERENCE: Final = re.compile(r"&(?:#(?:x([0-9A-Fa-f]{1,8})|([0-9]{1,8}))|(amp|lt|gt|quot|apos));")
_NAMED: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_LINE_END: Final = re.compile(r"\r\n|[\r\n\t]")
_FENCE: Final = re.compile(r"[> \-*+\d.)]*(`{3,}|~{3,})")
_HEADING: Final = re.compile(r"(#{1,6})( .*)", re.DOTALL)
_TAG: Final = re.compile(r"<([^<>]+)>")
_SPACE: Final = re.compile(r"\s+")
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f]")

ANSWER: Final = "## Answer"
ACCEPTED_ANSWER: Final = "## Accepted answer"
_MAX_HEADING: Final = 6
_QUESTION_SHIFT: Final = 1
_ANSWER_SHIFT: Final = 2


def read_row(row: bytes, charset: str = "utf-8") -> dict[str, str] | None:
    """The attributes of a `<row …/>`; None where it is not well-formed. Bytes that do not decode become U+FFFD."""
    found = ROW.match(row)
    if found is None:
        return None
    attributes = {}
    for name, double, single in _ATTRIBUTE.findall(found[1]):
        attributes[name.decode("ascii", "replace")] = _unescaped((double or single).decode(charset, "replace"))
    return attributes


def _unescaped(value: str) -> str:
    """An attribute's value as XML 1.0 section 3.3.3 normalises it; unknown entities stay as they are written."""
    if "\n" in value or "\t" in value or "\r" in value:
        value = _LINE_END.sub(" ", value)
    if "&" not in value:
        return value
    if value.count("&#") != value.count("&#xA;"):
        return _REFERENCE.sub(_resolved, value)
    value = value.replace("&#xA;", "\n").replace("&lt;", "<").replace("&gt;", ">")
    return value.replace("&quot;", '"').replace("&apos;", "'").replace("&amp;", "&")


def _resolved(found: re.Match[str]) -> str:
    hexadecimal, decimal, name = found.groups()
    if name:
        return _NAMED[name]
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    return chr(code) if 0 < code < 0xD800 or 0xDFFF < code < 0x110000 else "\ufffd"


def body_markdown(html: str, limits: Limits) -> Extraction:
    """A post's body: all of it is text, nothing is chosen."""
    return extract(html, options=Options(select=False, limits=limits))


def tags_of(stated: str) -> tuple[str, ...]:
    """`<a><b>` as in the older dumps, `|a|b|` as in those from 2024 on."""
    return tuple(_TAG.findall(stated)) if "<" in stated else tuple(tag for tag in stated.split("|") if tag)


def one_line(text: str) -> str:
    """A title without control characters and line ends."""
    return _SPACE.sub(" ", _CONTROL.sub("", text)).strip()


def thread_text(title: str, question: str, answers: Iterable[tuple[str, bool]]) -> str:
    """Title, question and answers (text, whether it was accepted) in their order, one heading above each answer.

    Headings inside the posts move below the thread's own. Scores are not written: the order tells them, and a number
    of votes teaches nothing about the subject.
    """
    parts = [f"# {title}"] if title else []
    if question:
        parts.append(shifted_headings(question, _QUESTION_SHIFT))
    for text, is_accepted in answers:
        parts += [ACCEPTED_ANSWER if is_accepted else ANSWER, shifted_headings(text, _ANSWER_SHIFT)]
    return "\n\n".join(parts)


def shifted_headings(markdown: str, by: int) -> str:
    """Markdown whose headings are `by` levels lower, six at most; code stays as it is."""
    if "#" not in markdown:
        return markdown
    lines = markdown.split("\n")
    fence = ""
    for number, line in enumerate(lines):
        opened = _FENCE.match(line)
        if fence:
            if opened and opened[1].startswith(fence) and not line[opened.end() :].strip():
                fence = ""
        elif opened:
            fence = opened[1]
        elif found := _HEADING.fullmatch(line):
            lines[number] = "#" * min(len(found[1]) + by, _MAX_HEADING) + found[2]
    return "\n".join(lines)


LICENCES: Final[Mapping[str, str]] = {
    "CC BY-SA 2.5": "CC-BY-SA-2.5",
    "CC BY-SA 3.0": "CC-BY-SA-3.0",
    "CC BY-SA 4.0": "CC-BY-SA-4.0",
}
"""`ContentLicense` of the dumps → SPDX."""
_LICENCE_FROM: Final = (("2018-05-02", "CC-BY-SA-4.0"), ("2011-04-08", "CC-BY-SA-3.0"), ("", "CC-BY-SA-2.5"))
"""First day of each licence for new content, newest first (stackoverflow.com/help/licensing)."""


def licence_of(stated: str | None, date: str | None) -> str | None:
    """SPDX id of one post: as stated, else by the day it was written; as stated, too, where it is none of the three."""
    if stated:
        return LICENCES.get(stated.strip(), stated.strip())
    if not date:
        return None
    return next(licence for start, licence in _LICENCE_FROM if date >= start)


def thread_licence(licences: Iterable[str | None]) -> str | None:
    """The licence a thread can be passed on under: the newest of its posts'.

    Each version of CC BY-SA lets an adaptation be under a later version of itself, and none under an earlier. None
    where a post's licence is unknown; the licences one after the other (SPDX's AND) where one is of another kind.
    """
    found = set(licences)
    if None in found or not found:
        return None
    names = sorted(name for name in found if name)
    if all(name.startswith("CC-BY-SA-") for name in names):
        return names[-1]
    return " AND ".join(names)
