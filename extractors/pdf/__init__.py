"""PDF text layers to Markdown text: `extract(data)`."""

from extractors.pdf.extraction import Options, extract

__all__ = ["Options", "extract"]
