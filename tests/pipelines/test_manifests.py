from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.errors import MissingDataset
from pipelines.manifests import (
    Manifest,
    code_digest,
    commit,
    new_attempt,
    parquet_parts,
    read_dataset,
    require_dataset,
    stage_key,
)
from pipelines.storage import Storage, open_storage


def manifest(attempt: str, storage: Storage) -> Manifest:
    parts = parquet_parts(storage)
    return Manifest(
        dataset="documents",
        key="k",
        attempt=attempt,
        config={},
        inputs={},
        code="c",
        parts=parts,
        rows=sum(p.rows for p in parts),
        bytes=sum(p.bytes for p in parts),
        started="2026-01-01T00:00:00+00:00",
        seconds=1.0,
    )


def write_attempt(run: Storage, rows: int) -> tuple[str, Storage]:
    attempt = new_attempt()
    folder = run.child("documents").child(attempt)
    with folder.open_output("part-0.parquet") as stream:
        pq.write_table(pa.table({"a": list(range(rows))}), stream)
    return attempt, folder


def test_a_dataset_without_a_manifest_does_not_exist(tmp_path: Path) -> None:
    run = open_storage(str(tmp_path))
    write_attempt(run, 3)
    assert read_dataset(run, "documents") is None
    with pytest.raises(MissingDataset, match="gristmill ingest"):
        require_dataset(run, "documents")


def test_committing_swaps_the_new_attempt_in_and_removes_the_others(tmp_path: Path) -> None:
    run = open_storage(str(tmp_path))
    first, folder = write_attempt(run, 3)
    commit(run, manifest(first, folder))
    abandoned, _ = write_attempt(run, 1)
    second, folder = write_attempt(run, 5)
    made = commit(run, manifest(second, folder))
    assert made.manifest.rows == 5
    assert run.child("documents").list() == [second, "manifest.json"]
    assert first != abandoned != second


def test_empty_files_are_not_parts(tmp_path: Path) -> None:
    run = open_storage(str(tmp_path))
    _, folder = write_attempt(run, 0)
    assert parquet_parts(folder) == ()


def test_a_stage_key_changes_with_config_inputs_and_code() -> None:
    keys = {
        stage_key("signals", {"a": 1}, {"documents": "x"}, "c"),
        stage_key("signals", {"a": 2}, {"documents": "x"}, "c"),
        stage_key("signals", {"a": 1}, {"documents": "y"}, "c"),
        stage_key("signals", {"a": 1}, {"documents": "x"}, "d"),
        stage_key("tokens", {"a": 1}, {"documents": "x"}, "c"),
    }
    assert len(keys) == 5


def test_the_code_digest_is_of_the_modules_named() -> None:
    assert code_digest(("pipelines.storage",)) == code_digest(("pipelines.storage",))
    assert code_digest(("pipelines.storage",)) != code_digest(("pipelines.schemas",))
    assert code_digest(("extractors",)) != code_digest(("extractors.html",))
