"""What the demo's recipe makes of the sample, page by page, without Spark."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import Any

import pyarrow as pa
import pytest

from classifiers.langid import load_identifier
from pipelines.benchmarks import load_items
from pipelines.decontamination import build_index
from pipelines.dedup import find_duplicates
from pipelines.judge import judge
from pipelines.measure import Models, measure_batch
from pipelines.minhash import MinHasher
from pipelines.recipe import load_recipe
from pipelines.sample.build import SampleFiles
from pipelines.sources.commoncrawl import read_container
from pipelines.sources.records import ReaderConfig, Row, rows_to_batches
from pipelines.storage import open_storage
from pipelines.transport import ContainerRef

Outcome = dict[str, Any]


@pytest.fixture(scope="module")
def outcomes(sample: SampleFiles) -> list[Outcome]:
    """Document, signals and decision of every row of the web, as one mapping each."""
    recipe = load_recipe("tiny")
    config = ReaderConfig(source=next(source for source in recipe.sources if source.id == "web"))
    index = build_index(load_items(open_storage(str(sample.benchmarks))), recipe.measure.decontamination)
    models = Models(load_identifier("packaged"), MinHasher(recipe.measure.minhash), index)
    rows: list[Row] = []
    for path in sample.warcs:
        rows += read_container(ContainerRef(path.name, str(path), path.stat().st_size), config)
    documents = pa.Table.from_batches(rows_to_batches(rows))
    signals = [measure_batch(batch, models, part="part", first_row=0) for batch in documents.to_batches()]
    table = pa.Table.from_batches(signals)
    decisions = judge(table, find_duplicates(table, recipe.dedup), recipe.rules, recipe.dedup).to_pylist()
    by_id = {row["doc_id"]: row for row in documents.to_pylist()}
    measured = {row["doc_id"]: row for row in table.to_pylist()}
    return [by_id[row["doc_id"]] | measured[row["doc_id"]] | row for row in decisions]


@pytest.fixture(scope="module")
def by_url(outcomes: list[Outcome]) -> dict[str, Outcome]:
    return {row["url"]: row for row in outcomes if row["url"]}


@pytest.fixture(scope="module")
def pages(sample: SampleFiles) -> list[dict[str, str]]:
    rows = [json.loads(line) for line in sample.expected.read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if "fault" not in row]


@pytest.fixture(scope="module")
def faults(sample: SampleFiles) -> list[dict[str, str]]:
    rows = [json.loads(line) for line in sample.expected.read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if "fault" in row]


def verdict(row: Outcome) -> str:
    return f"{row['verdict']}:{row['rule']}" if row["rule"] else row["verdict"]


def test_pages_end_as_their_authors_said(pages: list[dict[str, str]], by_url: dict[str, Outcome]) -> None:
    fits = {
        "kept": lambda row: row["verdict"] == "kept" or row["rule"].startswith("dedup."),
        "leak": lambda row: row["rule"] == "benchmark.shared_13gram",
        "partial": lambda row: row["verdict"] == "kept",
        "duplicate": lambda row: row["verdict"] == "kept" or row["rule"].startswith("dedup."),
        "any": lambda row: row["verdict"] != "failed",
    }
    wrong = {}
    for page in pages:
        kind, _, detail = page["expect"].partition(":")
        row = by_url[page["url"]]
        fit = verdict(row).startswith(f"dropped:{detail}") if kind == "dropped" else fits[kind](row)
        if not fit and (kind != "dropped" or detail):  # see the next test for the others
            wrong[page["url"]] = (page["expect"], verdict(row), row["value"])
    assert not wrong


def test_most_pages_without_main_text_are_dropped(pages: list[dict[str, str]], by_url: dict[str, Outcome]) -> None:
    """Not all: of an error page an extractor may keep so much furniture that no rule sees how empty it is."""
    rules = {p["url"]: verdict(by_url[p["url"]]) for p in pages if p["expect"] == "dropped"}
    assert not [url for url, rule in rules.items() if rule.startswith(("failed", "dropped:dedup", "dropped:benchmark"))]
    kept = [url for url, rule in rules.items() if rule == "kept"]
    assert len(rules) >= 20
    assert len(kept) <= len(rules) / 3, kept


def test_of_every_cluster_one_page_stays(pages: list[dict[str, str]], by_url: dict[str, Outcome]) -> None:
    clusters: dict[str, list[str]] = defaultdict(list)
    for page in pages:
        clusters[page["duplicate_of"] or page["url"]].append(page["url"])
    families = {head: urls for head, urls in clusters.items() if len(urls) > 1}
    assert len(families) >= 8
    assert max(map(len, families.values())) >= 4
    kept = {head: sum(by_url[url]["verdict"] == "kept" for url in urls) for head, urls in families.items()}
    assert kept == dict.fromkeys(kept, 1)


def test_only_copies_are_duplicates(pages: list[dict[str, str]], by_url: dict[str, Outcome]) -> None:
    head = {page["url"]: page["duplicate_of"] or page["url"] for page in pages}
    url_of = {row["doc_id"]: row["url"] for row in by_url.values()}
    for page in pages:
        survivor = by_url[page["url"]]["survivor"]
        if survivor:
            assert head[url_of[survivor]] == head[page["url"]]


def test_a_leak_names_its_item(pages: list[dict[str, str]], by_url: dict[str, Outcome]) -> None:
    leaks = {p["url"]: p["expect"].partition(":")[2] for p in pages if p["expect"].startswith("leak:")}
    assert {url: by_url[url]["benchmark_13gram_item"] for url in leaks} == leaks


def test_a_partial_leak_is_seen_and_stays(pages: list[dict[str, str]], by_url: dict[str, Outcome]) -> None:
    partial = {p["url"]: p["expect"].partition(":")[2] for p in pages if p["expect"].startswith("partial:")}
    assert partial
    for url, item in partial.items():
        row = by_url[url]
        assert row["benchmark_7gram_item"] == item
        assert 0.3 <= row["benchmark_7gram_ratio"] < 0.5
        assert row["benchmark_13gram_matches"] == 0


def test_the_language_is_the_one_the_page_was_written_in(
    pages: list[dict[str, str]], by_url: dict[str, Outcome]
) -> None:
    rows = [(page, by_url[page["url"]]) for page in pages if by_url[page["url"]]["verdict"] == "kept"]
    wrong = {p["url"]: r["language"] for p, r in rows if r["language"] != p["language"].split("-")[0]}
    assert not wrong


def test_faults_are_skipped_or_failed_for_their_cause(
    faults: list[dict[str, str]], by_url: dict[str, Outcome], outcomes: list[Outcome]
) -> None:
    failed = Counter(row["error"] for row in outcomes if row["error"])
    wanted = Counter(f["expect"].partition(":")[2] for f in faults if f["expect"].startswith("failed:"))
    assert failed == wanted
    for fault in faults:
        if fault["expect"] == "readable":
            assert "The night ferry was late again" in by_url[fault["url"]]["text"], fault["fault"]
    skipped: Counter[str] = Counter()
    for row in outcomes:
        if row["skip_reason"]:
            skipped[row["skip_reason"]] += row["num_records"]
    wanted = Counter(f["expect"].partition(":")[2] for f in faults if f["expect"].startswith("skipped:"))
    del wanted["record_type"], skipped["record_type"]  # requests and metadata too
    assert {reason: skipped[reason] for reason in wanted} == dict(wanted)
