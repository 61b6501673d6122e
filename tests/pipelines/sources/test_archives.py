"""Tar archives as streams: every member as tarfile has it, and what it hides: damage, truncation, unsafe names."""

from __future__ import annotations

import gzip
import io
import tarfile
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sources.archives import (
    ArchiveTooLarge,
    DamagedArchive,
    TarDamage,
    TarMember,
    decoded,
    is_tar,
    is_unsafe,
    tar_members,
)

FORMATS = (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)


def tar(*members: tuple[str, bytes], fmt: int = tarfile.PAX_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=fmt) as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def walk(data: bytes) -> list[tuple[str, bytes] | TarDamage]:
    return [
        (found.name, found.read(2**30)) if isinstance(found, TarMember) else found
        for found in tar_members(io.BytesIO(data))
    ]


names = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="/\0\\"), min_size=1), min_size=1, max_size=9)
members = st.lists(st.tuples(names.map("/".join).filter(lambda name: name[:2] != "./"), st.binary(max_size=2000)))


@given(members, st.sampled_from(FORMATS[1:]), st.booleans())
def test_members_are_those_that_were_written_in_order(written: list[tuple[str, bytes]], fmt: int, packed: bool) -> None:
    data = tar(*written, fmt=fmt)
    stream = decoded(io.BytesIO(gzip.compress(data) if packed else data), len(data))
    found = [(m.name, m.read(2000)) for m in tar_members(stream) if isinstance(m, TarMember)]
    assert found == written


@given(members.filter(bool), st.sampled_from(FORMATS[1:]), st.data())
def test_a_member_that_is_not_read_is_passed_over(
    written: list[tuple[str, bytes]], fmt: int, choice: st.DataObject
) -> None:
    wanted = choice.draw(st.integers(0, len(written) - 1))
    found = list(tar_members(io.BytesIO(tar(*written, fmt=fmt))))
    assert [member.name for member in found if isinstance(member, TarMember)] == [name for name, _ in written]
    for number, member in enumerate(tar_members(io.BytesIO(tar(*written, fmt=fmt)))):
        if number == wanted:
            assert isinstance(member, TarMember)
            assert member.read(2000) == written[wanted][1]


@given(members.filter(bool), st.data())
def test_an_archive_cut_off_anywhere_gives_a_beginning_and_says_so(
    written: list[tuple[str, bytes]], choice: st.DataObject
) -> None:
    whole = tar(*written, fmt=tarfile.GNU_FORMAT)
    end = len(whole.rstrip(b"\0"))
    cut = choice.draw(st.integers(1, end - 1))
    found: list[tuple[str, bytes]] = []
    damaged = False
    try:
        for entry in tar_members(io.BytesIO(whole[:cut])):
            if isinstance(entry, TarDamage):
                damaged = True
            else:
                found.append((entry.name, entry.read(2000)))
    except DamagedArchive:
        damaged = True
    assert found == written[: len(found)]
    assert damaged


@given(st.binary(max_size=5000))
def test_no_bytes_crash_or_hang_the_walk(data: bytes) -> None:
    with_header = tar(("a", b"x" * 600))[:1536] + data
    for junk in (data, with_header, gzip.compress(data), gzip.compress(with_header)[:-3]):
        try:
            for entry in tar_members(decoded(io.BytesIO(junk), 10_000)):
                if isinstance(entry, TarMember):
                    entry.read(10_000)
        except (DamagedArchive, ArchiveTooLarge):
            pass


def test_offsets_lead_back_to_the_member() -> None:
    data = tar(("a" * 150, b"first"), ("b", b"second"), fmt=tarfile.PAX_FORMAT)
    for member in tar_members(io.BytesIO(data)):
        assert isinstance(member, TarMember)
        assert data[member.data_offset :].startswith(member.read(100))
        again = next(tar_members(io.BytesIO(data[member.offset :])))
        assert isinstance(again, TarMember)
        assert again.name == member.name


def test_a_damaged_header_costs_its_member_alone() -> None:
    data = bytearray(tar(("a", b"1" * 700), ("b", b"2" * 700), ("c", b"3" * 700)))
    data[1536 + 3] ^= 0xFF
    first, damage, last = walk(bytes(data))
    assert first == ("a", b"1" * 700)
    assert isinstance(damage, TarDamage)
    assert (damage.offset, damage.cause) == (1536, "header")
    assert last == ("c", b"3" * 700)


def test_bytes_after_the_end_mark_are_told_apart_from_a_lost_member() -> None:
    *_, damage = walk(tar(("a", b"1")) + b"junk" * 200)
    assert isinstance(damage, TarDamage)
    assert damage.cause == "after_end"


def test_two_archives_one_after_the_other_are_read_as_one() -> None:
    assert walk(tar(("a", b"1")) + tar(("b", b"2"))) == [("a", b"1"), ("b", b"2")]


def test_an_archive_cut_off_between_members_says_so() -> None:
    data = tar(("a", b"1" * 512))[:1024]
    *_, damage = walk(data)
    assert isinstance(damage, TarDamage)
    assert damage.cause == "no_end"


