"""Which files an input stands for, and how they are named."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from pipelines.errors import (
    DuplicateContainer,
    InputNotFound,
)
from pipelines.transport import ContainerRef, TransportOptions, list_containers
from tests.pipelines.transport.web_server import OPTIONS, WebServer


class TestListing:
    def test_a_file_is_named_by_its_file_name(self, tmp_path: Path) -> None:
        (tmp_path / "x.anything").write_bytes(b"abc")
        path = str(tmp_path / "x.anything")
        assert list_containers([path]) == [ContainerRef("x.anything", path, 3)]

    def test_a_folder_is_read_recursively_and_named_from_its_root(self, tmp_path: Path) -> None:
        names = ("b/2.warc.gz", "a/1.arc", "c.warc.lz4", "a/deep/er/w.warc.wet.gz", "odd.warc.gz.bad")
        left_out = ("a/1.cdx", "notes.txt", "x.warc.paths.gz", ".hidden.warc", "_temporary/0.warc", "a/._1.arc")
        for name in names + left_out:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(b"x")
        assert [ref.name for ref in list_containers([str(tmp_path)])] == sorted(names)

    def test_names_are_the_same_wherever_a_crawl_lies(self, tmp_path: Path, web: WebServer) -> None:
        key = "crawl-data/CC-MAIN-2024-51/segments/1/warc/a.warc.gz"
        file = tmp_path / "mirror" / key
        file.parent.mkdir(parents=True)
        file.write_bytes(b"x")
        inputs = [str(file), str(tmp_path), str(tmp_path / "**/*.warc.gz"), web.uri(key), f"file://{file}"]
        assert {ref.name for given in inputs for ref in list_containers([given])} == {key}

    def test_a_glob_is_named_from_its_fixed_part(self, tmp_path: Path) -> None:
        for name in ("in/a/1.warc", "in/b/1.warc", "in/b/2.txt"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(b"x")
        assert [ref.name for ref in list_containers([f"{tmp_path}/in/*/1.*"])] == ["a/1.warc", "b/1.warc"]

    def test_a_listing_finds_files_beside_it_then_its_base(self, tmp_path: Path) -> None:
        listing = tmp_path / "warc.paths"
        listing.write_text("crawl-data/C/2.warc.gz\n\n# a note\ncrawl-data/C/1.warc.gz\n")
        far = list_containers([str(listing)])
        assert [ref.uri for ref in far] == [f"https://data.commoncrawl.org/crawl-data/C/{n}.warc.gz" for n in (1, 2)]
        assert [ref.size_bytes for ref in far] == [None, None]
        based = list_containers([str(listing)], TransportOptions(base="s3://commoncrawl"))
        assert based[0].uri == "s3://commoncrawl/crawl-data/C/1.warc.gz"
        (tmp_path / "crawl-data/C").mkdir(parents=True)
        for n in (1, 2):
            (tmp_path / f"crawl-data/C/{n}.warc.gz").write_bytes(b"abc")
        near = list_containers([str(listing)])
        assert [(ref.name, ref.uri, ref.size_bytes) for ref in near] == [
            (f"crawl-data/C/{n}.warc.gz", str(tmp_path / f"crawl-data/C/{n}.warc.gz"), 3) for n in (1, 2)
        ]
        assert {ref.name for ref in far} == {ref.name for ref in near} == {ref.name for ref in based}

    def test_a_listing_over_http_is_relative_to_its_mirror(self, web: WebServer) -> None:
        web.files["m/crawl-data/C/warc.paths.gz"] = gzip.compress(b"crawl-data/C/1.warc.gz\n")
        refs = list_containers([web.uri("m/crawl-data/C/warc.paths.gz")], OPTIONS)
        assert refs == [ContainerRef("crawl-data/C/1.warc.gz", web.uri("m/crawl-data/C/1.warc.gz"), None)]

    def test_a_crawl_id_stands_for_its_warc_or_wet_listing(self, web: WebServer) -> None:
        for kind in ("warc", "wet"):
            web.files[f"crawl-data/CC-MAIN-2024-51/{kind}.paths.gz"] = gzip.compress(f"x/{kind}.gz".encode())
        for kind in ("warc", "wet"):
            options = OPTIONS.model_copy(update={"base": web.uri(""), "crawl_files": kind})
            assert [ref.uri for ref in list_containers(["CC-MAIN-2024-51"], options)] == [web.uri(f"x/{kind}.gz")]

    def test_a_damaged_listing_says_so(self, tmp_path: Path) -> None:
        (tmp_path / "warc.paths.gz").write_bytes(gzip.compress(b"x.warc\n" * 999)[:-9])
        with pytest.raises(InputNotFound, match="not a readable listing"):
            list_containers([str(tmp_path / "warc.paths.gz")])

    def test_two_files_of_one_name_are_refused_and_one_file_twice_counts_once(self, tmp_path: Path) -> None:
        for folder in ("a", "b"):
            (tmp_path / folder).mkdir()
            (tmp_path / folder / "1.warc").write_bytes(b"x")
        with pytest.raises(DuplicateContainer, match=r"1\.warc"):
            list_containers([str(tmp_path / "a"), str(tmp_path / "b")])
        assert len(list_containers([str(tmp_path / "a"), str(tmp_path / "a" / "1.warc")])) == 1

    def test_inputs_that_name_nothing_are_refused(self, tmp_path: Path, web: WebServer) -> None:
        for given in (str(tmp_path), str(tmp_path / "none"), str(tmp_path / "*.warc"), web.uri("a/")):
            with pytest.raises(InputNotFound):
                list_containers([given], OPTIONS)
        assert list_containers([str(tmp_path)], may_be_empty=True) == []
