"""Gathered inline text → paragraphs: white space collapsed, line breaks kept, raw TeX brought to one form."""

from __future__ import annotations

import re

from extractors.html import math

BREAK = "\x01"
"""Stands for `<br>` in gathered text."""
_TWOBREAKS = re.compile(f"{BREAK}(?:[\\s\u200b]*{BREAK})+")


def paragraphs(raw: str) -> list[str]:
    """Blocks of gathered inline text: white space collapsed, `<br>` a newline, two of them a new paragraph."""
    if "$$" in raw or "\\[" in raw or "\\(" in raw or "\\begin{" in raw or "[/" in raw or "$latex " in raw:
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
