"""Signals of Q&A threads: what their readers thought of them, from the `metadata` that the source wrote.

Scores are votes up less votes down at the time of the dump. All are null outside source `stackexchange`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipelines.signals.notes import fact, read_notes
from pipelines.signals.schema import THREAD


def thread_signals(metadata: str | None) -> Mapping[str, Any]:
    """The columns of `pipelines.signals.schema.THREAD` for a thread with this `metadata` (JSON)."""
    notes = read_notes(metadata)
    found = {column.name: fact(notes, column.name, column) for column in THREAD}
    found["is_closed_question"] = "closed_date" in notes if notes else None
    return found
