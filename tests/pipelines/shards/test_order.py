"""The global shuffle, found from histograms, is the one found by sorting everything."""

import numpy as np
import pyarrow as pa
import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import BooksDoNotBalance, RecipeError
from pipelines.mixture import Available, Plan, plan_mixture
from pipelines.recipe import MixtureConfig, MixtureShare, ShardConfig
from pipelines.schemas import CATEGORIES
from pipelines.shards import order
from pipelines.shards.order import (
    CANDIDATES,
    COUNTS,
    Layout,
    choose_cuts,
    count_buckets,
    find_candidates,
    find_crossings,
    lay_out,
    place_documents,
    shuffle_keys,
)

Document = tuple[str, str, int]
"""doc_id, category, num_tokens."""

documents = st.lists(st.tuples(st.sampled_from(CATEGORIES), st.integers(1, 2000)), min_size=1, max_size=60).map(
    lambda rows: [(f"{number:032x}", category, tokens) for number, (category, tokens) in enumerate(rows)]
)


def batches(rows: list[Document], size: int = 1000) -> list[pa.RecordBatch]:
    schema = pa.schema([("doc_id", pa.string()), ("category", pa.string()), ("num_tokens", pa.int64())])
    table = pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema)
    return table.to_batches(size)


def plan_of(rows: list[Document], total: int) -> Plan:
    available = {
        name: Available(sum(r[2] for r in rows if r[1] == name), sum(r[1] == name for r in rows)) for name in CATEGORIES
    }
    shares = {name: MixtureShare(share=0.2, max_epochs=3.5) for name in CATEGORIES}
    return plan_mixture(available, MixtureConfig(total_tokens=total, **shares))


def layout_of(rows: list[Document], plan: Plan, tokens_per_shard: int, seed: int, size: int = 1000) -> Layout:
    counts = pa.concat_tables([count_buckets([batch], plan, seed) for batch in batches(rows, size)])
    counts = counts.group_by(["category", "epoch", "bucket"]).aggregate([("tokens", "sum"), ("documents", "sum")])
    counts = counts.rename_columns(COUNTS.names).cast(COUNTS)
    crossings = find_crossings(counts, plan)
    candidates = pa.Table.from_batches(find_candidates(batches(rows, size), crossings, seed), CANDIDATES)
    return lay_out(
        counts, choose_cuts(crossings, candidates), plan, ShardConfig(tokens_per_shard=tokens_per_shard), seed
    )


def placed(rows: list[Document], layout: Layout) -> list[tuple[int, int, int, str, int]]:
    """shard, epoch, key, doc_id, num_tokens of every place, in order."""
    places = place_documents(layout, pa.array([row[1] for row in rows]), pa.array([row[0] for row in rows]))
    found = [
        (place["shard"], place["epoch"], place["key"], doc_id, num_tokens)
        for (doc_id, _category, num_tokens), all_places in zip(rows, places.to_pylist(), strict=True)
        for place in all_places
    ]
    return sorted(found)


