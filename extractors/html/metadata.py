"""Title, author, date, language, canonical address, opt-outs and licence of a page, from one pass over its head.

Order of belief: structured data (JSON-LD), Open Graph and citation tags, named meta tags, then visible marks
(`<title>`, `<time>`, `rel=author`). Nothing is guessed from running text.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from extractors.html import titles

Node = Any

MAX_JSON_CHARS = 200_000
MAX_VALUE_CHARS = 500
MAX_AUTHOR_CHARS = 80
_DATE = re.compile(r"(\d{4})-(\d\d)(?:-(\d\d))?(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?\s*(Z|[+-]\d\d:?\d\d)?)?")
_COMPACT_DATE = re.compile(r"^(\d{4})[/.]?(\d\d)[/.]?(\d\d)$")
_URL_DATE = re.compile(r"/((?:19|20)\d\d)/(\d\d?)/(\d\d?)(?:/|$)")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")
_LICENSE = re.compile(r"creativecommons\.org/(?:licenses|publicdomain)/", re.I)
_ROBOTS = frozenset(
    {
        "robots",
        "googlebot-news",
        "tdm-reservation",
        "tdm-policy",
        "ai",
    }
)
_ROBOT_NAMES = ("bot", "spider", "crawler", "-extended", "-ai")
"""A meta tag whose name ends so speaks to one robot (GPTBot, CCBot, Google-Extended, anthropic-ai)."""
_DIRECTIVES = frozenset(
    [
        "noindex",
        "nofollow",
        "noarchive",
        "nosnippet",
        "noimageindex",
        "none",
        "notranslate",
        "noai",
        "noimageai",
        "noml",
        "nocache",
        "unavailable_after",
        "tdm-reservation",
    ]
)
_TITLE = ("og:title", "twitter:title", "citation_title", "dc.title", "dcterms.title", "headline")
_AUTHOR = (
    "citation_author",
    "author",
    "article:author",
    "dc.creator",
    "dcterms.creator",
    "parsely-author",
    "sailthru.author",
    "byl",
)
_DATES = (
    "article:published_time",
    "citation_publication_date",
    "citation_date",
    "datepublished",
    "date",
    "dc.date",
    "dc.date.issued",
    "dcterms.date",
    "dcterms.created",
    "dcterms.issued",
    "pubdate",
    "publishdate",
    "publish-date",
    "parsely-pub-date",
    "sailthru.date",
    "og:published_time",
    "article:published",
    "article.published",
)
MAX_MARKS = 20
"""Dates and authors in the body that are looked at."""
_COMMENT = re.compile("comment(?!s?-(?:open|closed|enabled|off|link|count))|repl(?:y|ies)", re.I)


@dataclass(slots=True)
class Metadata:
    """What a page says of itself."""

    title: str | None = None
    """Of the page itself, without its site's name."""
    stated_title: str | None = None
    author: str | None = None
    date: str | None = None
    language: str | None = None
    canonical_url: str | None = None
    license_url: str | None = None
    robots: tuple[str, ...] = ()
    types: list[str] = field(default_factory=list)
    """schema.org types of the structured data."""
    meta: dict[str, str] = field(default_factory=dict)
    """Meta tags by lower-case name or property, the first of each."""


@dataclass(slots=True)
class _Marks:
    """What links say, the first of each kind, and the elements that name an author or a date."""

    first: dict[str, str] = field(default_factory=dict)
    authors: list[Node] = field(default_factory=list)
    dates: list[tuple[str, bool, Node]] = field(default_factory=list)


_MARKS = (
    'h1, meta, link[rel~="canonical"], link[rel~="license"], a[rel~="license"], '
    'a[href*="creativecommons.org/licenses/"], '
    'a[href*="creativecommons.org/publicdomain/"], [rel~="author"], [itemprop="author"], time[datetime], '
    '[itemprop="datePublished"], [itemtype], script[type="application/ld+json"]'
)


