"""Look into a run without Spark: find documents, and read all that is known of one.

Only the columns and row groups that a question needs are read. Cost: a listing stops when it has enough; a look-up by
id reads the id column of `decisions` (about 20 bytes a document). Blind spot: a listing in stored order is no sample;
`sample_seed` makes it one, and reads the ids of all that match.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import xxhash

from pipelines.errors import DocumentNotFound, MissingDataset
from pipelines.manifests import Dataset, read_dataset, require_dataset
from pipelines.schemas import (
    CONTAINER_END,
    DECISIONS,
    DOCUMENTS,
    DROPPED,
    DUPLICATES,
    FAILED,
    IDENTITY,
    KEPT,
    SIGNALS_OUTCOME,
)
from pipelines.storage import Storage

UNDECIDED: Final = "undecided"
"""Verdict of a document in a run that has not been judged."""

ID_DIGITS: Final = 32
MAX_COPIES: Final = 20
"""Duplicates of one survivor that are listed."""

_BATCH_ROWS: Final = 64
_READERS: Final = 8
_CANDIDATES: Final = 20_000
_LISTED: Final = ("url", "title")
_DIGESTS: Final = frozenset({"exact_digest", "minhash_bands", "minhash_sketch"})


class RowKey(NamedTuple):
    """Where the row of a document lies in `documents`."""

    part: str
    row: int


@dataclass(frozen=True, slots=True)
class Selection:
    """Which records to list; None leaves a question open."""

    verdict: str | None = None
    rule: str | None = None
    """Name of the rule that dropped it, or code of the error that it failed with."""
    category: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One record of a listing."""

    key: RowKey
    doc_id: str
    verdict: str
    rule: str | None
    value: str | None
    limit: str | None
    category: str
    container: str
    num_records: int
    url: str | None = None
    title: str | None = None
    language: str | None = None
    num_words: int | None = None


@dataclass(frozen=True, slots=True)
class DocumentView:
    """All that a run knows of one document, without its text."""

    key: RowKey
    document: Mapping[str, Any]
    decision: Mapping[str, Any] | None
    signals: Mapping[str, Any] | None
    duplicate: Mapping[str, Any] | None
    """Its row of `duplicates`."""
    survivor: Mapping[str, Any] | None
    """`doc_id`, `url` and `title` of the document that stands for it, when that is another."""
    copies: Sequence[Mapping[str, Any]] = ()
    """Rows of `duplicates` of the documents that it stands for, up to `MAX_COPIES`."""


