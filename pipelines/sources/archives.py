"""Members of tar archives, plain or gzip, from a stream: nothing is unpacked to disk, memory and decoded bytes bounded.

Own walk over the headers (POSIX.1-1988 and pax; GNU long names; `tarfile.TarInfo` parses a header), because tarfile
ends silently at a damaged header, hides truncation and reads extended headers of any size into memory. Here damage is
an event, and the walk goes on at the next header. Cost: one copy of the bytes. Blind spot: GNU sparse files.
"""

from __future__ import annotations

import io
import os
import re
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Literal, cast

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BLOCK_BYTES = 512
READ_BYTES = 256 * 1024
SEEK_BYTES = 4 * 2**20
"""Unread data from which on a seekable stream is seeked over and not read."""
MAX_EXTENDED_BYTES = 2**20
"""Longest extended header (long name, pax records) that is believed, inclusive."""
GZIP_MAGIC = b"\x1f\x8b"
LITTER = re.compile(r"(^|/)(\._[^/]*|__MACOSX(/.*)?|\.DS_Store|PaxHeader(/.*)?)$", re.DOTALL)
DRIVE = re.compile(r"[A-Za-z]:[\\/]")

Kind = Literal["file", "folder", "link", "other"]


class ArchiveError(Exception):
    """Bytes of an archive cannot be had; DamagedArchive or ArchiveTooLarge."""


class DamagedArchive(ArchiveError):
    """The bytes do not decode, or end before they should."""


class ArchiveTooLarge(ArchiveError):
    """More bytes come out than the limit allows: a bomb, or nearly one."""


@dataclass(frozen=True, slots=True)
class TarDamage:
    """No header or end mark where one should be; the walk resumed at the next header, or at the end."""

    offset: int
    cause: Literal["header", "after_end", "no_end"]
    """`after_end`: the archive had ended properly before, so no member is missed. `no_end`: it ends without its end
    mark, as one does that was cut off between two members."""
    detail: str


@dataclass(slots=True)
class TarMember:
    """One member; its data can be read until the next one is asked for."""

    name: str
    """As stored, `./` in front taken off; not to be trusted: see `unsafe`."""
    offset: int
    """Where its first header begins, in bytes of the (decoded) tar stream."""
    data_offset: int
    size_bytes: int
    kind: Kind
    target: str
    """Of a link: where it points, as stored; never followed."""
    stream: BinaryIO
    """Its data, readable once; a read raises DamagedArchive when the archive ends inside."""

    @property
    def unsafe(self) -> bool:
        """Absolute, or climbing out of the archive with `..`."""
        return is_unsafe(self.name)

    @property
    def litter(self) -> bool:
        """What an operating system left behind: AppleDouble (`._*`), `__MACOSX`, `.DS_Store`."""
        return LITTER.search(self.name) is not None

    def read(self, max_bytes: int) -> bytes:
        """The data from where it was read last. Raises ArchiveTooLarge when there is more than `max_bytes` of it."""
        data = self.stream.read(max_bytes + 1)
        if len(data) > max_bytes:
            raise ArchiveTooLarge(f"member {self.name!r} has more than {max_bytes} bytes")
        return data


def is_unsafe(name: str) -> bool:
    """Whether a member's name leads out of the folder it would be unpacked to."""
    parts = name.replace("\\", "/").split("/")
    return name.startswith(("/", "\\")) or ".." in parts or DRIVE.match(name) is not None or "\0" in name


def is_tar(head: bytes) -> bool:
    """Whether bytes begin with a tar header, by its checksum."""
    return isinstance(_parse(head[:BLOCK_BYTES]), tarfile.TarInfo)


def decoded(stream: BinaryIO, max_bytes: int) -> io.BufferedReader:
    """The stream with gzip undone, if it begins with it; with `peek`, and at most `max_bytes` decoded.

    Further gzip members are joined; other bytes after the last are left, as gzip(1) does. Reads raise DamagedArchive
    and ArchiveTooLarge; errors of the stream itself pass through.
    """
    return io.BufferedReader(_Decoded(stream, max_bytes), READ_BYTES)