def read(tree: Any, url: str | None) -> Metadata:
    """Metadata of a parsed page; addresses are made absolute against `url`."""
    found = Metadata()
    robots: list[str] = []
    linked: dict[str, str] = {}
    seen = _Marks()
    headings: list[str] = []
    for node in tree.css(_MARKS):
        attributes = node.attributes
        tag = node.tag
        if tag == "meta":
            _meta(attributes, found, robots)
        elif tag == "script":
            _json_ld(node.text(deep=True), linked, found.types)
        elif tag == "h1":
            if len(headings) < titles.MAX_HEADINGS:
                headings.append(titles.clean(node.text(deep=True, separator=" ")))
        else:
            _mark(node, attributes, seen, found.types)
    meta, marks = found.meta, seen.first
    found.stated_title = titles.clean(_first(meta, _TITLE) or linked.get("headline") or _page_title(tree) or "") or None
    if found.stated_title:
        found.title = titles.own(found.stated_title, headings, meta.get("og:site_name", ""), url)
    author = linked.get("author") or _author(meta) or _marked_author(seen)
    found.author = titles.clean(author).removeprefix("By ").removeprefix("by ").strip(" ,;|") if author else None
    found.date = _date(meta, linked, seen, url)
    found.language = _language(tree, meta)
    found.robots = tuple(dict.fromkeys(robots))
    found.canonical_url = _absolute(marks.get("canonical") or meta.get("og:url"), url)
    licence = marks.get("license") or marks.get("creative_commons") or _stated_license(meta)
    found.license_url = _absolute(licence, url)
    return found


def _mark(node: Node, attributes: dict[str, str | None], seen: _Marks, types: list[str]) -> None:
    """What a link, a `<time>` or an element with microdata says; the first of each counts."""
    marks = seen.first
    rel = (attributes.get("rel") or "").lower().split()
    address = attributes.get("href") or ""
    if "canonical" in rel:
        marks.setdefault("canonical", address)
    if "license" in rel:
        marks.setdefault("license", address)
    elif _LICENSE.search(address):
        marks.setdefault("creative_commons", address)
    if ("author" in rel or attributes.get("itemprop") == "author") and len(seen.authors) < MAX_MARKS:
        seen.authors.append(node)
    stamp = attributes.get("datetime") or attributes.get("content")
    if stamp and len(seen.dates) < MAX_MARKS:
        published = attributes.get("itemprop") == "datePublished" or "pubdate" in attributes
        seen.dates.append((stamp, published, node))
    kind = attributes.get("itemtype")
    if kind:
        types.append(kind.rsplit("/", 1)[-1])


def _in_comment(node: Node) -> bool:
    """The mark belongs to a reader's comment."""
    parent = node.parent
    for _ in range(12):
        if parent is None or parent.tag in ("body", "main"):
            return False
        attributes = parent.attributes
        if _COMMENT.search(attributes.get("class") or "") or attributes.get("itemprop") == "comment":
            return True
        if parent.tag == "article":
            return False
        parent = parent.parent
    return False


def _marked_author(seen: _Marks) -> str | None:
    for node in seen.authors:
        for name in (node.css_first('[itemprop="name"]'), node):
            text = " ".join(name.text(deep=True, separator=" ").split()) if name is not None else ""
            if 2 < len(text) <= MAX_AUTHOR_CHARS and not text.startswith("http") and not _in_comment(node):
                return text
    return None


def _marked_date(seen: _Marks, published: bool) -> str | None:
    for stamp, is_published, node in seen.dates:
        date = iso_date(stamp) if is_published or not published else None
        if date and not _in_comment(node):
            return date
    return None


def _date(meta: dict[str, str], linked: dict[str, str], seen: _Marks, url: str | None) -> str | None:
    """Day of publication: stated, else of the address, else of the first `<time>`, else of the last change."""
    for name in _DATES:
        date = iso_date(meta[name]) if name in meta else None
        if date:
            return date
    date = iso_date(linked.get("datePublished", "")) or _marked_date(seen, published=True)
    if date:
        return date
    first, written = _marked_date(seen, published=False), _url_date(url)
    if written and not (first and first.startswith(written)):
        return written
    return first or iso_date(meta.get("last-modified", ""))


def _url_date(url: str | None) -> str | None:
    try:
        found = _URL_DATE.search(urlsplit(url or "").path)
    except ValueError:
        return None
    return iso_date(f"{found[1]}-{found[2]:0>2}-{found[3]:0>2}") if found else None


def _stated_license(meta: dict[str, str]) -> str | None:
    stated = _first(meta, ("dc.rights", "dcterms.license", "dcterms.rights", "license")) or ""
    return stated if _LICENSE.search(stated) or stated.startswith("http") else None


def _meta(attributes: dict[str, str | None], found: Metadata, robots: list[str]) -> None:
    name = (
        (
            attributes.get("property")
            or attributes.get("name")
            or attributes.get("itemprop")
            or attributes.get("http-equiv")
            or ""
        )
        .strip()
        .lower()
    )
    value = " ".join((attributes.get("content") or "").split())
    if not name or not value:
        return
    found.meta.setdefault(name, value[:MAX_VALUE_CHARS])
    if name in _ROBOTS or name == "x-robots-tag" or name.endswith(_ROBOT_NAMES):
        robots.extend(_directives(name, value))


