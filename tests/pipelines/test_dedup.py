from __future__ import annotations

import random
from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import xxhash
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import dedup
from pipelines.dedup import estimated_jaccard, find_duplicates, leader_pass, sketch_matrix, survivor_keys
from pipelines.errors import RecipeError
from pipelines.recipe import DedupConfig
from pipelines.schemas import CATEGORIES, DUPLICATES
from tests.pipelines.planted import HASHES, document, random_signals, table

CONFIG = DedupConfig()
BASE = list(range(1000, 1000 + HASHES))


def changed(count: int, at: int = 0, by: int = 5000) -> list[int]:
    """The base sketch with some minima changed: (16 - count) / 16 agree."""
    return [minimum + by if at <= place < at + count else minimum for place, minimum in enumerate(BASE)]


def outcomes(*rows: dict[str, Any], config: DedupConfig = CONFIG) -> dict[str, tuple[str, str]]:
    return {row["doc_id"]: (row["kind"], row["survivor"]) for row in find_duplicates(table(*rows), config).to_pylist()}


def test_documents_without_duplicates_are_not_listed() -> None:
    assert outcomes(document("a", BASE), document("b", changed(16))) == {}


def test_an_empty_table_has_no_duplicates() -> None:
    assert find_duplicates(table(), CONFIG).schema == DUPLICATES


def test_the_limit_of_similarity_is_inclusive() -> None:
    above, below = changed(4), changed(5)
    assert outcomes(document("a", BASE), document("b", above))["b"] == ("near", "a")
    assert outcomes(document("a", BASE), document("b", below))["b"] == ("survivor", "b")


def test_the_stored_similarity_is_the_one_that_was_compared() -> None:
    found = find_duplicates(table(document("a", BASE), document("b", changed(4))), CONFIG).to_pylist()
    assert [row["similarity"] for row in found] == [None, 0.75]
    stricter = DedupConfig(min_similarity=0.7501)
    assert outcomes(document("a", BASE), document("b", changed(4)), config=stricter)["b"][0] == "survivor"


def test_documents_that_share_no_band_are_not_compared() -> None:
    scattered = [minimum + (9 if place % 4 == 0 else 0) for place, minimum in enumerate(BASE)]  # 75 % agree
    assert outcomes(document("a", BASE), document("b", scattered)) == {}


def test_exact_copies_need_no_shingles() -> None:
    digest = xxhash.xxh3_128_digest("short")
    found = outcomes(document("b", exact_digest=digest), document("a", exact_digest=digest))
    assert found == {"a": ("survivor", "a"), "b": ("exact", "a")}


def test_the_longer_document_survives_then_the_smaller_id() -> None:
    rows = [document("a", BASE, num_words=50), document("b", BASE, num_words=60), document("c", BASE, num_words=60)]
    assert outcomes(*rows) == {"a": ("exact", "b"), "b": ("survivor", "b"), "c": ("exact", "b")}


@pytest.mark.parametrize("missing", [None, float("nan")])
def test_a_missing_quality_ranks_last_in_either_direction(missing: float | None) -> None:
    rows = [document("a", BASE, quality=missing), document("b", BASE, quality=0.1)]
    for order in ("quality asc", "quality desc"):
        assert outcomes(*rows, config=DedupConfig(survivor_order=(order,)))["a"] == ("exact", "b")


def test_the_earlier_category_of_the_scope_survives_whatever_its_quality() -> None:
    rows = [document("a", BASE, category="web"), document("b", BASE, category="code", num_words=1)]
    assert outcomes(*rows)["b"] == ("exact", "a")
    assert outcomes(*rows, config=DedupConfig(scope=("code", "web")))["a"] == ("exact", "b")


def test_categories_outside_the_scope_are_left_alone() -> None:
    rows = [document("a", BASE), document("b", BASE, category="synthetic")]
    assert outcomes(*rows, config=DedupConfig(scope=("web", "code"))) == {}


def test_failed_and_skipped_records_are_no_duplicates() -> None:
    rows = [document("a", BASE, error="InputTooLarge"), document("b", BASE), document("c", BASE, skip_reason="x")]
    assert outcomes(*rows) == {}


def test_a_chain_removes_only_what_resembles_its_survivor() -> None:
    middle, end = changed(3), [m + (5000 if p < 3 or 3 <= p < 6 else 0) for p, m in enumerate(BASE)]
    rows = [document("a", BASE, num_words=3), document("b", middle, num_words=2), document("c", end, num_words=1)]
    assert outcomes(*rows) == {"a": ("survivor", "a"), "b": ("near", "a"), "c": ("survivor", "c")}


def test_an_exact_copy_of_a_near_duplicate_goes_with_it() -> None:
    rows = [document("a", BASE, num_words=9), document("b", changed(2), num_words=5), document("c", changed(2))]
    rows[2]["num_words"] = 4
    found = {row["doc_id"]: row for row in find_duplicates(table(*rows), CONFIG).to_pylist()}
    assert [(found[i]["kind"], found[i]["survivor"], found[i]["similarity"]) for i in "bc"] == [
        ("near", "a", 0.875)
    ] * 2
    assert {row["cluster_size"] for row in found.values()} == {3}


def test_a_large_bucket_is_split_and_keeps_a_document_a_part() -> None:
    rows = [document(f"{number:032x}", [*BASE[:12], *([number] * 4)]) for number in range(200)]
    assert Counter(kind for kind, _ in outcomes(*rows).values()) == {"near": 199, "survivor": 1}
    split = outcomes(*rows, config=DedupConfig(max_bucket_documents=50))
    assert Counter(kind for kind, _ in split.values()) == {"near": 196, "survivor": 4}


