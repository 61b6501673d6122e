"""The rows of a site's XML dump as bytes: plain, gzip or UTF-16, from any byte on, in bounded memory.

A raw `<` cannot stand in an attribute, so every `<row` begins a row and the next `<` ends it; that is why a file can
be read in parts. Reference: the dumps' own readme; XML 1.0 section 2.3. Cost: some 2 ms a megabyte.
"""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from pipelines.sources.records import MALFORMED_RECORD, NOT_AN_ARCHIVE, TRUNCATED_RECORD

CHUNK_BYTES: Final = 2**20
MAX_PROLOG_BYTES: Final = 2**20
_ROOT: Final = re.compile(rb"<(?P<root>[\w:.-]+)")
_DOCTYPE: Final = re.compile(rb"<!DOCTYPE[^\[>]*(\[)?")
_DOCTYPE_END: Final = re.compile(rb"\]\s*>")
_SPACE: Final = re.compile(rb"\s*")
_ENCODING: Final = re.compile(rb"""\A\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)["']""")
_START: Final = b"<row"
_AFTER_NAME: Final = frozenset(b" \t\r\n/>")

GZIP_DAMAGE: Final = (gzip.BadGzipFile, zlib.error, EOFError)

Read = Callable[[int], bytes]
"""Up to so many bytes; none at the end."""


@dataclass(slots=True)
class RawRow:
    """One row as stored, or why it cannot be had."""

    offset: int
    """Bytes before it in the decoded file."""
    data: bytes
    length: int
    error: str = ""
    detail: str = ""


class NotThisTable(Exception):
    """The file is XML of another kind, or none; `code` says which."""

    code = NOT_AN_ARCHIVE


class Unpacked:
    """A gzip file that gives all that decodes before it raises one of GZIP_DAMAGE."""

    def __init__(self, stream: BinaryIO) -> None:
        self._file = gzip.GzipFile(fileobj=stream)
        self._damage: Exception | None = None

    def read(self, size: int) -> bytes:
        """Up to `size` bytes, none at the end."""
        blocks: list[bytes] = []
        found = 0
        while found < size and self._damage is None:
            try:
                block = self._file.read1(size - found)
            except GZIP_DAMAGE as error:
                self._damage = error
                break
            if not block:
                break
            blocks.append(block)
            found += len(block)
        if not blocks and self._damage is not None:
            raise self._damage
        return b"".join(blocks)


