"""What a recipe says of its sources: the layout of the dump, the category, and what only one layout has."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Config(BaseModel):
    """A checked, frozen value; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Category = Literal["web", "web_rewrites", "synthetic", "code", "acquired"]
Format = Literal["commoncrawl", "records", "wikipedia"]


class WikipediaOptions(Config):
    """Wikimedia's `pages-articles` dumps."""

    split_bytes: Annotated[int, Field(gt=0)] = 64 * 2**20
    """Stored bytes of a bz2 dump that one task reads; a dump that is a single bz2 stream is one task's all the same."""
    namespaces: tuple[int, ...] = (0,)
    """Numbers of the namespaces whose pages are documents; 0 is the articles."""
    keep_disambiguation: bool = False
    """Pages that only tell the meanings of a name apart are documents too."""
    captions: bool = True
    """Keep captions of pictures that are sentences."""
    license: str = "CC-BY-SA-4.0"
    """SPDX id of the text's licence (Wikimedia's terms of use, since 2023-06-07)."""


class SourceConfig(Config):
    """One kind of input of a run."""

    id: str
    """Name by which `--input ID=PATH` gives it its input."""
    format: Format
    """Data source: `commoncrawl` (WARC, WET, ARC) or `records` (JSONL or Parquet with a text column),
    `wikipedia` (pages-articles XML)."""
    category: Category
    input: str | None = None
    """Default input; None: must be given on the command line, or the source is left out of the run."""
    records: Literal["response", "conversion"] = "response"
    """commoncrawl: HTML of `response` records, or the text of WET `conversion` records."""
    text_field: str = "text"
    """records: name of the column that holds the text."""
    id_field: str | None = "id"
    """records: column that names a record within its file; None: its row number."""
    wikipedia: WikipediaOptions = WikipediaOptions()
    """wikipedia: which pages, and how a dump is split."""
