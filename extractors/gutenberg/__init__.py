"""Project Gutenberg texts and HTML editions to Markdown, without their licence frame: `extract(data)`."""

from extractors.gutenberg.extraction import extract, extract_html

__all__ = ["extract", "extract_html"]
