"""The stages of a run, each a page: what it reads, what its result depends on, what it writes, and its books."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import yaml
from pyspark.sql import functions as F  # noqa: N812 - the field's name for it

from jobs.runner import Runner, write_parquet
from pipelines.errors import MissingDataset
from pipelines.manifests import Dataset, require_dataset
from pipelines.recipe import Recipe, load_recipe, parse_recipe
from pipelines.schemas import DECISIONS, DOCUMENTS, DUPLICATES, KEPT, TOKENS
from pipelines.signals.schema import SIGNALS
from pipelines.spark.books import Books, ingest_books, stage_books
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


def _write_json(run: Storage, name: str, content: object) -> None:
    run.write_bytes(name, (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode())
