"""The one guard of all extractors: time, size and bugs of one document become a value, never an exception.

Why a watch and a timer: the timer (`setitimer`, main thread of a POSIX process only) interrupts Python code wherever
it is; the watch is a deadline that long walks consult themselves, so limits hold in other threads too. Cost: a few
microseconds. Blind spot: neither interrupts one call into C code, whose time the input cap bounds.
"""

from __future__ import annotations

import signal
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import FrameType

from extractors.errors import ExtractionError, ExtractorBug, MemoryLimitExceeded, NestingTooDeep, TimeLimitExceeded
from extractors.result import Extraction


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may cost."""

    time_s: float = 10.0
    """Wall-clock seconds, inclusive; after them as many again to write out what was found so far."""
    input_bytes: int = 16 * 2**20
    """Bytes (characters of a `str`) read of one document, inclusive; the rest is cut off and said in `error`."""
    depth: int = 1000
    """Nesting of elements the parser is given; deeper open tags are taken out first: parsing is quadratic in it."""

    def __post_init__(self) -> None:
        if self.time_s <= 0 or self.input_bytes <= 0 or self.depth <= 0:
            raise ValueError("limits must be positive")


class Watch:
    """Deadline of one document, and what can be said of it so far."""

    __slots__ = ("deadline", "partial")

    def __init__(self, time_s: float) -> None:
        self.deadline = time.monotonic() + time_s
        self.partial: Callable[[], Extraction] | None = None
        """Gives the text found so far, once there is some; called when a limit ends the extraction."""

    def check(self) -> None:
        """Raise `TimeLimitExceeded` after the deadline; call every few hundred steps of a long loop."""
        if time.monotonic() > self.deadline:
            raise TimeLimitExceeded("deadline passed")


def guard(extract: Callable[[Watch], Extraction], limits: Limits) -> Extraction:
    """`extract(watch)` under `limits`; whatever it raises comes back in `Extraction.error` beside the text so far."""
    watch = Watch(limits.time_s)
    try:
        return _within(extract, watch, limits.time_s)
    except ExtractionError as error:
        return _rescued(watch, error, limits.time_s)
    except MemoryError:
        return _rescued(watch, MemoryLimitExceeded("out of memory"), limits.time_s)
    except RecursionError:
        return _rescued(watch, NestingTooDeep("recursion limit"), limits.time_s)
    except Exception as error:  # noqa: BLE001 - the one guard: a document's failure becomes a value
        return _rescued(watch, ExtractorBug(_place(error)), limits.time_s)


def _place(error: Exception) -> str:
    """What happened and where, the innermost call first: the beginning is what a report shows."""
    frames = reversed(traceback.extract_tb(error.__traceback__)[-6:])
    calls = " < ".join(f"{frame.name} ({frame.filename.rpartition('/')[2]}:{frame.lineno})" for frame in frames)
    return f"{type(error).__name__}: {error}; {calls}"


def _within(extract: Callable[[Watch], Extraction], watch: Watch, time_s: float) -> Extraction:
    watch.deadline = time.monotonic() + time_s
    if threading.current_thread() is not threading.main_thread():
        return extract(watch)
    outer, _ = signal.getitimer(signal.ITIMER_REAL)
    if outer:
        return extract(watch)  # somebody else's timer runs: the watch alone keeps the limit
    before = signal.signal(signal.SIGALRM, _raise_time_limit)
    try:
        signal.setitimer(signal.ITIMER_REAL, time_s)
        return extract(watch)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _raise_time_limit(_number: int, _frame: FrameType | None) -> None:
    raise TimeLimitExceeded("timer ran out")


def _rescued(watch: Watch, error: ExtractionError, time_s: float) -> Extraction:
    partial = watch.partial
    if partial is None:
        return Extraction(text="", error=error)
    try:
        return replace(_within(lambda _: partial(), watch, time_s), error=error)
    except Exception as second:  # noqa: BLE001 - the same guard, over what is left of the document
        return Extraction(text="", error=type(error)(f"{error}; then, for the text so far, {_place(second)}"))
