"""Rules that tell languages apart which share an extension, and files that have none, by their text.

Method: ordered regular expressions (`language_rules.tsv`), first match wins, in the manner of linguist's heuristics.
Cost: linear in the text, which the caller cuts. Blind spot: a text without any mark of either language takes the
default of `languages.tsv`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files

_ROFF_SECTION = re.compile(r"\.[1-9][a-z]{0,3}\Z")
_ROFF_REQUEST = re.compile(r"^[.'](?:\\\"|[A-Z]{2}\b)", re.MULTILINE)
_SHAPES = (
    ("XML", re.compile(r"\A\s*<\?xml\b")),
    ("HTML", re.compile(r"\A\s*<(?:!DOCTYPE[ \t]+html|html)\b", re.IGNORECASE)),
    ("PHP", re.compile(r"\A\s*<\?php\b")),
    ("Diff", re.compile(r"\A(?:diff --git |Index: |--- \S+.*\n\+\+\+ )")),
    (
        "Tcl",
        re.compile(
            r"^(?:package require \w|namespace eval ::|test [A-Za-z][\w.,-]*-[\w.]+ [{\"]|tcltest::)", re.MULTILINE
        ),
    ),
    ("Perl", re.compile(r"^use (?:strict|warnings);", re.MULTILINE)),
    ("Shell", re.compile(r"\A(?:\s*#[^\n]*\n|\s*\n)*[ \t]*(?:set -e\b|export \w+=|\. \S+/|source \S+)")),
)


@lru_cache(maxsize=1)
def _rules() -> dict[str, tuple[tuple[str, re.Pattern[str]], ...]]:
    rules: dict[str, tuple[tuple[str, re.Pattern[str]], ...]] = {}
    for line in files("extractors.code").joinpath("language_rules.tsv").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        extension, language, pattern = line.split("\t")
        rules[extension] = (*rules.get(extension, ()), (language, re.compile(pattern, re.MULTILINE)))
    return rules


def by_content(extension: str, head: str) -> str | None:
    """Name of the language that the rules of a lower-case `extension` find in `head`; None without a rule or a mark."""
    return next((language for language, pattern in _rules().get(extension, ()) if pattern.search(head)), None)


def by_shape(name: str, head: str) -> str | None:
    """Name of the language of a file whose name tells nothing, by marks that hardly any other language has."""
    if _ROFF_SECTION.search(name) and _ROFF_REQUEST.search(head):
        return "Roff"
    return next((language for language, pattern in _SHAPES if pattern.search(head)), None)
