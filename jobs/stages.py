"""The stages of a run, each a page: what it reads, what its result depends on, what it writes, and its books."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import pyarrow.parquet as pq
import yaml
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.runner import Runner, write_parquet
from pipelines.benchmarks import load_items
from pipelines.decontamination import build_index
from pipelines.errors import BooksDoNotBalance, MissingDataset
from pipelines.judge import count_verdicts, judge_parts
from pipelines.judge import funnel as funnel_of_counts
from pipelines.manifests import Dataset, Part, read_dataset, require_dataset
from pipelines.mixture import Available, Plan, plan_mixture
from pipelines.recipe import Recipe, config_digest, load_recipe, parse_recipe
from pipelines.report.page import render_report
from pipelines.report.summary import build_run_summary
from pipelines.schemas import DECISIONS, DOCUMENTS, DUPLICATES, KEPT, TOKENS
from pipelines.shards.index import read_index
from pipelines.signals.schema import SIGNALS
from pipelines.spark.books import ingest_books, record_books, require_same_records
from pipelines.spark.dedup import find_duplicates
from pipelines.spark.ingest import SourceRead, container_parts
from pipelines.spark.judge import funnel
from pipelines.spark.judge import judge as decide
from pipelines.spark.measure import BENCHMARK_INDEX, measure_documents
from pipelines.spark.report import SampleConfig, collect_statistics
from pipelines.spark.shard import count_available, write_shards
from pipelines.spark.tokenize_documents import tokenize as encode
from pipelines.storage import Storage, open_storage
from pipelines.tokenizers import load_tokenizer

ORDER = ("ingest", "measure", "dedup", "judge", "tokenize", "mix", "shard", "report")

RECIPE = "recipe.yaml"
PLAN = "plan.json"
MAX_ROWS_HERE = 1_000_000
"""Rows of `signals` that `judge` handles in the driver, inclusive: about a gigabyte (see `judge_parts`)."""
DECISIONS_ROW_GROUP = 100_000


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
    reads = [
        SourceRead.plan(sources[name], recipe.extraction, paths, num_partitions=runner.partitions)
        for name, paths in inputs.items()
    ]
    keep_recipe(runner, recipe)
    containers = container_parts(reads)

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
    if index is None:
        runner.progress.say("  no benchmarks given (--benchmarks): documents are not compared with any")
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
        code=(
            "classifiers",
            "pipelines.signals",
            "pipelines.minhash",
            "pipelines.decontamination",
            "pipelines.measure",
        ),
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
        code=("pipelines.dedup", "pipelines.graph", "pipelines.spark.dedup", "pipelines.spark.components"),
        write=write,
    )


def judge(runner: Runner, recipe: Recipe) -> Dataset:
    """`signals`, `duplicates` and the recipe's rules → `decisions` and `funnel.json`; no text is read."""
    signals = require_dataset(runner.run, "signals")
    duplicates = require_dataset(runner.run, "duplicates")

    here = signals.manifest.rows <= MAX_ROWS_HERE

    def write_here(attempt: Storage) -> Mapping[str, Any]:
        decisions = judge_parts(signals, duplicates, recipe.rules, recipe.dedup)
        with attempt.open_output("part-00000.zstd.parquet") as stream:
            pq.write_table(decisions, stream, compression="zstd", row_group_size=DECISIONS_ROW_GROUP)
        return funnel_of_counts(count_verdicts(decisions), recipe.rules, signals.manifest.counts["records"])

    def write(attempt: Storage) -> Mapping[str, Any]:
        work = runner.run.child("decisions").child(f"{attempt.name}-work")
        measured, found = runner.frame(signals, SIGNALS), runner.frame(duplicates, DUPLICATES)
        try:
            write_parquet(decide(measured, found, recipe.rules, recipe.dedup, work), attempt)
        finally:
            work.delete("")
        written = runner.attempt_frame(attempt, DECISIONS)
        return funnel(written, recipe.rules, signals.manifest.counts["records"])

    decisions = runner.stage(
        "decisions",
        config={
            "rules": [rule.model_dump(mode="json") for rule in recipe.rules],
            "dedup": recipe.dedup.model_dump(mode="json"),
        },
        inputs={"signals": signals, "duplicates": duplicates},
        code=(
            "pipelines.rules",
            "pipelines.judge",
            "pipelines.dedup",
            "pipelines.spark.dedup",
            "pipelines.spark.judge",
            "pipelines.spark.rules",
        ),
        write=write_here if here else write,
        uses_spark=not here,
    )
    _write_json(runner.run, "funnel.json", decisions.manifest.counts)
    keep_recipe(runner, recipe)
    return decisions


def tokenize(runner: Runner, recipe: Recipe) -> Dataset:
    """Kept documents → `tokens`, in the parts they were read in."""
    documents = require_dataset(runner.run, "documents")
    decisions = require_dataset(runner.run, "decisions")

    def write(attempt: Storage) -> Mapping[str, Any]:
        kept = runner.frame(decisions, DECISIONS).where(F.col("verdict") == KEPT)
        tasks = 4 * runner.spark.sparkContext.defaultParallelism
        write_parquet(encode(kept, documents, recipe.tokenizer, tasks), attempt)
        available = count_available(runner.attempt_frame(attempt, TOKENS))
        num_documents = sum(counts.documents for counts in available.values())
        num_kept = kept.count()  # rows: a thread is one document of several records
        if num_documents != num_kept:
            raise BooksDoNotBalance(f"tokenize: {num_kept} documents were kept, {num_documents} have tokens")
        return {"available": {category: counts._asdict() for category, counts in available.items()}}

    return runner.stage(
        "tokens",
        config=_tokenizer_identity(recipe),
        inputs={"documents": documents, "decisions": decisions},
        code=("pipelines.tokenizers", "pipelines.spark.tokenize_documents"),
        write=write,
    )


