"""Wikipedia's proof: outcomes of the real dumps, markup left over, formulas kept, splits, memory, speed beside peers.

    python -m tests.bench.wikipedia [FOLDER] [--peers FOLDER] [--rounds N] [--markdown FOLDER]

FOLDER defaults to the dumps beside the checkout. Peers are `mwparserfromhell` (`strip_code`) and `wikiextractor`
where they can be imported; `--peers` names a folder they were installed into (`uv pip install --target FOLDER
mwparserfromhell wikiextractor`). Speed is process time on one core, the median of the rounds, of the extraction alone.
"""

from __future__ import annotations

import argparse
import bz2
import html
import re
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from extractors.wiki import Options, extract
from pipelines.source_config import SourceConfig
from pipelines.sources.records import ReaderConfig, Row
from pipelines.sources.wiki_pages import PageSplitter, RawPage, Site, parse_page
from pipelines.sources.wiki_streams import as_utf8, pieces, utf16_codec
from pipelines.sources.wikipedia import read_wikipedia, split_wikipedia, wiki_of
from pipelines.transport import ContainerRef

CORPUS = Path(__file__).parents[2] / "../shared/corpus/wikipedia"
MARKUP = re.compile(r"\{\{|\}\}|\{\||\|\}|<ref|\[\[|\]\]|'''")
CODE_OR_MATH = re.compile(r"(?ms)^ *(`{3,}).*?^ *\1$|(`{1,2}).+?\2|\$\$.*?\$\$|\$[^$\n]+\$")
MATH = re.compile(r"<math\b[^>/]*>(.*?)</math>", re.S | re.I)
LEFT_OUT = re.compile(r"(?s)<!--.*?-->|<ref\b[^>]*?(?<!/)>.*?</ref\s*>|<nowiki>.*?</nowiki>")
MAX_BYTES = 64 * 2**20


@dataclass(frozen=True)
class Article:
    """Wikitext of a document, as the reader saw it."""

    title: str
    language: str
    wikitext: str
    text: str


def config(**wikipedia: object) -> ReaderConfig:
    source = {"id": "wiki", "format": "wikipedia", "category": "acquired", "wikipedia": wikipedia}
    return ReaderConfig(source=SourceConfig.model_validate(source))


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.wikipedia")
    parser.add_argument("folder", nargs="?", type=Path, default=CORPUS)
    parser.add_argument("--peers", type=Path, help="folder with mwparserfromhell and wikiextractor")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--markdown", type=Path, help="write each text there, to be read by eye")
    options = parser.parse_args(arguments)
    files = sorted(options.folder.resolve().rglob("*.bz2")) if options.folder.exists() else []
    if not files:
        print(f"{options.folder}: no dumps there; nothing measured", file=sys.stderr)
        return 0
    rows = _outcomes(files)
    articles = list(_articles(files, rows))
    _markup(articles)
    _formulas(articles)
    _splits(articles)
    if options.peers:
        sys.path.insert(0, str(options.peers))
    _speed(articles, options.rounds)
    if options.markdown:
        options.markdown.mkdir(parents=True, exist_ok=True)
        for article in articles:
            name = re.sub(r"[/\s]", "_", f"{article.language}-{article.title}")[:80]
            (options.markdown / f"{name}.md").write_text(article.text, encoding="utf-8")
    print(f"peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")
    return 0


def _reference(path: Path) -> ContainerRef:
    return ContainerRef(path.name, str(path), path.stat().st_size)


def _outcomes(files: list[Path]) -> list[list[Row]]:
    """Every page of every dump by its end, and that the accounts balance."""
    found: Counter[str] = Counter()
    made = []
    for path in files:
        rows = list(read_wikipedia(_reference(path), config()))
        stated = int(rows[-1].skip_value or 0)
        assert stated == sum(row.num_records for row in rows), path
        made.append(rows)
        for row in rows[:-1]:
            name = row.error or ("document" if row.text is not None else f"{row.skip_reason}:{row.skip_value}")
            found[name] += row.num_records
    print(f"{len(files)} dumps, {sum(found.values())} pages: " + ", ".join(f"{n} {k}" for k, n in found.most_common()))
    return made


def _articles(files: list[Path], rows: list[list[Row]]) -> Iterator[Article]:
    """The wikitext of each document, found again by its title."""
    for path, of_file in zip(files, rows, strict=True):
        texts = {row.title: row.text for row in of_file if row.text is not None}
        data = bz2.decompress(path.read_bytes())
        with open(path, "rb") as stream:
            events, codec = pieces(stream), utf16_codec(data[:4])
            for raw in PageSplitter(MAX_BYTES).split(as_utf8(events, codec) if codec else events):
                page = parse_page(raw.data) if isinstance(raw, RawPage) else None
                if page is not None and page.title in texts:
                    language = wiki_of(path.name, Site()).language
                    yield Article(page.title, language, page.text, texts.pop(page.title) or "")