@dataclass(frozen=True, slots=True)
class Overview:
    """What a run holds, from its manifests and `funnel.json` alone."""

    records: Mapping[str, int]
    """in, kept, dropped, failed; before judging only in, skipped and failed."""
    dropped_by_rule: Mapping[str, int]
    """In order of application; before judging the reader's causes only."""
    failed_by_error: Mapping[str, int]
    by_category: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    datasets: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Dataset → rows, bytes."""
    is_judged: bool = False


def overview(run: Storage) -> Overview:
    """The figures of a run; raises MissingDataset when it has no documents."""
    documents = require_dataset(run, "documents")
    names = ("documents", "signals", "duplicates", "decisions", "tokens", "shards")
    there = {name: found.manifest for name in names if (found := read_dataset(run, name)) is not None}
    datasets = {name: (manifest.rows, manifest.bytes) for name, manifest in there.items()}
    if "decisions" in there and run.exists("funnel.json"):
        funnel = json.loads(run.read_bytes("funnel.json"))
        rules = {step["rule"]: step["dropped"] for step in funnel["steps"]}
        by_category = funnel["by_category"]
        return Overview(funnel["records"], rules, funnel["failed_by_error"], by_category, datasets, True)
    counts = documents.manifest.counts
    skipped, failed = counts.get("skipped", {}), counts.get("failed", {})
    records = {"in": counts["records"], "skipped": sum(skipped.values()), "failed": sum(failed.values())}
    return Overview(records, {f"ingest.{reason}": n for reason, n in skipped.items()}, failed, {}, datasets)


def select_documents(run: Storage, selection: Selection, limit: int, *, sample_seed: int | None = None) -> list[Listed]:
    """Up to `limit` records: the first as stored, or with a seed those with the smallest hash of seed and id.

    Raises MissingDataset when the question needs a stage that has not run.
    """
    batches = _decided(run, selection)
    rows = _first(batches, limit) if sample_seed is None else _smallest(batches, limit, sample_seed)
    keys = [RowKey(row["part"], row["row"]) for row in rows]
    documents = read_documents(run, keys, _LISTED)
    signals = read_signals(run, keys, ("language", "num_words"))
    names = ("doc_id", "verdict", "rule", "value", "limit", "category", "container", "num_records")
    return [
        Listed(key, **{name: row[name] for name in names}, **documents[key], **signals.get(key, {}))
        for key, row in zip(keys, rows, strict=True)
    ]


def find_document(run: Storage, doc_id: str) -> DocumentView:
    """The document whose id is, or alone begins with, `doc_id`; raises DocumentNotFound."""
    key, found = _locate(run, doc_id)
    columns = [name for name in DOCUMENTS.names if name != "text"]
    decision = found if read_dataset(run, "decisions") else None
    duplicate, copies = _duplicates(run, found["doc_id"])
    stands_for_it = (decision or {}).get("survivor") or (duplicate or {}).get("survivor")
    return DocumentView(
        key=key,
        document=read_documents(run, [key], columns)[key],
        decision=decision,
        signals=read_signals(run, [key]).get(key),
        duplicate=duplicate,
        survivor=_survivor(run, stands_for_it) if stands_for_it not in (None, found["doc_id"]) else None,
        copies=copies,
    )


def read_text(run: Storage, key: RowKey) -> str | None:
    """The text of a document; None for a record that has none."""
    text: str | None = read_documents(run, [key], ("text",))[key]["text"]
    return text


def read_documents(run: Storage, keys: Iterable[RowKey], columns: Sequence[str]) -> dict[RowKey, dict[str, Any]]:
    """Columns of some rows of `documents`; of each part only the row groups that hold one are read."""
    dataset = require_dataset(run, "documents")
    parts = [(part, [key.row for key in group]) for part, group in groupby(sorted(set(keys)), lambda key: key.part)]

    def read(part: str, rows: Sequence[int]) -> dict[RowKey, dict[str, Any]]:
        with dataset.parts.open_input(part) as stream:
            return {RowKey(part, row): values for row, values in _rows_of(pq.ParquetFile(stream), rows, columns)}

    found: dict[RowKey, dict[str, Any]] = {}
    with ThreadPoolExecutor(_READERS) as pool:
        for rows in pool.map(lambda part: read(*part), parts):
            found |= rows
    return found


def read_signals(
    run: Storage, keys: Iterable[RowKey], columns: Sequence[str] | None = None
) -> dict[RowKey, dict[str, Any]]:
    """Signals of some documents (without digests), by the place of the document; {} before they were measured."""
    dataset = read_dataset(run, "signals")
    wanted = sorted(set(keys))
    if dataset is None or not dataset.manifest.parts or not wanted:
        return {}
    table = _dataset(dataset)
    names = [name for name in table.schema.names if name not in _DIGESTS] if columns is None else list(columns)
    found = {}
    for part, group in groupby(wanted, lambda key: key.part):
        rows = [key.row for key in group]
        here = (ds.field("part") == part) & (ds.field("row") >= rows[0]) & (ds.field("row") <= rows[-1])
        where = here & ds.field("row").isin(pa.array(rows, pa.int32()))
        for batch in table.to_batches(columns=sorted({*names, "row"}), filter=where):
            for values in batch.to_pylist():
                found[RowKey(part, values["row"])] = {name: values[name] for name in names}
    return found


def locate_documents(run: Storage, doc_ids: Iterable[str]) -> dict[str, RowKey]:
    """Where decided documents lie, by their ids; ids that no decision has are left out."""
    wanted = sorted(set(doc_ids))
    if not wanted:
        return {}
    where = ds.field("doc_id").isin(pa.array(wanted, pa.string()))
    batches = _batches(require_dataset(run, "decisions"), ("doc_id", "part", "row"), where)
    return {row["doc_id"]: RowKey(row["part"], row["row"]) for batch in batches for row in batch.to_pylist()}


def _dataset(dataset: Dataset) -> ds.Dataset:
    return ds.dataset(dataset.part_paths(), filesystem=dataset.parts.fs, format="parquet")


def _batches(dataset: Dataset, columns: Sequence[str], where: pc.Expression | None) -> Iterator[pa.RecordBatch]:
    """Matching rows in the order of the parts; a consumer that stops early stops the reading soon."""
    if not dataset.manifest.parts:
        return
    scanner = _dataset(dataset).scanner(
        columns=list(columns), filter=where, batch_readahead=2, fragment_readahead=2, use_threads=True
    )
    for batch in scanner.to_batches():
        if batch.num_rows:
            yield batch


def _rows_of(file: pq.ParquetFile, rows: Sequence[int], columns: Sequence[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Rows by number, ascending, from the row groups that hold them; decoding stops after the last."""
    first, wanted = 0, list(rows)
    for group in range(file.metadata.num_row_groups):
        end = first + file.metadata.row_group(group).num_rows
        inside = [row for row in wanted if first <= row < end]
        start = first
        for batch in file.iter_batches(_BATCH_ROWS, row_groups=[group], columns=list(columns)) if inside else ():
            here = [row for row in inside if start <= row < start + batch.num_rows]
            yield from ((row, batch.slice(row - start, 1).to_pylist()[0]) for row in here)
            start += batch.num_rows
            if start > inside[-1]:
                break
        first = end


