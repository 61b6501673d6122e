"""The verdict on every record: kept, dropped by a rule, or failed; and the funnel that they add up to.

Rules come first, duplicates after: a document is only removed for another that is kept. Where a rule drops a document
that stands for others, the leader pass runs again over what is left of its component. This module is the definition, on
Arrow tables; `pipelines.spark.judge` does the same on frames.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.dedup import EXACT, NEAR, OUTCOME, elect
from pipelines.errors import BooksDoNotBalance
from pipelines.manifests import Dataset
from pipelines.recipe import DedupConfig, RuleConfig
from pipelines.rules.arrow import allowed, column_kinds, holds, measured
from pipelines.rules.check import EXACT_RULE, INGEST_FAMILY, NEAR_RULE, Rule, check_rules, compared_columns, written
from pipelines.schemas import (
    CONTAINER_END,
    DECISIONS,
    DROPPED,
    DUPLICATES,
    FAILED,
    IDENTITY,
    KEPT,
    SIGNALS_OUTCOME,
    VERDICTS,
)
from pipelines.signals.schema import SIGNALS

Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]

MAX_DETAIL_CHARACTERS: Final = 200
"""Characters of an error's detail that a decision repeats; the whole is in `signals`."""

IDENTITY_NAMES: Final = tuple(field.name for field in IDENTITY)

COUNTS: Final = pa.schema(
    [
        pa.field("source", pa.string(), nullable=False),
        pa.field("category", pa.string(), nullable=False),
        pa.field("verdict", pa.string(), nullable=False),
        pa.field("rule", pa.string()),
        pa.field("records", pa.int64(), nullable=False),
    ]
)
"""Records of equal source, category, verdict and rule: all that a funnel needs of decisions."""


RULED: Final = pa.schema(
    [
        *IDENTITY,
        pa.field("verdict", pa.string(), nullable=False),
        pa.field("rule", pa.string()),
        pa.field("value", pa.string()),
        pa.field("limit", pa.string()),
        pa.field("failed_rules", pa.list_(pa.string())),
    ]
)
"""Decisions before duplicates are looked at."""


def judge(signals: pa.Table, duplicates: pa.Table, rules: Sequence[RuleConfig], dedup: DedupConfig) -> pa.Table:
    """`DECISIONS` for the rows of `signals`, in their order, the closing rows of containers left out.

    The first of these that holds decides:

    1. `error`: failed; `rule` is the error's code, `value` its detail up to 200 characters.
    2. `skip_reason`: dropped by `ingest.<reason>`, `value` is `skip_value`.
    3. A recipe rule: dropped by the first in their order; `failed_rules` names all.
    4. A duplicate, among the documents that got this far: dropped by `dedup.exact` or `dedup.near`, `value` is the
       similarity to `survivor`, which is kept.

    `failed_rules` of a row dropped by 2 or 4 holds that one rule; of a kept or failed row nothing. Raises RecipeError.
    """
    ruled = apply_rules(signals, check_rules(rules, column_kinds(signals.schema)))
    passing = signals.filter(pc.is_in(signals["doc_id"], value_set=_passing_ids(ruled)))
    return _decided(ruled, settle(duplicates, passing, dedup), dedup)


def judge_parts(signals: Dataset, duplicates: Dataset, rules: Sequence[RuleConfig], dedup: DedupConfig) -> pa.Table:
    """`judge` of committed datasets, part by part: in memory are the decisions and the sketches of duplicates.

    A million rows (of the demo, repeated) take ten seconds of a processor and one gigabyte.
    """
    checked = check_rules(rules, column_kinds(SIGNALS))
    ranks = [order.split()[0] for order in dedup.survivor_order]
    compared = ["doc_id", "exact_digest", "minhash_sketch", "category", *ranks]
    ruling = [*IDENTITY_NAMES, *(field.name for field in SIGNALS_OUTCOME), *compared_columns(checked)]
    columns = list(dict.fromkeys([*ruling, *compared]))
    found = pa.concat_tables([DUPLICATES.empty_table(), *read_parts(duplicates, DUPLICATES)])
    ruled, passing = [RULED.empty_table()], [pa.schema([SIGNALS.field(name) for name in compared]).empty_table()]
    for part in read_parts(signals, pa.schema([SIGNALS.field(name) for name in columns])):
        here = apply_rules(part, checked)
        ruled.append(here)
        ids = _passing_ids(here)
        ids = ids.filter(pc.is_in(ids, value_set=found["doc_id"]))
        passing.append(part.filter(pc.is_in(part["doc_id"], value_set=ids)).select(compared))
    return _decided(pa.concat_tables(ruled), settle(found, pa.concat_tables(passing), dedup), dedup)


