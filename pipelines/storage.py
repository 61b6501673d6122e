"""Where a run's datasets live: a local folder, `s3://` (or `s3a://`) and `hdfs://`, behind one small interface.

On pyarrow's file systems, so that the driver, the executors and tools without Spark read the same way. Spark itself
reads and writes the same places through Hadoop; `spark_uri` gives the address in its spelling.
Cost: one request per call; nothing is cached. Blind spot: credentials are those of the AWS chain, not of Hadoop's
configuration.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from typing import IO, cast
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.fs as pafs

from pipelines.errors import RecipeError


@dataclass(frozen=True)
class Storage:
    """A folder on some file system. Names are relative to it and use `/`."""

    uri: str
    fs: pafs.FileSystem
    root: str

    @property
    def name(self) -> str:
        """Last part of the path."""
        return self.root.rstrip("/").rpartition("/")[2]

    def path(self, name: str = "") -> str:
        """The path of a name inside `fs`."""
        return f"{self.root}/{name}" if name else self.root

    def child(self, name: str) -> Storage:
        return Storage(f"{self.uri}/{name}", self.fs, self.path(name))

    def spark_uri(self, name: str = "") -> str:
        """The same place as Hadoop spells it (`file:`, `s3a:`, `hdfs:`)."""
        uri = f"{self.uri}/{name}" if name else self.uri
        if uri.startswith("s3://"):
            return "s3a://" + uri.removeprefix("s3://")
        return uri if "://" in uri else f"file://{uri}"

    def exists(self, name: str = "") -> bool:
        return bool(self.fs.get_file_info(self.path(name)).type != pafs.FileType.NotFound)

    def size_bytes(self, name: str) -> int:
        return cast(int, self.fs.get_file_info(self.path(name)).size)

    def list(self, name: str = "", *, recursive: bool = False) -> list[str]:
        """Names of the files and folders in a folder, relative to this storage, sorted; [] when it is not there."""
        selector = pafs.FileSelector(self.path(name), allow_not_found=True, recursive=recursive)
        prefix = self.root.rstrip("/") + "/"
        return sorted(info.path.removeprefix(prefix) for info in self.fs.get_file_info(selector))

    def open_input(self, name: str) -> pa.NativeFile:
        """Open for random access."""
        return self.fs.open_input_file(self.path(name))

    def open_output(self, name: str) -> IO[bytes]:
        """Open for writing, making folders; what is there is replaced. Not atomic on a local disk."""
        self.fs.create_dir(os.path.dirname(self.path(name)), recursive=True)
        return cast(IO[bytes], self.fs.open_output_stream(self.path(name), compression=None))

    def read_bytes(self, name: str) -> bytes:
        with self.open_input(name) as stream:
            return cast(bytes, stream.read())

    def write_bytes(self, name: str, content: bytes) -> None:
        """Write a small file whole or not at all: no reader ever sees half of it."""
        if not isinstance(self.fs, pafs.LocalFileSystem):
            with self.open_output(name) as stream:  # an object appears when its upload completes
                stream.write(content)
            return
        partial = f"{name}.partial-{secrets.token_hex(4)}"
        with self.open_output(partial) as stream:
            stream.write(content)
        self.fs.move(self.path(partial), self.path(name))

    def move(self, name: str, to: str) -> None:
        """Rename a file; what is at `to` is replaced. On an object store this copies."""
        self.fs.create_dir(os.path.dirname(self.path(to)), recursive=True)
        self.fs.move(self.path(name), self.path(to))

    def delete(self, name: str) -> None:
        """Delete a file or a folder with all that is in it; nothing happens when it is not there."""
        info = self.fs.get_file_info(self.path(name))
        if info.type == pafs.FileType.Directory:
            self.fs.delete_dir(info.path)
        elif info.type == pafs.FileType.File:
            self.fs.delete_file(info.path)


def open_storage(uri: str) -> Storage:
    """The storage at a path or URI; the folder need not exist yet.

    `s3://` honours `AWS_ENDPOINT_URL` and the AWS credential chain. Raises RecipeError for an address it cannot read.
    """
    scheme = urlsplit(uri).scheme
    if scheme in ("", "file"):
        path = os.path.abspath(uri.removeprefix("file://").removeprefix("file:"))
        return Storage(path, pafs.LocalFileSystem(), path)
    if scheme in ("s3", "s3a", "s3n"):
        address = urlsplit(uri)
        root = f"{address.netloc}{address.path}".rstrip("/")
        return Storage(f"s3://{root}", _s3(), root)
    try:
        fs, root = pafs.FileSystem.from_uri(uri)
    except (pa.ArrowInvalid, OSError) as error:
        raise RecipeError(f"cannot use {uri!r} as an output: {error}") from error
    return Storage(uri.rstrip("/"), fs, root.rstrip("/"))


def _s3() -> pafs.FileSystem:
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    if not endpoint:
        return pafs.S3FileSystem()
    address = urlsplit(endpoint)
    return pafs.S3FileSystem(
        endpoint_override=address.netloc,
        scheme=address.scheme,
        allow_bucket_creation=False,
        allow_bucket_deletion=False,
    )
