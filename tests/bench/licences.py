"""Detected licences of real source trees against the Debian maintainers' records of them (`debian/copyright`, DEP-5).

    python -m tests.bench.licences [--cache FOLDER] [--files] [package …]

Fetches the packages of `PACKAGES` by name with `apt-get source --download-only` (a private apt configuration; nothing
is installed and nothing kept outside the cache folder), reads their upstream trees without `debian/`, and prints for
each what was detected and what the record says; the last lines are the figures. `--files` lists files that differ.
A record's `Files: *` is its main licence. Records in free form count as nothing and are named.
"""

from __future__ import annotations

import argparse
import fnmatch
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from extractors.code.kinds import is_binary
from extractors.code.licences import TreeLicences, detect, licences_of_tree
from extractors.code.licences.spdx import combine, expression_of, licence_ids

PACKAGES = {
    "C": "jq htop tmux pv tree lz4 libuv1 mawk libevent zlib libpng1.6 expat nasm byacc "
    "libyaml cmocka libssh2 protobuf-c libffi libzip popt",
    "C++": "re2 fmtlib tinyxml2 leveldb catch2 snappy",
    "Python": "jinja2 lxml python-cffi",
    "Perl": "libtry-tiny-perl libjson-perl libwww-perl ack libmoo-perl libxml-parser-perl",
    "JavaScript": "node-express jquery",
    "Go": "golang-github-spf13-cobra golang-github-pkg-errors golang-github-gorilla-mux golang-github-google-uuid "
    "golang-github-pmezard-go-difflib golang-github-mattn-go-isatty golang-github-fatih-color",
    "Rust": "rust-libc",
    "Java": "commons-io junit4 hsqldb",
    "Haskell": "haskell-aeson haskell-split haskell-random",
    "OCaml": "yojson lwt ocaml-re ocaml-zarith",
    "R": "r-cran-rlang r-cran-glue r-cran-withr",
    "Lua": "lua-lpeg lua-cjson luarocks",
    "PHP": "php-monolog php-twig php-parser php-psr-log",
    "Shell": "autojump",
    "Erlang": "erlang-jiffy",
    "Elixir": "elixir-lang",
    "Vala": "vala",
    "Ada": "libgnatcoll",
    "Ruby": "ruby-nokogiri puma",
    "Agda": "agda",
    "Prolog": "swi-prolog",
}
SUITES = ("trixie", "bookworm")
"""Tried in this order: not every mirror has every archive."""
REASONS = {
    "pv": "the record names version 1 of the Artistic License, the tree's README and doc/COPYING version 2.0",
    "jquery": "the record is of jQuery before 1.9; LICENSE.txt and the headers give MIT alone",
    "r-cran-withr": "the record is of withr before 3.0; DESCRIPTION and LICENSE.md give MIT",
    "ocaml-re": "the record leaves out that LICENSE.md allows later versions",
}
"""Why a miss is one, found by reading the tree."""
UNVERSIONED = ("libpng",)
"""Names of records that stand for any version; DEP-5 gives the others one."""
MIN_TREES = 30
MIN_RIGHT_RATIO = 0.95
MAX_FILE_BYTES = 2_000_000
_SOURCE = ("source", "--download-only", "--only-source")
_TARBALL = re.compile(r"\.orig(?:-[\w-]+)?\.tar\.(?:gz|bz2|xz)$|(?<!debian)\.tar\.(?:gz|bz2|xz)$")
_DEBIAN_NAMES = {"gpl": "GPL-1.0-or-later", "lgpl": "LGPL-2.0-or-later", "agpl": "AGPL-3.0-or-later"}


@dataclass
class Stanza:
    """`Files` and `License` of one paragraph of debian/copyright."""

    patterns: list[str]
    licence: str


@dataclass
class Record:
    """A machine-readable debian/copyright."""

    stanzas: list[Stanza] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)

    def expression(self, name: str) -> str | None:
        """SPDX for a Debian short name or expression; names of Debian's own by the text that the record gives."""
        name = re.sub(r"\s+", " ", name).strip()
        name = re.sub(r"(?<=\d)\+[a-z][\w-]*exception$", "", name)
        known = expression_of(name)
        body = self.texts.get(name, "")
        is_bsd = name.lower().startswith("bsd")  # the record's own text counts: names and numbers of clauses differ
        if known is not None and ((any(map(str.isdigit, name)) and not is_bsd) or not body):
            return known
        found = detect(body)
        if known is not None:
            return found.expression if found and not found.is_reference else known
        for separator, operator in (
            (", and ", "AND"),
            (" and ", "AND"),
            (", or ", "OR"),
            (" or ", "OR"),
            (" | ", "OR"),
        ):
            if separator in name.lower():
                parts = [self.expression(part) for part in re.split(re.escape(separator), name, flags=re.IGNORECASE)]
                return combine([part for part in parts if part], operator) if None not in parts else None  # type: ignore[arg-type]
        if " with " in name:
            return self.expression(name.partition(" with ")[0])
        return found.expression if found else _DEBIAN_NAMES.get(name.lower())

    def of(self, path: str) -> str | None:
        """The record's name for a file's licence: the last paragraph that matches holds."""
        for stanza in reversed(self.stanzas):
            if any(fnmatch.fnmatchcase(path, pattern) for pattern in stanza.patterns):
                return stanza.licence
        return None

    @property
    def main(self) -> str | None:
        """The name of `Files: *`, else of the only paragraph."""
        for stanza in self.stanzas:
            if "*" in stanza.patterns:
                return stanza.licence
        return self.stanzas[0].licence if len(self.stanzas) == 1 else None


