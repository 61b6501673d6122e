"""What a recipe says of its sources: the layout of the dump, the category, and what only one layout has."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Config(BaseModel):
    """A checked, frozen value; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Category = Literal["web", "web_rewrites", "synthetic", "code", "acquired"]
Format = Literal["commoncrawl", "records", "arxiv"]


class ArxivOptions(Config):
    """arxiv: which parts of a paper are text, and where its licence is known from."""

    metadata: str | None = None
    """arXiv's metadata dump (`arxiv-metadata-oai-snapshot.json`: JSON lines, plain or gzip; a path, https or s3), from
    which licence, version, categories and dates are joined; None: licences stay unknown. Each process reads it once a
    month of papers that it meets."""
    keep_bibliography: bool = False
    keep_acknowledgements: bool = True
    keep_appendices: bool = True
    time_limit_s: Annotated[float, Field(gt=0)] = 60.0
    """Seconds a paper may take; books of 500 pages are among them."""


class SourceConfig(Config):
    """One kind of input of a run."""

    id: str
    """Name by which `--input ID=PATH` gives it its input."""
    format: Format
    """Data source: `commoncrawl` (WARC, WET, ARC), `records` (JSONL or Parquet with a text column) or `arxiv` (source
    tars)."""
    category: Category
    input: str | None = None
    """Default input; None: must be given on the command line, or the source is left out of the run."""
    requester_pays: bool = False
    """S3: pay for the transfer of the input, as arXiv's buckets demand of their readers."""
    records: Literal["response", "conversion"] = "response"
    """commoncrawl: HTML of `response` records, or the text of WET `conversion` records."""
    text_field: str = "text"
    """records: name of the column that holds the text."""
    id_field: str | None = "id"
    """records: column that names a record within its file; None: its row number."""
    arxiv: ArxivOptions = ArxivOptions()