def sorted_out(rows: list[Document], plan: Plan, seed: int) -> list[tuple[int, int, str, int]]:
    """epoch, key, doc_id, num_tokens of all that is to be written: all of it sorted, cut where the tokens suffice."""
    result = []
    for category in plan.categories:
        members = [row for row in rows if row[1] == category.category]
        tokens = 0
        for epoch in range(category.num_passes):
            keyed = []
            for doc_id, _category, num_tokens in members:
                digest = xxhash.xxh3_64_intdigest(f"{seed}\0{category.category}\0{epoch}\0{doc_id}")
                keyed.append((epoch, digest // 2, doc_id, num_tokens))
            for place in sorted(keyed):
                if tokens < category.planned_tokens:
                    result.append(place)
                    tokens += place[3]
    return result


def test_the_key_is_this_hash() -> None:
    digest = xxhash.xxh3_64_intdigest(b"7\0web\x002\0abc")
    assert shuffle_keys(7, "web", 2, ["abc"]).tolist() == [digest >> 1]


@given(rows=documents, total=st.integers(1, 200_000), per_shard=st.integers(1, 30_000), seed=st.integers(0, 9))
def test_histogram_cut_and_placement_give_what_a_full_sort_gives(
    rows: list[Document], total: int, per_shard: int, seed: int
) -> None:
    plan = plan_of(rows, total)
    layout = layout_of(rows, plan, per_shard, seed)
    found = placed(rows, layout)
    assert [place[1:] for place in found] == sorted_out(rows, plan, seed)


@given(rows=documents, total=st.integers(1, 200_000), per_shard=st.integers(1, 30_000))
def test_a_category_has_its_planned_tokens_and_less_than_a_document_more(
    rows: list[Document], total: int, per_shard: int
) -> None:
    plan = plan_of(rows, total)
    layout = layout_of(rows, plan, per_shard, seed=0)
    for category in plan.categories:
        written = sum(shard.tokens for shard in layout.shards if shard.category == category.category)
        longest = max((row[2] for row in rows if row[1] == category.category), default=1)
        assert category.planned_tokens <= written < category.planned_tokens + longest
        if not category.remainder_tokens:
            assert written == category.planned_tokens


@given(rows=documents, total=st.integers(1, 200_000), per_shard=st.integers(1, 30_000))
def test_each_shard_holds_what_the_layout_says(rows: list[Document], total: int, per_shard: int) -> None:
    plan = plan_of(rows, total)
    layout = layout_of(rows, plan, per_shard, seed=0)
    found = placed(rows, layout)
    for number, shard in enumerate(layout.shards):
        here = [place for place in found if place[0] == number]
        assert (sum(place[4] for place in here), len(here)) == (shard.tokens, shard.documents)
        assert shard.documents > 0
    names = [shard.name for shard in layout.shards]
    assert len(set(names)) == len(names)


@given(rows=documents, size=st.integers(1, 20))
def test_the_layout_does_not_depend_on_batches_or_their_order(rows: list[Document], size: int) -> None:
    plan = plan_of(rows, 40_000)
    one, other = layout_of(rows, plan, 5000, seed=3), layout_of(rows[::-1], plan, 5000, seed=3, size=size)
    assert one.shards == other.shards
    assert one.cuts == other.cuts
    assert all(np.array_equal(one.starts[name], other.starts[name]) for name in CATEGORIES)


def test_another_seed_or_pass_gives_another_order() -> None:
    ids = [f"{number:032x}" for number in range(100)]
    orders = {tuple(np.argsort(shuffle_keys(seed, "web", epoch, ids))) for seed in (0, 1) for epoch in (0, 1)}
    assert len(orders) == 4


def test_shards_of_even_documents_have_about_the_tokens_asked_for() -> None:
    rows = [(f"{number:032x}", "web", 100) for number in range(5000)]
    plan = plan_of(rows, 5 * 500_000)
    shards = layout_of(rows, plan, 60_000, seed=0).shards
    assert len(shards) == 9
    assert all(abs(shard.tokens - 60_000) <= 200 for shard in shards[:-1])  # to within a bucket of a few documents
    assert abs(shards[-1].tokens - 20_000) <= 200


def test_equal_keys_at_the_cut_go_by_document_id() -> None:
    crossing = order.Crossing("web", 0, 0, missing_tokens=3)
    rows = [{"category": "web", "key": 5, "doc_id": name, "num_tokens": 2} for name in ("c", "a", "b")]
    cut = choose_cuts((crossing,), pa.Table.from_pylist(rows, CANDIDATES))["web"]
    assert (cut.doc_id, cut.tokens, cut.documents) == ("b", 4, 2)
    assert order._within_cut(cut, 0, np.array([5, 5, 5, 4, 6]), ["a", "b", "c", "z", "a"]).tolist() == [
        True,
        True,
        False,
        True,
        False,
    ]


def test_tokens_that_changed_since_the_plan_are_refused() -> None:
    rows = [(f"{number:032x}", "web", 10) for number in range(10)]
    plan = plan_of(rows, 200)
    with pytest.raises(BooksDoNotBalance, match="web: the plan counts 100 tokens in 10 documents, there are 90 in 9"):
        layout_of(rows[:-1], plan, 1000, seed=0)


def test_more_shards_than_megatron_can_blend_are_refused_with_the_size_that_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(order, "MAX_SHARDS", 25)
    rows = [(f"{number:032x}", "web", 10) for number in range(1000)]
    plan = plan_of(rows, 50_000)
    with pytest.raises(RecipeError, match=r"set shards\.tokens_per_shard to at least 500"):
        layout_of(rows, plan, 300, seed=0)
    assert len(layout_of(rows, plan, 500, seed=0).shards) <= 25


def test_a_plan_of_nothing_has_no_shards() -> None:
    layout = layout_of([("a" * 32, "web", 5)], plan_mixture({}, MixtureConfig()), 100, seed=0)
    assert layout.shards == ()
    assert place_documents(layout, pa.array(["web"]), pa.array(["a"])).to_pylist() == [[]]
