"""Which documents are duplicates, and which one of them stays: the definition, on Arrow tables.

Candidates are what MinHash LSH connects (exact digests first, then equal band digests); inside a component a greedy
pass takes the best document as a leader, gives it every document that is similar enough *to it*, and goes on with the
best of the rest. So no chain of lookalikes removes a document that resembles nothing that stays (marin#6854, #7591).
Cost of the pass: one sketch comparison per document and leader, 10^7 a second. Blind spot: the similarity is estimated
from `minhash_sketch`; over 112 hashes its standard error is 0.04.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from pipelines.errors import RecipeError
from pipelines.recipe import DedupConfig
from pipelines.rules.arrow import column_kinds
from pipelines.rules.check import Kind
from pipelines.schemas import DUPLICATES

SURVIVOR: Final = "survivor"
EXACT: Final = "exact"
NEAR: Final = "near"
UNVERIFIED: Final = "unverified"

MAX_COMPARISONS: Final = 250_000_000
"""Sketch comparisons in a component, 25 s; when they are used up, what no leader has taken is `unverified`, and kept.
Enough to compare 22,000 documents of which no two are alike, or 250,000 with 1,000 leaders."""
MAX_PASS_DOCUMENTS: Final = 250_000
"""Documents of a component that one pass looks at (56 MB of sketches). A larger component is cut by a hash of the exact
digest into parts that each get a pass of their own, so that it keeps at least one document a part."""
CHANCE: Final = 2.0**-16
"""Probability that two different minima agree in the 16 bits that a sketch keeps."""
DECIMALS: Final = 4
"""Decimal places of a similarity: what is stored is what was compared (a hash of 112 is worth 0.009)."""

OUTCOME: Final = pa.schema([DUPLICATES.field(name) for name in ("doc_id", "survivor", "kind", "similarity")])

_SEED: Final = 42  # of Spark's xxhash64
_CHUNK_ROWS: Final = 4_096  # two gathers of them fit the cache

Rows = npt.NDArray[np.int64]
Sketches = npt.NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class SurvivorKey:
    """A signal column that ranks the documents of a cluster; null and NaN come last either way."""

    column: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Pass:
    """What the leader pass found for each row: its leader's row (itself if it stays), the estimated Jaccard to it, and
    False in `verified` where the comparisons were used up first."""

    leader: Rows
    similarity: npt.NDArray[np.float64]
    verified: npt.NDArray[np.bool_]


def survivor_keys(order: Sequence[str], columns: dict[str, Kind]) -> tuple[SurvivorKey, ...]:
    """`DedupConfig.survivor_order` read and checked against the columns there are; raises RecipeError."""
    keys = []
    for text in order:
        column, _, direction = text.partition(" ")
        if direction not in ("asc", "desc"):
            raise RecipeError(f"dedup.survivor_order: {text!r} is not 'COLUMN asc' or 'COLUMN desc'")
        if columns.get(column) not in ("number", "boolean"):
            raise RecipeError(f"dedup.survivor_order: {column!r} is not a column of numbers among the signals")
        keys.append(SurvivorKey(column, direction == "desc"))
    return tuple(keys)


def vertex(doc_id: str) -> int:
    """The 64-bit id (signed) that stands for a document in the graph; Spark's `xxhash64`.

    Two documents with the same id would only share a component, which the leader pass takes apart again.
    """
    return _signed_hash(doc_id.encode())


def salt_count(bucket_documents: int, max_bucket_documents: int) -> int:
    """Into how many parts a band bucket is split."""
    return -(-bucket_documents // max_bucket_documents)


def leader_pass(groups: Rows, sketches: Sketches, has_sketch: npt.NDArray[np.bool_], min_similarity: float) -> Pass:
    """Greedy leaders of each group, all groups at once.

    `groups` [n] numbers the group of each row from 0 upwards, the rows of a group best first;
    `sketches` is [n, hashes]. Rows without a sketch are their own leaders.
    """
    leader = np.arange(len(groups), dtype=np.int64)
    similarity = np.ones(len(groups))
    remaining = np.flatnonzero(has_sketch)
    verified = np.ones(len(groups), dtype=np.bool_)
    spent = np.zeros(int(groups[-1]) + 1 if len(groups) else 0, dtype=np.int64)
    while len(remaining):
        starts = _starts(groups[remaining])
        heads = np.repeat(remaining[starts], np.diff(np.append(np.flatnonzero(starts), len(remaining))))
        others, heads = remaining[~starts], heads[~starts]
        estimate = estimated_jaccard(_agreements(sketches, others, heads), sketches.shape[1])
        found = estimate >= min_similarity
        leader[others[found]] = heads[found]
        similarity[others[found]] = estimate[found]
        spent += np.bincount(groups[others], minlength=len(spent))
        remaining = others[~found]
        given_up = spent[groups[remaining]] >= MAX_COMPARISONS
        verified[remaining[given_up]] = False
        remaining = remaining[~given_up]
    return Pass(leader, similarity, verified)


def estimated_jaccard(agreements: npt.NDArray[np.uint16], num_hashes: int) -> npt.NDArray[np.float64]:
    """Jaccard similarity from the number of 16-bit minima that agree, less those that agree by chance."""
    share = agreements / max(num_hashes, 1)
    return cast(npt.NDArray[np.float64], np.round(np.maximum((share - CHANCE) / (1 - CHANCE), 0), DECIMALS))


def sketch_matrix(column: pa.Array) -> tuple[Sketches, npt.NDArray[np.bool_]]:
    """Sketches as rows of 16-bit numbers, and which rows have one; raises ValueError when their lengths differ."""
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    has_sketch = column.is_valid().to_numpy(zero_copy_only=False)
    lengths = pc.unique(pc.binary_length(column.drop_null())).to_pylist()
    if len(lengths) > 1:
        raise ValueError(f"sketches of {len(lengths)} lengths: signals of different MinHash configs are mixed")
    width = lengths[0] // 2 if lengths else 0
    matrix = np.zeros((len(column), width), dtype="<u2")
    if width:
        stored = column.drop_null()
        _, offsets, content = stored.buffers()
        first = np.frombuffer(offsets, np.int32)[stored.offset]
        matrix[has_sketch] = np.frombuffer(content, "<u2", len(stored) * width, first).reshape(-1, width)
    return matrix, has_sketch


def pass_part(exact_digest: bytes, component_documents: int) -> int:
    """Which part of an oversized component a document belongs to; 0 for all others."""
    return _signed_hash(exact_digest) % salt_count(component_documents, MAX_PASS_DOCUMENTS)


def rank_columns(table: pa.Table, config: DedupConfig) -> list[pa.Array]:
    """Sort keys, smaller is better: place of the category in the scope, then the survivor order."""
    keys = survivor_keys(config.survivor_order, column_kinds(table.schema))
    ranks = [pc.index_in(table["category"], value_set=pa.array(config.scope))]
    for key in keys:
        values = table[key.column].cast(pa.float64(), safe=False)
        values = pc.negate(values) if key.descending else values
        lost = pc.or_kleene(pc.is_null(values), pc.is_nan(values))
        ranks.append(pc.if_else(pc.fill_null(lost, True), np.inf, values))
    return ranks


def find_duplicates(signals: pa.Table, config: DedupConfig) -> pa.Table:
    """`DUPLICATES` of a table of `signals`, in the order of their ids, all in memory.

    The reference for `pipelines.spark.dedup`, and what says what the result means:

    - Only documents without error and of a category in `config.scope` take part.
    - Documents are connected when their exact digests are equal or when the best ones of two such groups share a band
      digest. A band bucket of more than `max_bucket_documents` is split by a hash of the id and only connected within
      each part, so that at most one document a part stays that would else have gone.
    - `survivor` is always a document that stays (kind `survivor`, or `unverified`: not compared with every leader).
      `exact`: same digest as its survivor. `near`: measured against its survivor; so is an exact copy of a document
      that went as near duplicate of another.
    """
    documents = eligible(signals, config)
    ids = documents["doc_id"].to_pylist()
    components = _components(ids, documents, config)
    labels = pa.array([components[doc_id] for doc_id in ids], pa.string())
    sizes = {row["labels"]: row["labels_count"] for row in _counts(labels)}
    members = documents.append_column("cluster", labels)
    members = members.append_column("cluster_size", pa.array([sizes[c] for c in labels.to_pylist()], pa.int64()))
    members = members.filter(pc.greater(members["cluster_size"], 1))
    elected = elect(members, config)
    return (
        members.select(["doc_id", "cluster", "cluster_size"])
        .join(elected, "doc_id")
        .select(DUPLICATES.names)
        .sort_by("doc_id")
        .cast(DUPLICATES)
    )


def eligible(signals: pa.Table, config: DedupConfig) -> pa.Table:
    """The rows that can be duplicates: measured documents in the scope."""
    fits = pc.and_(pc.is_valid(signals["exact_digest"]), pc.is_null(signals["error"]))
    fits = pc.and_(fits, pc.is_null(signals["skip_reason"]))
    return signals.filter(pc.and_(fits, pc.is_in(signals["category"], value_set=pa.array(config.scope))))


def elect(members: pa.Table, config: DedupConfig) -> pa.Table:
    """Who stays in each component: `doc_id`, `survivor`, `kind`, `similarity`, one row a member, in any order.

    `members` has `doc_id`, `cluster`, `cluster_size`, `exact_digest`, `minhash_sketch`, `category` and the columns of
    the survivor order.
    """
    rows = _best_first(members, config)
    keys = list(zip(rows["cluster"].to_pylist(), rows["exact_digest"].to_pylist(), strict=True))
    head: dict[tuple[str, bytes], int] = {}
    for row, key in enumerate(keys):
        head.setdefault(key, row)
    led = lead(rows.take(pa.array(head.values(), pa.int64())), config.min_similarity).to_pylist()
    outcome_of = dict(zip(head, led, strict=True))
    outcome = [
        _outcome(doc_id, **outcome_of[key]) for doc_id, key in zip(rows["doc_id"].to_pylist(), keys, strict=True)
    ]
    return pa.Table.from_pylist(outcome, OUTCOME)


def lead(heads: pa.Table, min_similarity: float) -> pa.Table:
    """The leader pass over whole groups, as ids: `head`, `leader`, `similarity`, `verified`, row by row.

    `heads` has `cluster`, `pass_part`, `doc_id` and `minhash_sketch`, one row an exact digest, the rows of a cluster's
    part side by side and best first.
    """
    sketches, has_sketch = sketch_matrix(heads["minhash_sketch"])
    found = leader_pass(_group_numbers(heads["cluster"], heads["pass_part"]), sketches, has_sketch, min_similarity)
    return pa.table(
        {
            "head": heads["doc_id"],
            "leader": heads["doc_id"].take(pa.array(found.leader)),
            "similarity": found.similarity,
            "verified": found.verified,
        }
    )


def union_find(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Smallest member of the component of each vertex that has an edge."""
    parent: dict[str, str] = {}

    def root(member: str) -> str:
        parent.setdefault(member, member)
        while parent[member] != member:
            parent[member] = parent[parent[member]]
            member = parent[member]
        return member

    for left, right in pairs:
        smaller, larger = sorted((root(left), root(right)))
        parent[larger] = smaller
    return {member: root(member) for member in list(parent)}


