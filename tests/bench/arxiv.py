"""arXiv's sources to text beside pandoc, on the real source tars beside the checkout, in one run.

    python -m tests.bench.arxiv [--worst N] [--no-peer] [--json]

Prints the outcome of every entry and, over the papers in TeX, for us and for pandoc's Markdown: user's macro names left
in the text, section titles in order, display equations present with balanced delimiters, papers per second and core;
then the words of pandoc's plain output that are in ours, and the peak memory of our pass. pandoc gets each paper
flattened, without its style files and bibliography, and without the work of reading archives.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from extractors.latex import flatten
from pipelines.schemas import CONTAINER_END
from pipelines.source_config import SourceConfig
from pipelines.sources.archives import ArchiveError, TarMember, tar_members
from pipelines.sources.arxiv import TEX_TYPE, read_arxiv
from pipelines.sources.arxiv_submission import read_submission
from pipelines.sources.records import ReaderConfig, Row
from pipelines.transport import ContainerRef
from tests.bench import arxiv_figures as figures

CORPUS = Path(__file__).parents[2] / "../shared/corpus/arxiv"
PANDOC_LIMIT_S = 120
MIN_RECALL = 0.97
BIBLIOGRAPHY = re.compile(r"\\begin\s*\{thebibliography\}.*?\\end\s*\{thebibliography\}", re.DOTALL)
BODY = re.compile(r"\\begin\s*\{document\}(.*?)(?:\\end\s*\{document\}|\Z)", re.DOTALL)


@dataclass(frozen=True)
class Figures:
    """What one text has of what its source says must be in it."""

    left: Counter[str]
    """User's macro names."""
    titles: figures.Found
    equations: figures.Found


@dataclass(frozen=True)
class Paper:
    """One paper in TeX as two texts."""

    name: str
    ours: Figures
    pandoc: Figures | None
    recalled: tuple[int, int, Counter[str]] | None
    """(Found, wanted, missing) of pandoc's words; None: pandoc gave nothing."""

    @property
    def recall(self) -> float | None:
        return self.recalled[0] / self.recalled[1] if self.recalled and self.recalled[1] else None


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    tars = sorted(CORPUS.glob("arXiv_src_*.tar"))
    if not tars:
        print(f"no source tars at {CORPUS}: nothing measured", file=sys.stderr)
        return 0
    started = time.process_time()
    rows = [row for tar in tars for row in _read(tar)]
    ours_s = time.process_time() - started
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    papers, pandoc_s = _measured(tars, rows, with_peer=not options.no_peer)
    report = _report(rows, papers, ours_s=ours_s, pandoc_s=pandoc_s, peak_mb=peak_mb)
    if options.json:
        print(json.dumps(report, indent=1))
    else:
        print(f"{'':<44} {'gristmill':<26} pandoc")
        for name, (ours, theirs) in report.items():
            print(f"{name:<44} {ours:<26} {theirs}".rstrip())
    _print_worst(papers, options.worst)
    return 0


def _read(tar: Path) -> Iterator[Row]:
    config = ReaderConfig(source=SourceConfig(id="arxiv", format="arxiv", category="acquired"))
    return read_arxiv(ContainerRef(tar.name, str(tar), tar.stat().st_size), config)


def _measured(tars: Sequence[Path], rows: Sequence[Row], *, with_peer: bool) -> tuple[list[Paper], float]:
    """The papers in TeX with their figures, and the processor seconds that pandoc took to make Markdown of them."""
    by_place = {(row.container, row.offset): row for row in rows if row.media_type == TEX_TYPE and row.text}
    standard = _standard_names()
    papers, seconds = [], 0.0
    for tar in tars:
        for member, files in _submissions(tar):
            row = by_place.get((tar.name, member.data_offset))
            if row is None:
                continue
            flat = flatten(files, json.loads(row.metadata or "{}")["main_file"])
            markdown, plain = None, None
            if with_peer:
                before = _children_s()
                markdown = _pandoc(BIBLIOGRAPHY.sub("", flat), "commonmark_x")
                seconds += _children_s() - before
                plain = _pandoc(BIBLIOGRAPHY.sub("", flat), "plain")
            body = BODY.search(flat)
            source = figures.cleaned(body[1] if body else flat)
            names = figures.defined_names([*figures.sources_of(files), flat], standard)
            text = row.text or ""
            papers.append(
                Paper(
                    member.name,
                    _figures(source, text, names),
                    _figures(source, markdown, names, figures.ANY_DISPLAY) if markdown else None,
                    figures.words_recalled(plain, text) if plain else None,
                )
            )
    return papers, seconds


def _figures(source: str, text: str, names: set[str], display: re.Pattern[str] = figures.TEXT_DISPLAY) -> Figures:
    return Figures(
        figures.names_left(text, names),
        figures.titles_found(source, text, names),
        figures.equations_found(source, text, names, display),
    )


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _submissions(tar: Path) -> Iterator[tuple[TarMember, dict[str, bytes]]]:
    with tar.open("rb") as stream:
        for member in tar_members(stream):
            if isinstance(member, TarMember) and member.kind == "file":
                try:
                    yield member, read_submission(member, 2**24).files
                except ArchiveError:
                    continue


