"""SPDX expressions: from the many names of licences, taken apart, put together, judged permissive or not.

Permissive is what Blue Oak Council rates bronze or better, and what is given to the public domain, as in The Stack v2.
The lists are `spdx.tsv`. Blind spot: "BSD" without a number of clauses stands for the three-clause licence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from typing import Literal

Operator = Literal["AND", "OR"]

_TOKEN = re.compile(r"\s*(\(|\)|\bAND\b|\bOR\b|\bWITH\b|[\w.+:-]+)", re.IGNORECASE)
_OWN = re.compile(r"(?:DocumentRef-[\w.-]+:)?LicenseRef-[\w.-]+")
"""Licences outside SPDX's list, under names of a tree's own."""
_OPERATORS = frozenset(("AND", "OR", "WITH"))
_GNU = re.compile(
    r"^(?:the )?(?:gnu )?(?P<family>affero|lesser|library|[al]?gpl|gfdl|fdl"
    r"|free documentation)?(?: ?\(?(?:or lesser)\)?)?"
    r"(?: ?(?:general public|gpl))*(?: license)?(?: ?\([al]?gpl(?:v?[\d.]+\+?)?\))?"
    r"[, ]*(?P<least>>=)? ?(?:version |v(?:er)?\.? ?)?(?P<version>\d(?:\.\d){0,2})?(?P<later> ?\+"
    r"| ?or (?:any )?(?:later|newer|above|greater).*)?"
    r"(?: ?only)?(?: license| \([al]?gplv?[\d.]*\+?\)| \(?[al]?gpl[-v]*\d[\d.]*\+?\)?)?$"
)
_FAMILY = {"affero": "AGPL", "agpl": "AGPL", "lesser": "LGPL", "library": "LGPL", "lgpl": "LGPL", "gpl": "GPL"}
_DOCUMENTATION = frozenset(("gfdl", "fdl", "free documentation"))


@lru_cache(maxsize=1)
def _lists() -> tuple[dict[str, str], frozenset[str], dict[str, str]]:
    """Names (lower case) → expressions; permissive ids; ids (lower case) → ids as SPDX writes them."""
    names: dict[str, str] = {}
    permissive: set[str] = set()
    spelled: dict[str, str] = {}
    for line in files("extractors.code.licences").joinpath("spdx.tsv").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        kind, expression, found = line.split("\t")
        if kind == "permissive":
            permissive.update(found.split())
        elif kind == "id":
            spelled.update((spdx_id.lower(), spdx_id) for spdx_id in found.split())
        else:
            names.update(dict.fromkeys(found.split(" | "), expression))
    spelled.update((spdx_id.lower(), spdx_id) for spdx_id in permissive)
    return names, frozenset(permissive), spelled


def licence_ids(expression: str) -> list[str]:
    """The ids of an expression in order, without operators and exceptions, each once."""
    found: list[str] = []
    after_with = False
    for token in _TOKEN.findall(expression):
        word = token.upper()
        if word not in _OPERATORS and token not in "()" and not after_with and token not in found:
            found.append(token)
        after_with = word == "WITH"
    return found


def gnu(family: str, version: str | None, or_later: bool) -> str:
    """SPDX id of a GNU licence; without a version any is meant, as the licences themselves say."""
    least = {"LGPL": "2.0", "AGPL": "3.0", "GFDL": "1.1"}.get(family, "1.0")
    if version is None:
        return f"{family}-{least}-or-later"
    number = version if "." in version else f"{version}.0"
    return f"{family}-{number}-{'or-later' if or_later else 'only'}"


def expression_of(name: str) -> str | None:
    """The SPDX expression that a licence's name or loosely written expression stands for; None where unknown."""
    name = " ".join(name.split())
    if not name or len(name) > 300:
        return None
    known = _one(name)
    if known is not None:
        return known
    for separator, operator in _SEPARATORS:
        parts = [part for part in separator.split(name) if part.strip()]
        if len(parts) > 1:
            found = [expression_of(part.strip(" ()")) for part in parts]
            if None not in found:
                return combine([part for part in found if part], operator)
            return None
    return None


_SEPARATORS: tuple[tuple[re.Pattern[str], Operator], ...] = (
    (re.compile(r" +and +| *& *(?=[A-Z])", re.IGNORECASE), "AND"),
    (re.compile(r" +or +(?!later|newer|any|greater|above|\(at)| *[|/;]+ *| *, *(?:or +)?", re.IGNORECASE), "OR"),
)


