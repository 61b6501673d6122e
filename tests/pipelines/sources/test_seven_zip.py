"""7z archives that are damaged, packed otherwise, or on a failing disk: named errors, and no bug behind them."""

from __future__ import annotations

import io
import random
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
            unpacked(io.BytesIO(data if at % 7 else data[:at]))
        except DamagedArchive:
            num_damaged += 1
    assert num_damaged > 20


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
