"""Licences that a table declares for paths of a tree: REUSE (`REUSE.toml`, `.reuse/dep5`, `FILE.license`) and DEP-5.

Reference: the REUSE specification 3.3. What a file says of itself holds over a table with precedence `closest`, under
one with `override`, and beside one with `aggregate` (that of `.reuse/dep5`). Cost: a regular expression for each
pattern and file. Blind spot: snippets (`SPDX-SnippetBegin`) inside a file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from extractors.code.globs import path_pattern
from extractors.code.licences.dep5 import parse_copyright
from extractors.code.licences.notices import tagged
from extractors.code.licences.spdx import combine, expression_of

Precedence = Literal["closest", "aggregate", "override"]

TOML_NAME = "REUSE.toml"
DEP5_PATH = ".reuse/dep5"
SIDECAR_SUFFIX = ".license"
MAX_CHARS = 1_000_000
"""Characters of a table that are read, inclusive."""
MAX_ANNOTATIONS = 2_000
"""Annotations of a tree that count, inclusive; each is tried on each file."""
_PACKAGING = "debian/"


@dataclass(frozen=True, slots=True)
class Declared:
    """The licence that a table declares for a file."""

    expression: str
    precedence: Precedence
    source_path: str


@dataclass(frozen=True, slots=True)
class _Annotation:
    folder: str
    """That the pattern's paths begin in, with `/`; "" at the top."""
    scope: str
    """The folder, in or below that one, whose files it is for."""
    pattern: re.Pattern[str]
    declared: Declared
    is_whole: bool
    """For everything in the folder."""

    def holds(self, path: str) -> bool:
        return path.startswith(self.scope) and self.pattern.fullmatch(path[len(self.folder) :]) is not None


class Declarations:
    """Answers for the files of one tree."""

    def __init__(self, tables: Iterable[tuple[str, str]]) -> None:
        """From paths and texts of the files that `is_table` or `is_sidecar` names, and of licence files in DEP-5."""
        self._sidecars: dict[str, Declared] = {}
        annotations: list[_Annotation] = []
        for path, text in sorted(tables, key=lambda entry: (entry[0].count("/"), entry[0])):
            if is_sidecar(path, text):
                stated = tagged(text)
                assert stated is not None
                self._sidecars[path.removesuffix(SIDECAR_SUFFIX)] = Declared(stated, "override", path)
            else:
                annotations += _of_toml(path, text) if path.endswith(TOML_NAME) else _of_dep5(path, text)
        self._annotations = annotations[:MAX_ANNOTATIONS]

    def of(self, path: str) -> Declared | None:
        """What holds for a file: of the tables the topmost that overrides, else the nearest; in it the last entry."""
        found = self._sidecars.get(path)
        if found is not None:
            return found
        nearest: _Annotation | None = None
        overriding: _Annotation | None = None
        for annotation in self._annotations:
            if not annotation.holds(path):
                continue
            nearest = annotation
            is_override = annotation.declared.precedence == "override"
            if is_override and (overriding is None or annotation.folder == overriding.folder):
                overriding = annotation
            elif overriding is not None and annotation.folder == overriding.folder:
                overriding = None  # a later entry of the same table holds
        chosen = overriding or nearest
        return chosen.declared if chosen else None

    @property
    def main(self) -> Declared | None:
        """What the table of the top folder declares for everything."""
        whole = [entry.declared for entry in self._annotations if entry.is_whole and not entry.folder]
        return whole[-1] if whole else None


def is_table(path: str) -> bool:
    """Whether a file by its path declares licences of others."""
    return path.rpartition("/")[2] == TOML_NAME or path == DEP5_PATH or path.endswith("/" + DEP5_PATH)


def is_sidecar(path: str, text: str) -> bool:
    """Whether a file holds the licence of the one file beside it that it is named after."""
    return path.endswith(SIDECAR_SUFFIX) and tagged(text) is not None


def _of_toml(path: str, text: str) -> list[_Annotation]:
    try:
        stated: Any = tomllib.loads(text[:MAX_CHARS])
    except (tomllib.TOMLDecodeError, RecursionError):
        return []
    entries = stated.get("annotations")
    folder = path.removesuffix(TOML_NAME)
    found: list[_Annotation] = []
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict):
            continue
        expression = _all_of(_strings(entry.get("SPDX-License-Identifier")))
        precedence = entry.get("precedence", "closest")
        if expression is None or precedence not in get_args(Precedence):
            continue
        declared = Declared(expression, cast(Precedence, precedence), path)
        found += [
            _Annotation(folder, folder, path_pattern(pattern, "reuse"), declared, pattern == "**")
            for pattern in _strings(entry.get("path"))
        ]
    return found


def _strings(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [entry for entry in values if isinstance(entry, str)]


def _all_of(names: list[str]) -> str | None:
    """All of several expressions; None where there are none or one is not known."""
    found = [expression_of(name) for name in names]
    return combine([name for name in found if name], "AND") if found and None not in found else None


def _of_dep5(path: str, text: str) -> list[_Annotation]:
    record = parse_copyright(text)
    if record is None:
        return []
    is_reuse = is_table(path)
    scope = path.removesuffix(DEP5_PATH) if is_reuse else path[: path.rfind("/") + 1]
    folder = scope.removesuffix(_PACKAGING)  # its paths begin at the top, its word is for what packages the tree
    precedence: Precedence = "aggregate" if is_reuse else "closest"
    return [
        _Annotation(folder, scope, path_pattern(pattern, "dep5"), Declared(expression, precedence, path), is_whole)
        for paragraph in record.paragraphs
        if (expression := record.expression(paragraph.licence)) is not None
        for pattern in paragraph.patterns
        for is_whole in (pattern == "*" and scope == folder,)
    ]
