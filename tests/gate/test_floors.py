"""The gate itself; the measurement (about a minute) is `python -m tests.gate`."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import pytest

from tests.gate import floors, out_of_fold


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


def test_the_floor_of_a_row_that_is_no_longer_measured_goes_only_when_asked_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(floors, "FLOORS", tmp_path / "floors.json")
    floors.store("d", {"a": 0.9, "b": 0.8}, {"a": 0.95}, False)
    assert floors.load()["floors"] == {"a": 0.947, "b": 0.8}
    floors.store("d", {"a": 0.9, "b": 0.8}, {"a": 0.95}, True)
    assert floors.load()["floors"] == {"a": 0.947}


def test_a_page_whose_blocks_have_no_scores_is_left_out() -> None:
    record = {"id": "a/b", "html": "<p>One line.</p><p>Another line.</p>"}
    assert out_of_fold.text_of(record, [0.9, 0.9]) == "One line.\n\nAnother line."
    assert out_of_fold.text_of(record, [0.9]) is None
    assert out_of_fold.text_of(record, None) is None
    assert out_of_fold.text_of({"id": "a/c", "html": "<br>"}, None) == ""


@pytest.mark.corpus
def test_scores_of_other_pages_are_refused(shared: Path, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "evaluate.py").symlink_to(shared / "extraction-bench" / "evaluate.py")
    page = {"id": "own/one", "url": "https://example.org/", "html": "<p>One line of it.</p>", "text": "One line of it."}
    (tmp_path / "data" / "own.jsonl.xz").write_bytes(lzma.compress(json.dumps(page).encode()))
    (tmp_path / "scores.json").write_text('{"own/two": [0.9]}')
    with pytest.raises(ValueError, match="of 1 pages: train again"):
        out_of_fold.measure(tmp_path, tmp_path / "scores.json")


@pytest.mark.corpus
def test_the_floors_belong_to_the_pages_beside_the_checkout(shared: Path) -> None:
    assert floors.load()["corpus_digest"] == floors.digest(shared / "extraction-bench")
