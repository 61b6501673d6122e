"""Framing: no byte is lost, whatever is broken, and reading goes on after it."""

from __future__ import annotations

import gzip
import io
import random
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.sources.dialects import ARC, WARC, MalformedHeader, header_fields
from pipelines.sources.framing import Frame, Framer


def frames(data: bytes, **options: int) -> list[Frame]:
    return list(Framer(io.BytesIO(data), size_bytes=len(data), **options))


def words(data: bytes, **options: int) -> list[str]:
    return [f.error or (f.header.record_type if f.header else "?") for f in frames(data, **options)]


def tiles(data: bytes, found: list[Frame]) -> bool:
    """Whether the frames cover the container from the first byte to the last without a gap."""
    at = 0
    for frame in found:
        if frame.offset != at or frame.length is None:
            return False
        at += frame.length
    return at == len(data)


@pytest.fixture(scope="session")
def three(warc: SimpleNamespace) -> list[bytes]:
    return [warc.record(b"x" * n, kind=kind) for n, kind in ((10, "warcinfo"), (100, "request"), (1000, "response"))]


class TestWholeContainers:
    def test_plain_gzip_and_lz4_give_the_same_records(self, warc: SimpleNamespace, three: list[bytes]) -> None:
        for data in (b"".join(three), warc.gz(three), warc.lz4(three)):
            found = frames(data)
            assert [f.header.record_type for f in found if f.header] == ["warcinfo", "request", "response"]
            assert [f.block for f in found] == [b"x" * 10, b"x" * 100, b"x" * 1000]
            assert tiles(data, found)

    def test_a_stored_range_decompresses_to_its_record(self, warc: SimpleNamespace, three: list[bytes]) -> None:
        data = warc.gz(three)
        for frame, record in zip(frames(data), three, strict=True):
            assert frame.length is not None
            assert gzip.decompress(data[frame.offset : frame.offset + frame.length]) == record

    def test_records_that_share_a_member_have_its_offset_and_no_length(self, three: list[bytes]) -> None:
        found = frames(gzip.compress(b"".join(three)))
        assert [(f.offset, f.length, f.error) for f in found] == [(0, None, None)] * 3

    def test_a_record_may_span_members(self, warc: SimpleNamespace) -> None:
        record = warc.record(random.Random(0).randbytes(5000))
        data = warc.gz([record[:700], record[700:3000], record[3000:], warc.record(b"next")])
        found = frames(data)
        assert [len(f.block) for f in found] == [5000, 4]
        assert tiles(data, found)

    def test_line_ends_case_folds_and_repeats_are_taken_as_crawlers_write_them(self, warc: SimpleNamespace) -> None:
        for record in (
            warc.record(b"abc", newline=b"\n"),
            warc.record(b"abc", trailer=b""),
            warc.record(b"abc", trailer=b"\r\n" * 5 + b"\0" * 9),
            warc.record(b"abc").replace(b"WARC-Type", b"warc-type").replace(b"WARC/1.0", b"warc/0.18"),
            warc.record(b"abc").replace(b"Content-Length: 3", b"Content-Length:\r\n 3\r\nContent-Length: 3"),
        ):
            assert [f.block for f in frames(record + record)] == [b"abc", b"abc"], record

    def test_a_block_longer_than_the_limit_is_cut_and_the_next_record_found(self, warc: SimpleNamespace) -> None:
        big = warc.record(b"y" * 300_000)
        for data in (big + big, warc.gz([big, big]), gzip.compress(big + big), warc.lz4([big, big])):
            found = frames(data, max_block_bytes=1000)
            assert [(f.error, len(f.block)) for f in found] == [(None, 1000)] * 2
            assert all(f.header is not None and f.header.content_length == 300_000 for f in found)

    def test_an_empty_container_is_one_failure(self) -> None:
        for data in (b"", b"\r\n\r\n", b"\0" * 512):
            assert words(data) == ["EmptyContainer"]

    def test_what_is_no_archive_is_one_failure(self) -> None:
        for data in (b"hello", b"<html>\n" * 99, b"WARC", gzip.compress(b"text\n" * 999), b"\xff" * 300_000):
            found = frames(data)
            assert [f.error for f in found] == ["NotAnArchive"]
            assert tiles(data, found)


