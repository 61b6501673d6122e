"""Members of tar archives, plain or gzip, from a stream: nothing is unpacked to disk, memory and decoded bytes bounded.

Own walk over the headers (POSIX.1-1988 and pax; GNU long names; `tarfile.TarInfo` parses a header), because tarfile
ends silently at a damaged header, hides truncation and reads extended headers of any size into memory. Here damage is
an event, and the walk goes on at the next header. Cost: one copy of the bytes. Blind spot: sparse files are told
apart (`other`) and not put together.
"""

from __future__ import annotations

import io
import os
import re
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Literal, cast

from pipelines.sources import tar_header
from pipelines.sources.tar_header import BLOCK_BYTES, Kind

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

READ_BYTES = 256 * 1024
ZEROS = bytes(READ_BYTES)
SEEK_BYTES = 4 * 2**20
"""Unread data from which on a seekable stream is seeked over and not read."""
SPARSE_GOES_ON = (482, 504)
"""Where the header of an old GNU sparse file, and each further block of its map, say that a block of it follows."""
GZIP_MAGIC = b"\x1f\x8b"
LITTER = re.compile(r"(^|/)(\._[^/]*|__MACOSX(/.*)?|\.DS_Store|PaxHeader(/.*)?)$", re.DOTALL)
DRIVE = re.compile(r"[A-Za-z]:[\\/]")


class ArchiveError(Exception):
    """Bytes of an archive cannot be had: DamagedArchive (TruncatedArchive) or ArchiveTooLarge."""


class DamagedArchive(ArchiveError):
    """The bytes do not decode, or (TruncatedArchive) end before they should."""


class TruncatedArchive(DamagedArchive):
    """The bytes end before they should."""


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
    """Its data, readable once; a read raises TruncatedArchive when the archive ends inside it."""

    @property
    def unsafe(self) -> bool:
        """Absolute, or climbing out of the archive with `..`."""
        return is_unsafe(self.name)

    @property
    def broken(self) -> bool:
        """A read came to where the archive ends or does not decode; the walk then ends without saying it again."""
        return cast(_Data, self.stream).broken

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
    return isinstance(tar_header.parse(head[:BLOCK_BYTES]), tarfile.TarInfo)


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
        wanted = max(1, min(num_bytes, self._left))  # so that all that is allowed comes out before the error
        data = self._plain(wanted) if self._decoder is None else self._inflated(wanted)
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
                raise TruncatedArchive("the bytes end inside a gzip member")
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

    Ends where the stream ends, so that archives written one after the other are read as one. Raises TruncatedArchive
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
        data, self._back = self._back[:num_bytes], self._back[num_bytes:]
        if len(data) < num_bytes:
            data += self._stream.read(num_bytes - len(data))
        self.offset += len(data)
        return data

    def put_back(self, block: bytes) -> None:
        """Read these bytes again next."""
        self.offset -= len(block)
        self._back = block + self._back

    def skip(self, num_bytes: int) -> bool:
        """Pass over bytes; False when the stream has fewer."""
        if self._seekable and not self._back and num_bytes >= SEEK_BYTES:
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
        self.broken = False

    def seekable(self) -> bool:
        return False

    def read(self, size: int = -1) -> bytes:
        size = self.left if size < 0 else min(size, self.left)
        try:
            data = self._source.read(size)
        except DamagedArchive:
            self.broken = True
            raise
        self.left -= len(data)
        if len(data) < size:
            self.broken = True
            raise TruncatedArchive(f"the archive ends inside member {self._name!r}")
        return data


class _Walk:
    def __init__(self, stream: BinaryIO) -> None:
        self._source = _Source(stream)
        self._ended = False

    def members(self) -> Iterator[TarMember | TarDamage]:
        extended = tar_header.Extended()
        while block := self._source.read(BLOCK_BYTES):
            offset = self._source.offset - len(block)
            info = tar_header.read(block, extended)
            if info is None:
                self._ended = True
                self._skip_zeros()
            elif isinstance(info, str):
                extended = tar_header.Extended()
                yield TarDamage(offset, "after_end" if self._ended else "header", info)
                self._resume()
            elif info.type in tar_header.EXTENDED_TYPES:
                extended = extended.begun(offset)
                extended.add(info, self._extension(info))
            else:
                if info.type == tarfile.GNUTYPE_SPARSE:
                    self._skip_map(block)
                member = self._member(info, extended.begun(offset))
                extended, self._ended = tar_header.Extended(), False
                yield member
                if not self._finish(member):
                    return
        if not self._ended:
            yield TarDamage(self._source.offset, "no_end", "the archive ends without its end mark")

    def _skip_zeros(self) -> None:
        """Move over the rest of an end mark, which may be long, to a block that holds something."""
        while data := self._source.read(READ_BYTES):
            if data != ZEROS[: len(data)]:
                num_zeros = len(data) - len(data.lstrip(b"\0"))
                self._source.put_back(data[num_zeros // BLOCK_BYTES * BLOCK_BYTES :])
                return

    def _resume(self) -> None:
        """Move to the next header; only whole blocks are looked at, since that is where writers put them."""
        while block := self._source.read(BLOCK_BYTES):
            if isinstance(tar_header.parse(block), tarfile.TarInfo):
                self._source.put_back(block)
                return

    def _skip_map(self, header: bytes) -> None:
        """Pass over the blocks that go on with the map of an old GNU sparse file."""
        goes_on = header[SPARSE_GOES_ON[0]]
        while goes_on:
            block = self._source.read(BLOCK_BYTES)
            if len(block) < BLOCK_BYTES:
                raise TruncatedArchive("the archive ends inside a sparse file's map")
            goes_on = block[SPARSE_GOES_ON[1]]

    def _extension(self, info: tarfile.TarInfo) -> bytes:
        num_bytes = tar_header.padded(info.size)
        data = self._source.read(num_bytes)
        if len(data) < num_bytes:
            raise TruncatedArchive("the archive ends inside an extended header")
        return data[: info.size]

    def _member(self, info: tarfile.TarInfo, extended: tar_header.Extended) -> TarMember:
        assert extended.offset is not None
        name, size = extended.name(info), extended.size_bytes(info)
        stream = cast(BinaryIO, _Data(self._source, size, name))
        kind, target = extended.kind(info), extended.target(info)
        return TarMember(name, extended.offset, self._source.offset, size, kind, target, stream)

    def _finish(self, member: TarMember) -> bool:
        """Pass over what is left of a member; False where a read of it came to an end already."""
        stream = cast(_Data, member.stream)
        padding = tar_header.padded(member.size_bytes) - member.size_bytes
        if stream.broken:
            return False
        if stream.left and not self._source.skip(stream.left):
            raise TruncatedArchive(f"the archive ends inside member {member.name!r}")
        stream.left = 0
        self._source.skip(padding)  # writers leave the last one's out
        return True
