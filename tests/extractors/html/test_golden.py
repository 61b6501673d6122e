"""Pages written for this project beside the Markdown a reader expects of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractors.html import extract

GOLDEN = Path(__file__).parents[1] / "golden"
PAGES = sorted(GOLDEN.glob("*.html"))


def test_the_golden_set_is_there() -> None:
    assert len(PAGES) >= 20


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_a_page_comes_out_as_its_reader_expects(page: Path) -> None:
    found = extract(page.read_bytes())
    assert found.error is None
    assert found.text + "\n" == page.with_suffix(".md").read_text("utf-8")
