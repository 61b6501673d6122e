"""HTML to Markdown text: `extract(page)` for the text and metadata, `explain(page)` for each block's fate."""

from extractors.html.extraction import explain, extract
from extractors.html.options import BlockReport, Options

__all__ = ["BlockReport", "Options", "explain", "extract"]
