"""What characters of a PDF mean: ligatures and accents, codes without Unicode values, writing from right to left.

References: Adobe's encoding of TeX's text fonts (OT1) for codes that fonts leave unnamed; the bidirectional classes of
Unicode (UAX #9) for runs. Blind spot: numbers with signs inside right-to-left text keep the order of their digits only.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from itertools import groupby

from extractors.office import raised

_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
_SPACES = dict.fromkeys((0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " ")
_HYPHENS = {0x02: "-", 0xFFFE: "-", 0xAD: "-", 0x2010: "-", 0x2011: "-"}
_SYMBOLS = {0xF0B7: "•", 0xF0A7: "▪", 0xF0D8: "➢", 0xF0FC: "✓", 0xF06F: "□", 0xF0E0: "→", 0xF0DE: "⇒"}
"""Bullets and arrows of the Symbol and Wingdings fonts as word processors number them."""
CHARACTERS = {**_LIGATURES, **_SPACES, **_HYPHENS, **_SYMBOLS}
PRIVATE = range(0xE000, 0xF900)
ACCENTS = {
    "`": "\u0300", "´": "\u0301", "ˆ": "\u0302", "˜": "\u0303", "¯": "\u0304", "˘": "\u0306", "˙": "\u0307",
    "¨": "\u0308", "˚": "\u030a", "˝": "\u030b", "ˇ": "\u030c", "¸": "\u0327", "˛": "\u0328",
}  # fmt: skip
"""Accents that stand alone, and the same as marks on a letter."""
_OT1 = {"\x0b": "ff", "\x0c": "fi", "\x0d": "fl", "\x0e": "ffi", "\x0f": "ffl", "\x10": "ı", "\x19": "ß", "\x1a": "æ",
        "\x22": "”", "\x5c": "“", "\x7b": "–", "\x7c": "—"}  # fmt: skip
MIN_CODES = 20
"""Characters of a font without Unicode values from which its codes may be judged, inclusive."""
MIN_LETTER_RATIO = 0.6
"""Share of small Latin letters among codes that spell words, inclusive."""
_NOTE = re.compile(r"\d{1,3}(?:[,–-]\d{1,3})*")
_ENDS = frozenset(".,;:!?\"'”’»。，")
_LAM = "\u0644"
_ALEFS = "\u0622\u0623\u0625\u0627"


def with_accent(letter: str, accent: str) -> str:
    """The letter with the accent on it, as one character where there is one."""
    plain = {"ı": "i", "ȷ": "j"}.get(letter, letter)
    return unicodedata.normalize("NFC", plain + ACCENTS[accent])


def plausible(counted: Counter[str]) -> dict[str, str] | None:
    """How to read the codes of a font without Unicode values as text; None where they spell no words.

    Bitmap fonts of TeX have codes of its text encoding; of fonts that number their glyphs the codes are noise.
    """
    total = counted.total()
    letters = sum(num for char, num in counted.items() if "a" <= char <= "z")
    vowels = sum(counted[char] for char in "aeiou")
    if total < MIN_CODES or letters < MIN_LETTER_RATIO * total or not 0.25 * letters <= vowels <= 0.55 * letters:
        return None
    return {char: _OT1.get(char, char if char.isprintable() else "") for char in counted}


def marked(words: str, before: str, is_super: bool) -> str:
    """A raised or lowered piece as the HTML extractor writes it: `x^2`, `x_i`, and `word[3]` for a note."""
    if not is_super or not _NOTE.fullmatch(words):
        return raised(words, before, is_super)
    if not before or before[-1] in _ENDS or (len(before) >= 4 and before[-4:].isalpha()):
        return f"[{words}]"
    return f"^{words}" if words.isdigit() and (before[-1].isalnum() or before[-1] in ")]") else words


def is_right_to_left(char: str) -> bool:
    """Of a script that runs from right to left."""
    return unicodedata.bidirectional(char) in ("R", "AL")


def logical(glyphs: list[tuple[float, float, str]], size: float, is_page_rtl: bool) -> str:
    """Glyphs of a line that has right-to-left writing, with their left and right ends, in the order they are read.

    Producers draw such lines in either order, and pdfium turns what it takes for runs: places alone tell.
    """
    visual = sorted(_clusters(glyphs), key=lambda glyph: (glyph[0], -len(glyph[2])))
    pieces: list[str] = []
    end = None
    for x0, x1, text in visual:
        if end is not None and x0 - end > 0.15 * size:
            pieces.append(" ")
        pieces.append(text)
        end = x1 if end is None else max(end, x1)
    kinds = _kinds(pieces)
    letters = [char for piece in pieces for char in piece if char.isalpha()]
    rtl = is_page_rtl or 2 * sum(map(is_right_to_left, letters)) >= len(letters)
    runs = [
        (kind, [piece for piece, _ in group])
        for kind, group in groupby(zip(pieces, _settled(kinds, rtl), strict=True), key=lambda pair: pair[1])
    ]
    ordered = ["".join(run if kind == "L" else run[::-1]) for kind, run in runs]
    text = ""
    for run in ordered[::-1] if rtl else ordered:
        text += " " + run if text[-1:].isalpha() and run[:1].isalpha() else run  # two scripts in one word are two
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _clusters(glyphs: list[tuple[float, float, str]]) -> list[tuple[float, float, str]]:
    """Glyphs that stand for several characters, which pdfium gives one by one and the last first."""
    out: list[tuple[float, float, str]] = []
    marks: list[tuple[float, float, str]] = []
    for (x0, x1), group in groupby(glyphs, key=lambda glyph: glyph[:2]):
        text = "".join(char for _, _, char in group)
        if len(text) > 1 and is_right_to_left(text[-1]) and not (text[0] == _LAM and text[1:] in _ALEFS):
            text = text[::-1]
        text = unicodedata.normalize("NFKC", text) if "\ufb1d" <= text[:1] <= "\ufefc" else text
        (marks if unicodedata.category(text[:1] or " ") == "Mn" else out).append((x0, x1, text))
    for x0, x1, mark in marks:
        middle = (x0 + x1) / 2
        k = min(range(len(out)), key=lambda k: abs(out[k][0] + out[k][1] - 2 * middle), default=None)
        if k is not None:
            out[k] = (*out[k][:2], out[k][2] + mark)
    return out


def _kinds(pieces: list[str]) -> list[str]:
    """Direction of each: R, L (numbers too), or N for neither."""
    kinds = []
    for piece in pieces:
        classes = {unicodedata.bidirectional(char) for char in piece}
        kinds.append("R" if classes & {"R", "AL"} else "L" if classes & {"L", "EN", "AN"} else "N")
    return kinds


def _settled(kinds: list[str], rtl: bool) -> list[str]:
    """Neither goes with its neighbours where they agree, else with the line."""
    out = list(kinds)
    for k, kind in enumerate(kinds):
        if kind == "N":
            before = out[k - 1] if k else ""
            after = next((other for other in kinds[k:] if other != "N"), "")
            out[k] = before if before == after else "R" if rtl else "L"
    return out
