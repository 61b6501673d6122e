"""One member of a 7z archive as a stream, without unpacking to disk.

py7zr (LGPL-2.1, pure Python over lzma, bz2, zlib) decodes into a writer of ours, in a thread that waits while the
reader is busy. It holds a block of at most 128 MB, some megabytes for text. Blind spots: a member behind others of
a solid block costs their decoding too, and a member cannot be read in parts.
"""

from __future__ import annotations

import io
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final

from py7zr import SevenZipFile
from py7zr.exceptions import PasswordRequired
from py7zr.io import Py7zIO, WriterFactory

from pipelines.errors import TransportError

MAGIC: Final = b"7z\xbc\xaf\x27\x1c"
_POLL_S: Final = 0.2
_PIECE_BYTES: Final = 2**20


class DamagedArchive(Exception):
    """The archive's header or its compressed bytes do not decode."""


class EncryptedArchive(Exception):
    """A password keeps the text."""


@contextmanager
def open_archive(stream: BinaryIO) -> Iterator[SevenZipFile]:
    """Raises DamagedArchive, EncryptedArchive, or TransportError."""
    try:
        archive = SevenZipFile(stream)
    except Exception as error:
        raise _named(error) from error
    try:
        yield archive
    finally:
        archive.close()


def member_names(archive: SevenZipFile) -> list[tuple[str, bool]]:
    """Names of the entries in archive order, and whether each is a file."""
    return [(entry.filename, not entry.is_directory) for entry in archive.list()]


class MemberStream:
    """`read(size)` over one member; use it as a context, so that the decoding thread ends with it."""

    def __init__(self, archive: SevenZipFile, name: str) -> None:
        self._archive = archive
        self._name = name
        self._blocks: queue.Queue[bytes | Exception | None] = queue.Queue(maxsize=1)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._decode, daemon=True)
        self._block = memoryview(b"")
        self._ended = False

    def __enter__(self) -> MemberStream:
        self._archive.reset()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def read(self, size: int) -> bytes:
        """Up to `size` bytes, none at the end. Raises what `open_archive` does."""
        while not self._block and not self._ended:
            block = self._blocks.get()
            if isinstance(block, Exception):
                self._ended = True
                raise _named(block) from block
            self._ended = block is None
            self._block = memoryview(block or b"")
        data, self._block = self._block[:size].tobytes(), self._block[size:]
        return data

    def _decode(self) -> None:
        try:
            self._archive.extract(targets=[self._name], factory=_Pipes(self.put))
        except Exception as error:  # noqa: BLE001 - handed to the reading thread, which names it
            self._hand_over(error)
        else:
            self._hand_over(None)

    def put(self, data: bytes) -> None:
        """Called by the decoder; waits until the reader is through with the block before."""
        if not self._hand_over(data):
            raise InterruptedError("nobody reads any more")

    def _hand_over(self, block: bytes | Exception | None) -> bool:
        while not self._stopped.is_set():
            try:
                self._blocks.put(block, timeout=_POLL_S)
            except queue.Full:
                continue
            return True
        return False


class _Pipe(Py7zIO):
    """Where py7zr writes a member: on to the reader."""

    def __init__(self, put: Callable[[bytes], None]) -> None:
        self._put = put
        self._size = 0

    def write(self, s: bytes | bytearray) -> int:
        self._size += len(s)
        for at in range(0, len(s), _PIECE_BYTES):  # so that no second block is held
            self._put(bytes(s[at : at + _PIECE_BYTES]))
        return len(s)

    def read(self, size: int | None = None) -> bytes:
        raise io.UnsupportedOperation(f"write only: read({size})")

    def seek(self, offset: int, whence: int = 0) -> int:
        del offset, whence  # py7zr goes to the beginning at the end; nothing is kept to go back to
        return 0

    def flush(self) -> None:
        return

    def size(self) -> int:
        return self._size


class _Pipes(WriterFactory):
    def __init__(self, put: Callable[[bytes], None]) -> None:
        self._put = put

    def create(self, filename: str) -> Py7zIO:
        del filename  # one member is asked for
        return _Pipe(self._put)


def _named(error: Exception) -> Exception:
    if isinstance(error, TransportError):
        return error
    if isinstance(error, PasswordRequired):
        return EncryptedArchive("a password is needed")
    return DamagedArchive(f"7z: {type(error).__name__}: {error}"[:300])