def _standard_names() -> frozenset[str]:
    """Commands of TeX and its common packages, that papers redefine and a reader of Markdown knows: MathML's names."""
    folder = Path(__file__).parents[2] / "extractors"
    symbols = (folder / "mathml_symbols.json").read_text(encoding="utf-8")
    more = "text textbf textit emph mathbf mathrm mathcal bm boldsymbol operatorname frac dfrac tfrac sqrt overline hat"
    more += " tilde bar vec dot ddot underline widehat widetilde mathbb mathsf tag qquad quad left right begin end url"
    more += " a b c d t u v H k r l L o O i j P S ss ae AE oe OE aa AA le ge ne to mapsfrom"
    return frozenset(re.findall(r"\\\\([A-Za-z]+)", symbols)) | frozenset(more.split())


def _pandoc(source: str, to: str) -> str | None:
    """pandoc's text; None when it fails or takes too long."""
    import pypandoc

    command = [pypandoc.get_pandoc_path(), "-f", "latex", "-t", to, "--wrap=none"]
    try:
        done = subprocess.run(command, input=source.encode(), capture_output=True, timeout=PANDOC_LIMIT_S, check=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode()


def _report(
    rows: Sequence[Row], papers: Sequence[Paper], *, ours_s: float, pandoc_s: float, peak_mb: float
) -> dict[str, tuple[str, str]]:
    """Ours and pandoc's by what is measured."""
    outcomes: Counter[str] = Counter()
    for row in rows:
        if row.skip_reason != CONTAINER_END:
            outcomes[row.error or row.skip_reason or f"document ({row.media_type})"] += row.num_records
    report = {f"outcome: {name}": (str(count), "") for name, count in sorted(outcomes.items())}
    ours = _summary([paper.ours for paper in papers], len(papers))
    theirs = _summary([paper.pandoc for paper in papers if paper.pandoc], len(papers))
    report |= {name: (value, theirs[name]) for name, value in ours.items()}
    compared = [paper.recalled for paper in papers if paper.recalled]
    report["words of pandoc's that we have"] = (
        _ratio(sum(found for found, _, _ in compared), sum(wanted for _, wanted, _ in compared)),
        "",
    )
    enough = sum((paper.recall or 0) >= MIN_RECALL for paper in papers)
    report[f"papers with at least {MIN_RECALL:.0%} of them"] = (_ratio(enough, len(compared)), "")
    pandoc_rate = f"{sum(paper.pandoc is not None for paper in papers) / pandoc_s:.2f}" if pandoc_s else ""
    report["papers per second and core"] = (f"{len(papers) / ours_s:.2f}", pandoc_rate)
    report["peak memory (MB)"] = (f"{peak_mb:.0f}", "")
    return report


def _summary(measured: Sequence[Figures], num_papers: int) -> dict[str, str]:
    return {
        "papers in TeX with text": _ratio(len(measured), num_papers),
        "papers without a user's macro name": _ratio(sum(not each.left for each in measured), len(measured)),
        "papers with every section title in order": _ratio(
            sum(not each.titles.missing for each in measured), len(measured)
        ),
        "section titles in order": _sum_ratio([each.titles for each in measured]),
        "display equations present and balanced": _sum_ratio([each.equations for each in measured]),
    }


def _sum_ratio(parts: Sequence[figures.Found]) -> str:
    return _ratio(sum(part.found for part in parts), sum(part.wanted for part in parts))


def _ratio(found: int, wanted: int) -> str:
    return f"{found} of {wanted} ({100 * found / wanted:.2f} %)" if wanted else "-"


def _print_worst(papers: Sequence[Paper], num_papers: int) -> None:
    """The papers with most amiss, and what is."""

    def badness(paper: Paper) -> float:
        missing = len(paper.ours.titles.missing) + len(paper.ours.equations.missing) + 5 * len(paper.ours.left)
        return missing + 100 * (1 - (paper.recall if paper.recall is not None else 1))

    for paper in sorted(papers, key=badness, reverse=True)[:num_papers]:
        recall = f"{100 * paper.recall:.2f} %" if paper.recall is not None else "-"
        ours = paper.ours
        equations = f"{ours.equations.found}/{ours.equations.wanted}"
        print(f"\n{paper.name}: titles {ours.titles.found}/{ours.titles.wanted}, equations {equations}, words {recall}")
        if ours.left:
            print(f"  macros left: {', '.join(f'{name} ({count})' for name, count in ours.left.most_common(12))}")
        for title in ours.titles.missing[:6]:
            print(f"  no title: {' '.join(title.split())[:100]}")
        for equation in ours.equations.missing[:4]:
            print(f"  no equation: {' '.join(equation.split())[:140]}")
        if paper.recalled:
            print(f"  words missing: {', '.join(f'{w} ({n})' for w, n in paper.recalled[2].most_common(15))}")


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.arxiv")
    parser.add_argument("--worst", type=int, default=0, help="so many papers with what is amiss in them")
    parser.add_argument("--no-peer", action="store_true", help="leave pandoc out")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
