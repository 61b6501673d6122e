"""Licences named in a sentence: SPDX tags, the GNU notices, "licensed under the …", dual and triple notices.

Method: regular expressions over the words of a text (`words.words_of`), each licence with the words before it that make
the mention a grant. Cost: linear in the text, which the caller cuts. Blind spot: a sentence that denies ("not under
the GPL") is read as the grant it quotes, except for the few forms listed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

from extractors.code.licences.spdx import VERSIONS, combine, expression_of, gnu
from extractors.code.licences.words import words_of

_TAG = re.compile(r"SPDX-License-Identifier:[ \t]*([^\r\n]{1,200})")
_TAG_END = re.compile(r"\s*(?:\*/|-->|\*\)|--\}\}|%\}|\"\"\"|'''|#\}|\"|,|\\n).*")
_PLUS = re.compile(r"(?<=[\dLl])\+(?![\w+])")

_GNU = re.compile(
    r"\b(?:gnu )?(?:(?P<word>affero|lesser|library|free documentation)(?: or (?:lesser|library))? )?(?:gnu )?"
    r"(?:(?:general )?public|documentation|(?<=documentation)) licenses?\b"
    r"|\b(?P<short>[al]?gpl|gfdl)(?:v ?)?(?P<number>\d(?: \d)?)?\b"
)
_DENIED = re.compile(r"\b(?:not|incompatible|isnt|compatible with|unlike|except|other than)(?: \w+){0,4}$")


@dataclass(frozen=True, slots=True)
class _Rules:
    """`notices.tsv`: expressions with their patterns by kind, and the patterns that stand alone."""

    named: tuple[tuple[str, tuple[str, ...], re.Pattern[str], bool], ...]
    """Expression, strings of which one must occur, pattern, and whether it is a grant without further words."""
    exceptions: tuple[tuple[str, re.Pattern[str]], ...]
    single: dict[str, re.Pattern[str]]


@lru_cache(maxsize=1)
def _rules() -> _Rules:
    lines = files("extractors.code.licences").joinpath("notices.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    compiled = [(kind, name, tuple(needed.split()), re.compile(pattern)) for kind, name, needed, pattern in rows]
    return _Rules(
        tuple(
            (name, needed, found, kind == "unmistakable") for kind, name, needed, found in compiled if kind in _NAMING
        ),
        tuple((name, found) for kind, name, _, found in compiled if kind == "exception"),
        {kind: found for kind, name, _, found in compiled if not name},
    )


_NAMING = ("named", "unmistakable")


@dataclass(frozen=True, slots=True)
class Notice:
    """What the sentences of a text grant."""

    expression: str | None
    """None where the text only points to a licence file."""
    num_words: int
    """Words of the mentions."""
    is_tag: bool = False
    points_to_file: bool = False
    primary: str | None = None
    """The one of several that holds for "all other files", where the text says so."""
    is_open_choice: bool = False
    """One side of a choice whose other side has a name of the tree's own: "either the GPL or the Tool License"."""


@dataclass(frozen=True, slots=True)
class _Mention:
    start: int
    end: int
    expression: str
    family: str
    is_versioned: bool = True


def tagged(text: str) -> str | None:
    """The expression of the SPDX tags of a text; of several different ones all hold."""
    found = []
    for match in _TAG.finditer(text):
        expression = expression_of(_TAG_END.sub("", match[1]).strip(" \t*#;/-%\"'"))
        if expression is not None:
            found.append(expression)
    return combine(found, "AND") if found else None


def flat(text: str) -> str:
    """The words of a text on one line, `2+` as "2 or later"."""
    return " ".join(words_of(_PLUS.sub(" or later", text)))


def notice_of(text: str) -> Notice | None:
    """The licences that a text names; None where it says nothing of any."""
    tag = tagged(text)
    if tag is not None:
        return Notice(tag, len(tag.split()) + 1, is_tag=True)
    return notice_in(flat(text))