def mix(runner: Runner, recipe: Recipe) -> Plan:
    """Exact counts of `tokens` and the target mixture → `plan.json`."""
    counts = require_dataset(runner.run, "tokens").manifest.counts["available"]
    plan = plan_mixture({category: Available(**count) for category, count in counts.items()}, recipe.mixture)
    runner.run.write_bytes(PLAN, plan.to_json().encode())
    runner.progress.say(f"  plan: {plan.planned_tokens:,} tokens of a budget of {plan.budget_tokens:,}")
    for message in plan.messages():
        runner.progress.say(f"    {message}")
    return plan


def shard(runner: Runner, recipe: Recipe) -> Dataset:
    """`tokens` and the plan → `shards`, globally shuffled."""
    tokens = require_dataset(runner.run, "tokens")
    if not runner.run.exists(PLAN):
        raise MissingDataset(f"{runner.run.uri} holds no {PLAN}; make it with: gristmill mix")
    plan = Plan.model_validate_json(runner.run.read_bytes(PLAN))

    def write(attempt: Storage) -> Mapping[str, Any]:
        frame = runner.frame(tokens, TOKENS)
        write_shards(frame, plan, attempt, config=recipe.shards, tokenizer=recipe.tokenizer, seed=recipe.seed)
        return {}

    return runner.stage(
        "shards",
        config={
            "shards": recipe.shards.model_dump(mode="json"),
            "tokenizer": _tokenizer_identity(recipe),
            "seed": recipe.seed,
            "plan": plan.model_dump(mode="json"),
        },
        inputs={"tokens": tokens},
        code=("pipelines.shards", "pipelines.mixture", "pipelines.spark.shard", "pipelines.spark.shard_writer"),
        write=write,
        parts=shard_parts,
    )


def report(runner: Runner, recipe: Recipe) -> None:
    """Everything the datasets know → `run.json` and `report.html`."""
    run = runner.run
    summary = build_run_summary(run, recipe)
    run.write_bytes("run.json", (summary.model_dump_json(indent=1) + "\n").encode())
    schemas = {"signals": SIGNALS, "decisions": DECISIONS, "duplicates": DUPLICATES}
    frames = {name: runner.frame(require_dataset(run, name), schema) for name, schema in schemas.items()}
    tokens = read_dataset(run, "tokens")
    with runner.progress.watch("report", runner.spark):
        statistics = collect_statistics(
            run,
            frames["signals"],
            frames["decisions"],
            frames["duplicates"],
            runner.frame(tokens, TOKENS) if tokens else None,
            recipe.rules,
            SampleConfig(seed=recipe.seed),
        )
    run.write_bytes("report.html", render_report(summary, statistics).encode())
    runner.progress.say(f"  report: {run.uri}/report.html")


def benchmark_index(runner: Runner, recipe: Recipe, benchmarks: str | None) -> Dataset | None:
    """Benchmark items → `benchmarks`, the index that `measure` looks documents up in; None: none are looked for.

    Without `benchmarks`, the index that the run has is used again.
    """
    if benchmarks is None:
        return read_dataset(runner.run, "benchmarks")
    items = load_items(open_storage(benchmarks))
    config = recipe.measure.decontamination

    def write(attempt: Storage) -> Mapping[str, Any]:
        index = build_index(items, config)
        with attempt.open_output(BENCHMARK_INDEX) as stream:
            index.save(stream)
        return {"items": len(items)}

    return runner.stage(
        "benchmarks",
        config={"items": config_digest([[item.id, item.text] for item in items])}
        | {"decontamination": config.model_dump(mode="json")},
        inputs={},
        code=("pipelines.benchmarks", "pipelines.benchmark_index", "pipelines.decontamination"),
        write=write,
        parts=lambda attempt: (Part(name=BENCHMARK_INDEX, rows=len(items), bytes=attempt.size_bytes(BENCHMARK_INDEX)),),
        uses_spark=False,
    )


def shards_folder(runner: Runner) -> Storage:
    """Where the committed shards of a run are."""
    return require_dataset(runner.run, "shards").parts


def shard_parts(attempt: Storage) -> tuple[Part, ...]:
    """The `.bin` files of freshly written shards; their rows are documents."""
    shards = read_index(attempt).shards()
    return tuple(Part(name=f"{s.name}.bin", rows=s.documents, bytes=s.bin.bytes) for s in shards)


def _tokenizer_identity(recipe: Recipe) -> dict[str, Any]:
    """The tokenizer's config and the digest of its merges: a file may change under its path."""
    return recipe.tokenizer.model_dump(mode="json") | {"digest": load_tokenizer(recipe.tokenizer).digest}


def _write_json(run: Storage, name: str, content: object) -> None:
    run.write_bytes(name, (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode())
