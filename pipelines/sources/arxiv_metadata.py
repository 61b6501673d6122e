"""What arXiv's metadata dump says of papers: licence, version, categories, dates.

The dump has some 4.5 GB and 2.7 million lines in no promised order, a source tar the papers of one month. So a month's
papers are picked in one pass over the dump (substring searches, JSON only for hits: 3 s a GB plain, 8 packed) and held
until another is asked for: 20 MB, no index on disk, one sequential read. Blind spot: it is read once a month and
process, so it should lie near.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, BinaryIO, cast

from pipelines.errors import InputNotFound, RecipeError, TransportError
from pipelines.sources.creative_commons import spdx_id
from pipelines.transport import TransportOptions, open_stream

ARXIV_ID = re.compile(
    r"(?P<new>(?P<month>\d{4})\.\d{4,5})|(?P<archive>[a-z-]+)(\.[A-Z]{2})?/?(?P<number>(?P<old_month>\d{4})\d{3})"
)
VERSION = re.compile(r"v\d+$")
FIRST_YEAR = 91
"""arXiv began in 1991: two digits from here on are of that century."""
BLOCK_BYTES = 4 * 2**20
MAX_LINE_BYTES = 16 * 2**20


@dataclass(frozen=True, slots=True)
class PaperMetadata:
    """What the dump says of one paper."""

    license: str | None
    """SPDX id where it is a Creative Commons licence, else the address as stated."""
    title: str | None
    authors: str | None
    categories: str | None
    version: str | None
    date: str | None
    """When the first version was sent in."""
    version_date: str | None


def arxiv_id(name: str) -> str | None:
    """The id that a member's name stands for: `2401/2401.00001.gz`, `hep-th0309001.gz`; None where it is none."""
    stem = VERSION.sub("", name.rpartition("/")[2].removesuffix(".gz").removesuffix(".pdf"))
    found = ARXIV_ID.fullmatch(stem)
    if found is None:
        return None
    return found["new"] or f"{found['archive']}/{found['number']}"


def month_of(paper: str) -> str:
    """YYMM of an id."""
    found = ARXIV_ID.fullmatch(paper)
    assert found is not None
    return found["month"] or found["old_month"]


def date_of(paper: str) -> str | None:
    """Year and month of an id; None where its digits are no month."""
    year, month = month_of(paper)[:2], month_of(paper)[2:]
    if not 1 <= int(month) <= 12:
        return None
    return f"{'19' if int(year) >= FIRST_YEAR else '20'}{year}-{month}"


@lru_cache(maxsize=1)
def metadata_of_month(uri: str, month: str, transport: TransportOptions) -> Mapping[str, PaperMetadata]:
    """The papers of a month (YYMM) by id. Raises RecipeError when the dump cannot be read."""
    try:
        with open_stream(uri, transport) as stream:
            packed = stream.read(2) == b"\x1f\x8b"
            stream.seek(0)
            return _papers(cast(BinaryIO, gzip.GzipFile(fileobj=stream)) if packed else stream, month)
    except (InputNotFound, TransportError, OSError, zlib.error, EOFError) as error:
        raise RecipeError(f"arxiv.metadata: {uri} cannot be read: {error}; give arXiv's metadata dump anew") from error


def _papers(stream: BinaryIO, month: str) -> dict[str, PaperMetadata]:
    papers: dict[str, PaperMetadata] = {}
    for line in _lines_with(stream, (f'"{month}.'.encode(), f"/{month}".encode())):
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError):
            continue
        paper = fields.get("id") if isinstance(fields, dict) else None
        if isinstance(paper, str) and ARXIV_ID.fullmatch(paper) and month_of(paper) == month:
            papers[arxiv_id(paper.replace("/", "")) or paper] = _metadata(fields)
    return papers


def _lines_with(stream: BinaryIO, needles: Sequence[bytes]) -> Iterator[bytes]:
    """The lines that hold one of the needles; a block without any, as nearly all of a sorted dump are, is not split."""
    rest = b""
    while block := stream.read(BLOCK_BYTES):
        head, newline, tail = block.rpartition(b"\n")
        if newline:
            lines, rest = rest + head, tail
            if any(needle in lines for needle in needles):
                yield from (line for line in lines.split(b"\n") if any(needle in line for needle in needles))
        elif len(rest) < MAX_LINE_BYTES:
            rest += block
    yield rest


def _metadata(fields: Mapping[str, Any]) -> PaperMetadata:
    versions = [version for version in _list(fields.get("versions")) if isinstance(version, dict)]
    stated = _string(fields.get("license"))
    return PaperMetadata(
        license=stated and (spdx_id(stated) or stated),
        title=_string(fields.get("title")),
        authors=_authors(fields),
        categories=_string(fields.get("categories")),
        version=_string(versions[-1].get("version")) if versions else None,
        date=_day(versions[0].get("created")) if versions else None,
        version_date=_day(versions[-1].get("created")) if versions else _string(fields.get("update_date")),
    )


def _authors(fields: Mapping[str, Any]) -> str | None:
    """Given names before family names, as the parsed field has them apart."""
    names = []
    for parts in _list(fields.get("authors_parsed")):
        if isinstance(parts, list) and parts and all(isinstance(part, str) for part in parts):
            family, given, *suffix = [*parts, ""]
            names.append(" ".join(part for part in (given, family, *suffix[:1]) if part))
    return "; ".join(names) or _string(fields.get("authors"))


def _string(value: object) -> str | None:
    """Words with single blanks between them; None for nothing and for what is no text."""
    return " ".join(value.split()) or None if isinstance(value, str) else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _day(created: object) -> str | None:
    """ISO date of `Mon, 2 Apr 2007 19:18:42 GMT`."""
    try:
        return parsedate_to_datetime(str(created)).date().isoformat()
    except (ValueError, OverflowError):  # the latter of a year with twenty digits
        return None
