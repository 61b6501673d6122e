"""The two record formats of web archives: WARC (0.17 to 1.1, ISO 28500) and ARC 1.0/2.0 (Internet Archive).

A dialect knows where a record begins, where its header ends and what the header says. It is lenient where crawlers
are known to differ (LF line ends, folded and repeated fields, any case) and strict about what framing needs: the
version or URL line, and one length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol


class MalformedHeader(Exception):
    """The header is there, but does not say how long the record is."""


@dataclass(slots=True)
class RecordHeader:
    record_type: str
    """WARC-Type, lower case; for ARC `response`, `filedesc` or the scheme of the URL."""
    content_length: int
    """Bytes of the block."""
    fields: dict[str, str]
    """Named as in WARC, in lower case; the first value of a repeated field."""


class Dialect(Protocol):
    name: str
    start: re.Pattern[bytes]
    """Matches where a record begins."""
    line_start: re.Pattern[bytes]
    """The same, at the beginning of a line only; for searching after damage."""
    max_start_bytes: int
    """What `start` matches is no longer than this."""
    min_newlines: int
    """Line ends after a block that show that its length was right."""

    def header_end(self, data: bytes | bytearray, start: int) -> int:
        """Position after the header that begins at `start`; -1 when it is not all there."""
        ...

    def parse(self, header: bytes) -> RecordHeader:
        """Raises MalformedHeader."""
        ...


def at_line_start(start: re.Pattern[bytes]) -> re.Pattern[bytes]:
    return re.compile(rb"(?<=\n)" + start.pattern)


class Warc:
    name = "warc"
    start = re.compile(rb"[Ww][Aa][Rr][Cc]/[^\r\n]{0,24}\r?\n")
    line_start = at_line_start(start)
    max_start_bytes = 64
    min_newlines = 2
    _version = re.compile(r"WARC/\d+\.\d+\s*", re.IGNORECASE)

    def header_end(self, data: bytes | bytearray, start: int) -> int:
        crlf = data.find(b"\n\r\n", start)
        lf = data.find(b"\n\n", start) if crlf < 0 else data.find(b"\n\n", start, crlf)
        if lf >= 0:
            return lf + 2
        return crlf + 3 if crlf >= 0 else -1

    def parse(self, header: bytes) -> RecordHeader:
        version, _, rest = decoded(header).partition("\n")
        if not self._version.fullmatch(version):
            raise MalformedHeader(f"not a WARC version: {version.strip()[:40]!r}")
        fields, lengths = header_fields(rest)
        if not lengths:
            raise MalformedHeader("no Content-Length")
        length = lengths[0]
        if not (length.isascii() and length.isdigit()) or any(other != length for other in lengths):
            raise MalformedHeader(f"Content-Length is {', '.join(lengths)[:40]!r}")
        return RecordHeader(fields.get("warc-type", "").lower() or "unnamed", int(length), fields)


class Arc:
    """A URL line, then the block. Version 1 has five fields, version 2 ten; a URL may hold blanks."""

    name = "arc"
    start = re.compile(
        rb"(?:filedesc://|[A-Za-z][A-Za-z0-9+.-]{1,15}:)[^\r\n]{1,8192} [0-9a-fA-F.:]+ \d{12,} [^\r\n]{1,256}\r?\n"
    )
    line_start = at_line_start(start)
    max_start_bytes = 8800
    min_newlines = 1
    _version_1 = re.compile(r"(\S.*) (\S+) (\d{12,}) (\S*) (\S+)")
    _version_2 = re.compile(r"(\S.*) (\S+) (\d{12,}) (\S+) (\d{3}|-) (\S+) (\S+) (\d+) (\S+) (\S+)")

    def header_end(self, data: bytes | bytearray, start: int) -> int:
        return data.find(b"\n", start) + 1 or -1

    def parse(self, header: bytes) -> RecordHeader:
        line = decoded(header).strip()
        match = self._version_2.fullmatch(line) or self._version_1.fullmatch(line)
        if match is None:
            raise MalformedHeader(f"not an ARC record line: {line[:80]!r}")
        url, address, stamp, media_type = match.group(1, 2, 3, 4)
        length = match[match.re.groups]
        if not (length.isascii() and length.isdigit()):
            raise MalformedHeader(f"Archive-length is {length[:40]!r}")
        fields = {"warc-target-uri": url, "warc-date": arc_date(stamp), "arc-content-type": media_type}
        if address != "0.0.0.0":
            fields["warc-ip-address"] = address
        scheme = url.split(":", 1)[0].lower()
        return RecordHeader("response" if scheme in ("http", "https") else scheme, int(length), fields)


WARC = Warc()
ARC = Arc()
DIALECTS: tuple[Dialect, ...] = (WARC, ARC)


FIELD = re.compile(r"^([^:\s][^:\r\n]*):([^\r\n]*)", re.MULTILINE)
FOLD = re.compile(r"\r?\n[ \t]+")


def decoded(header: bytes) -> str:
    """Headers are UTF-8 by the standard and Latin-1 in practice."""
    try:
        return header.decode("utf-8")
    except UnicodeDecodeError:
        return header.decode("latin-1")


def header_fields(text: str) -> tuple[dict[str, str], list[str]]:
    """Fields by lower-case name (first value; folded lines joined), and every value of Content-Length."""
    if "\n " in text or "\n\t" in text:
        text = FOLD.sub(" ", text)
    pairs = FIELD.findall(text)
    fields = {name.rstrip().lower(): value.strip() for name, value in reversed(pairs)}
    if "content-length" not in fields:
        return fields, []
    return fields, [value.strip() for name, value in pairs if name.rstrip().lower() == "content-length"]


def arc_date(stamp: str) -> str:
    """`YYYYMMDDhhmm[ss…]` as ISO 8601."""
    s = stamp.ljust(14, "0")
    return f"{s[:4]}-{s[4:6]}-{s[6:8]}T{s[8:10]}:{s[10:12]}:{s[12:14]}Z"
