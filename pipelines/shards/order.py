"""The global shuffle: where in the shards each pass over each document goes, from counts and hashes alone.

The documents of a category are ordered by (epoch, key, doc_id), where key is a hash of seed, category, epoch and
doc_id; the last pass, when it is a partial one, is the shortest prefix of that order whose tokens reach what the plan
has left. Shards are contiguous ranges of it. Cuts and boundaries come from a histogram of tokens over the top 16 bits
of the key, and from the documents of the one bucket a pass ends in, so nothing here ever sees all ids at once, no
window runs over a whole category, and the result is the same for any partitioning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from pipelines.errors import BooksDoNotBalance, RecipeError
from pipelines.mixture import CategoryPlan, Plan
from pipelines.recipe import ShardConfig

Int64s = npt.NDArray[np.int64]

NUM_BUCKETS: Final = 65_536
_BUCKET_SHIFT: Final = 63 - 16
MAX_SHARDS: Final = 32_767
"""Datasets that Megatron's blend can hold: it numbers them with int16."""

COUNTS: Final = pa.schema(
    [
        pa.field("category", pa.string(), nullable=False),
        pa.field("epoch", pa.int32(), nullable=False),
        pa.field("bucket", pa.int32(), nullable=False),
        pa.field("tokens", pa.int64(), nullable=False),
        pa.field("documents", pa.int64(), nullable=False),
    ]
)
"""The histogram: what the documents hold whose keys fall into a bucket. Buckets without documents are left out."""

CANDIDATES: Final = pa.schema(
    [
        pa.field("category", pa.string(), nullable=False),
        pa.field("key", pa.int64(), nullable=False),
        pa.field("doc_id", pa.string(), nullable=False),
        pa.field("num_tokens", pa.int64(), nullable=False),
    ]
)
"""The documents of the bucket that a category's partial pass ends in."""

PLACEMENTS: Final = pa.list_(
    pa.struct(
        [
            pa.field("shard", pa.int32(), nullable=False),  # number in the layout
            pa.field("epoch", pa.int32(), nullable=False),
            pa.field("key", pa.int64(), nullable=False),
        ]
    )
)
"""Every place of one document."""


def shuffle_keys(seed: int, category: str, epoch: int, doc_ids: Iterable[str]) -> Int64s:
    """The keys that order a pass: the top 63 bits of xxh3-64 of `seed NUL category NUL epoch NUL doc_id` in UTF-8."""
    prefix = f"{seed}\0{category}\0{epoch}\0"
    digests = [xxhash.xxh3_64_intdigest(prefix + doc_id) for doc_id in doc_ids]
    return (np.array(digests, dtype=np.uint64) >> np.uint64(1)).astype(np.int64)


def buckets_of(keys: Int64s) -> Int64s:
    """The bucket of each key: its top 16 of 63 bits."""
    return keys >> _BUCKET_SHIFT


def count_buckets(batches: Iterable[pa.RecordBatch], plan: Plan, seed: int) -> pa.Table:
    """The histogram (COUNTS) of some documents given as `doc_id`, `category` and `num_tokens`; histograms add up."""
    tokens: dict[tuple[str, int], Int64s] = {}
    documents: dict[tuple[str, int], Int64s] = {}
    passes: dict[str, int] = {category.category: category.num_passes for category in plan.categories}
    for batch in batches:
        for category, rows in _by_category(batch):
            num_tokens = rows.column("num_tokens").to_numpy()
            doc_ids = rows.column("doc_id").to_pylist()
            for epoch in range(passes[category]):
                buckets = buckets_of(shuffle_keys(seed, category, epoch, doc_ids))
                place = (category, epoch)
                np.add.at(tokens.setdefault(place, np.zeros(NUM_BUCKETS, np.int64)), buckets, num_tokens)
                np.add.at(documents.setdefault(place, np.zeros(NUM_BUCKETS, np.int64)), buckets, 1)
    return pa.concat_tables(
        [COUNTS.empty_table(), *(_counts_table(*place, tokens[place], documents[place]) for place in tokens)]
    )


def _counts_table(category: str, epoch: int, tokens: Int64s, documents: Int64s) -> pa.Table:
    buckets = np.flatnonzero(documents)
    columns = [
        pa.repeat(category, len(buckets)),
        pa.repeat(pa.scalar(epoch, pa.int32()), len(buckets)),
        buckets.astype(np.int32),
        tokens[buckets],
        documents[buckets],
    ]
    return pa.Table.from_arrays([pa.array(column) for column in columns], schema=COUNTS)


@dataclass(frozen=True)
class Crossing:
    """The bucket in which a category's partial pass ends."""

    category: str
    epoch: int
    bucket: int
    missing_tokens: int
    """Tokens the pass still needs at the start of the bucket; at least 1."""


@dataclass(frozen=True)
class Cut:
    """The last document of a category's partial pass, and what its bucket gives up to and including it."""

    epoch: int
    bucket: int
    key: int
    doc_id: str
    tokens: int
    documents: int


