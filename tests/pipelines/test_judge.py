from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.dedup import elect, eligible, find_duplicates
from pipelines.errors import BooksDoNotBalance, RecipeError
from pipelines.judge import count_verdicts, funnel, judge, judge_parts, read_parts
from pipelines.manifests import require_dataset
from pipelines.recipe import DedupConfig, RuleConfig
from pipelines.schemas import CONTAINER_END, DECISIONS, DUPLICATES, IDENTITY
from pipelines.signals.schema import SIGNALS
from tests import made_run
from tests.pipelines.planted import document, random_signals, table

DEDUP = DedupConfig()
RULES = (
    RuleConfig(name="size.too_few_words", drop="num_words < 50"),
    RuleConfig(name="language.not_english", drop="language != 'en'", when="category == 'web'"),
    RuleConfig(name="quality.low", drop="quality / 2 < 0.15"),
)
BASE = list(range(1000, 1016))
NEAR = [*BASE[:14], 1, 2]
NEARER = [*BASE[:15], 3]


def decide(*rows: dict[str, Any], rules: tuple[RuleConfig, ...] = RULES) -> dict[str, dict[str, Any]]:
    signals = table(*rows)
    decisions = judge(signals, find_duplicates(signals, DEDUP), rules, DEDUP)
    return {row["doc_id"]: row for row in decisions.to_pylist()}


def test_a_document_that_passes_is_kept_without_a_reason() -> None:
    found = decide(document("a"))["a"]
    assert (found["verdict"], found["rule"], found["value"], found["limit"], found["survivor"]) == ("kept", *[None] * 4)
    assert found["failed_rules"] == []


def test_the_first_failing_rule_decides_and_all_are_named() -> None:
    found = decide(document("a", num_words=49, language="de", quality=0.2))["a"]
    assert (found["verdict"], found["rule"]) == ("dropped", "size.too_few_words")
    assert (found["value"], found["limit"]) == ("49", "50")
    assert found["failed_rules"] == ["size.too_few_words", "language.not_english", "quality.low"]
    later = decide(document("a", quality=0.2))["a"]
    assert (later["rule"], later["value"], later["limit"]) == ("quality.low", "0.1", "0.15")


def test_a_rule_drops_on_one_side_of_its_limit_only() -> None:
    assert decide(document("a", num_words=50))["a"]["verdict"] == "kept"
    assert decide(document("a", num_words=None))["a"]["verdict"] == "kept"


def test_a_failed_record_names_its_error_and_meets_no_rule() -> None:
    found = decide(document("a", error="UndecodableInput", error_detail="y" * 300, num_words=1))["a"]
    assert (found["verdict"], found["rule"], found["value"]) == ("failed", "UndecodableInput", "y" * 200)
    assert found["failed_rules"] == []


def test_skipped_records_are_dropped_by_an_ingest_rule_with_their_number() -> None:
    skipped = {"skip_reason": "status", "skip_value": "404", "num_records": 7, "exact_digest": None, "num_words": None}
    found = decide(document("a", **skipped))["a"]
    assert (found["verdict"], found["rule"], found["value"], found["limit"]) == (
        "dropped",
        "ingest.status",
        "404",
        None,
    )
    assert (found["num_records"], found["failed_rules"]) == (7, ["ingest.status"])


def test_the_closing_row_of_a_container_stands_for_no_record_and_gets_no_verdict() -> None:
    closing = document("z", skip_reason=CONTAINER_END, skip_value="1", num_records=0, exact_digest=None)
    assert set(decide(document("a"), closing)) == {"a"}


def test_a_duplicate_names_its_survivor_similarity_and_limit() -> None:
    found = decide(document("a", BASE), document("b", NEAR), document("c", BASE))
    assert found["a"]["verdict"] == "kept"
    assert [found["b"][key] for key in ("rule", "value", "limit", "survivor")] == ["dedup.near", "0.875", "0.75", "a"]
    assert [found["c"][key] for key in ("rule", "value", "limit", "survivor")] == ["dedup.exact", "1", "0.75", "a"]
    assert found["b"]["failed_rules"] == ["dedup.near"]


def test_a_duplicate_that_fails_a_rule_is_dropped_by_the_rule() -> None:
    found = decide(document("a", BASE), document("b", BASE, num_words=3))["b"]
    assert (found["rule"], found["survivor"]) == ("size.too_few_words", None)


def test_when_a_rule_drops_a_survivor_the_best_of_the_rest_takes_its_place() -> None:
    rows = [
        document("a", BASE, num_words=900, quality=0.1),
        document("b", NEAR, num_words=800),
        document("c", NEARER, num_words=700),
        document("d", NEARER, num_words=600),
        document("e", BASE, num_words=500, language="de"),
    ]
    found = decide(*rows)
    assert [found[i]["rule"] for i in "abcde"] == [
        "quality.low",
        None,
        "dedup.near",
        "dedup.near",
        "language.not_english",
    ]
    assert {found[i]["survivor"] for i in "cd"} == {"b"}
    assert found["c"]["value"] == "0.875"


def test_exact_copies_of_a_dropped_survivor_get_one_of_them_as_survivor() -> None:
    rows = [document("a", BASE, num_words=900, language="de"), document("b", BASE), document("c", BASE)]
    found = decide(*rows)
    assert [found[i]["rule"] for i in "abc"] == ["language.not_english", None, "dedup.exact"]
    assert found["c"]["survivor"] == "b"