def _one(name: str) -> str | None:
    names, _, spelled = _lists()
    if " with " in name.lower():
        base, _, exception = re.split(r"( with )", name, maxsplit=1, flags=re.IGNORECASE)[0:3]
        licence = _one(base.strip())
        exception = exception.strip().replace(" ", "-")
        if licence is None:
            return None
        return f"{licence} WITH {exception}" if re.search("exception|syscall", exception, re.IGNORECASE) else licence
    if _OWN.fullmatch(name):
        return name
    lowered = name.lower().strip(" .")
    if lowered in spelled:
        return spelled[lowered]
    plain = re.sub(r"[\s_]+", " ", lowered.removeprefix("the ").replace('"', "").replace("licence", "license")).strip()
    for candidate in (
        plain,
        plain.replace("-", " "),
        plain.removesuffix(" license"),
        plain.removeprefix("osi approved :: "),
    ):
        if candidate in names:
            return names[candidate]
    return _gnu_name(plain)


def _gnu_name(name: str) -> str | None:
    spaced = re.sub(r"^([al]?gpl|gfdl)[-v ]*(?=\d)", r"\1 ", name.replace("_", " "))
    spaced = re.sub(r"-or-later|-or-newer", "+", spaced).replace("-only", " only")
    spaced = re.sub(r"\(>= ?(\d[\d.]*)\)", r">= \1", spaced).replace(" - ", " ").replace("-", " ")
    if not re.search(r"gpl|general public|fdl|free documentation", spaced):
        return None
    match = _GNU.match(spaced)
    if match is None:
        return None
    word = match["family"] or "gpl"
    family = "GFDL" if word in _DOCUMENTATION else _FAMILY[word]
    version = match["version"]
    if version is not None and version.count(".") == 2:
        version = version.rpartition(".")[0]
    if version is not None and version not in VERSIONS[family]:
        return None
    return gnu(family, version, bool(match["later"] or match["least"]))


VERSIONS = {
    "GPL": ("1", "1.0", "2", "2.0", "3", "3.0"),
    "LGPL": ("2", "2.0", "2.1", "3", "3.0"),
    "AGPL": ("1", "1.0", "3", "3.0"),
    "GFDL": ("1.1", "1.2", "1.3"),
}
"""Versions that there are of the GNU licences."""


def combine(expressions: Iterable[str], operator: Operator) -> str:
    """One expression of several, each once and sorted, with parentheses where the operators differ."""
    parts: set[str] = set()
    other = " OR " if operator == "AND" else " AND "
    for expression in expressions:
        if "(" in expression or other in expression:
            parts.add(f"({expression})")
        else:
            parts.update(expression.split(f" {operator} "))
    ordered = sorted(parts)
    return ordered[0].strip("()") if len(ordered) == 1 else f" {operator} ".join(ordered)


def is_permissive(expression: str | None) -> bool:
    """Whether one may take the permissive side of an expression: any of `OR`, all of `AND`; an exception only adds."""
    if not expression:
        return False
    tokens = [token.upper() if token.upper() in _OPERATORS else token for token in _TOKEN.findall(expression)]
    verdict, _ = _any_of(tokens, 0)
    return verdict


def _any_of(tokens: list[str], position: int) -> tuple[bool, int]:
    verdict, position = _all_of(tokens, position)
    while position < len(tokens) and tokens[position] == "OR":
        other, position = _all_of(tokens, position + 1)
        verdict = verdict or other
    return verdict, position


def _all_of(tokens: list[str], position: int) -> tuple[bool, int]:
    verdict, position = _term(tokens, position)
    while position < len(tokens) and tokens[position] == "AND":
        other, position = _term(tokens, position + 1)
        verdict = verdict and other
    return verdict, position


def _term(tokens: list[str], position: int) -> tuple[bool, int]:
    if position >= len(tokens):
        return False, position
    if tokens[position] == "(":
        verdict, position = _any_of(tokens, position + 1)
        return verdict, position + 1
    verdict = tokens[position] in _lists()[1]
    position += 1
    if position < len(tokens) and tokens[position] == "WITH":
        position += 2
    return verdict, position
