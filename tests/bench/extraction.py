"""Our extractor, trafilatura's default and resiliparse's main content on the extraction bench's pages, page by page.

    python -m tests.bench.extraction [--every N] [--bench FOLDER]

One process, process time. On each page the three take turns, so what else runs on the machine weighs on all alike; ours
runs before and after trafilatura, and the mean counts. Ratios are of the sums.
"""

from __future__ import annotations

import argparse
import json
import logging
import lzma
import sys
import time
from collections.abc import Callable
from pathlib import Path

from extractors.html import extract

BENCH = Path(__file__).parents[2] / "../shared/extraction-bench"
WARM_UP = 10


def main() -> int:
    """Print milliseconds a page and the ratios; 0 also where there is no bench."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, default=BENCH)
    parser.add_argument("--every", type=int, default=4, help="take each so many pages")
    chosen = parser.parse_args()
    pages = _pages(chosen.bench, chosen.every)
    if not pages:
        print("no bench beside the checkout: nothing measured", file=sys.stderr)
        return 0
    import trafilatura
    from resiliparse.extract.html2text import extract_plain_text

    logging.disable(logging.CRITICAL)

    def ours(html: bytes, url: str | None) -> None:
        extract(html, url=url)

    def default(html: bytes, url: str | None) -> None:
        trafilatura.extract(html, url=url)

    def main_content(html: bytes, _url: str | None) -> None:
        extract_plain_text(html.decode("utf-8", "replace"), main_content=True)

    turns = (("gristmill", ours), ("trafilatura", default), ("gristmill", ours), ("resiliparse", main_content))
    spent = dict.fromkeys((name for name, _ in turns), 0.0)
    runs = {name: [n for n, _ in turns].count(name) for name in spent}
    for html, url in pages[:WARM_UP]:
        for _, run in turns:
            run(html, url)
    for html, url in pages:
        for name, run in turns:
            spent[name] += _seconds(run, html, url) / runs[name]
    size = sum(len(html) for html, _ in pages) / len(pages)
    print(f"{len(pages)} pages of {size / 1e3:.0f} KB on average")
    for name, seconds in spent.items():
        each = seconds / len(pages)
        print(f"{name:<12} {each * 1e3:7.2f} ms a page {1 / each:7.0f}/s {spent['trafilatura'] / seconds:6.2f} x")
    return 0


def _seconds(run: Callable[[bytes, str | None], None], html: bytes, url: str | None) -> float:
    started = time.process_time()
    run(html, url)
    return time.process_time() - started


def _pages(bench: Path, every: int) -> list[tuple[bytes, str | None]]:
    pages = []
    for path in sorted((bench / "data").glob("*.jsonl.xz")):
        with lzma.open(path, "rt", encoding="utf-8", errors="surrogatepass") as lines:
            for line in list(lines)[::every]:
                record = json.loads(line)
                pages.append((record["html"].encode("utf-8", "replace"), record.get("url")))
    return pages


if __name__ == "__main__":
    sys.exit(main())
