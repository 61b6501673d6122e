"""Whose repository an archive is, by its names and its sidecar."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from pipelines.sources.github import is_github_file
from pipelines.sources.github_names import Origin, origin_of
from pipelines.transport import ContainerRef
from tests.pipelines.sources.test_github_tree import MIT, documents, notes, read, tar


class TestNames:
    def test_the_files_of_a_folder_that_are_read(self) -> None:
        names = [
            "t-1.tar.gz",
            "t.tgz",
            "t.zip",
            "t.tar",
            "files.parquet",
            "files.jsonl.gz",
            "t.tar.gz.json",
            "README.md",
        ]
        assert [name for name in names if is_github_file(name)] == names[:6]

    @pytest.mark.parametrize(
        ("name", "top", "repository", "ref"),
        [
            ("anna/tool-1.2.0.tar.gz", "tool-1.2.0/", "anna/tool", "1.2.0"),
            ("anna/my-tool-v2.zip", "my-tool-v2/", "anna/my-tool", "v2"),
            ("anna__tool-main.tar.gz", "tool-main/", "anna/tool", "main"),
            ("tool-deadbeef01.tar.gz", "tool-deadbeef01/", "tool", "deadbeef01"),
            ("anna/tool-fix-x.tar.gz", "tool-fix-x/", "anna/tool-fix", "x"),
            ("tool.tar.gz", "", "tool", None),
        ],
    )
    def test_names_say_whose_repository_it_is(
        self, tmp_path: Path, name: str, top: str, repository: str, ref: str | None
    ) -> None:
        rows = read(tmp_path, gzip.compress(tar({"a.py": "a = 1\n", "b.py": "b = 1\n"}, top=top, commit=None)), name)
        found = notes(rows[0])
        assert (found["repository"], found.get("ref")) == (repository, ref)

    def test_an_address_of_codeload_says_it_too(self) -> None:
        for uri in (
            "https://codeload.github.com/anna/tool/tar.gz/refs/tags/v1.0",
            "https://github.com/anna/tool/archive/refs/tags/v1.0.tar.gz",
            "https://api.github.com/repos/anna/tool/tarball/v1.0",
        ):
            origin = origin_of(ContainerRef("hub/v1.0", uri, None), "hub", "tool-1.0")
            assert (origin.repository, origin.ref) == ("anna/tool", "v1.0")

    def test_the_page_of_a_file_is_a_valid_address(self) -> None:
        assert Origin("a/b", "v1").url("doc s/#1?.md") == "https://github.com/a/b/blob/v1/doc%20s/%231%3F.md"
        assert Origin("b", "v1").url("a.md") is None

    def test_a_sidecar_says_more_than_the_name(self, tmp_path: Path) -> None:
        stated = {
            "full_name": "anna/tool-main",
            "ref": "v2",
            "stargazers_count": 7,
            "fork": False,
            "license": {"spdx_id": "GPL-3.0"},
        }
        (tmp_path / "x.tar.gz.json").write_text(json.dumps(stated))
        data = gzip.compress(tar({"a.py": "a = 1\n", "LICENSE": MIT}, commit=None))
        row = documents(read(tmp_path, data, "x.tar.gz"))["a.py"]
        assert row.url == "https://github.com/anna/tool-main/blob/v2/a.py"
        assert (notes(row)["stars"], notes(row)["is_fork"]) == (7, False)
        assert row.license == "MIT"
        assert "GPL-3.0-only" in notes(row)["license_conflict"]
        row = documents(read(tmp_path, data, "x.tar.gz", sidecar=False))["a.py"]
        assert "stars" not in notes(row)
