"""Ids of papers, and the metadata dump by month."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.errors import RecipeError
from pipelines.sources.arxiv_metadata import BLOCK_BYTES, arxiv_id, date_of, metadata_of_month, month_of
from pipelines.transport import RetryPolicy, TransportOptions


@pytest.mark.parametrize(
    ("name", "paper", "date"),
    [
        ("2401/2401.00001.gz", "2401.00001", "2024-01"),
        ("0704/0704.0001.gz", "0704.0001", "2007-04"),
        ("2401/2401.00001v3.pdf", "2401.00001", "2024-01"),
        ("9912/astro-ph9912001.gz", "astro-ph/9912001", "1999-12"),
        ("cs0301001.gz", "cs/0301001", "2003-01"),
        ("math.GT0309136", "math/0309136", "2003-09"),
        ("9108/hep-th9108001.gz", "hep-th/9108001", "1991-08"),
        ("2413/2413.00001.gz", "2413.00001", None),
    ],
)
def test_a_member_is_named_for_its_paper(name: str, paper: str, date: str | None) -> None:
    assert arxiv_id(name) == paper
    assert date_of(paper) == date


@pytest.mark.parametrize(
    "name", ["README", "2401.gz", "24011.00001.gz", "2401.001.gz", "x0309.gz", "", "2401.00001.tar"]
)
def test_other_names_are_no_papers(name: str) -> None:
    assert arxiv_id(name) is None


papers = st.lists(
    st.tuples(st.sampled_from(["2401", "2402", "0309"]), st.integers(0, 99999), st.booleans()), max_size=12, unique=True
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(papers, st.sampled_from([(",", ":"), (", ", ": ")]), st.booleans())
def test_a_month_holds_its_papers_and_no_others_in_any_order(
    tmp_path: Path, listed: list[tuple[str, int, bool]], separators: tuple[str, str], id_last: bool
) -> None:
    ids = {f"math/{month}{n % 1000:03}" if old else f"{month}.{n:05}" for month, n, old in listed}
    path = tmp_path / "dump.json"
    with path.open("w") as lines:
        for paper in ids:
            record: dict[str, Any] = {"id": paper, "title": f"About {paper}"}
            fields = dict(reversed(record.items())) if id_last else record
            lines.write(json.dumps(fields, separators=separators) + "\n")
    metadata_of_month.cache_clear()
    for month in ("2401", "2402", "0309"):
        found = metadata_of_month(str(path), month, TransportOptions())
        assert set(found) == {paper for paper in ids if month_of(paper) == month}
        assert all(metadata.title == f"About {paper}" for paper, metadata in found.items())


def test_fields_of_the_wrong_kind_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "dump.json"
    odd = {"id": "2401.00001", "title": 5, "license": [], "versions": ["v1"], "authors_parsed": [[], "x", [None]]}
    path.write_text(json.dumps(odd))
    metadata_of_month.cache_clear()
    (found,) = metadata_of_month(str(path), "2401", TransportOptions()).values()
    path.write_text(json.dumps({**odd, "versions": 5, "authors_parsed": 7}))
    metadata_of_month.cache_clear()
    assert metadata_of_month(str(path), "2401", TransportOptions()) == {"2401.00001": found}
    assert not any((found.title, found.license, found.version, found.authors, found.date, found.version_date))


def test_records_on_both_sides_of_a_blocks_end_are_found(tmp_path: Path) -> None:
    path = tmp_path / "dump.json"
    filler = json.dumps({"id": "2402.00001", "abstract": "x" * (BLOCK_BYTES // 2 - 100)})
    ids = [f"2401.{n:05}" for n in range(60)]
    path.write_text(
        "".join(json.dumps({"id": paper}) + "\n" + filler * (n % 7 == 0) + "\n" for n, paper in enumerate(ids))
    )
    metadata_of_month.cache_clear()
    assert sorted(metadata_of_month(str(path), "2401", TransportOptions())) == ids


@pytest.mark.parametrize(
    ("created", "date"),
    [
        ("Mon, 2 Apr 2007 19:18:42 GMT", "2007-04-02"),
        ("Mon, 2 Apr 99999999999999999999 19:18:42 GMT", None),
        ("Mon, 2 Apr 2007 19:18:42 +99999999999999999999", None),
    ],
)
def test_a_date_that_is_none_is_left_out(tmp_path: Path, created: str, date: str | None) -> None:
    path = tmp_path / "dump.json"
    path.write_text(json.dumps({"id": "2401.00001", "versions": [{"version": "v1", "created": created}]}))
    metadata_of_month.cache_clear()
    (found,) = metadata_of_month(str(path), "2401", TransportOptions()).values()
    assert found.date == date


def test_a_dump_that_cannot_be_read_ends_the_run_and_is_named(tmp_path: Path) -> None:
    """And is not taken for a fault of the source tar that is being read."""
    cut = tmp_path / "cut.json.gz"
    cut.write_bytes(gzip.compress(b"{}\n" * 1000)[:-9])
    refused = "http://127.0.0.1:9/dump.json"
    options = TransportOptions(retry=RetryPolicy(max_attempts=1, base_s=0))
    for uri in (str(tmp_path / "gone.json"), str(cut), refused):
        metadata_of_month.cache_clear()
        with pytest.raises(RecipeError, match=re.escape(uri)):
            metadata_of_month(uri, "2401", options)