class TestFaults:
    def test_garbage_between_records_is_a_failure_of_its_own(self, three: list[bytes]) -> None:
        data = three[0] + b"garbage\r\nmore\r\n\r\n" + three[1] + b"tail"
        assert words(data) == ["warcinfo", "MalformedRecord", "request", "MalformedRecord"]
        assert tiles(data, frames(data))

    @pytest.mark.parametrize("length", ["", "ten", "-1", "1_0", "٣"])
    def test_a_record_without_a_usable_length_fails_alone(
        self, warc: SimpleNamespace, three: list[bytes], length: str
    ) -> None:
        data = three[0] + warc.record(b"abc\r\ndef", length=length) + three[1]
        assert words(data) == ["warcinfo", "MalformedRecord", "request"]

    def test_contradicting_lengths_are_no_length(self) -> None:
        with pytest.raises(MalformedHeader, match="3, 4"):
            WARC.parse(b"WARC/1.0\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n")

    def test_a_length_too_short_or_too_long_fails_its_record_alone(
        self, warc: SimpleNamespace, three: list[bytes]
    ) -> None:
        for length in (3, 90, 110, 150, 600):
            data = three[0] + warc.record(b"z" * 100, length=length) + three[1] + three[2]
            assert words(data) == ["warcinfo", "MalformedRecord", "request", "response"], length
            assert tiles(data, frames(data))

    def test_a_length_beyond_the_end_costs_one_record(self, warc: SimpleNamespace, three: list[bytes]) -> None:
        liar = warc.record(b"z" * 100, length=10**12)
        assert words(three[0] + liar + three[1]) == ["warcinfo", "MalformedRecord", "request"]
        assert words(three[0] + liar) == ["warcinfo", "TruncatedRecord"]
        assert words(warc.gz([three[0], liar, three[1]])) == ["warcinfo", "TruncatedRecord", "request"]

    def test_a_member_that_ends_early_ends_its_record(self, warc: SimpleNamespace, three: list[bytes]) -> None:
        for cut in (20, 150, len(three[2]) - 500):
            data = warc.gz([three[0], three[2][:cut], three[1]])
            assert words(data) == ["warcinfo", "TruncatedRecord", "request"]
            assert tiles(data, frames(data))

    @pytest.mark.parametrize("packing", ["plain", "gz", "lz4"])
    def test_a_file_cut_anywhere_keeps_what_was_whole(
        self, warc: SimpleNamespace, three: list[bytes], packing: str
    ) -> None:
        packed = [
            {"plain": bytes, "gz": lambda r: warc.gz([r]), "lz4": lambda r: warc.lz4([r])}[packing](r) for r in three
        ]
        whole = len(packed[0]) + len(packed[1])
        for cut in range(whole + 1, whole + len(packed[2]) - 4, 7):
            data = b"".join(packed)[:cut]
            found = frames(data)
            assert [f.error is None for f in found] == [True, True, False], cut
            assert tiles(data, found)

    def test_one_bad_byte_in_a_member_costs_that_member(self, warc: SimpleNamespace) -> None:
        records = [warc.record(random.Random(n).randbytes(3000), kind="response") for n in range(3)]
        packed = [warc.gz([r]) for r in records]
        start = len(packed[0])
        for at in range(start, start + len(packed[1]), 97):
            data = bytearray(b"".join(packed))
            data[at] ^= 0xFF
            found = frames(bytes(data))
            assert [f.error for f in found if f.offset < start] == [None]
            assert found[-1].error is None
            assert found[-1].block == records[2].partition(b"\r\n\r\n")[2][:-4]
            assert tiles(bytes(data), found)

    def test_a_bad_checksum_is_not_taken_for_a_good_record(self, warc: SimpleNamespace, three: list[bytes]) -> None:
        packed = bytearray(warc.gz([three[1]]))
        packed[-6] ^= 0xFF
        data = warc.gz([three[0]]) + bytes(packed) + warc.gz([three[2]])
        assert words(data) == ["warcinfo", "DamagedMember", "response"]

    def test_records_before_damage_in_a_shared_member_are_kept(self, warc: SimpleNamespace) -> None:
        records = [warc.record(random.Random(n).randbytes(200_000)) for n in range(20)]
        data = bytearray(gzip.compress(b"".join(records)))
        data[len(data) // 2] ^= 0xFF
        found = frames(bytes(data))
        assert len(found) >= 7
        assert [f.error for f in found] == [None] * (len(found) - 1) + ["DamagedMember"]

    def test_bytes_between_members_are_a_failure_and_zeros_are_padding(
        self, warc: SimpleNamespace, three: list[bytes]
    ) -> None:
        a, b, c = (warc.gz([r]) for r in three)
        data = a + b"xxxxx" + b + b"\0" * 1000 + c + b"\0" * 99
        assert words(data) == ["warcinfo", "DamagedMember", "request", "response"]
        assert tiles(data, frames(data))

    def test_magic_bytes_inside_damaged_data_are_not_taken_for_a_member(self, warc: SimpleNamespace) -> None:
        good = warc.record(b"good")
        decoy = b"\x1f\x8b\x08\x00" + bytes(6) + random.Random(3).randbytes(500)
        data = warc.gz([good]) + b"?" + decoy + warc.gz([good])
        assert words(data) == ["response", "DamagedMember", "response"]

    def test_an_endless_header_is_bounded(self, warc: SimpleNamespace) -> None:
        data = b"WARC/1.0\r\nX: " + b"a" * 600_000 + warc.record(b"b").replace(b"WARC/1.0", b"\r\n\r\nWARC/1.0", 1)
        assert words(data) == ["MalformedRecord", "response"]


class TestArc:
    LINE = b"http://example.org/a b 192.0.2.1 20080430204825 text/html %d\n"

    def arc(self, *blocks: bytes) -> list[bytes]:
        about = b"1 0 Tests\nURL IP-address Archive-date Content-type Archive-length\n"
        first = b"filedesc://x.arc 0.0.0.0 20080430204825 text/plain %d\n%s\n" % (len(about), about)
        return [first, *(self.LINE % len(block) + block + b"\n" for block in blocks)]

    def test_arc_records_read_plain_and_packed(self, warc: SimpleNamespace) -> None:
        records = self.arc(b"HTTP/1.0 200 OK\n\nabc", b"", b"HTTP/1.0 200 OK\n\n\n")
        for data in (b"".join(records), warc.gz(records), gzip.compress(b"".join(records))):
            found = frames(data)
            assert [f.error for f in found] == [None] * 4
            assert found[0].header is not None
            assert found[0].header.record_type == "filedesc"
            assert [f.block[-3:] for f in found[1:]] == [b"abc", b"", b"\n\n\n"]
        header = found[1].header
        assert header is not None
        assert header.fields["warc-target-uri"] == "http://example.org/a b"
        assert header.fields["warc-date"] == "2008-04-30T20:48:25Z"

    def test_version_2_lines_carry_ten_fields(self) -> None:
        header = ARC.parse(b"http://e.org/ 192.0.2.1 20080430204825 text/html 200 XYZ - 1234 x.arc 77\n")
        assert (header.content_length, header.record_type) == (77, "response")

    def test_bad_lengths_fail_alone(self) -> None:
        good = self.arc(b"HTTP/1.0 200 OK\n\nabc")
        for bad in (b"-1", b"abc"):
            line = self.LINE.replace(b"%d", bad)
            assert words(good[0] + line + b"\n" + good[1]) == ["filedesc", "MalformedRecord", "response"]

    def test_a_wrong_length_fails_its_record_alone(self) -> None:
        first, good = self.arc(b"HTTP/1.0 200 OK\n\nabc")
        for length in (5, 30, 60, 100):
            liar = self.LINE % length + b"HTTP/1.0 200 OK\n\n" + b"q" * 33 + b"\n"
            assert words(first + liar + good) == ["filedesc", "MalformedRecord", "response"], length


def test_header_fields_fold_and_keep_the_first_value() -> None:
    fields, lengths = header_fields("A: 1\r\nb : 2\r\n  more\r\nA: 3\r\nnot a field\r\nContent-length: 9\r\n")
    assert fields == {"a": "1", "b": "2 more", "content-length": "9"}
    assert lengths == ["9"]


BLOCKS = st.binary(max_size=300).filter(lambda b: b"arc/" not in b.lower())


class TestBooks:
    @settings(max_examples=200, deadline=None)
    @given(
        parts=st.lists(
            st.one_of(
                st.tuples(st.just("good"), BLOCKS),
                st.tuples(st.just("no_length"), st.just(b"")),
                st.tuples(
                    st.just("garbage"), st.binary(min_size=1, max_size=50).map(lambda b: b"#" + b.hex().encode())
                ),
            ),
            max_size=12,
        ),
        packing=st.sampled_from(["plain", "gz", "lz4"]),
    )
    def test_good_records_all_come_out_and_every_byte_is_covered(
        self, warc: SimpleNamespace, parts: list[tuple[str, bytes]], packing: str
    ) -> None:
        made = [
            {
                "good": lambda b=block: warc.record(b),
                "no_length": lambda: warc.record(b"", length="none"),
                "garbage": lambda b=block: b + b"\r\n\r\n",
            }[kind]()
            for kind, block in parts
        ]
        data = {"plain": b"".join, "gz": warc.gz, "lz4": warc.lz4}[packing](made)
        framer = Framer(io.BytesIO(data), size_bytes=len(data))
        found = list(framer)
        assert [f.block for f in found if f.error is None] == [block for kind, block in parts if kind == "good"]
        assert framer.seen == len(found)
        assert tiles(data, found)

    @settings(max_examples=300, deadline=None)
    @given(data=st.data())
    def test_no_damage_loops_crashes_or_leaves_a_gap(self, warc: SimpleNamespace, data: st.DataObject) -> None:
        records = [warc.record(random.Random(n).randbytes(40 * n), kind="response") for n in range(6)]
        raw = bytearray(data.draw(st.sampled_from([b"".join(records), warc.gz(records), warc.lz4(records)])))
        for _ in range(data.draw(st.integers(1, 4))):
            at = data.draw(st.integers(0, len(raw) - 1))
            action = data.draw(st.sampled_from(["flip", "cut", "drop", "insert"]))
            if action == "flip":
                raw[at] ^= data.draw(st.integers(1, 255))
            elif action == "cut":
                del raw[at + 1 :]
            elif action == "drop":
                del raw[at : at + data.draw(st.integers(1, 200))]
            else:
                raw[at:at] = data.draw(st.binary(max_size=60))
            if not raw:
                break
        found = frames(bytes(raw))
        assert len(found) <= 40
        if all(f.length is not None for f in found):
            at = 0
            for frame in found:
                assert not bytes(raw[at : frame.offset]).strip(b"\r\n\0"), "a gap that is no padding"
                assert frame.offset >= at
                at = frame.offset + (frame.length or 0)
            assert at == len(raw) or not any(raw)
        else:
            assert raw[:2] == b"\x1f\x8b" or raw[:4] == b"\x04\x22\x4d\x18"


@pytest.mark.corpus
class TestRealArchives:
    def test_records_of_healthy_crawls_are_as_many_as_warcio_counts(self, shared: Path) -> None:
        from warcio.archiveiterator import ArchiveIterator

        folder = shared / "corpus/commoncrawl"
        healthy = [*folder.glob("crawls/*.gz"), *folder.glob("pages/*.warc.gz"), *folder.glob("legacy_arc/*")]
        healthy += folder.glob("cc/*.warc*.gz")
        compared = 0
        for path in healthy:
            if path.name.endswith(".paths.gz"):
                continue
            with path.open("rb") as stream:
                expected = [
                    record.rec_headers.get_header("WARC-Target-URI") or record.rec_headers.get_header("uri")
                    for record in ArchiveIterator(stream)
                ]
            data = path.read_bytes()
            found = frames(data)
            assert [f.error for f in found] == [None] * len(expected), path.name
            urls = [f.header.fields.get("warc-target-uri") for f in found if f.header]
            assert [(u or "").strip("<>") for u in urls] == [(u or "").strip("<>") for u in expected], path.name
            if not path.name.endswith(".arc.gz"):
                assert tiles(data, found), path.name
            compared += 1
        assert compared >= 25
