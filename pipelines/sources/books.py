"""Books and office documents to rows of `documents`: each file is a container with one record, a zip has many.

EPUB, Project Gutenberg's plain texts and HTML editions, DOCX, ODT and PDF; any of them gzipped, texts and books in a
`.zip`. What a file is, its name says; its extractor says whether that is true. A licence is what the book states as an
address; statements of rights in words are metadata. Memory: the file, its largest chapter, and the text.
"""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from extractors import docx, epub, gutenberg, odt, pdf
from extractors.guard import Limits
from extractors.package_file import UNZIP_ERRORS, is_of_the_disk
from extractors.result import Extraction
from pipelines.errors import AccessDenied, InputNotFound, TransportError
from pipelines.source_config import BooksOptions
from pipelines.sources.accounts import Accounts
from pipelines.sources.archives import LITTER
from pipelines.sources.records import (
    DAMAGED_MEMBER,
    EMPTY_CONTAINER,
    SKIP_LITTER,
    SKIP_MEDIA_TYPE,
    SKIP_NO_TEXT,
    SKIP_SCANNED,
    TRANSPORT_ERROR,
    UNREADABLE_CONTAINER,
    ReaderConfig,
    Row,
)
from pipelines.transport import ContainerRef, open_stream

BOOKS_FILE = re.compile(r"\.(epub|docx|odt|pdf|txt|html?|zip)(\.gz)?$", re.IGNORECASE)
INPUT_TOO_LARGE = "InputTooLarge"
ENCRYPTED_INPUT = "EncryptedInput"
DECOMPRESSION_BOMB = "DecompressionBomb"
MAX_ZIP_MEMBERS = 50_000
"""Books in one zip, inclusive; the directory is held in memory."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One format: its media type and what reads it."""

    media_type: str
    read: Callable[[bytes, BooksOptions], Extraction]


def _limits(options: BooksOptions) -> Limits:
    return Limits(time_s=options.time_limit_s, input_bytes=options.max_file_bytes)


def _read_epub(data: bytes, options: BooksOptions) -> Extraction:
    how = epub.Options(options.apparatus, options.max_unpacked_bytes, _limits(options))
    return epub.extract(data, how)


def _read_pdf(data: bytes, options: BooksOptions) -> Extraction:
    how = pdf.Options(options.max_pages, options.min_page_chars, _limits(options))
    if options.pdf_process == "same":
        return pdf.extract(data, how)
    from extractors.pdf import apart

    return apart.extract(data, how)


KINDS = {
    "epub": Kind("application/epub+zip", _read_epub),
    "docx": Kind(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        lambda data, options: docx.extract(data, _limits(options)),
    ),
    "odt": Kind("application/vnd.oasis.opendocument.text", lambda data, options: odt.extract(data, _limits(options))),
    "pdf": Kind("application/pdf", _read_pdf),
    "txt": Kind("text/plain", lambda data, options: gutenberg.extract(data, _limits(options))),
    "html": Kind("text/html", lambda data, options: gutenberg.extract_html(data, _limits(options))),
    "htm": Kind("text/html", lambda data, options: gutenberg.extract_html(data, _limits(options))),
}


@dataclass(slots=True)
class File:
    """The bytes of one book, or why there are none."""

    name: str
    """Name without the ending of its compression."""
    data: bytes = b""
    error: str = ""
    detail: str = ""
    locator: str = "book"
    offset: int | None = 0
    length: int | None = None
    notes: dict[str, str] = field(default_factory=dict)


def is_books_file(name: str) -> bool:
    """A file of a folder that this source reads."""
    return BOOKS_FILE.search(name) is not None


def read_books(ref: ContainerRef, config: ReaderConfig) -> Iterator[Row]:
    """The rows of one file: its document, failure or skip, then the closing row; of a zip, one for each member.

    Never raises for what is wrong with the file or the network: that is a row.
    """
    accounts = Accounts("books", config.source.category, ref.name)
    num_seen = 0
    try:
        with open_stream(ref.uri, config.transport) as stream:
            for file in _files(ref.name, stream, config.source.books):
                num_seen += 1
                row = _row(file, accounts, config.source.books)
                if row is not None:
                    yield row
    except TransportError as error:
        code = UNREADABLE_CONTAINER if isinstance(error, AccessDenied) else TRANSPORT_ERROR
        num_seen += 1
        yield accounts.failed("container", code, str(error))
    except (InputNotFound, OSError) as error:
        num_seen += 1
        yield accounts.failed("container", UNREADABLE_CONTAINER, str(error))
    if not num_seen:
        num_seen = 1
        yield accounts.failed("container", EMPTY_CONTAINER, "a zip without members")
    yield from accounts.close(num_seen)


