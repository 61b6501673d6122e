"""What PMC itself says of an article beside its XML: the metadata JSON of the S3 layout, the legacy file lists.

Formats: PMC's README of `pmc-oa-opendata` (recipe-facts 7.3); `*.filelist.csv` and `oa_file_list.csv` of the FTP
service, whose columns are found by their names.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from pipelines.errors import AccessDenied, InputNotFound, RecipeError
from pipelines.sources.pmc_license import license_id
from pipelines.transport import TransportOptions, open_stream

MAX_FILELIST_ROWS = 2_000_000
"""Rows of a file list, inclusive; each costs some 250 bytes of memory. PMC's largest archive has fewer than 600,000."""
ARTICLE_NAME = re.compile(r"(?:^|/)(PMC\d+)(?:\.(\d+))?\.(?:xml|nxml|json)(?:\.gz)?$", re.IGNORECASE)
_YES = frozenset({"yes", "true", "1", "y"})
_SEPARATOR = "\x1f"


@dataclass(slots=True)
class Stated:
    """What is said of one article outside its XML."""

    pmcid: str | None = None
    version: str | None = None
    license: str | None = None
    is_retracted: bool = False
    is_manuscript: bool = False
    is_ocr: bool = False
    md5: str | None = None
    notes: dict[str, str] = field(default_factory=dict)


class MalformedMetadata(Exception):
    """An article's JSON is not an object."""


def named(path: str) -> Stated:
    """What a file's name says: PMCID and version."""
    found = ARTICLE_NAME.search(path)
    return Stated(pmcid=found[1].upper(), version=found[2]) if found else Stated()


def from_json(data: bytes) -> Stated:
    """The metadata of an article version; raises MalformedMetadata."""
    try:
        fields = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise MalformedMetadata(f"not JSON: {error}"[:300]) from error
    if not isinstance(fields, dict):
        raise MalformedMetadata(f"a {type(fields).__name__}, not an object")
    stated = Stated(
        pmcid=_text(fields, "pmcid") or None,
        version=_text(fields, "version") or None,
        license=license_id(_text(fields, "license_code")),
        is_retracted=_flag(fields, "is_retracted"),
        is_manuscript=_flag(fields, "is_manuscript"),
        is_ocr=_flag(fields, "is_historical_ocr"),
    )
    if stated.pmcid and not stated.pmcid.upper().startswith("PMC"):
        stated.pmcid = "PMC" + stated.pmcid
    if stated.pmcid and "." in stated.pmcid:
        stated.pmcid, _, version = stated.pmcid.partition(".")
        stated.version = stated.version or version
    digest = re.search(r"[?&]md5=([0-9a-f]{32})\b", _text(fields, "xml_url"), re.IGNORECASE)
    stated.md5 = digest[1].lower() if digest else None
    names = ("pmid", "doi", "citation", "license_code")
    stated.notes = {name: _text(fields, name) for name in names if _text(fields, name)}
    return stated


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _flag(fields: Mapping[str, Any], name: str) -> bool:
    value = fields.get(name)
    return value is True or (isinstance(value, str | int) and str(value).lower() in _YES)


Filelist = Mapping[str, str]
"""File path to the other fields, joined: some 250 bytes an article instead of a kilobyte."""


def from_filelist(rows: Filelist, *paths: str) -> Stated:
    """What a list says of the first of these paths that it has."""
    line = next((rows[path] for path in paths if path in rows), None)
    if line is None:
        return Stated()
    pmcid, pmid, doi, stated_license, retracted = line.split(_SEPARATOR)
    stated = Stated(
        pmcid=pmcid.upper() or None, license=license_id(stated_license), is_retracted=retracted.lower() in _YES
    )
    notes = {"pmid": pmid, "doi": doi, "license_code": stated_license}
    stated.notes = {name: value for name, value in notes.items() if value and value != "0"}
    return stated


class NoFilelist(RecipeError):
    """A file has not the columns of PMC's lists."""


@lru_cache(maxsize=1)
def filelist(uri: str, transport: TransportOptions) -> Filelist:
    """The list at an address; raises InputNotFound, NoFilelist, and RecipeError for one that is too long or damaged."""
    with open_stream(uri, transport) as stream:
        lines = csv.reader(_long_lines_cut(io.TextIOWrapper(stream, "utf-8-sig", errors="replace", newline="\n")))
        try:
            return _rows(uri, lines)
        except csv.Error as error:
            raise RecipeError(f"{uri} is no CSV at line {lines.line_num}: {error}; fetch the list again") from error


def _rows(uri: str, lines: Iterator[list[str]]) -> Filelist:
    rows: dict[str, str] = {}
    header = [name.strip().lower() for name in next(lines, [])]
    columns = [
        _column(header, *names)
        for names in (("accessionid", "accession id"), ("pmid",), ("doi",), ("license",), ("retracted",))
    ]
    path_column = _column(header, "article file", "file")
    if path_column is None:
        raise NoFilelist(f"{uri} has no column `Article File` or `File`; give PMC's own file list")
    for row in lines:
        if len(rows) > MAX_FILELIST_ROWS:
            raise RecipeError(f"{uri} has more than {MAX_FILELIST_ROWS} rows; give each archive's own list")
        if len(row) > path_column:
            rows[row[path_column]] = _SEPARATOR.join(_value(row, column) for column in columns)
    return rows


def _long_lines_cut(lines: io.TextIOWrapper) -> Iterator[str]:
    """Lines no longer than a field may be; the rest of a longer one is a line of its own, which names no article."""
    while line := lines.readline(csv.field_size_limit()):
        yield line.replace("\0", "").replace("\r", "")


def _column(header: list[str], *names: str) -> int | None:
    return next((header.index(name) for name in names if name in header), None)


def _value(row: list[str], column: int | None) -> str:
    return row[column].replace(_SEPARATOR, " ").strip() if column is not None and column < len(row) else ""


def filelist_beside(archive: str, chosen: str | None, transport: TransportOptions) -> Filelist:
    """The list of an archive: the chosen one, else the one beside it, else an empty one; raises as `filelist`."""
    if chosen is not None:
        try:
            return filelist(chosen, transport)
        except InputNotFound as error:
            raise RecipeError(f"file list {chosen}: {error}") from error
    stem = re.sub(r"\.(?:tar\.gz|tgz|tar)$", "", archive, flags=re.IGNORECASE)
    folder = archive.rpartition("/")[0]
    for candidate in (f"{stem}.filelist.csv", f"{folder}/filelist.csv" if folder else "filelist.csv"):
        try:
            return filelist(candidate, transport)
        except (InputNotFound, AccessDenied, NoFilelist):  # S3 says the second, others a page, of what is not there
            continue
    return {}