class RowReader:
    """Rows that begin in [start, end) of a stream that stands at `start`."""

    def __init__(self, read: Read, *, start: int = 0, end: int | None = None, max_row_bytes: int) -> None:
        self._read = read
        self._buffer = b""
        self._at = 0
        self._base = start
        self._end = end
        self._max_row_bytes = max_row_bytes
        self.charset = "utf-8"
        self.is_transcoded = False
        """The file is UTF-16: offsets are those of its text in UTF-8."""
        self.has_content = start > 0
        self.is_complete = False
        """The root element's end was seen."""

    @property
    def offset(self) -> int:
        """Bytes of the decoded file before the next one to look at."""
        return self._base + self._at

    def rows(self, root: str) -> Iterator[RawRow]:
        """Raises NotThisTable when the part that begins at 0 has another root element than `root`."""
        if self.offset == 0 and not self._open(root):
            return
        while self._find(root):
            yield self._row()

    def _open(self, root: str) -> bool:
        """Read the prolog; False: the file has no byte but padding."""
        self._more()
        self._transcode()
        while (found := _root(self._buffer, self._at)) is None or found.end() == len(self._buffer):
            if len(self._buffer) > MAX_PROLOG_BYTES or not self._more():
                break
        self.has_content = bool(self._buffer.strip(b"\0 \t\r\n"))
        if not self.has_content:
            return False
        if found is None or found["root"].decode("latin-1") != root:
            there = f"its root element is <{found['root'].decode('latin-1')[:100]}>" if found else "it is no XML"
            raise NotThisTable(f"not a table of {root}: {there}")
        if (stated := _ENCODING.match(self._buffer, self._at)) and not self.is_transcoded:
            self.charset = _known(stated[1].decode("ascii"))
        self._at = found.end()
        return True

    def _transcode(self) -> None:
        """Pass over a byte order mark; read UTF-16 as UTF-8 from here on."""
        if self._buffer.startswith(codecs.BOM_UTF8):
            self._at = len(codecs.BOM_UTF8)
        elif self._buffer.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            self.is_transcoded = True
            decoder = codecs.getincrementaldecoder("utf-16")("replace")
            stored = self._read

            def read(size: int) -> bytes:
                while data := stored(size):
                    if text := decoder.decode(data):
                        return text.encode("utf-8", "replace")
                return b""

            self._buffer = decoder.decode(self._buffer).encode("utf-8", "replace")
            self._read = read

    def _find(self, root: str) -> bool:
        """Stand at the next row; False: there is none before the end."""
        while True:
            at = self._buffer.find(_START, self._at)
            if at >= 0 and at + len(_START) < len(self._buffer):
                self._at = at
                if self._is_past():
                    return False
                if self._buffer[at + len(_START)] in _AFTER_NAME:
                    return True
                self._at += len(_START)
                continue
            closing = f"</{root}".encode()
            self.is_complete = self.is_complete or self._buffer.find(closing, self._at) >= 0
            self._at = at if at >= 0 else max(self._at, len(self._buffer) - len(closing))
            if self._is_past():
                return False
            if not self._more():
                return at >= 0

    def _is_past(self) -> bool:
        return self._end is not None and self.offset >= self._end

    def _row(self) -> RawRow:
        """The row here, up to the next `<`, its white space left out."""
        offset, searched = self.offset, self._at + 1
        while (end := self._buffer.find(b"<", searched)) < 0:
            size = len(self._buffer) - self._at
            if size > self._max_row_bytes:
                return self._too_long(offset)
            if not self._more():
                end = len(self._buffer)
                break
            searched = size
        data = self._buffer[self._at : end].rstrip()
        self._at = end
        if not data.endswith(b">"):
            is_last = end == len(self._buffer)
            cause = TRUNCATED_RECORD if is_last else MALFORMED_RECORD
            return RawRow(offset, b"", len(data), cause, f"no end of the tag in {len(data)} bytes")
        return RawRow(offset, data, len(data))

    def _too_long(self, offset: int) -> RawRow:
        while (end := self._buffer.find(b"<", self._at + 1)) < 0:
            self._at = len(self._buffer) - 1
            if not self._more():
                end = len(self._buffer)
                break
        self._at = end
        length = self.offset - offset
        return RawRow(offset, b"", length, "InputTooLarge", f"a row of {length} bytes, limit {self._max_row_bytes}")

    def _more(self) -> bool:
        """Read on; what was passed is forgotten, so `_at` is 0 afterwards."""
        data = self._read(CHUNK_BYTES)
        if data:
            self._buffer = self._buffer[self._at :] + data
            self._base += self._at
            self._at = 0
        return bool(data)


def _root(head: bytes, at: int) -> re.Match[bytes] | None:
    """The root element's `<name` behind declarations and comments, each passed once; None where it is not there."""
    while True:
        at = _end_of(_SPACE.match(head, at))
        if head.startswith(b"<?", at):
            at = _behind(head, b"?>", at + 2)
        elif head.startswith(b"<!--", at):
            at = _behind(head, b"-->", at + 4)
        elif opened := _DOCTYPE.match(head, at):
            is_long = opened[1] is not None
            at = _end_of(_DOCTYPE_END.search(head, opened.end())) if is_long else _behind(head, b">", opened.end())
        else:
            return _ROOT.match(head, at)
        if at < 0:
            return None


def _behind(head: bytes, mark: bytes, at: int) -> int:
    """-1: the mark is not there."""
    found = head.find(mark, at)
    return found + len(mark) if found >= 0 else -1


def _end_of(found: re.Match[bytes] | None) -> int:
    return found.end() if found else -1


def _known(charset: str) -> str:
    try:
        name = codecs.lookup(charset).name
    except LookupError:
        return "utf-8"
    return "utf-8" if name.startswith("utf-16") else name