def _decided(run: Storage, selection: Selection) -> Iterator[pa.RecordBatch]:
    """Rows of `decisions` that match, or what is known of them before judging."""
    decisions = read_dataset(run, "decisions")
    if decisions is not None:
        where = _where(selection)
        if selection.language is None:
            yield from _batches(decisions, DECISIONS.names, where)
            return
        for ids in _ids_of_language(run, selection.language):
            these = ds.field("doc_id").isin(ids)
            yield from _batches(decisions, DECISIONS.names, these if where is None else where & these)
        return
    if _needs_judge(selection):
        raise MissingDataset(f"{run.uri} has no decisions yet; make them with: gristmill judge --output {run.uri}")
    if selection.language is not None and read_dataset(run, "signals") is None:
        raise MissingDataset(f"{run.uri} has no signals yet; make them with: gristmill measure --output {run.uri}")
    for batch in _undecided(run, selection.language):
        where = _where(selection)
        table = pa.Table.from_batches([batch])
        yield from (table if where is None else table.filter(where)).to_batches()


def _needs_judge(selection: Selection) -> bool:
    """Whether only decisions can answer: what failed and what the reader passed over is known before."""
    if selection.rule is None:
        return selection.verdict == KEPT
    return selection.verdict != FAILED and not selection.rule.startswith("ingest.")


def _where(selection: Selection) -> pc.Expression | None:
    where = None
    for name in ("verdict", "rule", "category"):
        value = getattr(selection, name)
        if value is not None:
            term = ds.field(name) == value
            where = term if where is None else where & term
    return where


def _ids_of_language(run: Storage, language: str) -> Iterator[pa.Array]:
    """Ids of the documents in a language, some thousands at a time."""
    pending: list[pa.Array] = []
    for batch in _batches(require_dataset(run, "signals"), ["doc_id"], ds.field("language") == language):
        pending.append(batch["doc_id"])
        if sum(map(len, pending)) >= _CANDIDATES:
            yield pa.concat_arrays(pending)
            pending = []
    if pending:
        yield pa.concat_arrays(pending)


