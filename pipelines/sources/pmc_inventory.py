"""S3's inventory of PMC's bucket: rows that name metadata JSON, each of which leads to the XML of one article version.

Layout (PMC's README, recipe-facts 7.3): `inventory-reports/…/metadata/DATE/manifest.json` names `…/data/*.csv.gz`
with the columns bucket, key, last-modified, ETag and no header. The JSON is judged before the XML is fetched, several
articles at once, and rows come out in the inventory's order.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from typing import BinaryIO, cast

from pipelines.errors import AccessDenied, InputNotFound, TransportError
from pipelines.schemas import CONTAINER_END
from pipelines.sources.accounts import Accounts
from pipelines.sources.pmc_article import Failure, Skip, fill, judge_stated, locator, metadata_json
from pipelines.sources.pmc_listing import MalformedMetadata, Stated, from_json, named
from pipelines.sources.records import (
    DAMAGED_MEMBER,
    MALFORMED_LINE,
    MALFORMED_METADATA,
    MISSING_OBJECT,
    SKIP_OTHER_FILE,
    TRANSPORT_ERROR,
    UNREADABLE_CONTAINER,
    ReaderConfig,
    Row,
    document_id,
)
from pipelines.transport import ContainerRef, open_stream

INVENTORY = re.compile(r"(?:/manifest\.json|\.csv(?:\.gz)?)$", re.IGNORECASE)
METADATA_KEY = re.compile(r"(?:^|/)metadata/(PMC\d+\.\d+)\.json$")
BUCKET = "pmc-oa-opendata"
"""Ids of articles found through an inventory are made with this name, so that they do not change from day to day."""
MAX_LINE_CHARS = 10_000
_NO_FIELD = {0: None, 10: None, 13: None}
"""What csv refuses inside a line."""
MAX_METADATA_BYTES = 2**20
MAX_MANIFEST_BYTES = 2**24


def is_inventory(uri: str) -> bool:
    return INVENTORY.search(uri) is not None


def parts(ref: ContainerRef, config: ReaderConfig) -> list[ContainerRef]:
    """The parts of an inventory file, or of all the files of a manifest; `start` and `end` are rows, not bytes.

    A file that cannot be read, and a manifest without files, is one part, and fails where it is read.
    """
    if not ref.uri.lower().endswith(".json"):
        return _row_ranges(ref, config)
    try:
        with open_stream(ref.uri, config.transport) as stream:
            keys = [str(found["key"]) for found in json.loads(stream.read(MAX_MANIFEST_BYTES))["files"]]
    except (ValueError, KeyError, TypeError, TransportError, OSError):
        return [ref]
    root = bucket_root(ref.uri)
    folder = ref.name.rpartition("/")[0]
    files = [ContainerRef(f"{folder}/{key.rpartition('/')[2]}".lstrip("/"), root + key, None) for key in sorted(keys)]
    return [part for file in files for part in _row_ranges(file, config)] or [ref]


def bucket_root(uri: str, bucket: str = BUCKET) -> str:
    """Where the bucket's keys begin, with a `/` at its end: a mirror's root, or the bucket itself."""
    root, marker, _ = uri.partition("inventory-reports/")
    return root if marker else f"s3://{bucket}/"


def _row_ranges(ref: ContainerRef, config: ReaderConfig) -> list[ContainerRef]:
    try:
        with open_stream(ref.uri, config.transport) as stream:
            num_rows = sum(1 for _ in _lines(stream))
    except (TransportError, OSError, zlib.error, EOFError):
        return [ref]
    step = config.source.pmc.inventory_rows
    starts = range(0, max(num_rows, 1), step)
    return [replace(ref, start=start, end=min(start + step, num_rows)) for start in starts]


def _lines(stream: BinaryIO) -> Iterator[str]:
    head = stream.read(2)
    stream.seek(0)
    plain = cast(BinaryIO, gzip.GzipFile(fileobj=stream)) if head == b"\x1f\x8b" else stream
    text = io.TextIOWrapper(plain, "utf-8", errors="replace", newline="\n")
    while line := text.readline(MAX_LINE_CHARS):
        if line.strip():
            yield line.translate(_NO_FIELD)


@dataclass(slots=True)
class _Fetched:
    """One row of the inventory with all that was fetched for it, or why there is nothing."""

    key: str
    stated: Stated
    xml: bytes = b""
    outcome: Skip | Failure | None = None


def read(ref: ContainerRef, config: ReaderConfig) -> Iterator[Row]:
    """The rows of an inventory's articles, then skips by cause, then the closing row; never raises for what is read."""
    accounts = Accounts("pmc", config.source.category, ref.name, start=ref.start)
    num_seen = 0
    try:
        with open_stream(ref.uri, config.transport) as stream:
            wanted = islice(_lines(stream), ref.start, ref.end)
            with closing(_fetched(wanted, ref, config)) as articles:
                for article in articles:
                    num_seen += 1
                    row = _row(article, accounts, config)
                    if row is not None:
                        yield row
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        num_seen += 1
        yield accounts.failed(
            f"{CONTAINER_END}\0{ref.start}", DAMAGED_MEMBER, f"after row {ref.start + num_seen - 1}: {error}"
        )
    except (InputNotFound, AccessDenied, OSError) as error:
        num_seen += 1
        yield accounts.failed(f"container\0{ref.start}", UNREADABLE_CONTAINER, str(error))
    except TransportError as error:
        num_seen += 1
        yield accounts.failed(f"container\0{ref.start}", TRANSPORT_ERROR, str(error))
    yield from accounts.close(num_seen)


