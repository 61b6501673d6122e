"""PDFs read in a process of their own: what crashes or hangs the C library costs one document, not the task.

Protocol: length-framed JSON and bytes over pipes; one child a process, started at the first document, started anew
after a crash, killed at the deadline. Cost: 0.2 s once, then a copy of the file. Blind spot: what the library writes
into its own memory without crashing.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import struct
import subprocess
import sys
import time
from dataclasses import asdict, replace
from typing import IO, Any

from extractors import errors
from extractors.errors import ExtractionError, LibraryCrashed, TimeLimitExceeded
from extractors.guard import Limits
from extractors.pdf.extraction import Options
from extractors.pdf.extraction import extract as extract_here
from extractors.result import Extraction

GRACE_S = 5.0
"""Seconds after its limit in which the child may still answer for itself: it keeps the text found so far."""
MAX_MEMORY_BYTES = 3 * 2**28
"""Address space of the child (768 MiB): a task stays below 1 GiB with it."""
_LENGTH = struct.Struct("<QQ")


class Reader:
    """One child process; `extract` may be called any number of times. Not for several threads at once."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def extract(self, data: bytes, options: Options) -> Extraction:
        """What `extractors.pdf.extract` gives, or LibraryCrashed or TimeLimitExceeded where the child had to go."""
        if len(data) > options.limits.input_bytes:
            return extract_here(data, options)  # refused unread
        deadline = time.monotonic() + options.limits.time_s + GRACE_S
        child = self._started()
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            head = json.dumps(asdict(options)).encode()
            child.stdin.write(_LENGTH.pack(len(head), len(data)))
            child.stdin.write(head)
            child.stdin.write(data)
            child.stdin.flush()
            return _decoded(_read(child.stdout, deadline))
        except TimeLimitExceeded as error:
            self.close()
            return Extraction(text="", error=error)
        except (BrokenPipeError, EOFError):
            code = child.wait()
            self.close()
            return Extraction(text="", error=LibraryCrashed(f"the reading process ended with {code}"))

    def close(self) -> None:
        """End the child, if there is one."""
        child, self._child = self._child, None
        if child is not None and self._owner == os.getpid():
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    pipe.close()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._owner == os.getpid() and self._child.poll() is None:
            return self._child
        self._owner = os.getpid()  # a forked process has a child of its own
        path = os.pathsep.join(entry for entry in sys.path if entry)
        self._child = subprocess.Popen(
            [sys.executable, "-c", "from extractors.pdf.apart import serve; serve()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
        )
        return self._child


_READER = Reader()
atexit.register(_READER.close)


def extract(data: bytes, options: Options) -> Extraction:
    """`extractors.pdf.extract` in a process apart; never raises on input."""
    return _READER.extract(data, options)


def _read(pipe: IO[bytes], deadline: float) -> bytes:
    """One answer. Raises EOFError where the child ended, TimeLimitExceeded at the deadline."""
    size, _ = _LENGTH.unpack(_exactly(pipe, _LENGTH.size, deadline))
    return _exactly(pipe, size, deadline)


def _exactly(pipe: IO[bytes], size: int, deadline: float) -> bytes:
    pieces: list[bytes] = []
    while size:
        ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise TimeLimitExceeded("the reading process did not answer")
        piece = os.read(pipe.fileno(), min(size, 2**20))
        if not piece:
            raise EOFError
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


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

    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the library prints is no answer
    while head := source.read(_LENGTH.size):
        num_options, num_bytes = _LENGTH.unpack(head)
        stated = json.loads(source.read(num_options))
        options = Options(**{**stated, "limits": Limits(**stated["limits"])})
        used = resource.getrusage(resource.RUSAGE_SELF).ru_utime
        resource.setrlimit(
            resource.RLIMIT_CPU, (int(used + options.limits.time_s + 2 * GRACE_S), resource.RLIM_INFINITY)
        )
        answer = _encoded(extract_here(source.read(num_bytes), options))
        sink.write(_LENGTH.pack(len(answer), 0))
        sink.write(answer)
        sink.flush()
