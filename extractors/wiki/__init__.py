"""Wikitext to Markdown: `extract(wikitext, title=…)`."""

from extractors.wiki.extraction import extract
from extractors.wiki.options import Options

__all__ = ["Options", "extract"]
