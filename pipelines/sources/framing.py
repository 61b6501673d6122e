"""Containers to records, losing no byte: every stretch of a container is a record, a counted failure or padding.

FastWARC and warcio stop, raise or skip at the first oddity; here a broken record is a frame with an error, and
reading goes on at the next place where a record begins: the next member, else the next `WARC/` or ARC line. Cost:
about 50 µs a record, zlib's included. Blind spot: a Content-Length too long by more than `max_block_bytes` hides the
records it covers in a plain file of unknown size.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from pipelines.sources import compression
from pipelines.sources.compression import Damage, End, Event, MemberStart
from pipelines.sources.dialects import DIALECTS, Dialect, MalformedHeader, RecordHeader
from pipelines.sources.records import (
    DAMAGED_MEMBER,
    EMPTY_CONTAINER,
    MALFORMED_RECORD,
    NOT_AN_ARCHIVE,
    TRUNCATED_RECORD,
)

MAX_HEADER_BYTES = 256 * 1024
PADDING = re.compile(rb"[\r\n\0]*")


@dataclass(slots=True)
class Frame:
    """One stretch of a container: a record, or with `error` set what stands in the place of one."""

    ordinal: int
    """Its place in the container, from 0."""
    offset: int
    """Stored offset of the record, or of the member it lies in when it shares that with others."""
    length: int | None = None
    """Stored bytes up to the next frame; None when it shares its member."""
    header: RecordHeader | None = None
    block: bytes = b""
    """What follows the header, cut at the framer's `max_block_bytes`."""
    error: str | None = None
    detail: str = ""


def looks_like_record(data: bytes) -> bool:
    """Whether decoded bytes begin with a record of any dialect."""
    return any(dialect.start.match(data) for dialect in DIALECTS)


class DecodedBytes:
    """A window over the decoded bytes. Positions are absolute; `marks` say where members begin."""

    def __init__(self, linear: bool, events: Iterator[Event]) -> None:
        self.linear = linear
        self._events = events
        self.data = bytearray()
        self.base = 0
        self.mark_positions: list[int] = []
        self.mark_offsets: list[int] = []
        self.damage: Damage | None = None
        self.end: End | None = None

    @property
    def end_position(self) -> int:
        return self.base + len(self.data)

    def pull(self) -> bool:
        """Take in one event; False at the end, and at damage until it is cleared."""
        if self.damage is not None or self.end is not None:
            return False
        event = next(self._events)
        if isinstance(event, bytes):
            self.data += event
        elif isinstance(event, MemberStart):
            self.mark_positions.append(self.end_position)
            self.mark_offsets.append(event.offset)
        elif isinstance(event, Damage):
            self.damage = event
        else:
            self.end = event
        return self.damage is None and self.end is None

    def discard_to(self, position: int) -> None:
        del self.data[: position - self.base]
        self.base = position
        # The last member that began before the window is the one the window begins in.
        keep = bisect_left(self.mark_positions, position)
        if keep > 1:
            del self.mark_positions[: keep - 1]
            del self.mark_offsets[: keep - 1]

    def marks_between(self, after: int, before: int) -> list[int]:
        """Positions of members that begin in the open interval."""
        return [p for p in self.mark_positions if after < p < before]

    def member_offset(self, position: int) -> int:
        """Stored offset of the member that holds a position."""
        if self.linear:
            return position
        return self.mark_offsets[max(0, bisect_right(self.mark_positions, position) - 1)]

    def boundary(self, first: int, last: int) -> int | None:
        """Stored offset of the last member start, or of the end, from `first` to `last`; None when there is none."""
        if self.linear:
            return last
        if self.end is not None and last == self.end_position:
            return self.end.offset
        index = bisect_right(self.mark_positions, last) - 1
        return self.mark_offsets[index] if index >= 0 and self.mark_positions[index] >= first else None


