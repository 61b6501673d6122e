"""Detected licences of real source trees against the Debian maintainers' records of them (`debian/copyright`, DEP-5).

    python -m tests.bench.licences [--cache FOLDER] [--held-out] [--files] [package …]

Fetches the packages by name (`tests.bench.debian`: nothing is installed, nothing kept outside the cache folder), reads
their upstream trees without `debian/`, and prints for each what was detected and what the record says; for a miss also
the line of the tree's own that decides. Then the figures, and why files differ. `--files` lists those, `--held-out`
takes the held-out packages alone. A record's `Files: *` is its main licence; records in free form count as nothing.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from extractors.code.kinds import is_foreign_path
from extractors.code.licences import FileLicence, TreeLicences, licences_of_tree
from extractors.code.licences.dep5 import Copyright, parse_copyright
from extractors.code.licences.spdx import licence_ids
from tests.bench.debian import HELD_OUT, PACKAGES, Apt, files_of, record_of

REASONS = {
    "pv": "the record names version 1 of the Artistic License, the tree version 2.0",
    "jquery": "the record is of jQuery before 1.9; the tree gives MIT alone",
    "r-cran-withr": "the record is of withr before 3.0; the tree gives MIT",
    "ocaml-re": "the record leaves out that the tree allows later versions",
    "bc": "the record is of bc before 1.07; the programs' headers say version 3",
}
"""Why a miss is one, found by reading the tree."""
UNVERSIONED = ("libpng",)
"""Names of records that stand for any version; DEP-5 gives the others one."""
MIN_TREES = 30
MIN_RIGHT_RATIO = 0.95
_DECIDING = re.compile(
    r"^.*(?:licen[sc]e|SPDX-|public domain|permission is hereby|redistribution and use|free software).*$",
    re.IGNORECASE | re.MULTILINE,
)


def bare(expression: str | None) -> frozenset[str]:
    """The licences of an expression without operators and exceptions: what records and texts can agree on."""
    return frozenset(licence_ids(expression)) if expression else frozenset()


def families(expression: str | None) -> frozenset[str]:
    """The same without the question of later versions."""
    return frozenset(re.sub(r"-(?:only|or-later)$", "", spdx_id) for spdx_id in bare(expression))


def agrees(found: str | None, name: str, recorded: str | None) -> bool:
    """Whether what was detected is what the record calls `name`, which is `recorded` in SPDX."""
    if name in UNVERSIONED and (found or "").lower().startswith(name + "-"):
        return True
    return bare(found) == bare(recorded)


@dataclass
class Outcome:
    """One package: detected and recorded main licence, and how its files compare."""

    package: str
    main: FileLicence
    recorded: str | None
    recorded_name: str
    record_line: int
    """Of `debian/copyright`, where the name stands."""
    num_files: int = 0
    num_right: int = 0
    num_same_family: int = 0
    decided_by: str | None = None
    """Path, line and words of the tree's own text that the detection rests on."""
    causes: Counter[str] = field(default_factory=Counter)
    differing: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str, str], str] = field(default_factory=dict)

    @property
    def is_right(self) -> bool:
        return agrees(self.main.expression, self.recorded_name, self.recorded)

    @property
    def is_family(self) -> bool:
        return families(self.main.expression) == families(self.recorded)


def compare(package: str, archives: list[Path], record: Copyright, record_text: str) -> Outcome:
    """Detect a tree's licences and hold them against its record."""
    tree: TreeLicences = licences_of_tree(files_of(archives))
    name = record.main or ""
    line = record_text[: max(0, record_text.find(name))].count("\n") + 1
    outcome = Outcome(package, tree.main, record.expression(name), name, line)
    expressions: dict[str, str | None] = {}
    for path, text in files_of(archives):
        stated = record.of(path)
        found = tree.of(path, text)
        _look_for_reason(outcome, path, text, found)
        if stated is None:
            continue
        if stated not in expressions:
            expressions[stated] = record.expression(stated)
        wanted = expressions[stated]
        if wanted is None:
            continue
        outcome.num_files += 1
        is_right = agrees(found.expression, stated, wanted)
        outcome.num_right += is_right
        outcome.num_same_family += is_right or families(found.expression) == families(wanted)
        if not is_right:
            outcome.causes[cause(path, found, wanted, is_main=stated == name)] += 1
            key = (str(found.expression), stated, found.origin)
            outcome.differing[key] += 1
            outcome.examples.setdefault(key, path)
    return outcome


