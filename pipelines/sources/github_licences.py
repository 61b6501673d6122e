"""The licence of each file of a repository: its own header, else what the tree's licence files say of its folder.

Method: `extractors.code.licences` (SPDX texts, headers, package metadata). What GitHub's API or a dump's column states
counts only where nothing is found, and is a conflict where something else is. Cost: 0.1 ms a file.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from extractors.code.licences.spdx import combine, expression_of, is_permissive

MAX_LICENCE_BYTES: Final = 512 * 1024
"""Files larger than this are no licence texts."""


@dataclass(frozen=True, slots=True)
class FileLicence:
    """The licence of one file and how it was found."""

    spdx: str | None
    """SPDX expression; None: none found."""
    how: str | None = None
    """header, file, metadata, stated."""
    where: str | None = None
    """Path of what says so."""
    confidence: float | None = None
    conflict: str | None = None
    """What else is said of it."""

    def notes(self) -> dict[str, str | int | float | bool]:
        found = {
            "license_found_in": self.how,
            "license_path": self.where,
            "license_confidence": self.confidence,
            "license_conflict": self.conflict,
            "license_permissive": is_permissive(self.spdx) if self.spdx else None,
        }
        return {name: value for name, value in found.items() if value is not None}


class TreeLicences:
    def __init__(self, texts: Mapping[str, str], stated: str | None) -> None:
        self._stated = expression_of(stated) if stated else None

    def of(self, path: str, text: str) -> FileLicence:
        return FileLicence(self._stated, "stated") if self._stated else FileLicence(None)


def decides_licence(path: str) -> bool:
    return posixpath.basename(path).upper().startswith(("LICEN", "COPYING"))


def together(licences: Iterable[FileLicence]) -> FileLicence:
    """The licence of a text made of several files: all of theirs."""
    found = list(licences)
    expressions = sorted({licence.spdx for licence in found if licence.spdx})
    conflicts = sorted({licence.conflict for licence in found if licence.conflict})
    return FileLicence(combine(expressions, "AND") if expressions else None, conflict="; ".join(conflicts) or None)


def stated_licence(value: object) -> str | None:
    """The expression that a dump's column states: a name, or a list of them, all of which hold."""
    names = value if isinstance(value, list | tuple) else [value]
    found = [expression for name in names if isinstance(name, str) and (expression := expression_of(name))]
    return combine(found, "AND") if found else None
