"""Dumps of Stack Exchange sites: each row of a `Posts.xml`, plain, gzip or in the site's .7z, becomes one post.

Posts are rows of `documents` that `pipelines.sources.threads` joins: body as Markdown, all else in `metadata`. Plain
files split by bytes, gzip and 7z do not. Names of authors come from the `Users.xml` beside the posts or in their .7z;
without it their ids and addresses stay. Reference: the dumps' readme (archive.org/details/stackexchange) and
meta.stackexchange.com/q/2677 for the columns. Blind spot: comments are not part of a thread.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from extractors.guard import Limits
from extractors.qa import body_markdown, licence_of, one_line, read_row, tags_of
from pipelines.errors import AccessDenied, InputNotFound, TransportError
from pipelines.sources.accounts import Accounts
from pipelines.sources.dump_rows import GZIP_DAMAGE, NotThisTable, RawRow, Read, RowReader, Unpacked
from pipelines.sources.records import (
    DAMAGED_MEMBER,
    EMPTY_CONTAINER,
    MALFORMED_RECORD,
    SKIP_DELETED_POST,
    SKIP_EMPTY_POST,
    SKIP_NOT_POSTS,
    SKIP_POST_TYPE,
    TRANSPORT_ERROR,
    TRUNCATED_RECORD,
    UNREADABLE_CONTAINER,
    ReaderConfig,
    Row,
)
from pipelines.sources.seven_zip import (
    MAGIC,
    DamagedArchive,
    EncryptedArchive,
    MemberStream,
    member_names,
    open_archive,
)
from pipelines.sources.stackexchange_users import UserNames, names_beside, owners_of, read_names
from pipelines.transport import ContainerRef, open_stream

if TYPE_CHECKING:
    from py7zr import SevenZipFile

QUESTION: Final = "question"
ANSWER: Final = "answer"
POST_TYPES: Final = {
    "1": QUESTION,
    "2": ANSWER,
    "3": "orphaned_tag_wiki",
    "4": "tag_wiki_excerpt",
    "5": "tag_wiki",
    "6": "moderator_nomination",
    "7": "wiki_placeholder",
    "8": "privilege_wiki",
}
"""`PostTypeId` of the dumps; others go by their number."""

_POSTS: Final = re.compile(r"Posts\.xml(\.gz)?", re.IGNORECASE)
_USERS: Final = re.compile(r"Users\.xml", re.IGNORECASE)
_OTHER_TABLE: Final = re.compile(
    r"(Badges|Comments|PostHistory|PostLinks|Tags|Users|Votes)\.xml(\.gz)?|.*-(Badges|Comments|PostHistory|PostLinks|"
    r"Tags|Users|Votes)\.7z",
    re.IGNORECASE,
)
_ARCHIVE: Final = re.compile(r".+\.7z", re.IGNORECASE)
_SITE: Final = re.compile(r"((?:[a-z0-9-]+\.)+(?:com|net|org))(?:-posts)?(?:\.(?:7z|zip|tar|xml|gz))*", re.IGNORECASE)
_ISO_DATE: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?")
_WHOLE_NUMBER: Final = re.compile(r"-?\d{1,18}")
_NUMBERS: Final = {
    "score": "Score",
    "view_count": "ViewCount",
    "answer_count": "AnswerCount",
    "accepted_answer_id": "AcceptedAnswerId",
    "owner_id": "OwnerUserId",
}
_TEXTS: Final = {"owner_name": "OwnerDisplayName", "closed_date": "ClosedDate", "edit_date": "LastEditDate"}


def is_stackexchange_file(name: str) -> bool:
    """A file of a folder that this source reads, or counts as another table of a site."""
    base = name.rpartition("/")[2]
    return any(pattern.fullmatch(base) for pattern in (_POSTS, _OTHER_TABLE, _ARCHIVE))


def split_stackexchange(ref: ContainerRef, config: ReaderConfig) -> list[ContainerRef]:
    """Parts of a plain `Posts.xml` of about `split_bytes`; others are read by one task."""
    size = config.source.stackexchange.split_bytes
    is_plain = _POSTS.fullmatch(ref.name.rpartition("/")[2]) and ref.name.lower().endswith(".xml")
    if not is_plain or ref.size_bytes is None or ref.size_bytes < 2 * size or not _splits(ref, config):
        return [ref]
    starts = range(0, ref.size_bytes - size + 1, size)
    ends = [*starts[1:], None]
    return [ContainerRef(ref.name, ref.uri, ref.size_bytes, a, b) for a, b in zip(starts, ends, strict=True)]


def _splits(ref: ContainerRef, config: ReaderConfig) -> bool:
    """Text in UTF-8, as it is written."""
    try:
        with open_stream(ref.uri, config.transport) as stream:
            head = stream.read(2**10)
    except (InputNotFound, TransportError, OSError):
        return False  # the task that reads the file says why
    stated = re.search(rb"""encoding\s*=\s*["']([\w-]+)""", head)
    return head.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"<") and (stated is None or stated[1].lower() == b"utf-8")


