"""What a recipe says of its sources: the layout of the dump, the category, and what only one layout has."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Config(BaseModel):
    """A checked, frozen value; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Category = Literal["web", "web_rewrites", "synthetic", "code", "acquired"]
Format = Literal["commoncrawl", "records"]


class SourceConfig(Config):
    """One kind of input of a run."""

    id: str
    """Name by which `--input ID=PATH` gives it its input."""
    format: Format
    """Data source: `commoncrawl` (WARC, WET, ARC) or `records` (JSONL or Parquet with a text column)."""
    category: Category
    input: str | None = None
    """Default input; None: must be given on the command line, or the source is left out of the run."""
    records: Literal["response", "conversion"] = "response"
    """commoncrawl: HTML of `response` records, or the text of WET `conversion` records."""
    text_field: str = "text"
    """records: name of the column that holds the text."""
    id_field: str | None = "id"
    """records: column that names a record within its file; None: its row number."""
