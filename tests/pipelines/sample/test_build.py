from __future__ import annotations

import gzip
import hashlib
import json
import zipfile
from collections import Counter
from pathlib import Path
from subprocess import run
from sys import executable

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sample import faults, warc
from pipelines.sample.build import NUM_WARCS, SampleFiles, build_sample, documents_of, plain_text, rendered_pages

COLUMNS = {"id", "text", "title", "url", "date", "license", "language"}


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def expected(sample: SampleFiles) -> list[dict[str, str]]:
    return [json.loads(line) for line in sample.expected.read_text(encoding="utf-8").splitlines()]


def record_types(path: Path) -> Counter[str]:
    with path.open("rb") as stream:
        return Counter(record.headers["WARC-Type"] for record in ArchiveIterator(stream))


def test_the_same_bytes_come_out_twice(sample: SampleFiles, tmp_path: Path) -> None:
    build_sample(tmp_path)
    assert digests(tmp_path) == digests(sample.folder)


def test_the_listing_names_the_warc_files(sample: SampleFiles) -> None:
    names = gzip.decompress(sample.listing.read_bytes()).decode().split()
    assert [sample.folder / name for name in names] == list(sample.warcs)
    assert len(sample.warcs) == NUM_WARCS


def test_fastwarc_reads_a_request_a_response_and_metadata_of_each_page(sample: SampleFiles) -> None:
    pages = rendered_pages()
    sound = [record_types(path) for path in sample.warcs[:-1]]
    share = len(pages) / NUM_WARCS
    for types in sound:
        assert types.keys() == {"warcinfo", "request", "response", "metadata"}
        assert types["warcinfo"] == 1
        assert types["request"] == types["response"] == types["metadata"]
        assert share - 1 < types["response"] < share + 1


def test_fastwarc_finds_the_digests_right(sample: SampleFiles) -> None:
    with sample.warcs[0].open("rb") as stream:
        for record in ArchiveIterator(stream, verify_digests=True, record_types=WarcRecordType.response):
            assert record.headers["WARC-Target-URI"].startswith("http")


def test_a_record_is_a_gzip_member(sample: SampleFiles) -> None:
    data = sample.warcs[0].read_bytes()
    with sample.warcs[0].open("rb") as stream:
        offsets = [record.stream_pos for record in ArchiveIterator(stream)]
    assert offsets[0] == 0
    assert all(data[offset : offset + 2] == b"\x1f\x8b" for offset in offsets)


def test_the_wet_file_holds_the_text_of_the_first_warc_file(sample: SampleFiles) -> None:
    with sample.warcs[0].open("rb") as stream:
        urls = [r.headers["WARC-Target-URI"] for r in ArchiveIterator(stream, record_types=WarcRecordType.response)]
    with sample.wet.open("rb") as stream:
        records = ArchiveIterator(stream, record_types=WarcRecordType.conversion)
        texts = {record.headers["WARC-Target-URI"]: record.reader.read().decode() for record in records}
    assert list(texts) == urls
    assert all(text.strip() for text in texts.values())
    assert not any("<div" in text for text in texts.values())


@pytest.mark.parametrize(
    ("category", "at_least"), [("synthetic", 55), ("web_rewrites", 28), ("code", 35), ("acquired", 20)]
)
def test_ready_made_documents_have_their_columns_and_an_id_of_their_own(
    sample: SampleFiles, category: str, at_least: int
) -> None:
    rows = []
    for path in sorted(sample.records[category].iterdir()):
        rows += [json.loads(line) for line in gzip.decompress(path.read_bytes()).decode().splitlines()]
    assert len(rows) >= at_least
    assert all(row.keys() >= COLUMNS for row in rows)
    assert len({row["id"] for row in rows}) == len(rows)
    assert all(row["title"] and row["date"] and len(row["text"]) > 200 for row in rows)


def test_every_page_and_every_fault_has_a_url_and_an_expectation(sample: SampleFiles) -> None:
    rows = expected(sample)
    pages = [row for row in rows if "fault" not in row]
    assert len(pages) == len(rendered_pages()) >= 150
    assert len({row["url"] for row in pages}) == len(pages)
    assert all(row["title"] and row["expect"] for row in pages)
    assert {row["fault"] for row in rows if "fault" in row} == {
        *(fault.name for fault in faults.faults("")),
        "cut_member",
    }


def test_a_fault_stands_only_in_the_last_file(sample: SampleFiles) -> None:
    name = sample.warcs[-1].name
    last = sample.warcs[-1].read_bytes()
    for fault in faults.faults(name):
        assert last.count(fault.data) == 1, fault.name
    assert last.endswith(faults.broken_tail(name).data)


def test_the_sample_can_be_built_from_a_zip(tmp_path: Path) -> None:
    package = Path(__file__).parents[3] / "pipelines"
    archive = tmp_path / "code.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(package / "__init__.py", "pipelines/__init__.py")
        for file in sorted((package / "sample").rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                packed.write(file, f"pipelines/sample/{file.relative_to(package / 'sample')}")
    code = "import sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path; import pipelines.sample.build as b\n"
    code += "assert sys.argv[1] in b.__file__; b.build_sample(Path(sys.argv[2]))"
    run([executable, "-c", code, str(archive), str(tmp_path / "zipped")], check=True, cwd=tmp_path)
    build_sample(tmp_path / "plain")
    assert digests(tmp_path / "zipped") == digests(tmp_path / "plain")


@given(st.binary(max_size=300), st.text("abc:/ÄÖ", max_size=20))
def test_a_record_says_how_long_its_block_is(block: bytes, value: str) -> None:
    data = warc.record([("WARC-Type", "resource"), ("A", value), ("B", "b")], block)
    head, _, rest = data.partition(b"\r\n\r\n")
    assert f"Content-Length: {len(block)}\r\n".encode() in head + b"\r\n"
    assert rest == block + b"\r\n\r\n"


def test_plain_text_leaves_out_scripts_and_keeps_furniture() -> None:
    html = "<head><title>t</title></head><body><nav>Menu</nav><script>x()</script><p>One <b>two</b>.</p></body>"
    assert plain_text(html) == "Menu\nOne two.\n"


def test_code_has_more_than_eight_languages() -> None:
    assert len({row["programming_language"] for row in documents_of("code")}) > 8
