"""Characters of the fonts Symbol and Wingdings, which Word stores as code points of a private area.

Reference: the encoding vector of Adobe's Symbol font. Of Wingdings only the signs that stand in texts have a meaning
here. Blind spot: other fonts of signs.
"""

from __future__ import annotations

import re

_SYMBOL_20 = " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_\0αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼"
_SYMBOL_A0 = "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…\0\0↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊⟨®©™∑"
_SYMBOL = {first + k: char for first, row in ((0x20, _SYMBOL_20), (0xA0, _SYMBOL_A0)) for k, char in enumerate(row)}
_SYMBOL |= {0xF1: "⟩", 0xF2: "∫"}
_WINGDINGS = {
    0x6C: "●", 0x6E: "■", 0x6F: "□", 0x71: "❑", 0x75: "◆", 0x76: "❖", 0x9F: "•", 0xA7: "▪", 0xA8: "◻", 0xD8: "➢",
    0xDF: "←", 0xE0: "→", 0xE1: "↑", 0xE2: "↓", 0xE8: "➔", 0xF0: "⇨", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
}  # fmt: skip
_TABLES = {"": _SYMBOL, "symbol": _SYMBOL, "wingdings": _WINGDINGS}
_PRIVATE = re.compile("[\uf020-\uf0ff]")


def meaning(text: str, font: str) -> str:
    """The text with the private code points of Symbol, also where no font is stated, and of Wingdings as what they
    show; those without a meaning are out."""
    table = _TABLES.get(font.lower())
    if table is None:
        return text

    def shown(found: re.Match[str]) -> str:
        return table.get(ord(found[0]) & 0xFF, "").replace("\0", "")

    return _PRIVATE.sub(shown, text)
