"""A page's own title: what it states, without the name of its site.

Half of all pages state "Title | Site". The part that a first-level heading repeats is the title; else a first or last
part that is the site's name goes. Blind spot: a slogan behind the title that no heading tells apart.
"""

from __future__ import annotations

import html
import re
from urllib.parse import urlsplit

MAX_HEADINGS = 12
"""First-level headings compared with the stated title."""
MIN_CHARS = 4
"""Letters and digits of the shortest heading that is taken for the title; 2 outside ASCII."""
_SEPARATOR = re.compile(r"\s+(?:::|[-–—|·•»«›>⋆:/]+)\s+|\s*[|｜»›]\s*|(?<=[^\x00-\xff])\s*[-_–—]\s*")
_EDGES = "|｜:/·•–—-_›>⋆»«("
_NO_WORD = re.compile("[^0-9A-Za-z]+")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")


def clean(value: str) -> str:
    """One line of text: entities that were escaped twice resolved, invisible characters out."""
    if "&" in value:
        value = html.unescape(value)
    return " ".join((value if value.isascii() else _INVISIBLE.sub("", value)).split())


def own(stated: str, headings: list[str], site: str, url: str | None) -> str:
    """The title of the page itself."""
    host = _host(url)
    names = _key(site)
    candidates = [text for text in headings[:MAX_HEADINGS] if text and not _is_site(text, names, host)]
    found = [part for part in (_part(stated, text) for text in candidates) if part]
    if found:
        return max(found, key=len)
    if candidates and _is_site(stated, names, host):
        return candidates[0]
    parts = list(_SEPARATOR.finditer(stated))
    if parts and _is_site(stated[parts[-1].end() :], names, host):
        return stated[: parts[-1].start()].strip() or stated
    if parts and _is_site(stated[: parts[0].start()], names, host):
        return stated[parts[0].end() :].strip() or stated
    return stated


def _part(stated: str, heading: str) -> str | None:
    """The heading as the stated title writes it, where it stands there between separators."""
    wanted = _key(heading)
    if len(wanted) < (MIN_CHARS if wanted.isascii() else 2):
        return None
    places = [i for i, char in enumerate(stated) if char.isalnum()]
    at = "".join(stated[i].lower()[0] for i in places).find(wanted)
    if at < 0:
        return None
    first, last = places[at], places[at + len(wanted) - 1] + 1
    while first and not stated[first - 1].isspace() and stated[first - 1] not in _EDGES:
        first -= 1
    while last < len(stated) and not stated[last].isspace() and stated[last] not in _EDGES:
        last += 1
    before, after = stated[:first].rstrip(), stated[last:].lstrip()
    bounded = (not before or before[-1] in _EDGES) and (not after or after[0] in _EDGES)
    return stated[first:last] if bounded else None


def _key(text: str) -> str:
    if text.isascii():
        return _NO_WORD.sub("", text).lower()
    return "".join([char.lower()[0] for char in text if char.isalnum()])


def _is_site(text: str, names: str, host: str) -> bool:
    key = _key(text)
    return not key or key == names or (len(key) > 2 and key in host)


def _host(url: str | None) -> str:
    try:
        return _key(urlsplit(url or "").netloc)
    except ValueError:
        return ""
