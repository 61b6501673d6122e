"""What `gristmill peek` shows: a run's figures, a list of documents, one document, as lines of text."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click
import pyarrow as pa

from jobs.terminal import Column, side_by_side, table
from pipelines.inspection import DocumentView, Listed, Overview
from pipelines.report.excerpts import benchmark_match, find_span, one_line, visible
from pipelines.report.numbers import full, measured, share, size
from pipelines.signals import schema

ID_DIGITS = 12
"""Digits of an id in a listing: 48 bits, so among 10**9 documents one in 300,000 ids needs more."""

_GROUPS: Mapping[str, Sequence[pa.Field]] = {
    "Language": schema.LANGUAGE,
    "Sizes": schema.SIZES,
    "Gopher quality": schema.GOPHER_QUALITY,
    "Gopher repetition": schema.GOPHER_REPETITION,
    "C4": schema.C4,
    "FineWeb": schema.FINEWEB,
    "Characters": schema.CHARACTERS,
    "Structure": schema.STRUCTURE,
    "Benchmarks": schema.BENCHMARKS,
}


def screen_height() -> int:
    """Lines of the terminal."""
    return shutil.get_terminal_size().lines


def overview_lines(view: Overview, uri: str, width: int | None) -> Iterator[str]:
    """Figures of a run; `width` is the terminal's."""
    records, total = view.records, view.records["in"]
    yield click.style(uri, bold=True)
    yield ""
    yield f"{full(total)} records"
    for name in ("kept", "dropped", "skipped", "failed"):
        if name in records:
            yield f"{full(records[name]):>{len(full(total))}} {name} ({share(records[name], total)})"
    yield from _counted("Dropped by rule", view.dropped_by_rule, total, width)
    yield from _counted("Failed by error", view.failed_by_error, total, width)
    if view.by_category:
        columns = [Column("Category"), *(Column(name, True) for name in ("Records", "Kept", "Dropped", "Failed"))]
        rows = [
            [name, *(full(counts[key]) for key in ("in", "kept", "dropped", "failed"))]
            for name, counts in view.by_category.items()
        ]
        yield ""
        yield from table(columns, rows, width)
    columns = [Column("Dataset"), Column("Rows", True), Column("Size", True)]
    yield ""
    yield from table(columns, [[name, full(rows), size(n)] for name, (rows, n) in view.datasets.items()], width)


def _counted(title: str, counts: Mapping[str, int], total: int, width: int | None) -> Iterator[str]:
    if not counts:
        return
    yield ""
    columns = [Column(title, share=1), Column("Records", True), Column("Share", True)]
    yield from table(columns, [[name, full(n), share(n, total)] for name, n in counts.items()], width)


def listing_lines(listed: Sequence[Listed], width: int | None) -> Iterator[str]:
    """A table of documents, with only the columns that say something."""
    rules = {entry.rule for entry in listed}
    optional: list[tuple[Column, list[str]]] = [
        (Column("Verdict"), [entry.verdict for entry in listed]),
        (Column("Rule", share=4), [entry.rule or "" for entry in listed]),
        (Column("Value", share=3), [measured(entry.value) if entry.value is not None else "" for entry in listed]),
        (Column("Limit", share=1), [measured(entry.limit) if entry.limit is not None else "" for entry in listed]),
        (Column("Records", True), [full(entry.num_records) for entry in listed]),
        (Column("Lang"), [entry.language or "" for entry in listed]),
        (Column("Words", True), ["" if entry.num_words is None else full(entry.num_words) for entry in listed]),
        (Column("Category"), [entry.category for entry in listed]),
        (Column("Title", share=3), [entry.title or "" for entry in listed]),
        (Column("Address", share=4), [entry.url or entry.container for entry in listed]),
    ]
    used = [(column, cells) for column, cells in optional if _says_something(column.title, cells)]
    if len(rules) == 1 and listed[0].rule is not None:
        yield click.style(f"{listed[0].verdict}: {one_line(listed[0].rule)}", bold=True)
    columns = [Column("Id"), *(column for column, _ in used)]
    rows = [[entry.doc_id[:ID_DIGITS], *(cells[number] for _, cells in used)] for number, entry in enumerate(listed)]
    yield from table(columns, rows, width)