def read_parts(dataset: Dataset, schema: pa.Schema) -> Iterator[pa.Table]:
    """The columns of `schema` of a dataset's parts, in the order of its manifest."""
    for part in dataset.manifest.parts:
        with dataset.parts.open_input(part.name) as stream:
            yield pq.ParquetFile(stream).read(columns=schema.names).select(schema.names).cast(schema)


def _passing_ids(ruled: pa.Table) -> pa.ChunkedArray:
    return ruled.filter(pc.equal(ruled["verdict"], KEPT))["doc_id"]


def apply_rules(signals: pa.Table, rules: Sequence[Rule]) -> pa.Table:
    """`RULED` for rows of `signals`, in their order, the closing rows of containers left out.

    Needs the columns of IDENTITY and SIGNALS_OUTCOME and those that the rules compare; each row stands for itself.
    """
    records = signals.filter(pc.fill_null(pc.not_equal(signals["skip_reason"], CONTAINER_END), True)).combine_chunks()
    is_failed = _flags(pc.is_valid(records["error"]))
    is_skipped = _flags(pc.is_valid(records["skip_reason"])) & ~is_failed
    failing = np.zeros((records.num_rows, len(rules)), dtype=np.bool_)
    for number, rule in enumerate(rules):
        failing[:, number] = _flags(holds(rule, records))
    failing[is_failed | is_skipped] = False
    first = np.where(failing.any(axis=1), failing.argmax(axis=1) if rules else -1, -1)
    names = pa.array([rule.name for rule in rules], pa.string())
    ingest_rules = pc.binary_join_element_wise(f"{INGEST_FAMILY}.", records["skip_reason"], "")
    details = pc.utf8_slice_codeunits(records["error_detail"], 0, MAX_DETAIL_CHARACTERS)
    values, limits = _sides(records, rules, first)
    verdicts = np.select([is_failed, is_skipped | (first >= 0)], [FAILED, DROPPED], KEPT).tolist()
    columns = {
        **{name: records[name] for name in IDENTITY_NAMES},
        "verdict": pa.array(verdicts, pa.string()),
        "rule": _choose(is_failed, records["error"], is_skipped, ingest_rules, names.take(_or_null(first))),
        "value": _choose(is_failed, details, is_skipped, records["skip_value"], values),
        "limit": limits,
        "failed_rules": _failed_rules(failing, names, is_skipped, ingest_rules),
    }
    return pa.table(columns, schema=RULED)


def _sides(records: pa.Table, rules: Sequence[Rule], first: Numbers) -> tuple[pa.Array, pa.Array]:
    """What the rule numbered in `first` measured in each row and what it allows; null where it is -1."""
    place = np.full(records.num_rows, -1)
    values, limits, placed = [], [], 0
    for number, rule in enumerate(rules):
        rows = np.flatnonzero(first == number)
        if len(rows):
            found = records.select(compared_columns([rule])).take(pa.array(rows))
            values.append(measured(rule, found))
            limits.append(allowed(rule, found))
            place[rows] = np.arange(placed, placed + len(rows))
            placed += len(rows)
    none = pa.nulls(0, pa.string())
    return tuple(pa.concat_arrays([none, *texts]).take(_or_null(place)) for texts in (values, limits))


