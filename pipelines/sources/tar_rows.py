"""The accounted rows of one container that is, or may be, a tar: what the readers of arXiv and of PMC share.

A record counts as seen when its outcome is known, so that a connection that breaks inside one costs one row, not two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from pipelines.errors import AccessDenied, InputNotFound, TransportError
from pipelines.sources.accounts import Accounts
from pipelines.sources.archives import (
    ArchiveTooLarge,
    DamagedArchive,
    TarDamage,
    TarMember,
    TruncatedArchive,
    tar_members,
)
from pipelines.sources.records import (
    ARCHIVE_TOO_LARGE,
    DAMAGED_MEMBER,
    EMPTY_CONTAINER,
    MALFORMED_RECORD,
    NOT_AN_ARCHIVE,
    TRANSPORT_ERROR,
    TRUNCATED_RECORD,
    UNREADABLE_CONTAINER,
    Row,
)
from pipelines.transport import ContainerRef, TransportOptions, open_stream

Records = Callable[[TarMember], Iterable[Row | None]]
"""A row for each record of a member; None for one that is skipped and counted."""


class ContainerRows:
    """The accounts of one container while it is read."""

    def __init__(self, accounts: Accounts) -> None:
        self.accounts = accounts
        self.num_seen = 0
        self._places: set[str] = set()

    def read(
        self, ref: ContainerRef, transport: TransportOptions, rows: Callable[[BinaryIO], Iterator[Row]]
    ) -> Iterator[Row]:
        """The rows of an opened container, one for what breaks the reading off, and those that close the accounts."""
        try:
            with open_stream(ref.uri, transport) as stream:
                yield from rows(stream)
        except TruncatedArchive as error:
            yield self.failed(TRUNCATED_RECORD, str(error))
        except DamagedArchive as error:
            yield self.failed(DAMAGED_MEMBER, str(error))
        except ArchiveTooLarge as error:
            yield self.failed(ARCHIVE_TOO_LARGE, str(error))
        except (InputNotFound, AccessDenied, OSError) as error:
            yield self.failed(UNREADABLE_CONTAINER, str(error))
        except TransportError as error:
            yield self.failed(TRANSPORT_ERROR, str(error))
        yield from self.accounts.close(self.num_seen)

    def failed(self, error: str, detail: str) -> Row:
        """The row of a failure that is the container's."""
        self.num_seen += 1
        return self.accounts.failed("container", error, detail)

    def seen(self, rows: Iterable[Row | None]) -> Iterator[Row]:
        """Count records; those that have a row."""
        for row in rows:
            self.num_seen += 1
            if row is not None:
                yield row

    def members(self, stream: BinaryIO, records: Records) -> Iterator[Row]:
        """The rows of a tar's members and damages; damage before the first member waits until it is known to be one."""
        early: list[TarDamage] = []
        num_members = 0
        for found in tar_members(stream):
            if isinstance(found, TarMember):
                num_members += 1
                yield from self._damages(early)
                early.clear()
                if found.kind != "folder":
                    yield from self._outcomes(records(found))
            elif num_members:
                yield from self._damages([found])
            else:
                early.append(found)
        if num_members:
            return
        if any(damage.cause != "no_end" for damage in early):
            yield self.failed(NOT_AN_ARCHIVE, "no tar header in the whole file")
        else:
            yield self.failed(EMPTY_CONTAINER, "no member and nothing else")

    def _outcomes(self, rows: Iterable[Row | None]) -> Iterator[Row]:
        """The outcomes of a member; one that has none counts as seen all the same, so that the books do not balance."""
        before = self.num_seen
        yield from self.seen(rows)
        self.num_seen = max(self.num_seen, before + 1)

    def _damages(self, damages: Iterable[TarDamage]) -> Iterator[Row]:
        for damage in damages:
            self.num_seen += 1
            error = TRUNCATED_RECORD if damage.cause == "no_end" else MALFORMED_RECORD
            row = self.accounts.failed(f"@{damage.offset}", error, damage.detail)
            row.offset = damage.offset
            yield row

    def locator(self, place: str, member: TarMember) -> str:
        """What names a record, so that its document keeps its id when the tar is packed anew; twice in a tar: where."""
        if place in self._places:
            return f"{place}@{member.offset}"
        self._places.add(place)
        return place
