"""Writes WARC 1.0 records the way Common Crawl does: one gzip member a record, SHA-1 digests, CRLF headers.

Format: ISO 28500; field order and values after a Common Crawl file of 2024. Own writer, because the demo must not need
warcio. Ids and dates are derived from the URL, so bytes are the same each time.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

CRAWL = "GRISTMILL-SAMPLE-1"
START = datetime(2024, 11, 10, 12, 0, 0, tzinfo=UTC)
_NAMESPACE = uuid.UUID("8d1f0c6a-2f55-5d0e-9a51-6f2f8f0b7c11")
Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Response:
    """One HTTP response to be recorded."""

    url: str
    body: bytes
    content_type: str | None = "text/html; charset=utf-8"
    status: str = "200 OK"
    headers: tuple[tuple[str, str], ...] = ()
    content_length: int | None = None
    """Value of the HTTP header; None: the true one."""
    truncated: str | None = None
    """WARC-Truncated."""


def record_id(kind: str, url: str) -> str:
    return f"<urn:uuid:{uuid.uuid5(_NAMESPACE, f'{kind} {url}')}>"


def warc_date(url: str) -> str:
    """A moment within three hours of the crawl's start that depends on the URL only."""
    seconds = int.from_bytes(hashlib.sha1(url.encode()).digest()[:4], "big") % 10_800
    return (START + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def digest(block: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(block).digest()).decode()


def record(headers: Headers, block: bytes, content_length: int | None = None) -> bytes:
    """One record, not compressed; `content_length` overrides the true length (for broken records)."""
    length = len(block) if content_length is None else content_length
    fields = [*headers[:3], ("Content-Length", str(length)), *headers[3:]]
    head = "WARC/1.0\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields)
    return head.encode() + b"\r\n" + block + b"\r\n\r\n"


def member(data: bytes) -> bytes:
    """A gzip member without name or time."""
    return gzip.compress(data, compresslevel=6, mtime=0)


def http_block(response: Response) -> bytes:
    length = len(response.body) if response.content_length is None else response.content_length
    date = datetime.strptime(warc_date(response.url), "%Y-%m-%dT%H:%M:%SZ").strftime("%a, %d %b %Y %H:%M:%S GMT")
    fields = [("Date", date), ("Server", "nginx")]
    if response.content_type is not None:
        fields.append(("Content-Type", response.content_type))
    fields += [*response.headers, ("Content-Length", str(length))]
    head = f"HTTP/1.1 {response.status}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields)
    return head.encode() + b"\r\n" + response.body


def warcinfo(filename: str, kind: str = "crawl") -> bytes:
    lines = {
        "isPartOf": CRAWL,
        "publisher": "Gristmill",
        "description": f"Made-up {kind} data bundled with Gristmill",
        "software": "pipelines.sample.build",
        "robots": "classic",
        "format": "WARC File Format 1.0",
        "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.0/",
    }
    block = "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode()
    headers = [
        ("WARC-Type", "warcinfo"),
        ("WARC-Date", START.strftime("%Y-%m-%dT%H:%M:%SZ")),
        ("WARC-Record-ID", record_id("warcinfo", filename)),
        ("Content-Type", "application/warc-fields"),
        ("WARC-Filename", filename),
        ("WARC-Block-Digest", digest(block)),
    ]
    return record(headers, block)


def capture_headers(kind: str, url: str, filename: str) -> Headers:
    """The headers that request, response and metadata records of one capture share."""
    types = {"metadata": "application/warc-fields"}
    headers = [
        ("WARC-Type", kind),
        ("WARC-Date", warc_date(url)),
        ("WARC-Record-ID", record_id(kind, url)),
        ("Content-Type", types.get(kind, f"application/http; msgtype={kind}")),
        ("WARC-Warcinfo-ID", record_id("warcinfo", filename)),
    ]
    if kind != "request":
        headers.append(("WARC-Concurrent-To", record_id("request", url)))
    return [*headers, ("WARC-IP-Address", f"203.0.113.{len(url) % 250 + 1}"), ("WARC-Target-URI", url)]


def request_record(url: str, filename: str) -> bytes:
    host, _, path = url.split("://", 1)[1].partition("/")
    block = (
        f"GET /{path} HTTP/1.1\r\nUser-Agent: SampleBot/1.0\r\n"
        "Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\nAccept-Language: en-US,en;q=0.5\r\n"
        f"Accept-Encoding: gzip\r\nHost: {host}\r\nConnection: Keep-Alive\r\n\r\n"
    ).encode()
    headers = [*capture_headers("request", url, filename), ("WARC-Block-Digest", digest(block))]
    return record(headers, block)


def response_headers(response: Response, filename: str) -> Headers:
    """WARC headers of a response record."""
    headers = [
        *capture_headers("response", response.url, filename),
        ("WARC-Payload-Digest", digest(response.body)),
        ("WARC-Block-Digest", digest(http_block(response))),
    ]
    if response.truncated:
        headers.append(("WARC-Truncated", response.truncated))
    if response.content_type is not None:
        headers.append(("WARC-Identified-Payload-Type", response.content_type.split(";")[0]))
    return headers


def response_record(response: Response, filename: str) -> bytes:
    return record(response_headers(response, filename), http_block(response))


def metadata_record(url: str, filename: str, charset: str, language: str) -> bytes:
    block = (
        f"fetchTimeMs: {len(url) * 7 % 900 + 40}\r\ncharset-detected: {charset.upper()}\r\n"
        f'languages-cld2: {{"reliable":true,"languages":[{{"code":"{language}","text-covered":0.98}}]}}\r\n\r\n'
    ).encode()
    return record([*capture_headers("metadata", url, filename), ("WARC-Block-Digest", digest(block))], block)


def conversion_record(url: str, text: str, filename: str, language: str) -> bytes:
    """A WET record: the plain text of a page."""
    block = text.encode()
    headers = [
        ("WARC-Type", "conversion"),
        ("WARC-Date", warc_date(url)),
        ("WARC-Record-ID", record_id("conversion", url)),
        ("Content-Type", "text/plain"),
        ("WARC-Warcinfo-ID", record_id("warcinfo", filename)),
        ("WARC-Target-URI", url),
        ("WARC-Refers-To", record_id("response", url)),
        ("WARC-Block-Digest", digest(block)),
        ("WARC-Identified-Content-Language", language),
    ]
    return record(headers, block)


def capture(response: Response, filename: str, charset: str = "utf-8", language: str = "en") -> bytes:
    """Request, response and metadata records of one page, a gzip member each."""
    return (
        member(request_record(response.url, filename))
        + member(response_record(response, filename))
        + member(metadata_record(response.url, filename, charset, language))
    )