def read_stackexchange(ref: ContainerRef, config: ReaderConfig) -> Iterator[Row]:
    """The posts of one file, or of a part of it, and its failures in file order, skips by cause, then the closing row.

    Never raises for what is wrong with the file or the network: that is a row.
    """
    accounts = Accounts("stackexchange", config.source.category, ref.name, ref.start)
    num_seen = 0
    code, cause = "", ""
    try:
        for row in _outcomes(ref, config, accounts):
            num_seen += 1
            if row is not None:
                yield row
    except NotThisTable as error:
        code, cause = error.code, str(error)
    except TransportError as error:
        code, cause = UNREADABLE_CONTAINER if isinstance(error, AccessDenied) else TRANSPORT_ERROR, str(error)
    except EncryptedArchive as error:
        code, cause = "EncryptedInput", str(error)
    except (*GZIP_DAMAGE, DamagedArchive) as error:
        code, cause = DAMAGED_MEMBER, f"after record {num_seen}: {error}"
    except (InputNotFound, OSError) as error:
        code, cause = UNREADABLE_CONTAINER, str(error)
    if code:
        num_seen += 1
        yield accounts.failed(_part("container", ref), code, cause)
    yield from accounts.close(num_seen)


def _part(locator: str, ref: ContainerRef) -> str:
    return f"{locator}\0{ref.start}" if ref.start else locator


def _outcomes(ref: ContainerRef, config: ReaderConfig, accounts: Accounts) -> Iterator[Row | None]:
    """A row, or None for what is skipped and counted, for each record there is."""
    base = ref.name.rpartition("/")[2]
    if _OTHER_TABLE.fullmatch(base):
        accounts.skip(SKIP_NOT_POSTS, base)
        yield None
        return
    max_row_bytes = config.extraction.max_input_bytes
    site = config.source.stackexchange.site or site_of(ref.name) or site_of(ref.uri)
    with open_stream(ref.uri, config.transport) as stream:
        head = stream.read(len(MAGIC))
        stream.seek(ref.start)
        if head == MAGIC:
            yield from _archive_outcomes(stream, site, config, accounts)
        elif head.startswith(b"\x1f\x8b"):
            names = yield from _names(names_beside(ref.uri, None, max_row_bytes, config.transport), ref, accounts)
            yield from _posts(Unpacked(stream).read, Place(site, accounts, config, names))
        else:
            names = yield from _names(_names_of_part(stream, ref, config), ref, accounts)
            place = Place(site, accounts, config, names, is_stored=True)
            yield from _posts(stream.read, place, ref)


def _names_of_part(stream: BinaryIO, ref: ContainerRef, config: ReaderConfig) -> UserNames:
    """Names for the posts of a part of a plain file; the stream stands at the part's beginning again."""
    max_row_bytes = config.extraction.max_input_bytes
    names = names_beside(ref.uri, lambda: owners_of(stream, ref, max_row_bytes), max_row_bytes, config.transport)
    stream.seek(ref.start)
    return names


def _names(users: UserNames, ref: ContainerRef, accounts: Accounts) -> Generator[Row, None, Mapping[int, str]]:
    """The names; what is wrong with their table is a failed record of its own."""
    if users.error:
        yield accounts.failed(_part("users", ref), users.error, f"Users.xml: {users.detail}")
    return users.by_id


def _archive_outcomes(
    stream: BinaryIO, site: str | None, config: ReaderConfig, accounts: Accounts
) -> Iterator[Row | None]:
    with open_archive(stream) as archive:
        entries = member_names(archive)
        if not entries:
            yield accounts.failed("container", EMPTY_CONTAINER, "an archive without entries")
        seen: set[str] = set()
        for name, is_file in entries:
            base = name.rpartition("/")[2]
            is_posts = is_file and _POSTS.fullmatch(base) and not base.lower().endswith(".gz")
            if not is_posts or name in seen:
                accounts.skip(SKIP_NOT_POSTS, base if is_file else "folder")
                yield None
                continue
            seen.add(name)
            users = _names_in(archive, name.rpartition("/")[0], entries, config)
            if users.error:
                yield accounts.failed(f"{name}\0users", users.error, f"Users.xml: {users.detail}")
            with MemberStream(archive, name) as member:
                place = Place(site_of(name) or site, accounts, config, users.by_id, member=name)
                yield from _posts(member.read, place)


def _names_in(archive: SevenZipFile, folder: str, entries: list[tuple[str, bool]], config: ReaderConfig) -> UserNames:
    """Names of the `Users.xml` in a folder of an archive, none where there is none."""
    for name, is_file in entries:
        if is_file and name.rpartition("/")[0] == folder and _USERS.fullmatch(name.rpartition("/")[2]):
            with MemberStream(archive, name) as member:
                return read_names(member.read, None, config.extraction.max_input_bytes)
    return UserNames()