def _failed_rules(failing: Flags, names: pa.Array, is_skipped: Flags, ingest_rules: pa.ChunkedArray) -> pa.Array:
    rows, numbers = np.nonzero(failing)
    skipped = np.flatnonzero(is_skipped)
    texts = pa.concat_arrays([names.take(pa.array(numbers)), ingest_rules.combine_chunks().take(pa.array(skipped))])
    order = np.argsort(np.concatenate([rows, skipped]), kind="stable")
    counts = failing.sum(axis=1) + is_skipped
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), texts.take(pa.array(order)))


def _choose(is_failed: Flags, failed: pa.Array, is_skipped: Flags, skipped: pa.Array, rest: pa.Array) -> pa.Array:
    return pc.if_else(pa.array(is_failed), failed, pc.if_else(pa.array(is_skipped), skipped, rest))


def _flags(condition: pa.Array) -> Flags:
    return cast(Flags, condition.to_numpy(zero_copy_only=False))


def _or_null(numbers: Numbers) -> pa.Array:
    return pa.array(numbers, pa.int64(), mask=numbers < 0)


def settle(duplicates: pa.Table, passing: pa.Table, dedup: DedupConfig) -> pa.Table:
    """What becomes of the documents of `duplicates` that pass the rules (`OUTCOME`).

    In a component where a survivor fails, the leader pass runs again over those that pass.
    """
    left = duplicates.filter(pc.is_in(duplicates["doc_id"], value_set=passing["doc_id"]))
    orphaned = pc.invert(pc.is_in(left["survivor"], value_set=left["doc_id"]))
    again = pc.is_in(left["cluster"], value_set=left.filter(orphaned)["cluster"])
    clusters = left.filter(again).select(["doc_id", "cluster", "cluster_size"])
    lists = [field.name for field in passing.schema if pa.types.is_list(field.type)]  # which Arrow cannot join
    comparable = passing.drop_columns(lists)
    members = clusters.join(comparable, "doc_id", join_type="inner")
    settled = left.filter(pc.invert(again)).select(OUTCOME.names).cast(OUTCOME)
    return pa.concat_tables([settled, elect(members, dedup)]) if members.num_rows else settled


def count_verdicts(decisions: pa.Table) -> pa.Table:
    """The `COUNTS` of decisions, sorted."""
    keys = [name for name in COUNTS.names if name != "records"]
    counted = decisions.group_by(keys).aggregate([("num_records", "sum")])
    counted = counted.rename_columns({"num_records_sum": "records"}).select(COUNTS.names)
    return counted.cast(COUNTS).sort_by([(key, "ascending") for key in keys])


def funnel(counts: pa.Table, rules: Sequence[RuleConfig], expected_records: int) -> dict[str, Any]:
    """The plain form of `funnel.json`, from `COUNTS`.

    - `records`: in, kept, dropped, failed; `documents`: the same without what was skipped at ingest or failed;
    - `failed_by_error`: records by error code;
    - `steps`: in order of application, how many records each rule was the first to drop, and how many remain after it;
      every recipe rule is listed, with 0 too;
    - `by_source`, `by_category`: in, kept, dropped, failed.

    Raises BooksDoNotBalance when the records are not `expected_records`, or a verdict or rule is unknown.
    """
    rows = counts.to_pylist()
    totals = _totals(rows)
    _balance(rows, totals, rules, expected_records)
    failed = Counter[str]()
    dropped = Counter[str]()
    for row in rows:
        {FAILED: failed, DROPPED: dropped}.get(row["verdict"], Counter())[row["rule"]] += row["records"]
    ingest = sorted(name for name in dropped if name.startswith(f"{INGEST_FAMILY}."))
    order = [*ingest, *(rule.name for rule in rules), EXACT_RULE, NEAR_RULE]
    skipped = sum(dropped[name] for name in ingest)
    return {
        "records": totals,
        "documents": {
            "in": totals["in"] - totals["failed"] - skipped,
            "kept": totals["kept"],
            "dropped": totals["dropped"] - skipped,
        },
        "failed_by_error": dict(sorted(failed.items())),
        "steps": list(_steps(order, dropped, totals["in"] - totals["failed"])),
        "by_source": _split(rows, "source"),
        "by_category": _split(rows, "category"),
    }


