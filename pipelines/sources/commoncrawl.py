"""Web archives (WARC, WET, ARC) to rows of `documents`: every record is a document, a counted skip or a failure.

Layout and headers: ISO 28500 and Common Crawl's practice (recipe-facts 7.1). Extraction runs here, so that HTML
leaves the reader only as text. Cost: the extractor's (some ms a page) plus about 0.2 ms for the records of a page.
Blind spot: a page spread over `continuation` records is skipped, not joined.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import BinaryIO

from extractors.result import Extraction
from pipelines.errors import AccessDenied, InputNotFound, TransportError
from pipelines.sources.accounts import Accounts
from pipelines.sources.framing import Frame, Framer
from pipelines.sources.http_message import MalformedHttp, Payload, UndecodableBody, decode_body, parse_response
from pipelines.sources.records import (
    MALFORMED_HTTP,
    SKIP_EMPTY_PAYLOAD,
    SKIP_HTTP_STATUS,
    SKIP_MEDIA_TYPE,
    SKIP_NO_TEXT,
    SKIP_NOT_HTTP,
    SKIP_RECORD_TYPE,
    SKIP_SEGMENTED,
    SKIP_TRUNCATED,
    TRANSPORT_ERROR,
    UNDECODABLE_PAYLOAD,
    UNREADABLE_CONTAINER,
    ReaderConfig,
    Row,
)
from pipelines.sources.sniffing import binary_type, is_html
from pipelines.transport import ContainerRef, open_stream

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
UNSURE_TYPES = frozenset(
    {"application/octet-stream", "binary/octet-stream", "text/plain", "text/xml", "application/xml"}
)
"""Declared types under which HTML is often served; what begins with its doctype or root is taken for it."""
HEADER_ALLOWANCE_BYTES = 256 * 1024
ISO_DATE = re.compile(
    r"\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?)?)?",
)

Extract = Callable[[bytes, str | None, str | None], Extraction]
"""(HTML, URL, charset of the HTTP header) to text."""


class Skip(Exception):
    """The record is not wanted; reason and value."""


class Failure(Exception):
    """The record should hold a page but cannot be read; code and detail."""


def read_container(ref: ContainerRef, config: ReaderConfig, extract: Extract | None = None) -> Iterator[Row]:
    """The rows of one container: documents and failures in file order, then skips by cause, then the closing row.

    Never raises for what is wrong with the file or the network: that is a row. `extract` defaults to
    `extractors.html.extract` with the limits of the config.
    """
    accounts = Accounts("commoncrawl", config.source.category, ref.name)
    extract = extract or html_extractor(config)
    framer: Framer | None = None
    num_broken = 0
    try:
        with open_stream(ref.uri, config.transport) as stream:
            framer = _framer(stream, ref, config)
            for frame in framer:
                row = _account(frame, accounts, config, extract)
                if row is not None:
                    yield row
    except (InputNotFound, AccessDenied, OSError) as error:
        num_broken = 1
        yield _container_failure(accounts, framer, UNREADABLE_CONTAINER, error)
    except TransportError as error:
        num_broken = 1
        yield _container_failure(accounts, framer, TRANSPORT_ERROR, error)
    yield from accounts.close((framer.seen if framer else 0) + num_broken)


def html_extractor(config: ReaderConfig) -> Extract:
    """The HTML extractor with the limits and the comments policy of a config."""
    from extractors.guard import Limits
    from extractors.html import Options, extract

    limits = Limits(time_s=config.extraction.time_limit_s, input_bytes=config.extraction.max_input_bytes)
    options = Options(comments=config.extraction.comments, limits=limits)
    return lambda data, url, charset: extract(data, url=url, charset=charset, options=options)


def _framer(stream: BinaryIO, ref: ContainerRef, config: ReaderConfig) -> Framer:
    max_block_bytes = config.extraction.max_input_bytes + HEADER_ALLOWANCE_BYTES
    return Framer(stream, size_bytes=ref.size_bytes, max_block_bytes=max_block_bytes)


def _container_failure(accounts: Accounts, framer: Framer | None, error: str, cause: Exception) -> Row:
    row = accounts.failed("container", error, str(cause))
    row.offset = framer.offset if framer else None
    return row


def _account(frame: Frame, accounts: Accounts, config: ReaderConfig, extract: Extract) -> Row | None:
    """The row of one frame; None when it is skipped and counted."""
    row = accounts.row(frame.offset if frame.length is not None else f"#{frame.ordinal}")
    row.offset, row.length = frame.offset, frame.length
    notes: dict[str, str] = {}
    if frame.length is None:
        notes["ordinal"] = str(frame.ordinal)
    try:
        _describe(frame, row, notes)
        if frame.error is not None:
            raise Failure(frame.error, frame.detail)
        _fill(frame, row, notes, config, extract)
    except Skip as skip:
        accounts.skip(*skip.args)
        return None
    except Failure as failure:
        row.error, row.error_detail = failure.args
    row.metadata = json.dumps(notes, ensure_ascii=False, sort_keys=True) if notes else None
    return row


def _describe(frame: Frame, row: Row, notes: dict[str, str]) -> None:
    """What the record's own header says of it."""
    if frame.header is None:
        return
    fields = frame.header.fields
    url = fields.get("warc-target-uri") or fields.get("uri")
    row.url = url.strip("<> ") or None if url else None
    date = fields.get("warc-date") or fields.get("archive-date")
    if date:
        row.date = date if ISO_DATE.fullmatch(date) else None
        if row.date is None:
            notes["date_as_stated"] = date
    for name, field in (("record_id", "warc-record-id"), ("ip_address", "warc-ip-address")):
        if value := fields.get(field, "").strip("<>"):
            notes[name] = value
    if digest := fields.get("warc-payload-digest"):
        notes["payload_digest"] = digest