def _look_for_reason(outcome: Outcome, path: str, text: str, found: FileLicence) -> None:
    """Keep the first line that the detected main licence rests on: of the file that states it, or of a header."""
    main = outcome.main
    if main.source_path is None:
        is_it = found.origin == "header" and found.expression == main.expression
    else:
        is_it = path == main.source_path
    if outcome.decided_by is None and is_it and (match := _DECIDING.search(text)) is not None:
        outcome.decided_by = f"{path}:{text[: match.start()].count(chr(10)) + 1}: {' '.join(match[0].split())[:100]}"


def cause(path: str, found: FileLicence, wanted: str, *, is_main: bool) -> str:
    """Why a file's licence differs from the record's, by where each of the two comes from."""
    if found.expression is None:
        return "none found"
    if families(found.expression) == families(wanted):
        return "the same but for later versions"
    if found.origin == "header":
        if is_foreign_path(path):
            return "its own header says so: of build tools and vendored files, under the record's wider pattern"
        if bare(found.expression) & bare(wanted):
            return "its own header names more or fewer licences than the record"
        return "its own header names another licence than the record"
    if not is_main:
        return "no header; the record has a pattern of its own for it"
    if "/" in (found.source_path or ""):
        return "no header; a folder's own licence file, README or metadata, under the record's wider pattern"
    return "no header; the tree's licence is not the record's"


def report(outcomes: list[Outcome], seconds: float) -> int:
    """Print the figures; 1 when the issue's bar is missed."""
    if not outcomes:
        return 0
    right = sum(outcome.is_right for outcome in outcomes)
    held_out = [outcome for outcome in outcomes if outcome.package in " ".join(HELD_OUT.values()).split()]
    print(
        f"trees: {right} of {len(outcomes)} right ({right / len(outcomes):.1%}), "
        f"{sum(outcome.is_family for outcome in outcomes)} in the licence's family; "
        f"of the held-out ones {sum(outcome.is_right for outcome in held_out)} of {len(held_out)}"
    )
    files = sum(outcome.num_files for outcome in outcomes)
    causes = sum((outcome.causes for outcome in outcomes), Counter[str]())
    print(
        f"files: {sum(o.num_right for o in outcomes)} of {files} right, "
        f"{sum(o.num_same_family for o in outcomes)} apart from the question of later versions; {seconds:.0f} s"
    )
    for name, number in causes.most_common():
        print(f"  {number:6} {name}")
    return int(len(outcomes) >= MIN_TREES and right / len(outcomes) < MIN_RIGHT_RATIO)


def show(outcome: Outcome, language: str, *, files: bool) -> None:
    main = outcome.main
    counts = f"{outcome.num_right}/{outcome.num_same_family}/{outcome.num_files}"
    verdict = "right" if outcome.is_right else "family" if outcome.is_family else "WRONG"
    source = main.source_path or "of most programs"
    print(f"{verdict:8}{outcome.package} ({language}): {main.expression} | {main.origin} {source} | files {counts}")
    if not outcome.is_right:
        print(f"            record: {outcome.recorded_name!r} = {outcome.recorded}, line {outcome.record_line}")
        print(f"            tree: {outcome.decided_by or 'says nothing'}")
        print(f"            {REASONS.get(outcome.package, 'not looked at yet')}", flush=True)
    for key, number in outcome.differing.most_common(12) if files else ():
        print(f"            {number:5} {key[0]} ({key[2]}) | recorded {key[1]!r} | {outcome.examples[key]}")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "gristmill-licences")
    parser.add_argument("--held-out", action="store_true", help="the held-out packages alone")
    parser.add_argument("--files", action="store_true", help="list the files that differ, grouped")
    parser.add_argument("packages", nargs="*")
    options = parser.parse_args()
    apt = Apt(options.cache.resolve())
    if not apt.update():
        print("skipped: no Debian source packages within reach (apt-get update failed)", file=sys.stderr)
        return 0
    groups = [*HELD_OUT.items(), *([] if options.held_out else PACKAGES.items())]
    languages = {package: language for language, names in groups for package in names.split()}
    outcomes: list[Outcome] = []
    started = time.monotonic()
    for package in options.packages or languages:
        archives = apt.fetch(package)
        text = record_of(archives) if archives else None
        record = parse_copyright(text) if text else None
        if text is None or record is None or record.main is None:
            reason = "not to be had" if not archives else "record in free form or without a main licence"
            print(f"{'-':8}{package}: left out, {reason}")
            continue
        outcomes.append(compare(package, archives, record, text))
        show(outcomes[-1], languages.get(package, "?"), files=options.files)
    return report(outcomes, time.monotonic() - started)


if __name__ == "__main__":
    sys.exit(main())
