"""Stored bytes of a wiki dump to XML bytes, stream by stream, from the middle of a file where tasks share it.

A multistream dump is many bz2 streams one after the other; a task decodes those that begin in its part, found by
their magic at a byte boundary, and the ones after them as long as a page goes on. Reference: bzip2's format as
Python's `bz2` reads it. Cost: bz2's own, some 10 MB/s of stored bytes. Damage ends a stream and reading goes on at
the next one.
"""

from __future__ import annotations

import bz2
import codecs
import re
import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import BinaryIO

STORED_BYTES = 256 * 1024
"""Read at once."""
DECODED_BYTES = 2**20
"""Decoded at once: a stream of one byte repeated stays bounded."""
_MAGIC = re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)")
_MAGIC_BYTES = 10


@dataclass(frozen=True, slots=True)
class Piece:
    """Decoded bytes."""

    stream: int
    """Where the stream that holds them begins in the file."""
    offset: int
    """Their place in the decoded stream."""
    data: bytes
    is_owned: bool
    """The stream begins in the part that is read."""


@dataclass(frozen=True, slots=True)
class Damage:
    """A stream that does not decode further, or bytes that are none."""

    stream: int
    detail: str
    is_owned: bool


def is_bz2(head: bytes) -> bool:
    return head.startswith(b"BZh")


def is_gzip(head: bytes) -> bool:
    return head.startswith(b"\x1f\x8b")


def pieces(stream: BinaryIO, start: int = 0, end: int | None = None) -> Iterator[Piece | Damage]:
    """What the file holds from `start` on; only bz2 files have parts, the first part of any other is all of it.

    Goes on after `end` with streams that are not owned: the caller stops when it has what it needs.
    """
    stream.seek(0)
    head = stream.read(4)
    if is_bz2(head):
        yield from _bz2_pieces(stream, start, end)
    elif start == 0:
        stream.seek(0)
        yield from _gzip_pieces(stream) if is_gzip(head) else _plain_pieces(stream)


def find_stream(stream: BinaryIO, start: int, end: int | None) -> int | None:
    """Where the first bz2 stream that begins in [start, end) does, None where none does."""
    stream.seek(start)
    at, tail = start, b""
    while (end is None or at < end) and (data := stream.read(DECODED_BYTES)):
        window = tail + data
        if found := _MAGIC.search(window):
            place = at - len(tail) + found.start()
            return place if end is None or place < end else None
        tail = window[-(_MAGIC_BYTES - 1) :]
        at += len(data)
    return None if end is None else _at_border(stream, at, tail, end)


def _at_border(stream: BinaryIO, at: int, tail: bytes, end: int) -> int | None:
    """A magic that begins before `end` and ends after it."""
    found = _MAGIC.search(tail + stream.read(_MAGIC_BYTES))
    place = at - len(tail) + found.start() if found else end
    return place if place < end else None


def _bz2_pieces(stream: BinaryIO, start: int, end: int | None) -> Iterator[Piece | Damage]:
    at = 0 if start == 0 else find_stream(stream, start, end)
    while at is not None:
        owned = end is None or at < end
        after, problem = yield from _bz2_stream(stream, at, owned)
        if problem:
            yield Damage(at, problem, owned)
            at = find_stream(stream, at + 4, end) if owned else None
            continue
        at = _behind_zeros(stream, after)
        if at is None:
            return
        stream.seek(at)
        if not _MAGIC.match(stream.read(_MAGIC_BYTES)):
            yield Damage(after, "bytes that are no bz2 stream", owned)
            at = find_stream(stream, at, None)  # wherever: a page may go on behind them


def _behind_zeros(stream: BinaryIO, place: int) -> int | None:
    """Where padding that may begin at `place` ends, None where the file ends with it."""
    stream.seek(place)
    data = stream.read(_MAGIC_BYTES)  # streams mostly follow at once
    while data:
        if rest := data.lstrip(b"\0"):
            return place + len(data) - len(rest)
        place += len(data)
        data = stream.read(STORED_BYTES)
    return None


def _bz2_stream(stream: BinaryIO, start: int, owned: bool) -> Generator[Piece, None, tuple[int, str]]:
    """The decoded bytes of one stream; its end, and what is wrong with it."""
    stream.seek(start)
    decompressor = bz2.BZ2Decompressor()
    num_stored = offset = 0
    while not decompressor.eof:
        stored = b""
        if decompressor.needs_input:
            stored = stream.read(STORED_BYTES)
            if not stored:
                return start + num_stored, "the file ends inside a bz2 stream"
            num_stored += len(stored)
        try:
            data = decompressor.decompress(stored, DECODED_BYTES)
        except OSError as error:
            return start + num_stored, f"bz2: {error}"
        if data:
            yield Piece(start, offset, data, owned)
            offset += len(data)
    return start + num_stored - len(decompressor.unused_data), ""


def _gzip_pieces(stream: BinaryIO) -> Iterator[Piece | Damage]:
    decompressor = zlib.decompressobj(31)
    offset = 0
    stored = stream.read(STORED_BYTES)
    while stored:
        try:
            data = decompressor.decompress(stored, DECODED_BYTES)
        except zlib.error as error:
            yield Damage(0, f"gzip: {error}", True)
            return
        if data:
            yield Piece(0, offset, data, True)
            offset += len(data)
        stored = decompressor.unconsumed_tail
        if decompressor.eof:
            stored = (decompressor.unused_data or stream.read(STORED_BYTES)).lstrip(b"\0")
            decompressor = zlib.decompressobj(31)
            if not stored:
                return
        stored = stored or stream.read(STORED_BYTES)
    yield Damage(0, "the file ends inside a gzip member", True)


def _plain_pieces(stream: BinaryIO) -> Iterator[Piece]:
    offset = 0
    while data := stream.read(DECODED_BYTES):
        yield Piece(0, offset, data, True)
        offset += len(data)


def utf16_codec(head: bytes) -> str | None:
    """Codec of XML in UTF-16 by its first bytes, None of any other."""
    for mark, codec in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if head.startswith(mark):
            return codec
    return {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}.get(head[:2])


def as_utf8(events: Iterator[Piece | Damage], codec: str) -> Iterator[Piece | Damage]:
    """The same text in UTF-8; places are of the UTF-8. Such a file is read as one."""
    decoder = codecs.getincrementaldecoder(codec)("replace")
    offset = 0
    for event in events:
        if isinstance(event, Damage):
            yield event
            continue
        text = decoder.decode(event.data)
        data = text.removeprefix("\ufeff").encode("utf-8", "replace")
        if data:
            yield Piece(event.stream, offset, data, event.is_owned)
            offset += len(data)
