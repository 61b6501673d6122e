"""What an input stands for: dump files with names that do not depend on where they lie.

A container's name goes into the ids of its documents, so it is the same on every machine: from `crawl-data/` on where
the address has that (Common Crawl's own keys), else the path relative to the input folder, else the file name.
"""

from __future__ import annotations

import glob
import gzip
import os
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipelines.errors import DuplicateContainer, InputNotFound, RecipeError
from pipelines.transport.options import TransportOptions
from pipelines.transport.s3 import s3_list, s3_size_bytes, split_uri
from pipelines.transport.streams import local_path, open_stream, uri_scheme

COMMON_CRAWL = "https://data.commoncrawl.org/"
CRAWL_ID = re.compile(r"CC-MAIN-\d{4}(-\d{2,4})?")
LISTING = re.compile(r"\.paths(\.gz)?$")
ARCHIVE = re.compile(r"\.(warc|arc|wet|wat)(\.|$)|^[^.]+\.gz$", re.IGNORECASE)
SIDECAR = re.compile(r"\.(paths|cdxj?|idx|md5|sha1|sha256|crc|tmp|part|open|json|xml|html)(\.gz)?$", re.IGNORECASE)
WILDCARD = re.compile(r"[*?\[]")


@dataclass(frozen=True, order=True)
class ContainerRef:
    """One dump file."""

    name: str
    """Path independent; part of the ids of its documents."""
    uri: str
    size_bytes: int | None
    """As stored; None when finding it out would cost a request."""
    start: int = 0
    """First byte that a task reads of it, where a file is split over tasks."""
    end: int | None = None
    """End of those bytes, exclusive; None: the file's."""


def is_archive(name: str) -> bool:
    """A file of a folder that may be a web archive: odd endings (`.warc.gz.bad`, a bare `.gz`) too, sidecars not."""
    return ARCHIVE.search(name) is not None and SIDECAR.search(name) is None


def list_containers(
    inputs: Sequence[str],
    options: TransportOptions | None = None,
    *,
    accepts: Callable[[str], bool] = is_archive,
    may_be_empty: bool = False,
) -> list[ContainerRef]:
    """The dump files that inputs stand for, sorted by name; the same file twice counts once.

    An input is a file, a folder (read recursively; only names that `accepts` takes, hidden ones left out), a glob, a
    `*.paths` or `*.paths.gz` listing, or a crawl id such as `CC-MAIN-2024-51`. Raises InputNotFound for an input
    that names nothing (an empty folder too, unless it `may_be_empty`) and DuplicateContainer when two files have one
    name.
    """
    options = options or TransportOptions()
    by_name: dict[str, ContainerRef] = {}
    for given in inputs:
        found = 0
        for ref in _expand(given, options, accepts):
            found += 1
            other = by_name.setdefault(ref.name, ref)
            if other.uri != ref.uri:
                raise DuplicateContainer(
                    f"{other.uri} and {ref.uri} would both be container {ref.name!r}, so their documents would share "
                    "ids; put them under one folder and give that folder as the input"
                )
        if not found and not may_be_empty:
            raise InputNotFound(f"{given}: no dump files there; give a file, a folder, a glob, a listing or a crawl id")
    return sorted(by_name.values())


def _expand(given: str, options: TransportOptions, accepts: Callable[[str], bool]) -> Iterator[ContainerRef]:
    scheme = uri_scheme(given)
    if CRAWL_ID.fullmatch(given) and not os.path.exists(given):
        base = options.base or COMMON_CRAWL
        yield from _read_listing(_join(base, f"crawl-data/{given}/{options.crawl_files}.paths.gz"), options)
    elif scheme == "file":
        yield from _expand_local(local_path(given), options, accepts)
    elif scheme in ("s3", "s3a"):
        yield from _expand_s3(given, options, accepts)
    elif scheme in ("http", "https"):
        yield from _expand_web(given, options)
    else:
        raise RecipeError(f"{given}: no way to list {scheme}://; use a path, https:// or s3://")


def _expand_local(path: str, options: TransportOptions, accepts: Callable[[str], bool]) -> Iterator[ContainerRef]:
    if os.path.isdir(path):
        yield from _walk(path, accepts)
    elif os.path.exists(path):
        yield from _one_local_file(path, os.path.basename(path), options)
    elif WILDCARD.search(path):
        root = _before_wildcard(path)
        for match in sorted(glob.iglob(path, recursive=True)):
            relative = os.path.relpath(match, root or ".").replace(os.sep, "/")
            if os.path.isdir(match):
                for ref in _walk(match, accepts):
                    yield ContainerRef(container_name(ref.uri, f"{relative}/{ref.name}"), ref.uri, ref.size_bytes)
            else:
                yield from _one_local_file(match, relative, options)
    else:
        raise InputNotFound(f"{path} is not there; check the path")


def _one_local_file(path: str, relative: str, options: TransportOptions) -> Iterator[ContainerRef]:
    if LISTING.search(path):
        yield from _read_listing(path, options)
    else:
        yield _local_ref(path, relative)