def _decided(ruled: pa.Table, settled: pa.Table, dedup: DedupConfig) -> pa.Table:
    """`DECISIONS`: what passed the rules and is not the one that stands for its duplicates is dropped."""
    removed = settled.filter(pc.is_in(settled["kind"], value_set=pa.array([EXACT, NEAR])))
    ruled, removed = ruled.combine_chunks(), removed.combine_chunks()
    places = pc.index_in(ruled["doc_id"], value_set=removed["doc_id"])
    is_kept = pc.equal(ruled["verdict"], KEPT)
    places = pc.if_else(is_kept, places, pa.scalar(None, places.type))
    is_removed = pc.is_valid(places)
    rule = pc.if_else(pc.equal(removed["kind"], EXACT), EXACT_RULE, NEAR_RULE).take(places)
    similarity = pa.array([written(value) for value in removed["similarity"].to_pylist()], pa.string()).take(places)
    columns = {
        **{name: ruled[name] for name in IDENTITY_NAMES},
        "verdict": pc.if_else(is_removed, DROPPED, ruled["verdict"]),
        "rule": pc.if_else(is_removed, rule, ruled["rule"]),
        "value": pc.if_else(is_removed, similarity, ruled["value"]),
        "limit": pc.if_else(is_removed, written(dedup.min_similarity), ruled["limit"]),
        "survivor": removed["survivor"].take(places),
        "failed_rules": _failed_or_removed(ruled["failed_rules"], rule),
    }
    return pa.table({name: columns[name] for name in DECISIONS.names}, schema=DECISIONS)


def _failed_or_removed(failed: pa.ChunkedArray, rule: pa.ChunkedArray) -> pa.ListArray:
    """`failed` with the rule of duplicates, one a row or null, in the lists that are empty."""
    lists = failed.combine_chunks()
    rules = rule.combine_chunks() if isinstance(rule, pa.ChunkedArray) else rule
    counts = pc.list_value_length(lists).to_numpy(zero_copy_only=False).astype(np.int64)
    removed = np.flatnonzero(_flags(pc.is_valid(rules)))
    texts = pa.concat_arrays([lists.flatten(), rules.take(pa.array(removed))])
    rows = np.concatenate([np.repeat(np.arange(len(counts)), counts), removed])
    counts[removed] += 1
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), texts.take(pa.array(np.argsort(rows, kind="stable"))))


def _totals(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    totals = {"in": sum(row["records"] for row in rows)}
    for verdict in VERDICTS:
        totals[verdict] = sum(row["records"] for row in rows if row["verdict"] == verdict)
    return totals


def _split(rows: Sequence[Mapping[str, Any]], key: str) -> dict[str, dict[str, int]]:
    return {name: _totals([row for row in rows if row[key] == name]) for name in sorted({row[key] for row in rows})}


def _steps(order: Sequence[str], dropped: Mapping[str, int], remaining: int) -> Iterator[dict[str, Any]]:
    for rule in order:
        remaining -= dropped[rule]
        yield {"rule": rule, "dropped": dropped[rule], "remaining": remaining}


def _balance(
    rows: Sequence[Mapping[str, Any]], totals: Mapping[str, int], rules: Sequence[RuleConfig], expected_records: int
) -> None:
    if totals["in"] != expected_records:
        raise BooksDoNotBalance(f"judge: {expected_records} records went in, {totals['in']} have a decision")
    if totals["in"] != sum(totals[verdict] for verdict in VERDICTS):
        unknown = sorted({row["verdict"] for row in rows} - set(VERDICTS))
        raise BooksDoNotBalance(f"judge: records have the unknown verdicts {', '.join(unknown)}")
    known = {rule.name for rule in rules} | {EXACT_RULE, NEAR_RULE}
    for row in rows:
        if row["verdict"] == DROPPED and row["rule"] not in known and not str(row["rule"]).startswith(INGEST_FAMILY):
            raise BooksDoNotBalance(
                f"judge: {row['records']} records were dropped by {row['rule']!r}, no rule there is"
            )
