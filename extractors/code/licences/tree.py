"""The licence of every file of a source tree: its header, else the nearest licence file above it, else metadata.

Method: The Stack v2's propagation down the tree, with headers above it, and with what package metadata says where no
text says anything; where they differ, the text holds and the difference is reported. Tables of paths (`reuse.py`) stand
between the two. Cost: one detection for each licence file, one header for each source file. Blind spot: a README that
names licences of folders in words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from extractors.code.kinds import is_foreign_path
from extractors.code.language import language_of
from extractors.code.licences.dep5 import parse_copyright
from extractors.code.licences.detect import detect, detect_header
from extractors.code.licences.match import LicenceMatch
from extractors.code.licences.metadata import from_metadata, is_metadata_file
from extractors.code.licences.names import is_in_store, is_licence_file, is_readme
from extractors.code.licences.readme import licence_of_readme
from extractors.code.licences.reuse import Declarations, Declared, is_sidecar, is_table
from extractors.code.licences.spdx import combine, expression_of, licence_ids

Origin = Literal["header", "declared", "licence_file", "metadata", "readme", "none"]
"""`declared`: in a table of paths (REUSE, DEP-5)."""

MIN_HEADER_SHARE = 0.5
"""Share of a tree's programs whose headers state one licence from which on it is the tree's (inclusive)."""

_DOC_FOLDER = re.compile(r"(?:docs?|documentation|legal|licen[sc]es?|info|copyright)", re.IGNORECASE)
_LAST_CONFIDENCE = 0.5
"""Of a licence that a tree gives elsewhere than above the file."""
_DOCUMENT_NAME = re.compile(r"[^/]+\.(?:html?|txt|md|rst|pod)", re.IGNORECASE)
_IGNORED_FOLDERS = re.compile(r"(?:^|/)(?:\.git|\.hg|\.svn|node_modules)/")


@dataclass(frozen=True, slots=True)
class FileLicence:
    """The licence of one file, and where it is stated."""

    expression: str | None
    confidence: float
    origin: Origin
    source_path: str | None
    """The file that states it: the file itself for a header; None without any."""
    also: tuple[str, ...] = ()
    """Further licences of the same source that are for parts of the tree which it names in words."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Package metadata and a licence text of the same folder that have no licence in common."""

    metadata_path: str
    stated: str
    licence_path: str
    detected: str


@dataclass(frozen=True, slots=True)
class _Folder:
    """What one folder states for all below it."""

    texts: tuple[tuple[str, LicenceMatch], ...] = ()
    metadata: tuple[tuple[str, LicenceMatch], ...] = ()
    readme: tuple[str, LicenceMatch] | None = None


