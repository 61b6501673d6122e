"""Open one dump file for reading, wherever it is."""

from __future__ import annotations

import io
from typing import BinaryIO, cast
from urllib.parse import unquote, urlsplit

from pipelines.errors import AccessDenied, InputNotFound, RecipeError
from pipelines.transport.options import TransportOptions
from pipelines.transport.ranged import RangedObject, RangedStream
from pipelines.transport.s3 import S3Object
from pipelines.transport.web import WebObject

BUFFER_BYTES = 2**20


def open_stream(uri: str, options: TransportOptions | None = None) -> BinaryIO:
    """A seekable binary stream over a local path, `file://`, `http(s)://` or `s3://` object, in bounded memory.

    Raises InputNotFound and AccessDenied; TransportError, here or from a later read, when retries are used up.
    """
    options = options or TransportOptions()
    scheme = uri_scheme(uri)
    if scheme == "file":
        return _open_local(local_path(uri))
    source: RangedObject
    if scheme in ("http", "https"):
        source = WebObject(uri, options.retry)
    elif scheme in ("s3", "s3a"):
        source = S3Object(uri, options)
    else:
        raise RecipeError(f"{uri}: no way to read {scheme}://; use a path, https:// or s3://")
    stream = io.BufferedReader(RangedStream(source, options), BUFFER_BYTES)
    stream.peek(1)  # so that a missing file is noticed here
    return cast(BinaryIO, stream)


def uri_scheme(uri: str) -> str:
    """`file` for paths; else what stands before `://`, lower case."""
    return uri.split("://", 1)[0].lower() if "://" in uri else "file"


def local_path(uri: str) -> str:
    return unquote(urlsplit(uri).path) if uri.startswith("file://") else uri


def _open_local(path: str) -> BinaryIO:
    try:
        return open(path, "rb", buffering=BUFFER_BYTES)
    except FileNotFoundError as error:
        raise InputNotFound(f"{path} is not there; check the path or the listing it came from") from error
    except IsADirectoryError as error:
        raise InputNotFound(f"{path} is a folder, not a file") from error
    except PermissionError as error:
        raise AccessDenied(f"{path}: permission denied; check the file's mode and owner") from error
