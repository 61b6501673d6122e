"""`report.html`: one page that holds everything it shows; no script, no request.

The templates and the style sheet lie in `templates/`. Every value is escaped by the template engine, and the page's
content security policy forbids what an escape that went missing could load.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from pipelines.report import charts, funnel, numbers
from pipelines.report.excerpts import differences, one_line
from pipelines.report.highlights import headline_tiles, standouts
from pipelines.report.run_json import Records, RunSummary
from pipelines.report.statistics import Excerpt, Histogram, Sample, Statistics, samples_by_group
from pipelines.schemas import CATEGORIES

MAX_LANGUAGES = 20
"""Languages in the table; the rest is one row."""

MAX_VALUES = 5
"""Values that are named under a cause of the reader."""

MAX_SHARDS = 200
"""Shards in the table; the rest is in run.json."""

PREVIEW_CHARS = 180
"""Characters of a text that are shown before it is opened."""

SECTIONS = (
    ("notes", "Summary"),
    ("funnel", "Funnel"),
    ("rules", "Drop reasons"),
    ("documents", "Documents"),
    ("languages", "Languages"),
    ("lengths", "Lengths"),
    ("duplicates", "Duplicates"),
    ("mixture", "Mixture"),
    ("shards", "Shards"),
    ("timings", "Timings"),
    ("samples", "Samples"),
)


def render_report(run: RunSummary, statistics: Statistics) -> str:
    """The whole page; the same bytes for the same arguments."""
    page = _environment().get_template("report.html")
    return page.render(_FORMATTERS | _figures(run, statistics) | _plots(run, statistics) | _samples(run, statistics))


@cache
def _environment() -> Environment:
    """The template engine, so that templates are compiled once."""
    return Environment(loader=FunctionLoader(_template), autoescape=True, undefined=StrictUndefined, trim_blocks=True)


def _template(name: str) -> str:
    return (resources.files("pipelines.report") / "templates" / name).read_text(encoding="utf-8")


def _figures(run: RunSummary, statistics: Statistics) -> dict[str, Any]:
    languages = _languages(statistics.languages)
    rules, steps = funnel.judge_rules(run), funnel.funnel_steps(run)
    return {
        "css": Markup(_template("report.css")),
        "run": run,
        "statistics": statistics,
        "sections": SECTIONS,
        "tiles": headline_tiles(run),
        "notes": standouts(run, statistics),
        "steps": steps,
        "reading": [step for step in steps if step.kind in ("skipped", "failed")],
        "judging": [step for step in steps if step.kind not in ("skipped", "failed")],
        "rules": rules,
        "judged": funnel.documents_judged(run),
        "largest_rule": max((rule.records for rule in rules), default=0),
        "reach": statistics.reach,
        "causes": funnel.reader_rules(run),
        "skip_words": {rule: _most(values) for rule, values in statistics.skip_values.items()},
        "largest_error": max(run.failed_by_error.values(), default=0),
        "languages": languages[:MAX_LANGUAGES] + _rest(languages[MAX_LANGUAGES:]),
        "other_languages": len(languages[MAX_LANGUAGES:]),
        "largest_language": max((sum(counts.values()) for _, counts in languages), default=0),
        "duplicate_words": _duplicate_words(statistics.duplicates),
        "available_tokens": sum(row.available_tokens for row in run.mixture),
        "target_tokens": sum(row.target_tokens for row in run.mixture),
        "shortfall_tokens": sum(row.shortfall_tokens for row in run.mixture),
        "shards": run.shards[:MAX_SHARDS],
        "shards_left_out": len(run.shards) > MAX_SHARDS,
        "total_seconds": sum(stage.seconds for stage in run.stages),
        "longest_stage": max((stage.seconds for stage in run.stages), default=0),
    }


def _languages(languages: Mapping[str, Mapping[str, int]]) -> list[tuple[str, Mapping[str, int]]]:
    named = [(name or "none found", counts) for name, counts in languages.items()]
    return sorted(named, key=lambda entry: (-sum(entry[1].values()), entry[0]))


def _rest(languages: list[tuple[str, Mapping[str, int]]]) -> list[tuple[str, Mapping[str, int]]]:
    total: dict[str, int] = {}
    for _, counts in languages:
        for verdict, count in counts.items():
            total[verdict] = total.get(verdict, 0) + count
    return [("others", total)] if languages else []


def _duplicate_words(duplicates: Mapping[str, int]) -> str:
    def some(kind: str, noun: str) -> str:
        return numbers.plural(duplicates.get(kind, 0), noun)

    said = f"{some('exact', 'exact copy')} and {some('near', 'near duplicate')} of {some('survivor', 'document')}."
    if duplicates.get("unverified"):
        said += (
            f" {some('unverified', 'document')} shared a band with a cluster but resembled none of its survivors, "
            "and so were not removed as duplicates."
        )
    return said


def _most(values: Mapping[str, int]) -> str:
    """The commonest values with their counts."""
    order = sorted(values.items(), key=lambda entry: (-entry[1], entry[0]))
    said = [f"{one_line(value)} {numbers.full(count)}" for value, count in order[:MAX_VALUES]]
    return ", ".join(said + ([f"{numbers.full(len(order) - MAX_VALUES)} more"] if len(order) > MAX_VALUES else []))


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot with its caption."""

    title: str
    note: str
    svg: Markup


