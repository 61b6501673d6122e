"""arXiv's source tars to rows of `documents`: every submission is a document, a counted skip or a failure.

Layout (arXiv bulk data; recipe-facts 7.2): `arXiv_src_YYMM_NNN.tar` holds `YYMM/ID.gz`, a tar.gz or one gzip file, and
`YYMM/ID.pdf`; what an entry is, its bytes say. The TeX extractor runs here. Cost: the extractor's; an entry's text
files are held in memory, no other byte. Blind spot: two files with one name in one submission: the last one counts.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from extractors.errors import InputTooLarge, NoMainFile
from pipelines.sources.accounts import Accounts
from pipelines.sources.archives import ArchiveTooLarge, DamagedArchive, TarMember
from pipelines.sources.arxiv_metadata import PaperMetadata, arxiv_id, date_of, metadata_of_month, month_of
from pipelines.sources.arxiv_submission import EMPTY, POSTSCRIPT, Submission, is_withdrawn, read_submission
from pipelines.sources.commoncrawl import html_extractor
from pipelines.sources.records import (
    DAMAGED_MEMBER,
    MALFORMED_RECORD,
    SKIP_LITTER,
    SKIP_NO_TEX,
    SKIP_NO_TEXT,
    SKIP_PDF_ONLY,
    SKIP_PDF_WRAPPER,
    SKIP_POSTSCRIPT_ONLY,
    SKIP_WITHDRAWN,
    TRUNCATED_RECORD,
    UNSAFE_MEMBER,
    ReaderConfig,
    Row,
)
from pipelines.sources.tar_rows import ContainerRows
from pipelines.transport import ContainerRef

if TYPE_CHECKING:
    from extractors.latex import LatexOptions, LatexResult

ARXIV_FILE = re.compile(r"(^|/)arXiv_src_\d{4}_\d{3,}\.tar$", re.IGNORECASE)
ABSTRACT_PAGE = "https://arxiv.org/abs/"
TEX_TYPE = "application/x-tex"
MAX_WRAPPER_WORDS = 100
"""Words, inclusive, that TeX around the pages of a PDF may have of its own: a title page."""
ANCILLARY = "anc/"
"""arXiv's folder of files that are no part of the paper."""


class Skip(Exception):
    """The submission is not wanted; reason and value."""


class Failure(Exception):
    """The submission cannot be read; code and detail."""


def is_arxiv_file(name: str) -> bool:
    """A source tar; the manifest beside it, which repeats the names and sums of the tars, is none."""
    return ARXIV_FILE.search(name) is not None


def read_arxiv(ref: ContainerRef, config: ReaderConfig) -> Iterator[Row]:
    """The rows of one source tar: documents and failures in file order, then skips by cause, then the closing row.

    Never raises for what is wrong with the file or the network: that is a row. Raises RecipeError when the metadata
    dump cannot be read.
    """
    books = ContainerRows(Accounts("arxiv", config.source.category, ref.name))
    entries = _Entries(books, config)
    yield from books.read(ref, config.transport, lambda stream: books.members(stream, entries.rows))


class _Entries:
    """The entries of one source tar."""

    def __init__(self, books: ContainerRows, config: ReaderConfig) -> None:
        self._books = books
        self._config = config

    def rows(self, member: TarMember) -> tuple[Row | None]:
        """The row of one entry; None when it is skipped and counted."""
        return (self._entry(member),)

    def _entry(self, member: TarMember) -> Row | None:
        paper = arxiv_id(member.name)
        accounts = self._books.accounts
        row = accounts.row(self._books.locator(paper or member.name, member))
        row.offset, row.length = member.data_offset, member.size_bytes
        notes: dict[str, str] = {"member": member.name}
        try:
            known = _describe(paper, row, notes, self._config)
            submission = _submission(member, self._config)
            _fill(submission, row, notes, self._config)
            _complete(row, notes, known)
        except Skip as skip:
            accounts.skip(*skip.args)
            return None
        except Failure as failure:
            row.error, row.error_detail = failure.args
        row.metadata = json.dumps(notes, ensure_ascii=False, sort_keys=True)
        return row


def _describe(paper: str | None, row: Row, notes: dict[str, str], config: ReaderConfig) -> PaperMetadata | None:
    """What the name of an entry, and the metadata dump under that name, say of it."""
    if paper is None:
        return None
    row.url, row.date = ABSTRACT_PAGE + paper, date_of(paper)
    notes["arxiv_id"] = paper
    if config.source.arxiv.metadata is None:
        return None
    known = metadata_of_month(config.source.arxiv.metadata, month_of(paper), config.transport).get(paper)
    if known is None:
        notes["arxiv_metadata"] = "not listed"
        return None
    row.license = known.license
    row.date = known.date or row.date
    optional = {"version": known.version, "version_date": known.version_date, "categories": known.categories}
    notes.update({name: value for name, value in optional.items() if value})
    return known


