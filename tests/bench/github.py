"""The GitHub reader on real source trees: outcomes, what the rules drop, two versions in dedup, speed and memory.

    python -m tests.bench.github [--cache FOLDER] [--sample N] [--list N] [--no-versions] [--no-peer] [package …]
    python -m tests.bench.github --installed [--no-peer]

Fetches Debian source packages, sdists and npm packages by name (`tests.bench.trees`), packs them in the codeload
layout, and reads each archive as a task would; with `--installed` it fetches nothing and takes what is installed here.
Of every `--sample` files one is measured and judged, and `--list` prints so many of those dropped, to be read. Nothing
is installed, nothing kept outside the cache folder. Where nothing can be fetched it says so and ends.
"""

from __future__ import annotations

import argparse
import json
import sys
import tarfile
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
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
from tests.bench.debian import HELD_OUT, PACKAGES
from tests.bench.trees import (
    NPM,
    OTHER_VERSIONS,
    RELEASES,
    SDISTS,
    VERSIONS,
    fetch_debian,
    fetch_others,
    pack,
    pack_installed,
)

PEER_ONE_IN = 50
"""Peers that look into texts get one file of so many: they are slow."""
CONFIG = ReaderConfig(source=SourceConfig(id="code", format="github", category="code"))


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


def speed(paths: list[Path], root: Path, one_in: int, *, peer: bool) -> list[Row]:
    """Print megabytes and files per second and core, beside what reads trees today, and the peak of memory.

    The rows; one of `one_in` documents has its text, the others "".
    """
    rows: list[Row] = []
    num_bytes, peak, seconds = 0.0, (0.0, ""), 0.0
    slowest = (0.0, "")
    for path in paths:
        _forget_peak()
        begin = time.process_time()
        for row in read([path], root):
            if row.text is not None:
                num_bytes += len(row.text.encode()) / 1e6
                row.text = row.text if int(row.doc_id[:8], 16) % one_in == 0 else ""
            rows.append(row)
        took = time.process_time() - begin
        seconds += took
        slowest, peak = max(slowest, (took, path.name)), max(peak, (_peak_mib(), path.name))
    count = sum(row.text is not None for row in rows)
    stored = sum(path.stat().st_size for path in paths) / 1e6
    print(f"{len(paths)} archives, {stored:.1f} MB packed, {num_bytes:.1f} MB of text in {count} files, one core:")
    print(
        f"  peak memory of the process {peak[0]:.0f} MiB at {peak[1]}, longest archive {slowest[0]:.0f} s, {slowest[1]}"
    )
    _rate("reader (licence, language, kind, masking)", seconds, count, num_bytes)
    begin = time.process_time()
    sampled = []
    num_files = 0
    for entry in (entry for path in paths for entry in _plain_tar(path)):
        sampled += [entry] if num_files % PEER_ONE_IN == 0 else []
        num_files += 1
    _rate("tarfile and decoding alone", time.process_time() - begin, num_files, num_bytes)
    for what, look in _PEERS.items() if peer else ():
        begin = time.process_time()
        try:
            look(sampled)
        except ImportError as error:
            print(f"  {what}: not there ({error})")
        else:
            _rate(what, time.process_time() - begin, len(sampled), sum(len(text) for _, text in sampled) / 1e6)
    return rows


def _rate(what: str, seconds: float, count: int, num_bytes: float | None = None) -> None:
    size = f"{num_bytes / seconds:7.2f} MB/s" if num_bytes is not None else " " * 12
    print(f"  {what:44} {seconds:7.1f} s {size} {count / seconds:6.0f} files/s")


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
        _rate("as Parquet, our reader", seconds, count)
        if peer:
            _datatrove(folder)


def _forget_peak() -> None:
    """From here on the kernel counts the process's peak anew (proc(5): clear_refs)."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _peak_mib() -> float:
    status = Path("/proc/self/status").read_text("ascii")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def _plain_tar(path: Path) -> Iterator[tuple[str, str]]:
    with tarfile.open(path) as archive:
        for member in archive:
            if member.isfile() and (file := archive.extractfile(member)) is not None:
                data = file.read()
                if not is_binary(data):
                    yield member.name, data.decode("utf-8", "replace")


def _languages(files: list[tuple[str, str]]) -> None:
    from pygments.lexers import guess_lexer_for_filename  # type: ignore[import-untyped,unused-ignore]
    from pygments.util import ClassNotFound  # type: ignore[import-untyped,unused-ignore]

    for name, text in files:
        with suppress(ClassNotFound):
            guess_lexer_for_filename(name, text)


def _secrets(files: list[tuple[str, str]]) -> None:
    """As StarCoder's pipeline had them found."""
    from detect_secrets.core.scan import scan_line  # type: ignore[import-not-found,unused-ignore]
    from detect_secrets.settings import default_settings  # type: ignore[import-not-found,unused-ignore]

    with default_settings():
        for line in (line for _, text in files for line in text.split("\n")):
            list(scan_line(line))


_PEERS: dict[str, Callable[[list[tuple[str, str]]], None]] = {
    "Pygments, language alone": _languages,
    "detect-secrets, secrets alone": _secrets,
}


def _datatrove(folder: str) -> None:
    try:
        from datatrove.pipeline.readers import ParquetReader

        reader = ParquetReader(folder, glob_pattern="*.parquet")
    except ImportError as error:
        print(f"  datatrove's reader is not there: {error}")
        return
    begin = time.process_time()
    count = sum(1 for _ in reader.run())
    _rate("as Parquet, datatrove's (text alone)", time.process_time() - begin, count)


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
    parser.add_argument("--installed", action="store_true", help="fetch nothing: speed over what is installed here")
    parser.add_argument("packages", nargs="*")
    options = parser.parse_args()
    if options.installed:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            rows = speed(pack_installed(root), root, options.sample, peer=not options.no_peer)
            outcomes(rows)
            dump_speed(rows, peer=not options.no_peer)
        return 0
    cache = options.cache.resolve()
    packed = cache / "codeload"
    wanted = options.packages or " ".join([*PACKAGES.values(), *HELD_OUT.values()]).split()
    trees = [*fetch_debian(cache, RELEASES[0], wanted), *([] if options.packages else fetch_others(cache, SDISTS, NPM))]
    if not trees:
        print("skipped: no source trees within reach", file=sys.stderr)
        return 0
    paths = [pack(name, source, packed) for name, source in trees]
    rows = speed(paths, packed, options.sample, peer=not options.no_peer)
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
