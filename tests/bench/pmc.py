"""PubMed Central on real articles: what of the XML comes out, and how fast, beside what a user would run today.

    python -m tests.bench.pmc [--peers] [--detail]

Reads `../shared/corpus/pmc`; says so and ends where that is absent. What is measured: `tests.bench.pmc_fidelity`.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from lxml import etree

from extractors.jats import extract
from extractors.jats.parse import parse
from pipelines.source_config import PmcOptions, SourceConfig
from pipelines.sources.archives import TarMember, decoded, tar_members
from pipelines.sources.pmc import is_pmc_file, read_pmc
from pipelines.sources.records import ReaderConfig
from pipelines.transport import list_containers
from tests.bench.pmc_fidelity import body_words, common, score, words

CORPUS = (Path(__file__).parents[2] / "../shared/corpus/pmc").resolve()
MIN_RECALL = 0.995
"""Of body words in order (issue 4, proof 3), inclusive."""


def articles() -> Iterator[tuple[str, bytes]]:
    """Names and bytes of the sample's articles."""
    for path in sorted(CORPUS.glob("*.tar.gz")):
        with path.open("rb") as stream:
            for member in tar_members(decoded(stream, 2**32)):
                if isinstance(member, TarMember) and member.name.endswith(".xml"):
                    yield member.name, member.read(2**26)


def fidelity(detail: bool) -> bool:
    scores = [score(name, xml) for name, xml in articles()]
    total = [
        sum(getattr(one, name) for one in scores)
        for name in (
            "num_words",
            "found_words",
            "num_cells",
            "found_cells",
            "num_formulas",
            "found_formulas",
            "image_formulas",
        )
    ]
    print(f"{len(scores)} articles")
    print(f"body words in order   {total[1]:>8,} of {total[0]:>8,}  {total[1] / total[0]:.4%}")
    below = [one for one in scores if one.num_words and one.found_words < MIN_RECALL * one.num_words]
    print(
        f"  articles below {MIN_RECALL:.1%}: {len(below)}; the worst: "
        + ", ".join(
            f"{one.name.rpartition('/')[2]} {one.found_words / one.num_words:.2%}"
            for one in sorted(below, key=lambda one: one.found_words / one.num_words)[:5]
        )
    )
    print(f"table cells           {total[3]:>8,} of {total[2]:>8,}")
    print(f"formulas with markup  {total[5]:>8,} of {total[4]:>8,}; {total[6]:,} more are pictures only")
    print(f"titles of references in the text: {sum(len(one.leaked) for one in scores)}")
    if detail:
        for one in scores:
            if one.missing or one.leaked:
                print(f"{one.name} {one.found_words}/{one.num_words}: {'; '.join(one.missing[:14])} {one.leaked[:3]}")
    return bool(total[1] >= MIN_RECALL * total[0] and total[2] == total[3] and total[4] == total[5])


def outcomes() -> None:
    """Every entry of the folder, by what became of it."""
    options = PmcOptions()
    source = SourceConfig(id="pmc", format="pmc", category="acquired", pmc=options)
    config = ReaderConfig(source=source)
    for ref in list_containers([str(CORPUS)], accepts=is_pmc_file):
        found: Counter[str] = Counter()
        for row in read_pmc(ref, config):
            kind = "document" if row.text else row.error or f"{row.skip_reason}: {row.skip_value}"
            found[kind] += row.num_records
        print(f"{ref.name}: {', '.join(f'{number} {kind}' for kind, number in sorted(found.items()) if number)}")
    print(f"peak memory of the process so far {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


def plain_lxml(xml: bytes) -> str:
    """What a script in the manner of pubmed_parser does: title, abstract and the paragraphs of the body, as text."""
    tree = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    title = "".join(node for found in tree.findall(".//article-title")[:1] for node in found.itertext())
    abstract = [" ".join("".join(found.itertext()).split()) for found in tree.findall(".//abstract//p")]
    body = [" ".join("".join(found.itertext()).split()) for found in tree.findall(".//body//p")]
    return "\n\n".join([title, *abstract, *body])


def pandoc(xml: bytes) -> str:
    import pypandoc

    return str(pypandoc.convert_text(xml.decode(), "markdown", format="jats", extra_args=["--wrap=none"]))


def speed(with_pandoc: bool) -> None:
    sample = list(articles())
    size = sum(len(xml) for _, xml in sample)
    _time("gristmill", sample, size, lambda xml: extract(xml).text)
    _time("lxml itertext of title, abstract, paragraphs", sample, size, plain_lxml)
    if with_pandoc:
        try:
            import pypandoc  # noqa: F401
        except ImportError:
            print("pandoc: not installed")
            return
        _time("pandoc -f jats -t markdown (first 30)", sample[:30], sum(len(xml) for _, xml in sample[:30]), pandoc)


def _time(name: str, sample: list[tuple[str, bytes]], size: int, convert: Callable[[bytes], str]) -> None:
    wanted = found = failed = 0
    began = time.process_time() + resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    texts = []
    for _, xml in sample:
        try:
            texts.append(convert(xml))
        except Exception:  # noqa: BLE001 - a peer's failure is a figure
            failed += 1
            texts.append("")
    spent = time.process_time() + resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - began
    for (_, xml), text in zip(sample, texts, strict=True):
        article, _ = parse(xml)
        given = words(text)
        own = body_words(article, given)
        wanted += len(own)
        found += common(own, given)
    print(
        f"{name:<48} {len(sample) / spent:>8.1f} articles/s per core, {size / spent / 1e6:>6.2f} MB/s; "
        f"body words in order {found / wanted:.2%}; failed {failed}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--peers", action="store_true", help="time pandoc too (half a minute)")
    parser.add_argument("--detail", action="store_true", help="say what is missing from each article")
    chosen = parser.parse_args()
    if not CORPUS.is_dir():
        print(f"no real articles at {CORPUS}: nothing measured", file=sys.stderr)
        return 0
    outcomes()
    right = fidelity(chosen.detail)
    speed(chosen.peers)
    return 0 if right else 1


if __name__ == "__main__":
    raise SystemExit(main())
