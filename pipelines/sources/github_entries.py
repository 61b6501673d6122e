"""Entries of an archive in the codeload layout, tar or zip, in order, without unpacking it.

A zip is read through its directory at the end, so its stream must be seekable, as those of `pipelines.transport` are.
"""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from extractors.package_file import UNZIP_ERRORS, is_of_the_disk
from pipelines.sources.archives import (
    LITTER,
    ArchiveTooLarge,
    DamagedArchive,
    TarDamage,
    TarMember,
    decoded,
    is_tar,
    is_unsafe,
    tar_members,
)
from pipelines.sources.github_names import commit_of_tar, time_of_tar

ZIP_MAGIC = b"PK\x03\x04"
EMPTY_ZIP_MAGIC = b"PK\x05\x06"
HEAD_BYTES = 8192


class NoArchive(Exception):
    """Neither a tar nor a zip."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; its bytes can be had until the next one is asked for."""

    name: str
    """As stored; not to be trusted."""
    kind: str
    """file, folder, link or other."""
    size_bytes: int
    offset: int | None
    """Where its header is, in the file as stored; None where that is compressed as a whole."""
    read: Callable[[int], bytes]
    """All of its bytes; raises ArchiveTooLarge for more than so many, DamagedArchive for what does not decode."""

    @property
    def unsafe(self) -> bool:
        return is_unsafe(self.name)

    @property
    def litter(self) -> bool:
        return LITTER.search(self.name) is not None


@dataclass(slots=True)
class Archive:
    """An opened archive: what its frame says, and its entries."""

    entries: Iterator[Entry | TarDamage]
    """Raises DamagedArchive where it cannot go on, ArchiveTooLarge past the limit."""
    commit: str | None
    date: str | None
    is_zip: bool = False
    """Then a damaged member says nothing of the next one."""


def open_archive(stream: BinaryIO, max_bytes: int) -> Archive:
    """The archive in a stream at its beginning. Raises NoArchive, and DamagedArchive of a zip without directory."""
    head = stream.read(4)
    stream.seek(0)
    if head in (ZIP_MAGIC, EMPTY_ZIP_MAGIC):
        return _open_zip(stream, max_bytes)
    is_stored = not head.startswith(b"\x1f\x8b")
    tar = decoded(stream, max_bytes)
    first = tar.peek(HEAD_BYTES)
    if not is_tar(first) and first.strip(b"\0"):
        raise NoArchive("neither tar nor zip")
    return Archive(_tar_entries(tar, is_stored), commit_of_tar(first), time_of_tar(first))


def _tar_entries(stream: BinaryIO, is_stored: bool) -> Iterator[Entry | TarDamage]:
    for member in tar_members(stream):
        if isinstance(member, TarMember):
            offset = member.offset if is_stored else None
            yield Entry(member.name, member.kind, member.size_bytes, offset, member.read)
        else:
            yield member


def _open_zip(stream: BinaryIO, max_bytes: int) -> Archive:
    try:
        file = zipfile.ZipFile(stream)
    except UNZIP_ERRORS as error:
        if is_of_the_disk(error):
            raise
        raise DamagedArchive(f"zip: {error}") from error
    commit = file.comment.decode("ascii", "replace").strip()
    is_commit = len(commit) in (40, 64) and set(commit) <= set("0123456789abcdef")
    dates = [info.date_time for info in file.infolist()[:1]]
    date = "{:04}-{:02}-{:02}".format(*dates[0]) if dates and dates[0] > (1980, 1, 1, 0, 0, 0) else None
    return Archive(_zip_entries(file, max_bytes), commit if is_commit else None, date, is_zip=True)


def _zip_entries(file: zipfile.ZipFile, max_bytes: int) -> Iterator[Entry]:
    left = max_bytes
    for info in file.infolist():
        left -= info.file_size
        if left < 0:
            raise ArchiveTooLarge(f"more than {max_bytes} bytes by the archive's directory")
        yield _zip_entry(file, info)


def _zip_entry(file: zipfile.ZipFile, info: zipfile.ZipInfo) -> Entry:
    mode = info.external_attr >> 16
    kind = "folder" if info.is_dir() else "link" if stat.S_ISLNK(mode) else "file"

    def read(max_bytes: int) -> bytes:
        try:
            with file.open(info) as data:
                found = data.read(max_bytes + 1)
        except (*UNZIP_ERRORS, RuntimeError) as error:  # the last: it is encrypted
            if is_of_the_disk(error):
                raise
            raise DamagedArchive(f"zip: {error}") from error
        if len(found) > max_bytes:
            raise ArchiveTooLarge(f"member {info.filename!r} has more than {max_bytes} bytes")
        return found

    return Entry(info.filename.rstrip("/"), kind, info.file_size, info.header_offset, read)
