from __future__ import annotations

import signal
import threading
import time

import pytest

from extractors.errors import ExtractorBug, MemoryLimitExceeded, NestingTooDeep, TimeLimitExceeded
from extractors.guard import Limits, Watch, guard
from extractors.result import Extraction

SHORT = Limits(time_s=0.05)


def _endless(watch: Watch) -> Extraction:
    watch.partial = lambda: Extraction(text="so far")
    while True:
        pass


def _watching(watch: Watch) -> Extraction:
    watch.partial = lambda: Extraction(text="so far")
    while True:
        watch.check()


def test_what_the_extractor_returns_comes_through() -> None:
    assert guard(lambda _watch: Extraction(text="a"), Limits()) == Extraction(text="a")


def test_an_endless_loop_ends_at_the_limit_with_the_text_so_far() -> None:
    began = time.monotonic()
    found = guard(_endless, SHORT)
    assert time.monotonic() - began < 2
    assert found.text == "so far"
    assert isinstance(found.error, TimeLimitExceeded)


def test_the_watch_keeps_the_limit_in_other_threads() -> None:
    found: list[Extraction] = []
    thread = threading.Thread(target=lambda: found.append(guard(_watching, SHORT)))
    thread.start()
    thread.join(5)
    assert found[0].text == "so far"
    assert found[0].error is not None
    assert found[0].error.code == "TimeLimitExceeded"


def test_writing_out_the_text_so_far_is_bounded_too() -> None:
    began = time.monotonic()

    def slow(watch: Watch) -> Extraction:
        def rest() -> Extraction:
            while time.monotonic() - began < 4:
                pass
            return Extraction(text="late")

        watch.partial = rest
        raise KeyError("x")

    found = guard(slow, SHORT)
    assert time.monotonic() - began < 2
    assert found.text == ""
    assert "TimeLimitExceeded" in str(found.error)


def test_a_partial_that_consults_the_watch_has_time_of_its_own() -> None:
    def late(watch: Watch) -> Extraction:
        def rest() -> Extraction:
            watch.check()
            return Extraction(text="so far")

        watch.partial = rest
        while True:
            watch.check()

    assert guard(late, SHORT).text == "so far"


def test_the_first_error_is_told_with_the_second_behind_it() -> None:
    def fail(watch: Watch) -> Extraction:
        watch.partial = lambda: Extraction(text=str(1 // 0))
        raise TimeLimitExceeded("deadline passed")

    found = guard(fail, Limits())
    assert isinstance(found.error, TimeLimitExceeded)
    assert str(found.error).startswith("deadline passed; then, for the text so far, ZeroDivisionError")


@pytest.mark.parametrize(
    ("raised", "error"),
    [(MemoryError(), MemoryLimitExceeded), (RecursionError(), NestingTooDeep), (KeyError("x"), ExtractorBug)],
)
def test_whatever_is_raised_becomes_a_typed_error(raised: Exception, error: type[Exception]) -> None:
    def fail(_watch: Watch) -> Extraction:
        raise raised

    assert isinstance(guard(fail, Limits()).error, error)


def test_a_bug_carries_its_traceback() -> None:
    assert "ZeroDivisionError" in str(guard(lambda _watch: Extraction(text=str(1 // 0)), Limits()).error)


def test_the_timer_and_its_handler_are_put_back() -> None:
    before = signal.getsignal(signal.SIGALRM)
    guard(lambda _watch: Extraction(text=""), Limits())
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_timer_of_the_caller_is_left_alone() -> None:
    signal.setitimer(signal.ITIMER_REAL, 60)
    try:
        assert isinstance(guard(_watching, SHORT).error, TimeLimitExceeded)
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 50
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def test_the_guard_costs_microseconds() -> None:
    empty = Extraction(text="")
    began = time.process_time()
    for _ in range(1000):
        guard(lambda _watch: empty, Limits())
    assert time.process_time() - began < 0.5


def test_limits_that_allow_nothing_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="positive"):
        Limits(time_s=0)
