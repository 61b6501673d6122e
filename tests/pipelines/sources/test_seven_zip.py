"""7z archives that are damaged, packed otherwise, or on a failing disk: named errors, and no bug behind them."""

from __future__ import annotations

import io
import random
import struct
import zlib
from typing import Any

import py7zr
import pytest
from py7zr import SevenZipFile

from pipelines.errors import TransportError
from pipelines.sources.seven_zip import DamagedArchive, MemberStream, member_names, open_archive

TEXT = b"<posts>" + b"<row Body='The sluice.'/>" * 500


def packed(method: int, is_header_packed: bool = True, **options: int) -> bytes:
    stored = io.BytesIO()
    with SevenZipFile(stored, "w", filters=[{"id": method, **options}]) as archive:
        archive.set_encoded_header_mode(is_header_packed)
        archive.writestr(TEXT, "Posts.xml")
    return stored.getvalue()


def unpacked(stream: Any) -> bytes:
    with open_archive(stream) as archive:
        names = [name for name, is_file in member_names(archive) if is_file]
        with MemberStream(archive, names[0] if names else "") as member:
            return b"".join(iter(lambda: member.read(1000), b""))


KNOWN = [py7zr.FILTER_LZMA2, py7zr.FILTER_LZMA, py7zr.FILTER_BZIP2, py7zr.FILTER_DEFLATE, py7zr.FILTER_COPY]


@pytest.mark.parametrize("method", KNOWN)
def test_a_member_is_read_by_every_known_method(method: int) -> None:
    assert unpacked(io.BytesIO(packed(method))) == TEXT


@pytest.mark.parametrize(("method", "options"), [(py7zr.FILTER_PPMD, {"order": 6, "mem": 24}), (py7zr.FILTER_ZSTD, {})])
def test_other_methods_are_refused_before_they_are_decoded(method: int, options: dict[str, int]) -> None:
    with pytest.raises(DamagedArchive, match="is not read; pack it with"):
        unpacked(io.BytesIO(packed(method, True, **options)))


@pytest.mark.parametrize("is_header_packed", [True, False])
@pytest.mark.parametrize("method", KNOWN)
def test_damage_has_one_name_wherever_it_is(method: int, is_header_packed: bool) -> None:
    whole = packed(method, is_header_packed)
    choice = random.Random(method)
    num_damaged = 0
    for _ in range(60):
        data = bytearray(whole)
        at = choice.randrange(len(data))
        data[at] ^= choice.randrange(1, 256)
        try:
            assert unpacked(io.BytesIO(data if at % 7 else data[:at])) == TEXT
        except DamagedArchive:
            num_damaged += 1
    assert num_damaged > 20


def header_place(archive: bytes) -> slice:
    offset, size = struct.unpack("<QQ", archive[12:28])
    return slice(32 + offset, 32 + offset + size)


def with_header(archive: bytes, header: bytes) -> bytes:
    """The archive with another header of the same size, its checksums right."""
    body = archive[32:][: header_place(archive).start - 32] + header
    start = archive[12:28] + struct.pack("<L", zlib.crc32(header))
    return archive[:8] + struct.pack("<L", zlib.crc32(start)) + start + body


@pytest.mark.parametrize("method", KNOWN)
def test_a_header_that_its_checksum_vouches_for_is_not_believed(method: int) -> None:
    whole = packed(method, False)
    header = whole[header_place(whole)]
    assert unpacked(io.BytesIO(with_header(whole, header))) == TEXT
    num_damaged = 0
    for at in range(len(header)):
        for value in {0, 1, 2, 5, 127, 255} - {header[at]}:
            changed = with_header(whole, header[:at] + bytes([value]) + header[at + 1 :])
            try:
                assert unpacked(io.BytesIO(changed)) in (TEXT, b"")  # none where no member is left
            except DamagedArchive:
                num_damaged += 1
    assert num_damaged > 100


@pytest.mark.parametrize(
    ("stated", "instead"),
    [
        ([b"\x05\x01\x19\x04"], [b"\x05\x0a\x19\x02"]),  # more files than streams
        (
            [b"\x06\x00\x01\x09", b"\x07\x0b\x01\x00"],
            [b"\x06\x00\x09\x09", b"\x07\x0b\xff\x00"],
        ),  # folders that are not there
    ],
)
def test_numbers_in_a_header_that_do_not_agree_are_damage(stated: list[bytes], instead: list[bytes]) -> None:
    whole = packed(py7zr.FILTER_LZMA2, False)
    header = whole[header_place(whole)]
    for old, new in zip(stated, instead, strict=True):
        assert header.count(old) == 1
        header = header.replace(old, new)
    with pytest.raises(DamagedArchive, match=r"IndexError|AttributeError"):
        unpacked(io.BytesIO(with_header(whole, header)))


class Failing(io.BytesIO):
    """A stream that fails once the decoding has begun."""

    def __init__(self, data: bytes, error: Exception) -> None:
        super().__init__(data)
        self.num_left = 10**6
        self._error = error

    def read(self, size: int | None = -1) -> bytes:
        self.num_left -= 1
        if self.num_left < 0:
            raise self._error
        return super().read(size)


@pytest.mark.parametrize("error", [TransportError("cut"), OSError(5, "disk"), TypeError("a bug"), KeyError("a bug")])
def test_what_is_no_fault_of_the_archive_keeps_its_name(error: Exception) -> None:
    stream = Failing(packed(py7zr.FILTER_LZMA2), error)
    with open_archive(stream) as archive:
        stream.num_left = 0
        with pytest.raises(type(error)) as raised, MemberStream(archive, "Posts.xml") as member:
            member.read(10)
    assert raised.value is error