class Framer:
    """Iterates over the frames of one container; `seen` counts them as they are found."""

    def __init__(self, stream: BinaryIO, *, size_bytes: int | None = None, max_block_bytes: int = 16 * 2**20) -> None:
        linear, events = compression.decode(stream, looks_like_record)
        self._decoded = DecodedBytes(linear, events)
        self._size_bytes = size_bytes if linear else None
        self._max_block_bytes = max_block_bytes
        self._dialect: Dialect | None = None
        self._cursor = 0
        self._previous_end = 0
        self.seen = 0

    @property
    def offset(self) -> int:
        """Stored offset up to which frames were found."""
        decoded = self._decoded
        return decoded.member_offset(self._cursor) if decoded.linear or decoded.mark_offsets else 0

    def __iter__(self) -> Iterator[Frame]:
        decoded = self._decoded
        while True:
            self._skip_padding()
            if self._cursor < decoded.end_position:
                yield self._record() if self._starts_at(self._cursor) else self._garbage()
            elif decoded.damage is not None:
                yield self._damaged(self._begin())
            else:
                break
        if self.seen == 0:
            self.seen = 1
            size = decoded.end.offset if decoded.end is not None else 0
            yield Frame(0, 0, size, error=EMPTY_CONTAINER, detail="no record and nothing else")

    # Where records begin

    def _starts_at(self, position: int) -> bool:
        """Whether a record begins here; settles the dialect with the first one."""
        decoded = self._decoded
        while True:
            at = position - decoded.base
            for dialect in DIALECTS if self._dialect is None else (self._dialect,):
                if dialect.start.match(decoded.data, at):
                    self._dialect = dialect
                    return True
            line_known = decoded.data.find(b"\n", at) >= 0 or len(decoded.data) - at > MAX_HEADER_BYTES
            if line_known or not decoded.pull():
                return False

    def _seek_record(self, position: int) -> bool:
        """Move the cursor to the next record start at or after a position; else to the end or damage, and False."""
        decoded = self._decoded
        dialects = DIALECTS if self._dialect is None else (self._dialect,)
        while True:
            mark = self._next_member_record(position - 1, decoded.end_position)
            found = [] if mark is None else [mark]
            for dialect in dialects:
                if match := dialect.line_start.search(decoded.data, position - decoded.base):
                    found.append(decoded.base + match.start())
            if found:
                self._cursor = min(found)
                return self._starts_at(self._cursor)
            longest = max(dialect.max_start_bytes for dialect in dialects)
            position = max(position, decoded.end_position - longest)
            decoded.discard_to(max(decoded.base, position - 1))
            if not decoded.pull():
                self._cursor = decoded.end_position
                return False

    def _skip_padding(self) -> int:
        """Move over line ends and zeros; the number of line ends."""
        decoded, newlines = self._decoded, 0
        while True:
            at = self._cursor - decoded.base
            match = PADDING.match(decoded.data, at)
            assert match is not None
            newlines += decoded.data.count(b"\n", at, match.end())
            self._cursor += match.end() - at
            if self._cursor < decoded.end_position or not decoded.pull():
                return newlines

    # Frames

    def _begin(self) -> Frame:
        """A frame at the cursor; `length` stays None unless a member begins there."""
        self.seen += 1
        decoded = self._decoded
        if decoded.damage is not None and self._cursor == decoded.end_position:
            return Frame(self.seen - 1, decoded.damage.offset, 0)
        aligned = decoded.linear or decoded.boundary(self._previous_end, self._cursor) is not None
        offset = decoded.member_offset(self._cursor)
        decoded.discard_to(self._cursor)
        return Frame(self.seen - 1, offset, 0 if aligned else None)

    def _finish(self, frame: Frame, end: int) -> Frame:
        """Set the length: `end` is where the frame's own bytes end, the cursor where padding after it does."""
        self._previous_end = end
        boundary = self._decoded.boundary(end, self._cursor)
        frame.length = boundary - frame.offset if frame.length is not None and boundary is not None else None
        return frame

    def _failed(self, frame: Frame, error: str, detail: str) -> Frame:
        frame.error, frame.detail = error, detail
        end = self._cursor
        self._skip_padding()
        return self._finish(frame, end)

    def _damaged(self, frame: Frame) -> Frame:
        """The member under the cursor broke; its bytes up to the next good member are this frame's."""
        damage = self._decoded.damage
        assert damage is not None
        self._decoded.damage = None
        self._cursor = self._decoded.end_position
        frame.error, frame.detail = DAMAGED_MEMBER, damage.detail
        end = self._cursor
        self._decoded.pull()
        return self._finish(frame, end)

    def _garbage(self) -> Frame:
        frame = self._begin()
        found = self._seek_record(self._cursor + 1)
        if not found and self._decoded.damage is not None:
            return self._damaged(frame)
        if not found and self._dialect is None and self.seen == 1:
            return self._failed(frame, NOT_AN_ARCHIVE, "no WARC or ARC record in it")
        return self._failed(frame, MALFORMED_RECORD, "bytes that belong to no record")

    def _record(self) -> Frame:
        assert self._dialect is not None
        frame, start = self._begin(), self._cursor
        header_end = self._header_end(start)
        if header_end < 0:
            return self._cut_off(frame, start + 1, "header")
        header_bytes = bytes(memoryview(self._decoded.data)[: header_end - start])
        try:
            frame.header = self._dialect.parse(header_bytes)
        except MalformedHeader as error:
            self._seek_record(header_end)
            return self._failed(frame, MALFORMED_RECORD, str(error))
        return self._block(frame, start, header_end)

    def _header_end(self, start: int) -> int:
        assert self._dialect is not None
        decoded = self._decoded
        while True:
            end = self._dialect.header_end(decoded.data, start - decoded.base)
            if end >= 0 or len(decoded.data) > MAX_HEADER_BYTES:
                break
            if not decoded.pull():
                return -1
        position = decoded.base + end
        return -1 if end < 0 or self._next_member_record(start, position) is not None else position

    def _next_member_record(self, start: int, end: int) -> int | None:
        """The first position in an open interval where a member begins with a record; None: there is none."""
        return next((p for p in self._decoded.marks_between(start, end) if self._starts_at(p)), None)

    def _block(self, frame: Frame, start: int, body: int) -> Frame:
        assert frame.header is not None
        decoded, target = self._decoded, body + frame.header.content_length
        if self._size_bytes is not None and target > self._size_bytes:
            return self._cut_off(frame, body, "block")
        kept_end = min(target, body + self._max_block_bytes)
        if not self._reach(start, kept_end):
            return self._cut_off(frame, body, "block")
        frame.block = bytes(memoryview(decoded.data)[body - decoded.base : kept_end - decoded.base])
        oversized = target > kept_end
        if oversized and not self._pass_over(kept_end, target):
            return self._cut_off(frame, decoded.base, "block")
        self._cursor = target
        newlines = self._skip_padding()
        if decoded.damage is not None and self._cursor == decoded.end_position and self._is_in_damage(target):
            return self._damaged(frame)
        if self._ends_well(target, newlines):
            return self._finish(frame, target)
        frame.block = b""
        self._seek_record(self._cursor if oversized else body)
        length = frame.header.content_length
        return self._failed(frame, MALFORMED_RECORD, f"Content-Length {length} does not lead to the next record")

    def _ends_well(self, target: int, newlines: int) -> bool:
        """Whether what follows a block shows that its length was right."""
        assert self._dialect is not None
        at_end = self._cursor == self._decoded.end_position
        at_member = not self._decoded.linear and self._decoded.boundary(target, self._cursor) is not None
        return at_end or at_member or newlines >= self._dialect.min_newlines or self._starts_at(self._cursor)

    def _is_in_damage(self, target: int) -> bool:
        """Whether the member that broke holds a part of the record that ends at `target`."""
        return self._decoded.mark_positions[-1] < target

    def _reach(self, start: int, end: int) -> bool:
        """Pull until a position is in the window; False when the record is cut off before it."""
        while self._decoded.end_position < end:
            if not self._decoded.pull():
                return False
        return self._decoded.linear or self._next_member_record(start, end) is None

    def _pass_over(self, position: int, end: int) -> bool:
        """Drop the bytes of an oversized block; False when it is cut off."""
        decoded = self._decoded
        while True:
            reached = min(end, decoded.end_position)
            if (cut := self._next_member_record(position - 1, reached)) is not None:
                decoded.discard_to(cut)
                return False
            decoded.discard_to(reached)
            if reached == end:
                return True
            position = reached
            if not decoded.pull():
                return False

    def _cut_off(self, frame: Frame, after: int, part: str) -> Frame:
        """The record's header or block ends early: at a member that begins another one, at damage or at the end."""
        decoded = self._decoded
        if not self._seek_record(after) and decoded.damage is not None:
            return self._damaged(frame)
        at_end = self._cursor == decoded.end_position and decoded.end is not None
        at_member = not decoded.linear and decoded.boundary(self._cursor, self._cursor) is not None
        if at_end or at_member:
            return self._failed(frame, TRUNCATED_RECORD, f"the {part} is cut off")
        detail = f"the {part} runs over the next record"
        return self._failed(frame, MALFORMED_RECORD, detail)
