"""What a curation engineer wants first: the headline figures, and what in a run deserves a look."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.report import funnel
from pipelines.report.numbers import full, plural, share, short
from pipelines.report.run_json import RunSummary
from pipelines.report.statistics import Statistics

MANY_FAILURES = 0.01
"""Part of the input records from which failures are said to stand out (ours)."""

MIXTURE_TOLERANCE = 0.01
"""Part of a category's planned tokens by which the written ones may differ before it is said (ours): the last document
of a pass is written whole."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One headline figure."""

    label: str
    figure: str
    note: str
    kind: str


@dataclass(frozen=True, slots=True)
class Note:
    """One sentence, and where to read on."""

    text: str
    href: str | None = None
    see: str = ""


def headline_tiles(run: RunSummary) -> list[Tile]:
    """Input, judged, kept, tokens, dropped, failed."""
    records, judged = run.records, funnel.documents_judged(run)
    passed_over = sum(cause.records for cause in funnel.reader_rules(run))
    available = sum(row.available_tokens for row in run.mixture)
    tiles = [
        Tile("Records read", short(records.input), f"{short(passed_over)} are no documents", "skipped"),
        Tile("Documents judged", short(judged), f"{share(judged, records.input)} of the records", "rest"),
        Tile("Kept", short(records.kept), f"{share(records.kept, judged)} of the documents", "kept"),
        Tile("Dropped", short(judged - records.kept), f"{share(judged - records.kept, judged)} by a rule", "dropped"),
        Tile("Failed", short(records.failed), f"{share(records.failed, records.input)} of the records", "failed"),
    ]
    if run.mixture:
        note = f"{short(run.tokens_planned)} planned, {short(available)} available"
        tiles.append(Tile("Tokens written", short(run.tokens_written), note, "kept"))
    return tiles


def standouts(run: RunSummary, statistics: Statistics) -> list[Note]:
    """Books, the strongest rules, silent rules, failures and shortfalls, as far as there is something to say."""
    return [*_books(run), *_rules(run, statistics), *_failures(run), *_mixture(run)]


def _books(run: RunSummary) -> list[Note]:
    if run.books.balanced:
        return []
    return [
        Note("The books do not balance: do not use these shards, and run the stages again.", "#timings", "the books")
    ]


def _rules(run: RunSummary, statistics: Statistics) -> list[Note]:
    rules, judged = funnel.judge_rules(run), funnel.documents_judged(run)
    strongest = sorted((rule for rule in rules if rule.records), key=lambda rule: -rule.records)[:3]
    notes = []
    if strongest:
        said = ", ".join(f"{rule.rule} ({full(rule.records)}, {share(rule.records, judged)})" for rule in strongest)
        notes.append(Note(f"The rules that drop most: {said}.", "#rules", "all rules"))
    own = {rule.rule for rule in rules if rule.expression is not None}
    alone = {name: reach.alone for name, reach in statistics.reach.items() if reach.alone and name in own}
    if alone:
        name = max(sorted(alone), key=lambda rule: alone[rule])
        notes.append(
            Note(f"Removing {name}, and nothing else, would bring back up to {plural(alone[name], 'document')}.")
        )
    silent = [rule.rule for rule in rules if not rule.records]
    if silent:
        would = [name for name in silent if statistics.reach.get(name) and statistics.reach[name].would_drop]
        said = ", ".join(silent[:8]) + (f" and {len(silent) - 8} more" if len(silent) > 8 else "")
        hidden = f"; {', '.join(would)} only found what earlier rules had dropped" if would else ""
        notes.append(Note(f"{plural(len(silent), 'rule')} dropped nothing: {said}{hidden}."))
    return notes


def _failures(run: RunSummary) -> list[Note]:
    failed = run.records.failed
    if not failed:
        return []
    code = max(sorted(run.failed_by_error), key=lambda name: run.failed_by_error[name])
    part = share(failed, run.records.input)
    much = ", which is much" if failed > MANY_FAILURES * run.records.input else ""
    text = f"{plural(failed, 'record')} failed ({part}{much}), most with {code} ({full(run.failed_by_error[code])})."
    return [Note(text, "#errors", "the errors")]


def _mixture(run: RunSummary) -> list[Note]:
    notes = []
    short_by = sum(row.shortfall_tokens for row in run.mixture)
    if short_by:
        target = sum(row.target_tokens for row in run.mixture)
        said = ", ".join(
            f"{row.category} ({short(row.shortfall_tokens)})" for row in run.mixture if row.shortfall_tokens
        )
        text = (
            f"The mixture is short by {full(short_by)} tokens, {share(short_by, target)} of what was asked for: {said}."
        )
        notes.append(Note(text, "#mixture", "the mixture"))
    for row in run.mixture:
        if run.shards and abs(row.written_tokens - row.planned_tokens) > MIXTURE_TOLERANCE * row.planned_tokens:
            text = f"{row.category}: {full(row.planned_tokens)} tokens planned, {full(row.written_tokens)} written."
            notes.append(Note(text, "#mixture", "the mixture"))
    return notes
