"""`run.json` from what the stages left: manifests, `funnel.json`, `plan.json` and the shards' index."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from importlib import metadata
from typing import Any, Final

from pipelines.errors import MissingDataset
from pipelines.manifests import Dataset, read_dataset, require_dataset
from pipelines.mixture import CategoryPlan, Plan
from pipelines.recipe import Recipe, config_digest
from pipelines.report.run_json import (
    Books,
    BooksEntry,
    CategoryTokens,
    Records,
    RuleCount,
    RunSummary,
    ShardEntry,
    StageTiming,
)
from pipelines.schemas import CATEGORIES
from pipelines.shards.index import ShardIndex, read_index
from pipelines.storage import Storage

FUNNEL: Final = "funnel.json"
PLAN: Final = "plan.json"

STAGES: Final = (
    ("ingest", "documents"),
    ("measure", "signals"),
    ("dedup", "duplicates"),
    ("judge", "decisions"),
    ("tokenize", "tokens"),
    ("shard", "shards"),
)
"""Commands and the dataset each makes, in the order of a run."""

PACKAGES: Final = ("gristmill", "pyspark", "pyarrow", "numpy", "selectolax", "fastwarc", "xxhash")
"""Distributions whose version `run.json` states."""


def build_run_summary(run: Storage, recipe: Recipe) -> RunSummary:
    """The summary of a run that has at least been judged; raises MissingDataset for one that has not."""
    datasets = {name: found for _, name in STAGES if (found := read_dataset(run, name)) is not None}
    decisions = require_dataset(run, "decisions")
    documents = require_dataset(run, "documents")
    funnel = _read_json(run, FUNNEL, "judge")
    plan = Plan.model_validate_json(run.read_bytes(PLAN)) if run.exists(PLAN) else None
    index = read_index(datasets["shards"].parts) if "shards" in datasets else None
    shards = _shards(index)
    mixture = _mixture(plan, shards)
    return RunSummary(
        name=recipe.name,
        recipe_digest=config_digest(recipe),
        seed=recipe.seed,
        started=min(dataset.manifest.started for dataset in datasets.values()),
        finished=max(_finished(dataset) for dataset in datasets.values()),
        versions=_versions(),
        records=_records(funnel["records"]),
        dropped_by_rule=_rules(funnel["steps"], recipe),
        failed_by_error=dict(sorted(funnel["failed_by_error"].items(), key=lambda entry: (-entry[1], entry[0]))),
        by_source={name: _records(counts) for name, counts in funnel["by_source"].items()},
        by_category={
            name: _records(funnel["by_category"][name]) for name in CATEGORIES if name in funnel["by_category"]
        },
        containers=documents.manifest.rows - decisions.manifest.rows,
        tokens_planned=plan.planned_tokens if plan else 0,
        tokens_written=sum(shard.tokens for shard in shards),
        tokens_budget=recipe.mixture.total_tokens,
        mixture=mixture,
        mixture_notes=plan.messages() if plan else (),
        tokenizer=index.tokenizer.name if index else None,
        shards=shards,
        stages=tuple(_timing(stage, datasets[name]) for stage, name in STAGES if name in datasets),
        books=_books(datasets, funnel["records"]),
    )


def _read_json(run: Storage, name: str, stage: str) -> Any:
    if not run.exists(name):
        raise MissingDataset(f"{run.uri} has no {name}; make it with: gristmill {stage}")
    return json.loads(run.read_bytes(name))


def _records(counts: Mapping[str, int]) -> Records:
    return Records(input=counts["in"], kept=counts["kept"], dropped=counts["dropped"], failed=counts["failed"])


def _rules(steps: Sequence[Mapping[str, Any]], recipe: Recipe) -> tuple[RuleCount, ...]:
    expressions = {
        rule.name: f"{rule.drop} when {rule.when}" if rule.when is not None else rule.drop for rule in recipe.rules
    }
    return tuple(
        RuleCount(rule=step["rule"], records=step["dropped"], expression=expressions.get(step["rule"]))
        for step in steps
    )


def _shards(index: ShardIndex | None) -> tuple[ShardEntry, ...]:
    if index is None:
        return ()
    return tuple(
        ShardEntry(
            name=shard.name,
            category=category.category,
            tokens=shard.tokens,
            documents=shard.documents,
            bytes=shard.bin.bytes,
            sha256=shard.bin.sha256,
            idx_sha256=shard.idx.sha256,
        )
        for category in index.categories
        for shard in category.shards
    )


def _mixture(plan: Plan | None, shards: Sequence[ShardEntry]) -> tuple[CategoryTokens, ...]:
    if plan is None:
        return ()
    return tuple(_category(category, plan, shards) for category in plan.categories)


def _category(category: CategoryPlan, plan: Plan, shards: Sequence[ShardEntry]) -> CategoryTokens:
    available = category.available_tokens
    return CategoryTokens(
        category=category.category,
        share_target=category.share,
        share_planned=category.planned_tokens / plan.planned_tokens if plan.planned_tokens else 0.0,
        available_documents=category.available_documents,
        available_tokens=available,
        target_tokens=category.target_tokens,
        planned_tokens=category.planned_tokens,
        written_tokens=sum(shard.tokens for shard in shards if shard.category == category.category),
        epochs=round(category.planned_tokens / available, 6) if available else 0.0,
        max_epochs=category.max_epochs,
        shortfall_tokens=category.shortfall_tokens,
    )


def _timing(stage: str, dataset: Dataset) -> StageTiming:
    manifest = dataset.manifest
    return StageTiming(
        stage=stage,
        dataset=manifest.dataset,
        rows=manifest.rows,
        bytes=manifest.bytes,
        started=manifest.started,
        seconds=manifest.seconds,
        per_second=round(manifest.rows / manifest.seconds, 1) if manifest.seconds else 0.0,
        code=manifest.code,
    )


def _books(datasets: Mapping[str, Dataset], records: Mapping[str, int]) -> Books:
    boundaries = [
        BooksEntry(stage=stage, rows=datasets[name].manifest.rows, records=datasets[name].manifest.counts["records"])
        for stage, name in (("ingest", "documents"), ("measure", "signals"))
        if name in datasets
    ]
    boundaries.append(BooksEntry(stage="judge", rows=datasets["decisions"].manifest.rows, records=records["in"]))
    same = len({entry.records for entry in boundaries}) == 1
    adds_up = records["in"] == records["kept"] + records["dropped"] + records["failed"]
    return Books(boundaries=tuple(boundaries), balanced=same and adds_up)


def _finished(dataset: Dataset) -> str:
    manifest = dataset.manifest
    finished = datetime.fromisoformat(manifest.started) + timedelta(seconds=manifest.seconds)
    return finished.isoformat(timespec="seconds")


def _versions() -> dict[str, str]:
    """Versions of the interpreter and of what is installed; Gristmill's own is absent when it runs from a zip."""
    versions = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions
