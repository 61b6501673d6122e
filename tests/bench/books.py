"""Books and office files beside the checkout: each file's outcome, words against pandoc, speed and memory.

    python -m tests.bench.books [--files] [--no-peer]

Words recalled: the words of pandoc's plain output, each as often as it stands there, that ours has too. Speed is
process time of one core in this process and its children, the best of three rounds; pandoc's includes its start, as
its users pay it. The samples hold no ODT: pandoc writes them from the other books. Peak memory is the largest of this
process and of the one that reads PDFs, both counted whole.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from extractors.pdf.apart import READER
from pipelines.schemas import CONTAINER_END
from pipelines.source_config import BooksOptions, SourceConfig
from pipelines.sources.books import KINDS, read_books
from pipelines.sources.records import ReaderConfig, Row
from pipelines.transport import ContainerRef

BOOKS = Path(__file__).parents[2] / "../shared/corpus/books"
PANDOC_FORMATS = ("epub", "docx", "odt")
ROUNDS = 3
MIN_WORDS = 50
"""Words of pandoc's output from which a file's recall says something, inclusive."""
_WORD = re.compile(r"[^\W_]+")


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", action="store_true", help="one line for each file")
    parser.add_argument("--no-peer", action="store_true", help="leave pandoc out")
    options = parser.parse_args(arguments)
    if not BOOKS.is_dir():
        print("no folder of real books beside the checkout: nothing measured", file=sys.stderr)
        return 0
    _print_outcomes(options.files)
    _print_speed(None if options.no_peer else _pandoc())
    return 0


def _files() -> list[Path]:
    return sorted(path for path in BOOKS.rglob("*") if path.is_file())


def _rows(path: Path) -> list[Row]:
    config = ReaderConfig(source=SourceConfig(id="books", format="books", category="acquired"))
    return list(read_books(ContainerRef(str(path.relative_to(BOOKS)), str(path), path.stat().st_size), config))


def _print_outcomes(each: bool) -> None:
    outcomes: Counter[tuple[str, str]] = Counter()
    total = 0
    for path in _files():
        rows = _rows(path)
        assert rows[-1].skip_reason == CONTAINER_END
        assert int(rows[-1].skip_value or 0) == sum(row.num_records for row in rows), path
        for row in rows[:-1]:
            word = row.error or (f"skipped: {row.skip_reason}" if row.skip_reason else "document")
            outcomes[path.parent.name, word] += row.num_records
            total += row.num_records
            if each:
                print(f"{word:22} {len(row.text or ''):8} {path.relative_to(BOOKS)}")
    for (folder, word), count in sorted(outcomes.items()):
        print(f"{folder:12} {word:22} {count:4}")
    print(f"{total} records of {len(_files())} files, each with one outcome")
    here, child = (resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    child = max(child, READER.peak_memory_bytes() / 2**20)  # it is still alive
    print(f"peak memory: {here:.0f} MiB here, {child:.0f} MiB in the process that reads PDFs")


def _pandoc() -> str | None:
    try:
        import pypandoc
    except ImportError:
        print("pandoc is not installed (the extra `peers` brings it): ours alone", file=sys.stderr)
        return None
    return str(pypandoc.get_pandoc_path())


def _print_speed(pandoc: str | None) -> None:
    print("format   files   docs/s MB text/s pandoc docs/s  times  recall   least")
    options = BooksOptions(apparatus="keep", pdf_process="same")
    folder = TemporaryDirectory(prefix="gristmill-bench-")
    for suffix, kind in KINDS.items():
        files = [path for path in _files() if path.suffix == f".{suffix}" or path.name.endswith(f".{suffix}.gz")]
        if suffix == "odt" and pandoc and not files:
            files = _written(pandoc, Path(folder.name))
        inputs = [(path, _content(path)) for path in files]
        inputs = [(path, data) for path, data in inputs if kind.read(data, options).text]
        if not inputs:
            continue
        texts = [kind.read(data, options).text for _, data in inputs]
        seconds = _best(lambda: [kind.read(data, options) for _, data in inputs])  # noqa: B023 - called at once
        line = f"{suffix:8} {len(inputs):5} {len(inputs) / seconds:8.1f} {sum(map(len, texts)) / 1e6 / seconds:9.2f}"
        if pandoc and suffix in PANDOC_FORMATS:
            line += _against(pandoc, suffix, [path for path, _ in inputs], texts, len(inputs) / seconds)
        print(line)


def _written(pandoc: str, folder: Path) -> list[Path]:
    """OpenDocument texts that pandoc makes of the books and documents: the samples hold none."""
    made = []
    for path in _files():
        if path.suffix in (".epub", ".docx") and "faults" not in path.parent.name:
            target = folder / f"{path.stem}.odt"
            subprocess.run([pandoc, str(path), "-o", str(target)], capture_output=True, check=False)
            if target.exists():
                made.append(target)
    return made


def _content(path: Path) -> bytes:
    import gzip

    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def _against(pandoc: str, suffix: str, paths: list[Path], texts: list[str], rate: float) -> str:
    """Columns of pandoc's speed and of the words recalled: over all files, and of the worst file."""
    plain = [_plain(pandoc, suffix, path) for path in paths]
    seconds = _best(lambda: [_plain(pandoc, suffix, path) for path in paths], rounds=1)
    theirs = len(paths) / seconds
    found = wanted = 0
    least = 1.0
    for text, reference in zip(texts, plain, strict=True):
        ours, counted = Counter(_words(text)), Counter(_words(reference))
        common = (ours & counted).total()
        found, wanted = found + common, wanted + counted.total()
        if counted.total() >= MIN_WORDS:
            least = min(least, common / counted.total())
    return f" {theirs:13.1f} {rate / theirs:6.1f} {found / max(1, wanted):7.2%} {least:7.2%}"


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _plain(pandoc: str, suffix: str, path: Path) -> str:
    """Pandoc's plain text; its own marks for pictures are no words."""
    command = [pandoc, "-f", suffix, "-t", "plain", "--wrap=none", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")
    return re.sub(r"\[[^\]\n]{0,300}(?:image|picture)[^\]\n]{0,300}\]", "", done.stdout)


def _best(step: Callable[[], object], rounds: int = ROUNDS) -> float:
    return min(_cpu_seconds(step) for _ in range(rounds))


def _cpu_seconds(step: Callable[[], object]) -> float:
    """Processor time of a call, its ended children included."""
    before, start = os.times(), time.process_time()
    step()
    after = os.times()
    children = after.children_user + after.children_system - before.children_user - before.children_system
    return max(1e-6, time.process_time() - start + children)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