def _local_ref(path: str, relative: str) -> ContainerRef:
    # Absolute, because a Spark worker has another working folder.
    absolute = os.path.abspath(path)
    return ContainerRef(container_name(absolute, relative), absolute, os.path.getsize(path))


def _walk(folder: str, accepts: Callable[[str], bool]) -> Iterator[ContainerRef]:
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _is_hidden(name))
        for name in sorted(files):
            if _is_hidden(name) or not accepts(name):
                continue
            path = os.path.join(here, name)
            relative = os.path.relpath(path, folder).replace(os.sep, "/")
            yield _local_ref(path, relative)


def _expand_s3(uri: str, options: TransportOptions, accepts: Callable[[str], bool]) -> Iterator[ContainerRef]:
    bucket, key = split_uri(uri)
    wildcard = WILDCARD.search(key)
    if wildcard is None:
        size = None if not key or key.endswith("/") else s3_size_bytes(uri, options)
        if size is not None:
            if LISTING.search(key):
                yield from _read_listing(uri, options)
            else:
                yield ContainerRef(container_name(key, os.path.basename(key)), uri, size)
            return
    root = _before_wildcard(key) if wildcard else key.rstrip("/")
    root = f"{root}/" if root else ""
    listed_prefix = key[: wildcard.start()] if wildcard else root
    pattern = re.compile(_glob_pattern(key)) if wildcard else None
    for found, size in s3_list(f"s3://{bucket}/{listed_prefix}", options):
        relative = found[len(root) :]
        if any(_is_hidden(part) for part in relative.split("/")) or LISTING.search(found):
            continue
        if pattern.fullmatch(found) if pattern else accepts(found):
            yield ContainerRef(container_name(found, relative), f"s3://{bucket}/{found}", size)


def _expand_web(uri: str, options: TransportOptions) -> Iterator[ContainerRef]:
    path = uri.split("://", 1)[1].partition("/")[2].split("?")[0]
    if LISTING.search(path):
        yield from _read_listing(uri, options)
    elif not path or path.endswith("/"):
        raise InputNotFound(f"{uri}: folders cannot be listed over http; give a file or a `.paths.gz` listing")
    else:
        yield ContainerRef(container_name(path, os.path.basename(path)), uri, None)


def _read_listing(uri: str, options: TransportOptions) -> Iterator[ContainerRef]:
    root: str | None = options.base
    for key in _lines(uri, options):
        if uri_scheme(key) != "file" or key.startswith("/"):
            yield ContainerRef(container_name(key, os.path.basename(key)), _absolute(key), _local_size(key))
            continue
        root = root or _listing_root(uri, key)
        target = _absolute(_join(root, key))
        yield ContainerRef(container_name(key, key), target, _local_size(target))


def _listing_root(uri: str, first_key: str) -> str:
    """Where the relative keys of a listing lie: its own mirror's root, its folder, or Common Crawl."""
    mirror = uri.partition("crawl-data/")[0] if "crawl-data/" in uri else None
    if uri_scheme(uri) != "file":
        return mirror if mirror is not None else uri.rpartition("/")[0] + "/"
    folder = os.path.dirname(os.path.abspath(local_path(uri)))
    for root in (folder, mirror if mirror is None else os.path.abspath(local_path(mirror) or ".")):
        if root is not None and os.path.exists(os.path.join(root, first_key)):
            return root
    return COMMON_CRAWL


def _lines(uri: str, options: TransportOptions) -> Iterator[str]:
    with open_stream(uri, options) as stream:
        packed = stream.read(2) == b"\x1f\x8b"
        stream.seek(0)
        try:
            lines: Iterable[bytes] = gzip.GzipFile(fileobj=stream) if packed else stream
            for line in lines:
                key = line.decode("utf-8").strip()
                if key and not key.startswith("#"):
                    yield key
        except (gzip.BadGzipFile, zlib.error, EOFError, UnicodeDecodeError) as error:
            raise InputNotFound(f"{uri} is not a readable listing: {error}; fetch it again") from error


def container_name(address: str, relative: str) -> str:
    """See the module."""
    _, marker, rest = address.replace(os.sep, "/").rpartition("crawl-data/")
    return marker + rest if marker else relative.removeprefix("./")


def _join(base: str, key: str) -> str:
    return f"{base.rstrip('/')}/{key}"


def _absolute(uri: str) -> str:
    return os.path.abspath(local_path(uri)) if uri_scheme(uri) == "file" else uri


def _local_size(uri: str) -> int | None:
    path = local_path(uri)
    return os.path.getsize(path) if uri_scheme(uri) == "file" and os.path.isfile(path) else None


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "_"))


def _before_wildcard(pattern: str) -> str:
    """The deepest folder of a glob that has no wildcard in it."""
    match = WILDCARD.search(pattern)
    return pattern[: match.start()].rpartition("/")[0] if match else pattern


def _glob_pattern(pattern: str) -> str:
    """A glob over keys as a regular expression: `*` and `?` stay in a folder, `**/` crosses folders."""
    pieces = re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]]+\])", pattern)
    known = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(known.get(p, p if p.startswith("[") and p.endswith("]") else re.escape(p)) for p in pieces)
