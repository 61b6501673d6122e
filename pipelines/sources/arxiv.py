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
from pipelines.errors import AccessDenied, InputNotFound, TransportError
from pipelines.sources.accounts import Accounts
from pipelines.sources.archives import (
    ArchiveTooLarge,
    DamagedArchive,
    TarDamage,
    TarMember,
    tar_members,
)
from pipelines.sources.arxiv_metadata import PaperMetadata, arxiv_id, date_of, metadata_of_month, month_of
from pipelines.sources.arxiv_submission import EMPTY, POSTSCRIPT, Submission, is_withdrawn, read_submission
from pipelines.sources.commoncrawl import html_extractor
from pipelines.sources.records import (
    DAMAGED_MEMBER,
    EMPTY_CONTAINER,
    MALFORMED_RECORD,
    NOT_AN_ARCHIVE,
    SKIP_LITTER,
    SKIP_NO_TEX,
    SKIP_NO_TEXT,
    SKIP_PDF_ONLY,
    SKIP_PDF_WRAPPER,
    SKIP_POSTSCRIPT_ONLY,
    SKIP_WITHDRAWN,
    TRANSPORT_ERROR,
    TRUNCATED_RECORD,
    UNREADABLE_CONTAINER,
    UNSAFE_MEMBER,
    ReaderConfig,
    Row,
)
from pipelines.transport import ContainerRef, open_stream

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
    reader = _Reader(ref, config)
    try:
        with open_stream(ref.uri, config.transport) as stream:
            for found in tar_members(stream):
                yield from reader.rows(found)
        yield from reader.end()
    except DamagedArchive as error:
        yield reader.broken(TRUNCATED_RECORD, error)
    except (InputNotFound, AccessDenied, OSError) as error:
        yield reader.broken(UNREADABLE_CONTAINER, error)
    except TransportError as error:
        yield reader.broken(TRANSPORT_ERROR, error)
    yield from reader.accounts.close(reader.num_seen)


class _Reader:
    """The accounts of one source tar while it is read."""

    def __init__(self, ref: ContainerRef, config: ReaderConfig) -> None:
        self.accounts = Accounts("arxiv", config.source.category, ref.name)
        self.num_seen = 0
        self._config = config
        self._seen: set[str] = set()
        self._num_members = 0
        self._early: list[TarDamage] = []

    def rows(self, found: TarMember | TarDamage) -> Iterator[Row]:
        """The rows of one event of the walk; damage before the first member waits until it is known to be a tar."""
        if isinstance(found, TarDamage):
            if self._num_members:
                yield self._damage(found)
            else:
                self._early.append(found)
            return
        self._num_members += 1
        for damage in self._early:
            yield self._damage(damage)
        self._early = []
        if found.kind != "folder":
            self.num_seen += 1
            row = self._entry(found)
            if row is not None:
                yield row

    def end(self) -> Iterator[Row]:
        """What is to be said of a file without a member."""
        if self._num_members:
            return
        self.num_seen += 1
        if any(damage.cause != "no_end" for damage in self._early):
            yield self.accounts.failed("container", NOT_AN_ARCHIVE, "no tar header in the whole file")
        else:
            yield self.accounts.failed("container", EMPTY_CONTAINER, "no member and nothing else")

    def broken(self, error: str, cause: Exception) -> Row:
        self.num_seen += 1
        return self.accounts.failed("container", error, str(cause))

    def _damage(self, damage: TarDamage) -> Row:
        self.num_seen += 1
        error = TRUNCATED_RECORD if damage.cause == "no_end" else MALFORMED_RECORD
        row = self.accounts.failed(f"@{damage.offset}", error, damage.detail)
        row.offset = damage.offset
        return row

    def _entry(self, member: TarMember) -> Row | None:
        """The row of one entry; None when it is skipped and counted."""
        paper = arxiv_id(member.name)
        row = self.accounts.row(self._locator(paper or member.name, member))
        row.offset, row.length = member.data_offset, member.size_bytes
        notes: dict[str, str] = {"member": member.name}
        try:
            known = _describe(paper, row, notes, self._config)
            submission = _submission(member, self._config)
            _fill(submission, row, notes, self._config)
            _complete(row, notes, known)
        except Skip as skip:
            self.accounts.skip(*skip.args)
            return None
        except Failure as failure:
            row.error, row.error_detail = failure.args
        row.metadata = json.dumps(notes, ensure_ascii=False, sort_keys=True)
        return row

    def _locator(self, locator: str, member: TarMember) -> str:
        """The paper's id, so that its document keeps its own when the tar is packed anew; twice in a tar: its place."""
        if locator in self._seen:
            return f"{locator}@{member.offset}"
        self._seen.add(locator)
        return locator


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
        raise Failure(MALFORMED_RECORD, f"{member.name!r} is a {member.kind}, not a file")
    try:
        return read_submission(member, config.extraction.max_input_bytes)
    except ArchiveTooLarge as error:
        raise Failure(InputTooLarge.__name__, str(error)) from error
    except DamagedArchive as error:
        raise Failure(TRUNCATED_RECORD if member.truncated else DAMAGED_MEMBER, str(error)) from error


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
