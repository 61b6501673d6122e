"""Dumps with a file a row."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.source_config import SourceConfig
from pipelines.sources.github import read_github
from pipelines.sources.records import ReaderConfig, Row
from pipelines.transport import ContainerRef


def read(folder: Path, data: bytes, name: str = "files.jsonl", **github: Any) -> list[Row]:
    path = folder / name
    path.write_bytes(data)
    source = SourceConfig.model_validate({"id": "hub", "format": "github", "category": "code", "github": github})
    return list(read_github(ContainerRef(f"hub/{name}", str(path), len(data)), ReaderConfig(source=source)))


def lines(*records: Any) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def parquet(*records: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(records)), buffer)
    return buffer.getvalue()


BIGQUERY = {"repo_name": "o/r", "path": "src/a.py", "content": "a = 1\r\n", "license": "mit", "size": "6"}
STACK = {
    "max_stars_repo_name": "o/r",
    "max_stars_repo_path": "src/a.py",
    "content": "a = 1\n",
    "max_stars_repo_licenses": ["MIT"],
    "max_stars_repo_head_hexsha": "abc123",
    "max_stars_count": 4.0,
    "lang": "Python",
}
GITHUB_CODE = {"repo_name": "o/r", "path": "src/a.py", "code": "a = 1\n", "license": "mit", "language": "Python"}


@pytest.mark.parametrize("record", [BIGQUERY, STACK, GITHUB_CODE])
@pytest.mark.parametrize("pack", [lines, parquet])
def test_the_columns_of_known_dumps_are_found(tmp_path: Path, record: dict[str, Any], pack: Any) -> None:
    row, end = read(tmp_path, pack(record), "files.parquet" if pack is parquet else "files.jsonl")
    assert (row.text, row.license, row.title, row.source) == ("a = 1\n", "MIT", "a.py", "github")
    notes = json.loads(row.metadata or "")
    assert (notes["repository"], notes["path"], notes["code_language"]) == ("o/r", "src/a.py", "Python")
    assert (notes["license_found_in"], notes["license_permissive"]) == ("stated", True)
    assert notes.get("stars") == (4 if record is STACK else None)
    assert row.url == ("https://github.com/o/r/blob/abc123/src/a.py" if record is STACK else None)
    assert end.skip_reason == "container_end"


def test_columns_may_have_other_names(tmp_path: Path) -> None:
    record = {"who": "o/r", "where": "a.rs", "what": "fn a() {}\n"}
    names = {"repository_fields": ["who"], "path_fields": ["where"], "content_fields": ["what"]}
    row, _ = read(tmp_path, lines(record), **names)
    assert (row.text, json.loads(row.metadata or "")["code_language"]) == ("fn a() {}\n", "Rust")


def test_a_header_that_contradicts_the_column_wins_and_is_said(tmp_path: Path) -> None:
    record = BIGQUERY | {"content": "# SPDX-License-Identifier: GPL-2.0-only\nx = 1\n"}
    row, _ = read(tmp_path, lines(record))
    assert row.license == "GPL-2.0-only"
    assert json.loads(row.metadata or "")["license_conflict"] == "MIT as stated"


def test_rows_without_text_are_skips_or_failures(tmp_path: Path, warc: SimpleNamespace) -> None:
    data = lines(
        BIGQUERY | {"content": None, "binary": True, "path": "a.png"},
        BIGQUERY | {"content": " \n"},
        BIGQUERY | {"content": "x" * 100},
        BIGQUERY | {"content": 3},
        {"path": "a.py"},
        BIGQUERY | {"path": "a.ipynb", "content": "{"},
    )
    rows = read(tmp_path, data + b"no json\n", max_file_bytes=99)
    assert sorted(warc.outcomes(rows)) == sorted(
        ["binary:.png", "empty_file:.py", "file_size:.py", *["MalformedLine"] * 3, "DamagedInput"]
    )
    assert warc.balanced(rows)


def test_consecutive_rows_of_a_repository_are_one_document(tmp_path: Path, warc: SimpleNamespace) -> None:
    records = [
        BIGQUERY | {"path": "b.py", "content": "import c\n"},
        BIGQUERY | {"path": "c.py", "content": "c = 1\n"},
        BIGQUERY | {"repo_name": "o/s", "path": "d.py", "content": "d = 1\n"},
    ]
    rows = read(tmp_path, gzip.compress(lines(*records)), "files.jsonl.gz", documents="repository")
    assert [row.text for row in rows if row.text] == ["# c.py\nc = 1\n\n# b.py\nimport c\n", "# d.py\nd = 1\n"]
    assert warc.outcomes(rows) == ["document", "document", "joined:"]
    assert warc.balanced(rows)


def test_a_table_without_content_is_no_container(tmp_path: Path, warc: SimpleNamespace) -> None:
    rows = read(tmp_path, parquet({"blob_id": "1", "path": "a.py"}), "files.parquet")
    assert warc.outcomes(rows) == ["UnreadableContainer"]
    assert "'content'" in (rows[0].error_detail or "")


VALUES = st.none() | st.text(max_size=30) | st.integers() | st.lists(st.text(max_size=5), max_size=2) | st.booleans()
NAMES = ["content", "path", "repo_name", "license", "commit_id", "date", "binary", "stars"]


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(st.sampled_from(NAMES), VALUES), max_size=6), st.sampled_from(["files", "repository"]))
def test_the_books_balance_for_any_rows(
    warc: SimpleNamespace, tmp_path: Path, records: list[dict[str, Any]], documents: str
) -> None:
    assert warc.balanced(read(tmp_path, lines(*records), documents=documents))
