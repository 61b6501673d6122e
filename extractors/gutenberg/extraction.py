"""A Project Gutenberg text, or any plain text of a book, to Markdown."""

from __future__ import annotations

import re

from extractors import charset as charsets
from extractors import html
from extractors.errors import InputTooLarge
from extractors.guard import Limits, Watch, guard
from extractors.gutenberg.frame import Framed, unframed
from extractors.gutenberg.plain import kept, markdown
from extractors.result import Extraction

_SECTION = re.compile(
    r"<(section|div|pre)\b[^<>]*(?:id|class)\s*=\s*[\"'][^\"']*\b(?:pg-(?:header|footer)|pg-boilerplate)\b[^\"']*[\"']",
    re.I,
)
_CHARSET = re.compile(rb"^Character set encoding:[ \t]*([\w.:-]{2,30})[ \t]*\r?$", re.M | re.I)
HEADER_BYTES = 8192
"""Bytes in which the header states its charset."""
_TITLE_FRAME = re.compile(r"^The Project Gutenberg e-?(?:Book|text)\s*(?:of|,)\s*| \| Project Gutenberg$", re.I)
_FENCED = re.compile(r"^(`{3,})\n(.*?)\n\1$", re.M | re.S)
_LIMITS = Limits(time_s=60.0, input_bytes=256 * 2**20)
MAX_TEXT_BYTES = 64 * 2**20
"""Bytes of a plain text that are read; the longest of Project Gutenberg has some 15 MB."""


def extract(data: bytes, limits: Limits = _LIMITS) -> Extraction:
    """Text and what the header says; never raises on input."""
    return guard(lambda watch: _extract(data, watch), limits)


def extract_html(data: bytes, limits: Limits = _LIMITS) -> Extraction:
    """Text of an HTML edition: every block of it, without the frame; never raises on input."""
    return guard(lambda watch: _extract_html(data, limits, watch), limits)


def _extract(data: bytes, watch: Watch) -> Extraction:
    if len(data) > MAX_TEXT_BYTES:
        raise InputTooLarge(f"{len(data)} bytes, limit {MAX_TEXT_BYTES}")
    decoded = charsets.decode(data, _declared(data))
    error = charsets.undecodable(decoded.text)
    if error is not None:
        raise error
    framed = unframed(decoded.text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n"))
    watch.check()
    return _result(framed, markdown(framed.lines), decoded.charset)


def _declared(data: bytes) -> str | None:
    """Charset that the header states; `ASCII` says nothing of a text that goes beyond it."""
    found = _CHARSET.search(data[:HEADER_BYTES])
    label = found[1].decode("ascii") if found else ""
    return label if label and "ascii" not in label.lower() else None


def _extract_html(data: bytes, limits: Limits, watch: Watch) -> Extraction:
    from extractors.epub.chapter import prepared

    if len(data) > MAX_TEXT_BYTES:
        raise InputTooLarge(f"{len(data)} bytes, limit {MAX_TEXT_BYTES}")
    source = prepared(data)
    watch.check()
    options = html.Options(select=False, limits=Limits(limits.time_s, min(limits.input_bytes, MAX_TEXT_BYTES)))
    found = html.extract(source, options=options)
    framed = unframed(found.text)
    text = _closed(framed.lines)
    if framed.is_framed:  # of Project Gutenberg, whose old editions set verse in `<pre>`
        text = _FENCED.sub(lambda block: kept(block[2]), text).strip("\n")
    result = _result(framed, text, charsets.decode(data[:4096]).charset)
    return Extraction(
        text=result.text,
        title=result.title or _TITLE_FRAME.sub("", found.title or "") or None,
        author=result.author or found.author,
        date=result.date,
        language=result.language or found.language,
        license_url=found.license_url,
        kind="book",
        charset=result.charset,
        error=found.error,
        metadata=result.metadata,
    )


def _closed(lines: list[str]) -> str:
    """The lines as text. Old editions keep the frame in `<pre>`, which goes on into the book at either end: there a
    fence is left out, and the lines of the book are plain ones."""
    first = next((i for i, line in enumerate(lines) if line.strip()), 0)
    if lines[first : first + 1] == ["```"] and not "".join(lines[first + 1 : first + 2]).strip():
        lines = lines[first + 1 :]
    fences = [i for i, line in enumerate(lines) if line.startswith("```")]
    if len(fences) % 2:
        at = fences[-1]
        lines = lines[:at] + [line.strip() for line in lines[at + 1 :]]
    return "\n".join(lines).strip("\n")


def _result(framed: Framed, text: str, charset: str) -> Extraction:
    notes = dict(framed.metadata)
    if framed.author:
        notes["author"] = framed.author
    if framed.is_framed:
        notes["frame"] = "project-gutenberg"
    return Extraction(
        text=text,
        title=framed.title,
        author=framed.author,
        date=framed.date,
        language=framed.language,
        kind="book",
        charset=charset,
        metadata=notes,
    )