def parse_record(text: str) -> Record | None:
    """The paragraphs of a DEP-5 file, None for one in free form."""
    if not re.search(r"^(?:Format(?:-Specification)?):", text[:2000], re.MULTILINE | re.IGNORECASE):
        return None
    record = Record()
    for paragraph in re.split(r"\n[ \t]*\n", text.replace("\r", "")):
        fields: dict[str, str] = {}
        name = ""
        for line in paragraph.split("\n"):
            if line.startswith("#"):
                continue
            if line[:1] in (" ", "\t"):
                fields[name] = fields.get(name, "") + "\n" + line.strip().removeprefix(".")
            elif ":" in line:
                name, _, value = line.partition(":")
                name = name.strip().lower()
                fields[name] = value.strip()
        licence, _, body = fields.get("license", "").partition("\n")
        if licence and body.strip():
            record.texts.setdefault(licence.strip(), body)
        if "files" in fields and licence:
            record.stanzas.append(Stanza(fields["files"].replace(",", " ").split(), licence.strip()))
    return record if record.stanzas else None


class Apt:
    """A private apt configuration with source lists only."""

    def __init__(self, cache: Path) -> None:
        self.cache = cache
        self.sources = cache / "sources"
        for folder in ("lists/partial", "archives/partial", "etc", "sources"):
            (cache / folder).mkdir(parents=True, exist_ok=True)
        (cache / "etc" / "sources.list").write_text(
            "".join(f"deb-src http://deb.debian.org/debian {suite} main\n" for suite in SUITES)
        )
        (cache / "apt.conf").write_text(
            f'Dir::Etc::sourcelist "{cache}/etc/sources.list";\nDir::Etc::sourceparts "-";\n'
            f'Dir::State::lists "{cache}/lists";\nDir::Cache "{cache}";\nAPT::Sandbox::User "";\n'
        )

    def _run(self, folder: Path, *arguments: str) -> bool:
        environment = {**os.environ, "APT_CONFIG": str(self.cache / "apt.conf")}
        done = subprocess.run(
            ["apt-get", "-q", *arguments], cwd=folder, env=environment, capture_output=True, timeout=600
        )
        return done.returncode == 0

    def update(self) -> bool:
        """Fetch the list of source packages once."""
        return any((self.cache / "lists").glob("*Sources*")) or self._run(self.cache, "update")

    def _fetched(self, folder: Path, package: str, suite: str) -> bool:
        """Whether all archives came; what is left of a failed try would mix two versions."""
        for leftover in folder.iterdir():
            leftover.unlink()
        return self._run(folder, *_SOURCE, f"{package}/{suite}")

    def fetch(self, package: str) -> list[Path]:
        """The package's archives, from the cache or the registry; empty when it cannot be had."""
        folder = self.sources / package
        if not any(folder.glob("*.dsc")):
            folder.mkdir(exist_ok=True)
            if not any(self._fetched(folder, package, suite) for suite in SUITES):
                return []
        return sorted(folder.iterdir())


def record_of(archives: list[Path]) -> str | None:
    """The text of debian/copyright."""
    for path in archives:
        if (
            ".tar." in path.name
            and not path.name.endswith(".asc")
            and (".debian.tar" in path.name or ".orig" not in path.name)
        ):
            with tarfile.open(path) as archive:
                for member in archive:
                    if re.fullmatch(r"(?:\./)?(?:[^/]+/)?debian/copyright", member.name) and (
                        file := archive.extractfile(member)
                    ):
                        return file.read().decode("utf-8", "replace")
    return None


def files_of(archives: list[Path]) -> Iterator[tuple[str, str]]:
    """Paths and texts of the upstream tree as Debian's record names them, without debian/."""
    for path in archives:
        component = re.search(r"\.orig-([\w-]+)\.tar", path.name)
        if not _TARBALL.search(path.name) or ".debian.tar" in path.name:
            continue
        with tarfile.open(path) as archive:
            members = [member for member in archive if member.isfile() and member.size <= MAX_FILE_BYTES]
            tops = {member.name.removeprefix("./").split("/")[0] for member in members}
            for member in members:
                name = member.name.removeprefix("./")
                name = name.partition("/")[2] if len(tops) == 1 and "/" in name else name
                name = f"{component[1]}/{name}" if component else name
                if name.startswith("debian/") or (file := archive.extractfile(member)) is None:
                    continue
                content = file.read()
                if not is_binary(content):
                    yield name, content.decode("utf-8", "replace")


