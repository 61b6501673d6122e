"""Archives of repositories to rows of `documents`: every entry is a document, a counted skip or a failure.

An archive is read twice: first for the licences, package metadata and submodules, which decide on files that stand
before them, then for the files. Small ones are fetched once and held. Cost: decompressing twice, some 5 % of the whole.
Blind spot: `.gitattributes` (`linguist-vendored`, …) is not consulted.
"""

from __future__ import annotations

import io
import posixpath
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import BinaryIO, Final

import xxhash

from extractors.guard import Limits
from pipelines.errors import AccessDenied, InputNotFound, TransportError
from pipelines.sources.accounts import Accounts
from pipelines.sources.archives import ArchiveTooLarge, DamagedArchive, TarDamage
from pipelines.sources.github_entries import Archive, Entry, NoArchive, open_archive
from pipelines.sources.github_files import FileFailure, SkipFile, SourceFile, ending, read_file
from pipelines.sources.github_licences import MAX_LICENCE_BYTES, TreeLicences, decides_licence
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
    ReaderConfig,
    Row,
)
from pipelines.transport import ContainerRef, open_stream

HELD_BYTES: Final = 64 * 2**20
"""Archives of up to this size are held in memory, so that a remote one is fetched once."""

_SUBMODULE: Final = re.compile(r"^[ \t]*path[ \t]*=[ \t]*(\S[^\n]*?)[ \t]*$", re.MULTILINE)


class Failure(Exception):
    """The container cannot be read, or no further; code and detail."""


@dataclass(slots=True)
class Survey:
    """What the first reading finds."""

    origin: Origin
    licences: TreeLicences
    root: str = ""
    """The folder that everything lies in, with `/`; "" where there is no such."""
    submodules: set[str] = field(default_factory=set)


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

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()

    def rows(self) -> Iterator[Row]:
        """Documents and failures. Raises Failure where it cannot go on."""
        survey = self._survey()
        if self._options.documents == "repository":
            self._joiner = Joiner(self._accounts, self._options, survey.origin, survey.licences)
        for entry in self._entries(self._open()):
            yield from self._rows_of(entry, survey)
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
                if self._ref.size_bytes is not None and self._ref.size_bytes <= HELD_BYTES:
                    self._held = stream.read(HELD_BYTES + 1)
            if self._held is not None:
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
        roots: set[str] = set()
        texts: dict[str, str] = {}
        modules = ""
        try:
            for entry in self._entries(archive):
                if isinstance(entry, TarDamage) or entry.unsafe or entry.litter:
                    continue
                root, slash, path = entry.name.partition("/")
                roots.add(f"{root}/" if slash or entry.kind == "folder" else "")
                is_small = entry.kind == "file" and entry.size_bytes <= MAX_LICENCE_BYTES
                if is_small and (decides_licence(path) or decides_licence(entry.name)):
                    texts[entry.name] = entry.read(MAX_LICENCE_BYTES).decode("utf-8", "replace")
                elif is_small and posixpath.basename(path) == ".gitmodules":
                    modules = entry.read(MAX_LICENCE_BYTES).decode("utf-8", "replace")
        except (Failure, DamagedArchive, ArchiveTooLarge):
            pass  # the second reading meets it again, where it is accounted for
        root = roots.pop() if len(roots) == 1 else ""
        origin = origin_of(self._ref, self._config.source.id, root.rstrip("/") or None)
        origin.commit, origin.date = archive.commit or origin.commit, archive.date
        read_sidecar(self._ref, self._options, self._config.transport, origin)
        licences = TreeLicences({name.removeprefix(root): text for name, text in texts.items()}, origin.license)
        return Survey(origin, licences, root, set(_SUBMODULE.findall(modules)))

    def _rows_of(self, entry: Entry | TarDamage, survey: Survey) -> Iterator[Row]:
        if isinstance(entry, TarDamage):
            if entry.cause != "after_end":  # nothing is missed by what lies behind the end
                code = MALFORMED_RECORD if entry.cause == "header" else TRUNCATED_RECORD
                self.num_seen += 1
                yield self._accounts.failed(f"damage\0{entry.offset}", code, entry.detail)
            return
        self.num_seen += 1
        row = self._accounts.row(self._locator(entry.name))
        row.offset, row.length = entry.offset, entry.size_bytes
        path = entry.name.removeprefix(survey.root)
        try:
            file = self._read(entry, path, survey)
        except SkipFile as skip:
            self._accounts.skip(*skip.args)
            return
        except FileFailure as failure:
            row.error, row.error_detail = failure.args
            row.url = survey.origin.url(path)
            yield row
            return
        except DamagedArchive as error:
            row.error, row.error_detail = DAMAGED_MEMBER, str(error)
            yield row
            if entry.offset is None:  # a compressed tar ends here; in a zip the next member may be whole
                raise
            return
        if self._joiner is not None:
            yield from self._joiner.add(file, row)
        else:
            fill_row(row, file, survey.origin, survey.licences.of(path, file.text), self._options)
            yield row

    def _locator(self, name: str) -> str:
        """The entry's name; with its number where an entry before it has the same."""
        digest = xxhash.xxh3_64_intdigest(name.encode("utf-8", "surrogatepass"))
        if digest in self._names:
            return f"{name}\0{self.num_seen}"
        self._names.add(digest)
        return name

    def _read(self, entry: Entry, path: str, survey: Survey) -> SourceFile:
        """Raises SkipFile, FileFailure, DamagedArchive."""
        if entry.kind != "file":
            kind = "submodule" if entry.kind == "folder" and path in survey.submodules else entry.kind
            raise SkipFile(SKIP_NOT_A_FILE, kind)
        if entry.litter:
            raise SkipFile(SKIP_LITTER, posixpath.basename(entry.name))
        if entry.unsafe:
            raise FileFailure(MALFORMED_RECORD, f"the name {entry.name[:200]!r} leads out of the archive")
        if entry.size_bytes > self._options.max_file_bytes:
            raise SkipFile(SKIP_FILE_SIZE, ending(path))
        try:
            data = entry.read(self._options.max_file_bytes)
        except ArchiveTooLarge as error:
            raise SkipFile(SKIP_FILE_SIZE, ending(path)) from error
        return read_file(path, data, self._options, self._limits)


def _failure(error: Exception) -> Failure:
    codes: tuple[tuple[type[Exception], str], ...] = (
        (ArchiveTooLarge, ARCHIVE_TOO_LARGE),
        (DamagedArchive, DAMAGED_MEMBER),
        (AccessDenied, UNREADABLE_CONTAINER),
        (TransportError, TRANSPORT_ERROR),
    )
    code = next((code for kind, code in codes if isinstance(error, kind)), UNREADABLE_CONTAINER)
    return Failure(code, str(error))