@dataclass(frozen=True, slots=True)
class Place:
    """Where posts are from, and what is made of them."""

    site: str | None
    accounts: Accounts
    config: ReaderConfig
    names: Mapping[int, str]
    """Of authors, by the ids of their accounts."""
    member: str = ""
    is_stored: bool = False
    """Offsets are those of the container as stored."""

    def locator(self, offset: int | str) -> str:
        return f"{self.member}\0{offset}" if self.member else str(offset)


def _posts(read: Read, place: Place, ref: ContainerRef | None = None) -> Iterator[Row | None]:
    start, end = (ref.start, ref.end) if ref else (0, None)
    max_bytes = place.config.extraction.max_input_bytes
    reader = RowReader(read, start=start, end=end, max_row_bytes=max_bytes)
    cut_off = False
    for raw in reader.rows("posts"):
        cut_off = raw.error == TRUNCATED_RECORD
        yield _post(raw, place, reader)
    if not reader.has_content:
        yield place.accounts.failed(place.locator("container"), EMPTY_CONTAINER, "no byte but padding")
    elif end is None and not reader.is_complete and not cut_off:
        cause = "the file ends before </posts>"
        yield place.accounts.failed(place.locator("end"), TRUNCATED_RECORD, cause)


def _post(raw: RawRow, place: Place, reader: RowReader) -> Row | None:
    row = place.accounts.row(place.locator(raw.offset))
    if place.is_stored and not reader.is_transcoded:
        row.offset, row.length = raw.offset, raw.length
    attributes = read_row(raw.data, reader.charset) if not raw.error else None
    if attributes is None:
        row.error, row.error_detail = raw.error or MALFORMED_RECORD, raw.detail or "not a well-formed row"
        return row
    stated = attributes.get("PostTypeId", "")
    kind = POST_TYPES.get(stated, stated)
    parent = attributes.get("Id") if kind == QUESTION else attributes.get("ParentId")
    if kind in (QUESTION, ANSWER) and not (_is_number(attributes.get("Id")) and _is_number(parent)):
        row.error, row.error_detail = MALFORMED_RECORD, f"{kind} without an id or a parent"
        return row
    if not stated:
        row.error, row.error_detail = MALFORMED_RECORD, "no PostTypeId"
        return row
    if kind not in (QUESTION, ANSWER):
        place.accounts.skip(SKIP_POST_TYPE, kind)
        return None
    if attributes.get("DeletionDate"):
        place.accounts.skip(SKIP_DELETED_POST, kind)
        return None
    notes = post_notes(attributes, kind, place.site, place.member)
    if "owner_name" not in notes and (name := place.names.get(notes.get("owner_id", 0))):
        notes["owner_name"] = name
    if row.offset is None:
        notes["decoded_offset"] = raw.offset
    return _fill(row, attributes, notes, place)


def _fill(row: Row, attributes: Mapping[str, str], notes: dict[str, Any], place: Place) -> Row | None:
    """The text, or why there is none; None: an empty post."""
    stated_date = attributes.get("CreationDate", "")
    row.date = stated_date if _ISO_DATE.fullmatch(stated_date) else None
    row.license = licence_of(attributes.get("ContentLicense"), row.date)
    row.media_type = "text/html"
    row.url = notes.pop("url", None)
    row.title = one_line(attributes.get("Title", "")) or None
    row.metadata = json.dumps(notes, ensure_ascii=False, sort_keys=True)
    extraction = place.config.extraction
    limits = Limits(time_s=extraction.time_limit_s, input_bytes=extraction.max_input_bytes)
    found = body_markdown(attributes.get("Body", ""), limits)
    if found.error is not None:
        row.error, row.error_detail = found.error.code, str(found.error)
        return row
    if not found.text and not row.title:
        place.accounts.skip(SKIP_EMPTY_POST, notes["post_type"])
        return None
    row.text = found.text
    return row


def post_notes(attributes: Mapping[str, str], kind: str, site: str | None, member: str) -> dict[str, Any]:
    """What the join and the attribution need of a post, by our names."""
    notes: dict[str, Any] = {
        name: int(value) for name, column in _NUMBERS.items() if (value := attributes.get(column)) and _is_number(value)
    }
    notes.update({name: one_line(value) for name, column in _TEXTS.items() if (value := attributes.get(column))})
    notes["post_type"] = kind
    notes["post_id"] = int(attributes["Id"])
    notes["question_id"] = int(attributes["Id" if kind == QUESTION else "ParentId"])
    notes.setdefault("score", 0)
    if tags := tags_of(attributes.get("Tags", "")):
        notes["tags"] = list(tags)
    if site:
        notes["site"] = site
        notes["url"] = f"https://{site}/{'questions' if kind == QUESTION else 'a'}/{notes['post_id']}"
    if member:
        notes["member"] = member
    return notes


def site_of(path: str) -> str | None:
    """The site's host name as the dumps write it into names of folders and archives; the innermost one counts."""
    found = (_SITE.fullmatch(part) for part in reversed(path.split("/")))
    return next((match[1].lower() for match in found if match), None)


def _is_number(value: str | None) -> bool:
    return value is not None and _WHOLE_NUMBER.fullmatch(value) is not None
