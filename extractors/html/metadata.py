"""Title, author, date, language, canonical address, opt-outs and licence of a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Node = Any


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


def read(tree: Any, url: str | None) -> Metadata:  # noqa: ARG001
    """Metadata of a parsed page."""
    found = Metadata()
    title = tree.css_first("title")
    if title is not None:
        found.title = " ".join(title.text(deep=True).split()) or None
    html = tree.css_first("html")
    if html is not None:
        found.language = html.attributes.get("lang") or None
    return found