def _plots(run: RunSummary, statistics: Statistics) -> dict[str, Any]:
    similarities = statistics.similarities
    return {
        "plots": _distributions(statistics.histograms),
        "category_plots": _category_distributions(statistics.histograms),
        "similarity_plot": charts.histogram(
            similarities, "Documents by similarity to their survivor", limits=(0.7, 1.0)
        )
        if similarities
        else "",
        "mixture_plot": charts.grouped_bars(
            [
                (
                    row.category,
                    (
                        ("asked for", "target", row.target_tokens),
                        ("planned", "planned", row.planned_tokens),
                        ("written", "written", row.written_tokens),
                    ),
                )
                for row in run.mixture
            ],
            "Tokens asked for, planned and written in each category; the table below has the figures",
            "",
        ),
    }


_DISTRIBUTIONS: Mapping[str, tuple[str, tuple[float, float] | None]] = {
    "num_words": ("Words in a document", None),
    "num_chars": ("Characters in a document", None),
    "language_score": ("Confidence of the language", (0.0, 1.0)),
    "compression_ratio": ("Compression ratio", None),
}
"""Signal → its title, and values that its axis includes."""


def _distributions(histograms: Mapping[str, Histogram]) -> list[Plot]:
    """One plot of each signal over all documents."""
    plots = []
    for name, (title, limits) in _DISTRIBUTIONS.items():
        if name in histograms:
            shape = histograms[name]
            plots.append(Plot(title, _medians(shape, None), charts.histogram(shape, title, limits=limits)))
    return plots


def _category_distributions(histograms: Mapping[str, Histogram]) -> list[Plot]:
    """Words of all documents and tokens of the kept ones, by category, on the same axis."""
    plots = []
    for category in CATEGORIES:
        for name, noun in (("num_words", "words"), ("num_tokens", "tokens of kept documents")):
            shape = histograms.get(name)
            if shape is not None and category in shape.categories():
                title = f"{category}: {noun}"
                svg = charts.histogram(shape, title, category=category, limits=shape.ends())
                plots.append(Plot(title, _medians(shape, category), svg))
    return plots


def _medians(shape: Histogram, category: str | None) -> str:
    said = []
    for verdict, bins in sorted(shape.by_verdict(category).items(), reverse=True):
        median = shape.median(bins)
        if median is not None:
            said.append(f"{verdict} about {numbers.short(float(f'{median:.2g}'))}")
    return f"median: {', '.join(said)}" if said else ""


def _samples(run: RunSummary, statistics: Statistics) -> dict[str, Any]:
    judged_first = [rule.rule for rule in (*funnel.judge_rules(run), *funnel.reader_rules(run))]
    dropped = _in_order(samples_by_group(statistics.samples, "dropped"), judged_first)
    failed = _in_order(samples_by_group(statistics.samples, "failed"), list(run.failed_by_error))
    taken = {id for id, _ in SECTIONS} | {"kept", "reader", "errors"}
    counts = {rule.rule: rule.records for rule in run.dropped_by_rule}
    return {
        "kept": [sample for sample in statistics.samples if sample.verdict == "kept"],
        "dropped": dropped,
        "failed": failed,
        "dropped_ids": _anchors("dropped", dropped, taken),
        "failed_ids": _anchors("failed", failed, taken),
        "count_of": lambda rule: counts.get(rule, len(dropped[rule])),
    }


def _in_order(groups: dict[str, list[Sample]], order: list[str]) -> dict[str, list[Sample]]:
    place = {name: number for number, name in enumerate(order)}
    return dict(sorted(groups.items(), key=lambda group: (place.get(group[0], len(place)), group[0])))


def _anchors(prefix: str, names: Mapping[str, object], taken: set[str]) -> dict[str, str]:
    """An id for each name that is not in `taken`, and is added to it."""
    anchors = {}
    for name in names:
        anchor = f"{prefix}-" + "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in name)
        while anchor in taken:
            anchor += "-"
        taken.add(anchor)
        anchors[name] = anchor
    return anchors


def _largest_of(table: Mapping[str, Records]) -> int:
    return max((records.input for records in table.values()), default=0)


def _kind_of(rule: str) -> str:
    return funnel.kind_of_family(funnel.family(rule))


def _when(timestamp: str) -> str:
    return datetime.fromisoformat(timestamp).strftime("%Y-%m-%d %H:%M UTC")


def _breakable(name: str) -> Markup:
    """A long name that may break after its dots and underscores."""
    parts = re.split(r"(?<=[._])(?=[A-Za-z])", name)
    return Markup("<wbr>").join(parts)


def _preview(excerpt: Excerpt) -> str:
    """The first words of an excerpt, on one line."""
    words = one_line(excerpt.text[: PREVIEW_CHARS + 1])
    cut = len(excerpt.text) > PREVIEW_CHARS or excerpt.cut_after
    return f"{words[:PREVIEW_CHARS]}…" if cut else words


def _web(url: str) -> bool:
    """Whether a page may link to it: http and https only, never `javascript:` or `data:`."""
    try:
        return urlsplit(url).scheme in ("http", "https")
    except ValueError:
        return False


_FORMATTERS: dict[str, Callable[..., Any]] = {
    "full": numbers.full,
    "short": numbers.short,
    "share": numbers.share,
    "size": numbers.size,
    "duration": numbers.duration,
    "measured": numbers.measured,
    "plural": numbers.plural,
    "waterfall": charts.waterfall,
    "bar": charts.bar,
    "stacked_bar": charts.stacked_bar,
    "one_line": one_line,
    "differences": differences,
    "largest_of": _largest_of,
    "kind_of": _kind_of,
    "when": _when,
    "web": _web,
    "breakable": _breakable,
    "preview": _preview,
}
