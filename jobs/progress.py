"""What a long stage is doing: documents so far, rate and time left, from Spark's own task metrics, on stderr.

On a terminal one line is rewritten twice a second; in a log there is a line every ten seconds.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from pyspark.sql import SparkSession


class Progress:
    """Progress of the stages of one run."""

    def __init__(self, stream: IO[str] | None = None, *, quiet: bool = False) -> None:
        self._stream = stream or sys.stderr
        self._terminal = self._stream.isatty()
        self._quiet = quiet

    def say(self, message: str) -> None:
        if not self._quiet:
            self._clear()
            print(message, file=self._stream, flush=True)

    @contextmanager
    def watch(self, stage: str, spark: SparkSession, *, rows_expected: int | None = None) -> Iterator[None]:
        """Show the progress of the Spark jobs that run inside the `with` block."""
        if self._quiet:
            yield
            return
        done = threading.Event()
        started = time.monotonic()
        thread = threading.Thread(target=self._poll, args=(stage, spark, rows_expected, done, started), daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
            self._clear()

    def _poll(
        self, stage: str, spark: SparkSession, rows_expected: int | None, done: threading.Event, started: float
    ) -> None:
        last = ""
        while not done.wait(0.5 if self._terminal else 10.0):
            line = _describe(stage, _task_counts(spark), rows_expected, time.monotonic() - started)
            if line and line != last:
                print(
                    f"\r{line}\x1b[K" if self._terminal else line, end="" if self._terminal else "\n", file=self._stream
                )
                self._stream.flush()
                last = line

    def _clear(self) -> None:
        if self._terminal and not self._quiet:
            print("\r\x1b[K", end="", file=self._stream, flush=True)


def _task_counts(spark: SparkSession) -> tuple[int, int, int]:
    """Tasks done, tasks in all, and rows written so far, over the active Spark stages."""
    store: Any = spark.sparkContext._jsc.sc().statusStore()
    stages = store.activeStages()
    done = total = rows = 0
    for index in range(stages.size()):
        stage = stages.apply(index)
        done += stage.numCompleteTasks()
        total += stage.numTasks()
        rows += max(stage.outputRecords(), stage.shuffleWriteRecords())
    return done, total, rows


def _describe(stage: str, counts: tuple[int, int, int], rows_expected: int | None, elapsed_s: float) -> str:
    done, total, rows = counts
    if not total:
        return ""
    text = f"  {stage}: {done}/{total} tasks, {elapsed_s:.0f} s"
    if rows:
        text += f", {rows:,} rows ({rows / elapsed_s:,.0f}/s)"
    share = rows / rows_expected if rows and rows_expected else done / total
    if 0 < share < 1 and elapsed_s > 2:
        text += f", about {elapsed_s / share - elapsed_s:.0f} s left"
    return text
