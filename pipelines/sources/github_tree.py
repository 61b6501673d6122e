"""Archives of repositories to rows of `documents`: every entry is a document, a counted skip or a failure.

An archive is read twice: first for the licences, package metadata, `.gitattributes` and submodules, which decide on
files that stand before them, then for the files. Small archives are fetched once and held. Cost: decompressing twice,
some 5 % of the whole. Blind spot: what lies behind damage is not known to the first reading either.
"""

from __future__ import annotations

import io
import posixpath
import re
from collections.abc import Iterator
from contextlib import closing, nullcontext, suppress
from dataclasses import dataclass, field, replace
from typing import BinaryIO, Final

import xxhash

from extractors.code.attributes import FILE_NAME as ATTRIBUTES
from extractors.code.attributes import Attributes
from extractors.code.kinds import is_binary
from extractors.code.licences.names import states_licence
from extractors.guard import Limits
from pipelines.errors import AccessDenied, InputNotFound, TransportError
from pipelines.sources.accounts import Accounts
from pipelines.sources.archives import ArchiveTooLarge, DamagedArchive, TarDamage
from pipelines.sources.github_entries import Archive, Entry, NoArchive, open_archive
from pipelines.sources.github_files import FileFailure, SkipFile, SourceFile, ending, guarded, read_file
from pipelines.sources.github_licences import MAX_LICENCE_BYTES, FileLicence, RepositoryLicences
from pipelines.sources.github_names import Origin, origin_of, read_sidecar
from pipelines.sources.github_repository import Joiner
from pipelines.sources.github_rows import fill_row
from pipelines.sources.records import (
    ARCHIVE_TOO_LARGE,
    DAMAGED_MEMBER,
    EMPTY_CONTAINER,
    MALFORMED_RECORD,
    NOT_AN_ARCHIVE,
    SKIP_FILE_SIZE,
    SKIP_LITTER,
    SKIP_NOT_A_FILE,
    TRANSPORT_ERROR,
    TRUNCATED_RECORD,
    UNREADABLE_CONTAINER,
    UNSAFE_MEMBER,
    ReaderConfig,
    Row,
)
from pipelines.transport import ContainerRef, open_stream

HELD_BYTES: Final = 64 * 2**20
"""Archives of up to this size are held in memory, so that a remote one is fetched once."""
MAX_STATEMENTS_BYTES: Final = 32 * 2**20
"""Of licence texts, READMEs and package metadata so much is looked at, about."""
NUM_PROGRAMS: Final = 200
"""Files whose beginnings are looked at for licence headers, where a GNU licence leaves its version open."""
PROGRAM_CHARS: Final = 8192
LICENCES_TIME_S: Final = 60.0
"""Seconds that the licences of a tree may take; after them its documents have `license_error` in their metadata."""

_SUBMODULE: Final = re.compile(r"^[ \t]*path[ \t]*=[ \t]*(\S[^\n]*?)[ \t]*$", re.MULTILINE)


class Failure(Exception):
    """The container cannot be read, or no further; code and detail."""


@dataclass(slots=True)
class Survey:
    """What the first reading finds."""

    origin: Origin
    licences: RepositoryLicences
    root: str = ""
    """The folder that everything lies in, with `/`; "" where there is no such."""
    submodules: set[str] = field(default_factory=set)
    attributes: Attributes = field(default_factory=lambda: Attributes(()))


@dataclass(slots=True)
class _Statements:
    """What a tree's files state of the tree, by the names of the files as stored."""

    roots: set[str] = field(default_factory=set)
    texts: dict[str, str] = field(default_factory=dict)
    programs: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    modules: str = ""
    num_bytes: int = 0

    def look(self, entry: Entry) -> None:
        """Raises what reading raises, but for a member that is damaged alone."""
        root, slash, path = entry.name.partition("/")
        self.roots.add(f"{root}/" if slash or entry.kind == "folder" else "")
        if entry.kind != "file" or entry.size_bytes > MAX_LICENCE_BYTES:
            return
        name = posixpath.basename(path)
        wanted = self.attributes if name == ATTRIBUTES else self.texts if states_licence(entry.name) else None
        if name == ".gitmodules":
            self.modules = _head(entry)
        elif wanted is not None and self.num_bytes < MAX_STATEMENTS_BYTES:
            wanted[entry.name] = _head(entry)
            self.num_bytes += entry.size_bytes
        elif len(self.programs) < NUM_PROGRAMS and entry.size_bytes:
            self.programs[entry.name] = _head(entry)[:PROGRAM_CHARS]


