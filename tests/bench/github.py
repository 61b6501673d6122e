"""The GitHub reader on real source trees: outcomes, what the rules drop, two versions in dedup, speed and memory.

    python -m tests.bench.github [--cache FOLDER] [--sample N] [--list N] [--no-versions] [--no-peer] [package …]

Fetches Debian source packages (`tests.bench.licences`), sdists and npm packages by name with apt-get, pip and npm,
packs them in the codeload layout, and reads each archive as a task would. Of every `--sample` files one is measured
and judged, and `--list` prints so many of those dropped, to be read. Nothing is installed, nothing kept outside the
cache folder. Where nothing can be fetched it says so and ends.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
import resource
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from extractors.code.kinds import is_binary
from pipelines.dedup import find_duplicates
from pipelines.judge import apply_rules
from pipelines.measure import load_models, measure_batch
from pipelines.recipe import DedupConfig, MeasureConfig, load_recipe
from pipelines.rules.arrow import column_kinds
from pipelines.rules.check import check_rules
from pipelines.signals.schema import SIGNALS
from pipelines.source_config import SourceConfig
from pipelines.sources.github import read_github
from pipelines.sources.records import ReaderConfig, Row, rows_to_batches
from pipelines.transport import ContainerRef
from tests.bench.debian import PACKAGES, Apt

SDISTS = "click==8.1.7 markdown==3.6 ipywidgets==8.1.3"
NPM = "express@4.19.2 chalk@5.3.0 date-fns@3.6.0"
OTHER_VERSIONS = (
    "click==8.1.6 click==8.1.7 markdown==3.5 markdown==3.6",
    "express@4.18.2 express@4.19.2 chalk@5.2.0 chalk@5.3.0",
)
VERSIONS = "jq htop lz4 flask requests tqdm rake node-express rust-regex re2 tinyxml2 yojson"
"""Packages whose versions in two Debian releases are compared."""
RELEASES = ("bookworm", "trixie")
CONFIG = ReaderConfig(source=SourceConfig(id="code", format="github", category="code"))
TARBALL = re.compile(r"\.orig\.tar\.(gz|bz2|xz)$|\.(tgz|tar\.gz)$")


class Release(Apt):
    """The same private apt over another Debian release."""

    def __init__(self, cache: Path, name: str) -> None:
        super().__init__(cache)
        (cache / "etc" / "sources.list").write_text(f"deb-src http://deb.debian.org/debian {name} main\n")


def fetch_debian(cache: Path, release: str, packages: Iterable[str]) -> Iterator[tuple[str, Path]]:
    """`owner/name`, and the upstream tarball, of each package that is to be had."""
    folder = cache if release == RELEASES[0] else cache / release
    folder.mkdir(parents=True, exist_ok=True)
    apt = Release(folder, release)
    if not apt.update():
        return
    for package in packages:
        for path in apt.fetch(package):
            if TARBALL.search(path.name) and ".debian." not in path.name:
                yield f"{release}/{package}", path


def fetch_others(cache: Path, sdists: str, npm: str) -> Iterator[tuple[str, Path]]:
    """Source distributions (`name==version`) and npm packages (`name@version`)."""
    clients = (
        ("pypi", sdists, [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:"]),
        ("npm", npm, ["npm", "pack", "--silent"]),
    )
    for owner, names, command in clients:
        folder = cache / owner
        folder.mkdir(parents=True, exist_ok=True)
        for name in names.split():
            stem, version = re.split(r"==|(?<=.)@", name)
            if not _named(folder, stem, version):
                try:
                    subprocess.run([*command, name], cwd=folder, capture_output=True, timeout=120, check=False)
                except (OSError, subprocess.TimeoutExpired) as error:
                    print(f"{owner}: {name} not fetched: {error}", file=sys.stderr)
            yield from (
                (f"{owner}/{stem}", path) for path in _named(folder, stem, version) if TARBALL.search(path.name)
            )


def _named(folder: Path, stem: str, version: str) -> list[Path]:
    return [path for path in sorted(folder.glob(f"*-{version}.*")) if path.name.lower().startswith(stem)]


def pack(name: str, source: Path, folder: Path) -> Path:
    """The tree in the codeload layout: `OWNER/REPO-REF.tar.gz`, a global header with a commit, all under REPO-REF/."""
    repository = name.partition("/")[2]
    version = re.sub(r"^.*?[_-](?=v?\d)", "", TARBALL.sub("", source.name)) or "main"
    path = folder / name.partition("/")[0] / f"{repository}-{version}.tar.gz"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    commit = hashlib.sha1(source.name.encode(), usedforsecurity=False).hexdigest()
    with (
        tarfile.open(source) as old,
        gzip.GzipFile(path, "wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT, pax_headers={"comment": commit}) as new,  # type: ignore[call-overload]
    ):
        for member in old:
            rest = member.name.removeprefix("./").partition("/")[2]
            if rest:
                member.name, member.pax_headers = f"{repository}-{version}/{rest}", {}
                new.addfile(member, old.extractfile(member) if member.isfile() else None)
    return path


def read(paths: Iterable[Path], root: Path) -> Iterator[Row]:
    for path in paths:
        ref = ContainerRef(f"code/{path.relative_to(root)}", str(path), path.stat().st_size)
        yield from read_github(ref, CONFIG)


def outcomes(rows: list[Row]) -> None:
    """Print what became of the entries; raise where an archive's books do not balance."""
    counted: Counter[str] = Counter()
    by_container: Counter[str] = Counter()
    for row in rows:
        by_container[row.container] += row.num_records
        if row.skip_reason == "container_end":
            by_container[row.container] -= int(row.skip_value or 0)
        elif row.error:
            counted[f"failed {row.error}"] += row.num_records
        elif row.skip_reason:
            value = row.skip_value if row.skip_reason == "not_a_file" else ""
            counted[f"skipped {row.skip_reason} {value}"] += row.num_records
        else:
            counted["document"] += 1
    unbalanced = {container: count for container, count in by_container.items() if count}
    if unbalanced:
        raise SystemExit(f"books do not balance: {unbalanced}")
    print(f"{sum(counted.values())} entries of {len(by_container)} archives, books balance")
    for name, count in counted.most_common():
        print(f"  {count:8} {name}")
    for row in rows:
        if row.error:
            print(f"  failed: {row.container} {row.url} {row.error} {(row.error_detail or '')[:100]}")


