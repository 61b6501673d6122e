"""JATS and its ancestors (NLM DTDs 1 to 3): articles of PubMed Central and of publishers to text and metadata."""

from extractors.jats.article import extract
from extractors.jats.options import Options
from extractors.jats.parse import split

__all__ = ["Options", "extract", "split"]
