"""The licence of each file of a repository: its own header, else what the tree's licence files say of its folder.

Method: `extractors.code.licences` (SPDX texts, headers, package metadata). What GitHub's API or a dump's column states
counts only where nothing is found, and is a conflict where something else is. Cost: 0.3 ms a file, for the header.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from extractors.code.licences.names import is_licence_file
from extractors.code.licences.spdx import combine, expression_of, is_permissive, licence_ids
from extractors.code.licences.tree import licences_of_tree

MAX_LICENCE_BYTES: Final = 512 * 1024
"""Files larger than this state no licence of a folder, exclusive."""
GNU: Final = "GNU "
"""In the text of a GNU licence, which does not say whether later versions hold: headers of the programs do."""


@dataclass(frozen=True, slots=True)
class FileLicence:
    """The licence of one file and how it was found."""

    spdx: str | None
    """SPDX expression; None: none found."""
    how: str | None = None
    """header, declared (a table of paths), licence_file, metadata, readme or stated."""
    where: str | None = None
    """Path of what says so."""
    confidence: float | None = None
    conflict: str | None = None
    """What else is said of it, and where."""

    def notes(self) -> dict[str, str | int | float | bool]:
        found = {
            "license_found_in": self.how,
            "license_path": self.where,
            "license_confidence": None if self.confidence is None else round(self.confidence, 3),
            "license_conflict": self.conflict,
            "license_permissive": is_permissive(self.spdx) if self.spdx else None,
        }
        return {name: value for name, value in found.items() if value is not None}


class RepositoryLicences:
    """Answers for the files of one repository."""

    def __init__(
        self, texts: Iterable[tuple[str, str]], programs: Iterable[tuple[str, str]], stated: str | None
    ) -> None:
        """From the files that state licences of folders, some programs (beginnings will do) and what others state."""
        texts = list(texts)
        says_gnu = any(is_licence_file(path) and GNU in text for path, text in texts)
        at_top = any(is_licence_file(path) and "/" not in path for path, _ in texts)
        self._tree = licences_of_tree([*texts, *(programs if says_gnu or not at_top else ())])
        self._stated = expression_of(stated) if stated else None
        self._conflicts = {
            conflict.licence_path: f"{conflict.stated} in {conflict.metadata_path}" for conflict in self._tree.conflicts
        }

    def of(self, path: str, text: str) -> FileLicence:
        found = self._tree.of(path, text)
        if found.expression is None:
            return FileLicence(self._stated, "stated" if self._stated else None)
        others = []
        if found.origin == "header":
            folder = self._tree.of(path)
            if folder.expression is not None and not _agree(found.expression, folder.expression):
                others.append(f"{folder.expression} in {folder.source_path}")
        elif found.source_path in self._conflicts:
            others.append(self._conflicts[found.source_path])
        if self._stated is not None and not _agree(found.expression, self._stated):
            others.append(f"{self._stated} as stated")
        return FileLicence(
            found.expression, found.origin, found.source_path, found.confidence, "; ".join(others) or None
        )


def _agree(one: str, other: str) -> bool:
    """Whether two expressions have a licence in common, whatever they say of later versions."""
    return bool(_families(one) & _families(other))


def _families(expression: str) -> set[str]:
    return {spdx_id.removesuffix("-only").removesuffix("-or-later") for spdx_id in licence_ids(expression)}


def together(licences: Iterable[FileLicence]) -> FileLicence:
    """The licence of a text made of several files: all of theirs; none where one has none and the others permit."""
    found = list(licences)
    expressions = sorted({licence.spdx for licence in found if licence.spdx})
    conflicts = sorted({licence.conflict for licence in found if licence.conflict})
    spdx = combine(expressions, "AND") if expressions else None
    num_without = sum(licence.spdx is None for licence in found)
    if num_without and is_permissive(spdx):
        conflicts.append(f"{spdx} of all but {num_without} of {len(found)} files")
        spdx = None
    return FileLicence(spdx, conflict="; ".join(conflicts) or None)


def stated_licence(value: object) -> str | None:
    """The expression that a dump's column states: a name, or a list of them, all of which hold."""
    names = value if isinstance(value, list | tuple) else [value]
    found = [expression for name in names if isinstance(name, str) and (expression := expression_of(name))]
    return combine(found, "AND") if found else None
