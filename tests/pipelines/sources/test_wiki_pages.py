"""Heads of dumps: what `<siteinfo>` says, in bounded time."""

from __future__ import annotations

import time

import pytest

from pipelines.sources.wiki_pages import Site, parse_site


@pytest.mark.parametrize("piece", ["<siteinfo>", "<mediawiki ", "<mediawiki xml:lang='"])
def test_a_head_without_an_end_is_looked_at_once(piece: str) -> None:
    begin = time.process_time()
    assert parse_site(piece * 20_000) == Site()
    assert time.process_time() - begin < 2
