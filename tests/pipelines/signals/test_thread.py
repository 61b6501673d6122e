"""Scores of a thread as columns, from its metadata."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from pipelines.recipe import load_recipe
from pipelines.rules.arrow import column_kinds, holds
from pipelines.rules.check import check_rules
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


@pytest.mark.parametrize("metadata", [None, "{", "[1]", "7"])
def test_without_metadata_all_are_null(metadata: str | None) -> None:
    assert thread_signals(metadata) == {column.name: None for column in THREAD}


RULES = [rule for rule in load_recipe("phi4").rules if rule.name.startswith("stackexchange.")]


@pytest.mark.parametrize(
    ("rule", "notes", "drops"),
    [
        ("no_answer", {"num_answers": 0}, True),
        ("no_answer", {"num_answers": 1}, False),
        ("question_score_too_low", {"question_score": -1}, True),
        ("question_score_too_low", {"question_score": 0}, False),
        ("best_answer_score_too_low", {"best_answer_score": 2, "has_accepted_answer": False}, True),
        ("best_answer_score_too_low", {"best_answer_score": 3, "has_accepted_answer": False}, False),
        ("best_answer_score_too_low", {"best_answer_score": 2, "has_accepted_answer": True}, False),
        ("best_answer_score_too_low", {"has_accepted_answer": False}, False),
    ],
)
def test_each_rule_of_phi4_drops_on_its_side_of_the_limit(rule: str, notes: dict[str, Any], drops: bool) -> None:
    (checked,) = check_rules(
        [given for given in RULES if given.name == f"stackexchange.{rule}"], column_kinds(pa.schema(THREAD))
    )
    table = pa.Table.from_pylist([dict(thread_signals(json.dumps(notes)))], schema=pa.schema(THREAD))
    assert holds(checked, table).to_pylist() == [drops]
