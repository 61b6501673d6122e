from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.sample.books_files import build_books, docx_bytes, epub_bytes, odt_bytes, paragraph, pdf_bytes, zip_bytes
from pipelines.source_config import BooksOptions, SourceConfig
from pipelines.sources.books import is_books_file, read_books
from pipelines.sources.records import ReaderConfig, Row
from pipelines.transport import ContainerRef

EPUB = epub_bytes("T", "A", ["<p>text</p>"])


def config(**options: object) -> ReaderConfig:
    books = BooksOptions.model_validate({"pdf_process": "same", **options})
    return ReaderConfig(source=SourceConfig(id="b", format="books", category="acquired", books=books))


def read(folder: Path, name: str, data: bytes, **options: object) -> list[Row]:
    path = folder / name
    path.write_bytes(data)
    rows = list(read_books(ContainerRef(f"b/{name}", str(path), len(data)), config(**options)))
    end = rows[-1]
    assert end.skip_reason == "container_end"
    assert int(end.skip_value or -1) == sum(row.num_records for row in rows)
    assert len({row.doc_id for row in rows}) == len(rows)
    return rows[:-1]


@pytest.mark.parametrize(
    ("name", "accepted"),
    [("a.epub", True), ("a.TXT.gz", True), ("x/a.pdf", True), ("a.zip", True), ("a.odt", True), ("a.docx", True),
     ("a.htm.gz", True), ("a.tex", False), ("a.epub.part", False), ("epub", False)],
)  # fmt: skip
def test_files_of_a_folder_are_told_by_their_ending(name: str, accepted: bool) -> None:
    assert is_books_file(name) is accepted


