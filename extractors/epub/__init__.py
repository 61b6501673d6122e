"""EPUB 2 and 3 to Markdown text: `extract(data)`."""

from extractors.epub.extraction import Options, extract

__all__ = ["Options", "extract"]