def _files(name: str, stream: BinaryIO, options: BooksOptions) -> Iterator[File]:
    """The books of one dump file."""
    plain = re.sub(r"\.gz$", "", name, flags=re.IGNORECASE)
    if plain.lower().endswith(".zip") and plain == name:
        yield from _members(stream, options)
        return
    data = stream.read(options.max_file_bytes + 1)
    file = File(plain, data, length=len(data))
    if len(data) > options.max_file_bytes:
        file.error, file.detail = INPUT_TOO_LARGE, f"more than {options.max_file_bytes} bytes"
    elif not data:
        file.error, file.detail = EMPTY_CONTAINER, "no byte"
    elif data.startswith(b"\x1f\x8b"):
        _gunzip(file, options.max_unpacked_bytes)
    yield file


def _gunzip(file: File, limit: int) -> None:
    """Undo gzip, all members of it, as far as the limit."""
    packed, pieces, total = file.data, [], 0
    try:
        while packed.startswith(b"\x1f\x8b"):
            decoder = zlib.decompressobj(wbits=31)
            pieces.append(decoder.decompress(packed, limit + 1 - total))
            total += len(pieces[-1])
            if total > limit:
                file.error, file.detail = DECOMPRESSION_BOMB, f"unpacks to more than {limit} bytes"
                return
            if not decoder.eof:
                raise zlib.error("cut off")
            packed = decoder.unused_data
        file.data = b"".join(pieces)
    except zlib.error as error:
        file.error, file.detail = DAMAGED_MEMBER, f"gzip: {error}"


def _members(stream: BinaryIO, options: BooksOptions) -> Iterator[File]:
    """The books in a zip, one at a time."""
    try:
        archive = zipfile.ZipFile(stream)
        entries = [info for info in archive.infolist() if not info.is_dir()]
    except UNZIP_ERRORS as error:
        if is_of_the_disk(error):
            raise
        yield File("container", error=DAMAGED_MEMBER, detail=f"not a zip: {error}", locator="container")
        return
    if len(entries) > MAX_ZIP_MEMBERS:
        yield File("container", error=DECOMPRESSION_BOMB, detail=f"{len(entries)} members", locator="container")
        return
    seen: dict[str, int] = {}
    for info in entries:
        count = seen[info.filename] = seen.get(info.filename, 0) + 1
        locator = info.filename if count == 1 else f"{info.filename}\0{count}"
        file = File(info.filename, locator=locator, offset=info.header_offset, length=info.compress_size)
        file.notes["member"] = info.filename
        if _suffix(file) in KINDS and not LITTER.search(info.filename):
            _unpack(archive, info, file, options)
        yield file


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, file: File, options: BooksOptions) -> None:
    try:
        with archive.open(info) as member:
            file.data = member.read(options.max_file_bytes + 1)
    except RuntimeError as error:  # zipfile's word for a password
        file.error, file.detail = ENCRYPTED_INPUT, str(error)
    except UNZIP_ERRORS as error:
        if is_of_the_disk(error):
            raise
        file.error, file.detail = DAMAGED_MEMBER, str(error)
    if len(file.data) > options.max_file_bytes:
        file.data = b""
        file.error, file.detail = DECOMPRESSION_BOMB, f"more than {options.max_file_bytes} bytes"


def _suffix(file: File) -> str:
    return file.name.rpartition(".")[2].lower() if "." in file.name else ""


def _row(file: File, accounts: Accounts, options: BooksOptions) -> Row | None:
    """The document or failure of one book; None where it was counted as another kind of file."""
    if LITTER.search(file.name):
        accounts.skip(SKIP_LITTER, file.name.rpartition("/")[2])
        return None
    suffix = _suffix(file)
    kind = KINDS.get(suffix)
    if not file.error and kind is None:
        accounts.skip(SKIP_MEDIA_TYPE, suffix or "unnamed")
        return None
    row = accounts.row(file.locator)
    row.offset, row.length = file.offset, file.length
    if file.error or kind is None:
        row.error, row.error_detail = file.error, file.detail[:300]
        return row
    row.media_type = kind.media_type
    _fill(row, kind.read(file.data, options), file)
    return row


def _fill(row: Row, found: Extraction, file: File) -> None:
    row.title, row.license, row.date = found.title, found.license_url, found.date
    notes = dict(file.notes)
    optional = {"author": found.author, "language_hint": found.language, "charset": found.charset}
    notes.update({name: value for name, value in optional.items() if value})
    notes.update(found.metadata)
    row.metadata = json.dumps(notes, ensure_ascii=False, sort_keys=True) if notes else None
    if found.error is not None:
        row.error, row.error_detail = found.error.code, str(found.error)
    elif found.kind == pdf.SCANNED:
        row.skip_reason, row.skip_value = SKIP_SCANNED, found.metadata.get("num_pages")
    elif found.text:
        row.text = found.text
    else:
        row.skip_reason, row.skip_value = SKIP_NO_TEXT, found.kind
