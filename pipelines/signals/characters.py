"""Signals of characters: what kinds there are, how far the text compresses, and what Markdown says is not prose.

phi-4 (arXiv 2412.08905, section 2.3) removes corrupted text by outliers in compression ratio and n-gram statistics,
without numbers. Cost: 0.15 ms a page. Blind spot: what a normal ratio is depends on script and language.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from pipelines.signals.lines import ratio

ZLIB_LEVEL: Final = 1
"""0.10 ms a page instead of 0.20 at level 6; the ratios of prose of 4 kB are 2.03 and 2.14."""

_HALF_BYTES: Final = 230.0
_HALF_EXPONENT: Final = 0.44
"""Prose compresses worse the shorter it is: over cuts of 64 to 8,192 bytes of 191 real pages the median ratio follows
2.6 / (1 + (230/n)^0.44) within 5 %."""

_OTHER, _SPACE, _CONTROL, _DIGIT, _UPPER, _LOWER, _UNCASED = range(7)
_BY_CATEGORY: Final = {
    **dict.fromkeys(("Cc", "Co", "Cs"), _CONTROL),
    **dict.fromkeys(("Zs", "Zl", "Zp"), _SPACE),
    **dict.fromkeys(("Lu", "Lt"), _UPPER),
    **dict.fromkeys(("Lo", "Lm", "Mn", "Mc", "Me"), _UNCASED),
    "Nd": _DIGIT,
    "Ll": _LOWER,
}

# Each pattern below reads a text in time proportional to its length, hostile or not: runs are possessive, and what
# looks for its end stops where another begins.
_FENCED_CODE: Final = re.compile(  # also in a quotation or a list
    r"^[> \t]*+(`{3,}+|~{3,}+)[^\n]*+\n.*?(?:^[> \t]*+\1[`~]*+[ \t]*+$|\Z)", re.MULTILINE | re.DOTALL
)
_CODE_SPAN: Final = re.compile(r"(?<!`)(`++)[^\n]{1,500}?(?<!`)\1(?!`)")
_INLINE_MATH: Final = re.compile(r"(?<![\\$])\$(?=[^\s$])[^$\n]*?(?<=[^\s\\$])\$(?![\d$])")
_DISPLAY_MATH: Final = re.compile(r"\$\$.+?\$\$", re.DOTALL)
_TEX_MATH: Final = re.compile(
    r"(?<!\\)(?:\\\((?:(?!\\\().)+?\\\)|\\\[(?:(?!\\\[).)+?\\\]"
    r"|\\begin\{((?:equation|align|gather|multline|eqnarray|array|[bpv]?matrix|cases)\w*+\*?)\}"
    r"(?:(?!\\begin\{\1\}).)+?\\end\{\1\})",
    re.DOTALL,
)


@cache
def _classes() -> npt.NDArray[np.uint8]:
    """The class of each code point."""
    table = np.zeros(0x110000, np.uint8)
    for code in range(0x110000):
        table[code] = _BY_CATEGORY.get(unicodedata.category(chr(code)), _OTHER)
    table[[ord(char) for char in "\t\n\r\f\v\u0085"]] = _SPACE
    table[0xFFFD] = _CONTROL
    return table


def character_signals(text: str) -> dict[str, float]:
    """Shares of kinds of characters."""
    codes = np.frombuffer(text.encode("utf-32-le"), "<u4")
    counts = [int(count) for count in np.bincount(_classes()[codes], minlength=7)]
    visible, cased = len(text) - counts[_SPACE], counts[_UPPER] + counts[_LOWER]
    return {
        "control_char_ratio": ratio(counts[_CONTROL], len(text)),
        "digit_char_ratio": ratio(counts[_DIGIT], visible),
        "alpha_char_ratio": ratio(cased + counts[_UNCASED], visible),
        "uppercase_letter_ratio": ratio(counts[_UPPER], cased),
    }


def compression_ratio(encoded: bytes) -> float | None:
    """Raw by compressed size (zlib, level 1), as it would be in a long text; None of nothing.

    The measured ratio is multiplied by 1 + (230/bytes)^0.44, the inverse of how prose falls short when it is short:
    then prose is at 2 to 3 for any length. Below about 500 bytes little can be told.
    """
    if not encoded:
        return None
    measured = len(encoded) / len(zlib.compress(encoded, ZLIB_LEVEL))
    shortfall: float = (_HALF_BYTES / len(encoded)) ** _HALF_EXPONENT
    return measured * (1 + shortfall)


def structure_signals(text: str) -> dict[str, float | bool]:
    """Shares of the text that are code and mathematics, and whether `{` stands outside both.

    Inline mathematics is what pandoc takes for it: no white space inside the dollars, no digit after the last. TeX that
    a page shows as it is (`\\(…\\)`, `\\[…\\]`, `\\begin{align}`) counts too.
    """
    prose, code_chars, math_chars = text, 0, 0
    if "`" in prose or "~~~" in prose:
        without = _CODE_SPAN.sub("", _FENCED_CODE.sub("", prose))
        code_chars, prose = len(prose) - len(without), without
    for mark, patterns in (("$", (_DISPLAY_MATH, _INLINE_MATH)), ("\\", (_TEX_MATH,))):
        if mark in prose:
            for pattern in patterns:
                without = pattern.sub("", prose)
                math_chars, prose = math_chars + len(prose) - len(without), without
    return {
        "code_char_ratio": ratio(code_chars, len(text)),
        "math_char_ratio": ratio(math_chars, len(text)),
        "has_prose_curly_bracket": "{" in prose,
    }
