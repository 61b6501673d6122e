"""Rows of a dump as bytes: parts, cuts, odd encodings and rows without an end."""

from __future__ import annotations

import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sources.dump_rows import NotThisTable, RawRow, RowReader


def rows_of(data: bytes, start: int = 0, end: int | None = None, chunk: int = 7, limit: int = 1000) -> list[RawRow]:
    stream = io.BytesIO(data)
    stream.seek(start)
    reader = RowReader(lambda _: stream.read(chunk), start=start, end=end, max_row_bytes=limit)
    return list(reader.rows("posts"))


def table(*rows: bytes) -> bytes:
    return (
        b'<?xml version="1.0" encoding="utf-8"?>\n<posts>\n' + b"".join(b"  %s\n" % row for row in rows) + b"</posts>"
    )


ROW = st.text("abc<&>\"' é漢").map(
    lambda text: f'<row B="{text.replace("&", "&amp;").replace("<", "&lt;").replace(chr(34), "&quot;")}" />'.encode()
)


class TestFraming:
    @given(st.lists(ROW, max_size=6), st.integers(1, 60))
    def test_rows_are_found_whatever_the_chunks(self, rows: list[bytes], chunk: int) -> None:
        data = table(*rows)
        found = rows_of(data, chunk=chunk)
        assert [row.data for row in found] == rows
        assert [data[row.offset : row.offset + row.length] for row in found] == rows

    @given(st.lists(ROW, max_size=6), st.lists(st.integers(0, 300), max_size=4), st.integers(1, 60))
    def test_parts_together_give_what_the_whole_gives(self, rows: list[bytes], cuts: list[int], chunk: int) -> None:
        data = table(*rows)
        bounds = [0, *sorted({cut for cut in cuts if 0 < cut < len(data)})]
        ends = [*bounds[1:], None]
        parts = [row for start, end in zip(bounds, ends, strict=True) for row in rows_of(data, start, end, chunk=chunk)]
        assert parts == rows_of(data)

    def test_a_row_belongs_to_the_part_that_its_first_byte_is_in(self) -> None:
        data = table(b'<row A="1" />', b'<row A="2" />')
        second = rows_of(data)[1].offset
        for cut, counts in ((second - 1, (1, 1)), (second, (1, 1)), (second + 1, (2, 0))):
            assert (len(rows_of(data, 0, cut)), len(rows_of(data, cut))) == counts

    def test_a_row_over_the_limit_is_told_and_the_next_is_read(self) -> None:
        found = rows_of(table(b'<row A="%s" />' % (b"x" * 200), b'<row A="1" />'), limit=100)
        assert [(row.error, row.data) for row in found] == [("InputTooLarge", b""), ("", b'<row A="1" />')]

    def test_a_row_of_the_limit_is_read(self) -> None:
        assert rows_of(table(b'<row A="%s" />' % (b"x" * 88)), limit=100)[0].error == ""

    def test_a_row_cut_off_by_the_end_is_told(self) -> None:
        found = rows_of(table(b'<row A="1" />', b'<row A="23" />')[:-16])
        assert [row.error for row in found] == ["", "TruncatedRecord"]

    def test_a_row_without_an_end_before_the_next_is_malformed(self) -> None:
        found = rows_of(table(b'<row A="1"', b'<row A="2" />'))
        assert [row.error for row in found] == ["MalformedRecord", ""]


class TestProlog:
    @pytest.mark.parametrize(
        "prolog",
        [
            b"\xef\xbb\xbf<?xml version='1.0'?>",
            b"<?xml version='1.0'?><!DOCTYPE posts SYSTEM 'posts.dtd'>",
            b'<!DOCTYPE posts [ <!ENTITY a "<row Id=\'9\' />"> <!ENTITY b SYSTEM "file:///etc/passwd"> ]>',
            b"<!-- <posts> <row /> -->",
        ],
    )
    def test_what_stands_before_the_root_is_passed_over(self, prolog: bytes) -> None:
        found = rows_of(prolog + b"\n<posts><row Id='1' /></posts>")
        assert [row.data for row in found] == [b"<row Id='1' />"]

    @pytest.mark.parametrize("piece", [b"<?x?>", b"<!---->", b"<!DOCTYPE a[]>", b"<!-- ", b"<!DOCTYPE a["])
    def test_a_prolog_of_many_pieces_without_a_root_is_passed_over_once(self, piece: bytes) -> None:
        begin = time.process_time()
        with pytest.raises(NotThisTable):
            rows_of(piece * 24 + b"none")
        assert time.process_time() - begin < 0.5

    @pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
    def test_utf_16_is_read_as_utf_8(self, encoding: str) -> None:
        data = ("\ufeff" + table('<row T="é漢" />'.encode()).decode()).encode(encoding)
        assert [row.data.decode() for row in rows_of(data)] == ['<row T="é漢" />']

    @pytest.mark.parametrize("data", [b"<comments><row /></comments>", b"no xml", b"\x00\x01", b"<posts2><row />"])
    def test_another_table_is_refused(self, data: bytes) -> None:
        with pytest.raises(NotThisTable):
            rows_of(data)

    def test_the_stated_encoding_is_kept_and_an_unknown_one_is_utf_8(self) -> None:
        for stated, charset in (("windows-1251", "cp1251"), ("klingon", "utf-8"), ("UTF-16", "utf-8")):
            stream = io.BytesIO(f"<?xml version='1.0' encoding='{stated}'?><posts/>".encode())
            reader = RowReader(stream.read, max_row_bytes=10)
            assert (list(reader.rows("posts")), reader.charset) == ([], charset)
