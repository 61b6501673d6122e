"""The stages of a run, each a page: what it reads, what its result depends on, what it writes, and its books."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import yaml
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.runner import Runner, write_parquet
from pipelines.errors import MissingDataset
from pipelines.manifests import Dataset, require_dataset
from pipelines.recipe import Recipe, load_recipe, parse_recipe
from pipelines.schemas import DECISIONS, DOCUMENTS, DUPLICATES, KEPT, TOKENS
from pipelines.signals.schema import SIGNALS
from pipelines.spark.books import ingest_books, record_books, require_same_records
from pipelines.spark.dedup import find_duplicates
from pipelines.spark.judge import funnel
from pipelines.spark.judge import judge as decide
from pipelines.spark.measure import measure_documents
from pipelines.storage import Storage

ORDER = ("ingest", "measure", "dedup", "judge", "tokenize", "mix", "shard", "report")

RECIPE = "recipe.yaml"


def run_all(
    runner: Runner,
    recipe: Recipe,
    inputs: Mapping[str, tuple[str, ...]],
    benchmarks: str | None,
    until: str = ORDER[-1],
) -> None:
    """Every stage in order, up to and with `until`; what is up to date is skipped."""
    steps: Mapping[str, Callable[[], object]] = {
        "ingest": lambda: ingest(runner, recipe, inputs),
        "measure": lambda: measure(runner, recipe, benchmarks),
        "dedup": lambda: dedup(runner, recipe),
        "judge": lambda: judge(runner, recipe),
        "tokenize": lambda: tokenize(runner, recipe),
        "mix": lambda: mix(runner, recipe),
        "shard": lambda: shard(runner, recipe),
        "report": lambda: report(runner, recipe),
    }
    for name in ORDER[: ORDER.index(until) + 1]:
        steps[name]()


def recipe_of(runner: Runner, name: str | None) -> Recipe:
    """The named recipe, or the one the run was started with."""
    if name is not None:
        return load_recipe(name)
    if not runner.run.exists(RECIPE):
        raise MissingDataset(
            f"{runner.run.uri} holds no {RECIPE}; name a recipe with --recipe, or begin with: gristmill run"
        )
    return parse_recipe(runner.run.read_bytes(RECIPE).decode(), f"{runner.run.uri}/{RECIPE}")


def keep_recipe(runner: Runner, recipe: Recipe) -> None:
    text = yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False, allow_unicode=True, width=120)
    runner.run.write_bytes(RECIPE, text.encode())


def ingest(runner: Runner, recipe: Recipe, inputs: Mapping[str, tuple[str, ...]]) -> Dataset:
    """Dumps → `documents`; the reader extracts in the process that reads."""
    sources = {source.id: source for source in recipe.sources}
    reads = [SourceRead.plan(sources[name], recipe.extraction, paths) for name, paths in inputs.items()]
    keep_recipe(runner, recipe)
    containers = [container for read in reads for container in read.containers]

    def write(attempt: Storage) -> Mapping[str, Any]:
        frames = [read.frame(runner.spark) for read in reads]
        write_parquet(reduce(DataFrame.unionByName, frames), attempt)
        books = ingest_books(runner.attempt_frame(attempt, DOCUMENTS), containers)
        return books.counts()

    return runner.stage(
        "documents",
        config={"sources": [read.identity() for read in reads]},
        inputs={},
        code=("extractors", "pipelines.sources", "pipelines.transport", "pipelines.spark.sources"),
        write=write,
    )


def measure(runner: Runner, recipe: Recipe, benchmarks: str | None) -> Dataset:
    """`documents` → `signals`: one pass over the text, in Python, a row group at a time."""
    documents = require_dataset(runner.run, "documents")
    index = benchmark_index(runner, recipe, benchmarks)
    config = recipe.measure

    def write(attempt: Storage) -> Mapping[str, Any]:
        write_parquet(measure_documents(runner.spark, documents, config, index), attempt)
        books = record_books(runner.attempt_frame(attempt, SIGNALS))
        require_same_records("measure", documents.manifest.counts, books, rows_before=documents.manifest.rows)
        return books.counts()

    inputs = {"documents": documents} | ({"benchmarks": index} if index else {})
    return runner.stage(
        "signals",
        config=config.model_dump(mode="json"),
        inputs=inputs,
        code=("classifiers", "pipelines.signals", "pipelines.minhash", "pipelines.decontamination", "pipelines.measure"),
        write=write,
        rows_expected=documents.manifest.rows,
    )


def dedup(runner: Runner, recipe: Recipe) -> Dataset:
    """Digests of `signals` → `duplicates`."""
    signals = require_dataset(runner.run, "signals")

    def write(attempt: Storage) -> Mapping[str, Any]:
        work = runner.run.child("duplicates").child(f"{attempt.name}-work")
        try:
            write_parquet(find_duplicates(runner.frame(signals, SIGNALS), recipe.dedup, work), attempt)
        finally:
            work.delete("")
        kinds = runner.attempt_frame(attempt, DUPLICATES).groupBy("kind").count().orderBy("kind").collect()
        return {"kinds": {row.kind: row["count"] for row in kinds}}

    return runner.stage(
        "duplicates",
        config=recipe.dedup.model_dump(mode="json"),
        inputs={"signals": signals},
        code=("pipelines.dedup", "pipelines.spark.dedup", "pipelines.spark.components"),
        write=write,
    )


def judge(runner: Runner, recipe: Recipe) -> Dataset:
    """`signals`, `duplicates` and the recipe's rules → `decisions` and `funnel.json`; no text is read."""
    signals = require_dataset(runner.run, "signals")
    duplicates = require_dataset(runner.run, "duplicates")

    def write(attempt: Storage) -> Mapping[str, Any]:
        decisions = decide(
            runner.frame(signals, SIGNALS), runner.frame(duplicates, DUPLICATES), recipe.rules, recipe.dedup
        )
        write_parquet(decisions, attempt)
        written = runner.attempt_frame(attempt, DECISIONS)
        return funnel(written, recipe.rules, signals.manifest.counts["records"])

    decisions = runner.stage(
        "decisions",
        config={
            "rules": [rule.model_dump(mode="json") for rule in recipe.rules],
            "dedup": recipe.dedup.model_dump(mode="json"),
        },
        inputs={"signals": signals, "duplicates": duplicates},
        code=("pipelines.rules", "pipelines.judge", "pipelines.dedup", "pipelines.spark.judge", "pipelines.spark.rules"),
        write=write,
    )
    _write_json(runner.run, "funnel.json", decisions.manifest.counts)
    keep_recipe(runner, recipe)
    return decisions


def _write_json(run: Storage, name: str, content: object) -> None:
    run.write_bytes(name, (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode())
