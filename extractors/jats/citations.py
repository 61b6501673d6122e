"""Reference markers out of running text: `[3,5–7]`, `(Kok et al., 2015; see also Gall, 2012)`, raised numbers.

A marker that is a noun of its sentence stays, because the sentence says nothing without it: `Leino et al. (2005)
describe`, `as described by [12]`. What stands around a marker that goes (brackets, commas, dashes, "see", "e.g.")
goes with it. Method: markers are put into the gathered text between control characters, one pass over each paragraph
takes them out. Blind spot: markers that the article does not tag as references.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice

OPEN, CLOSE = "\x02", "\x04"
"""Around the text of each marker in gathered text."""
_MARK = "\x02"
"""Stands for one whole marker while a paragraph is looked at."""
_MARKER = re.compile(f"{OPEN}([^{CLOSE}]*){CLOSE}")
_BRACKET = re.compile(r"([ \u00a0]*)(?:\(([^()\[\]]*\x02[^()\[\]]*)\)|\[([^()\[\]]*\x02[^()\[\]]*)\])")
_SEPARATOR = r"[ \u00a0]*(?:[,;/&–—−‐‑-]|(?:,[ ]?)?and\b|to\b)?[ \u00a0]*"
_GROUP = re.compile(rf"([ \u00a0]*)(\x02(?:{_SEPARATOR}\x02)*)")
_LEAD = re.compile(
    r"\b(?:see|also|e\.\s?g|i\.\s?e|cf|eg|viz|for|reviewed|reviews?|in|by|as|such|from|refs?|references?|example|examples|"
    r"instance|and|or|but|both|the|there|therein|a|an|recently|further|details|discussion|discussed|original(?:ly)?|"
    r"described|data|adapted|modified|after|according|to|of|citations?|cited|among|many|others|more|recent|"
    r"etc|compare|respectively|more|information|&)\b\.?",
    re.IGNORECASE,
)
_EMPTY = re.compile(r"[\s,;:./&–—−‐‑\-\x02\d]*[a-z]?[\s,;:./\x02]*")
_NUMBER = re.compile(r"[\[(]?\s*[A-Za-z]?\d{1,4}[a-z]?(?:\s*[,;–—−‐‑-]\s*[A-Za-z]?\d{1,4}[a-z]?)*\s*[\])]?")
_NOUN = re.compile(
    r"(?:\b(?:in|by|from|of|see|to|with|than|per|[Ff]ollowing|see also|via|at|and|or|on|under|both|as|like|e\.g\.|cf\.|"
    r"[Rr]efs?\.?|[Rr]eferences?|[Ss]tudy|[Ss]tudies|[Cc]itations?|papers?|work|[Aa]rticles?|"
    r"includ(?:e[sd]?|ing))[ \u00a0(]*|:[ \u00a0]+"
    r"|(?:^|\n)[ (]*)$"
)
"""Before a marker without which its sentence lacks a noun."""
_LAYOUT = (
    (re.compile(r"(?<!\\),[ ]+(?=[,;])"), ""),
    (re.compile(r"(?<![\\ \u00a0])[ \u00a0]+(,(?!\w)|\.(?![\w.])|\)|(?<!\[ )\])"), r"\1"),
    (re.compile(r"(?<![\\\w])([(\[])[ \u00a0]+(?=[^\s)\]])"), r"\1"),
)
"""Blanks, and commas between nothings, where the XML's layout or an element that was left out put them."""
_VERBATIM = re.compile(r"(`[^`]*`|\$\$[^$]+\$\$|\$[^$\n]+\$)")
"""Code and formulas: what looks like debris in them is theirs."""
_UNTIDY = (" ,", " .", " )", " ]", "( ", "[ ", ", ;")
_BEFORE_CHARS = 40
_ROUND = re.compile(r"[()]")
_WORD = re.compile(r"\w")
_DIGIT = re.compile(r"\d")
_DOUBLE = re.compile(" {2,}")
_DEBRIS = (
    (re.compile(r"(?<!\\)[ \u00a0]+([,;:!?](?![\w=:])|\.(?!\w)|[)\]])"), r"\1"),
    (re.compile(r"(?<!\\)([,;:])[ ]?(?=[.])"), ""),
    (re.compile(r"(?<!\\),[ ]?(?=[,;])"), ""),
)
"""What markers that went leave between what stands around them."""
_RAISED_REST = re.compile(r"[\s\d,;:.()\[\]*–—−‐‑\-a-c]*")


