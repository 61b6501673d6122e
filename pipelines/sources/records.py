"""What a reader hands out: rows of `documents`, their ids, and the causes for which a record has no text.

Every record of a container ends in exactly one row's `num_records`: a document, a failure (`error`), or a skipped
record (`skip_reason`). Codes and reasons are never reworded once released.

Failures: the record could not be read. One row each, `error` is one of
├── of the container
│   ├── UnreadableContainer   the file is missing, forbidden, or the disk fails
│   ├── TransportError        the network failed for good, at `offset`
│   ├── NotAnArchive          no record of any known format in the whole file
│   ├── ArchiveTooLarge       more members, or more bytes decoded, than the limit; what came before it is read
│   └── EmptyContainer        no byte but padding
├── of the record's frame
│   ├── MalformedRecord       no header, no length, or a length that does not lead to the next record
│   ├── TruncatedRecord       the record is cut off by the end of the file or of its member
│   ├── DamagedMember         its compressed bytes do not decode
│   └── UnsafeMember          an archive's member has an absolute name or one with `..`, or holds no others
├── of the record's content
│   ├── MalformedHttp         a response whose HTTP header cannot be read
│   ├── UndecodablePayload    the transfer or content encoding does not decode and what is stored is not text
│   ├── MalformedLine         a line of JSONL that is not an object with a text, or of an inventory without a key
│   ├── MalformedMetadata     an article's JSON is not an object
│   └── MissingObject         an inventory names an object that is not there
└── what `extractors.errors` names: TimeLimitExceeded, UndecodableInput, InputTooLarge, …

Skips: the record was read and is not wanted. One row for all of a container with the same (reason, value), except
`no_text` and `scanned`, which keep a row for each page or book so that they can be looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

import pyarrow as pa
import xxhash

from pipelines.recipe import ExtractionConfig
from pipelines.schemas import DOCUMENTS
from pipelines.source_config import Config, SourceConfig
from pipelines.transport import TransportOptions

UNREADABLE_CONTAINER: Final = "UnreadableContainer"
TRANSPORT_ERROR: Final = "TransportError"
NOT_AN_ARCHIVE: Final = "NotAnArchive"
ARCHIVE_TOO_LARGE: Final = "ArchiveTooLarge"
EMPTY_CONTAINER: Final = "EmptyContainer"
MALFORMED_RECORD: Final = "MalformedRecord"
TRUNCATED_RECORD: Final = "TruncatedRecord"
DAMAGED_MEMBER: Final = "DamagedMember"
UNSAFE_MEMBER: Final = "UnsafeMember"
MALFORMED_HTTP: Final = "MalformedHttp"
UNDECODABLE_PAYLOAD: Final = "UndecodablePayload"
MALFORMED_LINE: Final = "MalformedLine"
MALFORMED_METADATA: Final = "MalformedMetadata"
MISSING_OBJECT: Final = "MissingObject"

SKIP_RECORD_TYPE: Final = "record_type"
"""Not a record that can hold a page; the value is its type (`request`, `revisit`, …)."""
SKIP_NOT_HTTP: Final = "not_http"
"""A response of another protocol; the value is the record's media type."""
SKIP_HTTP_STATUS: Final = "http_status"
"""The server did not answer 200; the value is the status."""
SKIP_MEDIA_TYPE: Final = "media_type"
"""Neither HTML nor XHTML; the value is the media type, as declared or, if that lies, as sniffed."""
SKIP_TRUNCATED: Final = "truncated"
"""The crawler cut the page off; the value is its cause (WARC-Truncated)."""
SKIP_SEGMENTED: Final = "segmented"
"""The page is spread over several records; the value is the segment's number."""
SKIP_EMPTY_PAYLOAD: Final = "empty_payload"
SKIP_NAMESPACE: Final = "namespace"
"""A wiki page of another namespace than those asked for; the value is its number."""
SKIP_CONTENT_MODEL: Final = "content_model"
"""A wiki page that is no wikitext; the value is its model (`json`, `css`, `Scribunto`, `wikibase-item`, …)."""
SKIP_REDIRECT: Final = "redirect"
"""A wiki page that only leads to another; the value is empty."""
SKIP_DISAMBIGUATION: Final = "disambiguation"
"""A wiki page that tells the meanings of a name apart; the value is empty."""
SKIP_NO_TEXT: Final = "no_text"
"""The extractor found no main text; the value is the kind of page, where it is known."""
SKIP_LITTER: Final = "litter"
"""A member that an operating system left in an archive: AppleDouble, `__MACOSX`; the value is its last name."""
SKIP_OTHER_FILE: Final = "other_file"
"""A member or object that is no article: pictures, PDF, supplements; the value is the ending of its name."""
SKIP_LICENSE: Final = "license"
"""A licence that the options do not let in; the value is the licence, or `unknown`."""
SKIP_RETRACTED: Final = "retracted"
"""The value is `article` or, for what retracts one, `notice`."""
SKIP_MANUSCRIPT: Final = "manuscript"
SKIP_NO_BODY: Final = "no_body"
"""The article's XML has no body; the value is what it has: `abstract only`, `title only`, `scanned pages`."""
SKIP_FORMULA_IMAGES: Final = "formula_images"
"""More formulas are pictures than the options allow; the value is their number."""
SKIP_SCANNED: Final = "scanned"
"""A PDF whose pages are pictures without a text layer; the value is the number of pages. A row for each."""

