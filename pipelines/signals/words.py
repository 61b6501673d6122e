"""Words of a text: one fast tokenizer for every signal that counts words.

Follows spaCy's English tokenizer, which datatrove's rules run on, where the counts depend on it: punctuation marks are
tokens, hyphens and slashes split, decimals, abbreviations and addresses do not, clitics (`'s`, `n't`) are tokens of
their own. Scripts without spaces are cut into pieces about as long as their words. 0.6 ms a page; spaCy: 16 ms.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
import xxhash

UNSPACED_2: Final = (
    "\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
"""Han and kana: a word is about two characters."""
UNSPACED_4: Final = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f"
"""Thai, Lao, Burmese, Khmer: a word is about four code points."""

UNSPACED_8: Final = "\u0f00-\u0f0c\u0f18-\u0fbc"
"""Tibetan, with the mark between its syllables: a word is about two syllables, eight code points."""

_CLITICS: Final = "(?:s|S|m|M|d|D|ll|LL|re|RE|ve|VE|t|T)"


def _word_class() -> str:
    """Body of a character class of letters, marks, digits and `_`, without the scripts that have no spaces.

    `\\w` of `re` lacks combining marks, which would cut Hindi words at their vowels.
    """
    unspaced = re.compile(f"[{UNSPACED_2}{UNSPACED_4}{UNSPACED_8}]")
    ranges: list[list[int]] = []
    for code in range(0x10000):
        char = chr(code)
        if (unicodedata.category(char)[0] in "LMN" or char == "_") and not unspaced.match(char):
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    spans = "".join(f"\\u{first:04x}-\\u{last:04x}" for first, last in ranges)
    return spans + "\U00010000-\U0001cfff\U0001d400-\U0001d7ff\U0001e000-\U0001efff"  # letters beyond the BMP


@cache
def _token_pattern(ascii_only: bool) -> re.Pattern[str]:
    word = "A-Za-z0-9_" if ascii_only else _word_class()
    apostrophe = "'" if ascii_only else "['’]"
    unspaced = "" if ascii_only else f"|[{UNSPACED_2}]{{1,2}}|[{UNSPACED_4}]{{1,4}}|[{UNSPACED_8}]{{1,8}}"
    return re.compile(
        r"(?:https?://|www\.)[^\s<>\"|)\]]+"
        rf"|[A-Z](?:\.[A-Z])+(?![{word}])\.?"  # U.S.
        rf"|\\?[{word}]+"
        rf"(?:{apostrophe}(?!{_CLITICS}(?![{word}]))[{word}]+"  # O'Brien, but don + 't
        r"|(?<=[0-9])[.,:][0-9]+"  # 2,000.50 and 10:30
        rf"|\.[a-z0-9][{word}]*"  # e.g, example.com, v1.2
        rf"|(?<![0-9])-[0-9][{word}]*"  # COVID-19, but 2011 - 07
        rf"|[\\(){{}}\[\]^$&@#%|+*]+[{word}]+)*"  # f(x, x_{{1}}, a@b
        rf"|{apostrophe}{_CLITICS}(?![{word}])"
        rf"{unspaced}|\.{{2,}}|-{{2,}}|[^\s{word}]"
    )


def tokenize(text: str) -> list[str]:
    """Words and punctuation marks of a text, in order, without white space."""
    return _token_pattern(text.isascii()).findall(text)


WORD: Final = 1
LETTER: Final = 2


class Vocabulary(dict[str, int]):
    """Numbers tokens in order of first sight, and keeps what is asked of each distinct one only once.

    The numbers mean nothing outside it and no signal depends on them.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lengths = array("q")
        self._kinds = array("B")
        self._hashes = array("Q")
        self.num_chars = 0
        """Code points of all its tokens."""

    def __missing__(self, token: str) -> int:
        self[token] = number = len(self)
        self.num_chars += len(token)
        if token.isalpha():  # most are: spare them the rest
            letter = word = True
        else:
            letter = any(map(str.isalpha, token))
            word = letter or any(map(str.isalnum, token))
        normal = normalize(token) if word else ""
        self._lengths.append(len(token))
        self._kinds.append(WORD * word | LETTER * letter)
        self._hashes.append(xxhash.xxh3_64_intdigest(normal) if normal else 0)
        return number

    def numbers(self, tokens: list[str]) -> npt.NDArray[np.int64]:
        """The numbers of a text's tokens, in order."""
        return np.fromiter(map(self.__getitem__, tokens), np.int64, len(tokens))

    def lengths(self, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Code points of each token."""
        return np.frombuffer(self._lengths, np.int64)[numbers] if len(numbers) else numbers

    def kinds(self, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
        """Of each token the sum of WORD (has a letter or digit) and LETTER (has a letter)."""
        return np.frombuffer(self._kinds, np.uint8)[numbers] if len(numbers) else np.empty(0, np.uint8)

    def hashes(self, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.uint64]:
        """xxh3-64 of each token's normal form; 0 for tokens that have none (punctuation)."""
        return np.frombuffer(self._hashes, np.uint64)[numbers] if len(numbers) else np.empty(0, np.uint64)


_NUMBER: Final = re.compile(r"\d+(?:[.,:٫]\d+)*")
_NOT_ASCII_WORD: Final = re.compile(r"[^a-z0-9]+")


def normalize(token: str) -> str:
    """A token as duplicates are looked for: lower case, numbers as `0`, no punctuation, NFD without its Mn.

    FineWeb's normalisation (datatrove `simplify_text`), token by token.
    """
    token = token.lower()
    if token.isascii():
        return token if token.isalpha() else _NOT_ASCII_WORD.sub("", _NUMBER.sub("0", token))
    decomposed = unicodedata.normalize("NFD", _NUMBER.sub("0", token))
    return "".join(char for char in decomposed if char.isalnum() or unicodedata.category(char) == "Mc")