def test_a_wrong_rule_is_an_error_before_anything_is_judged() -> None:
    with pytest.raises(RecipeError, match="num_words"):
        decide(document("a"), rules=(RuleConfig(name="x.y", drop="num_word < 1"),))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_each_record_has_one_verdict_in_order_and_removed_documents_name_a_kept_one(seed: int) -> None:
    signals = random_signals(150, seed, topics=3)
    rules = (RuleConfig(name="size.low", drop="num_words <= 10"), RuleConfig(name="q.low", drop="quality < 0.32"))
    decisions = judge(signals, find_duplicates(signals, DEDUP), rules, DEDUP)
    assert decisions.schema == DECISIONS
    names = [field.name for field in IDENTITY]
    assert decisions.select(names).to_pylist() == signals.select(names).to_pylist()
    rows = decisions.to_pylist()
    kept = {row["doc_id"] for row in rows if row["verdict"] == "kept"}
    for row in rows:
        assert (row["rule"] is None) == (row["verdict"] == "kept")
        if row["survivor"] is not None:
            assert row["survivor"] in kept
            assert row["rule"] in ("dedup.exact", "dedup.near")


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_judging_is_the_leader_pass_over_what_passes_the_rules(seed: int) -> None:
    """Dropping first and looking for duplicates after gives the same documents, within the same components."""
    signals = random_signals(150, seed, topics=3).filter(pc.field("exact_digest").is_valid())
    rules = (RuleConfig(name="size.low", drop="num_words <= 10"),)
    every = find_duplicates(signals, DEDUP)
    decided = judge(signals, every, rules, DEDUP).to_pylist()
    stays = sorted(row["doc_id"] for row in decided if row["verdict"] == "kept")
    passing = signals.filter(pc.fill_null(pc.greater(signals["num_words"], 10), True))
    component = dict(zip(every["doc_id"].to_pylist(), every["cluster"].to_pylist(), strict=True))
    alone = judge(passing, _joined(passing, component), (), DEDUP).to_pylist()
    assert stays == sorted(row["doc_id"] for row in alone if row["verdict"] == "kept")


def _joined(passing: pa.Table, component: dict[str, str]) -> pa.Table:
    """Duplicates of the documents left, with the components of the whole, elected from nothing."""
    members = eligible(passing, DEDUP).drop_columns(["minhash_bands"])
    members = members.filter(pc.is_in(members["doc_id"], value_set=pa.array(list(component), pa.string())))
    members = members.append_column(
        "cluster", pa.array([component[i] for i in members["doc_id"].to_pylist()], pa.string())
    )
    members = members.append_column("cluster_size", pa.array([2] * members.num_rows, pa.int64()))
    labels = members.select(["doc_id", "cluster", "cluster_size"])
    return labels.join(elect(members, DEDUP), "doc_id").select(DUPLICATES.names).cast(DUPLICATES)


def decisions_of(*rows: dict[str, Any]) -> pa.Table:
    signals = table(*rows)
    return judge(signals, find_duplicates(signals, DEDUP), RULES, DEDUP)


def test_the_funnel_counts_records_by_step_error_source_and_category() -> None:
    skipped = {"skip_reason": "not_html", "num_records": 5, "exact_digest": None}
    decisions = decisions_of(
        document("a", BASE),
        document("b", BASE, category="code"),
        document("c", num_words=3, source="github"),
        document("d", error="TimeLimitExceeded"),
        document("e", **skipped),
    )
    found = funnel(count_verdicts(decisions), RULES, 9)
    assert found["records"] == {"in": 9, "kept": 1, "dropped": 7, "failed": 1}
    assert found["documents"] == {"in": 3, "kept": 1, "dropped": 2}
    assert found["failed_by_error"] == {"TimeLimitExceeded": 1}
    assert [(step["rule"], step["dropped"], step["remaining"]) for step in found["steps"]] == [
        ("ingest.not_html", 5, 3),
        ("size.too_few_words", 1, 2),
        ("language.not_english", 0, 2),
        ("quality.low", 0, 2),
        ("dedup.exact", 1, 1),
        ("dedup.near", 0, 1),
    ]
    assert found["by_source"]["github"] == {"in": 1, "kept": 0, "dropped": 1, "failed": 0}
    assert found["by_category"]["code"] == {"in": 1, "kept": 0, "dropped": 1, "failed": 0}
    assert json.loads(json.dumps(found)) == found


def test_a_funnel_whose_records_do_not_add_up_is_refused() -> None:
    counts = count_verdicts(decisions_of(document("a"), document("b")))
    assert funnel(counts, RULES, 2)["records"]["kept"] == 2
    with pytest.raises(BooksDoNotBalance, match="3 records went in, 2 have"):
        funnel(counts, RULES, 3)


def test_a_funnel_with_a_rule_that_no_recipe_has_is_refused() -> None:
    counts = count_verdicts(decisions_of(document("a", num_words=1)))
    with pytest.raises(BooksDoNotBalance, match=r"size\.too_few_words"):
        funnel(counts, (), 1)


def test_a_funnel_of_nothing_is_all_zero() -> None:
    assert funnel(count_verdicts(decisions_of()), RULES, 0)["records"] == {
        "in": 0,
        "kept": 0,
        "dropped": 0,
        "failed": 0,
    }


def test_judging_part_by_part_is_judging_the_whole(tmp_path: Path) -> None:
    run = made_run.write_run(tmp_path / "run", until="duplicates")
    signals, duplicates = require_dataset(run, "signals"), require_dataset(run, "duplicates")
    whole = [pa.concat_tables(list(read_parts(d, s))) for d, s in ((signals, SIGNALS), (duplicates, DUPLICATES))]
    rules = (RuleConfig(name="size.too_few_words", drop="num_words < 30"), *made_run.RECIPE.rules)
    parts = judge_parts(signals, duplicates, rules, DEDUP)
    assert parts.schema == DECISIONS
    assert parts.to_pylist() == judge(*whole, rules, DEDUP).to_pylist()
    assert set(parts["verdict"].to_pylist()) == {"kept", "dropped", "failed"}