def test_when_the_comparisons_are_used_up_the_rest_is_kept_as_unverified(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dedup, "MAX_COMPARISONS", 4)
    rows = [document(f"{i}", [*BASE[:4], *([i * 100] * 12)], num_words=9 - i) for i in range(4)]
    kinds = [kind for kind, _ in outcomes(*rows).values()]
    assert kinds == ["survivor", "survivor", "unverified", "unverified"]


def test_an_oversized_component_is_passed_in_parts_that_keep_exact_copies_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dedup, "MAX_PASS_DOCUMENTS", 20)
    rows = [document(f"{i:03}", [*BASE[:15], i % 20]) for i in range(60)]
    found = Counter(kind for kind, _ in outcomes(*rows).values())
    assert found["exact"] + found["near"] + found["survivor"] == 60
    assert 2 <= found["survivor"] <= 3


@pytest.mark.parametrize("order", ["num_words", "num_words down", "language asc", "no_such desc"])
def test_a_wrong_survivor_order_is_a_recipe_error(order: str) -> None:
    with pytest.raises(RecipeError, match="survivor_order"):
        survivor_keys((order,), {"num_words": "number", "language": "string"})


def test_sketches_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="2 lengths"):
        sketch_matrix(pa.array([b"1234", b"12"], pa.binary()))


def test_sketches_are_read_from_slices_and_around_nulls() -> None:
    column = pa.array([b"zz", None, b"\x01\x02", b"\x03\x04", None], pa.binary()).slice(1, 3)
    matrix, has_sketch = sketch_matrix(column)
    assert matrix.tolist() == [[0], [0x0201], [0x0403]]
    assert has_sketch.tolist() == [False, True, True]


def test_chance_agreement_is_taken_off_the_estimate() -> None:
    assert estimated_jaccard(np.array([0, 112], np.uint16), 112).tolist() == [0.0, 1.0]
    assert estimated_jaccard(np.array([1], np.uint16), 2**16).tolist() == [0.0]


def plain_leaders(groups: list[int], sketches: list[list[int]], min_similarity: float) -> list[int]:
    """The greedy pass as one would write it down: each document against the leaders before it, best first."""
    leaders: dict[int, list[int]] = {}
    found = []
    for row, group in enumerate(groups):
        agree = [
            sum(a == b for a, b in zip(sketches[row], sketches[other], strict=True)) for other in leaders.get(group, [])
        ]
        similar = [
            leader
            for leader, count in zip(leaders.get(group, []), agree, strict=True)
            if round(max((count / len(sketches[row]) - 2**-16) / (1 - 2**-16), 0), 4) >= min_similarity
        ]
        found.append(similar[0] if similar else row)
        if not similar:
            leaders.setdefault(group, []).append(row)
    return found


@given(
    rows=st.lists(st.tuples(st.integers(0, 3), st.lists(st.integers(0, 2), min_size=8, max_size=8)), max_size=40),
    min_similarity=st.sampled_from([0.25, 0.5, 0.75, 1.0]),
)
def test_the_vectorised_pass_is_the_greedy_pass(rows: list[tuple[int, list[int]]], min_similarity: float) -> None:
    rows = sorted(rows, key=lambda row: row[0])
    groups, sketches = [group for group, _ in rows], [sketch for _, sketch in rows]
    matrix = np.array(sketches, np.uint16).reshape(len(rows), 8)
    found = leader_pass(np.array(groups, np.int64), matrix, np.ones(len(rows), np.bool_), min_similarity)
    assert found.leader.tolist() == plain_leaders(groups, sketches, min_similarity)
    assert found.verified.all()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), cap=st.sampled_from([2, 7, 100_000]))
def test_every_removed_document_names_one_that_stays(seed: int, cap: int) -> None:
    signals = random_signals(120, seed)
    found = find_duplicates(signals, DedupConfig(max_bucket_documents=cap, scope=CATEGORIES)).to_pylist()
    stays = {row["doc_id"] for row in found if row["kind"] in ("survivor", "unverified")}
    cluster = {row["doc_id"]: row["cluster"] for row in found}
    for row in found:
        assert row["survivor"] in stays
        assert (row["survivor"] == row["doc_id"]) == (row["doc_id"] in stays)
        assert cluster[row["survivor"]] == row["cluster"]
        assert row["cluster"] == min(other for other in cluster if cluster[other] == row["cluster"])
        assert row["cluster_size"] == sum(label == row["cluster"] for label in cluster.values()) > 1
        if row["kind"] == "near":
            assert row["similarity"] >= CONFIG.min_similarity


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    signals = random_signals(100, seed)
    order = list(range(signals.num_rows))
    random.Random(seed).shuffle(order)
    assert find_duplicates(signals.take(order), CONFIG).equals(find_duplicates(signals, CONFIG))


def test_all_exact_copies_of_a_digest_share_one_survivor() -> None:
    signals = random_signals(300, 5, topics=2)
    survivor = dict(find_duplicates(signals, CONFIG).select(["doc_id", "survivor"]).to_pandas().itertuples(index=False))
    rows = signals.filter(pc.is_in(signals["doc_id"], value_set=pa.array(list(survivor)))).to_pylist()
    of_digest: dict[bytes, set[str]] = {}
    for row in rows:
        of_digest.setdefault(row["exact_digest"], set()).add(survivor[row["doc_id"]])
    assert len(rows) > len(of_digest)
    assert all(len(survivors) == 1 for survivors in of_digest.values())