def notice_in(words: str) -> Notice | None:
    """The same for words already flat, without the tags."""
    mentions = _without_general(_gnu_mentions(words) + _named_mentions(words))
    points_to_file = _rules().single["pointer"].search(words) is not None
    if not mentions:
        return Notice(None, 0, points_to_file=True) if points_to_file else None
    if points_to_file and all(_is_vague_bsd(words, mention) for mention in mentions):
        return Notice(None, 0, points_to_file=True)
    expressions = list(dict.fromkeys(mention.expression for mention in mentions))
    operator = "AND"
    if len(expressions) > 1 and _is_choice(words, mentions):
        operator = "OR"
    expression = combine(expressions, "OR" if operator == "OR" else "AND")
    if len(expressions) == 1 and mentions[0].family in ("GPL", "LGPL", "AGPL", "Apache-2.0"):
        expression += exception_in(words)
    size = sum(len(words[mention.start : mention.end].split()) for mention in mentions)
    primary = _of_the_rest(words, mentions) if operator == "AND" else None
    is_open = len(expressions) == 1 and _is_open_choice(words, mentions)
    return Notice(expression, size, points_to_file=points_to_file, primary=primary, is_open_choice=is_open)


_EITHER = re.compile(r"\beither (?:of )?(?:\d )?(?:the )?$")
_OTHER_SIDE = re.compile(
    r"\bor (?:\d |under )?(?:the|a|an) (?!gnu |same |above |following |this )(?:\w+ ){1,3}?license\b"
)


def _is_open_choice(words: str, mentions: list[_Mention]) -> bool:
    """Whether a licence that no rule knows is offered beside the only one that is named."""
    before = words[max(0, mentions[0].start - 40) : mentions[0].start]
    behind = words[mentions[0].end : mentions[0].end + 300]
    return _EITHER.search(before) is not None and _OTHER_SIDE.search(behind) is not None


def _of_the_rest(words: str, mentions: list[_Mention]) -> str | None:
    rest = _REST.search(words)
    if rest is None or len(mentions) < 2:
        return None
    return next((mention.expression for mention in mentions if mention.start > rest.end()), None)


_REST = re.compile(
    r"\b(?:all other|everything else|the rest|the remaining|any other) (?:of|files?|code|parts?|is|sources?)\b"
)


def _is_vague_bsd(words: str, mention: _Mention) -> bool:
    """ "A BSD-style licence that can be found in the LICENSE file": the file says which."""
    return mention.family == "BSD" and not re.search(
        r"clause|\d|new|revised|modified", words[mention.start : mention.end]
    )


def exception_in(words: str) -> str:
    """` WITH …` for the first exception that the words grant, or nothing."""
    if "exception" not in words:
        return ""
    return next((f" WITH {name}" for name, pattern in _rules().exceptions if pattern.search(words)), "")


def _gnu_mentions(words: str) -> list[_Mention]:
    found = []
    matches = list(_GNU.finditer(words))
    ends = _ends(matches, len(words))
    for match, following in zip(matches, ends, strict=True):
        if not _is_grant(words, match.start()) or not (match["short"] or _is_gnu(words, match)):
            continue
        # the version stands behind the name, or before it: "version 2 of the GNU General Public License"
        behind = words[match.end() : min(match.end() + 260, following)]
        before = words[max(0, match.start() - 60) : match.start()]
        version = match["number"] or _version(behind, before)
        or_later = bool(_rules().single["later"].search(behind[:240]) or _rules().single["later"].search(before))
        family = _family(match)
        number = version.replace(" ", ".") if version else None
        if number and number not in VERSIONS[family]:
            number = number[0] if number[0] in VERSIONS[family] else None
        found.append(_Mention(match.start(), match.end(), gnu(family, number, or_later), family, number is not None))
    return found


def _ends(matches: list[re.Match[str]], size: int) -> list[int]:
    """For each mention where the next one of another family begins."""
    ends: list[int] = []
    end = size
    for position in range(len(matches) - 1, -1, -1):
        following = matches[position + 1] if position + 1 < len(matches) else None
        if following is not None and _family(following) != _family(matches[position]):
            end = following.start()
        ends.append(end)
    return ends[::-1]


