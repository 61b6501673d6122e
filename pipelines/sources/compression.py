"""Stored bytes to decoded bytes, member by member, with the place of every member and of every damage.

FastWARC's and Python's gzip readers hide where members begin, take a cut file for a whole one or give up at the first
bad byte; here damage is an event, and reading goes on at the next member. Gzip (RFC 1952), LZ4 frames and plain
files, told apart by their first bytes. Cost: zlib's own speed. Blind spot: what a damaged member had decoded but not
yet handed out is lost with it.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

import xxhash

READ_BYTES = 64 * 1024
DECODED_BYTES = 2**20
PROBE_BYTES = 64 * 1024
PROBE_DECODED_BYTES = 4096

GZIP_MAGIC = b"\x1f\x8b\x08"
LZ4_MAGIC = b"\x04\x22\x4d\x18"
LZ4_SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")


@dataclass(slots=True, frozen=True)
class MemberStart:
    """A member begins at this stored offset."""

    offset: int


@dataclass(slots=True, frozen=True)
class Damage:
    """The member that began at `offset` (or the bytes there, if none did) could not be decoded further."""

    offset: int
    detail: str


@dataclass(slots=True, frozen=True)
class End:
    """The container ends at this stored offset."""

    offset: int


Event = bytes | MemberStart | Damage | End
Plausible = Callable[[bytes], bool]
"""Whether decoded bytes look like the beginning of a record."""

Probe = Callable[[bytes, Plausible, bool], bool]
"""Whether stored bytes begin a member: (bytes, plausible, whether every member so far began with a record)."""


class MemberError(Exception):
    """The current member cannot be decoded further."""


class StoredBytes:
    """Look-ahead over the stored bytes; `offset` is where `peeked` begins."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.offset = 0
        self.peeked = b""

    def fill(self) -> bool:
        """Make sure that a byte is peeked; False at the end."""
        if not self.peeked:
            self.peeked = self._stream.read(READ_BYTES)
        return bool(self.peeked)

    def need(self, num_bytes: int) -> bytes:
        """Peek at least so many bytes; fewer only at the end."""
        while len(self.peeked) < num_bytes:
            more = self._stream.read(READ_BYTES)
            if not more:
                break
            self.peeked += more
        return self.peeked

    def skip(self, num_bytes: int) -> None:
        self.peeked = self.peeked[num_bytes:]
        self.offset += num_bytes

    def take(self, num_bytes: int) -> bytes:
        taken = self.need(num_bytes)[:num_bytes]
        self.skip(len(taken))
        return taken

    def seek(self, offset: int) -> None:
        self._stream.seek(offset)
        self.offset, self.peeked = offset, b""


def decode(stream: BinaryIO, plausible: Plausible) -> tuple[bool, Iterator[Event]]:
    """Whether the container is plain (decoded positions are stored offsets), and its events up to End.

    `plausible` decides where reading resumes after damage. The stream must be seekable; its errors pass
    through.
    """
    stored = StoredBytes(stream)
    head = stored.need(4)
    if head.startswith(GZIP_MAGIC[:2]):
        return False, _members(stored, plausible, _gzip_member, GZIP_MAGIC, _probe_gzip)
    if head.startswith(LZ4_MAGIC) or LZ4_SKIPPABLE.match(head):
        return False, _members(stored, plausible, _lz4_member, LZ4_MAGIC, _probe_lz4)
    return True, _plain(stored)


def _plain(stored: StoredBytes) -> Iterator[Event]:
    while stored.fill():
        yield stored.take(len(stored.peeked))
    yield End(stored.offset)


def _members(
    stored: StoredBytes,
    plausible: Plausible,
    member: Callable[[StoredBytes], Iterator[bytes]],
    magic: bytes,
    probe: Probe,
) -> Iterator[Event]:
    aligned = True
    while _skip_zeros(stored):
        offset = stored.offset
        yield MemberStart(offset)
        try:
            first = True
            for data in member(stored):
                if first and data:
                    aligned, first = aligned and plausible(data), False
                yield data
        except MemberError as error:
            yield Damage(offset, str(error))
            _resume(stored, offset + 1, magic, partial(_accepts, probe, plausible, aligned))
    yield End(stored.offset)


def _skip_zeros(stored: StoredBytes) -> bool:
    """Zero padding between members is no data; False at the end."""
    while stored.fill():
        zeros = len(stored.peeked) - len(stored.peeked.lstrip(b"\0"))
        stored.skip(zeros)
        if stored.peeked:
            return True
    return False


def _accepts(probe: Probe, plausible: Plausible, aligned: bool, data: bytes) -> bool:
    return probe(data, plausible, aligned)


