"""HTTP responses as crawlers store them (RFC 9110, 9112): header, then a body whose codings are undone.

Archives lie about codings: many writers store the decoded body under the original header. So a coding that is
declared but plainly not there is passed over with a note, and one that breaks off is an error. Blind spot: HTTP/0.9.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from typing import TYPE_CHECKING

from pipelines.sources.dialects import decoded, header_fields
from pipelines.sources.sniffing import looks_like_text

if TYPE_CHECKING:
    from fastwarc.stream_io import WarcReader

STATUS_LINE = re.compile(rb"HTTP/\d(?:\.\d+)?[ \t]+(\d{3})(?!\d)[^\r\n]*\r?\n?")
HEADER_END = re.compile(rb"\r?\n\r?\n")
CHUNK_SIZE = re.compile(rb"\s*([0-9a-fA-F]{1,16})[^\r\n]{0,1024}\r?\n")
NO_CODING = frozenset({"", "identity", "none", "utf-8", "8bit", "binary"})


class MalformedHttp(Exception):
    """The HTTP header cannot be read."""


class UndecodableBody(Exception):
    """A coding is there but does not decode, and the stored bytes are not text."""


@dataclass(slots=True)
class HttpResponse:
    status: int
    headers: dict[str, str]
    """First value of each field, by lower-case name."""
    body: bytes
    """As stored: no coding undone."""

    def media_type(self) -> str | None:
        """Declared type/subtype, lower case, without parameters; None when there is none of that form."""
        declared = self.headers.get("content-type", "").split(";", 1)[0].split(",", 1)[0].strip().lower()
        return declared if re.fullmatch(r"[\w.+-]+/[\w.+-]+", declared) else None

    def charset(self) -> str | None:
        """Declared charset; None when there is none."""
        declared = self.headers.get("content-type")
        if not declared or "charset" not in declared.lower():
            return None
        message = Message()
        message["content-type"] = declared
        value = message.get_param("charset")
        return value.strip(" '\"") or None if isinstance(value, str) else None


@dataclass(slots=True)
class Payload:
    data: bytes
    """The entity, every coding undone, cut after the limit."""
    notes: dict[str, str] = field(default_factory=dict)
    """Codings that were declared but not there."""


def parse_response(block: bytes) -> HttpResponse:
    """Raises MalformedHttp when the block does not begin with a status line."""
    status = STATUS_LINE.match(block)
    if status is None:
        raise MalformedHttp(f"not an HTTP status line: {decoded(block[:60])!r}")
    end = HEADER_END.search(block, max(0, status.end() - 2))
    head, body = (block[status.end() : end.start()], block[end.end() :]) if end else (block[status.end() :], b"")
    headers, _ = header_fields(decoded(head))
    return HttpResponse(int(status[1]), headers, body)


def decode_body(response: HttpResponse, max_bytes: int) -> Payload:
    """The entity of a response, at most `max_bytes` + 1 bytes of it; raises UndecodableBody."""
    payload = Payload(response.body)
    if "chunked" in response.headers.get("transfer-encoding", "").lower():
        payload.data = _dechunk(payload)
    codings = response.headers.get("content-encoding", "").lower().split(",")
    for coding in reversed([coding.strip() for coding in codings]):
        if coding not in NO_CODING:
            payload.data = _undo(coding, payload, max_bytes + 1)
    return payload


def _dechunk(payload: Payload) -> bytes:
    body, position = payload.data, 0
    pieces: list[bytes] = []
    while True:
        size = CHUNK_SIZE.match(body, position)
        if size is None and not pieces:
            if body:
                payload.notes["transfer_encoding"] = "chunked declared, not there"
            return body
        if size is None and position >= len(body.rstrip(b"\r\n")):
            payload.notes["transfer_encoding"] = "chunked, last chunk missing"
            return b"".join(pieces)
        if size is None:
            raise UndecodableBody(f"chunked: no chunk at byte {position} of the body")
        num_bytes, start = int(size[1], 16), size.end()
        if num_bytes == 0:
            return b"".join(pieces)
        if start + num_bytes > len(body):
            if not pieces and looks_like_text(body) and len(size[1]) < 2:
                payload.notes["transfer_encoding"] = "chunked declared, not there"
                return body
            raise UndecodableBody(f"chunked: the chunk at byte {position} of the body is cut off")
        pieces.append(body[start : start + num_bytes])
        position = start + num_bytes
        if body.startswith(b"\r\n", position):
            position += 2
        elif body.startswith(b"\n", position):
            position += 1


def _undo(coding: str, payload: Payload, max_bytes: int) -> bytes:
    decoder = DECODERS.get(coding)
    if decoder is None:
        payload.notes["content_encoding"] = f"{coding} is not known"
        return payload.data
    if not payload.data:
        return b""
    try:
        return decoder(payload.data, max_bytes)
    except (zlib.error, OSError, EOFError) as error:
        if looks_like_text(payload.data):
            payload.notes["content_encoding"] = f"{coding} declared, not there"
            return payload.data
        raise UndecodableBody(f"{coding}: {error}") from error


def _gunzip(data: bytes, max_bytes: int) -> bytes:
    return _inflate(zlib.decompressobj(31), data, max_bytes)


def _inflate(decoder: zlib._Decompress, data: bytes, max_bytes: int) -> bytes:
    out = decoder.decompress(data, max_bytes)
    if not decoder.eof and len(out) < max_bytes:
        raise EOFError(f"breaks off after {len(out)} decoded bytes")
    return out


def _deflate(data: bytes, max_bytes: int) -> bytes:
    """`deflate` is zlib by the standard and raw deflate in many servers."""
    try:
        return _inflate(zlib.decompressobj(15), data, max_bytes)
    except zlib.error:
        return _inflate(zlib.decompressobj(-15), data, max_bytes)


def _brotli(data: bytes, max_bytes: int) -> bytes:
    from fastwarc.stream_io import BrotliReader

    return _read(BrotliReader(io.BytesIO(data)), max_bytes)


def _zstd(data: bytes, max_bytes: int) -> bytes:
    from fastwarc.stream_io import ZstdReader

    return _read(ZstdReader(io.BytesIO(data)), max_bytes)


def _read(reader: WarcReader, max_bytes: int) -> bytes:
    pieces, left = [], max_bytes
    while left and (piece := reader.read(left)):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _deflate,
    "br": _brotli,
    "brotli": _brotli,
    "zstd": _zstd,
}