def bare(expression: str | None) -> frozenset[str]:
    """The licences of an expression without operators and exceptions: what records and texts can agree on."""
    return frozenset(licence_ids(expression)) if expression else frozenset()


def families(expression: str | None) -> frozenset[str]:
    """The same without the question of later versions."""
    return frozenset(re.sub(r"-(?:only|or-later)$", "", spdx_id) for spdx_id in bare(expression))


@dataclass
class Outcome:
    """One package: detected and recorded main licence, and how its files compare."""

    package: str
    detected: str | None
    recorded: str | None
    recorded_name: str
    origin: str
    num_files: int = 0
    num_right: int = 0
    num_same_family: int = 0
    differing: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str, str], str] = field(default_factory=dict)

    @property
    def is_right(self) -> bool:
        if self.recorded_name in UNVERSIONED and (self.detected or "").lower().startswith(self.recorded_name + "-"):
            return True
        return bare(self.detected) == bare(self.recorded)

    @property
    def is_family(self) -> bool:
        return families(self.detected) == families(self.recorded)


def compare(package: str, archives: list[Path], record: Record) -> Outcome:
    """Detect a tree's licences and hold them against its record."""
    tree: TreeLicences = licences_of_tree(files_of(archives))
    name = record.main or ""
    outcome = Outcome(
        package, tree.main.expression, record.expression(name), name, f"{tree.main.origin} {tree.main.source_path}"
    )
    cache: dict[str, str | None] = {}
    for path, text in files_of(archives):
        stated = record.of(path)
        if stated is None:
            continue
        if stated not in cache:
            cache[stated] = record.expression(stated)
        wanted, found = cache[stated], tree.of(path, text)
        if wanted is None:
            continue
        outcome.num_files += 1
        outcome.num_right += bare(found.expression) == bare(wanted)
        same = families(found.expression) == families(wanted)
        outcome.num_same_family += same
        if not same:
            key = (str(found.expression), stated, found.origin)
            outcome.differing[key] += 1
            outcome.examples.setdefault(key, path)
    return outcome


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "gristmill-licences")
    parser.add_argument("--files", action="store_true", help="list the files that differ, grouped")
    parser.add_argument("packages", nargs="*")
    arguments = parser.parse_args()
    apt = Apt(arguments.cache.resolve())
    if not apt.update():
        print("skipped: no Debian source packages within reach (apt-get update failed)", file=sys.stderr)
        return 0
    languages = {package: language for language, names in PACKAGES.items() for package in names.split()}
    outcomes: list[Outcome] = []
    started = time.monotonic()
    for package in arguments.packages or languages:
        archives = apt.fetch(package)
        text = record_of(archives) if archives else None
        record = parse_record(text) if text else None
        if record is None or record.main is None:
            reason = "not to be had" if not archives else "record in free form or without a main licence"
            print(f"{'-':8}{package}: left out, {reason}")
            continue
        outcome = compare(package, archives, record)
        outcomes.append(outcome)
        files = f"{outcome.num_right}/{outcome.num_same_family}/{outcome.num_files}"
        language = languages.get(package, "?")
        verdict = "right" if outcome.is_right else "family" if outcome.is_family else "WRONG"
        print(
            f"{verdict:8}{package} ({language}): {outcome.detected} | recorded {outcome.recorded_name!r} = "
            f"{outcome.recorded} | {outcome.origin} | files {files}",
            flush=True,
        )
        if not outcome.is_right and package in REASONS:
            print(f"            {REASONS[package]}")
        if arguments.files:
            for key, number in outcome.differing.most_common(12):
                print(f"            {number:5} {key[0]} ({key[2]}) | recorded {key[1]!r} | {outcome.examples[key]}")
    return report(outcomes, time.monotonic() - started)


def report(outcomes: list[Outcome], seconds: float) -> int:
    """Print the figures; 1 when the issue's bar is missed."""
    if not outcomes:
        return 0
    right = sum(outcome.is_right for outcome in outcomes)
    family = sum(outcome.is_family for outcome in outcomes)
    files = sum(outcome.num_files for outcome in outcomes)
    print(f"trees: {right} of {len(outcomes)} right ({right / len(outcomes):.1%}), {family} in the licence's family")
    print(
        f"files: {sum(o.num_right for o in outcomes)} of {files} right, "
        f"{sum(o.num_same_family for o in outcomes)} apart from the question of later versions; {seconds:.0f} s"
    )
    return int(len(outcomes) >= MIN_TREES and right / len(outcomes) < MIN_RIGHT_RATIO)


if __name__ == "__main__":
    sys.exit(main())