def measured(rows: list[Row]) -> pa.Table:
    models = load_models(MeasureConfig())
    batches = [measure_batch(b, models, part="p", first_row=0) for b in rows_to_batches(rows)]
    return pa.Table.from_batches(batches, SIGNALS)


def dropped(rows: list[Row], signals: pa.Table, num_listed: int) -> None:
    """What phi4's rules drop: by rule, and some files of each to read."""
    rules = check_rules(load_recipe("phi4").rules, column_kinds(SIGNALS))
    ruled = apply_rules(signals, rules).to_pylist()
    by_id = {row.doc_id: row for row in rows if row.text is not None}
    names: Counter[str] = Counter()
    files: dict[str, list[tuple[Row, str]]] = {}
    for decision in ruled:
        row = by_id.get(decision["doc_id"])
        if row is None:
            continue
        rule = decision["rule"] or "kept"
        names[rule] += 1
        files.setdefault(rule, []).append((row, decision["value"]))
    print(f"rules of phi4 over {len(by_id)} files:")
    for rule, count in names.most_common():
        print(f"  {count:8} {rule}")
    left = {rule: sorted(found, key=lambda entry: entry[0].doc_id) for rule, found in files.items() if rule != "kept"}
    listed = 0
    while left and listed < num_listed:
        for rule in sorted(left):
            if listed == num_listed or not left[rule]:
                left.pop(rule) if not left[rule] else None
                continue
            row, value = left[rule].pop(0)
            notes = json.loads(row.metadata or "{}")
            beginning = " ".join((row.text or "")[:160].split())
            what = f"{notes['path']} [{notes.get('code_language')}, {row.license}]"
            print(f"  {rule} = {value}: {row.container} {what} {beginning!r}")
            listed += 1


def speed(paths: list[Path], root: Path, one_in: int) -> list[Row]:
    """Print megabytes and files per second and core, beside plain tarfile, and the peak of memory over the largest.

    The rows; one of `one_in` documents has its text, the others "".
    """
    largest = max(paths, key=lambda path: path.stat().st_size)
    before = _peak_mib()
    for _ in read([largest], root):
        pass
    print(f"peak memory of the process after {largest.name}: {_peak_mib():.0f} MiB, {before:.0f} before reading")
    stored = sum(path.stat().st_size for path in paths) / 1e6
    rows, num_bytes = [], 0.0
    begin = time.process_time()
    for row in read(paths, root):
        if row.text is not None:
            num_bytes += len(row.text.encode()) / 1e6
            row.text = row.text if int(row.doc_id[:8], 16) % one_in == 0 else ""
        rows.append(row)
    ours = time.process_time() - begin
    count = sum(row.text is not None for row in rows)
    begin = time.process_time()
    num_files = sum(1 for path in paths for _ in _plain_tar(path))
    plain = time.process_time() - begin
    print(f"{len(paths)} archives, {stored:.1f} MB packed, {num_bytes:.1f} MB of text in {count} files, one core:")
    for what, seconds, files in (
        ("reader (licence, language, kind, masking)", ours, count),
        ("tarfile and decoding alone", plain, num_files),
    ):
        print(f"  {what:41} {seconds:7.1f} s {num_bytes / seconds:7.2f} MB/s {files / seconds:6.0f} files/s")
    return rows


