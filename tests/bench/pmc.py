"""PubMed Central on real articles: what of the XML comes out, and how fast, beside what a user would run today.

    python -m tests.bench.pmc [--peers] [--detail]

Reads `../shared/corpus/pmc`; says so and ends where that is absent. What is measured, for each article:

words    Words of the body in the XML's own order (`itertext` of every `<body>`, floats of a paragraph after it) that
         the text has in that order: the longest common subsequence. Not counted, because they are meant to be out or
         are measured apart: reference markers (`<xref ref-type="bibr">`); brackets and raised text that hold markers
         and lead-in words alone ("see", "e.g.", "reviewed in", names before a year that is a marker); the reference
         list; supplementary material; formulas; `<object-id>`; addresses of figures (`DOI: …`); `<alt-text>`; notes;
         the second of alternatives; translations.
cells    Tables' cells with text (and each of their words) that stand in a row of a pipe table.
formulas `<inline-formula>` and `<disp-formula>` with TeX or MathML: each has its `$…$` in the text, in order.
refs     Titles of the reference list (of at least six words) that stand in the text though the body has them nowhere.
"""

from __future__ import annotations

import argparse
import re
import resource
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

from extractors.jats import extract
from extractors.jats.formulas import tex_of
from extractors.jats.parse import local, parse
from pipelines.source_config import PmcOptions, SourceConfig
from pipelines.sources.archives import TarMember, decoded, tar_members
from pipelines.sources.pmc import is_pmc_file, read_pmc
from pipelines.sources.records import ReaderConfig
from pipelines.transport import list_containers

CORPUS = (Path(__file__).parents[2] / "../shared/corpus/pmc").resolve()
MIN_RECALL = 0.995
"""Of body words in order (issue 4, proof 3), inclusive."""
MIN_TITLE_WORDS = 6
_WORD = re.compile(r"[^\W_]+")
_MARKS = re.compile(r"[\^_{}]")
_OUT = frozenset(
    {
        "ref-list",
        "supplementary-material",
        "inline-formula",
        "disp-formula",
        "object-id",
        "alt-text",
        "long-desc",
        "tex-math",
        "math",
        "fn",
        "contrib-group",
        "bio",
        "permissions",
        "graphic",
        "inline-graphic",
    }
)
_FLOATS = frozenset({"fig", "table-wrap", "boxed-text", "fig-group", "media", "chem-struct-wrap"})
_BRACKETS = re.compile(r"[(\[][^()\[\]]*[\x02\x03][^()\[\]]*[)\]]")
_LEADS = frozenset(
    (
        "see",
        "also",
        "e",
        "g",
        "i",
        "cf",
        "eg",
        "for",
        "reviewed",
        "review",
        "reviews",
        "recent",
        "in",
        "by",
        "as",
        "ref",
    )
) | {"refs", "and", "or", "et", "al", "but"}
_POINTER = re.compile(r"(?:doi|DOI)\s*:\s*(?:https?://\S+|10\.\d{4,9}/\S+)\s*\.?")
Element = Any


def words(text: str) -> list[str]:
    return _WORD.findall(_MARKS.sub("", unicodedata.normalize("NFC", text)))


def body_text(node: Element) -> str:
    """The XML's own text of an element, without what is meant to be out."""
    text = _BRACKETS.sub(_without_leads, "".join(_pieces(node)))
    return re.sub("[\x02\x03]", "", text)


def _without_leads(found: re.Match[str]) -> str:
    """Nothing for brackets that hold markers and the words that lead to them alone."""
    has_years = "\x03" in found[0]
    rest = words(re.sub("[\x02\x03]", " ", found[0]))
    is_lead = all(word.lower() in _LEADS or (has_years and word[0].isupper()) for word in rest)
    return " " if is_lead else found[0]


def _pieces(node: Element) -> Iterator[str]:
    tag = local(node.tag)
    if node.text:
        yield node.text
    floats = []
    for child in node:
        name = local(child.tag)
        if child.tag is etree.Entity:
            yield _entity(child)
        elif tag == "p" and name in _FLOATS:
            floats.append(child)
        elif name == "xref" and child.get("ref-type") == "bibr":
            yield "\x03" if re.fullmatch(r"\s*(1[89]|20)\d\d[a-z]?\s*", "".join(child.itertext())) else "\x02"
        elif name and not _is_out(child, name, tag):
            is_block = name not in _INLINE
            yield " " if is_block else ""
            yield from _pieces(child)
            yield " " if is_block else ""
        elif name == "disp-formula":
            yield " "
        yield child.tail or ""
    for child in floats:
        yield " "
        yield from _pieces(child)
        yield " "


_INLINE = frozenset(
    {
        "italic",
        "bold",
        "sup",
        "sub",
        "xref",
        "ext-link",
        "named-content",
        "styled-content",
        "monospace",
        "underline",
        "sc",
        "email",
        "uri",
        "overline",
        "roman",
        "sans-serif",
        "strike",
    }
)


def _entity(node: Element) -> str:
    import html

    return html.unescape(f"&{node.name};")


