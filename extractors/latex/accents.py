"""TeX's accents to composed characters. Reference: The TeXbook, chapter 9; fontenc's T1 accents."""

from __future__ import annotations

import unicodedata

COMBINING = {
    "`": "\u0300",
    "'": "\u0301",
    "^": "\u0302",
    '"': "\u0308",
    "~": "\u0303",
    "=": "\u0304",
    ".": "\u0307",
    "u": "\u0306",
    "v": "\u030c",
    "H": "\u030b",
    "c": "\u0327",
    "k": "\u0328",
    "d": "\u0323",
    "b": "\u0331",
    "r": "\u030a",
    "t": "\u0361",
    "C": "\u030f",
    "G": "\u030f",
    "U": "\u030e",
    "f": "\u0311",
    "h": "\u0309",
}
_SPACING = {"`": "`", "'": "´", "^": "^", '"': "¨", "~": "~", "=": "¯", ".": "˙", "c": "¸"}


def accented(accent: str, base: str) -> str:
    """`base` under the accent of `\\accent`; the dotless letters get their dots where the accent replaces them."""
    base = base.strip()
    if not base:
        return _SPACING.get(accent, "")
    first = {"ı": "i", "ȷ": "j"}.get(base[0], base[0]) if accent not in "dbck" else base[0]
    return unicodedata.normalize("NFC", first + COMBINING[accent]) + base[1:]
