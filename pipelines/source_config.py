"""What a recipe says of its sources: the layout of the dump, the category, and what only one layout has."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field


class Config(BaseModel):
    """A checked, frozen value; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Category = Literal["web", "web_rewrites", "synthetic", "code", "acquired"]
Format = Literal["commoncrawl", "records", "github"]
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
    """Data source: `commoncrawl` (WARC, WET, ARC), `records` (JSONL or Parquet with a text column) or `github`
    (archives of repositories, or JSONL or Parquet with a file a row)."""
    category: Category
    input: str | None = None
    """Default input; None: must be given on the command line, or the source is left out of the run."""
    records: Literal["response", "conversion"] = "response"
    """commoncrawl: HTML of `response` records, or the text of WET `conversion` records."""
    text_field: str = "text"
    """records: name of the column that holds the text."""
    id_field: str | None = "id"
    """records: column that names a record within its file; None: its row number."""
    github: GithubConfig = GithubConfig()
    """github: what becomes of the files."""