def _head(entry: Entry) -> str:
    """The text of a small file; "" of a binary one."""
    data = entry.read(MAX_LICENCE_BYTES)
    return "" if is_binary(data) else data.decode("utf-8", "replace")


def read_archive(ref: ContainerRef, config: ReaderConfig) -> Iterator[Row]:
    """The rows of one archive: documents and failures in its order, then skips by cause, then the closing row.

    Never raises for what is wrong with the file or the network: that is a row.
    """
    accounts = Accounts("github", config.source.category, ref.name)
    reading = Reading(ref, config, accounts)
    num_broken = 0
    try:
        with closing(reading):
            yield from reading.rows()
    except Failure as failure:
        num_broken = 1
        yield accounts.failed("container", *failure.args)
    yield from reading.finish()
    yield from accounts.close(reading.num_seen + num_broken)


class Reading:
    """One archive being read; `num_seen` entries so far."""

    def __init__(self, ref: ContainerRef, config: ReaderConfig, accounts: Accounts) -> None:
        self.num_seen = 0
        self._ref = ref
        self._config = config
        self._options = config.source.github
        extraction = config.extraction
        self._limits = Limits(time_s=extraction.time_limit_s, input_bytes=self._options.max_file_bytes)
        self._accounts = accounts
        self._held: bytes | None = None
        self._stream: BinaryIO | None = None
        self._names: set[int] = set()
        self._joiner: Joiner | None = None
        self._is_zip = False
        self._ended = False

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()

    def rows(self) -> Iterator[Row]:
        """Documents and failures. Raises Failure where it cannot go on."""
        survey = self._survey()
        if self._options.documents == "repository":
            self._joiner = Joiner(self._accounts, self._options, survey.origin)
        archive = self._open()
        self._is_zip = archive.is_zip
        for entry in self._entries(archive):
            yield from self._rows_of(entry, survey)
            if self._ended:
                return
        if not self.num_seen:
            raise Failure(EMPTY_CONTAINER, "an archive without entries")

    def finish(self) -> Iterator[Row]:
        """The documents that only the end of the archive completes."""
        if self._joiner is not None:
            yield from self._joiner.finish()

    def _open(self) -> Archive:
        """The archive from its beginning. Raises Failure."""
        try:
            self.close()
            if self._held is None:
                stream = open_stream(self._ref.uri, self._config.transport)
                self._stream = stream
                if self._ref.size_bytes is None or self._ref.size_bytes <= HELD_BYTES:
                    data = stream.read(HELD_BYTES + 1)
                    self._held = data if len(data) <= HELD_BYTES else None
                    stream.seek(0)
            if self._held is not None:
                self.close()
                self._stream = io.BytesIO(self._held)
            assert self._stream is not None
            return open_archive(self._stream, self._options.max_archive_bytes)
        except NoArchive as error:
            raise Failure(NOT_AN_ARCHIVE, str(error)) from error
        except (DamagedArchive, ArchiveTooLarge, InputNotFound, TransportError, OSError) as error:
            raise _failure(error) from error

    def _entries(self, archive: Archive) -> Iterator[Entry | TarDamage]:
        """The entries up to the limit. Raises Failure."""
        try:
            for number, entry in enumerate(archive.entries):
                if number == self._options.max_files:
                    raise Failure(ARCHIVE_TOO_LARGE, f"more than {number} entries")
                yield entry
        except (DamagedArchive, ArchiveTooLarge, InputNotFound, TransportError, OSError) as error:
            raise _failure(error) from error

    def _survey(self) -> Survey:
        archive = self._open()
        found = _Statements()
        try:
            for entry in self._entries(archive):
                if isinstance(entry, Entry) and not entry.unsafe and not entry.litter:
                    with suppress(DamagedArchive) if archive.is_zip else nullcontext():
                        found.look(entry)
        except (Failure, DamagedArchive, ArchiveTooLarge, TransportError, OSError):
            pass  # the second reading meets it again, where it is accounted for
        root = found.roots.pop() if len(found.roots) == 1 else ""
        origin = origin_of(self._ref, self._config.source.id, root.rstrip("/") or None)
        origin.commit, origin.date = archive.commit or origin.commit, archive.date
        read_sidecar(self._ref, self._options, self._config.transport, origin)
        texts, programs, attributes = (
            [(name.removeprefix(root), text) for name, text in names.items()]
            for names in (found.texts, found.programs, found.attributes)
        )
        try:
            limits = replace(self._limits, time_s=LICENCES_TIME_S)
            licences = guarded(lambda: RepositoryLicences(texts, programs, origin.license), limits)
        except FileFailure as failure:
            licences = RepositoryLicences((), (), origin.license)
            origin.facts["license_error"] = failure.args[0]
        return Survey(origin, licences, root, set(_SUBMODULE.findall(found.modules)), Attributes(attributes))

    def _rows_of(self, entry: Entry | TarDamage, survey: Survey) -> Iterator[Row]:
        if isinstance(entry, TarDamage):
            is_empty = entry.cause == "no_end" and not self.num_seen
            if entry.cause != "after_end" and not is_empty:  # nothing is missed by what lies behind the end
                code = MALFORMED_RECORD if entry.cause == "header" else TRUNCATED_RECORD
                self.num_seen += 1
                yield self._accounts.failed(f"damage\0{entry.offset}", code, entry.detail)
            return
        self.num_seen += 1
        row = self._accounts.row(self._locator(entry.name))
        row.offset, row.length = entry.offset, entry.size_bytes
        path = entry.name.removeprefix(survey.root)
        try:
            data = self._data(entry, path, survey)
            file, licence = guarded(lambda: self._file(path, data, survey), self._limits)
        except SkipFile as skip:
            self._accounts.skip(*skip.args)
            return
        except FileFailure as failure:
            row.error, row.error_detail = failure.args
            row.url = survey.origin.url(path)
            yield row
            return
        except (DamagedArchive, ArchiveTooLarge, TransportError, OSError) as error:
            row.error, row.error_detail = _failure(error).args
            self._ended = not (self._is_zip and isinstance(error, DamagedArchive))
            yield row
            return
        if self._joiner is not None:
            yield from self._joiner.add(file, licence, row)
        else:
            fill_row(row, file, survey.origin, licence, self._options)
            yield row

    def _locator(self, name: str) -> str:
        """The entry's name; with its number where an entry before it has the same."""
        digest = xxhash.xxh3_64_intdigest(name.encode("utf-8", "surrogatepass"))
        if digest in self._names:
            return f"{name}\0{self.num_seen}"
        self._names.add(digest)
        return name

    def _file(self, path: str, data: bytes, survey: Survey) -> tuple[SourceFile, FileLicence]:
        file = read_file(path, data, self._options, self._limits, survey.origin.repository or "")
        file.note_said(survey.attributes.of(path))
        return file, survey.licences.of(path, file.text)

    def _data(self, entry: Entry, path: str, survey: Survey) -> bytes:
        """Raises SkipFile and FileFailure, and what reading raises."""
        if entry.kind != "file":
            kind = "submodule" if entry.kind == "folder" and path in survey.submodules else entry.kind
            raise SkipFile(SKIP_NOT_A_FILE, kind)
        if entry.litter:
            raise SkipFile(SKIP_LITTER, posixpath.basename(entry.name))
        if entry.unsafe:
            raise FileFailure(UNSAFE_MEMBER, f"the name {entry.name[:200]!r} leads out of the archive")
        if entry.size_bytes > self._options.max_file_bytes:
            raise SkipFile(SKIP_FILE_SIZE, ending(path))
        try:
            return entry.read(self._options.max_file_bytes)
        except ArchiveTooLarge as error:
            if not self._is_zip:  # whose directory can say less than there is; here it is the archive's limit
                raise
            raise SkipFile(SKIP_FILE_SIZE, ending(path)) from error


def _failure(error: Exception) -> Failure:
    codes: tuple[tuple[type[Exception], str], ...] = (
        (ArchiveTooLarge, ARCHIVE_TOO_LARGE),
        (DamagedArchive, DAMAGED_MEMBER),
        (AccessDenied, UNREADABLE_CONTAINER),
        (TransportError, TRANSPORT_ERROR),
    )
    code = next((code for kind, code in codes if isinstance(error, kind)), UNREADABLE_CONTAINER)
    return Failure(code, str(error))