def _fill(frame: Frame, row: Row, notes: dict[str, str], config: ReaderConfig, extract: Extract) -> None:
    """Make a document of a record; raises Skip or Failure."""
    assert frame.header is not None
    if frame.header.record_type != config.source.records:
        raise Skip(SKIP_RECORD_TYPE, frame.header.record_type)
    if config.source.records == "conversion":
        _fill_from_text(frame, row, notes)
    else:
        _fill_from_response(frame, row, notes, config, extract)


def _fill_from_text(frame: Frame, row: Row, notes: dict[str, str]) -> None:
    """WET: the block is the text, in UTF-8."""
    assert frame.header is not None
    _refuse_parts(frame)
    row.media_type = (frame.header.fields.get("content-type") or "text/plain").split(";")[0].strip().lower()
    if languages := frame.header.fields.get("warc-identified-content-language"):
        notes["languages"] = languages
    try:
        text = frame.block.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Failure("UndecodableInput", f"not UTF-8: {error}") from error
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").strip())
    if text:
        row.text = text
    else:
        row.skip_reason = SKIP_NO_TEXT


def _fill_from_response(frame: Frame, row: Row, notes: dict[str, str], config: ReaderConfig, extract: Extract) -> None:
    assert frame.header is not None
    fields = frame.header.fields
    record_type = fields.get("content-type", "").split(";")[0].strip().lower()
    if record_type and record_type not in ("application/http", "application/http-response"):
        raise Skip(SKIP_NOT_HTTP, record_type)
    try:
        response = parse_response(frame.block)
    except MalformedHttp as error:
        raise Failure(MALFORMED_HTTP, str(error)) from error
    if response.status != 200:
        raise Skip(SKIP_HTTP_STATUS, str(response.status))
    declared = response.media_type()
    identified = fields.get("warc-identified-payload-type", "").split(";")[0].strip().lower()
    if declared and declared not in UNSURE_TYPES and not {declared, identified} & HTML_TYPES:
        raise Skip(SKIP_MEDIA_TYPE, declared)
    _refuse_parts(frame)
    try:
        payload = decode_body(response, config.extraction.max_input_bytes)
    except UndecodableBody as error:
        raise Failure(UNDECODABLE_PAYLOAD, str(error)) from error
    row.media_type = _html_type(payload.data, declared, identified)
    if frame.header.content_length == len(frame.block):
        _check_digest(fields.get("warc-payload-digest"), response.body, payload, notes)
    notes.update(payload.notes)
    if content_type := response.headers.get("content-type"):
        notes["http_content_type"] = content_type
    _extract(payload.data, response.charset(), row, notes, extract)


def _refuse_parts(frame: Frame) -> None:
    """Skip pages that are not all there."""
    assert frame.header is not None
    if cause := frame.header.fields.get("warc-truncated"):
        raise Skip(SKIP_TRUNCATED, cause.lower())
    if number := frame.header.fields.get("warc-segment-number"):
        raise Skip(SKIP_SEGMENTED, number)


def _html_type(data: bytes, declared: str | None, identified: str) -> str:
    """Which HTML it is; raises Skip when it is none or empty."""
    if not data.strip():
        raise Skip(SKIP_EMPTY_PAYLOAD, declared or "missing")
    if binary := binary_type(data):
        raise Skip(SKIP_MEDIA_TYPE, binary)
    for media_type in (declared, identified):
        if media_type in HTML_TYPES:
            assert media_type is not None
            return media_type
    if is_html(data, whole_document=declared is not None and not declared.endswith("octet-stream")):
        return "text/html"
    raise Skip(SKIP_MEDIA_TYPE, declared or "missing")


def _check_digest(stated: str | None, body: bytes, payload: Payload, notes: dict[str, str]) -> None:
    """Note a payload that is not what the crawler saw. Writers differ on whether codings are undone before hashing."""
    algorithm, _, value = (stated or "").partition(":")
    algorithm = algorithm.lower().replace("-", "")
    if algorithm not in ("sha1", "sha256", "md5") or not value:
        return
    expected = {value.lower()}
    with contextlib.suppress(binascii.Error):  # not base 32: then it is hex
        expected.add(base64.b32decode(value.upper()).hex())
    for data in (body, payload.data):
        if hashlib.new(algorithm, data, usedforsecurity=False).hexdigest() in expected:
            return
    notes["payload_digest_check"] = "mismatch"


def _extract(data: bytes, charset: str | None, row: Row, notes: dict[str, str], extract: Extract) -> None:
    found = extract(data, row.url, charset)
    row.title, row.license = found.title, found.license_url
    if found.charset or charset:
        notes["charset"] = found.charset or charset or ""
    optional = {
        "author": found.author,
        "published": found.date,
        "language_hint": found.language,
        "canonical_url": found.canonical_url,
        "robots": ",".join(found.robots),
        "page_kind": found.kind,
    }
    notes.update({name: value for name, value in optional.items() if value})
    notes.update(found.metadata)
    if found.error is not None:
        raise Failure(found.error.code, str(found.error))
    if found.text:
        row.text = found.text
    else:
        row.skip_reason, row.skip_value = SKIP_NO_TEXT, found.kind