def find_crossings(counts: pa.Table, plan: Plan) -> tuple[Crossing, ...]:
    """Where each partial pass ends; raises BooksDoNotBalance when the documents are not those that were planned."""
    crossings = []
    for category in plan.categories:
        passes = _passes(counts, category)
        for tokens, documents in passes:
            found = (int(tokens.sum()), int(documents.sum()))
            if found != (category.available_tokens, category.available_documents):
                raise BooksDoNotBalance(
                    f"{category.category}: the plan counts {category.available_tokens:,} tokens in "
                    f"{category.available_documents:,} documents, there are {found[0]:,} in {found[1]:,}; "
                    "make the plan again"
                )
        if category.remainder_tokens:
            ends = np.cumsum(passes[-1][0])
            bucket = int(np.searchsorted(ends, category.remainder_tokens))
            before = int(ends[bucket - 1]) if bucket else 0
            missing = category.remainder_tokens - before
            crossings.append(Crossing(category.category, category.full_passes, bucket, missing))
    return tuple(crossings)


def find_candidates(
    batches: Iterable[pa.RecordBatch], crossings: tuple[Crossing, ...], seed: int
) -> Iterator[pa.RecordBatch]:
    """The documents (CANDIDATES) of the buckets that passes end in, of some given as for `count_buckets`."""
    by_category = {crossing.category: crossing for crossing in crossings}
    for batch in batches:
        for category, rows in _by_category(batch):
            crossing = by_category.get(category)
            if crossing is None:
                continue
            keys = shuffle_keys(seed, category, crossing.epoch, rows.column("doc_id").to_pylist())
            chosen = np.flatnonzero(buckets_of(keys) == crossing.bucket)
            found = rows.take(pa.array(chosen))
            columns = [
                pa.repeat(category, len(chosen)),
                keys[chosen],
                found.column("doc_id"),
                found.column("num_tokens"),
            ]
            yield pa.RecordBatch.from_arrays([pa.array(column) for column in columns], schema=CANDIDATES)


def choose_cuts(crossings: tuple[Crossing, ...], candidates: pa.Table) -> dict[str, Cut]:
    """The last document of each partial pass: the first in key order with which the pass has all its tokens.

    So a pass is never short, and over by less than one document.
    """
    by_category: dict[str, list[tuple[int, str, int]]] = {crossing.category: [] for crossing in crossings}
    for row in candidates.to_pylist():
        by_category[row["category"]].append((row["key"], row["doc_id"], row["num_tokens"]))
    return {crossing.category: _cut(crossing, sorted(by_category[crossing.category])) for crossing in crossings}


def _cut(crossing: Crossing, documents: list[tuple[int, str, int]]) -> Cut:
    tokens = 0
    for number, (key, doc_id, num_tokens) in enumerate(documents, start=1):
        tokens += num_tokens
        if tokens >= crossing.missing_tokens:
            return Cut(crossing.epoch, crossing.bucket, key, doc_id, tokens, number)
    raise BooksDoNotBalance(
        f"{crossing.category}: bucket {crossing.bucket} of pass {crossing.epoch} has {tokens:,} tokens, "
        f"{crossing.missing_tokens:,} were counted; the tokens changed while they were read"
    )


@dataclass(frozen=True)
class Shard:
    """One shard of the layout."""

    category: str
    number: int
    """In its category, from 0."""
    tokens: int
    documents: int

    @property
    def name(self) -> str:
        """Its files' path in the shards folder, without the suffix."""
        return f"{self.category}/{self.category}-{self.number:05d}"


@dataclass(frozen=True)
class Layout:
    """Where everything goes: what a task needs to place any document."""

    seed: int
    shards: tuple[Shard, ...]
    """Of all categories, in their order; a shard's number in the layout is its place here."""
    passes: Mapping[str, int]
    cuts: Mapping[str, Cut]
    starts: Mapping[str, Int64s] = field(repr=False)
    """For each category the position (epoch x NUM_BUCKETS + bucket) that each of its shards begins at."""
    first_shard: Mapping[str, int] = field(repr=False)
    """Number in the layout of each category's first shard."""


