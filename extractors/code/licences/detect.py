"""Licences of a licence file and of a source file's header, by full text first, by notice second."""

from __future__ import annotations

import re
from dataclasses import replace

from extractors.code.licences.match import LicenceMatch
from extractors.code.licences.notices import Notice, exception_in, flat, notice_in, tagged
from extractors.code.licences.spdx import combine, licence_ids
from extractors.code.licences.texts import Passage, passages
from extractors.code.licences.words import words_of

MAX_LICENCE_CHARS = 400_000
"""Characters of a licence file that are read."""
HEAD_CHARS = 8_000
"""Characters at the beginning of a source file in which a header is looked for."""
TAIL_CHARS = 4_000
"""Characters at the end, where single-file libraries and Perl modules have it."""
_NOTICE_CONFIDENCE = 0.9
_POINTER_CONFIDENCE = 0.0

_TRIGGERS = (
    "licens", "licenc", "copying", "spdx-", "permission", "redistribut", "public domain", "public-domain", "warrant",
    "freely", "same terms", "gpl", "copyleft", "unlimited",
)  # fmt: skip
"""A part without any of these says nothing of licences; looking for strings is ten times faster than for a pattern."""
_FULL_TEXT_TRIGGERS = (
    "permission",
    "redistribut",
    "permitted",
    "as is",
    "as-is",
    "warrant",
    "freely",
    "no restrictions",
)
_POD = re.compile(
    r"^=head\d[ \t]+[^\n]{0,60}(?:licen[sc]e|copyright|copying|terms)[^\n]{0,60}$", re.IGNORECASE | re.MULTILINE
)
_OR = re.compile(
    r"\b(?:dual|dually|either|alternatively|your option|your choice|choose|choice|any of|one of|multi licensed"
    r"|tri license|or)\b"
)
_GNU_TEXT = re.compile(r"(?:A|L)?GPL-\d\.\d-only$")


def detect(text: str) -> LicenceMatch | None:
    """The licences that the text of a licence file gives, or None where it holds none that is known.

    Several texts stand with `AND` unless the words around them offer a choice; LGPL 3 beside the GPL 3 on which it
    builds is LGPL 3.
    """
    text = text[:MAX_LICENCE_CHARS]
    tag = tagged(text[:HEAD_CHARS])
    words = words_of(text)
    found = _without_preface(passages(words), words)
    if not found:
        if tag is not None:
            return LicenceMatch(tag, 1.0, 0.0, is_reference=True)
        return _of_notice(notice_in(flat(text)), len(words))
    rest = " ".join(_outside(words, found))
    likeness = min(passage.likeness for passage in found)
    coverage = sum(passage.end - passage.start for passage in found) / len(words)
    expression, version_open = _of_passages(found, rest)
    primary = _primary(found, expression)
    if tag is not None and _agrees(tag, found):
        return LicenceMatch(tag, likeness, min(coverage, 1.0))
    return LicenceMatch(expression, min(likeness, 1.0), min(coverage, 1.0), version_open, primary)


_GNU_BEGINNING = ["everyone", "is", "permitted", "to", "copy", "and", "distribute", "verbatim", "copies"]
_TITLE_WORDS = 60


def _without_preface(found: list[Passage], words: list[str]) -> list[Passage]:
    """GNU texts end with a notice to copy; the same one above a text is no part of it, though of the same words."""
    starts = [start for start in range(len(words) - 8) if words[start : start + 9] == _GNU_BEGINNING]
    kept = []
    for passage in found:
        first = next((start for start in starts if passage.start <= start < passage.end), None)
        is_cut = first is not None and first - passage.start > _TITLE_WORDS
        kept.append(replace(passage, start=first) if is_cut and first is not None else passage)
    return kept


def _primary(found: list[Passage], expression: str) -> str | None:
    """The licence of the first text of several, as it stands in the expression that joins them."""
    if " AND " not in expression or "(" in expression:
        return None
    first = min(found, key=lambda passage: passage.start)
    return next((spdx_id for spdx_id in licence_ids(expression) if _family(spdx_id) == _family(first.spdx_id)), None)


def _agrees(tag: str, found: list[Passage]) -> bool:
    """Whether a tag names the licences whose texts follow, so that it may say more of them."""
    tagged_ids = {_family(spdx_id) for spdx_id in licence_ids(tag)}
    return {_family(passage.spdx_id) for passage in found} <= tagged_ids


def _family(spdx_id: str) -> str:
    return spdx_id.removesuffix("-only").removesuffix("-or-later")


