"""Scores of a thread as columns, from its metadata."""

from __future__ import annotations

import json

from pipelines.signals.schema import THREAD
from pipelines.signals.thread import thread_signals


def test_scores_and_marks_are_columns() -> None:
    notes = {"question_score": -1, "best_answer_score": 4, "num_answers": 2, "has_accepted_answer": True, "site": "s"}
    assert thread_signals(json.dumps(notes)) == {
        "question_score": -1,
        "best_answer_score": 4,
        "num_answers": 2,
        "has_accepted_answer": True,
        "is_closed_question": False,
    }


def test_a_closed_question_is_told() -> None:
    assert thread_signals('{"closed_date": "2020-01-01"}')["is_closed_question"] is True


def test_without_metadata_all_are_null() -> None:
    assert thread_signals(None) == {column.name: None for column in THREAD}
