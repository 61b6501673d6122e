"""What a recipe says of its sources: the layout of the dump, the category, and what only one layout has."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Config(BaseModel):
    """A checked, frozen value; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Category = Literal["web", "web_rewrites", "synthetic", "code", "acquired"]
Format = Literal["commoncrawl", "records", "books"]


class BooksOptions(Config):
    """books: e-books, Project Gutenberg's texts, office documents and PDFs."""

    time_limit_s: Annotated[float, Field(gt=0)] = 60.0
    """Seconds one book may take (ours: a novel needs 0.1 s, a PDF some 30 ms a page)."""
    max_file_bytes: Annotated[int, Field(gt=0)] = 128 * 2**20
    """Bytes of a file as stored, inclusive; larger ones fail. It is held in memory, a PDF twice."""
    max_unpacked_bytes: Annotated[int, Field(gt=0)] = 256 * 2**20
    """Bytes that the text of one package may unpack to, inclusive."""
    apparatus: Literal["drop", "keep"] = "drop"
    """EPUB: `drop` leaves covers, title pages, lists of contents, indexes and imprints out."""
    max_pages: Annotated[int, Field(ge=1)] = 3000
    """Pages of a PDF, inclusive; longer ones fail."""
    min_page_chars: Annotated[int, Field(ge=0)] = 50
    """Characters a page must have on average for a PDF of pictures not to be a scan, inclusive."""
    pdf_process: Literal["apart", "same"] = "apart"
    """`apart`: PDFs are read in a process of their own, which a crash or hang of the C library ends alone."""


class SourceConfig(Config):
    """One kind of input of a run."""

    id: str
    """Name by which `--input ID=PATH` gives it its input."""
    format: Format
    """Data source: `commoncrawl` (WARC, WET, ARC), `records` (JSONL or Parquet with a text column) or `books` (EPUB,
    Gutenberg, DOCX, ODT, PDF)."""
    category: Category
    input: str | None = None
    """Default input; None: must be given on the command line, or the source is left out of the run."""
    records: Literal["response", "conversion"] = "response"
    """commoncrawl: HTML of `response` records, or the text of WET `conversion` records."""
    text_field: str = "text"
    """records: name of the column that holds the text."""
    id_field: str | None = "id"
    """records: column that names a record within its file; None: its row number."""
    books: BooksOptions = BooksOptions()
