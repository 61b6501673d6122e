"""What a recipe says of its sources: the layout of the dump, the category, and what only one layout has."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Config(BaseModel):
    """A checked, frozen value; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Category = Literal["web", "web_rewrites", "synthetic", "code", "acquired"]
Format = Literal["commoncrawl", "records", "stackexchange"]


class StackExchangeConfig(Config):
    """Dumps of question-and-answer sites in Stack Exchange's tables."""

    site: str | None = None
    """Host name of the site, for addresses; None: by the name of the folder or archive, as the dumps have it."""
    min_answer_score: int | None = 0
    """Answers with a lower score are left out of their thread and counted, accepted ones are not; inclusive. Ours:
    an answer below 0 was voted down; The Pile wants 3 and keeps three answers. None: all stay."""
    max_thread_chars: Annotated[int, Field(gt=0)] = 1_000_000
    """Characters of a thread's posts, inclusive; answers beyond them, the lowest scores, are left out and counted."""
    split_bytes: Annotated[int, Field(gt=0)] = 256 * 2**20
    """Bytes of a plain `Posts.xml` that one task reads (Stack Overflow's has 100 GB)."""


class SourceConfig(Config):
    """One kind of input of a run."""

    id: str
    """Name by which `--input ID=PATH` gives it its input."""
    format: Format
    """Data source: `commoncrawl` (WARC, WET, ARC) or `records` (JSONL or Parquet with a text column),
    `stackexchange` (Posts.xml, plain, .gz or in a .7z)."""
    category: Category
    input: str | None = None
    """Default input; None: must be given on the command line, or the source is left out of the run."""
    records: Literal["response", "conversion"] = "response"
    """commoncrawl: HTML of `response` records, or the text of WET `conversion` records."""
    text_field: str = "text"
    """records: name of the column that holds the text."""
    id_field: str | None = "id"
    """records: column that names a record within its file; None: its row number."""
    stackexchange: StackExchangeConfig = StackExchangeConfig()
    """stackexchange: how posts become threads."""
