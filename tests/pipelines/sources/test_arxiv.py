"""Source tars built here, entry by entry: each ends as a document, a counted skip or a failure with its cause."""

from __future__ import annotations

import gzip
import io
import json
import resource
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.errors import RecipeError
from pipelines.recipe import ExtractionConfig
from pipelines.schemas import CONTAINER_END
from pipelines.source_config import SourceConfig
from pipelines.sources.arxiv import is_arxiv_file, read_arxiv
from pipelines.sources.records import ReaderConfig, Row, document_id
from pipelines.transport import ContainerRef

PAPER = (
    rb"\documentclass{article}\title{On Millponds}\author{A. Weir}\newcommand{\pond}[1]{the pond of #1}"
    rb"\begin{document}\maketitle\section{Sluices}We drained \pond{Ferndale} twice. \[ x = y^2 \]\end{document}"
)
NOTE = b"%auto-ignore\nThis paper has been withdrawn by the author, for the sluice was open.\n"
PDF = b"%PDF-1.4\n" + bytes(range(128, 256)) * 20
PAGE = b"<!doctype html><html><head><title>Pond</title></head><body><article><h1>Pond</h1>" + (
    b"<p>The pond lies behind the mill, and its water is let out through a sluice of oak in the dry months.</p>" * 5
)