def _fetched(lines: Iterator[str], ref: ContainerRef, config: ReaderConfig) -> Generator[_Fetched]:
    """The articles of inventory lines, in their order, a few being fetched ahead."""
    width = config.source.pmc.fetch_threads
    with ThreadPoolExecutor(width) as pool:
        ahead: deque[Future[_Fetched]] = deque()
        try:
            for line in lines:
                ahead.append(pool.submit(_fetch, line, ref, config))
                if len(ahead) > width:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _fetch(line: str, ref: ContainerRef, config: ReaderConfig) -> _Fetched:
    fields = next(csv.reader([line]), [])
    if len(fields) < 2:
        return _Fetched(line.strip()[:200], Stated(), outcome=Failure(MALFORMED_LINE, "a row without a key"))
    bucket, key = fields[0], fields[1]
    found = METADATA_KEY.search(key)
    if found is None:
        ending = key.rpartition("/")[2].rpartition(".")[2].lower()
        return _Fetched(key, Stated(), outcome=Skip(SKIP_OTHER_FILE, f".{ending}"[:20]))
    article = _Fetched(key, named(key))
    root = bucket_root(ref.uri, bucket)
    try:
        article.stated = _with_name(from_json(_read(root + key, MAX_METADATA_BYTES, config)), article.stated)
        judge_stated(article.stated, config)
        name = found[1]
        article.xml = _read(f"{root}{name}/{name}.xml", config.extraction.max_input_bytes + 1, config)
    except (Skip, Failure) as outcome:
        article.outcome = outcome
    except MalformedMetadata as error:
        article.outcome = Failure(MALFORMED_METADATA, str(error))
    except InputNotFound as error:
        article.outcome = Failure(MISSING_OBJECT, str(error))
    except (TransportError, OSError) as error:
        article.outcome = Failure(TRANSPORT_ERROR, str(error))
    return article


def _read(uri: str, max_bytes: int, config: ReaderConfig) -> bytes:
    with open_stream(uri, config.transport) as stream:
        return stream.read(max_bytes)


def _with_name(stated: Stated, name: Stated) -> Stated:
    stated.pmcid, stated.version = stated.pmcid or name.pmcid, stated.version or name.version
    return stated


def _row(article: _Fetched, accounts: Accounts, config: ReaderConfig) -> Row | None:
    """The row of one article; None when it is skipped and counted."""
    place = locator(article.stated, article.key)
    row = accounts.row(place)
    row.doc_id = document_id("pmc", BUCKET, place)
    notes = {"object": article.key}
    try:
        if article.outcome is not None:
            raise article.outcome
        fill(article.xml, article.stated, row, notes, config)
    except Skip as skip:
        accounts.skip(*skip.args)
        return None
    except Failure as failure:
        row.error, row.error_detail = failure.args
    row.metadata = metadata_json(notes)
    return row