def _directives(name: str, value: str) -> list[str]:
    if name == "tdm-reservation":
        return ["tdm-reservation"] if value.strip() == "1" else []
    if name == "tdm-policy":
        return [f"tdm-policy:{value[:200]}"]
    words = [word.strip().lower() for word in value.replace(";", ",").split(",")]
    if not any(":" in word for word in words):
        words = [part for word in words for part in word.split()]
    kept = [word for word in words if word.split(":", 1)[0] in _DIRECTIVES]
    return kept if name == "robots" else [f"{name}:{word}" for word in kept]


def _first(meta: dict[str, str], names: tuple[str, ...]) -> str | None:
    return next((meta[name] for name in names if meta.get(name)), None)


def _author(meta: dict[str, str]) -> str | None:
    for name in _AUTHOR:
        value = meta.get(name)
        if value and not value.startswith(("http", "www.", "@")) and len(value) <= 150:
            return value
    return None


def _page_title(tree: Any) -> str | None:
    for query in ("title", "h1"):
        node = tree.css_first(query)
        text = " ".join(node.text(deep=True, separator=" ").split()) if node is not None else ""
        if text:
            return text[:MAX_VALUE_CHARS]
    return None


def iso_date(value: str) -> str | None:
    """ISO 8601 date or date and time at the start of `value`, None where there is none."""
    value = value.strip()
    compact = _COMPACT_DATE.match(value)
    if compact:
        value = "-".join(compact.groups())
    found = _DATE.match(value)
    if (
        not found
        or not ("1990" <= found[1] <= "2100")
        or not ("01" <= found[2] <= "12")
        or not ("01" <= (found[3] or "01") <= "31")
    ):
        return None
    date = found[1] + "-" + found[2] + (f"-{found[3]}" if found[3] else "")
    return f"{date}T{found[4]}{found[5] or ''}" if found[4] else date


def _language(tree: Any, meta: dict[str, str]) -> str | None:
    html = tree.css_first("html")
    attributes = html.attributes if html is not None else {}
    for value in (
        attributes.get("lang"),
        attributes.get("xml:lang"),
        meta.get("content-language"),
        meta.get("og:locale"),
        meta.get("dc.language"),
        meta.get("language"),
    ):
        found = _LANGUAGE.fullmatch((value or "").strip())
        if found:
            return found[0].replace("_", "-")
    return None


def _absolute(address: str | None, url: str | None) -> str | None:
    address = (address or "").strip()
    if not address:
        return None
    try:
        return urljoin(url, address) if url else address
    except ValueError:
        return address


def _json_ld(text: str, values: dict[str, str], types: list[str]) -> None:
    """headline, author and datePublished of one block of structured data go to `values`, its types to `types`."""
    if len(text) > MAX_JSON_CHARS:
        return
    try:
        source = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        types.extend(re.findall(r'"@type"\s*:\s*"([A-Za-z]+)"', text))
        return
    _graph(source, values, types)


def _graph(source: Any, values: dict[str, str], types: list[str]) -> None:
    queue = [source]
    for _ in range(200):
        if not queue:
            return
        item = queue.pop(0)
        if isinstance(item, list):
            queue.extend(item[:50])
        if not isinstance(item, dict):
            continue
        kind = item.get("@type")
        names = [name for name in (kind if isinstance(kind, list) else [kind]) if isinstance(name, str)]
        types.extend(names)
        if any(name.endswith(("Article", "Posting", "Report", "Question", "Recipe")) for name in names):
            _article(item, values)
        queue.extend(item[key] for key in ("@graph", "mainEntity", "mainEntityOfPage") if key in item)


def _article(item: dict[str, Any], values: dict[str, str]) -> None:
    for key in ("headline", "datePublished"):
        if isinstance(item.get(key), str) and item[key].strip():
            values.setdefault(key, " ".join(item[key].split())[:MAX_VALUE_CHARS])
    authors = item.get("author")
    names = [a.get("name") if isinstance(a, dict) else a for a in (authors if isinstance(authors, list) else [authors])]
    joined = ", ".join(
        " ".join(name.split())
        for name in names[:10]
        if isinstance(name, str) and name.strip() and not name.startswith("http")
    )
    if joined:
        values.setdefault("author", joined[:MAX_VALUE_CHARS])