class _Decoded(io.RawIOBase):
    def __init__(self, stream: BinaryIO, max_bytes: int) -> None:
        super().__init__()
        self._stream = stream
        self._left = max_bytes
        self._max_bytes = max_bytes
        self._stored = stream.read(len(GZIP_MAGIC))
        self._decoder = zlib.decompressobj(31) if self._stored == GZIP_MAGIC else None
        self._fault: ArchiveError | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fills the buffer, so that a peek has all there is; what decodes before a fault is handed out first."""
        view = memoryview(buffer).cast("B")
        filled = 0
        try:
            if self._fault is not None:
                raise self._fault
            while filled < len(view) and (data := self._some(len(view) - filled)):
                view[filled : filled + len(data)] = data
                filled += len(data)
        except ArchiveError as error:
            self._fault = error
            if not filled:
                raise
        return filled

    def _some(self, num_bytes: int) -> bytes:
        data = self._plain(num_bytes) if self._decoder is None else self._inflated(num_bytes)
        self._left -= len(data)
        if self._left < 0:
            raise ArchiveTooLarge(f"more than {self._max_bytes} bytes decoded")
        return data

    def _plain(self, num_bytes: int) -> bytes:
        data, self._stored = self._stored[:num_bytes], self._stored[num_bytes:]
        return data or self._stream.read(num_bytes)

    def _inflated(self, num_bytes: int) -> bytes:
        assert self._decoder is not None
        while not self._decoder.eof or self._next_member():
            stored = self._stored or self._stream.read(READ_BYTES)
            try:
                data = self._decoder.decompress(stored, num_bytes)
            except zlib.error as error:
                raise DamagedArchive(f"gzip: {str(error).split(': ', 1)[-1]}") from error
            self._stored = self._decoder.unconsumed_tail
            if data:
                return data
            if not stored and not self._decoder.eof:
                raise DamagedArchive("the bytes end inside a gzip member")
        return b""

    def _next_member(self) -> bool:
        assert self._decoder is not None
        rest = (self._decoder.unused_data or self._stream.read(READ_BYTES)).lstrip(b"\0")
        if len(rest) < 3:
            rest += self._stream.read(READ_BYTES)
        if not rest.startswith(GZIP_MAGIC + b"\x08"):
            return False
        self._stored = rest
        self._decoder = zlib.decompressobj(31)
        return True


def tar_members(stream: BinaryIO) -> Iterator[TarMember | TarDamage]:
    """The members and damages of a tar stream, in order; unsafe ones and litter too: they are the caller's to refuse.

    Ends where the stream ends, so that archives written one after the other are read as one. Raises DamagedArchive
    when the stream ends inside a member or a header, and whatever the stream raises.
    """
    return _Walk(stream).members()


class _Source:
    """The tar stream and the place in it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._seekable = stream.seekable()
        self._back = b""
        self.offset = 0

    def read(self, num_bytes: int) -> bytes:
        if self._back:
            data, self._back = self._back[:num_bytes], self._back[num_bytes:]
        else:
            data = self._stream.read(num_bytes)
        self.offset += len(data)
        return data

    def put_back(self, block: bytes) -> None:
        """Read this block again next, as one."""
        self.offset -= len(block)
        self._back = block

    def skip(self, num_bytes: int) -> bool:
        """Pass over bytes; False when the stream has fewer."""
        if self._seekable and num_bytes >= SEEK_BYTES:
            self._stream.seek(num_bytes - 1, os.SEEK_CUR)
            self.offset += num_bytes - 1
            num_bytes = 1
        while num_bytes:
            data = self.read(min(num_bytes, READ_BYTES))
            if not data:
                return False
            num_bytes -= len(data)
        return True


class _Data:
    """The data of one member as a stream."""

    def __init__(self, source: _Source, size_bytes: int, name: str) -> None:
        self._source = source
        self._name = name
        self.left = size_bytes

    def seekable(self) -> bool:
        return False

    def read(self, size: int = -1) -> bytes:
        size = self.left if size < 0 else min(size, self.left)
        data = self._source.read(size)
        self.left -= len(data)
        if len(data) < size:
            raise DamagedArchive(f"the archive ends inside member {self._name!r}")
        return data


@dataclass(slots=True)
class _Extended:
    """What extended headers say of the member that follows."""

    offset: int
    values: dict[str, str] = field(default_factory=dict)


