"""The one result type of every extractor.

One dialect comes out of all of them: Markdown (CommonMark) in UTF-8, NFC, with `\n` newlines; fenced code, pipe
tables, `$…$` and `$$…$$` for TeX, a thread as posts in order. See the "Text" section of the README.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from extractors.errors import ExtractionError


@dataclass(frozen=True, slots=True)
class Extraction:
    """Text and structure of one document, or why there is none.

    `text` is "" when there is no main text. With `error` set, `text` holds what was extracted up to the limit.
    """

    text: str
    title: str | None = None
    author: str | None = None
    date: str | None = None
    """Publication date as ISO 8601, to the precision the document states."""
    language: str | None = None
    """Declared language (a BCP 47 tag), a hint only."""
    canonical_url: str | None = None
    license_url: str | None = None
    robots: tuple[str, ...] = ()
    """Opt-out and indexing directives the document states: `noindex`, `noai`, `noimageai`, `tdm-reservation`, …"""
    kind: str | None = None
    """article, documentation, forum, product, listing, … as far as the extractor tells them apart."""
    charset: str | None = None
    """Charset the bytes were decoded with (WHATWG name); None when the input was str."""
    error: ExtractionError | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    """What only one format has."""