def tar(*members: tuple[str, bytes], **special: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            info.type = special.get("kind", tarfile.REGTYPE)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def packed(*members: tuple[str, bytes]) -> bytes:
    return gzip.compress(tar(*members))


def read(folder: Path, data: bytes, max_input_bytes: int = 2**24, **options: Any) -> list[Row]:
    path = folder / "arXiv_src_2401_001.tar"
    path.write_bytes(data)
    config = ReaderConfig(
        source=SourceConfig.model_validate({"id": "a", "format": "arxiv", "category": "acquired", "arxiv": options}),
        extraction=ExtractionConfig(max_input_bytes=max_input_bytes),
    )
    rows = list(read_arxiv(ContainerRef(path.name, str(path), len(data)), config))
    assert rows[-1].skip_reason == CONTAINER_END
    assert sum(row.num_records for row in rows) == int(rows[-1].skip_value or "")
    return rows[:-1]


def one(folder: Path, entry: bytes, name: str = "2401/2401.00001.gz", **options: Any) -> Row:
    (row,) = read(folder, tar((name, entry)), **options)
    return row


def notes(row: Row) -> dict[str, str]:
    found: dict[str, str] = json.loads(row.metadata or "{}")
    return found


class TestPapers:
    def test_a_paper_of_several_files_is_a_document(self, tmp_path: Path) -> None:
        main = PAPER.replace(rb"We drained", rb"\input{parts/drained} We drained")
        row = one(tmp_path, packed(("ms.tex", main), ("parts/drained.tex", b"First the reeds were cut.")))
        assert row.error is None
        assert row.text is not None
        assert row.text.index("the reeds were cut") < row.text.index("the pond of Ferndale")
        assert (row.source, row.media_type) == ("arxiv", "application/x-tex")
        assert (row.url, row.date) == ("https://arxiv.org/abs/2401.00001", "2024-01")
        assert notes(row)["main_file"] == "ms.tex"
        assert notes(row)["member"] == "2401/2401.00001.gz"

    def test_a_single_gzip_file_is_a_document(self, tmp_path: Path) -> None:
        assert "the pond of Ferndale" in (one(tmp_path, gzip.compress(PAPER)).text or "")

    def test_content_decides_and_not_the_name(self, tmp_path: Path) -> None:
        assert one(tmp_path, PAPER, "2401/2401.00001.gz").text
        assert one(tmp_path, packed(("a", PAPER)), "2401/2401.00001.pdf").text
        assert one(tmp_path, gzip.compress(PDF), "2401/2401.00001.gz").skip_reason == "pdf_only"

    def test_the_document_lies_at_its_offset(self, tmp_path: Path) -> None:
        first, second = gzip.compress(PAPER), packed(("b.tex", PAPER))
        data = tar(("2401/2401.00001.gz", first), ("2401/2401.00002.gz", second))
        for row, entry in zip(read(tmp_path, data), (first, second), strict=True):
            assert row.offset is not None
            assert row.length is not None
            assert data[row.offset : row.offset + row.length] == entry

    def test_the_id_is_made_of_the_papers_own(self, tmp_path: Path) -> None:
        row = one(tmp_path, gzip.compress(PAPER), "0309/hep-th0309001.gz")
        assert row.doc_id == document_id("arxiv", "arXiv_src_2401_001.tar", "hep-th/0309001")
        assert (row.url, row.date) == ("https://arxiv.org/abs/hep-th/0309001", "2003-09")

    def test_two_entries_of_one_paper_have_two_ids(self, tmp_path: Path) -> None:
        entry = ("2401/2401.00001.gz", gzip.compress(PAPER))
        first, second = read(tmp_path, tar(entry, entry))
        assert first.doc_id != second.doc_id
        assert first.text == second.text

    def test_an_entry_without_an_arxiv_id_has_no_address(self, tmp_path: Path) -> None:
        row = one(tmp_path, gzip.compress(PAPER), "notes/millpond.gz")
        assert (row.url, row.date) == (None, None)
        assert row.text

    def test_parts_are_kept_as_the_options_say(self, tmp_path: Path) -> None:
        paper = PAPER.replace(rb"\end{document}", rb"\appendix\section{Levels}Reeds.\end{document}")
        assert "Levels" in (one(tmp_path, gzip.compress(paper)).text or "")
        assert "Levels" not in (one(tmp_path, gzip.compress(paper), keep_appendices=False).text or "")

    def test_ancillary_files_are_no_paper(self, tmp_path: Path) -> None:
        assert one(tmp_path, packed(("anc/a.tex", PAPER), ("x.pdf", PDF))).skip_reason == "pdf_only"

    def test_a_long_table_of_measurements_is_left_out(self, tmp_path: Path) -> None:
        row = one(tmp_path, packed(("levels.dat", b"1 2 3\n" * 200_000), ("ms.tex", PAPER)))
        assert notes(row)["members_left_out"] == "1"
        assert row.text


class TestOtherKinds:
    def test_html_goes_through_the_html_extractor(self, tmp_path: Path) -> None:
        for entry in (gzip.compress(PAGE), packed(("fig.gif", b"GIF89a"), ("pond.html", PAGE))):
            row = one(tmp_path, entry)
            assert "let out through a sluice" in (row.text or "")
            assert row.media_type == "text/html"

    @pytest.mark.parametrize(
        ("reason", "entry"),
        [
            ("withdrawn", gzip.compress(NOTE)),
            ("withdrawn", gzip.compress(b"This submission has been withdrawn by arXiv administrators.")),
            ("withdrawn", packed(("note.tex", NOTE))),
            ("pdf_only", PDF),
            ("pdf_only", gzip.compress(PDF)),
            ("pdf_only", packed(("paper.pdf", PDF), ("00README.XXX", b"nohypertex"))),
            ("postscript_only", gzip.compress(b"%!PS-Adobe-2.0\n%%Title: pond\n")),
            ("postscript_only", gzip.compress(b"\x04%!PS\nshowpage\n")),
            ("postscript_only", packed(("paper.ps", b"%!PS-Adobe-2.0\n"))),
            ("pdf_wrapper", packed(("a.tex", PAPER.replace(b"We drained", rb"\includepdf{x.pdf}")), ("x.pdf", PDF))),
            ("no_tex", packed(("a.png", b"\x89PNG\r\n\x1a\n"))),
            ("no_tex", gzip.compress(b"")),
            ("no_tex", gzip.compress(b"Just some words.")),
            ("no_tex", packed()),
        ],
    )
    def test_what_is_no_text_is_skipped_by_its_kind(self, tmp_path: Path, reason: str, entry: bytes) -> None:
        row = one(tmp_path, entry)
        assert (row.skip_reason, row.num_records, row.error, row.text) == (reason, 1, None, None)

    def test_a_paper_about_withdrawals_is_not_withdrawn(self, tmp_path: Path) -> None:
        assert one(tmp_path, gzip.compress(PAPER.replace(b"drained", b"have withdrawn from"))).text

    def test_a_tex_comment_for_editors_is_not_postscript(self, tmp_path: Path) -> None:
        assert one(tmp_path, gzip.compress(b"%!TEX root = ms.tex\n" + PAPER)).text

    def test_a_paper_that_appends_a_pdf_is_a_document(self, tmp_path: Path) -> None:
        paper = PAPER.replace(b"We drained", b"Reeds grow. " * 60 + rb"\includepdf{x.pdf}")
        assert one(tmp_path, packed(("a.tex", paper), ("x.pdf", PDF))).text

    def test_what_an_operating_system_left_behind_is_passed_over(self, tmp_path: Path) -> None:
        junk = b"\0\5\x16\7" + b"\\documentclass{x}" * 9
        row = one(tmp_path, packed(("._ms.tex", junk), ("__MACOSX/p/ms.tex", PAPER), ("p/ms.tex", PAPER)))
        assert notes(row)["main_file"] == "p/ms.tex"
        (skipped, paper) = sorted(
            read(tmp_path, tar(("2401/._2401.00001.gz", junk), ("2401/2401.00001.gz", gzip.compress(PAPER)))),
            key=lambda row: row.text or "",
        )
        assert skipped.skip_reason == "litter"
        assert paper.text


class TestFaults:
    def test_members_that_lead_out_are_refused_and_the_rest_is_read(self, tmp_path: Path) -> None:
        row = one(tmp_path, packed(("../../ms.tex", PAPER), ("/etc/x.tex", PAPER), ("ms.tex", PAPER)))
        assert notes(row)["unsafe_members"] == "2"
        assert row.text
        assert [path.name for path in tmp_path.parent.rglob("*.tex")] == []

    def test_an_entry_of_nothing_else_fails(self, tmp_path: Path) -> None:
        assert one(tmp_path, packed(("../../ir.png", b"\x89PNG"), ("../../._ir.png", b"x"))).error == "UnsafeMember"

    def test_an_entry_that_leads_out_fails(self, tmp_path: Path) -> None:
        assert one(tmp_path, gzip.compress(PAPER), "../2401.00001.gz").error == "UnsafeMember"

    @pytest.mark.parametrize("entry", [gzip.compress(PAPER)[:-20], packed(("ms.tex", PAPER))[:200]])
    def test_a_damaged_entry_fails_alone(self, tmp_path: Path, entry: bytes) -> None:
        damaged, whole = read(
            tmp_path, tar(("2401/2401.00001.gz", entry), ("2401/2401.00002.gz", gzip.compress(PAPER)))
        )
        assert damaged.error == "DamagedMember"
        assert whole.text

    def test_a_tar_that_ends_inside_an_entry_says_so_once(self, tmp_path: Path) -> None:
        data = tar(("2401/2401.00001.gz", gzip.compress(PAPER)), ("2401/2401.00002.gz", gzip.compress(PAPER)))
        first, cut = read(tmp_path, data[:1600])
        assert first.text
        assert (cut.error, cut.url) == ("TruncatedRecord", "https://arxiv.org/abs/2401.00002")

    def test_a_tar_that_ends_inside_what_is_not_read_says_so(self, tmp_path: Path) -> None:
        failed, skipped = read(tmp_path, tar(("2401/2401.00001.pdf", PDF * 200))[:400_000])
        assert (failed.error, skipped.skip_reason) == ("TruncatedRecord", "pdf_only")

    def test_a_damaged_header_costs_its_entry_alone(self, tmp_path: Path) -> None:
        entry = gzip.compress(PAPER)
        data = bytearray(tar(*((f"2401/2401.0000{n}.gz", entry) for n in range(3))))
        data[1024 + 100] ^= 0xFF
        first, damage, last = read(tmp_path, bytes(data))
        assert first.text
        assert (damage.error, damage.offset) == ("MalformedRecord", 1024)
        assert last.url == "https://arxiv.org/abs/2401.00002"

    @pytest.mark.parametrize(
        ("error", "data"),
        [("EmptyContainer", b""), ("EmptyContainer", bytes(10240)), ("NotAnArchive", b"no tar at all " * 100)],
    )
    def test_a_file_without_entries_says_why(self, tmp_path: Path, error: str, data: bytes) -> None:
        (row,) = read(tmp_path, data)
        assert row.error == error

    def test_a_missing_file_is_a_row(self) -> None:
        config = ReaderConfig(source=SourceConfig(id="a", format="arxiv", category="acquired"))
        row, _ = read_arxiv(ContainerRef("x", "/nowhere/arXiv_src_2401_001.tar", None), config)
        assert row.error == "UnreadableContainer"

    def test_more_tex_than_the_limit_fails(self, tmp_path: Path) -> None:
        entry = gzip.compress(PAPER)
        assert one(tmp_path, entry, max_input_bytes=len(PAPER)).text
        assert one(tmp_path, entry, max_input_bytes=len(PAPER) - 1).error == "InputTooLarge"

    @pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
    def test_an_entry_that_is_no_file_fails(self, tmp_path: Path, kind: bytes) -> None:
        (row,) = read(tmp_path, tar(("2401/2401.00001.gz", b""), kind=kind))
        assert row.error == "MalformedRecord"

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.lists(
            st.tuples(
                st.text("./a-z0123456789é", min_size=1, max_size=20),
                st.binary(max_size=600).flatmap(
                    lambda data: st.sampled_from(
                        [data, gzip.compress(data), packed(("a.tex", data)), gzip.compress(PAPER)]
                    )
                ),
            ),
            max_size=5,
        ),
        st.integers(0, 2**16),
        st.binary(max_size=3),
    )
    def test_every_entry_is_accounted_for_whatever_it_holds(
        self, tmp_path: Path, entries: list[tuple[str, bytes]], at: int, noise: bytes
    ) -> None:
        data = tar(*entries)
        at %= len(data)
        read(tmp_path, data[:at] + noise + data[at + len(noise) :])  # asserts that the books balance
        rows = read(tmp_path, data)
        assert sum(row.num_records for row in rows) == max(1, len(entries))
        assert rows == read(tmp_path, data)


