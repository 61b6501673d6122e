"""Our web path and datatrove's, step by step, on the same real pages in the same run: documents per second and core.

    python -m tests.bench [WARC …] [--rounds N] [--no-peer] [--json]

One process, one core, process time, pages in memory; the median of the rounds. Without files it takes the real WARC
files beside the checkout, else the bundled sample. datatrove is given its best case: its steps are called directly,
without its child process and without a language filter or benchmark matches, which ours has.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median

from pipelines.transport import ContainerRef
from tests.bench import ours, peer
from tests.bench.pages import warc_files


@dataclass(frozen=True)
class Row:
    """Documents per second and core of one step; None where that side has no such step."""

    step: str
    ours: float | None
    datatrove: float | None

    @property
    def ratio(self) -> float | None:
        return self.ours / self.datatrove if self.ours and self.datatrove else None


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    refs = [ContainerRef(file.name, str(file), file.stat().st_size) for file in warc_files(options.warc)]
    pages = ours.read_pages(refs)
    texts = [text for page in pages if (text := ours.extract_text(page))]
    html_mb, text_mb = sum(len(p.html) for p in pages) / 1e6, sum(len(t.encode()) for t in texts) / 1e6
    print(f"{len(pages)} pages of {html_mb:.1f} MB HTML, {len(texts)} texts of {text_mb:.2f} MB", file=sys.stderr)
    rows = list(_measure(refs, pages, texts, options))
    if options.json:
        print(json.dumps([asdict(row) | {"ratio": row.ratio} for row in rows], indent=1))
    else:
        _print(rows)
    return 0


def _measure(
    refs: list[ContainerRef], pages: list[ours.Page], texts: list[str], options: argparse.Namespace
) -> Sequence[Row]:
    rows = []
    theirs = {} if options.no_peer else peer.steps(refs, pages, texts)
    our_steps = ours.steps(refs, pages, texts)
    for name, (count, step) in our_steps.items():
        our_rate = _rate(count, step, options.rounds)
        their_rate = _rate(theirs[name][0], theirs[name][1], 1) if name in theirs else None
        rows.append(Row(name, our_rate, their_rate))
        print(f"  {name}", file=sys.stderr)
    return rows


def _rate(count: int, step: Callable[[], object], rounds: int) -> float:
    seconds = []
    for _ in range(rounds):
        started = time.process_time()
        step()
        seconds.append(time.process_time() - started)
    return count / max(median(seconds), 1e-9)


def _print(rows: Sequence[Row]) -> None:
    print(f"{'step':<44} {'gristmill':>12} {'datatrove':>12} {'ratio':>8}")
    for row in rows:
        cells = [f"{value:,.0f}/s" if value else "-" for value in (row.ours, row.datatrove)]
        print(f"{row.step:<44} {cells[0]:>12} {cells[1]:>12} {f'{row.ratio:.1f} x' if row.ratio else '':>8}")


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("warc", nargs="*", help="WARC files or folders of them")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of our steps; the peer has one")
    parser.add_argument("--no-peer", action="store_true", help="leave datatrove out")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
