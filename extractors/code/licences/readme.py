"""The licence that a README or another document at the top of a tree states."""

from __future__ import annotations

import re

from extractors.code.licences.detect import detect_header
from extractors.code.licences.match import LicenceMatch

_SECTION = re.compile(
    r"^[^\w\n]{0,6}(?:\d+\.? )?(?:\w+ ){0,2}(?:licen[sc]e|licen[sc]ing|copyright|copying|legal"
    r"|terms)\b[^\n]{0,60}$",
    re.IGNORECASE | re.MULTILINE,
)
_GRANT = re.compile(
    r"\bthis (?:program|software|package|library|module|work) is free software[;.,:]?"
    r"\s{1,9}you\s{1,9}(?:can|may)\s{1,9}redistribute",
    re.IGNORECASE,
)
_SECTION_CHARS = 2_500
_TAGS = re.compile(r"(?:</?[A-Za-z][^<>]{0,200}>[ \t]*)+")


def licence_of_readme(text: str) -> LicenceMatch | None:
    """The licence that a README states in a section or line about it, or grants; a mention anywhere else is none."""
    if "</" in text:
        text = _TAGS.sub("\n", text)
    for match in (*_SECTION.finditer(text), *_GRANT.finditer(text)):
        found = detect_header(text[match.start() : match.start() + _SECTION_CHARS])
        if found is not None:
            return found
    return None
