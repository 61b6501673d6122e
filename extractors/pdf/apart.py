"""PDFs read in a process of their own: what crashes or hangs the C library costs one document, not the task.

Protocol: length-framed JSON and bytes over pipes; one child a process, started at the first document, started anew
after a crash, killed at the deadline and replaced after `MAX_DOCUMENTS`. A crash of a child that had read others before
is tried once more in a new one, so that a document's outcome is its own. Cost: 0.2 s once, then a copy of the file.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import math
import os
import select
import struct
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, BinaryIO

from extractors import errors
from extractors.errors import ExtractionError, LibraryCrashed, MemoryLimitExceeded, TimeLimitExceeded
from extractors.guard import Limits
from extractors.pdf.extraction import Options
from extractors.pdf.extraction import extract as extract_here
from extractors.result import Extraction

GRACE_S = 5.0
"""Seconds after its limit in which the child may still answer for itself: it keeps the text found so far."""
MAX_MEMORY_BYTES = 3 * 2**28
"""Address space of the child (768 MiB): a task stays below 1 GiB with it."""
MAX_DOCUMENTS = 1000
"""Documents that one child reads: a bound for what the library may keep (none was seen in 1,140)."""
_LENGTH = struct.Struct("<QQ")
_PIECE = 2**16


class Reader:
    """One child process; `extract` may be called any number of times. Not for several threads at once."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._num_read = 0

    def extract(self, data: bytes, options: Options) -> Extraction:
        """What `extractors.pdf.extract` gives, or LibraryCrashed or TimeLimitExceeded where the child had to go."""
        if len(data) > options.limits.input_bytes:
            return extract_here(data, options)  # refused unread
        child = self._started()
        is_used = self._num_read > 0
        found = self._answer(child, data, options)
        if is_used and isinstance(found.error, LibraryCrashed | MemoryLimitExceeded):
            self.close()  # what was read before may be to blame
            found = self._answer(self._started(), data, options)
        return found

    def close(self) -> None:
        """End the child, if there is one."""
        child, self._child = self._child, None
        if child is None:
            return
        if self._owner == os.getpid():
            child.kill()
            child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()

    def pid(self) -> int | None:
        """The child's process, None where there is none."""
        return None if self._child is None or self._owner != os.getpid() else self._child.pid

    def peak_memory_bytes(self) -> int:
        """The most memory that the child alive has held; 0 where there is none or the system does not tell."""
        status = Path(f"/proc/{self.pid()}/status")
        for line in status.read_text().splitlines() if self.pid() and status.exists() else ():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        return 0

    def _answer(self, child: subprocess.Popen[bytes], data: bytes, options: Options) -> Extraction:
        assert child.stdin is not None
        assert child.stdout is not None
        deadline = time.monotonic() + options.limits.time_s + GRACE_S
        self._num_read += 1
        head = json.dumps(asdict(options)).encode()
        try:
            _write(child.stdin.fileno(), _LENGTH.pack(len(head), len(data)) + head, deadline)
            _write(child.stdin.fileno(), data, deadline)
            size, _ = _LENGTH.unpack(_read(child.stdout.fileno(), _LENGTH.size, deadline))
            return _decoded(_read(child.stdout.fileno(), size, deadline))
        except TimeLimitExceeded as error:
            self.close()
            return Extraction(text="", error=error)
        except (BrokenPipeError, EOFError):
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(GRACE_S)
            code = child.returncode
            self.close()
            return Extraction(text="", error=LibraryCrashed(f"the reading process ended with {code}"))

    def _started(self) -> subprocess.Popen[bytes]:
        child = self._child
        if child is not None and self._owner == os.getpid() and child.poll() is None and self._num_read < MAX_DOCUMENTS:
            return child
        self.close()
        self._owner, self._num_read = os.getpid(), 0  # a forked process has a child of its own
        path = os.pathsep.join(entry for entry in sys.path if entry)
        self._child = subprocess.Popen(
            [sys.executable, "-c", "from extractors.pdf.apart import serve; serve()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
            bufsize=0,
        )
        assert self._child.stdin is not None
        os.set_blocking(self._child.stdin.fileno(), False)
        return self._child


READER = Reader()
"""The reader of this process."""
atexit.register(READER.close)


def extract(data: bytes, options: Options) -> Extraction:
    """`extractors.pdf.extract` in a process apart; never raises on input."""
    return READER.extract(data, options)


def _write(pipe: int, data: bytes, deadline: float) -> None:
    """All of the data. Raises BrokenPipeError where the child ended, TimeLimitExceeded at the deadline."""
    rest = memoryview(data)
    while rest:
        _wait(pipe, select.POLLOUT, deadline)
        with contextlib.suppress(BlockingIOError):
            rest = rest[os.write(pipe, rest[:_PIECE]) :]


def _read(pipe: int, size: int, deadline: float) -> bytes:
    """So many bytes. Raises EOFError where the child ended, TimeLimitExceeded at the deadline."""
    pieces: list[bytes] = []
    while size:
        _wait(pipe, select.POLLIN, deadline)
        piece = os.read(pipe, min(size, 2**20))
        if not piece:
            raise EOFError
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _wait(pipe: int, event: int, deadline: float) -> None:
    poll = select.poll()
    poll.register(pipe, event)
    if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise TimeLimitExceeded("the reading process did not answer")


def _encoded(found: Extraction) -> bytes:
    fields = {**asdict(replace(found, error=None)), "error": None}
    if found.error is not None:
        fields["error"] = [found.error.code, str(found.error)]
    return json.dumps(fields).encode()


def _decoded(answer: bytes) -> Extraction:
    fields: dict[str, Any] = json.loads(answer)
    code, fields["robots"] = fields["error"], tuple(fields["robots"])
    if code is not None:
        kind: type[ExtractionError] = getattr(errors, code[0])
        fields["error"] = kind(code[1])
    return Extraction(**fields)


def serve() -> None:
    """The child: answers until its input ends."""
    import resource

    _limit(resource.RLIMIT_AS, MAX_MEMORY_BYTES)
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the library prints is no answer
    while head := source.read(_LENGTH.size):
        num_options, num_bytes = _LENGTH.unpack(head)
        stated = json.loads(source.read(num_options))
        options = Options(**{**stated, "limits": Limits(**stated["limits"])})
        usage = resource.getrusage(resource.RUSAGE_SELF)
        most = usage.ru_utime + usage.ru_stime + options.limits.time_s + 2 * GRACE_S  # where nobody is left to kill it
        _limit(resource.RLIMIT_CPU, math.ceil(most))
        answer = _answer_to(_taken(source, num_bytes), options)
        sink.write(_LENGTH.pack(len(answer), 0))
        sink.write(answer)
        sink.flush()


def _limit(kind: int, most: int) -> None:
    """Set the soft limit, within the hard one that is there."""
    import resource

    _, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _taken(source: BinaryIO, num_bytes: int) -> bytes | None:
    """So many bytes; None, the input read past them, where they don't fit."""
    try:
        return source.read(num_bytes)
    except MemoryError:  # raised before the first byte: the room is made at once
        left = num_bytes
        while left and (piece := source.read(min(left, _PIECE))):
            left -= len(piece)
        return None


def _answer_to(data: bytes | None, options: Options) -> bytes:
    found = Extraction(text="", error=MemoryLimitExceeded("out of memory in the reading process"))
    with contextlib.suppress(MemoryError):
        return _encoded(found if data is None else extract_here(data, options))
    return _encoded(found)
