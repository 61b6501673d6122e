"""Ready-made documents, one a record, from JSON lines or Parquet, to rows of `documents` under the same accounts.

JSON lines may be plain, gzip or zstd; the format is told by the first bytes. Cost: json's own, some 20 µs a record.
Blind spot: to keep ids apart within a file, a digest of each (70 bytes of memory) is held until its end.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import pyarrow as pa
import xxhash

from pipelines.errors import AccessDenied, InputNotFound, TransportError
from pipelines.schemas import SOURCES
from pipelines.sources.accounts import Accounts
from pipelines.sources.records import (
    DAMAGED_MEMBER,
    EMPTY_CONTAINER,
    MALFORMED_LINE,
    SKIP_NO_TEXT,
    TRANSPORT_ERROR,
    UNREADABLE_CONTAINER,
    ReaderConfig,
    Row,
    document_id,
)
from pipelines.transport import ContainerRef, open_stream

RECORDS_FILE = re.compile(r"\.((jsonl|ndjson)(\.(gz|zst))?|json\.(gz|zst)|parquet)$", re.IGNORECASE)
COLUMNS = ("url", "date", "license", "title")
"""Fields that have a column of their own; `source` has one when it names a known source."""
INPUT_TOO_LARGE = "InputTooLarge"
PARQUET_ROWS = 256


@dataclass(slots=True)
class Record:
    """What a file holds in one place: the fields, or why there are none."""

    number: int
    """Its place in the file, from 0."""
    fields: Mapping[str, Any] | None
    error: str = ""
    detail: str = ""
    offset: int | None = None
    length: int | None = None


def is_records_file(name: str) -> bool:
    """A file of a folder that this source reads."""
    return RECORDS_FILE.search(name) is not None


def read_records(ref: ContainerRef, config: ReaderConfig) -> Iterator[Row]:
    """The rows of one file: documents, empty ones and failures in file order, skips by cause, then the closing row.

    Never raises for what is wrong with the file or the network: that is a row.
    """
    accounts = Accounts("records", config.source.category, ref.name)
    ids: set[int] = set()
    yield from rows_of_records(
        ref, config, accounts, (config.source.text_field,), lambda record: [_row(record, accounts, config, ids)]
    )


def rows_of_records(
    ref: ContainerRef,
    config: ReaderConfig,
    accounts: Accounts,
    text_fields: tuple[str, ...],
    rows_of: Callable[[Record], Iterable[Row]],
    finish: Callable[[], Iterable[Row]] = tuple,
) -> Iterator[Row]:
    """What `rows_of` makes of each record of a file, then of `finish`, then the accounts; never raises for bad input.

    A Parquet file must have one of `text_fields`.
    """
    num_seen = 0
    try:
        with open_stream(ref.uri, config.transport) as stream:
            for record in _records(stream, config.extraction.max_input_bytes, text_fields):
                num_seen += 1
                yield from rows_of(record)
        if not num_seen:
            num_seen = 1
            yield accounts.failed("container", EMPTY_CONTAINER, "no record and nothing else")
    except TransportError as error:
        code = UNREADABLE_CONTAINER if isinstance(error, AccessDenied) else TRANSPORT_ERROR
        num_seen += 1
        yield accounts.failed("container", code, str(error))
    except (gzip.BadGzipFile, zlib.error, EOFError, DamagedStream) as error:
        num_seen += 1
        yield accounts.failed("container", DAMAGED_MEMBER, f"after record {num_seen - 1}: {error}")
    except (InputNotFound, OSError, pa.ArrowException) as error:
        num_seen += 1
        yield accounts.failed("container", UNREADABLE_CONTAINER, str(error))
    yield from finish()
    yield from accounts.close(num_seen)


class DamagedStream(Exception):
    """A zstd stream does not decode further."""


def _records(stream: BinaryIO, max_bytes: int, text_fields: tuple[str, ...]) -> Iterator[Record]:
    head = stream.read(4)
    stream.seek(0)
    if head == b"PAR1":
        return _parquet_records(stream, text_fields)
    if head.startswith(b"\x1f\x8b"):
        return _line_records(cast(BinaryIO, gzip.GzipFile(fileobj=stream)), max_bytes, has_offsets=False)
    if head == b"\x28\xb5\x2f\xfd":
        return _line_records(cast(BinaryIO, io.BufferedReader(_ZstdStream(stream))), max_bytes, has_offsets=False)
    return _line_records(stream, max_bytes, has_offsets=True)


class _ZstdStream(io.RawIOBase):
    """FastWARC's zstd reader as a stream of Python's."""

    def __init__(self, stream: BinaryIO) -> None:
        from fastwarc.stream_io import ZstdReader

        super().__init__()
        self._reader = ZstdReader(stream)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        try:
            data = self._reader.read(len(view))
        except OSError as error:
            raise DamagedStream(f"zstd: {error}") from error
        view[: len(data)] = data
        return len(data)


def _line_records(stream: BinaryIO, max_bytes: int, *, has_offsets: bool) -> Iterator[Record]:
    offset = 0
    number = 0
    while line := stream.readline(max_bytes + 1):
        length = len(line)
        too_long = length > max_bytes and not line.endswith(b"\n")
        while too_long and (rest := stream.readline(2**20)):
            length += len(rest)
            if rest.endswith(b"\n"):
                break
        if line.strip():
            record = _too_long(number, length) if too_long else _parse(number, line)
            if has_offsets:
                record.offset, record.length = offset, length
            yield record
            number += 1
        offset += length


def _too_long(number: int, length: int) -> Record:
    return Record(number, None, INPUT_TOO_LARGE, f"a line of {length} bytes")


def _parse(number: int, line: bytes) -> Record:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError is a ValueError
        return Record(number, None, MALFORMED_LINE, f"not JSON: {error}"[:300])
    if not isinstance(fields, dict):
        return Record(number, None, MALFORMED_LINE, f"a {type(fields).__name__}, not an object")
    return Record(number, fields)


def _parquet_records(stream: BinaryIO, text_fields: tuple[str, ...]) -> Iterator[Record]:
    import pyarrow.parquet as pq

    file = pq.ParquetFile(stream)
    names = file.schema_arrow.names
    if not set(text_fields) & set(names):
        wanted = " or ".join(map(repr, text_fields))
        raise pa.ArrowInvalid(f"no column {wanted}, only {', '.join(names)}"[:300])
    number = 0
    for batch in file.iter_batches(PARQUET_ROWS):
        for fields in batch.to_pylist():
            yield Record(number, fields)
            number += 1


def _row(record: Record, accounts: Accounts, config: ReaderConfig, ids: set[int]) -> Row:
    row = accounts.row(f"#{record.number}")
    row.offset, row.length = record.offset, record.length
    if record.fields is None:
        row.error, row.error_detail = record.error, record.detail
        return row
    fields = dict(record.fields)
    _identify(row, record, fields, config.source.id_field, ids)
    text = fields.pop(config.source.text_field, None)
    for name in COLUMNS:
        value = fields.pop(name, None)
        setattr(row, name, None if value is None or value == "" else _plain(value))
    row.media_type = "text/plain"
    notes = dict(_scalars(fields))
    row.metadata = json.dumps(notes, ensure_ascii=False, sort_keys=True) if notes else None
    if not isinstance(text, str):
        row.error = MALFORMED_LINE
        row.error_detail = f"field {config.source.text_field!r} holds {type(text).__name__}, not text"
        return row
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").strip())
    if text:
        row.text = text
    else:
        row.skip_reason = SKIP_NO_TEXT
    return row


def _identify(row: Row, record: Record, fields: dict[str, Any], id_field: str | None, ids: set[int]) -> None:
    """Set source and id: by the record's own id, or by its place where it has none or one that came before."""
    if fields.get("source") in SOURCES:
        row.source = fields.pop("source")
    named = fields.get(id_field) if id_field is not None else None
    locator = f"#{record.number}"
    if isinstance(named, str | int) and named != "":
        digest = xxhash.xxh3_64_intdigest(str(named).encode("utf-8", "surrogatepass"))
        if digest not in ids:
            ids.add(digest)
            locator = f"={named}"
    row.doc_id = document_id(row.source, row.container, locator)


def _plain(value: object) -> str:
    if isinstance(value, str):
        return value
    isoformat = getattr(value, "isoformat", None)
    return isoformat() if isoformat is not None else json.dumps(value, ensure_ascii=False, default=str)


def _scalars(fields: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str | int | float | bool]]:
    """What is no object or list, objects being opened one level deep."""
    for name, value in fields.items():
        if isinstance(value, str | int | float | bool):
            yield f"{prefix}{name}", value
        elif isinstance(value, Mapping) and not prefix:
            yield from _scalars(value, f"{name}.")
        elif hasattr(value, "isoformat"):
            yield f"{prefix}{name}", value.isoformat()
