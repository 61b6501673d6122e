"""One page of a web archive by its offset or address: what `gristmill extract` looks at."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.errors import InputNotFound
from pipelines.sources.framing import Frame, Framer
from pipelines.sources.http_message import MalformedHttp, UndecodableBody, decode_body, parse_response
from pipelines.transport import open_stream

MAX_BLOCK_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class ArchivedPage:
    """The payload of a response record."""

    url: str | None
    charset: str | None
    """Of the HTTP header."""
    body: bytes
    """With transfer and content codings undone."""


def find_page(uri: str, *, offset: int | None = None, url: str | None = None) -> ArchivedPage:
    """The first response record at a stored offset, or with a target address. Raises InputNotFound.

    By address the archive is read from its beginning.
    """
    with open_stream(uri) as stream:
        for frame in Framer(stream, size_bytes=None, max_block_bytes=MAX_BLOCK_BYTES):
            target = _target(frame)
            if (offset is not None and frame.offset == offset) or (url is not None and target == url):
                page = _page(frame, target)
                if page is not None:
                    return page
    wanted = f"offset {offset}" if offset is not None else url
    raise InputNotFound(
        f"{uri}: no response record at {wanted}; see where a document lies with: gristmill peek RUN DOC_ID"
    )


def _target(frame: Frame) -> str | None:
    if frame.header is None:
        return None
    fields = frame.header.fields
    return (fields.get("warc-target-uri") or fields.get("uri") or "").strip("<> ") or None


def _page(frame: Frame, url: str | None) -> ArchivedPage | None:
    if frame.header is None or frame.header.record_type != "response":
        return None
    try:
        response = parse_response(frame.block)
        return ArchivedPage(url, response.charset(), decode_body(response, MAX_BLOCK_BYTES).data)
    except (MalformedHttp, UndecodableBody) as error:
        raise InputNotFound(f"the record at offset {frame.offset} holds no readable page: {error}") from error