@pytest.mark.parametrize(
    ("name", "data", "text", "media_type"),
    [
        ("a.epub", EPUB, "text", "application/epub+zip"),
        ("a.txt", b"text", "text", "text/plain"),
        ("a.txt.gz", gzip.compress(b"te") + gzip.compress(b"xt"), "text", "text/plain"),
        ("a.html", b"<p>text</p>", "text", "text/html"),
        ("a.odt", odt_bytes("<text:p>text</text:p>"), "text", "application/vnd.oasis.opendocument.text"),
        (
            "a.docx",
            docx_bytes(paragraph("text")),
            "text",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("a.pdf", pdf_bytes([[(60, 700, 10, "text")]]), "text", "application/pdf"),
    ],
)
def test_each_format_ends_as_one_document(tmp_path: Path, name: str, data: bytes, text: str, media_type: str) -> None:
    (row,) = read(tmp_path, name, data)
    assert (row.text, row.media_type, row.source, row.category) == (text, media_type, "books", "acquired")
    assert (row.container, row.offset, row.length) == (f"b/{name}", 0, len(data))


def test_what_a_book_states_has_its_columns_and_its_metadata(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "a.epub", EPUB)
    notes = json.loads(row.metadata or "{}")
    assert (row.title, row.date, row.license) == (
        "T",
        "2021-03-03",
        "https://creativecommons.org/publicdomain/zero/1.0/",
    )
    assert (notes["author"], notes["language_hint"], notes["identifier"]) == ("A", "en", "urn:sample:t")


def test_the_id_depends_on_the_name_and_not_on_the_place(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    assert read(tmp_path, "a.epub", EPUB)[0].doc_id == read(tmp_path / "x", "a.epub", EPUB)[0].doc_id


@pytest.mark.parametrize(
    ("name", "data", "error"),
    [
        ("a.epub", b"GIF89a", "DamagedInput"),
        ("a.docx", b"GIF89a", "DamagedInput"),
        ("a.pdf", b"GIF89a", "DamagedInput"),
        ("a.txt", bytes(range(256)) * 10, "UndecodableInput"),
        ("a.txt", b"", "EmptyContainer"),
        ("a.zip", b"GIF89a", "DamagedMember"),
        ("a.zip", zip_bytes({}), "EmptyContainer"),
        ("a.txt.gz", gzip.compress(b"text" * 100)[:-20], "DamagedMember"),
    ],
)
def test_what_cannot_be_read_is_a_typed_failure(tmp_path: Path, name: str, data: bytes, error: str) -> None:
    (row,) = read(tmp_path, name, data)
    assert (row.error, row.text) == (error, None)


def test_a_missing_file_is_a_failure_of_its_container(tmp_path: Path) -> None:
    rows = list(read_books(ContainerRef("a.epub", str(tmp_path / "a.epub"), None), config()))
    assert [row.error for row in rows] == ["UnreadableContainer", None]


def test_a_scan_and_an_empty_book_are_skips_with_their_own_rows(tmp_path: Path) -> None:
    (scan,) = read(tmp_path, "a.pdf", pdf_bytes([[], []], pictures=True))
    assert (scan.skip_reason, scan.skip_value, scan.text) == ("scanned", "2", None)
    (empty,) = read(tmp_path, "b.docx", docx_bytes(""))
    assert empty.skip_reason == "no_text"


def test_another_kind_of_file_is_counted(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "a.tex.gz", gzip.compress(b"\\bye"))
    assert (row.skip_reason, row.skip_value) == ("media_type", "tex")


def test_a_file_of_exactly_the_limit_is_read_and_one_byte_more_fails(tmp_path: Path) -> None:
    assert read(tmp_path, "a.txt", b"12345", max_file_bytes=5)[0].text == "12345"
    assert read(tmp_path, "a.txt", b"123456", max_file_bytes=5)[0].error == "InputTooLarge"


def test_a_gzip_bomb_is_a_typed_failure(tmp_path: Path) -> None:
    data = gzip.compress(b"0" * 100)
    assert read(tmp_path, "a.txt.gz", data, max_unpacked_bytes=100)[0].text == "0" * 100
    assert read(tmp_path, "a.txt.gz", data, max_unpacked_bytes=99)[0].error == "DecompressionBomb"


def test_a_zip_has_a_record_for_each_member_and_litter_is_counted(tmp_path: Path) -> None:
    members: dict[str, str | bytes] = {
        "a.txt": "text", "b.epub": EPUB, "c.jpg": b"x", "d.pdf": b"junk", "__MACOSX/._a.txt": b"x", "folder/": b"",
    }  # fmt: skip
    rows = read(tmp_path, "all.zip", zip_bytes(members))
    assert [(row.text, row.error, row.skip_value) for row in rows] == [
        ("text", None, None),
        ("text", None, None),
        (None, "DamagedInput", None),
        (None, None, "._a.txt"),
        (None, None, "jpg"),
    ]
    assert [row.skip_reason for row in rows[3:]] == ["litter", "media_type"]
    assert json.loads(rows[1].metadata or "{}")["member"] == "b.epub"
    assert rows[1].length is not None


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_member_of_any_compression_costs_only_itself(tmp_path: Path, method: int) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "text " * 1000, method)
        archive.writestr("b.txt", "text")
    data = bytearray(buffer.getvalue())
    for at in range(44, 60):
        data[at] ^= 0xFF
    assert [(row.text, row.error) for row in read(tmp_path, "a.zip", bytes(data))] == [
        (None, "DamagedMember"),
        ("text", None),
    ]


def test_members_of_another_kind_are_not_unpacked(tmp_path: Path) -> None:
    members: dict[str, str | bytes] = {"a.txt": "text", "b.jpg": b"0" * 100}
    rows = read(tmp_path, "a.zip", zip_bytes(members), max_file_bytes=99_999)
    assert [(row.error, row.skip_value) for row in rows] == [(None, None), (None, "jpg")]
    members["b.jpg"] = b"0" * 100_000
    rows = read(tmp_path, "a.zip", zip_bytes(members), max_file_bytes=99_999)
    assert [(row.error, row.skip_value) for row in rows] == [(None, None), (None, "jpg")]


def test_the_sample_is_built_the_same_each_time_and_read_as_meant(tmp_path: Path) -> None:
    build_books(tmp_path / "one")
    build_books(tmp_path / "two")
    outcomes = {}
    for path in sorted((tmp_path / "one").iterdir()):
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
        (row,) = read(tmp_path, path.name, path.read_bytes())
        outcomes[path.name] = row.error or row.skip_reason or "document"
    assert outcomes == {
        "ice-year.docx": "document",
        "ice-year.odt": "document",
        "locked.epub": "EncryptedInput",
        "scanned-map.pdf": "scanned",
        "the-lamplighters-book.epub": "document",
        "tide-tables.txt": "document",
        "trenches.pdf": "document",
    }


@settings(max_examples=40)
@given(st.sampled_from(["epub", "docx", "odt", "pdf", "txt", "html", "zip", "txt.gz"]), st.binary(max_size=200))
def test_any_bytes_end_as_one_accounted_record(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, data: bytes
) -> None:
    rows = read(tmp_path_factory.mktemp("any"), f"a.{suffix}", data)
    assert len(rows) == 1
    assert rows[0].error != "ExtractorBug"


def test_every_real_file_ends_as_a_document_or_a_typed_outcome(shared: Path, tmp_path: Path) -> None:
    outcomes = []
    for path in sorted((shared / "corpus/books").rglob("*.*")):
        for row in read(tmp_path, path.name, path.read_bytes()):
            outcomes.append(row.error or row.skip_reason or "document")
    assert len(outcomes) == 53
    assert {word: outcomes.count(word) for word in set(outcomes)} == {
        "document": 44,
        "DamagedInput": 2,
        "EncryptedInput": 1,
        "media_type": 1,
        "no_text": 2,
        "scanned": 3,
    }
