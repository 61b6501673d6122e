"""What the extraction bench calls."""

from __future__ import annotations

from extractors.html import extract


def extract_text(html: bytes | str, url: str | None) -> str:
    """Markdown of a page's main text."""
    return extract(html, url=url).text
