"""One member of a 7z archive as a stream, without unpacking to disk.

py7zr (LGPL-2.1, pure Python over lzma, bz2, zlib) decodes into a writer of ours, in a thread that waits while the
reader is busy. It holds a block of at most 128 MB, some megabytes for text. Blind spots: a member behind others of
a solid block costs their decoding too; a member cannot be read in parts; a header that is itself packed with a method
of its own (7-Zip takes LZMA) is decoded before METHODS can be looked at.
"""

from __future__ import annotations

import io
import lzma
import queue
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final

from py7zr import SevenZipFile
from py7zr.exceptions import ArchiveError, PasswordRequired
from py7zr.io import Py7zIO, WriterFactory

from pipelines.errors import InputNotFound

MAGIC: Final = b"7z\xbc\xaf\x27\x1c"
_POLL_S: Final = 0.2
_PIECE_BYTES: Final = 2**20
METHODS: Final = {
    b"\x00": "copy",
    b"\x03": "delta",
    b"\x21": "LZMA2",
    b"\x03\x01\x01": "LZMA",
    b"\x03\x03\x01\x03": "BCJ",
    b"\x04\x01\x08": "deflate",
    b"\x04\x02\x02": "bzip2",
    b"\x06\xf1\x07\x01": "AES",
}
"""Methods that are decoded. PPMd is not: damaged bytes end the whole process (pyppmd 1.3.1). Nor are those without a
decoder in Python's own library, which have errors of their own."""
CODING_FAULTS: Final = (ArchiveError, lzma.LZMAError, zlib.error, EOFError, OSError)
"""What py7zr raises over damaged members; bz2's is an OSError."""
HEADER_FAULTS: Final = (
    *CODING_FAULTS,
    TypeError,
    ValueError,
    OverflowError,
    AssertionError,
    LookupError,
    AttributeError,
)
"""And over a header that says what cannot be, checksums right: py7zr reads it without looking."""


_KNOWN: Final = frozenset(method.hex() for method in METHODS)


class DamagedArchive(Exception):
    """The archive's header or its compressed bytes do not decode, or not by METHODS."""


class EncryptedArchive(Exception):
    """A password keeps the text."""


@contextmanager
def open_archive(stream: BinaryIO) -> Iterator[SevenZipFile]:
    """Raises DamagedArchive, EncryptedArchive, and what the stream raises."""
    try:
        archive = SevenZipFile(stream)
    except (*HEADER_FAULTS, PasswordRequired) as error:
        raise _named(error) from error
    try:
        _check_methods(archive)
        yield archive
    finally:
        archive.close()


def member_names(archive: SevenZipFile) -> list[tuple[str, bool]]:
    """Names of the entries in archive order, and whether each is a file. Raises DamagedArchive."""
    try:
        return [(entry.filename, not entry.is_directory) for entry in archive.list()]
    except HEADER_FAULTS as error:
        raise _named(error) from error


def _check_methods(archive: SevenZipFile) -> None:
    streams = archive.header.main_streams
    if streams is not None and streams.unpackinfo is None:
        raise DamagedArchive("7z: the header has streams and does not say how they are packed")
    folders = streams.unpackinfo.folders if streams is not None else []
    unknown = sorted({coder["method"].hex() for folder in folders for coder in folder.coders} - _KNOWN)
    if unknown:
        raise DamagedArchive(
            f"7z: packed with method {', '.join(unknown)}, which is not read; "
            f"pack it with one of {', '.join(METHODS.values())}"
        )


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
                if isinstance(block, (*CODING_FAULTS, PasswordRequired)):
                    raise _named(block) from block
                raise block
            self._ended = block is None
            self._block = memoryview(block or b"")
        data, self._block = self._block[:size].tobytes(), self._block[size:]
        return data

    def _decode(self) -> None:
        try:
            self._archive.extract(targets=[self._name], factory=_Pipes(self.put))
        except Exception as error:  # noqa: BLE001 - handed to the reading thread, which raises it
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
    """Our name for a fault of the archive's; a fault of its stream (a disk's has a number) as it is."""
    if isinstance(error, InputNotFound) or (isinstance(error, OSError) and error.errno is not None):
        return error
    if isinstance(error, PasswordRequired):
        return EncryptedArchive("a password is needed")
    return DamagedArchive(f"7z: {type(error).__name__}: {error}"[:300])