def lay_out(counts: pa.Table, cuts: Mapping[str, Cut], plan: Plan, config: ShardConfig, seed: int) -> Layout:
    """Shards of about `tokens_per_shard`: a new one begins at the first bucket after that many tokens.

    Raises RecipeError for more shards than Megatron can blend.
    """
    shards: list[Shard] = []
    starts: dict[str, Int64s] = {}
    first_shard: dict[str, int] = {}
    for category in plan.categories:
        positions, tokens, documents = _occupied_positions(counts, category, cuts.get(category.category))
        before = np.cumsum(tokens) - tokens
        begins = np.flatnonzero(np.diff(before // config.tokens_per_shard, prepend=-1))
        name = category.category
        first_shard[name], starts[name] = len(shards), positions[begins]
        if len(begins):
            sums = zip(np.add.reduceat(tokens, begins), np.add.reduceat(documents, begins), strict=True)
            shards += [Shard(name, number, int(t), int(d)) for number, (t, d) in enumerate(sums)]
    if len(shards) > MAX_SHARDS:
        least = -(-plan.planned_tokens // (MAX_SHARDS - len(plan.categories)))
        raise RecipeError(
            f"{len(shards):,} shards are more than the {MAX_SHARDS:,} that Megatron can blend; set "
            f"shards.tokens_per_shard to at least {least:,}"
        )
    passes: dict[str, int] = {category.category: category.num_passes for category in plan.categories}
    return Layout(seed, tuple(shards), passes, dict(cuts), starts, first_shard)


def place_documents(layout: Layout, categories: pa.Array, doc_ids: pa.Array) -> pa.ListArray:
    """Every place (PLACEMENTS) of each document, by epoch; an empty list for one that no shard holds."""
    rows: list[Int64s] = []
    fields: list[tuple[Int64s, Int64s, Int64s]] = []
    batch = pa.RecordBatch.from_arrays(
        [categories, doc_ids, pa.array(np.arange(len(doc_ids)))], ["category", "doc_id", "row"]
    )
    for category, documents in _by_category(batch):
        ids = documents.column("doc_id").to_pylist()
        numbers = documents.column("row").to_numpy()
        for epoch in range(layout.passes[category]):
            keys = shuffle_keys(layout.seed, category, epoch, ids)
            chosen = np.flatnonzero(_within_cut(layout.cuts.get(category), epoch, keys, ids))
            positions = epoch * NUM_BUCKETS + buckets_of(keys[chosen])
            shards = layout.first_shard[category] + np.searchsorted(layout.starts[category], positions, "right") - 1
            rows.append(numbers[chosen])
            fields.append((shards, np.full(len(chosen), epoch, np.int64), keys[chosen]))
    return _as_lists(rows, fields, len(doc_ids))


def _as_lists(rows: list[Int64s], fields: list[tuple[Int64s, Int64s, Int64s]], num_rows: int) -> pa.ListArray:
    row = np.concatenate(rows) if rows else np.empty(0, np.int64)
    order = np.argsort(row, kind="stable")
    struct = PLACEMENTS.value_type
    columns = [
        pa.array((np.concatenate(column) if rows else row)[order], struct.field(i).type)
        for i, column in enumerate(zip(*fields, strict=True) if fields else ((), (), ()))
    ]
    values = pa.StructArray.from_arrays(columns, fields=list(struct))
    offsets = np.concatenate(([0], np.cumsum(np.bincount(row, minlength=num_rows)))).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), values, type=PLACEMENTS)


def _within_cut(cut: Cut | None, epoch: int, keys: Int64s, doc_ids: list[str]) -> npt.NDArray[np.bool_]:
    if cut is None or epoch < cut.epoch:
        return np.ones(len(keys), np.bool_)
    within: npt.NDArray[np.bool_] = keys < cut.key
    for row in np.flatnonzero(keys == cut.key):
        within[row] = doc_ids[row] <= cut.doc_id
    return within


def _by_category(batch: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The rows of each category of a batch, order kept."""
    column = batch.column("category").dictionary_encode()
    codes = column.indices.to_numpy()
    for code, category in enumerate(column.dictionary.to_pylist()):
        yield category, batch.take(pa.array(np.flatnonzero(codes == code)))


def _passes(counts: pa.Table, category: CategoryPlan) -> list[tuple[Int64s, Int64s]]:
    """Tokens and documents by bucket, for each pass over a category."""
    dense = np.zeros((2, category.num_passes, NUM_BUCKETS), np.int64)
    rows = counts.filter(pc.equal(counts["category"], category.category))
    place = (rows["epoch"].to_numpy(), rows["bucket"].to_numpy())
    dense[0][place] = rows["tokens"].to_numpy()
    dense[1][place] = rows["documents"].to_numpy()
    return list(zip(dense[0], dense[1], strict=True))


def _occupied_positions(counts: pa.Table, category: CategoryPlan, cut: Cut | None) -> tuple[Int64s, Int64s, Int64s]:
    """Positions that hold documents, in order, with their tokens and documents; nothing after the cut."""
    passes = _passes(counts, category)
    tokens = np.concatenate([tokens for tokens, _documents in passes] or [np.empty(0, np.int64)])
    documents = np.concatenate([documents for _tokens, documents in passes] or [np.empty(0, np.int64)])
    if cut is not None:
        last = cut.epoch * NUM_BUCKETS + cut.bucket
        tokens[last], documents[last] = cut.tokens, cut.documents
        tokens[last + 1 :] = documents[last + 1 :] = 0
    positions = np.flatnonzero(documents)
    return positions, tokens[positions], documents[positions]
