"""Headers of a tar that lie, are too long, or speak of sparse files."""

from __future__ import annotations

import io
import tarfile
import time

import pytest

from pipelines.sources.archives import TarDamage, TarMember, TruncatedArchive, tar_members
from pipelines.sources.tar_header import MAX_EXTENDED_BYTES, MAX_MEMBER_BYTES, Extended


def header(name: str, size: int, kind: bytes = tarfile.REGTYPE) -> bytearray:
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    return bytearray(info.tobuf(tarfile.GNU_FORMAT))


def stored(name: str, data: bytes, kind: bytes = tarfile.REGTYPE) -> bytes:
    return bytes(header(name, len(data), kind)) + data + bytes(-len(data) % 512)


def pax(key: str, value: str) -> bytes:
    rest = f" {key}={value}\n".encode()
    length = len(rest) + len(str(len(rest)))
    length += len(str(length)) + len(rest) - length
    return stored("pax", str(length).encode() + rest, tarfile.XHDTYPE)


def seen(data: bytes) -> list[tuple[str, str, int] | str]:
    return [
        found.cause if isinstance(found, TarDamage) else (found.name, found.kind, found.size_bytes)
        for found in tar_members(io.BytesIO(data))
    ]


AFTER = stored("after", b"x") + bytes(1024)


@pytest.mark.parametrize("digits", ["9" * 5000, "9" * 30, str(MAX_MEMBER_BYTES + 1)])
def test_a_size_beyond_belief_is_a_damaged_header(digits: str) -> None:
    assert seen(pax("size", digits) + stored("a", b"") + AFTER) == ["header", ("after", "file", 1)]


def test_the_largest_size_that_is_believed_runs_into_the_end() -> None:
    with pytest.raises(TruncatedArchive, match="inside member 'a'"):
        seen(pax("size", str(MAX_MEMBER_BYTES)) + stored("a", b"") + AFTER)


def test_a_size_in_the_digits_of_another_script_is_none() -> None:
    assert seen(pax("size", "٣") + stored("a", b"1") + AFTER) == [("a", "file", 1), ("after", "file", 1)]


def test_an_extended_header_beyond_the_limit_is_damage_and_what_follows_is_read() -> None:
    for num_bytes, first in ((MAX_EXTENDED_BYTES, []), (MAX_EXTENDED_BYTES + 1, ["header"])):
        data = stored("long", b"n" * num_bytes, tarfile.GNUTYPE_LONGNAME) + AFTER
        *damages, last = seen(data)
        assert damages == first
        assert len(last[0]) == (5 if first else num_bytes)


def test_an_extended_header_of_many_records_is_read_in_no_time() -> None:
    records = b"5 a=\n" * (MAX_EXTENDED_BYTES // 5)
    began = time.process_time()
    assert seen(stored("pax", records, tarfile.XHDTYPE) + AFTER) == [("after", "file", 1)]
    assert time.process_time() - began < 3


def test_of_extended_headers_no_more_is_held_than_is_used() -> None:
    extended = Extended()
    info = tarfile.TarInfo()
    info.type = tarfile.XHDTYPE
    for number in range(50):
        extended.add(info, f"12 key{number:02}=xy\n".encode() + b"9 path=a\n" + b"18 GNU.sparse.x=1\n")
    assert (extended.values, extended.is_sparse) == ({"path": "a"}, True)


def test_sparse_files_are_no_files_and_the_map_is_no_damage() -> None:
    old = header("old", 1024, tarfile.GNUTYPE_SPARSE)
    old[482] = 1  # the map goes on in two further blocks
    old[148:156] = b" " * 8
    old[148:156] = b"%06o\0 " % sum(old)
    more = bytearray(512)
    more[504] = 1
    data = bytes(old) + more + bytes(512) + b"d" * 1024
    modern = pax("GNU.sparse.major", "1") + stored("GNUSparseFile.0/new", b"1\n0\n5\n")
    assert seen(data + modern + AFTER) == [
        ("old", "other", 1024),
        ("GNUSparseFile.0/new", "other", 6),
        ("after", "file", 1),
    ]


def test_a_map_that_is_cut_off_says_so() -> None:
    old = header("old", 1024, tarfile.GNUTYPE_SPARSE)
    old[482] = 1
    old[148:156] = b" " * 8
    old[148:156] = b"%06o\0 " % sum(old)
    with pytest.raises(TruncatedArchive):
        seen(bytes(old) + bytes(100))


def test_a_read_that_met_the_end_ends_the_walk() -> None:
    walk = tar_members(io.BytesIO(stored("a", b"x" * 2000)[:1000]))
    member = next(walk)
    assert isinstance(member, TarMember)
    with pytest.raises(TruncatedArchive):
        member.read(5000)
    assert member.broken
    assert list(walk) == []
