"""One article of PubMed Central beside its own XML: words in order, cells, formulas, leaked references.

words    Words of the body in the XML's own order (`itertext` of every `<body>`, floats of a paragraph after it) that
         the text has in that order: the longest common subsequence. Not counted, because they are meant to be out or
         are measured apart: reference markers (`<xref ref-type="bibr">`); brackets and raised text that hold markers
         and lead-in words alone ("see", "e.g.", "reviewed in", names before a year that is a marker); the reference
         list; supplementary material; formulas; `<object-id>`; addresses of figures (`DOI: …`); `<alt-text>`; notes;
         the second of alternatives; translations. A word inside which markup begins or ends (`in<italic>X.</italic>`,
         `P<sup>a</sup>`) counts as one or as its parts, as the text has it; so does one with the `<sub>` behind it.
cells    Tables' cells with text (and each of their words) that stand in a row of a pipe table.
formulas `<inline-formula>` and `<disp-formula>` with TeX or MathML: each has its `$…$` in the text, in order.
refs     Titles of the reference list (of at least six words) that stand in the text though the body has them nowhere.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from extractors.jats import extract
from extractors.jats.formulas import tex_of
from extractors.jats.parse import local, parse

MIN_TITLE_WORDS = 6
_WORD = re.compile(r"[^\W_]+")
EDGE = "\x05"
"""Where an element begins or ends inside a line."""
MOVED = "\x06"
"""Where lowered or raised text begins."""
_MARKED = re.compile(rf"[\s{EDGE}{MOVED}]+")
_TOKEN = re.compile(rf"[^\W_]+(?:(?:{EDGE}|\s*{MOVED}\s*)+[^\W_]+)*")
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
    return re.sub(f"[{EDGE}{MOVED}]", "", _marked_text(node))


def _marked_text(node: Element) -> str:
    text = _BRACKETS.sub(_without_leads, "".join(_pieces(node)))
    return re.sub("[\x02\x03]", "", text)


def body_words(article: Element, given: list[str]) -> list[str]:
    """Words of the bodies; one with markup inside it as one or as its parts, as it is given."""
    known = set(given)
    found: list[str] = []
    for body in bodies(article):
        for token in _TOKEN.findall(_MARKS.sub("", unicodedata.normalize("NFC", _marked_text(body)))):
            found += _as_given(token, known)
    return found


def _as_given(token: str, known: set[str]) -> Iterator[str]:
    """The longest runs of a token's pieces that are words of the text; a piece alone where none is."""
    pieces = _MARKED.split(token)
    while pieces:
        length = next((n for n in range(len(pieces), 1, -1) if "".join(pieces[:n]) in known), 1)
        yield "".join(pieces[:length])
        del pieces[:length]


def _without_leads(found: re.Match[str]) -> str:
    """Nothing for brackets that hold markers and the words that lead to them alone."""
    has_years = "\x03" in found[0]
    rest = words(re.sub("[\x02\x03]", " ", re.sub(f"[{EDGE}{MOVED}]", "", found[0])))
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
            yield " " if is_block else MOVED if name in ("sub", "sup") else EDGE
            yield from _pieces(child)
            yield " " if is_block else EDGE
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
    given = words(text)
    wanted = body_words(article, given)
    found.num_words, found.found_words = len(wanted), common(wanted, given)
    if found.found_words < found.num_words:
        found.missing.extend(f"{word}×{number}" for word, number in (Counter(wanted) - Counter(given)).most_common(12))
    _cells(article, text, found)
    _formulas(article, text, found)
    _references(article, given, found)
    return found


def bodies(article: Element) -> list[Element]:
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
