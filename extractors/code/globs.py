"""Patterns of paths as `.gitattributes`, `REUSE.toml` and `debian/copyright` write them, as regular expressions.

References: gitattributes(5), the REUSE specification 3.3, DEP-5. Cost: a match is cubic in the path at the worst,
since wildcards that cannot profit from a second try do not get one. Blind spot: patterns with more wildcards than
`MAX_RETRIED` that can match nothing, as do all on very long paths.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple

Dialect = Literal["git", "reuse", "dep5"]

MAX_PATTERN_CHARS = 1000
"""Longer patterns match nothing, exclusive."""
MAX_RETRIED = 2
"""Wildcards of one pattern before its last that may be tried at several lengths, inclusive."""
MAX_PATH_CHARS = 400
"""Longer paths match nothing, exclusive."""
_NEVER = re.compile(r"(?!)")
_SHORT = rf"(?=.{{0,{MAX_PATH_CHARS}}}\Z)"
_TOKENS: dict[Dialect, re.Pattern[str]] = {
    "git": re.compile(r"\\(?P<escaped>.)|(?P<folders>(?:(?<=/)|\A)\*\*/)|(?P<any>(?:(?<=/)|\A)\*\*\Z)|(?P<part>\*+)"
                      r"|(?P<one>\?)|(?P<set>\[[!^]?\]?[^\]/]*\])", re.DOTALL),
    "reuse": re.compile(r"\\(?P<escaped>[*\\])|(?P<any>\*\*+)|(?P<part>\*)", re.DOTALL),
    "dep5": re.compile(r"\\(?P<escaped>[*?\\])|(?P<any>\*+)|(?P<letter>\?)", re.DOTALL),
}  # fmt: skip
"""Wildcards: any characters, those of a part of a path (no slash), folders that may be missing, one character."""
_WILD = {"any": ".*", "part": "[^/]*", "folders": "(?:.*/)?"}


class _Piece(NamedTuple):
    kind: str
    """A key of `_WILD`, or "" for what has one length."""
    expression: str


@lru_cache(maxsize=4096)
def path_pattern(pattern: str, dialect: Dialect) -> re.Pattern[str]:
    """What the whole of a path must match; for `git` a path relative to the folder of the pattern's file."""
    if len(pattern) > MAX_PATTERN_CHARS:
        return _NEVER
    prefix: list[_Piece] = []
    if dialect == "git":
        if "/" not in pattern:  # a name in any folder
            prefix = [_Piece("folders", _WILD["folders"])]
        pattern = pattern.removeprefix("/")
    try:
        return re.compile(_SHORT + _joined([*prefix, *_pieces(pattern, dialect)]), re.DOTALL)
    except re.error:  # a set that runs backwards
        return _NEVER


def _pieces(pattern: str, dialect: Dialect) -> Iterator[_Piece]:
    position = 0
    for match in _TOKENS[dialect].finditer(pattern):
        if match.start() > position:
            yield _Piece("", re.escape(pattern[position : match.start()]))
        kind = match.lastgroup or ""
        yield _Piece(kind, _WILD[kind]) if kind in _WILD else _Piece("", _one(kind, match[kind]))
        position = match.end()
    if position < len(pattern):
        yield _Piece("", re.escape(pattern[position:]))


def _one(kind: str, found: str) -> str:
    if kind == "escaped":
        return re.escape(found)
    if kind != "set":
        return "[^/]" if kind == "one" else "."
    body = found[1:-1]
    is_negated = body[:1] in ("!", "^")
    body = body.removeprefix(body[0]) if is_negated else body
    escaped = re.sub(r"[\\\[\]&~|^]", r"\\\g<0>", body)
    return f"(?!/)[{'^' if is_negated else ''}{escaped}]"


def _joined(pieces: list[_Piece]) -> str:
    """One expression; a wildcard that the next one makes up for takes the first place where its literals fit."""
    wild = [number for number, piece in enumerate(pieces) if piece.kind]
    following = {number: pieces[later].kind for number, later in pairwise(wild)}
    retried = [number for number in wild[:-1] if not _makes_up(following[number], pieces[number].kind)]
    if len(retried) > MAX_RETRIED:
        return _NEVER.pattern
    parts: list[str] = []
    is_open = False
    for number, piece in enumerate(pieces):
        if piece.kind and is_open:
            parts.append(")")
            is_open = False
        if number in following and number not in retried:
            parts.append(f"(?>{piece.expression}?")
            is_open = True
        else:
            parts.append(piece.expression)
    return "".join(parts)


def _makes_up(following: str, kind: str) -> bool:
    """Whether what a wildcard leaves may be taken by the next one."""
    return kind != "folders" and (following == "any" or following == kind)