class TestMetadata:
    record: ClassVar[dict[str, Any]] = {
        "id": "2401.00001",
        "title": "On\n  Millponds",
        "authors": "A. Weir, B. Sluice",
        "authors_parsed": [["Weir", "A.", ""], ["Sluice", "B.", "Jr."]],
        "categories": "math.HO physics.flu-dyn",
        "license": "http://creativecommons.org/licenses/by/4.0/",
        "versions": [
            {"version": "v1", "created": "Mon, 1 Jan 2024 19:18:42 GMT"},
            {"version": "v2", "created": "Tue, 5 Mar 2024 01:00:00 GMT"},
        ],
    }

    @pytest.fixture(params=["dump.json", "dump.json.gz"])
    def dump(self, request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., str]:
        def write(*records: dict[str, Any]) -> str:
            path = tmp_path / request.param
            lines = b"".join(json.dumps(record).encode() + b"\n" for record in records)
            path.write_bytes(gzip.compress(lines) if path.suffix == ".gz" else lines)
            return str(path)

        return write

    def test_licence_version_categories_and_dates_are_joined(self, tmp_path: Path, dump: Callable[..., str]) -> None:
        other = {**self.record, "id": "2402.00001", "license": None}
        row = one(tmp_path, gzip.compress(PAPER), metadata=dump(other, self.record, other))
        assert (row.license, row.date) == ("CC-BY-4.0", "2024-01-01")
        expected = {
            "arxiv_id": "2401.00001",
            "version": "v2",
            "version_date": "2024-03-05",
            "categories": "math.HO physics.flu-dyn",
            "authors": "A. Weir; B. Sluice Jr.",
        }
        assert expected.items() <= notes(row).items()

    def test_an_old_id_is_found(self, tmp_path: Path, dump: Callable[..., str]) -> None:
        metadata = dump({**self.record, "id": "math/0309001"})
        assert one(tmp_path, gzip.compress(PAPER), "0309/math0309001.gz", metadata=metadata).license == "CC-BY-4.0"

    def test_a_licence_that_is_not_creative_commons_stays_as_stated(
        self, tmp_path: Path, dump: Callable[..., str]
    ) -> None:
        stated = "http://arxiv.org/licenses/nonexclusive-distrib/1.0/"
        metadata = dump({**self.record, "license": stated})
        assert one(tmp_path, gzip.compress(PAPER), metadata=metadata).license == stated

    def test_a_paper_that_the_dump_does_not_list_says_so(self, tmp_path: Path, dump: Callable[..., str]) -> None:
        row = one(tmp_path, gzip.compress(PAPER), "2401/2401.00002.gz", metadata=dump(self.record))
        assert (row.license, notes(row)["arxiv_metadata"]) == (None, "not listed")
        assert row.text

    def test_lines_that_are_no_records_are_passed_over(self, tmp_path: Path) -> None:
        path = tmp_path / "dump.json"
        odd = b'[]\n{"id": "2401.0\n"2401."\n{"id": 5, "x": "2401."}\n' + json.dumps(self.record).encode()
        path.write_bytes(odd)
        assert one(tmp_path, gzip.compress(PAPER), metadata=str(path)).license == "CC-BY-4.0"

    def test_a_dump_that_is_not_there_ends_the_run(self, tmp_path: Path) -> None:
        with pytest.raises(RecipeError, match="metadata"):
            one(tmp_path, gzip.compress(PAPER), metadata=str(tmp_path / "none.json"))

    def test_a_damaged_dump_ends_the_run(self, tmp_path: Path) -> None:
        path = tmp_path / "dump.json.gz"
        path.write_bytes(gzip.compress(json.dumps(self.record).encode())[:-9])
        with pytest.raises(RecipeError, match="metadata"):
            one(tmp_path, gzip.compress(PAPER), metadata=str(path))


