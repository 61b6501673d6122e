"""arXiv's sources to text beside pandoc, on the real source tars beside the checkout, in one run.

    python -m tests.bench.arxiv [--worst N] [--no-peer] [--json]

Prints the outcome of every entry and, over the papers in TeX: user's macro names left in the text, section titles in
order, display equations present with balanced delimiters, words of pandoc's plain output of the same flattened paper
that are in ours; the peak memory of our pass, and papers per second and core of both. pandoc gets each paper
flattened, without its bibliography and without the work of reading archives.
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
BIBLIOGRAPHY = re.compile(r"\\begin\s*\{thebibliography\}.*?\\end\s*\{thebibliography\}", re.DOTALL)
BODY = re.compile(r"\\begin\s*\{document\}(.*?)(?:\\end\s*\{document\}|\Z)", re.DOTALL)


@dataclass(frozen=True)
class Paper:
    """One document in TeX and what its source says must be in it."""

    name: str
    text: str
    left: Counter[str]
    titles: figures.Found
    equations: figures.Found
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
        for name, value in report.items():
            print(f"{name:<58} {value}")
    _print_worst(papers, options.worst)
    return 0


def _read(tar: Path) -> Iterator[Row]:
    config = ReaderConfig(source=SourceConfig(id="arxiv", format="arxiv", category="acquired"))
    return read_arxiv(ContainerRef(tar.name, str(tar), tar.stat().st_size), config)


def _measured(tars: Sequence[Path], rows: Sequence[Row], *, with_peer: bool) -> tuple[list[Paper], float]:
    """The papers in TeX with their figures, and the processor seconds that pandoc took."""
    by_place = {(row.container, row.offset): row for row in rows if row.media_type == TEX_TYPE and row.text}
    standard = _standard_names()
    papers = []
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for tar in tars:
        for member, files in _submissions(tar):
            row = by_place.get((tar.name, member.data_offset))
            if row is not None:
                papers.append(_paper(member.name, row, files, standard, with_peer=with_peer))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return papers, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _submissions(tar: Path) -> Iterator[tuple[TarMember, dict[str, bytes]]]:
    with tar.open("rb") as stream:
        for member in tar_members(stream):
            if isinstance(member, TarMember) and member.kind == "file":
                try:
                    yield member, read_submission(member, 2**24).files
                except ArchiveError:
                    continue


def _paper(name: str, row: Row, files: dict[str, bytes], standard: frozenset[str], *, with_peer: bool) -> Paper:
    main_file = json.loads(row.metadata or "{}")["main_file"]
    flat = flatten(files, main_file)
    body = BODY.search(flat)
    source = figures.cleaned(body[1] if body else flat)
    names = figures.defined_names([*figures.sources_of(files), flat], standard)
    text = row.text or ""
    plain = _pandoc(BIBLIOGRAPHY.sub("", flat)) if with_peer else None
    return Paper(
        name,
        text,
        figures.names_left(text, names),
        figures.titles_found(source, text, names),
        figures.equations_found(source, text, names),
        figures.words_recalled(plain, text) if plain else None,
    )


def _standard_names() -> frozenset[str]:
    """Commands of TeX and its common packages, that papers redefine and a reader of Markdown knows: MathML's names."""
    folder = Path(__file__).parents[2] / "extractors"
    symbols = (folder / "mathml_symbols.json").read_text(encoding="utf-8")
    more = "text textbf textit emph mathbf mathrm mathcal bm boldsymbol operatorname frac dfrac tfrac sqrt overline hat"
    more += " tilde bar vec dot ddot underline widehat widetilde mathbb mathsf tag qquad quad left right begin end url"
    return frozenset(re.findall(r"\\\\([A-Za-z]+)", symbols)) | frozenset(more.split())


def _pandoc(source: str) -> str | None:
    """pandoc's plain text; None when it fails or takes too long."""
    import pypandoc

    command = [pypandoc.get_pandoc_path(), "-f", "latex", "-t", "plain", "--wrap=none"]
    try:
        done = subprocess.run(command, input=source.encode(), capture_output=True, timeout=PANDOC_LIMIT_S, check=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode()


def _report(
    rows: Sequence[Row], papers: Sequence[Paper], *, ours_s: float, pandoc_s: float, peak_mb: float
) -> dict[str, str]:
    outcomes: Counter[str] = Counter()
    for row in rows:
        if row.skip_reason != CONTAINER_END:
            outcomes[row.error or row.skip_reason or f"document ({row.media_type})"] += row.num_records
    compared = [paper for paper in papers if paper.recall is not None]
    clean = sum(not paper.left for paper in papers)
    whole = sum(not paper.titles.missing for paper in papers)
    num_papers = len(papers)
    report = {f"outcome: {name}": str(count) for name, count in sorted(outcomes.items())}
    report |= {
        "papers in TeX with text": str(num_papers),
        "papers without a user's macro name": _ratio(clean, num_papers),
        "papers with every section title in order": _ratio(whole, num_papers),
        "section titles": _ratio(sum(p.titles.found for p in papers), sum(p.titles.wanted for p in papers)),
        "display equations present and balanced": _ratio(
            sum(p.equations.found for p in papers), sum(p.equations.wanted for p in papers)
        ),
        "papers that pandoc reads": _ratio(len(compared), num_papers),
        "words of pandoc's recalled": _ratio(
            sum(p.recalled[0] for p in compared if p.recalled), sum(p.recalled[1] for p in compared if p.recalled)
        ),
        "papers with at least 97 % of pandoc's words": _ratio(
            sum((p.recall or 0) >= 0.97 for p in compared), len(compared)
        ),
        "peak memory of our pass (MB)": f"{peak_mb:.0f}",
        "papers per second and core, ours (archives included)": f"{num_papers / ours_s:.2f}",
    }
    if compared:
        report["papers per second and core, pandoc (flattened papers)"] = f"{num_papers / pandoc_s:.2f}"
    return report


def _ratio(found: int, wanted: int) -> str:
    return f"{found} of {wanted} ({100 * found / wanted:.2f} %)" if wanted else "none"


def _print_worst(papers: Sequence[Paper], num_papers: int) -> None:
    """The papers with most amiss, and what is."""

    def badness(paper: Paper) -> float:
        missing = len(paper.titles.missing) + len(paper.equations.missing) + 5 * len(paper.left)
        return missing + 100 * (1 - (paper.recall if paper.recall is not None else 1))

    for paper in sorted(papers, key=badness, reverse=True)[:num_papers]:
        recall = f"{100 * paper.recall:.2f} %" if paper.recall is not None else "-"
        equations = f"{paper.equations.found}/{paper.equations.wanted}"
        print(
            f"\n{paper.name}: titles {paper.titles.found}/{paper.titles.wanted}, equations {equations}, words {recall}"
        )
        if paper.left:
            print(f"  macros left: {', '.join(f'{name} ({count})' for name, count in paper.left.most_common(12))}")
        for title in paper.titles.missing[:6]:
            print(f"  no title: {' '.join(title.split())[:100]}")
        for equation in paper.equations.missing[:4]:
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