class _Walk:
    def __init__(self, stream: BinaryIO) -> None:
        self._source = _Source(stream)
        self._ended = False

    def members(self) -> Iterator[TarMember | TarDamage]:
        extended: _Extended | None = None
        while block := self._source.read(BLOCK_BYTES):
            offset = self._source.offset - len(block)
            info = _parse(block)
            if info is None:
                self._ended = True
            elif isinstance(info, str):
                extended = None
                yield TarDamage(offset, "after_end" if self._ended else "header", info)
                self._resume()
            elif info.type in (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE):
                extended = extended or _Extended(offset)
                self._extend(info, extended)
            else:
                member = _member(info, extended or _Extended(offset), self._source)
                extended, self._ended = None, False
                yield member
                self._finish(member)
        if not self._ended:
            yield TarDamage(self._source.offset, "no_end", "the archive ends without its end mark")

    def _resume(self) -> None:
        """Move to the next header; only whole blocks are looked at, since that is where writers put them."""
        while block := self._source.read(BLOCK_BYTES):
            if isinstance(_parse(block), tarfile.TarInfo):
                self._source.put_back(block)
                return

    def _extend(self, info: tarfile.TarInfo, extended: _Extended) -> None:
        if info.size > MAX_EXTENDED_BYTES:
            raise DamagedArchive(f"an extended header of {info.size} bytes")
        data = self._source.read(_padded(info.size))
        if len(data) < _padded(info.size):
            raise DamagedArchive("the archive ends inside an extended header")
        data = data[: info.size]
        if info.type == tarfile.XHDTYPE:
            extended.values.update(_pax_records(data))
        elif info.type != tarfile.XGLTYPE:  # a global header holds a commit's name and the like
            key = "path" if info.type == tarfile.GNUTYPE_LONGNAME else "linkpath"
            extended.values[key] = _text(data.rstrip(b"\0"))

    def _finish(self, member: TarMember) -> None:
        stream = cast(_Data, member.stream)
        padding = _padded(member.size_bytes) - member.size_bytes
        if stream.left and not self._source.skip(stream.left):
            raise DamagedArchive(f"the archive ends inside member {member.name!r}")
        stream.left = 0
        self._source.skip(padding)  # writers leave the last one's out


def _padded(size_bytes: int) -> int:
    return -(-size_bytes // BLOCK_BYTES) * BLOCK_BYTES


def _parse(block: bytes) -> tarfile.TarInfo | str | None:
    """The header that a block is; None for an end mark; a text for why it is neither."""
    if not block.strip(b"\0"):
        return None
    try:
        info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError as error:
        return f"no tar header: {error}"
    return info if info.size >= 0 else "no tar header: negative size"


def _member(info: tarfile.TarInfo, extended: _Extended, source: _Source) -> TarMember:
    values = extended.values
    stated = values.get("size", "")
    has_data = info.isreg() or info.type not in tarfile.SUPPORTED_TYPES
    size = int(stated) if stated.isdecimal() else info.size
    size = size if has_data else 0
    name = values.get("path") or _repaired(info.name)
    stream = cast(BinaryIO, _Data(source, size, name))
    start = min(extended.offset, source.offset - BLOCK_BYTES)
    kind = _kind(info)
    target = (values.get("linkpath") or _repaired(info.linkname)) if kind == "link" else ""
    return TarMember(_plain_name(name), start, source.offset, size, kind, target, stream)


def _kind(info: tarfile.TarInfo) -> Kind:
    if info.isdir():
        return "folder"
    if info.issym() or info.islnk():
        return "link"
    return "file" if info.isreg() and not info.sparse else "other"


def _plain_name(name: str) -> str:
    while name.startswith("./"):
        name = name[2:].lstrip("/")
    return name.rstrip("/")


def _repaired(name: str) -> str:
    return _text(name.encode("utf-8", "surrogateescape"))


def _text(data: bytes) -> str:
    """A name's characters: UTF-8, else Latin-1, which old archives have."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _pax_records(data: bytes) -> Iterator[tuple[str, str]]:
    """The `length key=value` records of a pax header; reading ends at one that is malformed."""
    while data:
        length, blank, _ = data[:20].partition(b" ")
        if not blank or not length.isdigit() or not len(length) < int(length) <= len(data):
            return
        key, _, value = data[len(length) + 1 : int(length)].removesuffix(b"\n").partition(b"=")
        yield _text(key), _text(value)
        data = data[int(length) :]