def _is_gnu(words: str, match: re.Match[str]) -> bool:
    """A "public licence" is one of GNU's where both words of its name are there."""
    if "gnu" not in words[max(0, match.start() - 30) : match.end()]:
        return False
    return re.search(r"general public|documentation|affero|lesser|library", match[0]) is not None


def _family(match: re.Match[str]) -> str:
    word = match["word"] or match["short"] or ""
    if word in ("free documentation", "gfdl") or "documentation" in match[0]:
        return "GFDL"
    return {"affero": "AGPL", "agpl": "AGPL", "lesser": "LGPL", "library": "LGPL", "lgpl": "LGPL"}.get(word, "GPL")


_NEXT_VERSION = re.compile(
    r" ?(?:(?:[al]?gpl|licenses?|as|the|in|either|its|version|v|ver|gnu|of"
    r"|terms)\b ?)*v?([123])(?: ([0-3])(?! ?of))?\b(?! clause)"
)
_FURTHER_VERSION = re.compile(r"\b(?:version|v|ver|versions) ?([123])(?: ([0-3])\b)?")
_VERSION_BEFORE = re.compile(
    r"\b(?:version|v) ?([123])(?: ([0-3]))?(?: only)?(?: or(?: at your option)? any later(?: version)?| or later)?"
    r" ?(?:of|the|gnu| )*$"
)


def _version(behind: str, before: str) -> str | None:
    """The version at once behind a name, further behind ("as published by …; either version 2"), or before it."""
    match = _NEXT_VERSION.match(behind) or _FURTHER_VERSION.search(behind) or _VERSION_BEFORE.search(before)
    return _joined(match[1], match[2]) if match else None


def _joined(major: str, minor: str | None) -> str:
    return f"{major}.{minor}" if minor and minor != "0" else major


def _named_mentions(words: str) -> list[_Mention]:
    found: list[_Mention] = []
    for expression, needed, pattern, is_unmistakable in _rules().named:
        if not any(map(words.__contains__, needed)):
            continue
        for match in pattern.finditer(words):
            if any(mention.start < match.end() and match.start() < mention.end for mention in found):
                continue
            if is_unmistakable or _is_grant(words, match.start()):
                found.append(_Mention(match.start(), match.end(), expression, expression.split("-")[0]))
    return found


def _is_grant(words: str, start: int) -> bool:
    before = words[max(0, start - 160) : start]
    if _DENIED.search(before[-50:]):
        return False
    return len(before) < 25 or _rules().single["grant"].search(before) is not None


def _without_general(mentions: list[_Mention]) -> list[_Mention]:
    """The mentions in order, without those that only repeat a licence less exactly.

    "See the GNU General Public License" behind a notice has no version; the LGPL's notice names the GPL so too.
    """
    versioned = {mention.family for mention in mentions if mention.is_versioned}
    gnus = versioned & {"GPL", "LGPL", "AGPL"}
    perl = any("Perl OR" in mention.expression for mention in mentions)
    kept = []
    for mention in sorted(mentions, key=lambda mention: mention.start):
        is_gnu = mention.family in ("GPL", "LGPL", "AGPL")
        if is_gnu and not mention.is_versioned and (mention.family in versioned or gnus):
            continue
        if is_gnu and mention.expression.endswith("-only") and _same(mention, mentions):
            continue
        if perl and mention.expression in ("Artistic-1.0-Perl", "GPL-1.0-or-later"):
            continue
        kept.append(mention)
    return kept


def _same(mention: _Mention, mentions: list[_Mention]) -> bool:
    """Whether another mention of the same version says that later ones are allowed."""
    later = mention.expression.replace("-only", "-or-later")
    return any(other.expression == later for other in mentions)


def _is_choice(words: str, mentions: list[_Mention]) -> bool:
    starts = [mention.start for mention in mentions]
    before = words[max(0, starts[0] - 200) : starts[0]]
    if _rules().single["choice"].search(before):
        return True
    pairs = pairwise(mentions)
    return any(
        _rules().single["choice"].search(words[first.end : second.start]) is not None
        for first, second in pairs
        if first.expression != second.expression and second.start - first.end < 1500
    )
