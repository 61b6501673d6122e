"""Word documents (OOXML) to Markdown text: `extract(data)`."""

from extractors.docx.extraction import extract

__all__ = ["extract"]