def _is_out(node: Element, name: str, parent: str) -> bool:
    if name in _OUT:
        return True
    if parent == "alternatives":
        return node is not next(part for part in node.getparent() if local(part.tag) not in ("graphic", "media"))
    if name == "sup" and node.find("xref[@ref-type='bibr']") is not None:
        return re.fullmatch(r"[\W\da-c]*", body_text(node)) is not None
    return name == "p" and _POINTER.fullmatch(" ".join("".join(node.itertext()).split())) is not None


def common(wanted: list[str], given: list[str]) -> int:
    """Length of the longest common subsequence, by bit-parallel dynamic programming (Hyyrö 2004)."""
    places: dict[str, int] = {}
    for k, word in enumerate(wanted):
        places[word] = places.get(word, 0) | (1 << k)
    full = (1 << len(wanted)) - 1
    row = full
    for word in given:
        match = places.get(word)
        if match is not None:
            hit = row & match
            row = ((row + hit) | (row - hit)) & full
    return len(wanted) - row.bit_count()


@dataclass(slots=True)
class Score:
    name: str
    num_words: int = 0
    found_words: int = 0
    num_cells: int = 0
    found_cells: int = 0
    num_formulas: int = 0
    found_formulas: int = 0
    image_formulas: int = 0
    leaked: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def score(name: str, xml: bytes) -> Score:
    """One article measured."""
    article, _ = parse(xml)
    text = extract(xml).text
    found = Score(name)
    wanted = [word for body in _bodies(article) for word in words(body_text(body))]
    given = words(text)
    found.num_words, found.found_words = len(wanted), common(wanted, given)
    if found.found_words < found.num_words:
        found.missing.extend(f"{word}×{number}" for word, number in (Counter(wanted) - Counter(given)).most_common(12))
    _cells(article, text, found)
    _formulas(article, text, found)
    _references(article, given, found)
    return found


def _bodies(article: Element) -> list[Element]:
    """Bodies of the article and of its sub-articles that are no translations, in order."""
    return [
        body
        for body in article.iter("{*}body")
        if not any(part.get("article-type") == "translation" for part in body.iterancestors("{*}sub-article"))
    ]


def _cells(article: Element, text: str, found: Score) -> None:
    rows: Counter[str] = Counter()
    for line in text.split("\n"):
        if line.lstrip("> ").startswith("|"):
            for cell in re.split(r"(?<!\\)\|", line):
                rows["".join(words(cell))] += 1
    for table in article.iter("{*}table"):
        if any(local(part.tag) in ("supplementary-material", "ref-list") for part in table.iterancestors()):
            continue
        for cell in table.iter("{*}td", "{*}th"):
            own = "".join(words(body_text(cell)))
            if not own or cell.find(".//{*}inline-formula") is not None or cell.find(".//{*}fn") is not None:
                continue
            found.num_cells += 1
            marked = any(rows[value] for value in (own, *_with_markers(cell)))
            if marked:
                found.found_cells += 1
            else:
                found.missing.append("cell " + " ".join(words(body_text(cell)))[:60])


def _with_markers(cell: Element) -> Iterator[str]:
    """The cell with its reference markers, which stay where they are nouns."""
    yield "".join(words("".join(cell.itertext())))


def _formulas(article: Element, text: str, found: Score) -> None:
    at = 0
    squeezed = re.sub(r"\s+", "", text).replace("\\vert", "|").replace("\\Vert", "\\|")
    for formula in article.iter("{*}inline-formula", "{*}disp-formula"):
        if any(local(part.tag) in _SKIPPED for part in formula.iterancestors()):
            continue
        tex = unicodedata.normalize("NFC", tex_of(formula))
        if not tex:
            found.image_formulas += (
                formula.find(".//{*}graphic") is not None or formula.find(".//{*}inline-graphic") is not None
            )
            continue
        found.num_formulas += 1
        own = "$" + re.sub(r"\s+", "", tex).replace("\\vert", "|").replace("\\Vert", "\\|")
        place = squeezed.find(own)
        if place < 0:
            found.missing.append("formula " + tex[:80])
        else:
            found.found_formulas += 1
            at = max(at, place)


_SKIPPED = frozenset({"ref-list", "supplementary-material", "journal-meta", "kwd-group", "contrib-group"})


def _references(article: Element, given: list[str], found: Score) -> None:
    joined = " " + " ".join(given).lower() + " "
    own = " " + " ".join(words("".join(body_text(part) for part in _kept(article)))).lower() + " "
    for title in article.iter("{*}article-title"):
        if not any(local(part.tag) == "ref-list" for part in title.iterancestors()):
            continue
        wanted = words("".join(title.itertext()))
        phrase = " " + " ".join(wanted).lower() + " "
        if len(wanted) >= MIN_TITLE_WORDS and phrase in joined and phrase not in own:
            found.leaked.append(" ".join(wanted))


def _kept(article: Element) -> Iterator[Element]:
    yield from article.iter("{*}body", "{*}back", "{*}article-meta", "{*}front-stub", "{*}floats-group")


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
        own = [word for body in _bodies(article) for word in words(body_text(body))]
        wanted += len(own)
        found += common(own, words(text))
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
