"""What the front matter of an article says of it: ids, dates, authors, licence, retraction, manuscript, scan."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from extractors.jats.parse import XLINK, XML_LANG, Element, local
from extractors.jats.walk import child

MAX_LICENSE_CHARS = 300
_DAY_OR_MONTH = re.compile(r"[0-9]{1,2}")
_DATE_ORDER = ("pub", "epub", "publication", "pmc-release", "preprint", "collection", "ppub", "")
"""Kinds of `<pub-date>`, the one that is taken first (Common Pile's order, recipe-facts 3.11)."""
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_RETRACTED = frozenset({"retraction-forward", "retraction", "retracted-by"})
"""Kinds of `<related-article>` in an article that was retracted; its notice has `retracted-article`."""
_RETRACTED_TITLE = re.compile(r"^\W*(?:retracted|withdrawn)(?:\s+article)?\s*:", re.IGNORECASE)
_YES = frozenset({"yes", "true", "1"})


@dataclass(slots=True)
class Metadata:
    ids: dict[str, str] = field(default_factory=dict)
    """By `pub-id-type`: pmc, pmid, doi, …; pmcid as `PMC` and digits under `pmcid`."""
    date: str | None = None
    authors: list[str] = field(default_factory=list)
    license_url: str | None = None
    language: str | None = None
    notes: dict[str, str] = field(default_factory=dict)


def read(article: Element) -> Metadata:
    """The metadata of an article element."""
    found = Metadata(language=article.get(XML_LANG))
    kind = article.get("article-type")
    if kind:
        found.notes["article_type"] = kind
    front = child(article, "front")
    front = front if front is not None else child(article, "front-stub")
    if front is None:
        return found
    meta = child(front, "article-meta")
    meta = meta if meta is not None else front
    _ids(meta, found)
    found.date = _date(meta)
    found.authors = list(_authors(meta))
    _license(meta, found)
    _journal(front, meta, found)
    _flags(article, front, meta, found)
    return found


def plain(node: Element | None) -> str:
    """All text below an element on one line."""
    return "" if node is None else " ".join("".join(node.itertext()).split())


def _ids(meta: Element, found: Metadata) -> None:
    for node in meta:
        if local(node.tag) != "article-id":
            continue
        kind, value = node.get("pub-id-type") or "", plain(node)
        if kind in ("pmc", "pmcid", "pmc-aiid", "pmcaid"):
            digits = re.fullmatch(r"(?:PMC)?(\d+)(?:\.(\d+))?", value)
            if digits and kind in ("pmc", "pmcid"):
                found.ids["pmcid"] = f"PMC{digits[1]}"
                if digits[2]:
                    found.ids["version"] = digits[2]
        elif kind == "pmcid-ver":
            found.ids["version"] = value.rpartition(".")[2]
        elif value:
            found.ids.setdefault(kind, value)


def _date(meta: Element) -> str | None:
    """ISO 8601 to the precision stated; of several kinds the first in `_DATE_ORDER`."""
    dates: dict[str, str] = {}
    for node in meta:
        if local(node.tag) != "pub-date":
            continue
        value = _iso(node)
        for kind in (node.get("date-type"), node.get("pub-type")):
            if value and kind:
                dates.setdefault(kind, value)
        if value:
            dates.setdefault("", value)
    return next((dates[kind] for kind in _DATE_ORDER if kind in dates), None)


def _iso(node: Element) -> str | None:
    stated = node.get("iso-8601-date") or ""
    if re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", stated):
        return stated
    year, month, day = (plain(child(node, name)) for name in ("year", "month", "day"))
    if not re.fullmatch(r"\d{4}", year):
        return None
    number = int(month) if _DAY_OR_MONTH.fullmatch(month) else _month(month)
    if not 1 <= number <= 12:
        return year
    if not (_DAY_OR_MONTH.fullmatch(day) and 1 <= int(day) <= 31):
        return f"{year}-{number:02}"
    return f"{year}-{number:02}-{int(day):02}"


def _month(name: str) -> int:
    start = name[:3].lower()
    return _MONTHS.index(start) + 1 if start in _MONTHS else 0


def _authors(meta: Element) -> Iterator[str]:
    for group in meta:
        if local(group.tag) != "contrib-group":
            continue
        for person in group:
            if local(person.tag) != "contrib" or (person.get("contrib-type") or "author") != "author":
                continue
            yield from _name(person)


def _name(person: Element) -> Iterator[str]:
    for node in person.iter("*"):
        tag = local(node.tag)
        if tag == "name":
            given, surname = plain(child(node, "given-names")), plain(child(node, "surname"))
            yield " ".join(filter(None, (given, surname)))
            return
        if tag in ("collab", "string-name"):
            own = (node.text or "").strip() or plain(node)
            if own:
                yield " ".join(own.split())
            return


def _license(meta: Element, found: Metadata) -> None:
    """The address of the article's licence; without one its words."""
    licenses = [
        node for holder in meta if local(holder.tag) == "permissions" for node in holder if local(node.tag) == "license"
    ]
    licenses += [node for node in meta.iter("*") if local(node.tag) in ("copyright-statement",)]
    for node in licenses:
        url = _license_url(node)
        if url:
            found.license_url = url
            return
    for node in meta.iter("*"):
        if local(node.tag) == "license_ref" and plain(node):
            found.license_url = plain(node)
            return
    words = " ".join(plain(node) for node in licenses[:2] if local(node.tag) == "license")
    if words:
        found.notes["license_text"] = words[:MAX_LICENSE_CHARS]
    stated = next((node.get("license-type") for node in licenses if node.get("license-type")), None)
    if stated:
        found.notes["license_type"] = stated


def _license_url(node: Element) -> str | None:
    addresses = [node.get(XLINK + "href")]
    for below in node.iter("*"):
        name = local(below.tag)
        if name == "license_ref":
            addresses.insert(0, plain(below))
        elif name in ("ext-link", "uri"):
            addresses.append(below.get(XLINK + "href"))
    addresses += re.findall(r"https?://creativecommons\.org/[\w./-]+", plain(node))
    stated = [address.strip() for address in addresses if address and address.strip()]
    known = next((address for address in stated if "creativecommons.org" in address.lower()), None)
    return known or (stated[0] if stated and node.get(XLINK + "href") else None)


def _journal(front: Element, meta: Element, found: Metadata) -> None:
    journal = child(front, "journal-meta")
    if journal is not None:
        title = next((plain(node) for node in journal.iter("*") if local(node.tag) == "journal-title"), "")
        if title:
            found.notes["journal"] = title
    words = [plain(node) for node in meta.iter("*") if local(node.tag) == "kwd"]
    if words:
        found.notes["keywords"] = "; ".join(dict.fromkeys(filter(None, words)))[:1000]


def _flags(article: Element, front: Element, meta: Element, found: Metadata) -> None:
    """Retraction, manuscript and scan, as the article itself tells them; the values say by what."""
    notes = found.notes
    kinds = {node.get("related-article-type") for node in meta.iter("*") if local(node.tag) == "related-article"}
    title = plain(next((node for node in meta.iter("*") if local(node.tag) == "article-title"), None))
    kind = article.get("article-type")
    if kind == "retraction":
        notes["retraction_notice"] = "article-type"
    elif kind != "retracted-article" and "retracted-article" in kinds:
        notes["retraction_notice"] = "related-article"
    if kind == "retracted-article":
        notes["retracted"] = "article-type"
    elif kinds & _RETRACTED:
        notes["retracted"] = "related-article"
    elif _RETRACTED_TITLE.match(title):
        notes["retracted"] = "title"
    stated = {plain(child(node, "meta-name")): plain(child(node, "meta-value")).lower() for node in _custom(front)}
    if found.ids.keys() & {"manuscript", "mid"} or stated.get("pmc-prop-manuscript") in _YES:
        notes["manuscript"] = "true"
    is_scan = stated.get("pmc-prop-is-scanned-article") in _YES
    if is_scan or article.find(".//*[@content-type='scanned-pages']") is not None:
        notes["scanned_pages"] = "true"


def _custom(front: Element) -> Iterator[Element]:
    return (node for node in front.iter("*") if local(node.tag) == "custom-meta")