def test_an_archive_cut_off_inside_a_large_unread_member_says_so() -> None:
    data = tar(("a", bytes(5 * 2**20)))[: 3 * 2**20]
    with pytest.raises(DamagedArchive, match="inside member 'a'"):
        list(tar_members(io.BytesIO(data)))


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/passwd", "..\\x", "C:\\x", "\\\\host\\x", "a\0b", ".."])
def test_names_that_lead_out_of_the_archive_are_unsafe(name: str) -> None:
    assert is_unsafe(name)


@pytest.mark.parametrize("name", ["x", "a/b.tex", "a..b", "...", "./a", "fig..pdf", "a:b"])
def test_other_names_are_safe(name: str) -> None:
    assert not is_unsafe(name)


@pytest.mark.parametrize("name", ["._x", "a/._x.tex", "__MACOSX/x", "a/__MACOSX/b/c", ".DS_Store"])
def test_what_an_operating_system_left_behind_is_litter(name: str) -> None:
    (member,) = tar_members(io.BytesIO(tar((name, b""))))
    assert isinstance(member, TarMember)
    assert member.litter


@pytest.mark.parametrize("name", ["x._y", "_x.tex", "MACOSX/x", ".latexmkrc"])
def test_other_odd_names_are_not_litter(name: str) -> None:
    (member,) = tar_members(io.BytesIO(tar((name, b""))))
    assert isinstance(member, TarMember)
    assert not member.litter


def test_links_keep_their_target_and_have_no_data() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        info = tarfile.TarInfo("here")
        info.type, info.linkname = tarfile.SYMTYPE, "../../etc/" + "x" * 120
        archive.addfile(info)
        archive.addfile(tarfile.TarInfo("after"))
    link, after = tar_members(io.BytesIO(buffer.getvalue()))
    assert isinstance(link, TarMember)
    assert (link.kind, link.target, link.read(10)) == ("link", "../../etc/" + "x" * 120, b"")
    assert isinstance(after, TarMember)
    assert after.kind == "file"


def test_a_name_in_latin_1_is_read() -> None:
    data = bytearray(tar(("caf?.tex", b""), fmt=tarfile.USTAR_FORMAT))
    data[3] = 0xE9
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    (member,) = tar_members(io.BytesIO(bytes(data)))
    assert isinstance(member, TarMember)
    assert member.name == "café.tex"


def test_a_member_longer_than_allowed_is_not_read_into_memory() -> None:
    member = next(tar_members(io.BytesIO(tar(("a", b"12345")))))
    assert isinstance(member, TarMember)
    with pytest.raises(ArchiveTooLarge):
        member.read(4)


def test_a_member_as_long_as_allowed_is_read() -> None:
    member = next(tar_members(io.BytesIO(tar(("a", b"12345")))))
    assert isinstance(member, TarMember)
    assert member.read(5) == b"12345"


def test_a_gzip_bomb_stops_at_the_limit_in_little_memory() -> None:
    bomb = gzip.compress(bytes(64 * 2**20))
    stream = decoded(io.BytesIO(bomb), 8 * 2**20)
    tracemalloc.start()
    num_bytes = sum(len(stream.read(2**16)) for _ in range(8 * 2**20 // 2**16))
    with pytest.raises(ArchiveTooLarge):
        stream.read(1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert num_bytes == 8 * 2**20
    assert peak < 4 * 2**20


@pytest.mark.parametrize("packed", [False, True])
def test_all_that_is_allowed_comes_out_before_the_limit(packed: bool) -> None:
    data = bytes(700_001)
    stored = gzip.compress(data) if packed else data
    assert decoded(io.BytesIO(stored), 700_001).read() == data
    stream = decoded(io.BytesIO(stored), 700_000)
    assert len(stream.read(700_000)) == 700_000
    with pytest.raises(ArchiveTooLarge):
        stream.read(1)


@given(st.binary(max_size=3000), st.binary(max_size=3000), st.sampled_from([b"", b"\0" * 100, b"trailing"]))
def test_gzip_members_are_joined_and_what_follows_them_is_left(first: bytes, second: bytes, after: bytes) -> None:
    data = gzip.compress(first) + gzip.compress(second) + after
    assert decoded(io.BytesIO(data), 6000).read() == first + second


@given(st.binary(min_size=1, max_size=3000))
def test_what_decoded_before_a_fault_is_handed_out_first(data: bytes) -> None:
    packed = gzip.compress(data, 0)[:-8]  # the checksum is missing
    stream = decoded(io.BytesIO(packed), 3000)
    assert stream.read(len(data)) == data
    with pytest.raises(DamagedArchive):
        stream.read(1)


def test_a_tar_is_known_by_its_first_block() -> None:
    assert is_tar(tar(("a", b"1")))
    assert not is_tar(b"\\documentclass{article}\n" * 40)
    assert not is_tar(bytes(1024))
    assert not is_tar(b"")


def test_a_long_end_mark_is_passed_over_and_what_follows_is_read() -> None:
    for num_blocks in (1, 2, 511, 512, 513, 1200):
        data = tar(("a", b"1"))[:1024] + bytes(512 * num_blocks) + tar(("b", b"2" * 2**20), ("c", b"3"))
        assert walk(data) == [("a", b"1"), ("b", b"2" * 2**20), ("c", b"3")]
