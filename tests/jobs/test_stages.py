"""The spine: the sample from dumps to shards, its books, resuming it, and judging it again."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from jobs import stages
from pipelines.errors import BooksDoNotBalance, MissingDataset
from pipelines.manifests import read_dataset, require_dataset
from pipelines.mixture import Plan
from pipelines.schemas import CONTAINER_END, KEPT
from pipelines.shards.index import read_index
from pipelines.storage import open_storage
from tests.jobs.conftest import FinishedRun

pytestmark = pytest.mark.spark


def rows(made: FinishedRun, dataset: str, columns: list[str]) -> list[dict[str, Any]]:
    found = require_dataset(made.run, dataset)
    return pq.read_table(found.part_paths(), columns=columns).to_pylist()


def shard_digests(made: FinishedRun) -> dict[str, str]:
    folder = Path(stages.shards_folder(made.runner()).root)
    files = [file for file in sorted(folder.rglob("*")) if file.suffix in (".bin", ".idx", ".parquet", ".txt")]
    return {str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def test_the_books_of_every_container_balance(finished: FinishedRun) -> None:
    read, accounted = {}, {}
    for row in rows(finished, "documents", ["container", "num_records", "skip_reason", "skip_value"]):
        accounted[row["container"]] = accounted.get(row["container"], 0) + row["num_records"]
        if row["skip_reason"] == CONTAINER_END:
            read[row["container"]] = int(row["skip_value"])
    assert read == accounted
    assert sum(read.values()) == require_dataset(finished.run, "documents").manifest.counts["records"]


def test_every_record_is_kept_dropped_or_failed_and_no_more(finished: FinishedRun) -> None:
    summary = json.loads(finished.run.read_bytes("run.json"))
    records = summary["records"]
    assert records["input"] == records["kept"] + records["dropped"] + records["failed"]
    assert summary["books"]["balanced"]
    assert records["input"] == sum(row["num_records"] for row in rows(finished, "decisions", ["num_records"]))


def test_all_five_categories_are_in_the_shards_as_planned_to_within_a_document(finished: FinishedRun) -> None:
    plan = Plan.model_validate_json(finished.run.read_bytes("plan.json")).by_category()
    index = read_index(stages.shards_folder(finished.runner()))
    longest = max(row["num_tokens"] for row in rows(finished, "tokens", ["num_tokens"]))
    assert {category.category for category in index.categories if category.tokens} == set(plan)
    for category in index.categories:
        assert 0 <= category.tokens - plan[category.category].planned_tokens < longest


def test_a_page_that_quotes_a_benchmark_item_is_dropped_for_it(finished: FinishedRun) -> None:
    rules = [row["rule"] for row in rows(finished, "decisions", ["rule"])]
    assert sum(rule is not None and rule.startswith("benchmark.") for rule in rules) >= 6


def test_the_same_run_again_does_nothing(finished: FinishedRun) -> None:
    before = {name: require_dataset(finished.run, name).digest for name in ("documents", "signals", "tokens", "shards")}

    def no_spark() -> Any:
        raise AssertionError("a finished run needs no Spark before its report")

    runner = finished.runner()
    runner.open_spark = no_spark
    stages.run_all(runner, finished.recipe, finished.inputs, str(finished.sample.benchmarks), until="shard")
    assert before == {name: require_dataset(finished.run, name).digest for name in before}


def test_judging_again_changes_decisions_and_nothing_before_them(finished: FinishedRun, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(finished.folder, folder)
    runner = finished.runner(folder)
    before = {name: require_dataset(runner.run, name).digest for name in ("documents", "signals", "duplicates")}
    rule = {"name": "test.short", "drop": "num_words < 400", "when": "category == 'web'"}
    plain = finished.recipe.model_dump(mode="json")
    stricter = type(finished.recipe).model_validate(plain | {"rules": [*plain["rules"], rule]})
    decisions = stages.judge(runner, stricter)
    assert before == {name: require_dataset(runner.run, name).digest for name in before}
    steps = {step["rule"]: step["dropped"] for step in decisions.manifest.counts["steps"]}
    assert steps["test.short"] > 0
    kept = pq.read_table(decisions.part_paths(), columns=["verdict"]).column("verdict").to_pylist().count(KEPT)
    assert kept < require_dataset(finished.run, "decisions").manifest.counts["records"]["kept"]


def test_another_partitioning_gives_the_same_shards(finished: FinishedRun, tmp_path: Path) -> None:
    runner = finished.runner(tmp_path / "again", partitions=5)
    stages.run_all(runner, finished.recipe, finished.inputs, str(finished.sample.benchmarks), until="shard")
    again = FinishedRun(finished.spark, finished.sample, finished.recipe, runner.run)
    assert shard_digests(again) == shard_digests(finished)
    assert shard_digests(finished)


def test_a_stage_without_its_input_says_how_to_make_it(finished: FinishedRun, tmp_path: Path) -> None:
    runner = finished.runner(tmp_path / "empty")
    with pytest.raises(MissingDataset, match="gristmill ingest"):
        stages.measure(runner, finished.recipe, None)


def test_records_that_went_missing_stop_the_run(finished: FinishedRun, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(finished.folder, folder)
    runner = finished.runner(folder)
    documents = require_dataset(runner.run, "documents")
    part = documents.manifest.parts[0]
    path = Path(documents.parts.path(part.name))
    pq.write_table(pq.read_table(path).slice(1), path)
    path.with_name(f".{path.name}.crc").unlink(missing_ok=True)
    runner.force = True
    with pytest.raises(BooksDoNotBalance, match="measure: "):
        stages.measure(runner, finished.recipe, None)
    assert read_dataset(runner.run, "signals") is not None, "the dataset that was there stays"


def test_the_recipe_is_kept_beside_its_run(finished: FinishedRun) -> None:
    assert stages.recipe_of(finished.runner(), None) == finished.recipe
    assert open_storage(str(finished.folder)).exists("report.html")