SKIP_POST_TYPE: Final = "post_type"
"""A post of a Q&A site that is neither question nor answer; the value is its type (`tag_wiki`, …)."""
SKIP_DELETED_POST: Final = "deleted_post"
"""A post that the site took down; the value is its type."""
SKIP_EMPTY_POST: Final = "empty_post"
"""A post without a word, as a picture alone; the value is its type."""
SKIP_NOT_POSTS: Final = "not_posts"
"""Another table of a Q&A site's dump (`Users.xml`), or no table; the value is its name."""
SKIP_ORPHAN_ANSWER: Final = "orphan_answer"
"""An answer whose question is not a document; the value is `no_question` or `failed_question`."""
SKIP_ANSWER_SCORE: Final = "answer_score"
"""An answer below the source's `min_answer_score` that was not accepted; no value."""
SKIP_THREAD_SIZE: Final = "thread_size"
"""An answer beyond `max_thread_chars` of its thread, those of the lowest scores; no value."""
SKIP_DUPLICATE_POST: Final = "duplicate_post"
"""A post whose id another post of the same thread has; the value is its type."""

SKIP_WITHDRAWN: Final = "withdrawn"
"""A note stands in the place of a paper that was withdrawn."""
SKIP_PDF_ONLY: Final = "pdf_only"
SKIP_POSTSCRIPT_ONLY: Final = "postscript_only"
SKIP_PDF_WRAPPER: Final = "pdf_wrapper"
"""TeX that does nothing but include the pages of a PDF."""
SKIP_NO_TEX: Final = "no_tex"
"""A submission without TeX, HTML, PDF or PostScript; the value is the media type of what it has most of."""
SKIP_NOT_A_FILE: Final = "not_a_file"
"""An entry of an archive without data of its own; the value is `folder`, `link`, `submodule` or `other`."""
SKIP_BINARY: Final = "binary"
"""A file that is no text; the value is the ending of its name."""
SKIP_EMPTY_FILE: Final = "empty_file"
"""A file of white space, or once masked of placeholders, alone; the value is the ending of its name."""
SKIP_FILE_SIZE: Final = "file_size"
"""A file over the limit; the value is the ending of its name."""
SKIP_POINTER: Final = "pointer"
"""A file that stands for another one kept elsewhere; the value says where (`git-lfs`)."""
SKIP_JOINED: Final = "joined"
"""The file's text is in the document of its repository, whose row stands for its first file; no value."""
SKIP_LEFT_OUT: Final = "left_out"
"""The file is not wanted in the document of its repository; the value is what it is (`vendored`, `generated`, …)."""

MAX_VALUE_CHARS: Final = 100


class ReaderConfig(Config):
    """All that decides what a reader makes of a container."""

    source: SourceConfig
    extraction: ExtractionConfig = ExtractionConfig()
    transport: TransportOptions = TransportOptions()


@dataclass(slots=True)
class Row:
    """One row of `documents`; its fields are the schema's, in order."""

    doc_id: str
    source: str
    category: str
    url: str | None = None
    container: str = ""
    offset: int | None = None
    length: int | None = None
    date: str | None = None
    license: str | None = None
    title: str | None = None
    text: str | None = None
    media_type: str | None = None
    skip_reason: str | None = None
    skip_value: str | None = None
    error: str | None = None
    error_detail: str | None = None
    num_records: int = 1
    metadata: str | None = None

    def text_chars(self) -> int:
        """Characters of what can be long."""
        return len(self.text or "") + len(self.metadata or "") + len(self.error_detail or "")


ROW_VALUES = attrgetter(*DOCUMENTS.names)


def document_id(source: str, container: str, locator: str | int) -> str:
    """32 hex digits, the same on every machine and in every run: xxh3-128 of source, container and locator."""
    return xxhash.xxh3_128_hexdigest(f"{source}\0{container}\0{locator}".encode("utf-8", "surrogatepass"))


def rows_to_batches(
    rows: Iterable[Row], *, max_rows: int = 256, max_bytes: int = 8 * 2**20
) -> Iterator[pa.RecordBatch]:
    """Record batches of DOCUMENTS, in order, none empty.

    A batch ends before it would have more than `max_rows` rows or about `max_bytes` bytes of text; a longer row is a
    batch of its own.
    """
    batch: list[Row] = []
    size = 0
    for row in rows:
        row_size = row.text_chars()
        if batch and (len(batch) == max_rows or size + row_size > max_bytes):
            yield _batch(batch)
            batch, size = [], 0
        batch.append(row)
        size += row_size
    if batch:
        yield _batch(batch)


def _batch(rows: list[Row]) -> pa.RecordBatch:
    columns = zip(*map(ROW_VALUES, rows), strict=True)
    arrays = [_column(values, field.type) for values, field in zip(columns, DOCUMENTS, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=DOCUMENTS)


def _column(values: tuple[object, ...], kind: pa.DataType) -> pa.Array:
    try:
        return pa.array(values, kind)
    except UnicodeEncodeError:  # half a surrogate pair, as JSON escapes can hold
        return pa.array([_valid(value) if isinstance(value, str) else value for value in values], kind)


def _valid(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
