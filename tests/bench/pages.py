"""The pages a benchmark runs on: real WARC files beside the checkout, else the bundled sample."""

from __future__ import annotations

from pathlib import Path
from tempfile import mkdtemp

from pipelines.benchmarks import BenchmarkItem, load_items
from pipelines.storage import open_storage

SHARED = Path(__file__).parents[2] / "../shared/corpus/commoncrawl"


def warc_files(given: list[str]) -> list[Path]:
    """WARC files of the given paths; without any, the real ones beside the checkout, else the sample's."""
    if given:
        roots = [Path(path) for path in given]
    elif SHARED.is_dir():
        roots = [SHARED / "pages", SHARED / "crawls"]
    else:
        from pipelines.sample.build import build_sample

        return list(build_sample(Path(mkdtemp(prefix="gristmill-bench-"))).warcs)
    files = [file for root in roots for file in ([root] if root.is_file() else sorted(root.rglob("*.warc.gz")))]
    if not files:
        raise SystemExit(f"no *.warc.gz in {', '.join(map(str, roots))}")
    return files


def benchmark_items() -> list[BenchmarkItem]:
    """The real benchmark items beside the checkout, else the sample's."""
    folder = SHARED.parent / "benchmarks"
    if not folder.is_dir():
        from pipelines.sample.build import build_sample

        folder = build_sample(Path(mkdtemp(prefix="gristmill-bench-"))).benchmarks
    return load_items(open_storage(str(folder)))
