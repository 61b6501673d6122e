"""What a recipe says of its sources: the layout of the dump, the category, and what only one layout has."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Config(BaseModel):
    """A checked, frozen value; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Category = Literal["web", "web_rewrites", "synthetic", "code", "acquired"]
Format = Literal["commoncrawl", "records", "arxiv", "pmc", "github", "wikipedia", "stackexchange", "books"]


class StackExchangeOptions(Config):
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


class PmcOptions(Config):
    """pmc: which articles are wanted, which of their parts are text, and what is known of them beside the XML."""

    licenses: tuple[str, ...] | None = None
    """Licences that are let in, as SPDX ids with their version (`CC-BY-4.0`) or without it for any (`CC-BY`, `CC0`,
    `CC-BY-NC-ND`); None: all, the unknown too. PMC's own selection for commercial reuse is CC0, CC-BY, CC-BY-SA and
    CC-BY-ND."""
    keep_retracted: bool = False
    """Let retracted articles in, and the notices that retract them."""
    manuscripts: Literal["keep", "drop"] = "keep"
    """Authors' manuscripts, whose text is not the publisher's last."""
    bodyless: Literal["keep", "drop"] = "drop"
    """Articles of which the XML has a title and an abstract only."""
    max_formula_images: Annotated[int, Field(ge=0)] | None = None
    """Formulas, inclusive, that may be pictures, which leave holes in their sentences; None: any number."""
    acknowledgements: bool = True
    appendices: bool = True
    sub_articles: bool = True
    """Decision letters, referees' reports and replies, as further sections."""
    translations: bool = False
    """Sub-articles that say the article again in another language."""
    filelist: str | None = None
    """CSV list of the articles of legacy archives (path, https or s3; at most 2,000,000 rows), from which PMCID,
    licence and retraction are joined; None: the `.filelist.csv` or `filelist.csv` beside the archive, if there is
    one."""
    inventory_rows: Annotated[int, Field(ge=1)] = 20_000
    """Articles of an inventory that one part has."""
    fetch_threads: Annotated[int, Field(ge=1, le=64)] = 8
    """Articles of an inventory that are fetched at once."""


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
    """Data source: `commoncrawl` (WARC, WET, ARC), `records` (JSONL or Parquet with a text column), `arxiv` (source
    tars), `pmc` (PubMed Central's JATS XML), `github` (archives of repositories, file dumps), `wikipedia`
    (pages-articles), `stackexchange` (Posts.xml) or `books` (EPUB, text, DOCX, ODT, PDF)."""
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
    stackexchange: StackExchangeOptions = StackExchangeOptions()
    """stackexchange: how posts become threads."""
    pmc: PmcOptions = PmcOptions()
    wikipedia: WikipediaOptions = WikipediaOptions()
    """wikipedia: which pages, and how a dump is split."""
    books: BooksOptions = BooksOptions()
    arxiv: ArxivOptions = ArxivOptions()
