"""Names that wikis give to the same things: namespaces, redirects, disambiguation, and the codes of the editions.

One set for all languages: a wiki that knows `Datei:` knows `File:` too, and a dump's own names come on top. Origin of
the words in `names.json`: MediaWiki's message files (`$namespaceNames`, `$namespaceAliases`, `$magicWords`).
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources

FILE, CATEGORY, TEMPLATE = 6, 14, 10
_NUMBERS = {"file": FILE, "category": CATEGORY, "template": TEMPLATE}


@cache
def _names() -> dict[str, list[str]]:
    text = resources.files("extractors.wiki").joinpath("names.json").read_text(encoding="utf-8")
    names: dict[str, list[str]] = json.loads(text)
    return names


@cache
def namespaces() -> dict[str, int]:
    """Number of each namespace name known of any wiki: files, categories, templates."""
    return {name: number for kind, number in _NUMBERS.items() for name in _names()[kind]}


@cache
def language_codes() -> frozenset[str]:
    """Prefixes of links to other language editions."""
    return frozenset(_names()["languages"])


@cache
def sister_prefixes() -> frozenset[str]:
    """Prefixes of links to other projects, which a link without text does not show."""
    return frozenset(_names()["sisters"])


@cache
def disambiguation_templates() -> frozenset[str]:
    """Templates that say of a page that it tells meanings of a name apart."""
    return frozenset(_names()["disambiguation"])


@cache
def _redirect() -> re.Pattern[str]:
    words = sorted(map(re.escape, _names()["redirect"]), key=len, reverse=True)
    return re.compile(rf"\s*#\s*(?:{'|'.join(words)})\s*:?\s*\[\[\s*:?([^\]|\n]+)", re.I)


def redirect_target(wikitext: str) -> str | None:
    """Where a page that is a redirect leads, None for other pages."""
    if "#" not in wikitext[:200]:
        return None
    found = _redirect().match(wikitext)
    return found[1].strip() if found else None


def normal(name: str) -> str:
    """A name as it is compared: lower case, underscores as spaces, no space around."""
    return " ".join(name.replace("_", " ").split()).lower()


_SUFFIX = re.compile(
    r"\((?:disambiguation|Begriffsklärung|homonymie|desambiguación|desambiguação|disambigua|значения)\)$"
)


def is_disambiguation_title(title: str) -> bool:
    return _SUFFIX.search(title) is not None
