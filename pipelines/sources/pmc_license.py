"""Licences as articles and PMC's lists state them (address, code, sentence) to ids like SPDX's, NC and ND explicit.

A version that nobody states is left out: `CC-BY`. Blind spot: licences that are no Creative Commons ones keep their
address, or have none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipelines.sources.creative_commons import spdx_id

_CODE = re.compile(
    r"(?:PD-)?CC[\s_-]?(0|ZERO|BY(?:[\s_-](?:NC|ND|SA|NoDerivs))*)(?:[\s_-]*(?:v\.?\s*)?(\d\.\d))?", re.IGNORECASE
)
_NAME = re.compile(
    r"(?:creative\s+commons\s+|\bCC\s+)?\battribution\b((?:[\s,/‐–-]*(?:non[\s‐-]?commercial|no[\s‐-]?deriv\w*|share[\s‐-]?alike))*)"
    r"(?:\s+\(CC[^)]*\))?(?:\s+(?:works?|international|unported|generic|licen[sc]e|public|version|v\.?))*\s*\(?(?:v\.?\s?)?([1-4]\.\d)?",
    re.IGNORECASE,
)
_WITHIN = re.compile(r"https?://creativecommons\.org/[\w./-]+", re.IGNORECASE)
_ZERO = re.compile(r"\bCC0\b|creative commons (?:CC ?0|zero|public domain)|public domain dedication", re.IGNORECASE)
_FREE = re.compile(r"free of all copyright|in the public domain", re.IGNORECASE)
_PARTS = re.compile(r"(CC-BY(?:-NC)?(?:-SA|-ND)?|CC0|CC-PDM|CC-PDDC)(?:-.*)?")
_STRICTNESS = ("CC-PDM", "CC-PDDC", "CC0", "CC-BY", "CC-BY-SA", "CC-BY-ND", "CC-BY-NC", "CC-BY-NC-SA", "CC-BY-NC-ND")


def license_id(stated: str | None) -> str | None:
    """The id of a licence stated as an address, a code or a sentence; `TDM`; None where none is told."""
    stated = " ".join((stated or "").split())
    if not stated:
        return None
    if stated.upper() == "TDM":
        return "TDM"
    for address in (stated.rstrip("."), *(found.rstrip(".") for found in _WITHIN.findall(stated))):
        found = spdx_id(address)
        if found:
            return found
    code = _CODE.fullmatch(stated)
    if code:
        return _composed(code[1], code[2])
    return _from_words(stated)


def _from_words(sentence: str) -> str | None:
    """What a sentence names, the strictest of it: `Creative Commons Attribution License (CC BY-NC)` is the latter."""
    if "creative commons" in sentence.lower() or re.search(r"\bCC[ -]BY", sentence):
        name = _NAME.search(sentence)
        found = _composed("BY " + name[1], name[2]) if name else None
        for code in _CODE.finditer(sentence):
            found = stricter(found, _composed(code[1], code[2]))
        if found:
            return found
    if _ZERO.search(sentence):
        return "CC0-1.0"
    return "CC-PDM-1.0" if _FREE.search(sentence) else None


def _composed(parts: str, version: str | None) -> str:
    words = parts.lower()
    if words in ("0", "zero"):
        return "CC0-1.0"
    terms = "CC-BY"
    if re.search(r"\bnc\b|non[\s‐-]?commercial", words.replace("_", " ")):
        terms += "-NC"
    if re.search(r"\bnd\b|no[\s‐-]?deriv", words.replace("_", " ")):
        terms += "-ND"
    elif re.search(r"\bsa\b|share[\s‐-]?alike", words.replace("_", " ")):
        terms += "-SA"
    return f"{terms}-{version}" if version else terms


def family(license: str) -> str:
    """The id without its version: `CC-BY-NC` of `CC-BY-NC-4.0`."""
    found = _PARTS.fullmatch(license)
    return found[1] if found else license


def stricter(one: str | None, other: str | None) -> str | None:
    """Of two statements about one article the one that allows less; of equals the one with its version."""
    if one is None or other is None:
        return one or other
    ranks = [
        _STRICTNESS.index(family(name)) if family(name) in _STRICTNESS else len(_STRICTNESS) for name in (one, other)
    ]
    if ranks[0] == ranks[1]:
        return one if len(one) >= len(other) else other
    return one if ranks[0] > ranks[1] else other


def is_allowed(license: str | None, allowed: Sequence[str] | None) -> bool:
    """Whether a licence is in a list of ids, by its whole id or its family; None lets all in."""
    return allowed is None or (license is not None and (license in allowed or family(license) in allowed))
