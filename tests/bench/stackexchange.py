"""Stack Exchange: outcomes of the real dumps, posts a second per core and memory, beside what a user would run today.

    python -m tests.bench.stackexchange [--times N] [--megabytes M]

The baseline is lxml's iterparse with each body's text by html.parser, grouped in a dictionary: no Markdown, no code
fences, no tables, no accounts. One process, processor time; the two take turns over the same decoded `Posts.xml` of
the .7z. Memory is the peak of a fresh process that reads a made `Posts.xml` of `--megabytes`.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

from pipelines.schemas import CONTAINER_END
from pipelines.source_config import SourceConfig
from pipelines.sources.records import ReaderConfig, Row
from pipelines.sources.seven_zip import MemberStream, open_archive
from pipelines.sources.stackexchange import is_stackexchange_file, read_stackexchange
from pipelines.sources.threads import as_post, form_threads
from pipelines.transport import ContainerRef, list_containers

CORPUS = Path(__file__).parents[2] / "../shared/corpus/qa"
ARCHIVE = "quantumcomputing.stackexchange.com.7z"
CONFIG = ReaderConfig(source=SourceConfig(id="qa", format="stackexchange", category="acquired"))


def main() -> int:
    """Print the figures; 0 also where there is no corpus."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=3, help="runs of each reader")
    parser.add_argument("--megabytes", type=int, default=200, help="size of the file whose reading is measured")
    parser.add_argument("--read", type=Path, help="read one file and print the peak of memory: the inner process")
    chosen = parser.parse_args()
    if chosen.read is not None:
        return _read_alone(chosen.read)
    if not CORPUS.is_dir():
        print("no corpus beside the checkout: nothing measured", file=sys.stderr)
        return 0
    _print_outcomes()
    with tempfile.TemporaryDirectory() as work:
        posts = Path(work) / "quantumcomputing.stackexchange.com" / "Posts.xml"
        posts.parent.mkdir()
        posts.write_bytes(_decoded(CORPUS / ARCHIVE))
        _print_speed(posts, chosen.times)
        _print_memory(posts, chosen.megabytes * 10**6)
    return 0


def _print_outcomes() -> None:
    total: Counter[str] = Counter()
    for ref in list_containers([str(CORPUS)], accepts=is_stackexchange_file):
        rows = list(read_stackexchange(ref, CONFIG))
        (closing,) = (row.skip_value for row in rows if row.skip_reason == CONTAINER_END)
        formed = _joined(rows)
        seen = sum(row.num_records for row in formed)
        found: Counter[str] = Counter()
        for row in formed:
            found[row.error or row.skip_reason or "in threads"] += row.num_records
        threads = sum(row.text is not None for row in formed)
        outcomes = ", ".join(f"{name} {count}" for name, count in sorted(found.items()) if count)
        print(f"{ref.name}: {closing} entries, {seen} accounted for; {threads} threads; {outcomes}")
        total.update(found)
    print("all: " + ", ".join(f"{name} {count}" for name, count in sorted(total.items()) if count))


def _print_speed(posts: Path, times: int) -> None:
    runs: dict[str, Callable[[Path], int]] = {
        "gristmill, posts": lambda path: len(_rows(path)),
        "gristmill, threads": lambda path: len(_joined(_rows(path))),
        "iterparse and html.parser": _baseline,
    }
    spent = {name: [_seconds(run, posts) for _ in range(times)] for name, run in runs.items()}
    num_rows = posts.read_bytes().count(b"<row ")
    size = posts.stat().st_size
    for name, seconds in spent.items():
        best = min(seconds)
        print(f"{name}: {num_rows / best:,.0f} posts/s per core, {size / best / 1e6:.1f} MB/s")


def _print_memory(posts: Path, size_bytes: int) -> None:
    big = posts.parent / "big" / "Posts.xml"
    big.parent.mkdir()
    data = posts.read_bytes()
    first, last = data.index(b"  <row "), data.rindex(b"</posts>")
    with big.open("wb") as out:
        out.write(data[:first])
        while out.tell() < size_bytes:
            out.write(data[first:last])
        out.write(data[last:])
    command = [sys.executable, "-m", "tests.bench.stackexchange", "--read"]
    for path in (big, CORPUS / ARCHIVE):
        done = subprocess.run([*command, str(path)], capture_output=True, text=True, check=True)
        print(f"{path.stat().st_size / 1e6:,.0f} MB {path.suffix}: {done.stdout.strip()}")


def _read_alone(path: Path) -> int:
    begin, num_rows = time.process_time(), 0
    for _ in read_stackexchange(ContainerRef(path.name, str(path), path.stat().st_size), CONFIG):
        num_rows += 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(f"{num_rows} rows, {time.process_time() - begin:.1f} s, peak {peak / 2**20:.0f} MiB")
    return 0


def _rows(path: Path) -> list[Row]:
    return list(read_stackexchange(ContainerRef(path.name, str(path), path.stat().st_size), CONFIG))


def _joined(rows: list[Row]) -> list[Row]:
    posts = sorted((post for row in rows if (post := as_post(row))), key=lambda post: post.sort_key)
    others = [row for row in rows if as_post(row) is None]
    return list(form_threads([*others, *(post.row for post in posts)], CONFIG.source.stackexchange))


def _seconds(run: Callable[[Path], int], path: Path) -> float:
    begin = time.process_time()
    run(path)
    return time.process_time() - begin


def _decoded(path: Path) -> bytes:
    with path.open("rb") as stream, open_archive(stream) as archive, MemberStream(archive, "Posts.xml") as member:
        return b"".join(iter(lambda: member.read(2**20), b""))


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def _baseline(path: Path) -> int:
    from lxml import etree

    threads: dict[str, list[str]] = {}
    for _, row in etree.iterparse(str(path), tag="row", resolve_entities=False, no_network=True):
        text = _Text()
        text.feed(row.get("Body") or "")
        threads.setdefault(row.get("ParentId") or row.get("Id") or "", []).append("".join(text.parts))
        row.clear()
        while row.getprevious() is not None:
            del row.getparent()[0]
    return len(threads)


if __name__ == "__main__":
    sys.exit(main())