class TreeLicences:
    """Answers for the files of one tree; immutable once `licences_of_tree` has built it."""

    def __init__(
        self, folders: dict[str, _Folder], headers: Counter[str], num_programs: int, declarations: Declarations
    ) -> None:
        self._folders = folders
        self._declarations = declarations
        self._headers = headers
        self._num_programs = num_programs
        self._claims = {folder: claim for folder, found in folders.items() if (claim := self._claim(found)) is not None}
        self._of_the_rest = self._last_resort()

    def of(self, path: str, text: str | None = None) -> FileLicence:
        """The licence of the file `path`; its header counts where the text is given, and holds against all else."""
        declared = self._declarations.of(path)
        if declared is not None and declared.precedence == "override":
            return _of_declared(declared)
        if text is not None and not is_licence_file(path) and not is_metadata_file(path):
            header = detect_header(text) if not is_readme(path) else None
            if header is not None and header.is_open_choice and (claim := self._claim_on(path)) is not None:
                return claim  # it names both sides
            if header is not None:
                is_both = declared is not None and declared.precedence == "aggregate"
                also = [declared.expression] if is_both and declared is not None else []
                expression = combine([header.expression, *also], "AND")
                return FileLicence(expression, header.confidence, "header", path)
        if declared is not None:
            return _of_declared(declared)
        return self._claim_on(path) or self._of_the_rest or FileLicence(None, 0.0, "none", None)

    def _last_resort(self) -> FileLicence | None:
        """Where no folder says anything: that of more than half of the programs, else the only one, in `doc/`."""
        if "" in self._claims or self._declarations.main is not None:
            return None
        common = self._of_most_headers()
        if common is not None and 2 * self._headers.most_common(1)[0][1] > self._num_programs:
            return replace(common, confidence=_LAST_CONFIDENCE)
        folders = list(self._claims)
        if len(folders) == 1 and _DOC_FOLDER.fullmatch(folders[0]):
            return replace(self._claims[folders[0]], confidence=_LAST_CONFIDENCE)
        return None

    def _claim_on(self, path: str) -> FileLicence | None:
        """What the nearest folder says that says something."""
        while path:
            path = path.rpartition("/")[0]
            claim = self._claims.get(path)
            if claim is not None:
                return claim
        return None

    @property
    def main(self) -> FileLicence:
        """The licence of the tree: what most of its programs state, else what its top folder does."""
        common = self._of_most_headers()
        if common is not None:
            return common
        declared = self._declarations.main
        if declared is not None:
            return _of_declared(declared)
        top = self._claims.get("")
        if top is not None:
            return top
        if len(self._claims) == 1:
            return next(iter(self._claims.values()))
        if self._headers and not self._claims:
            return FileLicence(self._headers.most_common(1)[0][0], _LAST_CONFIDENCE, "header", None)
        return FileLicence(None, 0.0, "none", None)

    def _of_most_headers(self) -> FileLicence | None:
        (common, number), *_ = self._headers.most_common(1) or [("", 0)]
        is_most = number and number >= MIN_HEADER_SHARE * self._num_programs
        return FileLicence(common, 1.0, "header", None) if is_most else None

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Where metadata and the licence text beside it have no licence in common."""
        return tuple(
            Conflict(metadata_path, stated.expression, licence_path, detected.expression)
            for folder in self._folders.values()
            for metadata_path, stated in folder.metadata
            for licence_path, detected in folder.texts[:1]
            if not _families(stated.expression)
            & _families(combine([match.expression for _, match in folder.texts], "AND"))
        )

    @property
    def licence_files(self) -> tuple[tuple[str, LicenceMatch], ...]:
        """The licence files of the tree that were recognised, in the order of their folders."""
        return tuple(found for folder in self._folders.values() for found in folder.texts)

    def _claim(self, folder: _Folder) -> FileLicence | None:
        stated = combine([match.expression for _, match in folder.metadata], "AND") if folder.metadata else None
        speaks = any(not _is_of_parts(path) for path, _ in folder.texts)
        if folder.texts and (speaks or not folder.metadata):
            return self._of_texts(folder, stated)
        if folder.readme is not None and not folder.metadata:
            path, match = folder.readme
            return FileLicence(match.expression, match.confidence, "readme", path)
        if folder.metadata:
            path, match = folder.metadata[0]
            return FileLicence(match.expression, match.confidence, "metadata", path)
        return None

    def _of_texts(self, folder: _Folder, stated: str | None) -> FileLicence:
        texts = _leading(folder.texts)
        path = texts[0][0]
        confidence = min(match.confidence for _, match in texts)
        expressions = self._of_gnu_pair(list(dict.fromkeys(match.principal for _, match in texts)))
        readme = folder.readme[1].expression if folder.readme else None
        if (
            folder.readme
            and folder.readme[1].is_open_choice
            and readme
            and _families(readme) < _all_families(expressions)
        ):
            others = [entry for entry in expressions if not _families(entry) & _families(readme)]
            expression = combine([readme, *others], "OR")
        else:
            expression = _together(expressions, stated, readme)
        if all(_leaves_later_open(match) for _, match in texts) and len(expressions) == 1:
            expression = self._with_later(expression, stated, readme)
        everything = [spdx_id for _, match in folder.texts for spdx_id in licence_ids(match.expression)]
        also = [spdx_id for spdx_id in dict.fromkeys(everything) if _family(spdx_id) not in _families(expression)]
        return FileLicence(expression, confidence, "licence_file", path, tuple(also))

    def _of_gnu_pair(self, expressions: list[str]) -> list[str]:
        """Of a GPL and the LGPL beside it the one that more headers name; both where none names either."""
        pair = next((pair for pair in _GNU_PAIRS if set(pair) == set(map(_family, expressions))), None)
        if pair is None:
            return expressions
        named: Counter[str] = Counter()
        for header, number in self._headers.items():
            named.update({_family(spdx_id): number for spdx_id in licence_ids(header)})
        lesser, general = (named[family] for family in pair)
        if lesser == general:
            return expressions
        family = pair[lesser < general]
        return [expression for expression in expressions if _family(expression) == family]

    def _with_later(self, expression: str, *hints: str | None) -> str:
        """A GNU text says nothing of later versions: what most headers say, else what the metadata or README does."""
        only, with_exception, exception = expression.partition(" WITH ")
        later = only.removesuffix("-only") + "-or-later"
        number_later = sum(number for found, number in self._headers.items() if later in found)
        number_only = sum(number for found, number in self._headers.items() if only in found)
        is_hinted = any(hint and later in licence_ids(hint) for hint in hints)
        is_later = number_later >= number_only if number_later or number_only else is_hinted
        return f"{later}{with_exception}{exception}" if is_later else expression


def _leaves_later_open(match: LicenceMatch) -> bool:
    """A GNU text does, and that of an exception, which names the version it was written for."""
    return match.version_open or (match.is_reference and "-only WITH " in match.expression)


def _of_declared(declared: Declared) -> FileLicence:
    return FileLicence(declared.expression, 1.0, "declared", declared.source_path)


def _leading(texts: tuple[tuple[str, LicenceMatch], ...]) -> tuple[tuple[str, LicenceMatch], ...]:
    """Of several licence files those that speak for the folder: LICENSE before LICENSE-docs and COPYING.third-party."""
    plain = [entry for entry in texts if _PLAIN_NAME.fullmatch(entry[0].rpartition("/")[2])]
    whole = [entry for entry in texts if not _is_of_parts(entry[0])]
    full = [entry for entry in whole if not entry[1].is_reference]
    if len(plain) == 1 and not plain[0][1].is_reference and len(whole) - len(plain) < 2:
        others = {_family(match.principal) for _, match in whole}
        if not others & {"LGPL-2.0", "LGPL-2.1", "LGPL-3.0", "Artistic-1.0-Perl", "Artistic-2.0"}:
            return tuple(plain)
    return tuple(full or whole or texts)


def _is_of_parts(path: str) -> bool:
    return _PART_NAME.search(path.rpartition("/")[2]) is not None


_GNU_PAIRS = (("LGPL-3.0", "GPL-3.0"), ("LGPL-2.1", "GPL-2.0"), ("LGPL-2.0", "GPL-2.0"))
_PLAIN_NAME = re.compile(r"(?:licen[sc]e|copying|copyright)(?:\.(?:txt|md|rst|html?))?", re.IGNORECASE)
_PART_NAME = re.compile(
    r"docs?\b|third|3rd|font|data|image|artwork|vendor|logo|icon|notice|note\b|exception|dependen|bundle", re.IGNORECASE
)


def _together(expressions: list[str], *hints: str | None) -> str:
    """Several licence files of one folder as one expression: by what metadata or README say of the same licences."""
    families = _all_families(expressions)
    for hint in hints:
        if hint and " OR " in hint and families <= _families(hint):
            return hint
    if len(expressions) == 1:
        return expressions[0]
    plain = {_family(expression) for expression in expressions}
    for lesser, general in _GNU_PAIRS:
        if plain == {lesser, general}:
            return next(expression for expression in expressions if _family(expression) == lesser)
    is_choice = plain == {"MIT", "Apache-2.0"} or (plain & {"Artistic-1.0-Perl", "Artistic-2.0"} and len(plain) == 2)
    return combine(expressions, "OR" if is_choice else "AND")


def _family(spdx_id: str) -> str:
    return spdx_id.removesuffix("-only").removesuffix("-or-later")


def _families(expression: str) -> set[str]:
    return {_family(spdx_id) for spdx_id in licence_ids(expression)}


def _all_families(expressions: Iterable[str]) -> set[str]:
    return set().union(*map(_families, expressions))


def licences_of_tree(files: Iterable[tuple[str, str]]) -> TreeLicences:
    """Read `(path, text)` of a tree once, in any order; paths are relative to its top, with `/`.

    Give all text files, so that headers count for `main` and for "or later"; those that `states_licence` are enough
    for the rest. Nothing of the texts is kept.
    """
    found = _Found()
    for path, text in files:
        if not _IGNORED_FOLDERS.search(path):
            found.look(path, text)
    return TreeLicences(found.folders(), found.headers, found.num_programs, Declarations(found.tables))


_Stated = tuple[str, LicenceMatch]
"""A path and what the file says."""


@dataclass(slots=True)
class _Found:
    """What the files of a tree say, by folder."""

    texts: dict[str, list[_Stated]] = field(default_factory=dict)
    stored: dict[str, list[_Stated]] = field(default_factory=dict)
    """Texts of a folder's `LICENSES/`, which say what is used and not where."""
    metadata: dict[str, list[_Stated]] = field(default_factory=dict)
    readmes: dict[str, _Stated] = field(default_factory=dict)
    documents: dict[str, _Stated] = field(default_factory=dict)
    tables: list[tuple[str, str]] = field(default_factory=list)
    headers: Counter[str] = field(default_factory=Counter)
    num_programs: int = 0

    def look(self, path: str, text: str) -> None:
        folder, _, name = path.rpartition("/")
        if is_table(path) or is_sidecar(path, text):
            self.tables.append((path, text))
        elif is_in_store(path) and is_licence_file(path):
            _add(self.stored, folder.rpartition("/")[0], path, _named_by_file(name, detect(text)))
        elif is_licence_file(path):
            if parse_copyright(text) is not None:
                self.tables.append((path, text))
            else:
                _add(self.texts, folder, path, detect(text))
        elif is_metadata_file(path):
            _add(self.metadata, folder, path, from_metadata(path, text))
        elif is_readme(path):
            _keep_first(self.readmes, path, licence_of_readme(text))
        elif _DOCUMENT_NAME.fullmatch(path):
            _keep_first(self.documents, path, licence_of_readme(text))
        elif _is_program(path, text):
            self.num_programs += 1
            header = detect_header(text)
            if header is not None and not header.is_open_choice:
                self.headers[header.expression] += 1

    def folders(self) -> dict[str, _Folder]:
        readmes = self.documents | self.readmes  # documents of the top folder only, where nothing better is there
        names = sorted({*self.texts, *self.stored, *self.metadata, *readmes})
        return {
            name: _Folder(self._texts_of(name), _ordered(self.metadata.get(name, [])), readmes.get(name))
            for name in names
        }

    def _texts_of(self, folder: str) -> tuple[_Stated, ...]:
        """The licence files; those of `LICENSES/` where no other speaks, of several also no metadata."""
        stored = self.stored.get(folder, [])
        if folder in self.texts or (len(stored) > 1 and folder in self.metadata):
            return _ordered(self.texts.get(folder, []))
        return _ordered(stored)


def _ordered(found: list[_Stated]) -> tuple[_Stated, ...]:
    return tuple(sorted(found, key=lambda entry: entry[0]))


def _named_by_file(name: str, match: LicenceMatch | None) -> LicenceMatch | None:
    """In REUSE's folder the name of a file is the id of its text, and says whether later versions hold."""
    stated = expression_of(name.rpartition(".")[0])
    if match is None or stated is None or _family(stated) != _family(match.expression):
        return match
    return replace(match, expression=stated, version_open=match.version_open and not stated.endswith("-or-later"))


def _add(found: dict[str, list[_Stated]], folder: str, path: str, match: LicenceMatch | None) -> None:
    if match is not None:
        found.setdefault(folder, []).append((path, match))


def _keep_first(found: dict[str, _Stated], path: str, match: LicenceMatch | None) -> None:
    """One for each folder, whatever the order of the files: that of the first path."""
    folder = path.rpartition("/")[0]
    if match is not None and (folder not in found or path < found[folder][0]):
        found[folder] = path, match


def _is_program(path: str, text: str) -> bool:
    if is_foreign_path(path):
        return False
    language = language_of(path, text)
    return language is not None and language.kind == "programming"
