"""Names of a site's users, for the attribution that CC BY-SA asks for: the `Users.xml` beside the posts.

Of a plain `Posts.xml` only the names that the part's posts need are held, so one of Stack Overflow's size stays small;
of packed ones, which are read once, all up to MAX_NAMES (some 170 bytes each). Cost: a pass over `Users.xml` for each
part, and of a .7z the decoding of the members before it once more. Blind spot: a `…-Users.7z` is not looked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from extractors.qa import one_line, read_row
from pipelines.errors import AccessDenied, InputNotFound
from pipelines.sources.dump_rows import GZIP_DAMAGE, NotThisTable, Read, RowReader, Unpacked
from pipelines.sources.records import DAMAGED_MEMBER, MALFORMED_RECORD, TRUNCATED_RECORD
from pipelines.sources.seven_zip import DamagedArchive
from pipelines.transport import ContainerRef, TransportOptions, open_stream

MAX_NAMES: Final = 3_000_000
"""Held of a packed dump (the largest site but Stack Overflow has some 1.7 million)."""
_OWNER: Final = re.compile(rb"""\sOwnerUserId\s*=\s*["'](-?\d{1,18})["']""")
_ID: Final = re.compile(rb"""\sId\s*=\s*["'](-?\d{1,18})["']""")


@dataclass(slots=True)
class UserNames:
    """Names by user id, and what is wrong with the table they are from."""

    by_id: dict[int, str] = field(default_factory=dict)
    error: str = ""
    detail: str = ""


def owners_of(stream: BinaryIO, ref: ContainerRef, max_row_bytes: int) -> frozenset[int]:
    """Ids of the users that wrote the posts of a part of a plain `Posts.xml`."""
    stream.seek(ref.start)
    reader = RowReader(stream.read, start=ref.start, end=ref.end, max_row_bytes=max_row_bytes)
    try:
        return frozenset(int(found[1]) for raw in reader.rows("posts") if (found := _OWNER.search(raw.data)))
    except NotThisTable:
        return frozenset()  # the reading of the posts says so


def tables_beside(posts_uri: str) -> tuple[str, str]:
    """Where the users of a table of posts may be, the first that is there counts."""
    folder, slash, _ = posts_uri.rpartition("/")
    return f"{folder}{slash}Users.xml", f"{folder}{slash}Users.xml.gz"


def names_beside(
    posts_uri: str, wanted: Callable[[], frozenset[int]] | None, max_row_bytes: int, transport: TransportOptions
) -> UserNames:
    """Names in the `Users.xml` or `Users.xml.gz` of the folder that the posts are in; none where neither is there.

    `wanted` gives the ids of those that are needed, asked where there is a table; None: all.
    """
    for uri in tables_beside(posts_uri):
        try:
            with open_stream(uri, transport) as stream:
                packed = stream.read(2) == b"\x1f\x8b"
                stream.seek(0)
                read = Unpacked(stream).read if packed else stream.read
                return read_names(read, wanted() if wanted else None, max_row_bytes)
        except (InputNotFound, AccessDenied):  # S3 says the latter of what is not there, too
            continue
    return UserNames()


def read_names(read: Read, wanted: frozenset[int] | None, max_row_bytes: int) -> UserNames:
    """Names of the wanted users, of all for None; those before any damage."""
    names = UserNames()
    reader = RowReader(read, max_row_bytes=max_row_bytes)
    num_bad = 0
    try:
        for raw in reader.rows("users"):
            found = _ID.search(raw.data)
            if found is not None and wanted is not None and int(found[1]) not in wanted:
                continue
            attributes = read_row(raw.data, reader.charset) if found is not None else None
            if found is None or attributes is None:
                num_bad += 1
            elif len(names.by_id) < MAX_NAMES and (name := one_line(attributes.get("DisplayName", ""))):
                names.by_id[int(found[1])] = name
    except NotThisTable as error:
        names.error, names.detail = error.code, str(error)
    except (*GZIP_DAMAGE, DamagedArchive) as error:
        names.error, names.detail = DAMAGED_MEMBER, str(error)
    else:
        if num_bad:
            names.error, names.detail = MALFORMED_RECORD, f"{num_bad} rows of users that are none"
        elif not reader.is_complete:
            names.error, names.detail = TRUNCATED_RECORD, "the file ends before </users>"
    return names
