"""A remote object as a seekable stream of bounded memory that survives broken connections.

Bytes are asked for in ranges of `block_bytes`; after a break the next request begins at the byte where the last one
stopped, and only if the object is still the same (ETag). Cost: one request a block. Blind spot: an object whose
server gives neither length nor ETag cannot be known to be whole or unchanged.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from pipelines.errors import ObjectChanged
from pipelines.transport.options import TransportOptions
from pipelines.transport.retry import Backoff, Transient

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PIECE_BYTES = 256 * 1024


class Body(Protocol):
    """The answer to one ranged request."""

    start: int
    """Position of its first byte; 0 when the server does not know ranges and sends the whole object."""
    end: int | None
    """Position after its last byte; None when the server does not say."""
    size_bytes: int | None
    """Size of the whole object; None when the server does not say."""
    etag: str | None

    def read(self, size: int) -> bytes:
        """At most `size` bytes, b"" at the end; raises Transient when the connection breaks."""
        ...

    def close(self) -> None: ...


class RangedObject(Protocol):
    """A store's way to read one object."""

    uri: str

    def open_at(self, start: int, num_bytes: int, etag: str | None) -> Body:
        """Ask for a range, of the version `etag` if given.

        Raises Transient, InputNotFound, or a TransportError that is final.
        """
        ...


class RangedStream(io.RawIOBase):
    """See the module; wrap it in `io.BufferedReader`."""

    def __init__(self, source: RangedObject, options: TransportOptions) -> None:
        super().__init__()
        self._source = source
        self._block_bytes = options.block_bytes
        self._progress_bytes = options.retry.progress_bytes
        self._backoff = Backoff(options.retry, source.uri)
        self._since_failure = 0
        self._position = 0
        self._size: int | None = None
        self._etag: str | None = None
        self._body: Body | None = None
        self._body_position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_END:
            if self._size is None:
                self._with_retries(self._learn_size)
            if self._size is None:
                raise io.UnsupportedOperation(f"{self._source.uri}: the server does not say how long it is")
            offset += self._size
        elif whence == io.SEEK_CUR:
            offset += self._position
        if offset < 0:
            raise ValueError(f"negative seek position {offset}")
        self._position = offset
        return offset

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        data = self._with_retries(lambda: self._read_some(len(view)))
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._drop_body()
        super().close()

    def _with_retries(self, step: Callable[[], bytes]) -> bytes:
        while True:
            try:
                return step()
            except Transient as fault:
                self._drop_body()
                self._since_failure = 0
                self._backoff.wait(fault, where=f" at byte {self._position}")

    def _read_some(self, size: int) -> bytes:
        while self._size is None or self._position < self._size:
            body = self._need_body()
            data = body.read(min(size, PIECE_BYTES))
            if data:
                self._advance(len(data))
                return data
            ended = body.end is None or self._body_position >= body.end
            if not ended:
                raise Transient(f"connection closed {(body.end or 0) - self._body_position} bytes early")
            if body.end is None:
                self._size = self._body_position
            self._drop_body()
        return b""

    def _learn_size(self) -> bytes:
        self._need_body()
        return b""

    def _advance(self, num_bytes: int) -> None:
        self._position += num_bytes
        self._body_position = self._position
        self._since_failure += num_bytes
        if self._since_failure >= self._progress_bytes or self._position == self._size:
            self._backoff.reset()

    def _need_body(self) -> Body:
        """A response that stands at the current position."""
        if self._body is not None and self._body_position != self._position:
            self._drop_body()
        if self._body is None:
            body = self._source.open_at(self._position, self._block_bytes, self._etag)
            self._body, self._body_position = body, body.start
            self._check_same(body)
            self._skip_to_position(body)
        return self._body

    def _skip_to_position(self, body: Body) -> None:
        while self._body_position < self._position:
            data = body.read(min(PIECE_BYTES, self._position - self._body_position))
            if not data:
                raise Transient(f"connection closed before byte {self._position}")
            self._body_position += len(data)

    def _check_same(self, body: Body) -> None:
        changed = (self._etag is not None and body.etag is not None and body.etag != self._etag) or (
            self._size is not None and body.size_bytes is not None and body.size_bytes != self._size
        )
        if changed:
            raise object_changed(self._source.uri)
        self._etag = self._etag or body.etag
        self._size = body.size_bytes if self._size is None else self._size

    def _drop_body(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None


def object_changed(uri: str) -> ObjectChanged:
    return ObjectChanged(f"{uri} was replaced while it was being read; run the command again to read the new one")