def _resume(stored: StoredBytes, offset: int, magic: bytes, accepts: Callable[[bytes], bool]) -> None:
    """Move to the next place at or after `offset` where a member begins, or to the end."""
    stored.seek(offset)
    while stored.fill():
        at = stored.need(PROBE_BYTES).find(magic)
        if at < 0:
            stored.skip(max(1, len(stored.peeked) - len(magic) + 1))
            continue
        stored.skip(at)
        if accepts(stored.need(PROBE_BYTES)[:PROBE_BYTES]):
            return
        stored.skip(1)


def _gzip_member(stored: StoredBytes) -> Iterator[bytes]:
    decoder = zlib.decompressobj(31)
    while not decoder.eof:
        if not stored.fill():
            raise MemberError("the file ends inside a gzip member")
        data = _inflate(decoder, stored.peeked)
        left = decoder.unused_data if decoder.eof else decoder.unconsumed_tail
        stored.offset += len(stored.peeked) - len(left)
        stored.peeked = left
        if data:
            yield data
        while len(data) == DECODED_BYTES and not left and not decoder.eof:
            data = _inflate(decoder, b"")
            if data:
                yield data


def _inflate(decoder: zlib._Decompress, data: bytes) -> bytes:
    try:
        return decoder.decompress(data, DECODED_BYTES)
    except zlib.error as error:
        raise MemberError(f"gzip: {str(error).split(': ', 1)[-1]}") from error


def _probe_gzip(data: bytes, plausible: Plausible, aligned: bool) -> bool:
    """The magic bytes also occur by chance inside compressed data: only what decodes counts."""
    decoder = zlib.decompressobj(31)
    try:
        decoded = decoder.decompress(data, PROBE_DECODED_BYTES)
    except zlib.error:
        return False
    return plausible(decoded) or (not aligned and (decoder.eof or len(decoded) == PROBE_DECODED_BYTES))


class _Lz4Frame:
    """One LZ4 frame as a file for FastWARC's reader: walks the blocks, so that it knows where the frame ends."""

    def __init__(self, stored: StoredBytes) -> None:
        self._stored = stored
        self._pending = self._header()
        self._ended = False
        self.fault: OSError | None = None

    def _header(self) -> bytes:
        head = self._stored.need(19)
        if not head.startswith(LZ4_MAGIC) or len(head) < 7:
            raise MemberError("no LZ4 frame here")
        flags = head[4]
        self._block_checksum = 4 if flags & 0x10 else 0
        self._content_checksum = 4 if flags & 0x04 else 0
        return self._stored.take(7 + (8 if flags & 0x08 else 0) + (4 if flags & 0x01 else 0))

    def read(self, size: int = -1) -> bytes:
        if not self._pending and not self._ended:
            try:
                self._pending = self._next_block()
            except OSError as fault:
                self.fault = fault  # FastWARC says OSError of its own, too: this one was ours
                raise
        if size < 0:
            size = len(self._pending)
        data, self._pending = self._pending[:size], self._pending[size:]
        return data

    def _next_block(self) -> bytes:
        word = self._exactly(4)
        size = int.from_bytes(word, "little") & 0x7FFFFFFF
        if size == 0:
            self._ended = True
            return word + self._exactly(self._content_checksum)
        if size > 4 * 2**20:
            raise MemberError(f"LZ4: a block of {size} bytes")
        return word + self._exactly(size + self._block_checksum)

    def _exactly(self, num_bytes: int) -> bytes:
        data = self._stored.take(num_bytes)
        if len(data) < num_bytes:
            raise MemberError("the file ends inside an LZ4 frame")
        return data

    def drain(self) -> None:
        while not self._ended:
            self._next_block()

    def seek(self, *_: int) -> int:
        raise OSError("a frame is read once")

    def tell(self) -> int:
        return self._stored.offset - len(self._pending)

    def close(self) -> None:
        """The container's stream is not ours to close."""


def _lz4_member(stored: StoredBytes) -> Iterator[bytes]:
    from fastwarc.stream_io import Lz4Reader

    head = stored.need(8)
    if LZ4_SKIPPABLE.match(head):
        stored.skip(8)
        if len(stored.take(int.from_bytes(head[4:8], "little"))) < int.from_bytes(head[4:8], "little"):
            raise MemberError("the file ends inside a skippable LZ4 frame")
        return
    frame = _Lz4Frame(stored)
    reader = Lz4Reader(frame)
    try:
        while data := reader.read(DECODED_BYTES):
            yield data
    except OSError as error:
        if frame.fault is not None:
            raise frame.fault from error
        raise MemberError(f"LZ4: {error}") from error
    frame.drain()


def _probe_lz4(data: bytes, plausible: Plausible, aligned: bool) -> bool:
    """By the checksum of the frame's descriptor, since the first block may be longer than what is at hand."""
    del plausible, aligned
    if len(data) < 7:
        return False
    end = 6 + (8 if data[4] & 0x08 else 0) + (4 if data[4] & 0x01 else 0)
    return data[4] >> 6 == 1 and data[end : end + 1] == bytes([xxhash.xxh32_intdigest(data[4:end]) >> 8 & 0xFF])
