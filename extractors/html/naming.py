"""What class, id, role and style of an element say of it; cached, because the same few hundred make up most of a site.

All are pure functions of their strings, so the bounded caches cannot change a result.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from extractors.html import math
from extractors.html.vocabulary import attribute_bits, bit

Attributes = dict[str, str | None]
_SCREEN_READER = re.compile(
    r"(?:^|\s)(?:sr-only|visually-?hidden|screen-reader(?:-only|-text)?|visuallyhidden|a11y-hidden|u-hidden-visually"
    r"|assistive-text|mw-editsection|editsection|mw-cite-backlink)(?=\s|$)"
)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_NEVER_NAMES = (
    "nav navbar navbar-nav nav-menu navigation menu main-menu mega-menu mobile-menu sub-menu dropdown-menu menubar "
    "widget-nav-menu footer site-footer page-footer contentinfo sidebar complementary modal offcanvas respond "
    "comment-respond comment-form commentform sharedaddy share-buttons social-share cookie-banner online-list "
    "stat-block"
)
_NEVER = frozenset(_NEVER_NAMES.split())
"""Classes, ids and roles of parts that hold next to no main text: below 0.05 % of the main text on the bench."""
_QUOTES = frozenset(
    {"quote", "quotebox", "quote-box", "bbcode_quote", "bbcodequote", "bbquote", "quotemsg", "quotetext"}
)
"""Classes of forum software for quotes without `<blockquote>`; `bbcode` alone may be code."""


class Naming(NamedTuple):
    """What an element is called."""

    name: str
    """Class, id and role in one string."""
    bits: int
    """Vocabulary bits of all three."""
    is_left_out: bool
    """They name a part that is never main text."""
    renderer: str | None
    """The class is a math renderer's container."""
    is_quote: bool


UNNAMED = Naming("", 0, False, None, False)


@lru_cache(maxsize=65_536)
def naming(css: str | None, own_id: str | None, role: str | None) -> Naming:
    """What class, id and role say."""
    name = css or ""
    bits, renderer = class_meaning(name)[:2] if name else (0, None)
    is_quote = any(word in _QUOTES for word in name.lower().split())
    for value in (own_id, role):
        if value:
            name = f"{name} {value}"
            bits |= attribute_bits(value)
    named = not _NEVER.isdisjoint(name.lower().replace("_", "-").split())
    return Naming(name, bits, named and not bits & _content_bits(), renderer, is_quote)


@lru_cache(maxsize=1)
def _content_bits() -> int:
    return bit("content") | bit("article") | bit("thread")


@lru_cache(maxsize=65_536)
def class_meaning(css: str) -> tuple[int, str | None, bool]:
    """Vocabulary bits of a class attribute, its math renderer, and whether it is for screen readers only."""
    return attribute_bits(css), math.host_class(css), _SCREEN_READER.search(css) is not None


def is_hidden(attributes: Attributes) -> bool:
    """Hidden by attribute or inline style."""
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return True
    style = attributes.get("style")
    return bool(style) and _hides(style or "")


@lru_cache(maxsize=4096)
def _hides(style: str) -> bool:
    return _HIDDEN_STYLE.search(style) is not None