def marked(text: str) -> str:
    """A marker as it goes into gathered text."""
    return f"{OPEN}{text.replace(OPEN, '').replace(CLOSE, '')}{CLOSE}"


NOTHING = OPEN + CLOSE
"""A marker without text: what stands around it is put right."""


def is_raised_group(text: str) -> bool:
    """Whether raised text is markers and nothing else."""
    return OPEN in text and _RAISED_REST.fullmatch(_MARKER.sub("", text)) is not None


def without(text: str) -> str:
    """A paragraph without its reference markers."""
    if OPEN not in text:
        return _tidied(text)
    texts = [" ".join(found.split()) for found in _MARKER.findall(text)]
    if not _WORD.search(_MARKER.sub("", text)) and all(_NUMBER.fullmatch(found) for found in texts if found):
        return ""  # a cell of a table's last column
    return _tidied(_Paragraph(texts).cleaned(_MARKER.sub(_MARK, text)))


def _tidied(text: str) -> str:
    """Without blanks before commas and inside brackets; code and formulas keep their own."""
    if not any(untidy in text for untidy in _UNTIDY):
        return text
    return _edited(text, _LAYOUT)


def _edited(text: str, edits: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    pieces = _VERBATIM.split(text)
    for pattern, instead in edits:
        pieces[::2] = [pattern.sub(instead, piece) for piece in pieces[::2]]
    return "".join(pieces)


_Decide = Callable[[re.Match[str], list[str], str, bool], tuple[str, list[str]]]
"""(place, the markers' texts, what stands before, whether brackets are open) to what stands there and its markers."""
_YEAR = re.compile(r"(?:1[89]|20)\d\d[a-z]?")
_NAMES = re.compile(r"(?:[^\W\d_a-z][\w’'.-]*|et\s+al\.?|de|van|von|der|la|[\s,;:&])*")
"""What is left in the brackets of `(Smith et al. 2004; Jones 2005)` when only the years are markers."""
_NAME_BEFORE = re.compile(r"(?:\bet al\.?|\b[^\W\d_a-z][\w’'-]+)$")
_SUBJECT = re.compile(
    r"(?:(?<!\bal)[.!?]|\b(?:[Ee]xample|[Ii]nstance|[Aa]ddition|[Hh]owever|[Rr]ecently|[Ss]imilarly|[Ll]ikewise),)\s*$"
)
_VERB = re.compile(r"\s+[a-z]")


class _Paragraph:
    def __init__(self, texts: list[str]) -> None:
        self._texts = texts

    def cleaned(self, text: str) -> str:
        before = None
        while before != text and _MARK in text:
            before = text
            text = self._replaced(_BRACKET, text, self._bracket)
        if _MARK in text:
            text = self._replaced(_GROUP, text, self._bare)
        return _DOUBLE.sub(" ", _edited(text, _DEBRIS)).strip()

    def _replaced(self, pattern: re.Pattern[str], text: str, decide: _Decide) -> str:
        """Substitute, with the markers' texts following what stays of them."""
        out: list[str] = []
        left: list[str] = []
        queue = iter(self._texts)
        before, at, depth = "", 0, 0
        for found in pattern.finditer(text):
            between = text[at : found.start()]
            before = (before + between)[-_BEFORE_CHARS:]
            depth = _depth(between, depth)
            left += islice(queue, between.count(_MARK))
            texts = list(islice(queue, found[0].count(_MARK)))
            instead, kept = decide(found, texts, before, depth > 0)
            out += (between, instead)
            before = (before + instead)[-_BEFORE_CHARS:]
            depth = _depth(instead, depth)
            left += kept
            at = found.end()
        out.append(text[at:])
        self._texts = [*left, *queue]
        return "".join(out)

    def _bracket(self, found: re.Match[str], texts: list[str], before: str, is_inside: bool) -> tuple[str, list[str]]:
        """What a pair of brackets with markers in it becomes; inside others a marker, which they decide of."""
        space, inner = found[1], found[2] if found[2] is not None else found[3]
        opening, closing = ("(", ")") if found[2] is not None else ("[", "]")
        are_years = all(_YEAR.fullmatch(text) for text in texts)
        if _is_empty(inner) or (are_years and _NAMES.fullmatch(_LEAD.sub("", inner).replace(_MARK, ""))):
            if is_inside:
                return space + _MARK, [opening + _filled(inner, texts) + closing]
            if _is_noun(found, before + space) or (are_years and _NAME_BEFORE.search(before)):
                return space + opening + _filled(inner, texts) + closing, []
            return "", []
        kept: list[str] = []
        queue = list(texts)
        for piece in re.split(r"([;,])", inner):
            own = [queue.pop(0) for _ in range(piece.count(_MARK))]
            if _MARK in piece and _is_empty(piece) and not _DIGIT.search(piece):
                if kept and kept[-1] in ",;":
                    kept.pop()
            else:
                kept.append(_in_words(piece, own) if _MARK in piece else piece)
        while kept and not _LEAD.sub("", kept[-1]).strip(" ,;.:\u00a0"):
            kept.pop()
        rest = "".join(kept).lstrip(" ,;:\u00a0").rstrip(" ,;\u00a0")
        return (f"{space}{opening}{rest}{closing}", []) if rest else ("", [])

    def _bare(self, found: re.Match[str], texts: list[str], before: str, _is_inside: bool) -> tuple[str, list[str]]:
        """What markers without brackets around them become."""
        space, group = found[1], found[2]
        if not "".join(texts).strip():
            return space, []
        if not all(_NUMBER.fullmatch(text) for text in texts if text):
            return space + _filled(group, texts), []
        if (space or not before.strip()) and _is_noun(found, before + space):
            return space + _filled(group, texts), []
        return "", []


def _is_noun(found: re.Match[str], before: str) -> bool:
    """Whether the sentence needs the marker: it follows a preposition, or begins the sentence and a verb follows."""
    if _NOUN.search(before):
        return True
    return _SUBJECT.search(before) is not None and _VERB.match(found.string, found.end()) is not None


def _depth(text: str, depth: int) -> int:
    """How many brackets are open after a text; one that closes none, as of `1)`, counts for nothing."""
    if ")" not in text:
        return depth + text.count("(")
    for bracket in _ROUND.findall(text):
        depth = depth + 1 if bracket == "(" else max(0, depth - 1)
    return depth


def _is_empty(text: str) -> bool:
    """Nothing but markers, separators and words that lead to them."""
    return _EMPTY.fullmatch(_LEAD.sub("", text)) is not None


def _filled(text: str, texts: list[str]) -> str:
    for value in texts:
        text = text.replace(_MARK, value, 1)
    return text


def _is_name(marker: str) -> bool:
    """A marker that reads as words where it stands: names, a year."""
    return _YEAR.fullmatch(marker) is not None or not (_NUMBER.fullmatch(marker) or marker[:1] in ("(", "["))


def _in_words(text: str, texts: list[str]) -> str:
    """Markers among other words in brackets: names stay, numbers go with what parts them."""
    queue = list(texts)

    def decided(found: re.Match[str]) -> str:
        own = [queue.pop(0) for _ in range(found[2].count(_MARK))]
        return found[1] + _filled(found[2], own) if any(map(_is_name, own)) else ""

    return _GROUP.sub(decided, text)