def dump_speed(rows: list[Row], *, peer: bool) -> None:
    """The sampled files as a Parquet dump: our reader, and datatrove's, which only reads."""
    records = [
        {"text": row.text, "id": row.doc_id, "path": json.loads(row.metadata or "{}")["path"], "license": "mit"}
        for row in rows
        if row.text
    ]
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / "files.parquet"
        pq.write_table(pa.Table.from_pylist(records), dump, row_group_size=1000)
        begin = time.process_time()
        count = sum(row.text is not None for row in read([dump], Path(folder)))
        seconds = time.process_time() - begin
        print(f"  as Parquet, our reader                    {seconds:7.1f} s {count / seconds:22.0f} files/s")
        if peer:
            _datatrove(folder)


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _plain_tar(path: Path) -> Iterator[str]:
    with tarfile.open(path) as archive:
        for member in archive:
            if member.isfile() and (file := archive.extractfile(member)) is not None:
                data = file.read()
                if not is_binary(data):
                    yield data.decode("utf-8", "replace")


def _datatrove(folder: str) -> None:
    try:
        from datatrove.pipeline.readers import ParquetReader

        reader = ParquetReader(folder, glob_pattern="*.parquet")
    except ImportError as error:
        print(f"  datatrove's reader is not there: {error}")
        return
    begin = time.process_time()
    count = sum(1 for _ in reader.run())
    seconds = time.process_time() - begin
    print(f"  as Parquet, datatrove's (text alone)      {seconds:7.1f} s {count / seconds:22.0f} files/s")


def versions(trees: dict[str, list[Path]], root: Path) -> None:
    """Print what the exact and the near pass make of two versions of a tree, file by file."""
    total: Counter[str] = Counter()
    for name, paths in sorted(trees.items()):
        if len(paths) != 2:
            print(f"  {name}: {len(paths)} versions to be had")
            continue
        rows = [row for row in read(paths, root) if row.text is not None]
        found = {row["doc_id"]: row for row in find_duplicates(measured(rows), DedupConfig()).to_pylist()}
        by_path: dict[str, list[Row]] = {}
        for row in rows:
            by_path.setdefault(json.loads(row.metadata or "{}")["path"], []).append(row)
        counts = Counter(_fate(both, found) for both in by_path.values())
        total.update(counts)
        names = " against ".join(path.name.removesuffix(".tar.gz") for path in paths)
        print(f"  {names}: " + ", ".join(f"{count} {fate}" for fate, count in sorted(counts.items())))
    print("  all: " + ", ".join(f"{count} {fate}" for fate, count in sorted(total.items())))


def _fate(both: list[Row], found: dict[str, dict[str, object]]) -> str:
    """What dedup made of the two files at one path."""
    if len(both) < 2:
        return "in one version only"
    survivors = {str(found[row.doc_id]["survivor"]) if row.doc_id in found else row.doc_id for row in both}
    same = len({row.text for row in both}) == 1
    removed = any(row.doc_id in found and found[row.doc_id]["survivor"] != row.doc_id for row in both)
    if same:
        return "unchanged and one" if len(survivors) == 1 and removed else "UNCHANGED AND TWO"
    return "changed and one" if len(survivors) == 1 else "changed and two"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "gristmill-licences")
    parser.add_argument("--list", type=int, default=50)
    parser.add_argument("--sample", type=int, default=4)
    parser.add_argument("--no-versions", action="store_true")
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("packages", nargs="*")
    options = parser.parse_args()
    cache = options.cache.resolve()
    packed = cache / "codeload"
    wanted = options.packages or " ".join(PACKAGES.values()).split()
    trees = [*fetch_debian(cache, RELEASES[0], wanted), *([] if options.packages else fetch_others(cache, SDISTS, NPM))]
    if not trees:
        print("skipped: no source trees within reach", file=sys.stderr)
        return 0
    paths = [pack(name, source, packed) for name, source in trees]
    rows = speed(paths, packed, options.sample)
    outcomes(rows)
    sampled = [row for row in rows if row.text]
    dump_speed(sampled, peer=not options.no_peer)
    dropped(sampled, measured(sampled), options.list)
    if not options.no_versions:
        compared = [name for name in VERSIONS.split() if not options.packages or name in options.packages]
        both = [tree for release in RELEASES for tree in fetch_debian(cache, release, compared)]
        both += [] if options.packages else fetch_others(cache, *OTHER_VERSIONS)
        pairs: dict[str, list[Path]] = {}
        for name, source in both:
            pairs.setdefault(name.partition("/")[2], []).append(pack(name, source, packed))
        print("two versions of a tree, paths that both have:")
        versions(pairs, packed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
