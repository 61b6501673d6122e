from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from jobs.cli import gristmill

PAGE = str(Path(__file__).parents[2] / "extractors" / "golden" / "comments.html")


@pytest.mark.parametrize(("flags", "is_kept"), [((), True), (("--comments", "drop"), False)])
def test_comments_are_left_out_when_asked_for(flags: tuple[str, ...], is_kept: bool) -> None:
    result = CliRunner().invoke(gristmill, ["extract", PAGE, *flags])
    assert result.exit_code == 0
    assert ("My grandfather cut ice" in result.stdout) is is_kept


def test_explain_shows_what_was_left_out_unheard() -> None:
    lines = CliRunner().invoke(gristmill, ["extract", PAGE, "--explain"]).stdout.splitlines()
    assert "left out: <nav>" in lines[0]
    assert "Home Walks About" in lines[0]
    assert "left out: <footer>" in lines[-1]
    assert lines[1].startswith("+ ")
