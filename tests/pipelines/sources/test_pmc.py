"""Every article of an archive, a mirror or an inventory is a document, a counted skip or a typed failure."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import RecipeError
from pipelines.recipe import ExtractionConfig
from pipelines.sample.pmc_tar import build_pmc
from pipelines.schemas import CONTAINER_END
from pipelines.source_config import PmcOptions, SourceConfig
from pipelines.sources.pmc import is_pmc_file, read_pmc, split_pmc
from pipelines.sources.records import ReaderConfig, Row
from pipelines.transport import ContainerRef, RetryPolicy, TransportOptions, list_containers

BODY = "<body><p>A paragraph of text.</p></body>"


def config(max_input_bytes: int = 2**20, **options: Any) -> ReaderConfig:
    return ReaderConfig(
        source=SourceConfig(id="pmc", format="pmc", category="acquired", pmc=PmcOptions(**options)),
        extraction=ExtractionConfig(max_input_bytes=max_input_bytes),
        transport=TransportOptions(retry=RetryPolicy(max_attempts=1, base_s=0), credentials="anonymous"),
    )


def article(body: str = BODY, meta: str = "", kind: str = "research-article") -> bytes:
    return f'<article article-type="{kind}"><front><article-meta>{meta}</article-meta></front>{body}</article>'.encode()


def tar(members: dict[str, bytes], *, special: dict[str, bytes] | None = None) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for name, kind in (special or {}).items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    return out.getvalue()


def ref_of(path: Path) -> ContainerRef:
    return ContainerRef(path.name, str(path), path.stat().st_size)


def read(path: Path, settings: ReaderConfig | None = None) -> list[Row]:
    """The rows of one file; its books balance and its ids are unique."""
    rows = list(read_pmc(ref_of(path), settings or config()))
    assert rows[-1].skip_reason == CONTAINER_END
    assert sum(row.num_records for row in rows) == int(rows[-1].skip_value or "")
    assert len({row.doc_id for row in rows}) == len(rows)
    return rows


def outcomes(rows: list[Row]) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in rows:
        kind = "document" if row.text else row.error or f"{row.skip_reason}: {row.skip_value}"
        found[kind] += row.num_records
    return +found


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def notes(row: Row) -> dict[str, str]:
    return dict(json.loads(row.metadata or "{}"))


def test_every_member_of_an_archive_has_one_outcome(tmp_path: Path) -> None:
    members = {
        "PMC000xxxxxx/PMC1.xml": article(),
        "PMC000xxxxxx/PMC2.nxml": article(),
        "PMC000xxxxxx/._PMC1.xml": b"\0\5",
        "PMC000xxxxxx/f1.jpg": b"picture",
        "PMC000xxxxxx/README": b"x",
        "PMC000xxxxxx/PMC3.xml": b"<article><body>",
        "PMC000xxxxxx/PMC4.xml": b"<html/>",
        "PMC000xxxxxx/PMC5.xml": b"x" * 5000,
        "../../PMC6.xml": article(),
    }
    path = write(
        tmp_path / "a.tar.gz", gzip.compress(tar(members, special={"PMC7.xml": tarfile.SYMTYPE, "d": tarfile.DIRTYPE}))
    )
    rows = read(path, config(max_input_bytes=4000))
    assert outcomes(rows) == {
        "document": 2,
        "litter: ._PMC1.xml": 1,
        "other_file: .jpg": 1,
        "other_file: none": 1,
        "DamagedInput": 1,
        "ForeignFormat": 1,
        "InputTooLarge": 1,
        "UnsafeMember": 1,
        "MalformedRecord": 1,
    }
    assert "password" not in str(rows)


def test_a_document_says_what_it_is(tmp_path: Path) -> None:
    meta = (
        '<article-id pub-id-type="doi">10.1/x</article-id><title-group><article-title>T</article-title></title-group>'
        '<pub-date pub-type="epub"><year>2020</year></pub-date><permissions><license>'
        "<license-p>https://creativecommons.org/licenses/by/4.0/</license-p></license></permissions>"
    )
    path = write(tmp_path / "a.tar", tar({"PMC000xxxxxx/PMC11.xml": article(meta=meta)}))
    row = read(path)[0]
    assert row.text == "# T\n\nA paragraph of text."
    assert (row.title, row.date, row.license) == ("T", "2020", "CC-BY-4.0")
    assert row.url == "https://pmc.ncbi.nlm.nih.gov/articles/PMC11/"
    assert row.offset is not None
    assert path.read_bytes()[row.offset : row.offset + (row.length or 0)] == article(meta=meta)
    assert notes(row)["member"] == "PMC000xxxxxx/PMC11.xml"


def test_an_article_keeps_its_id_when_its_archive_is_packed_anew(tmp_path: Path) -> None:
    one = read(write(tmp_path / "a.tar", tar({"x/PMC1.xml": article(), "x/PMC2.xml": article()})))
    (tmp_path / "again").mkdir()
    other = read(write(tmp_path / "again/a.tar", tar({"PMC2.xml": article(), "PMC1.xml": article()})))
    assert [row.doc_id for row in one[:2]] == [other[1].doc_id, other[0].doc_id]


def test_two_members_with_one_pmcid_are_two_documents(tmp_path: Path) -> None:
    rows = read(write(tmp_path / "a.tar", tar({"x/PMC1.xml": article(), "y/PMC1.xml": article()})))
    assert outcomes(rows) == {"document": 2}


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", "EmptyContainer"),
        (b"\0" * 1024, "EmptyContainer"),
        (b"<html>not found</html>" * 100, "NotAnArchive"),
        (gzip.compress(b"plain text " * 1000), "NotAnArchive"),
    ],
)
def test_what_is_no_archive_is_said_to_be_none(tmp_path: Path, data: bytes, error: str) -> None:
    assert outcomes(read(write(tmp_path / "a.tar.gz", data))) == {error: 1}


def test_a_cut_archive_gives_what_came_before_and_says_so(tmp_path: Path) -> None:
    whole = tar({f"PMC{k}.xml": article(f"<body><p>{'text ' * 300}</p></body>") for k in range(1, 6)})
    cut = outcomes(read(write(tmp_path / "a.tar", whole[: len(whole) // 3])))
    assert cut["document"] >= 1
    assert cut["TruncatedRecord"] == 1
    packed = gzip.compress(whole)
    assert "TruncatedRecord" in outcomes(read(write(tmp_path / "b.tar.gz", packed[: len(packed) - 12])))
    damaged = bytearray(gzip.compress(whole, 0))
    damaged[len(damaged) // 2 :] = b"\xff" * (len(damaged) - len(damaged) // 2)
    assert outcomes(read(write(tmp_path / "c.tar.gz", bytes(damaged)))).keys() & {"DamagedMember", "TruncatedRecord"}


def test_a_missing_file_is_a_row(tmp_path: Path) -> None:
    rows = list(read_pmc(ContainerRef("gone.tar.gz", str(tmp_path / "gone.tar.gz"), None), config()))
    assert outcomes(rows) == {"UnreadableContainer": 1}


def test_the_file_list_beside_an_archive_is_joined(tmp_path: Path) -> None:
    write(tmp_path / "a.tar.gz", gzip.compress(tar({"x/one.xml": article(), "x/two.xml": article()})))
    header = "Article File,Article Citation,AccessionID,Last Updated,PMID,License,Retracted\n"
    rows = 'x/one.xml,"A, 2001",PMC77,2024,123,CC BY-NC,no\nx/two.xml,B,PMC78,2024,,CC BY,yes\n\na\rb\0,c\n'
    (tmp_path / "a.filelist.csv").write_text("\ufeff" + header + rows, "utf-8")
    found = read(tmp_path / "a.tar.gz")
    assert outcomes(found) == {"document": 1, "retracted: article": 1}
    assert (found[0].license, notes(found[0])["pmcid"], notes(found[0])["pmid"]) == ("CC-BY-NC", "PMC77", "123")


def test_the_stricter_licence_counts_and_the_conflict_is_told(tmp_path: Path) -> None:
    meta = "<permissions><license><license-p>Creative Commons Attribution License</license-p></license></permissions>"
    write(tmp_path / "a.tar", tar({"PMC1.xml": article(meta=meta)}))
    (tmp_path / "filelist.csv").write_text("File,License\nPMC1.xml,CC BY-NC-ND\n")
    row = read(tmp_path / "a.tar")[0]
    assert row.license == "CC-BY-NC-ND"
    assert "CC-BY in the article" in notes(row)["license_conflict"]


def test_a_chosen_file_list_must_be_one(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tar", tar({"PMC1.xml": article()}))
    with pytest.raises(RecipeError, match="file list"):
        read(path, config(filelist=str(tmp_path / "gone.csv")))
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(RecipeError, match="no column"):
        read(path, config(filelist=str(tmp_path / "other.csv")))
    (tmp_path / "open.csv").write_text('File,License\n"PMC1.xml' + ",CC BY\n" * 30_000)
    with pytest.raises(RecipeError, match="no CSV"):
        read(path, config(filelist=str(tmp_path / "open.csv")))


def test_a_file_beside_an_archive_that_is_no_list_is_none(tmp_path: Path) -> None:
    (tmp_path / "filelist.csv").write_text("<html>Not found</html>")
    assert outcomes(read(write(tmp_path / "a.tar", tar({"PMC1.xml": article()})))) == {"document": 1}


def test_every_article_of_a_set_is_a_record(tmp_path: Path) -> None:
    ids = '<article-id pub-id-type="pmc">{}</article-id>'
    parts = [article(meta=ids.format(7)), article(meta=ids.format(8), kind="retraction"), article("", ids.format(9))]
    whole = b"<!DOCTYPE x [ ]><pmc-articleset>" + b"\n".join(parts) + b"</pmc-articleset>"
    expected = {"document": 1, "retracted: notice": 1, "no_body: title only": 1}
    for path in (
        write(tmp_path / "efetch.xml", whole),
        write(tmp_path / "a.tar", tar({"PMC1.xml": whole})),
        write(tmp_path / "wide.xml", whole.decode().encode("utf-16")),
    ):
        rows = read(path)
        assert outcomes(rows) == expected
        assert (notes(rows[0])["pmcid"], notes(rows[0])["article_of_set"]) == ("PMC7", "1")
    both = outcomes(read(write(tmp_path / "b.tar", tar({"PMC1.xml": whole, "PMC2.xml": article()}))))
    assert both == {**expected, "document": 2}
    assert outcomes(read(write(tmp_path / "cut.xml", whole[:-20]))) == {"DamagedInput": 1}


def test_a_packed_article_longer_than_the_limit_fails_by_its_length(tmp_path: Path) -> None:
    xml = article(f"<body><p>{'sluice ' * 100_000}</p></body>")
    path = write(tmp_path / "PMC1.xml.gz", gzip.compress(xml))
    assert outcomes(read(path, config(max_input_bytes=len(xml)))) == {"document": 1}
    for limit in (len(xml) - 1, len(xml) // 2):
        assert outcomes(read(path, config(max_input_bytes=limit))) == {"InputTooLarge": 1}


RETRACTED = article(meta='<related-article related-article-type="retraction-forward"/>')
MANUSCRIPT = article(meta='<article-id pub-id-type="manuscript">nihms1</article-id>')
ABSTRACT = article("", "<title-group><article-title>T</article-title></title-group><abstract><p>a</p></abstract>")
PICTURED = article(
    "<body><p>x <inline-formula><inline-graphic/></inline-formula> "
    "y <inline-formula><inline-graphic/></inline-formula></p></body>"
)


@pytest.mark.parametrize(
    ("xml", "options", "outcome"),
    [
        (RETRACTED, {}, "retracted: article"),
        (RETRACTED, {"keep_retracted": True}, "document"),
        (article(kind="retraction"), {}, "retracted: notice"),
        (article(kind="retraction"), {"keep_retracted": True}, "document"),
        (MANUSCRIPT, {}, "document"),
        (MANUSCRIPT, {"manuscripts": "drop"}, "manuscript: "),
        (article(), {"licenses": ("CC-BY",)}, "license: unknown"),
        (article(), {"licenses": None}, "document"),
        (ABSTRACT, {}, "no_body: abstract only"),
        (ABSTRACT, {"bodyless": "keep"}, "document"),
        (article(""), {"bodyless": "keep"}, "no_body: title only"),
        (article('<body><supplementary-material content-type="scanned-pages"/></body>'), {}, "no_body: scanned pages"),
        (PICTURED, {"max_formula_images": 2}, "document"),
        (PICTURED, {"max_formula_images": 1}, "formula_images: 2"),
    ],
)
def test_options_on_both_sides(tmp_path: Path, xml: bytes, options: dict[str, Any], outcome: str) -> None:
    assert outcomes(read(write(tmp_path / "PMC1.xml", xml), config(**options))) == {outcome: 1}


def test_a_mirror_of_the_bucket_is_read_with_its_json(tmp_path: Path) -> None:
    build_pmc(tmp_path)
    refs = list_containers([str(tmp_path / "s3")], accepts=is_pmc_file)
    rows = [row for ref in refs for row in read_pmc(ref, config())]
    documents = {notes(row)["pmcid"]: row for row in rows if row.text}
    assert documents.keys() == {"PMC9900002", "PMC9900006"}
    assert documents["PMC9900006"].license == "CC-BY-SA-4.0"
    assert notes(documents["PMC9900006"])["manuscript"] == "true"
    assert not any("md5_check" in notes(row) for row in rows)


def inventory(folder: Path) -> ContainerRef:
    path = folder / "s3/inventory-reports/pmc-oa-opendata/metadata/2024-11-01T01-00Z/manifest.json"
    return ContainerRef("manifest.json", str(path), None)


def test_an_inventory_is_read_in_parts_that_give_what_one_gives(tmp_path: Path) -> None:
    build_pmc(tmp_path)
    whole = split_pmc(inventory(tmp_path), config())
    parts = split_pmc(inventory(tmp_path), config(inventory_rows=1))
    assert [(part.start, part.end) for part in whole] == [(0, 2)]
    assert [(part.start, part.end) for part in parts] == [(0, 1), (1, 2)]
    one = [row for part in whole for row in read_pmc(part, config())]
    several = [row for part in parts for row in read_pmc(part, config())]
    assert [row.doc_id for row in one if row.text] == [row.doc_id for row in several if row.text]
    assert len({row.doc_id for row in several}) == len(several)
    assert [row.skip_value for row in several if row.skip_reason == CONTAINER_END] == ["1", "1"]


def test_an_article_keeps_its_id_in_the_next_days_inventory(tmp_path: Path) -> None:
    build_pmc(tmp_path)
    part = split_pmc(inventory(tmp_path), config())[0]
    tomorrow = ContainerRef("another.csv.gz", part.uri, None)
    ids = [[row.doc_id for row in read_pmc(ref, config()) if row.text] for ref in (part, tomorrow)]
    assert ids[0] == ids[1]
    assert len(ids[0]) == 2


def test_every_row_of_an_inventory_has_one_outcome(tmp_path: Path) -> None:
    build_pmc(tmp_path)
    root = tmp_path / "s3"
    (root / "metadata/PMC5.1.json").write_text("[]")
    (root / "metadata/PMC6.1.json").write_text('{"license_code": "TDM"}')
    (root / "metadata/PMC7.1.json").write_text('{"is_retracted": true}')
    (root / "metadata/PMC8.1.json").write_text('{"license_code": "CC BY", "xml_url": "s3://x?md5=' + "0" * 32 + '"}')
    (root / "PMC8.1").mkdir()
    (root / "PMC8.1/PMC8.1.xml").write_bytes(article())
    keys = ["metadata/PMC4.1.json", *(f"metadata/PMC{k}.1.json" for k in range(5, 9)), "PMC8.1/PMC8.1.pdf"]
    path = root / "inventory-reports/list.csv"
    path.write_text("".join(f'"pmc-oa-opendata","{key}","2024","e"\n' for key in keys) + "non\rsense\0\n")
    rows = read(path, config(licenses=("CC-BY",)))
    assert outcomes(rows) == {
        "MissingObject": 1,
        "MalformedMetadata": 1,
        "license: TDM": 1,
        "retracted: article": 1,
        "document": 1,
        "other_file: .pdf": 1,
        "MalformedLine": 1,
    }
    assert notes(next(row for row in rows if row.text))["md5_check"] == "mismatch"


def test_a_manifest_without_files_does_not_vanish(tmp_path: Path) -> None:
    path = write(tmp_path / "manifest.json", b'{"files": []}')
    rows = [row for part in split_pmc(ref_of(path), config()) for row in read_pmc(part, config())]
    assert outcomes(rows) == {"MalformedLine": 1}


def test_a_cut_inventory_gives_what_came_before(tmp_path: Path) -> None:
    build_pmc(tmp_path)
    path = tmp_path / "s3/inventory-reports/cut.csv.gz"
    row = '"pmc-oa-opendata","metadata/PMC9900002.1.json","2024","e"\n'
    path.write_bytes(gzip.compress((row * 2).encode() * 1)[:-9])
    found = outcomes(list(read_pmc(ref_of(path), config())))
    assert found["DamagedMember"] == 1
    assert split_pmc(ref_of(path), config()) == [ref_of(path)]


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("oa_comm_xml.PMC000xxxxxx.baseline.2024-06-18.tar.gz", True),
        ("PMC1.1.xml", True),
        ("a.nxml", True),
        ("a.xml.gz", True),
        ("a.tgz", True),
        ("filelist.csv", False),
        ("PMC1.1.json", False),
        ("data.csv.gz", False),
        ("PMC1.1.pdf", False),
    ],
)
def test_files_of_a_folder(name: str, is_one: bool) -> None:
    assert is_pmc_file(name) is is_one


@given(
    st.lists(st.sampled_from([article(), ABSTRACT, RETRACTED, b"<a>", b"", b"<html/>"]), max_size=6),
    st.integers(0, 3000),
)
def test_the_books_of_any_archive_balance(
    tmp_path_factory: pytest.TempPathFactory, xmls: list[bytes], cut: int
) -> None:
    folder = tmp_path_factory.mktemp("pmc")
    data = tar({f"PMC{k}.xml": xml for k, xml in enumerate(xmls, 1)})
    path = write(folder / "a.tar", data[: len(data) - cut])
    assert read(path) == read(path)


@pytest.mark.corpus
def test_real_archives_are_accounted_for(shared: Path) -> None:
    rows = [
        row
        for ref in list_containers([str(shared / "corpus/pmc")], accepts=is_pmc_file)
        for row in read_pmc(ref, config(max_input_bytes=2**24))
    ]
    assert outcomes(rows) == {
        "document": 137,
        "retracted: notice": 1,
        "no_body: title only": 1,
        "no_body: abstract only": 1,
        "ForeignFormat": 1,
    }
    assert all(row.license for row in rows if row.text and "10.1371/" in (row.metadata or ""))
