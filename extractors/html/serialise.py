"""Kept blocks → Markdown: prefixes of quotes and list items, fences, blank lines between blocks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from extractors.html.page import DD, HEADING, MATH, PRE, TABLE, Frame, Page

MAX_PREFIX_FRAMES = 12
"""Deeper lists and quotes are not indented further: the output stays linear in the input."""
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\u2028\u2029\u00ad\u2060\ufeff]"
)
_ZERO_WIDTH = re.compile("(?<![\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff])\u200b")
"""Where no script needs it to tell words apart: Thai, Lao, Burmese and Khmer do."""
_FENCE = re.compile(r"`{3,}")


def markdown(page: Page, kept: Iterable[int]) -> str:
    """Text of the kept blocks (indices in document order)."""
    out: list[str] = []
    started: set[int] = set()
    before: Frame | None = None
    previous = -1
    for i in kept:
        frame = page.frame[i]
        chain = _chain(frame)
        frame = chain[-1] if chain else None
        opens = bool(chain) and chain[-1].marker != "> " and id(chain[-1]) not in started
        first, rest = _prefixes(chain, started)
        if previous >= 0:
            tight = opens and before is not None and _in_item(before) and page.kind[previous] not in (PRE, TABLE, MATH)
            shared = _shared_quotes(chain, _chain(before))
            out.append("\n" if tight else "\n" + shared.rstrip() + "\n" if shared else "\n\n")
        body = _body(page, i)
        if rest or first:
            body = first + body.replace("\n", "\n" + rest)
        out.append(body)
        before, previous = frame, i
    return tidy("".join(out))


def _in_item(frame: Frame) -> bool:
    return frame.marker != "> "


def _chain(frame: Frame | None) -> list[Frame]:
    chain: list[Frame] = []
    while frame is not None and len(chain) < MAX_PREFIX_FRAMES:
        if not frame.is_layout:
            chain.append(frame)
        frame = frame.parent
    chain.reverse()
    return chain


def _prefixes(chain: list[Frame], started: set[int]) -> tuple[str, str]:
    """Prefix of the block's first line and of the others; an item whose marker was never written indents nothing."""
    first, rest = "", ""
    for frame in chain:
        if frame.marker == "> ":
            first += "> "
            rest += "> "
        elif id(frame) in started:
            first += " " * len(frame.marker)
            rest += " " * len(frame.marker)
        elif frame is chain[-1]:
            started.add(id(frame))
            first += frame.marker
            rest += " " * len(frame.marker)
    return first, rest


def _shared_quotes(chain: list[Frame], before: list[Frame]) -> str:
    shared = ""
    for a, b in zip(chain, before, strict=False):
        if a is not b:
            break
        shared += "> " if a.marker == "> " else ""
    return shared


def _body(page: Page, i: int) -> str:
    kind, text = page.kind[i], page.text[i]
    if kind == HEADING:
        return "#" * page.level[i] + " " + text.replace("\n", " ")
    if kind == PRE:
        ticks = max((len(run) for run in _FENCE.findall(text)), default=2) + 1
        return f"{'`' * ticks}{page.language[i]}\n{text}\n{'`' * ticks}"
    if kind == DD and _opens_definition(page, i):
        return ": " + text
    return text


def _opens_definition(page: Page, i: int) -> bool:
    """A `<dd>` begins with this block; only its first paragraph has the mark."""
    place = page.container[i]
    while place >= 0 and page.start[place] == i:
        if page.tag[place] == "dd":
            return True
        place = page.parent[place]
    return False


def tidy(text: str) -> str:
    """NFC, no control characters, soft hyphens or lone surrogates, no line ends around the text."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _CONTROL.sub(_readable, text)
    if not text.isascii():
        if "\u200b" in text:
            text = _ZERO_WIDTH.sub("", text)
        if not unicodedata.is_normalized("NFC", text):
            text = unicodedata.normalize("NFC", text)
    return text.strip("\n")


def _readable(found: re.Match[str]) -> str:
    """Bytes of windows-1252 that someone called Unicode, read as numeric references to them are; the rest is out."""
    return found[0].encode("latin-1").decode("cp1252", "ignore") if "\x80" <= found[0] <= "\x9f" else ""
