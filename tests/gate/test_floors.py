"""The gate itself; the measurement (about a minute) is `python -m tests.gate`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gate import floors


def test_every_row_of_the_goal_has_a_floor() -> None:
    pinned = floors.load()["floors"]
    assert {f"{group} {name}" for group, name in floors.TEXT_ROWS} <= set(pinned)
    for row in (
        "code_exact",
        "table_row_line",
        "thread_recall",
        "eq_verbatim",
        "eq_delimited",
        "heading_marked",
        "item_line",
    ):
        assert 0.8 < pinned[row] <= 1


def test_a_row_under_its_floor_or_missing_is_named() -> None:
    pinned = {"a": 0.5, "b": 0.5, "c": 0.5}
    assert floors.below(pinned, {"a": 0.5, "b": 0.499}) == ["b", "c"]


def test_floors_fall_only_when_asked_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(floors, "FLOORS", tmp_path / "floors.json")
    floors.store("d", {"a": 0.9}, {"a": 0.5}, False)
    assert floors.load()["floors"]["a"] == 0.9
    floors.store("d", {"a": 0.9}, {"a": 0.5}, True)
    assert floors.load()["floors"]["a"] == pytest.approx(0.5 - floors.SLACK)


@pytest.mark.corpus
def test_the_floors_belong_to_the_pages_beside_the_checkout(shared: Path) -> None:
    assert floors.load()["corpus_digest"] == floors.digest(shared / "extraction-bench")
