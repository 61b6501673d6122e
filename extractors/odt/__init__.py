"""OpenDocument texts to Markdown: `extract(data)`."""

from extractors.odt.extraction import extract

__all__ = ["extract"]