def _outcome(doc_id: str, head: str, leader: str, similarity: float, verified: bool) -> dict[str, object]:
    if doc_id == leader:
        return {"doc_id": doc_id, "survivor": leader, "kind": SURVIVOR if verified else UNVERIFIED, "similarity": None}
    kind, similarity = (EXACT, 1.0) if head == leader else (NEAR, similarity)
    return {"doc_id": doc_id, "survivor": leader, "kind": kind, "similarity": similarity}


def _best_first(members: pa.Table, config: DedupConfig) -> pa.Table:
    parts = [
        pass_part(digest, size)
        for digest, size in zip(members["exact_digest"].to_pylist(), members["cluster_size"].to_pylist(), strict=True)
    ]
    members = members.append_column("pass_part", pa.array(parts, pa.int32()))
    ranks = {f"rank_{i}": rank for i, rank in enumerate(rank_columns(members, config))}
    ranked = pa.table(
        {"cluster": members["cluster"], "pass_part": members["pass_part"], **ranks, "doc_id": members["doc_id"]}
    )
    return members.take(pc.sort_indices(ranked, [(name, "ascending") for name in ranked.column_names]))


def _group_numbers(*keys: pa.ChunkedArray) -> Rows:
    changed = np.zeros(len(keys[0]), dtype=np.int64)
    for key in keys:
        if len(key) > 1:
            changed[1:] |= pc.not_equal(key.slice(1), key.slice(0, len(key) - 1)).to_numpy().astype(np.int64)
    return cast(Rows, np.cumsum(changed))


