from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from extractors import pdf
from extractors.guard import Limits
from extractors.pdf import Options, apart
from extractors.pdf.apart import Reader
from pipelines.sample.books_files import pdf_bytes

DATA = pdf_bytes([[(60, 700, 10, "one page of text")]])


@pytest.fixture
def reader() -> Iterator[Reader]:
    made = Reader()
    yield made
    made.close()


def read(reader: Reader) -> int:
    """Reads a document; the process that did."""
    assert reader.extract(DATA, Options()).text == "one page of text"
    pid = reader.pid()
    assert pid is not None
    return pid


def ended(pid: int) -> bool:
    """Gone, and not left as a zombie."""
    return not Path(f"/proc/{pid}").exists()


def test_the_process_apart_says_what_the_extractor_says(reader: Reader) -> None:
    for data in (DATA, b"junk", pdf_bytes([[]], pictures=True)):
        here, there = pdf.extract(data), reader.extract(data, Options())
        assert (here.text, here.kind, here.metadata) == (there.text, there.kind, there.metadata)
        assert str(here.error) == str(there.error)
        assert type(here.error) is type(there.error)


def test_one_process_reads_many_documents_and_leaves_with_its_reader(reader: Reader) -> None:
    pids = {read(reader) for _ in range(20)}
    assert len(pids) == 1
    assert reader.peak_memory_bytes() > 2**20
    reader.close()
    assert ended(pids.pop())
    assert (reader.pid(), reader.peak_memory_bytes()) == (None, 0)


def test_a_process_is_replaced_after_so_many_documents(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "MAX_DOCUMENTS", 3)
    pids = [read(reader) for _ in range(7)]
    assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [3, 3, 1]
    assert ended(pids[0])


def test_a_process_that_died_between_documents_costs_none(reader: Reader) -> None:
    pid = read(reader)
    os.kill(pid, signal.SIGKILL)
    assert read(reader) != pid
    assert ended(pid)


def test_a_crash_that_what_was_read_before_may_have_caused_is_tried_once_more(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = read(reader)
    crash_on_next_document(reader, monkeypatch)
    assert reader.extract(DATA, Options()).text == "one page of text"
    assert reader.pid() != pid


def test_a_crash_of_a_new_process_is_the_document_s_and_the_next_is_read(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    crash_on_next_document(reader, monkeypatch)
    found = reader.extract(DATA, Options())
    assert found.error is not None
    assert found.error.code == "LibraryCrashed"
    assert str(-signal.SIGSEGV) in str(found.error)
    read(reader)


def crash_on_next_document(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """The child gets SIGSEGV, once, after the document was sent."""
    write, left = apart._write, [True]

    def write_and_crash(pipe: int, data: bytes, deadline: float) -> None:
        pid = reader.pid()
        assert pid is not None
        if data is DATA and left:
            left.clear()
            os.kill(pid, signal.SIGSTOP)
            write(pipe, data, deadline)
            os.kill(pid, signal.SIGSEGV)
            os.kill(pid, signal.SIGCONT)
        else:
            write(pipe, data, deadline)

    monkeypatch.setattr(apart, "_write", write_and_crash)


@pytest.mark.parametrize("data", [DATA, DATA + b"\n" * 2**20], ids=["small", "larger than a pipe holds"])
def test_a_process_that_does_not_answer_is_ended_at_the_limit(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    monkeypatch.setattr(apart, "GRACE_S", 0.2)
    pid = read(reader)
    os.kill(pid, signal.SIGSTOP)
    start = time.monotonic()
    found = reader.extract(data, Options(limits=Limits(time_s=0.1)))
    assert found.error is not None
    assert found.error.code == "TimeLimitExceeded"
    assert time.monotonic() - start < 5
    assert ended(pid)
    read(reader)


def test_memory_is_capped_and_the_next_document_is_read(reader: Reader) -> None:
    wide = b"%PDF-1.4\n" + b"1 0 obj\n<< /Length 0 >>\nendobj\n" + b" " * (apart.MAX_MEMORY_BYTES + 2**20)
    found = reader.extract(wide, Options(limits=Limits(time_s=60, input_bytes=2**30)))
    assert found.error is not None
    assert found.error.code == "MemoryLimitExceeded"
    read(reader)


@pytest.mark.parametrize(("kind", "hard"), [("RLIMIT_CPU", 3600), ("RLIMIT_AS", 2**29)])
def test_it_reads_under_the_limits_of_the_process_that_starts_it(kind: str, hard: int) -> None:
    program = f"""
import resource
resource.setrlimit(resource.{kind}, ({hard}, {hard}))
from extractors.pdf.apart import READER, extract
from extractors.pdf import Options
print(extract({DATA!r}, Options()), resource.prlimit(READER.pid(), resource.{kind})[1])
"""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, timeout=60)
    assert "one page of text" in run.stdout, run.stdout + run.stderr
    assert run.stdout.split()[-1] == str(hard)
