"""Gathered inline text → paragraphs: white space collapsed, line breaks kept, raw TeX brought to one form."""

from __future__ import annotations

import re

from extractors.html import math

BREAK = "\x01"
"""Stands for `<br>` in gathered text."""
EDGE = "\x03"
"""Stands where an element begins inside a word; two of them for one that is seen itself, an icon or a picture."""
_TEX_MARKS = ("$$", "\\[", "\\(", "\\begin{", "[/", "$latex ")
_FIRST_UNSPACED = "\u2e80"
"""East Asian scripts, which write no spaces, from here on."""
_TWOBREAKS = re.compile(f"{BREAK}(?:[\\s\u200b]*{BREAK})+")


def paragraphs(raw: str) -> list[str]:
    """Blocks of gathered inline text: white space collapsed, `<br>` a newline, two of them a new paragraph."""
    if EDGE in raw:
        raw = _parted(raw)
    if ("\\" in raw or "$" in raw or "[/" in raw) and any(mark in raw for mark in _TEX_MARKS):
        return _with_tex(raw)
    if BREAK not in raw:
        text = " ".join(raw.split())
        return [text] if text else []
    blocks = []
    for piece in _TWOBREAKS.split(raw):
        lines = [" ".join(line.split()) for line in piece.split(BREAK)]
        text = "\n".join(line for line in lines if line)
        if text:
            blocks.append(text)
    return blocks


def _parted(raw: str) -> str:
    """Words that only a style sheet keeps apart, apart: labels, badges, dates and links beside each other."""
    first, *rest = raw.split(EDGE)
    out = [first]
    is_seen = False
    for piece in rest:
        if not piece:
            is_seen = True
            continue
        if _apart(out[-1][-3:], piece[:2], is_seen):
            out.append(" ")
        out.append(piece)
        is_seen = False
    return "".join(out)


def _apart(before: str, after: str, is_seen: bool) -> bool:
    """No word goes on from `before` to `after`: "NameContributor", "2022Modified", "Name2018"."""
    a, b = before[-1:], after[:1]
    if not (a.isalnum() and b.isalnum() and a < _FIRST_UNSPACED and b < _FIRST_UNSPACED):
        return False
    if b.isupper():
        return is_seen or a.islower() or (a.isdigit() and after[1:].islower())
    return is_seen or (b.isdigit() and len(before) == 3 and before.isalpha())


def _with_tex(raw: str) -> list[str]:
    pieces = math.normalise_raw(raw.replace(BREAK, "\n") if raw.count(BREAK) < 200 else raw)
    tex = [piece for is_tex, piece in pieces if is_tex]
    marked = "".join("\x02" if is_tex else piece.replace("\x02", "") for is_tex, piece in pieces)
    text = " ".join(marked.replace(BREAK, " ").split())
    for piece in tex:
        text = text.replace("\x02", piece, 1) if len(tex) < 50 else text
    if len(tex) >= 50:
        parts = text.split("\x02")
        text = "".join(a + b for a, b in zip(parts, [*tex, ""], strict=False))
    return [text] if text else []
