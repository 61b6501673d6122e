"""`run.json`: what it says of a run, that it says why something is missing, and that each field is described."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from pipelines.errors import MissingDataset
from pipelines.recipe import config_digest
from pipelines.report.funnel import documents_judged, funnel_steps, judge_rules, reader_rules
from pipelines.report.run_json import RunSummary, run_json_schema
from pipelines.report.summary import build_run_summary
from tests.made_run import RECIPE, document, write_run


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> RunSummary:
    return build_run_summary(write_run(tmp_path_factory.mktemp("run")), RECIPE)


def test_every_record_is_kept_dropped_or_failed(summary: RunSummary) -> None:
    records = summary.records
    assert (records.input, records.kept, records.dropped, records.failed) == (243, 49, 192, 2)
    assert sum(rule.records for rule in summary.dropped_by_rule) == records.dropped
    assert sum(summary.failed_by_error.values()) == records.failed
    assert sum(part.input for part in summary.by_source.values()) == records.input
    assert sum(part.input for part in summary.by_category.values()) == records.input
    assert summary.books.balanced
    assert [entry.stage for entry in summary.books.boundaries] == ["ingest", "measure", "judge"]


def test_rules_are_in_the_order_in_which_they_are_asked(summary: RunSummary) -> None:
    names = [rule.rule for rule in summary.dropped_by_rule]
    assert names == [
        "ingest.not_html",
        "ingest.status",
        *(rule.name for rule in RECIPE.rules),
        "dedup.exact",
        "dedup.near",
    ]
    assert summary.dropped_by_rule[4].expression == "language_score < 0.65 when category == 'web'"


def test_the_recipe_is_named_with_its_digest_and_seed(summary: RunSummary) -> None:
    assert (summary.name, summary.seed, summary.recipe_digest) == ("made-for-tests", 7, config_digest(RECIPE))


def test_dump_files_are_counted(summary: RunSummary) -> None:
    assert summary.containers == 2


def test_tokens_are_planned_and_written_by_category(summary: RunSummary) -> None:
    code = next(row for row in summary.mixture if row.category == "code")
    assert (code.target_tokens, code.planned_tokens, code.written_tokens) == (800, 800, 803)
    assert code.epochs == pytest.approx(800 / code.available_tokens, abs=1e-6)
    synthetic = next(row for row in summary.mixture if row.category == "synthetic")
    assert (synthetic.planned_tokens, synthetic.shortfall_tokens, synthetic.epochs) == (0, 1600, 0)
    assert summary.tokens_written == sum(shard.tokens for shard in summary.shards) == 1406
    assert summary.tokenizer == "made"
    assert any("short by 1,600 tokens" in note for note in summary.mixture_notes)


def test_stages_have_their_time_and_rate(summary: RunSummary) -> None:
    ingest = summary.stages[0]
    assert (ingest.stage, ingest.seconds, ingest.per_second) == ("ingest", 12.5, round(ingest.rows / 12.5, 1))
    assert summary.started == "2026-01-02T03:04:05+00:00"
    assert summary.finished == "2026-01-02T03:04:17+00:00"


def test_records_that_differ_between_stages_unbalance_the_books(tmp_path: Path) -> None:
    run = write_run(tmp_path)
    manifest = json.loads(run.read_bytes("signals/manifest.json"))
    manifest["counts"]["records"] -= 1
    run.write_bytes("signals/manifest.json", json.dumps(manifest).encode())
    assert not build_run_summary(run, RECIPE).books.balanced


def test_a_judged_run_without_shards_has_a_summary(tmp_path: Path) -> None:
    summary = build_run_summary(write_run(tmp_path, until="decisions"), RECIPE)
    assert (summary.shards, summary.mixture, summary.tokens_written, summary.tokenizer) == ((), (), 0, None)


def test_a_run_that_was_not_judged_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MissingDataset, match="gristmill judge"):
        build_run_summary(write_run(tmp_path, until="signals"), RECIPE)


def test_only_timings_differ_between_two_runs_of_the_same(tmp_path: Path, summary: RunSummary) -> None:
    again = build_run_summary(write_run(tmp_path), RECIPE)
    assert again == summary


def test_the_schema_describes_every_field_that_is_not_plain() -> None:
    schema = run_json_schema()
    assert schema["properties"]["records"]
    described = [name for name, field in schema["properties"].items() if "description" in field]
    assert {"name", "recipe_digest", "seed", "versions", "dropped_by_rule", "mixture", "tokens_budget"} <= set(
        described
    )
    assert "0 to 1" in schema["$defs"]["CategoryTokens"]["properties"]["share_target"]["description"]


def test_run_json_reads_back(summary: RunSummary) -> None:
    assert RunSummary.model_validate_json(summary.model_dump_json()) == summary


def test_the_steps_of_the_funnel_remove_what_is_not_kept(summary: RunSummary) -> None:
    steps = funnel_steps(summary)
    assert steps[-1].kind == "kept"
    assert sum(step.removed for step in steps) == summary.records.input
    assert all(before.after == step.before for before, step in pairwise(steps))
    assert [step.label for step in steps[-4:]] == ["Dropped: gopher", "Dropped: benchmark", "Dropped: dedup", "Kept"]


def test_judged_documents_are_those_that_rules_were_asked_of(summary: RunSummary) -> None:
    assert documents_judged(summary) == 70
    assert sum(rule.records for rule in judge_rules(summary)) + summary.records.kept == 70
    assert [cause.rule for cause in reader_rules(summary)] == ["ingest.not_html", "ingest.status"]


def test_many_causes_of_the_reader_share_a_step(tmp_path: Path) -> None:
    rows = [document(0, "word " * 40)]
    for number in range(1, 10):
        rows.append(document(number, None, url=None, skip_reason=f"cause_{number}", num_records=number * 10))
    summary = build_run_summary(write_run(tmp_path, rows, until="decisions"), RECIPE)
    steps = [step for step in funnel_steps(summary) if step.kind == "skipped"]
    assert len(steps) == 7
    assert (steps[-1].label, steps[-1].removed) == ("Skipped: 3 other causes", 60)
