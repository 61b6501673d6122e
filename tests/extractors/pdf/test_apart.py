from __future__ import annotations

import os
import signal

import pytest

from extractors import pdf
from extractors.guard import Limits
from extractors.pdf import Options
from extractors.pdf.apart import Reader
from pipelines.sample.books_files import pdf_bytes

DATA = pdf_bytes([[(60, 700, 10, "one page of text")]])


@pytest.fixture
def reader() -> Reader:
    return Reader()


def test_the_process_apart_says_what_the_extractor_says(reader: Reader) -> None:
    for data in (DATA, b"junk", pdf_bytes([[]], pictures=True)):
        here, there = pdf.extract(data), reader.extract(data, Options())
        assert (here.text, here.kind, here.metadata) == (there.text, there.kind, there.metadata)
        assert str(here.error) == str(there.error)
        assert type(here.error) is type(there.error)
    reader.close()


def test_a_crash_costs_one_document_and_the_next_is_read(reader: Reader) -> None:
    reader.extract(DATA, Options())
    assert reader._child is not None
    os.kill(reader._child.pid, signal.SIGSTOP)
    os.kill(reader._child.pid, signal.SIGSEGV)
    os.kill(reader._child.pid, signal.SIGCONT)
    found = reader.extract(DATA, Options())
    assert found.text == "one page of text" or (found.error is not None and found.error.code == "LibraryCrashed")
    assert reader.extract(DATA, Options()).text == "one page of text"
    reader.close()


def test_a_process_that_does_not_answer_is_ended_at_the_limit(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extractors.pdf.apart.GRACE_S", 0.2)
    reader.extract(DATA, Options())
    assert reader._child is not None
    os.kill(reader._child.pid, signal.SIGSTOP)
    found = reader.extract(DATA, Options(limits=Limits(time_s=0.1)))
    assert found.error is not None
    assert found.error.code == "TimeLimitExceeded"
    assert reader.extract(DATA, Options()).text == "one page of text"
    reader.close()
