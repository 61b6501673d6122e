"""Archives written by hand, byte by byte, so that each fault is where the test says it is."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace

import pytest

from extractors.result import Extraction
from pipelines.recipe import ExtractionConfig
from pipelines.source_config import SourceConfig
from pipelines.sources.commoncrawl import read_container
from pipelines.sources.records import ReaderConfig, Row
from pipelines.transport import ContainerRef, RetryPolicy, TransportOptions

PAGE = b"<!doctype html><html><head><title>T</title></head><body><p>A paragraph of text.</p></body></html>"


def record(
    block: bytes = b"",
    *,
    kind: str | None = "response",
    version: str = "WARC/1.0",
    length: str | int | None = None,
    newline: bytes = b"\r\n",
    trailer: bytes | None = None,
    **fields: str,
) -> bytes:
    """A WARC record; `length` lies about the block, `fields` are named with `_` for `-`."""
    head = {
        "WARC-Type": kind,
        "WARC-Target-URI": "https://example.org/page",
        "WARC-Date": "2024-12-01T00:00:00Z",
        "WARC-Record-ID": "<urn:uuid:12345678-0000-4000-8000-000000000000>",
        "Content-Type": f"application/http; msgtype={kind}",
        "Content-Length": str(len(block) if length is None else length),
        **{name.replace("_", "-"): value for name, value in fields.items()},
    }
    lines = [version, *(f"{name}: {value}" for name, value in head.items() if value is not None)]
    header = newline.join(line.encode() for line in lines) + 2 * newline
    return header + block + (2 * newline if trailer is None else trailer)


def response(
    body: bytes = PAGE, *, status: str = "200 OK", content_type: str | None = "text/html; charset=utf-8", **headers: str
) -> bytes:
    """The block of a response record."""
    lines = [f"HTTP/1.1 {status}"]
    if content_type is not None:
        lines.append(f"Content-Type: {content_type}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def page(body: bytes = PAGE, **fields: str) -> bytes:
    return record(response(body), **fields)  # type: ignore[arg-type]


def gz(records: Iterable[bytes]) -> bytes:
    """Each record a gzip member, as Common Crawl stores them."""
    return b"".join(gzip.compress(r, mtime=0) for r in records)


def lz4(records: Iterable[bytes]) -> bytes:
    from fastwarc.stream_io import Lz4Writer

    packed = []
    for r in records:
        buffer = io.BytesIO()
        writer = Lz4Writer(buffer)
        writer.write(r)
        writer.finish()
        writer.flush()
        packed.append(buffer.getvalue())
    return b"".join(packed)


def tag_text(data: bytes, url: str | None, charset: str | None) -> Extraction:
    """An extractor that needs no parser: the bytes of the first paragraph."""
    del url
    _, _, rest = data.partition(b"<p>")
    return Extraction(text=rest.partition(b"</p>")[0].decode(charset or "utf-8", "replace"), charset=charset)


def config(
    *, records: str = "response", max_input_bytes: int = 2**20, uri_retry: RetryPolicy | None = None
) -> ReaderConfig:
    source = SourceConfig.model_validate({"id": "w", "format": "commoncrawl", "category": "web", "records": records})
    return ReaderConfig(
        source=source,
        extraction=ExtractionConfig(max_input_bytes=max_input_bytes),
        transport=TransportOptions(retry=uri_retry or RetryPolicy(max_attempts=2, base_s=0.001)),
    )


def read(folder: Path, data: bytes, name: str = "x.warc", **options: object) -> list[Row]:
    """The rows of a container with these bytes."""
    path = folder / name
    path.write_bytes(data)
    ref = ContainerRef(name, str(path), len(data))
    return list(read_container(ref, config(**options), tag_text))  # type: ignore[arg-type]


def outcomes(rows: Iterable[Row]) -> list[str]:
    """One word a record, in file order, then the sums of skips; the closing row left out."""
    words = []
    for row in rows:
        if row.skip_reason == "container_end":
            continue
        word = row.error or ("document" if row.text is not None else f"{row.skip_reason}:{row.skip_value}")
        words += [word] * row.num_records
    return words


def balanced(rows: list[Row]) -> bool:
    """Whether the rows stand for as many records as framing saw, and their ids differ."""
    end = rows[-1]
    seen = end.skip_reason == "container_end" and int(end.skip_value or -1) == sum(row.num_records for row in rows)
    return seen and len({row.doc_id for row in rows}) == len(rows)


@pytest.fixture(scope="session")
def warc() -> SimpleNamespace:
    return SimpleNamespace(
        PAGE=PAGE,
        record=record,
        response=response,
        page=page,
        gz=gz,
        lz4=lz4,
        tag_text=tag_text,
        config=config,
        read=read,
        outcomes=outcomes,
        balanced=balanced,
    )
