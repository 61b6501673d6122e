"""One document for a repository."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipelines.source_config import SourceConfig
from pipelines.sources.github import read_github
from pipelines.sources.records import ReaderConfig, Row
from pipelines.transport import ContainerRef
from tests.pipelines.sources.test_github_tree import MIT, tar

FILES = {
    "LICENSE": MIT,
    "README.md": "# Tool\n",
    "a/main.py": "from a.work import do\n",
    "a/work.py": "def do():\n    return 1\n",
    "vendor/x.py": "x = 1\n",
    "package-lock.json": "{}\n",
    "settings.json": "{}\n",
    "logo.png": b"\x89PNG\r\n\x1a\n\0",
}


def read(folder: Path, files: dict[str, Any], **github: Any) -> list[Row]:
    path = folder / "tool-main.tar.gz"
    path.write_bytes(gzip.compress(tar(files)))
    options = {"documents": "repository", **github}
    source = SourceConfig.model_validate({"id": "hub", "format": "github", "category": "code", "github": options})
    ref = ContainerRef("hub/anna/tool-main.tar.gz", str(path), path.stat().st_size)
    return list(read_github(ref, ReaderConfig(source=source)))


def test_files_follow_their_imports_under_a_line_that_names_them(tmp_path: Path, warc: SimpleNamespace) -> None:
    rows = read(tmp_path, FILES)
    document = rows[0]
    assert document.text == (
        "<!-- README.md -->\n# Tool\n\n# a/work.py\ndef do():\n    return 1\n\n# a/main.py\nfrom a.work import do\n"
    )
    assert (document.title, document.license, document.url) == ("anna/tool", "MIT", "https://github.com/anna/tool")
    notes = json.loads(document.metadata or "")
    assert (notes["num_files"], notes["code_language"], notes["license_permissive"]) == (3, "Python", True)
    assert sorted(warc.outcomes(rows)) == sorted(
        [
            "document",
            "joined:",
            "joined:",
            "left_out:license_text",
            "left_out:vendored",
            "left_out:lockfile",
            "left_out:data",
            "binary:.png",
        ]
    )
    assert warc.balanced(rows)


def test_what_is_left_out_is_the_recipes(tmp_path: Path) -> None:
    text = read(tmp_path, FILES, leave_out=["lockfile"])[0].text or ""
    assert [path for path in FILES if path in text] == [*list(FILES)[:5], "settings.json"]


def test_a_large_repository_is_cut_between_files(tmp_path: Path, warc: SimpleNamespace) -> None:
    files = {f"f{n}.py": f"x = {n}\n" * 10 for n in range(10)}
    rows = read(tmp_path, files, max_document_chars=137)
    texts = [row.text for row in rows if row.text]
    assert [text.count("# f") for text in texts] == [2] * 5
    assert {len(text) for text in texts} == {137}
    assert len({row.doc_id for row in rows}) == len(rows)
    assert warc.balanced(rows)
    assert len([row for row in read(tmp_path, files, max_document_chars=136) if row.text]) == 10


def test_what_is_held_is_bounded_and_every_file_stays(tmp_path: Path, warc: SimpleNamespace) -> None:
    files = {f"f{n}.py": f"x = {n}\n" * 10 for n in range(10)}
    rows = read(tmp_path, files, max_held_chars=180)
    assert [row.text.count("# f") for row in rows if row.text] == [3, 3, 3, 1]
    assert warc.balanced(rows)


@pytest.mark.parametrize(
    ("header", "license", "permissive"), [("MIT", None, None), ("GPL-2.0-only", "GPL-2.0-only", False)]
)
def test_a_permissive_licence_of_some_files_is_none_of_the_document(
    tmp_path: Path, header: str, license: str | None, permissive: bool | None
) -> None:
    files = {"a.py": f"# SPDX-License-Identifier: {header}\na = 1\n", "b.py": "b = 1\n"}
    document = read(tmp_path, files)[0]
    notes = json.loads(document.metadata or "")
    assert (document.license, notes.get("license_permissive")) == (license, permissive)
    assert notes.get("license_conflict") == (None if license else "MIT of all but 1 of 2 files")


def test_licences_of_several_files_hold_together(tmp_path: Path) -> None:
    files = {"LICENSE": MIT, "a.py": "a = 1\n", "b.py": "# SPDX-License-Identifier: GPL-2.0-only\nb = 1\n"}
    document = read(tmp_path, files)[0]
    assert document.license == "GPL-2.0-only AND MIT"
    assert json.loads(document.metadata or "")["license_permissive"] is False