def test_source_tars_are_known_by_their_names() -> None:
    assert is_arxiv_file("src/arXiv_src_0001_001.tar")
    assert is_arxiv_file("arXiv_src_2401_113.tar")
    for other in ("arXiv_src_manifest.xml", "arXiv_pdf_0001_001.tar", "arXiv_src_2401_001.tar.part", "x.tar"):
        assert not is_arxiv_file(other)


def test_a_bomb_and_a_long_paper_stay_within_a_gigabyte(tmp_path: Path) -> None:
    zeros = gzip.compress(bytes(2**20)) * 1500
    bomb = gzip.compress(tar(("a.tex", b"\\section{a}" * 2**20))[:-1024]) + zeros
    book = PAPER.replace(b"We drained", b"\\section{One more}\nWe drained the pond $x_1$ again.\n\n" * 40_000)
    data = tar(
        ("2401/2401.00001.gz", zeros),
        ("2401/2401.00002.gz", bomb),
        ("2401/2401.00003.gz", gzip.compress(b"\\section{a}" * 10**5) * 1000),
        ("2401/2401.00004.gz", gzip.compress(book)),
    )
    path = tmp_path / "arXiv_src_2401_001.tar"
    path.write_bytes(data)
    code = """if True:
        import sys
        from pipelines.source_config import SourceConfig
        from pipelines.sources.arxiv import read_arxiv
        from pipelines.sources.records import ReaderConfig
        from pipelines.transport import ContainerRef
        config = ReaderConfig(source=SourceConfig(id="a", format="arxiv", category="acquired"))
        for row in read_arxiv(ContainerRef("a", sys.argv[1], None), config):
            print(row.error or row.skip_reason or "document")
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.split()[:4] == ["InputTooLarge", "InputTooLarge", "InputTooLarge", "document"]
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    assert before >= peak or peak < 1024 * 1024  # KiB


@pytest.mark.corpus
def test_every_entry_of_the_real_sample_has_its_outcome(shared: Path) -> None:
    config = ReaderConfig(source=SourceConfig(id="a", format="arxiv", category="acquired"))
    outcomes: dict[str, int] = {}
    for path in sorted((shared / "corpus/arxiv").glob("arXiv_src_*.tar")):
        for row in read_arxiv(ContainerRef(path.name, str(path), None), config):
            outcome = row.error or row.skip_reason or "document"
            outcomes[outcome] = outcomes.get(outcome, 0) + row.num_records
    assert outcomes == {
        "document": 52,
        "pdf_wrapper": 2,
        "pdf_only": 1,
        "withdrawn": 1,
        "UnsafeMember": 1,
        CONTAINER_END: 0,
    }
