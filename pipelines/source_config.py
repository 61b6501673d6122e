"""What a recipe says of its sources: the layout of the dump, the category, and what only one layout has."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

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
    """Formulas, inclusive, that may be pictures, of which the text says `[formula]` at best; None: any number."""
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


FileFlag = Literal["license_text", "lockfile", "minified", "generated", "vendored", "encoded_data", "data"]
"""What a file of a repository can be besides source code; `data` is a data language by Linguist (JSON, YAML, CSV)."""


class GithubConfig(Config):
    """What only repositories and dumps of their files have."""

    documents: Literal["files", "repository"] = "files"
    """A document for each file; or for each repository, its files ordered by their imports, for long context."""
    notebooks: Literal["script", "markdown"] = "script"
    """Jupyter notebooks: a script with the Markdown cells as comments; or Markdown with the code in fences."""
    mask: bool = True
    """Secrets (keys, tokens, passwords) and e-mail addresses are replaced; their numbers are in the metadata."""
    header: bool = False
    """The text of a file begins with a line that names repository and path, as a comment."""
    docs_category: Category = "code"
    """Category of prose: READMEs and other documentation in Markdown, reStructuredText, plain text."""
    sidecar: bool = True
    """A local `ARCHIVE.json` beside an archive, GitHub's API object of the repository, is read for its facts."""
    max_file_bytes: Annotated[int, Field(gt=0)] = 10 * 2**20
    """Larger files are skipped, inclusive (The Stack v2 fetches files of up to 10 MB)."""
    max_files: Annotated[int, Field(gt=0)] = 1_000_000
    """Entries of one archive that are read, inclusive (Chromium has half as many)."""
    max_archive_bytes: Annotated[int, Field(gt=0)] = 64 * 2**30
    """Bytes of one archive that are decoded, inclusive."""
    max_document_chars: Annotated[int, Field(gt=0)] = 1_000_000
    """repository: characters of a document (some 250,000 tokens); a larger repository is several, cut between files."""
    max_held_chars: Annotated[int, Field(gt=0)] = 64 * 2**20
    """repository: characters held in memory; files beyond them are ordered apart."""
    leave_out: tuple[FileFlag, ...] = get_args(FileFlag)
    """repository: files that are not put into its document; they are counted as skipped."""
    content_fields: tuple[str, ...] = ("content", "code", "text")
    """File dumps: the columns that may hold the text; of these and the following the first that is there counts."""
    repository_fields: tuple[str, ...] = ("repo_name", "max_stars_repo_name", "repository_name", "repo")
    path_fields: tuple[str, ...] = ("path", "max_stars_repo_path", "file_path")
    license_fields: tuple[str, ...] = ("license", "licenses", "max_stars_repo_licenses", "detected_licenses")
    """A licence, or a list of them; names of GitHub's API (`mit`) and SPDX ids."""
    commit_fields: tuple[str, ...] = ("commit_id", "max_stars_repo_head_hexsha", "revision_id", "commit", "ref")
    date_fields: tuple[str, ...] = (
        "date",
        "committer_date",
        "revision_date",
        "max_stars_repo_stars_event_max_datetime",
    )


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
    github: GithubConfig = GithubConfig()
    """github: what becomes of the files."""