def _complete(row: Row, notes: dict[str, str], known: PaperMetadata | None) -> None:
    """Title and authors of the metadata dump where the paper itself states none that could be read."""
    if known is None:
        return
    row.title = row.title or known.title
    if known.authors:
        notes["authors"] = known.authors


def _submission(member: TarMember, config: ReaderConfig) -> Submission:
    if member.litter:
        raise Skip(SKIP_LITTER, member.name.rpartition("/")[2])
    if member.unsafe:
        raise Failure(UNSAFE_MEMBER, f"{member.name!r} leads out of the archive")
    if member.kind != "file":
        raise Failure(MALFORMED_RECORD, f"{member.name!r} is no file ({member.kind})")
    try:
        return read_submission(member, config.extraction.max_input_bytes)
    except ArchiveTooLarge as error:
        raise Failure(InputTooLarge.__name__, str(error)) from error
    except DamagedArchive as error:
        raise Failure(TRUNCATED_RECORD if member.broken else DAMAGED_MEMBER, str(error)) from error


def _fill(submission: Submission, row: Row, notes: dict[str, str], config: ReaderConfig) -> None:
    """Make a document of a submission; raises Skip or Failure."""
    notes.update(submission.notes())
    if is_withdrawn(submission.files):
        raise Skip(SKIP_WITHDRAWN, "")
    if submission.files:
        from extractors.latex import extract

        found = extract(submission.files, _latex_options(config))
        is_paper = found.main_file is not None and not found.main_file.startswith(ANCILLARY)
        if is_paper and not isinstance(found.error, NoMainFile):
            _fill_from_tex(found, submission, row, notes)
            return
    page = submission.page()
    if page is not None:
        _fill_from_html(page, submission.pages[page], row, notes, config)
        return
    raise _no_text_format(submission)


def _no_text_format(submission: Submission) -> Skip | Failure:
    """What a submission is that has neither TeX nor HTML."""
    if submission.num_by_type["application/pdf"]:
        return Skip(SKIP_PDF_ONLY, "")
    if submission.num_by_type[POSTSCRIPT]:
        return Skip(SKIP_POSTSCRIPT_ONLY, "")
    if submission.num_unsafe and not submission.num_members:
        return Failure(UNSAFE_MEMBER, f"all {submission.num_unsafe} members lead out of the archive")
    kinds = submission.num_by_type + Counter({"text/plain": len(submission.files)})
    return Skip(SKIP_NO_TEX, max(kinds, key=kinds.__getitem__, default=EMPTY))


def _latex_options(config: ReaderConfig) -> LatexOptions:
    from extractors.latex import LatexLimits, LatexOptions

    chosen = config.source.arxiv
    return LatexOptions(
        keep_bibliography=chosen.keep_bibliography,
        keep_acknowledgements=chosen.keep_acknowledgements,
        keep_appendices=chosen.keep_appendices,
        limits=LatexLimits(time_s=chosen.time_limit_s, input_bytes=config.extraction.max_input_bytes),
    )


def _fill_from_tex(found: LatexResult, submission: Submission, row: Row, notes: dict[str, str]) -> None:
    assert found.main_file is not None
    row.media_type = TEX_TYPE
    row.title = found.title or None
    optional = {
        "main_file": found.main_file,
        "authors": "; ".join(found.authors),
        "stated_date": found.date or "",
        "unresolved_macros": ",".join(found.unresolved_macros),
    }
    notes.update({name: value for name, value in optional.items() if value})
    if found.error is not None:
        raise Failure(found.error.code, str(found.error))
    if len(found.text.split()) <= MAX_WRAPPER_WORDS and submission.includes_pages():
        raise Skip(SKIP_PDF_WRAPPER, "")
    _set_text(row, found.text)


def _fill_from_html(name: str, page: bytes, row: Row, notes: dict[str, str], config: ReaderConfig) -> None:
    row.media_type = "text/html"
    notes["main_file"] = name
    found = html_extractor(config)(page, row.url, None)
    row.title = found.title
    if found.author:
        notes["authors"] = found.author
    if found.error is not None:
        raise Failure(found.error.code, str(found.error))
    _set_text(row, found.text)


def _set_text(row: Row, text: str) -> None:
    if text:
        row.text = text
    else:
        row.skip_reason = SKIP_NO_TEXT