def _components(ids: list[str], documents: pa.Table, config: DedupConfig) -> dict[str, str]:
    ranks = {f"rank_{i}": rank for i, rank in enumerate(rank_columns(documents, config))}
    ranked = pa.table({**ranks, "doc_id": documents["doc_id"]})
    best_first = pc.sort_indices(ranked, [(name, "ascending") for name in ranked.column_names]).to_pylist()
    digests, bands = documents["exact_digest"].to_pylist(), documents["minhash_bands"].to_pylist()
    copies: dict[bytes, list[str]] = defaultdict(list)
    buckets: dict[tuple[int, bytes], list[str]] = defaultdict(list)
    for row in best_first:
        copies[digests[row]].append(ids[row])
        if len(copies[digests[row]]) == 1:
            for key in enumerate(bands[row] or ()):
                buckets[key].append(ids[row])
    stars = list(copies.values())
    for bucket in buckets.values():
        salts = salt_count(len(bucket), config.max_bucket_documents)
        stars += [[d for d in bucket if vertex(d) % salts == salt] for salt in range(salts)]
    found = union_find((star[0], other) for star in stars for other in star[1:])
    return {doc_id: found.get(doc_id, doc_id) for doc_id in ids}


def _counts(labels: pa.Array) -> list[dict[str, object]]:
    counted = pa.table({"labels": labels}).group_by("labels").aggregate([("labels", "count")])
    return cast(list[dict[str, object]], counted.to_pylist())


def _starts(groups: Rows) -> npt.NDArray[np.bool_]:
    starts = np.ones(len(groups), dtype=np.bool_)
    starts[1:] = groups[1:] != groups[:-1]
    return starts


def _agreements(sketches: Sketches, left: Rows, right: Rows) -> npt.NDArray[np.uint16]:
    counts = np.empty(len(left), dtype=np.uint16)
    for start in range(0, len(left), _CHUNK_ROWS):
        rows = slice(start, start + _CHUNK_ROWS)
        same = sketches[left[rows]] == sketches[right[rows]]
        counts[rows] = same.view(np.uint8).sum(axis=1, dtype=np.uint16)
    return counts


def _signed_hash(content: bytes) -> int:
    value = xxhash.xxh64_intdigest(content, seed=_SEED)
    return value - 2**64 if value >= 2**63 else value
