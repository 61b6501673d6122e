"""PDF text layers to Markdown text: `extract(data)`."""

from extractors.pdf.extraction import SCANNED, Options, extract

__all__ = ["SCANNED", "Options", "extract"]