def _undecided(run: Storage, language: str | None) -> Iterator[pa.RecordBatch]:
    """Every record but the closing rows of containers, in the columns of `decisions`, from signals or documents."""
    signals = read_dataset(run, "signals")
    outcome = [field.name for field in SIGNALS_OUTCOME]
    identity = [field.name for field in IDENTITY if field.name not in ("part", "row")]
    if signals is not None:
        where = None if language is None else ds.field("language") == language
        for batch in _batches(signals, [*identity, "part", "row", *outcome], where):
            yield from _as_decisions(batch)
        return
    documents = require_dataset(run, "documents")
    for part in documents.manifest.parts:
        first = 0
        with documents.parts.open_input(part.name) as stream:
            for batch in pq.ParquetFile(stream).iter_batches(columns=[*identity, *outcome]):
                numbers = pa.array(range(first, first + batch.num_rows), pa.int32())
                placed = batch.append_column("part", pa.array([part.name] * batch.num_rows))
                yield from _as_decisions(placed.append_column("row", numbers))
                first += batch.num_rows


def _as_decisions(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    rows = []
    for row in batch.to_pylist():
        if row["skip_reason"] == CONTAINER_END:
            continue
        found = {"verdict": UNDECIDED, "failed_rules": []}
        if row["error"] is not None:
            found = {"verdict": FAILED, "rule": row["error"], "value": row["error_detail"]}
        elif row["skip_reason"] is not None:
            found = {"verdict": DROPPED, "rule": f"ingest.{row['skip_reason']}", "value": row["skip_value"]}
        rows.append({name: row.get(name) for name in DECISIONS.names} | found)
    if rows:
        yield pa.RecordBatch.from_pylist(rows, DECISIONS)


def _first(batches: Iterator[pa.RecordBatch], limit: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for batch in batches:
        rows += batch.slice(0, limit - len(rows)).to_pylist()
        if len(rows) >= limit:
            break
    return rows


def _smallest(batches: Iterator[pa.RecordBatch], limit: int, seed: int) -> list[dict[str, Any]]:
    best: list[tuple[int, str, dict[str, Any]]] = []
    for batch in batches:
        ids = batch["doc_id"].to_pylist()
        hashes = [xxhash.xxh3_64_intdigest(f"{seed}\0{doc_id}") for doc_id in ids]
        order = sorted(range(len(ids)), key=hashes.__getitem__)[:limit]
        best += [(hashes[i], ids[i], batch.slice(i, 1).to_pylist()[0]) for i in order]
        best = sorted(best, key=lambda entry: entry[:2])[:limit]
    return [row for _, _, row in best]


def _locate(run: Storage, prefix: str) -> tuple[RowKey, dict[str, Any]]:
    """Place and known columns of the one document whose id begins with `prefix`."""
    decisions = read_dataset(run, "decisions")
    matches = ds.field("doc_id") >= prefix
    if prefix:
        matches &= ds.field("doc_id") < f"{prefix}g"  # past the hexadecimal digits
    if decisions is not None:
        batches = _batches(decisions, DECISIONS.names, matches)
    else:
        batches = (
            b for each in _undecided(run, None) for b in pa.Table.from_batches([each]).filter(matches).to_batches()
        )
    rows = _first(batches, 1 if len(prefix) == ID_DIGITS else 2)
    if not rows:
        raise DocumentNotFound(
            f"{run.uri} has no document {prefix!r}; list some with: gristmill peek {run.uri} --limit 20"
        )
    if len(rows) > 1:
        ids = " and ".join(row["doc_id"] for row in rows)
        raise DocumentNotFound(f"{prefix!r} is not the start of one id alone: {ids} both fit; give more digits")
    return RowKey(rows[0]["part"], rows[0]["row"]), rows[0]


def _duplicates(run: Storage, doc_id: str) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    dataset = read_dataset(run, "duplicates")
    if dataset is None:
        return None, []
    either = (ds.field("doc_id") == doc_id) | (ds.field("survivor") == doc_id)
    rows = _first(_batches(dataset, DUPLICATES.names, either), MAX_COPIES + 1)
    own = next((row for row in rows if row["doc_id"] == doc_id), None)
    return own, [row for row in rows if row["doc_id"] != doc_id]


def _survivor(run: Storage, doc_id: str) -> dict[str, Any]:
    key, _ = _locate(run, doc_id)
    return read_documents(run, [key], ("doc_id", "url", "title"))[key]