def _of_passages(found: list[Passage], rest: str) -> tuple[str, bool]:
    ids = list(dict.fromkeys(passage.spdx_id for passage in sorted(found, key=lambda passage: passage.start)))
    for lesser, general in (("LGPL-3.0-only", "GPL-3.0-only"), ("AGPL-3.0-only", "GPL-3.0-only")):
        if lesser in ids and general in ids:
            ids.remove(general)
    if "Artistic-1.0" in ids and "perl" in rest:
        # between the two texts there are wordings of Perl's modules that are as near to one as to the other
        ids = ["Artistic-1.0-Perl" if spdx_id == "Artistic-1.0" else spdx_id for spdx_id in ids]
    notice = notice_in(rest) if len(rest) < 60_000 else None
    named = licence_ids(notice.expression) if notice and notice.expression else []
    refined = [_refined(spdx_id, named) for spdx_id in ids]
    version_open = len(refined) == 1 and refined[0] == ids[0] and _GNU_TEXT.match(ids[0]) is not None
    if len(refined) == 1:
        return refined[0] + (
            exception_in(rest) if _GNU_TEXT.match(ids[0]) or ids[0] == "Apache-2.0" else ""
        ), version_open
    if notice and notice.expression and set(map(_family, named)) == set(map(_family, refined)):
        return notice.expression, False
    return combine(refined, "OR" if _OR.search(rest) and _offers_choice(rest) else "AND"), False


_CHOICE = re.compile(
    r"\b(?:dual|dually|multi|tri) licensed?\b|\balternatively\b|\beither (?:of|the|license|a)\b|\bat your (?:option"
    r"|choice)\b"
    r"|\b(?:may|can) (?:choose|select|pick)\b|\byour choice\b|\bone of the following\b|\bany of the following\b"
    r"|^or\b|\bor\b(?: \w+){0,4}$"
)


def _offers_choice(rest: str) -> bool:
    return _CHOICE.search(rest) is not None


def _refined(spdx_id: str, named: list[str]) -> str:
    """`-only` of a text becomes `-or-later` where a notice around it says so."""
    later = spdx_id.removesuffix("-only") + "-or-later"
    return later if spdx_id.endswith("-only") and later in named else spdx_id


def _outside(words: list[str], found: list[Passage]) -> list[str]:
    taken = bytearray(len(words))
    for passage in found:
        taken[passage.start : passage.end] = b"\1" * (passage.end - passage.start)
    return [word for word, is_taken in zip(words, taken, strict=True) if not is_taken]


def _of_notice(notice: Notice | None, num_words: int) -> LicenceMatch | None:
    if notice is None or notice.expression is None:
        return None
    coverage = min(1.0, notice.num_words / max(1, num_words))
    return LicenceMatch(
        notice.expression,
        _NOTICE_CONFIDENCE,
        coverage,
        primary=notice.primary,
        is_reference=True,
        is_open_choice=notice.is_open_choice,
    )


def detect_header(text: str) -> LicenceMatch | None:
    """The licence that a source file states of itself at its beginning, its end or in its documentation.

    A header that only points to a licence file ("see LICENSE") has no licence of its own: None.
    """
    for part in header_parts(text):
        if not _has_any(part, _TRIGGERS):
            continue
        tag = tagged(part)
        if tag is not None:
            return LicenceMatch(tag, 1.0, 0.0, is_reference=True)
        found = _of_header(part)
        if found is not None:
            return found
    return None


def _has_any(text: str, strings: tuple[str, ...]) -> bool:
    lowered = text.lower()
    return any(map(lowered.__contains__, strings))


def header_parts(text: str) -> list[str]:
    """The stretches of a file in which its licence may stand."""
    if len(text) <= HEAD_CHARS + TAIL_CHARS:
        return [text]
    parts = [text[:HEAD_CHARS], text[-TAIL_CHARS:]]
    pod = _POD.search(text, HEAD_CHARS) if "\n=head" in text else None
    if pod is not None:
        parts.insert(1, text[pod.start() : pod.start() + TAIL_CHARS])
    return parts


def _says_less(named: str, expression: str) -> bool:
    """Whether a notice only names the licences whose texts are there: "BSD licence" above two clauses."""
    kinds = {_kind(spdx_id) for spdx_id in licence_ids(expression)}
    return {_kind(spdx_id) for spdx_id in licence_ids(named)} <= kinds


def _kind(spdx_id: str) -> str:
    return "BSD" if "BSD" in spdx_id else _family(spdx_id)


def _of_header(part: str) -> LicenceMatch | None:
    words = words_of(part)
    found = passages(words) if _has_any(part, _FULL_TEXT_TRIGGERS) else []
    notice = notice_in(flat(part) if not found else " ".join(_outside(words, found)))
    named = notice.expression if notice else None
    if not found:
        return _of_notice(notice, len(words))
    expression, _ = _of_passages(found, " ".join(_outside(words, found)))
    if named is not None and not _says_less(named, expression):
        rest = " ".join(_outside(words, found))
        expression = combine([expression, named], "OR" if _offers_choice(rest) else "AND")
    coverage = sum(passage.end - passage.start for passage in found) / max(1, len(words))
    return LicenceMatch(expression, min(1.0, min(passage.likeness for passage in found)), min(1.0, coverage))
