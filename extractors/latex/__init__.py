"""TeX sources of one submission to Markdown text: `extract(files)`; `flatten(files, main)` for the text TeX reads."""

from extractors.latex.extraction import extract
from extractors.latex.options import LatexLimits, LatexOptions, LatexResult
from extractors.latex.source import flatten

__all__ = ["LatexLimits", "LatexOptions", "LatexResult", "extract", "flatten"]
