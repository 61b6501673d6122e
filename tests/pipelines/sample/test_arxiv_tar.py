"""The made-up papers as arXiv's bulk data."""

from __future__ import annotations

import hashlib
import json
import tarfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pipelines.sample.arxiv_tar import build_arxiv
from pipelines.schemas import CONTAINER_END
from pipelines.source_config import ArxivOptions, SourceConfig
from pipelines.sources.arxiv import read_arxiv
from pipelines.sources.formats import LAYOUTS
from pipelines.sources.records import ReaderConfig, Row
from pipelines.transport import list_containers

OUTCOMES = {
    "document": 6,
    "withdrawn": 1,
    "pdf_only": 1,
    "pdf_wrapper": 1,
    "postscript_only": 1,
    "DamagedMember": 1,
    "UnsafeMember": 1,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("arxiv")
    build_arxiv(folder)
    return folder


@pytest.fixture(scope="module")
def rows(folder: Path) -> list[Row]:
    options = ArxivOptions(metadata=str(folder / "arxiv-metadata-oai-snapshot.json"))
    config = ReaderConfig(source=SourceConfig(id="arxiv", format="arxiv", category="acquired", arxiv=options))
    refs = list_containers([str(folder)], accepts=LAYOUTS["arxiv"].accepts())
    return [row for ref in refs for row in read_arxiv(ref, config)]


def test_every_entry_has_the_outcome_it_was_made_for(rows: list[Row]) -> None:
    found: dict[str, int] = {}
    for row in rows:
        if row.skip_reason != CONTAINER_END:
            outcome = row.error or row.skip_reason or "document"
            found[outcome] = found.get(outcome, 0) + row.num_records
    assert found == OUTCOMES


def test_the_same_bytes_each_time(folder: Path, tmp_path: Path) -> None:
    build_arxiv(tmp_path)
    files = sorted(path.name for path in folder.iterdir())
    assert len(files) == 4
    for name in files:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_the_manifest_says_what_the_tars_hold(folder: Path) -> None:
    root = ElementTree.parse(folder / "arXiv_src_manifest.xml").getroot()
    entries = root.findall("file")
    assert len(entries) == 2
    for entry in entries:
        path = folder / (entry.findtext("filename") or "").removeprefix("src/")
        assert hashlib.md5(path.read_bytes()).hexdigest() == entry.findtext("md5sum")
        with tarfile.open(path) as archive:
            assert len(archive.getnames()) == int(entry.findtext("num_items") or 0)


def test_licences_are_those_of_the_metadata(rows: list[Row]) -> None:
    found = {json.loads(row.metadata or "{}").get("arxiv_id"): row.license for row in rows if row.text}
    assert found == {
        "2411.90001": "CC-BY-4.0",
        "2411.90002": "CC0-1.0",
        "2411.90003": "CC-BY-SA-4.0",
        "2411.90004": "http://arxiv.org/licenses/nonexclusive-distrib/1.0/",
        "2411.90010": None,
        "math/0309901": None,
    }


def text_of(rows: list[Row], paper: str) -> str:
    (row,) = (row for row in rows if row.url == f"https://arxiv.org/abs/{paper}" and row.text)
    assert row.text is not None
    return row.text


def test_macros_with_arguments_and_nested_files_are_resolved(rows: list[Row]) -> None:
    text = text_of(rows, "2411.90001")
    for expected in (
        r"\frac{\partial^{} h}{\partial x^{}} = \frac{S_0 - S_f}{1 - \mathrm{Fr}^2}",
        "How far upstream is the crest",
        "| Old Mill | 0 | 0.92 | 0.00 | 1.31 | 0.01 |",
        "felt for $900~\\mathrm{m}$",
    ):
        assert expected in text
    for left in (r"\pd", r"\depth", r"\site", r"\amount", r"\Fr", "third question", "privately printed"):
        assert left not in text


def test_algorithms_and_listings_are_code_and_conditionals_decided(rows: list[Row]) -> None:
    text = text_of(rows, "2411.90002")
    for expected in (
        "raise Contradiction(a.taken, b.taken)  # 100% a fault of the logs",
        "`ringlog merge --to %Y-%m-%d greenhouse.log shed.log`",
        r"\operatorname{tick}(e_{a,i})",
        "The long version treats more than two machines.",
    ):
        assert expected in text
    assert "This paragraph is for the long version" not in text


def test_theorems_are_named_and_delimited_macros_read(rows: list[Row]) -> None:
    text = text_of(rows, "2411.90003")
    assert r"\left\lfloor x + \tfrac12 \right\rfloor" in text
    assert "a conjecture about cake" not in text
    for name in ("Definition", "Lemma", "Theorem", "Proof", "Remark"):
        assert name in text


def test_latin_1_is_read(rows: list[Row]) -> None:
    text = text_of(rows, "2411.90004")
    assert "To Señora Núñez" in text
    assert "Möwendreck" in text


def test_plain_tex_is_read(rows: list[Row]) -> None:
    text = text_of(rows, "math/0309901")
    assert r"\sqrt{h^2 + (2 \pi r k)^2}" in text
    assert "unrolling does not stretch it" in text
