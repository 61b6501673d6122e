"""The funnel of a run: where input records leave, in the order in which they are asked."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.report.charts import Step
from pipelines.report.numbers import plural
from pipelines.report.run_json import RuleCount, RunSummary

READER = "ingest."
"""Prefix of the rules that stand for the reader's causes."""

_KINDS = {"dedup": "duplicate", "duplicate": "duplicate", "benchmark": "benchmark", "decontamination": "benchmark"}

MAX_READER_STEPS = 6
"""Causes of the reader that get a step of their own; the rest share one."""

_READER_WORDS = {
    "not_response": "Not a response (requests, metadata)",
    "container_end": "End of container",
}


def reader_rules(summary: RunSummary) -> list[RuleCount]:
    """What the reader passed over, most first."""
    causes = [rule for rule in summary.dropped_by_rule if rule.rule.startswith(READER)]
    return sorted(causes, key=lambda rule: (-rule.records, rule.rule))


def judge_rules(summary: RunSummary) -> list[RuleCount]:
    """The recipe's rules with what they dropped, in the order in which they are asked."""
    return [rule for rule in summary.dropped_by_rule if not rule.rule.startswith(READER)]


def documents_judged(summary: RunSummary) -> int:
    """Records that were documents and were measured, so that the rules were asked of them."""
    passed_over = sum(rule.records for rule in reader_rules(summary))
    return summary.records.input - passed_over - summary.records.failed


def family(rule: str) -> str:
    """`gopher` of `gopher.too_few_words`."""
    return rule.partition(".")[0]


def funnel_steps(summary: RunSummary) -> list[Step]:
    """Skipped by cause, failed, dropped by rule family, kept; what is removed adds up to the input."""
    left = summary.records.input
    steps: list[Step] = []

    def add(label: str, kind: str, removed: int, href: str | None, note: str = "") -> None:
        nonlocal left
        if removed:
            steps.append(Step(label, kind, left, removed, href, note))
            left -= removed

    causes = reader_rules(summary)
    for cause in causes[:MAX_READER_STEPS]:
        add(f"Skipped: {_words(cause.rule.removeprefix(READER))}", "skipped", cause.records, "#reader")
    rest = causes[MAX_READER_STEPS:]
    names = ", ".join(_words(cause.rule.removeprefix(READER)) for cause in rest)
    add(f"Skipped: {plural(len(rest), 'other cause')}", "skipped", sum(c.records for c in rest), "#reader", names)
    add("Failed", "failed", summary.records.failed, "#errors", ", ".join(summary.failed_by_error))
    for name, rules in _families(judge_rules(summary)):
        fired = [rule for rule in rules if rule.records]
        note = ", ".join(rule.rule.partition(".")[2] or rule.rule for rule in fired)
        add(f"Dropped: {name}", kind_of_family(name), sum(rule.records for rule in rules), "#rules", note)
    steps.append(Step("Kept", "kept", left, summary.records.kept, "#kept"))
    return steps


def _families(rules: Sequence[RuleCount]) -> list[tuple[str, list[RuleCount]]]:
    """Rules that follow one another and share a family, so that the order of the recipe stays visible."""
    families: list[tuple[str, list[RuleCount]]] = []
    for rule in rules:
        if not families or families[-1][0] != family(rule.rule):
            families.append((family(rule.rule), []))
        families[-1][1].append(rule)
    return families


def kind_of_family(name: str) -> str:
    """The colour class of a rule family."""
    return _KINDS.get(name, "dropped")


def _words(cause: str) -> str:
    return _READER_WORDS.get(cause, cause.replace("_", " "))
