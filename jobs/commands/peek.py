"""`gristmill peek`: look into a run from the terminal. No Spark; reads what the question needs.

Data goes to stdout, as text for people or as newline-delimited JSON; what is said about it goes to stderr.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from difflib import get_close_matches
from typing import Any

import click

from jobs import peek_pages
from jobs.terminal import output_width
from pipelines.errors import RecipeError
from pipelines.inspection import (
    DocumentView,
    Listed,
    Overview,
    Selection,
    find_document,
    overview,
    read_text,
    select_documents,
)
from pipelines.report.excerpts import visible
from pipelines.schemas import CATEGORIES, DROPPED, FAILED, KEPT
from pipelines.storage import Storage, open_storage

_ACTS_ON_TERMINALS = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@click.command()
@click.argument("run", metavar="RUN")
@click.argument("doc_id", metavar="[DOC_ID]", required=False)
@click.option("--rule", help="List what this rule was the first to drop.")
@click.option("--kept", is_flag=True, help="List kept documents.")
@click.option("--dropped", is_flag=True, help="List dropped documents.")
@click.option("--failed", is_flag=True, help="List failed records.")
@click.option("--error", help="List the records that failed with this error code.")
@click.option("--language", help="Only documents in this language (lid.176 code: en, de, zh).")
@click.option("--category", type=click.Choice(CATEGORIES), help="Only documents of this category.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="Most documents to list.")
@click.option("--sample", type=int, metavar="SEED", help="List a random sample instead of the first as stored.")
@click.option("--nl", is_flag=True, help="Newline-delimited JSON.")
@click.option("--text", "only_text", is_flag=True, help="With DOC_ID: its text and nothing else.")
def peek(
    run: str, doc_id: str | None, *, limit: int, sample: int | None, nl: bool, only_text: bool, **which: Any
) -> None:
    """Look into RUN: its figures, the documents behind them, or one document (DOC_ID, or how it begins)."""
    storage = open_storage(run)
    selection = _selection(**which)
    if doc_id is not None:
        if selection is not None or sample is not None:
            raise click.UsageError("DOC_ID names one document; leave out the options that list several")
        _show_document(storage, doc_id.lower(), nl=nl, only_text=only_text)
        return
    if only_text:
        raise click.UsageError("--text needs a DOC_ID")
    if selection is None and sample is None:
        _show_overview(storage, nl=nl)
        return
    _show_listing(storage, selection or Selection(), limit, sample, nl=nl)


def _selection(
    rule: str | None,
    kept: bool,
    dropped: bool,
    failed: bool,
    error: str | None,
    language: str | None,
    category: str | None,
) -> Selection | None:
    verdicts = {
        "--kept": KEPT if kept else None,
        "--dropped or --rule": DROPPED if dropped or rule else None,
        "--failed or --error": FAILED if failed or error else None,
    }
    chosen = [verdict for verdict in verdicts.values() if verdict is not None]
    if len(chosen) > 1:
        raise click.UsageError("--kept, --dropped (or --rule) and --failed (or --error) exclude each other")
    if not chosen and language is None and category is None:
        return None
    return Selection(chosen[0] if chosen else None, rule or error, category, language)


def _show_overview(run: Storage, *, nl: bool) -> None:
    view = overview(run)
    if nl:
        _write_lines(_overview_records(view))
        return
    _page(peek_pages.overview_lines(view, run.uri, output_width()))
    if not view.is_judged:
        click.echo(f"not judged yet; next: gristmill judge --output {run.uri}", err=True)


def _overview_records(view: Overview) -> Iterable[dict[str, Any]]:
    """One object an outcome; once a run is judged their records add up to the input."""
    if view.is_judged:
        yield {"outcome": KEPT, "name": None, "records": view.records["kept"]}
    for rule, records in view.dropped_by_rule.items():
        yield {"outcome": DROPPED, "name": rule, "records": records}
    for code, records in view.failed_by_error.items():
        yield {"outcome": FAILED, "name": code, "records": records}


def _show_listing(run: Storage, selection: Selection, limit: int, sample: int | None, *, nl: bool) -> None:
    listed = select_documents(run, selection, limit, sample_seed=sample)
    if not listed:
        _explain_nothing(run, selection)
    if nl:
        _write_lines(_listed_record(entry) for entry in listed)
    elif listed:
        _page(peek_pages.listing_lines(listed, output_width()))
    if listed:
        order = "the first as stored; --sample SEED for a random sample" if sample is None else f"sample {sample}"
        click.echo(
            f"{len(listed)} shown ({order}); one of them: gristmill peek {run.uri} {listed[0].doc_id[:12]}", err=True
        )


def _explain_nothing(run: Storage, selection: Selection) -> None:
    """Say that nothing matches; raises RecipeError when no rule or error of the run has the name."""
    view = overview(run)
    known = view.failed_by_error if selection.verdict == FAILED else view.dropped_by_rule
    if selection.rule is not None and selection.rule not in known:
        close = get_close_matches(selection.rule, known, 3, 0.4) or list(known)[:8]
        what, flag = ("error", "--error") if selection.verdict == FAILED else ("rule", "--rule")
        hint = f"; try: gristmill peek {run.uri} {flag} {close[0]}" if close else ""
        raise RecipeError(f"{run.uri} has no {what} {selection.rule!r}: there are {', '.join(known) or 'none'}{hint}")
    click.echo(f"no record matches; all figures: gristmill peek {run.uri}", err=True)


def _listed_record(entry: Listed) -> dict[str, Any]:
    record = asdict(entry)
    record["part"], record["row"] = record.pop("key")
    return record


def _show_document(run: Storage, doc_id: str, *, nl: bool, only_text: bool) -> None:
    view = find_document(run, doc_id)
    text = read_text(run, view.key)
    if nl:
        _write_lines([_document_record(view, text)])
    elif only_text and text is None:
        click.echo(f"{view.document['doc_id']} has no text", err=True)
    elif only_text:
        # As stored (click would strip escapes from a pipe), but a document must not be able to steer a terminal.
        click.echo(visible(text or "") if sys.stdout.isatty() else text, color=True)
    else:
        _page(peek_pages.document_lines(view, text, output_width()))


def _document_record(view: DocumentView, text: str | None) -> dict[str, Any]:
    record = asdict(view)
    record["part"], record["row"] = record.pop("key")
    return record | {"text": text}


def _page(lines: Iterable[str]) -> None:
    """Print, through $PAGER (or less) when stdout is a terminal and the lines don't fit it."""
    text = "\n".join(lines)
    if sys.stdout.isatty() and text.count("\n") + 2 > peek_pages.screen_height():
        click.echo_via_pager(text + "\n")
    else:
        click.echo(text)


def _write_lines(records: Iterable[Mapping[str, Any]]) -> None:
    for record in records:
        line = json.dumps(record, ensure_ascii=False, default=str)
        click.echo(_ACTS_ON_TERMINALS.sub(lambda found: f"\\u{ord(found[0]):04x}", line))
