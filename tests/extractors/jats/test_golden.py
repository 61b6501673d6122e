"""Articles written for the project come out as a reader expects."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractors.jats import extract
from pipelines.sample.pmc_tar import article_bytes

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", ["PMC9900001", "PMC9900006"])
def test_an_article_comes_out_as_its_reader_expects(name: str) -> None:
    assert extract(article_bytes(name)).text + "\n" == (GOLDEN / f"{name}.md").read_text("utf-8")