def _markup(articles: list[Article]) -> None:
    bad = [a for a in articles if MARKUP.search(CODE_OR_MATH.sub("", a.text))]
    share = 1 - len(bad) / len(articles)
    print(f"no markup left in {len(articles) - len(bad)} of {len(articles)} articles ({share:.2%}; asked: 99 %)")
    for article in bad:
        found = MARKUP.search(CODE_OR_MATH.sub("", article.text))
        assert found is not None
        print(f"  {article.language} {article.title}: {found.string[max(0, found.start() - 40) : found.end() + 40]!r}")


def _formulas(articles: list[Article]) -> None:
    """Formulas of running text and tables that the text has letter by letter, white space aside."""
    kept = total = 0
    for article in articles:
        text = "".join(article.text.split())
        for tex in MATH.findall(LEFT_OUT.sub("", article.wikitext)):
            wanted = "".join(html.unescape(tex).split())
            total += bool(wanted)
            is_there = bool(wanted) and (wanted in text or wanted.replace("|", "\\vert") in text)
            kept += is_there
            if wanted and not is_there:
                print(f"  not kept in {article.title}: {tex[:100]!r}")
    print(f"formulas kept: {kept} of {total}")


def _splits(articles: list[Article]) -> None:
    """A multistream dump of these articles, 10 in a stream, read by one task and by several."""
    pages = [
        f"<page><title>{html.escape(a.title)}</title><ns>0</ns><id>{n}</id><revision><id>{n}</id>"
        f"<text>{html.escape(a.wikitext)}</text></revision></page>\n"
        for n, a in enumerate(articles, 1)
    ]
    parts = ["<mediawiki>\n", *("".join(pages[k : k + 10]) for k in range(0, len(pages), 10)), "</mediawiki>\n"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "enwiki-1-pages-articles-multistream.xml.bz2")
        path.write_bytes(b"".join(bz2.compress(part.encode()) for part in parts))
        ref = _reference(path)
        assert ref.size_bytes is not None
        whole = [row for row in read_wikipedia(ref, config()) if row.text is not None]
        for num_tasks in (2, 7):
            made = config(split_bytes=-(-ref.size_bytes // num_tasks))
            tasks = split_wikipedia(ref, made)
            split = [row for task in tasks for row in read_wikipedia(task, made) if row.text is not None]
            print(f"multistream, {len(tasks)} tasks: {len(split)} documents, same rows as one task: {split == whole}")


def _speed(articles: list[Article], rounds: int) -> None:
    megabytes = sum(len(a.wikitext.encode()) for a in articles) / 1e6
    sides: dict[str, Callable[[Article], str]] = {"gristmill": _ours, **_peers()}
    spent: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):  # in turns, so that other work on the machine slows all alike
        for name, make in sides.items():
            begin = time.process_time()
            for article in articles:
                make(article)
            spent[name].append(time.process_time() - begin)
    for name, make in sides.items():
        seconds = spent[name]
        texts = [make(article) for article in articles]
        left = sum(MARKUP.search(CODE_OR_MATH.sub("", text)) is not None for text in texts)
        formulas = sum(text.count("$") > 1 or "<math" in text for text in texts)
        rates = f"{len(articles) / median(seconds):.0f} articles/s, {megabytes / median(seconds):.1f} MB/s per core"
        length = sum(map(len, texts)) / 1e6
        print(f"{name}: {rates}; markup left in {left} articles, {formulas} with formulas, {length:.2f} M characters")


def _ours(article: Article) -> str:
    return extract(article.wikitext, title=article.title, options=Options(language=article.language)).text


def _peers() -> dict[str, Callable[[Article], str]]:
    found: dict[str, Callable[[Article], str]] = {}
    try:
        import mwparserfromhell
    except ImportError:
        print("mwparserfromhell is not there: not compared", file=sys.stderr)
    else:
        found["mwparserfromhell"] = lambda article: str(mwparserfromhell.parse(article.wikitext).strip_code())
    try:
        from wikiextractor.extract import Extractor
    except ImportError as error:
        print(f"wikiextractor is not there ({error}): not compared", file=sys.stderr)
    else:

        def wikiextractor(article: Article) -> str:
            extractor = Extractor("1", "1", "https://e.org", article.title, [article.wikitext])
            return "\n".join(extractor.clean_text(article.wikitext, expand_templates=False))

        found["wikiextractor"] = wikiextractor
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
