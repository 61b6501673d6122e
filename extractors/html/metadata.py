"""Title, author, date, language, canonical address, opt-outs and licence of a page, from one pass over its head.

Order of belief: structured data (JSON-LD), Open Graph and citation tags, named meta tags, then visible marks (`<title>`, `<time>`,
`rel=author`). Nothing is guessed from running text.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

Node = Any

MAX_JSON_CHARS = 200_000
MAX_VALUE_CHARS = 500
_DATE = re.compile(r"(\d{4})-(\d\d)(?:-(\d\d))?(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?\s*(Z|[+-]\d\d:?\d\d)?)?")
_COMPACT_DATE = re.compile(r"^(\d{4})[/.]?(\d\d)[/.]?(\d\d)$")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")
_LICENSE = re.compile(r"creativecommons\.org/(?:licenses|publicdomain)/", re.I)
_ROBOTS = frozenset(
    {
        "robots",
        "googlebot",
        "googlebot-news",
        "bingbot",
        "gptbot",
        "ccbot",
        "tdm-reservation",
        "tdm-policy",
        "ai",
        "google-extended",
    }
)
_DIRECTIVES = frozenset(
    ["noindex", "nofollow", "noarchive", "nosnippet", "noimageindex", "none", "notranslate", "noai", "noimageai", "noml", "nocache", "unavailable_after", "tdm-reservation"]
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
    "article:published_time", "citation_publication_date", "citation_date", "datepublished", "date", "dc.date", "dc.date.issued", "dcterms.date", "dcterms.created", "dcterms.issued", "pubdate",
    "publishdate", "publish-date", "parsely-pub-date", "sailthru.date", "og:published_time", "article:published", "article.published", "last-modified",
)  # fmt: skip


@dataclass(slots=True)
class Metadata:
    """What a page says of itself."""

    title: str | None = None
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


def read(tree: Any, url: str | None) -> Metadata:
    """Metadata of a parsed page; addresses are made absolute against `url`."""
    found = Metadata()
    robots: list[str] = []
    for node in tree.css("meta"):
        _meta(node.attributes, found, robots)
    linked = _json_ld(tree, found)
    meta = found.meta
    found.title = _first(meta, _TITLE) or linked.get("headline") or _page_title(tree)
    found.author = linked.get("author") or _author(meta) or _author_mark(tree)
    found.date = (
        next((date for date in (iso_date(meta[name]) for name in _DATES if name in meta) if date), None)
        or iso_date(linked.get("datePublished", ""))
        or _time(tree)
    )
    found.language = _language(tree, meta)
    found.robots = tuple(dict.fromkeys(robots))
    _links(tree, url, found)
    return found


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
    if name in _ROBOTS or name == "x-robots-tag":
        robots.extend(_directives(name, value))


def _directives(name: str, value: str) -> list[str]:
    if name == "tdm-reservation":
        return ["tdm-reservation"] if value.strip() == "1" else []
    if name == "tdm-policy":
        return [f"tdm-policy:{value[:200]}"]
    words = [word.strip().lower() for word in value.replace(";", ",").split(",")]
    kept = [word for word in words if word.split(":", 1)[0] in _DIRECTIVES]
    return kept if name == "robots" else [f"{name}:{word}" for word in kept]


def _first(meta: dict[str, str], names: tuple[str, ...]) -> str | None:
    return next((meta[name] for name in names if meta.get(name)), None)


def _author(meta: dict[str, str]) -> str | None:
    for name in _AUTHOR:
        value = meta.get(name)
        if value and not value.startswith(("http", "www.", "@")) and len(value) <= 150:
            return value.removeprefix("By ").removeprefix("by ")
    return None


def _author_mark(tree: Any) -> str | None:
    node = tree.css_first('[rel~="author"], [itemprop="author"]')
    if node is None:
        return None
    text = " ".join(node.text(deep=True).split())
    return text.removeprefix("By ").removeprefix("by ") if 2 < len(text) <= 80 else None


def _page_title(tree: Any) -> str | None:
    for query in ("title", "h1"):
        node = tree.css_first(query)
        text = " ".join(node.text(deep=True).split()) if node is not None else ""
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


def _time(tree: Any) -> str | None:
    for node in tree.css("time[datetime], [itemprop=datePublished]")[:5]:
        attributes = node.attributes
        date = iso_date(attributes.get("datetime") or attributes.get("content") or "")
        if date:
            return date
    return None


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


def _links(tree: Any, url: str | None, found: Metadata) -> None:
    for node in tree.css("link[rel][href], a[rel][href]"):
        attributes = node.attributes
        rel = (attributes.get("rel") or "").lower().split()
        if "canonical" in rel and found.canonical_url is None and node.tag == "link":
            found.canonical_url = _absolute(attributes.get("href"), url)
        elif "license" in rel and found.license_url is None:
            found.license_url = _absolute(attributes.get("href"), url)
    if found.canonical_url is None:
        found.canonical_url = _absolute(found.meta.get("og:url"), url)
    if found.license_url is None:
        node = tree.css_first('a[href*="creativecommons.org/licenses/"], a[href*="creativecommons.org/publicdomain/"]')
        stated = (
            node.attributes.get("href")
            if node is not None
            else next(
                (
                    found.meta[name]
                    for name in ("dc.rights", "dcterms.license", "dcterms.rights", "license")
                    if name in found.meta
                ),
                None,
            )
        )
        if stated and (_LICENSE.search(stated) or stated.startswith("http")):
            found.license_url = _absolute(stated, url)


def _absolute(address: str | None, url: str | None) -> str | None:
    address = (address or "").strip()
    if not address:
        return None
    try:
        return urljoin(url, address) if url else address
    except ValueError:
        return address


def _json_ld(tree: Any, found: Metadata) -> dict[str, str]:
    """headline, author and datePublished of the page's structured data; its types go to `found`."""
    values: dict[str, str] = {}
    for script in tree.css('script[type="application/ld+json"]'):
        text = script.text(deep=True)
        if len(text) > MAX_JSON_CHARS:
            continue
        try:
            source = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            found.types.extend(re.findall(r'"@type"\s*:\s*"([A-Za-z]+)"', text))
            continue
        _graph(source, values, found.types)
    return values


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