def _says_something(title: str, cells: Sequence[str]) -> bool:
    if title == "Records":
        return set(cells) != {"1"}
    return any(cells) and (title not in ("Verdict", "Rule", "Category") or len(set(cells)) > 1)


def document_lines(view: DocumentView, text: str | None, width: int | None) -> Iterator[str]:
    """All that is known of a document, then its text with the words it shares with a benchmark between ⟦ and ⟧."""
    document, signals = view.document, view.signals or {}
    yield click.style(one_line(document["title"] or "(no title)"), bold=True)
    yield from _facts(_source(view))
    yield ""
    yield from _facts(_decision(view))
    yield from _facts(_duplicates(view))
    span = None
    for words in (13, 7):
        match = benchmark_match(signals, ngram_words=words)
        if match is not None:
            yield from _facts(
                [(f"{words}-gram match", f"{match.item}: {match.strength}"), ("shared words", match.span)]
            )
            span = span or match.span
    for title, fields in _GROUPS.items():
        named = [(field.name, signals.get(field.name)) for field in fields]
        entries = [(name, _signal(value)) for name, value in named if value is not None and not name.endswith("_span")]
        if entries:
            yield ""
            yield click.style(title, bold=True)
            yield from side_by_side(entries, width)
    yield ""
    yield _text(text, span)


def _source(view: DocumentView) -> list[tuple[str, str | None]]:
    document = view.document
    place = document["container"]
    if document["offset"] is not None:
        place += f", offset {full(document['offset'])}"
    if document["length"] is not None:
        place += f", {size(document['length'])}"
    return [
        ("id", document["doc_id"]),
        ("url", document["url"]),
        ("source", f"{document['source']}, {document['category']}"),
        ("record", place),
        ("stored in", f"documents/{view.key.part}, row {full(view.key.row)}"),
        ("media type", document["media_type"]),
        ("date", document["date"]),
        ("license", document["license"]),
        ("metadata", document["metadata"]),
        ("records", full(document["num_records"]) if document["num_records"] != 1 else None),
    ]


def _decision(view: DocumentView) -> list[tuple[str, str | None]]:
    document, decision = view.document, view.decision
    if decision is None:
        if document["error"] is not None:
            return [("failed", f"{document['error']}: {document['error_detail'] or ''}")]
        if document["skip_reason"] is not None:
            return [("passed over", f"ingest.{document['skip_reason']}: {document['skip_value'] or ''}")]
        return [("verdict", "not judged yet")]
    said = decision["verdict"]
    if decision["rule"] is not None:
        said += f" by {decision['rule']}" if said == "dropped" else f": {decision['rule']}"
    detail = decision["value"]
    if detail is not None:
        said += f": measured {measured(detail)}" if decision["limit"] is not None else f": {detail}"
    if decision["limit"] is not None:
        said += f", limit {measured(decision['limit'])}"
    others = [rule for rule in decision["failed_rules"] or () if rule != decision["rule"]]
    return [("verdict", said), ("also true", ", ".join(others) or None)]


def _duplicates(view: DocumentView) -> list[tuple[str, str | None]]:
    facts: list[tuple[str, str | None]] = []
    if view.duplicate is not None:
        row = view.duplicate
        similar = "" if row["similarity"] is None else f", similarity {row['similarity']:.2f}"
        facts.append(("duplicates", f"{row['kind']} in a cluster of {full(row['cluster_size'])}{similar}"))
    if view.survivor is not None:
        survivor = view.survivor
        facts.append(("survivor", f"{survivor['doc_id']} {survivor['url'] or ''} {survivor['title'] or ''}"))
    for copy in view.copies:
        similar = "" if copy["similarity"] is None else f" {copy['similarity']:.2f}"
        facts.append(("stands for", f"{copy['doc_id']} {copy['kind']}{similar}"))
    return facts


def _facts(facts: Sequence[tuple[str, str | None]]) -> Iterator[str]:
    for name, value in facts:
        if value is not None:
            yield f"{name:>14}  {one_line(value)}"


def _signal(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return full(value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _text(text: str | None, span: str | None) -> str:
    if text is None:
        return "(no text)"
    place = find_span(text, span) if span else None
    if place is None:
        return visible(text)
    start, end = place
    found = click.style(f"⟦{visible(text[start:end])}⟧", bold=True)
    return visible(text[:start]) + found + visible(text[end:])
