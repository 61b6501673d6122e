"""Archives of repositories: what becomes of every entry."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.recipe import ExtractionConfig
from pipelines.source_config import SourceConfig
from pipelines.sources.github import read_github
from pipelines.sources.records import ReaderConfig, Row
from pipelines.transport import ContainerRef

COMMIT = "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00"
MIT = (
    "MIT License\n\nCopyright (c) 2024 A. Nobody\n\nPermission is hereby granted, free of charge, to any person "
    'obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software '
    "without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, "
    "sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, "
    "subject to the following conditions:\n\nThe above copyright notice and this permission notice shall be included "
    'in all copies or substantial portions of the Software.\n\nTHE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF '
    "ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A "
    "PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY "
    "CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR "
    "IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.\n"
)


def tar(files: dict[str, Any], top: str = "tool-main/", commit: str | None = COMMIT) -> bytes:
    """A tar as git archive writes it; a value may be bytes, a str, None (a folder) or (`link`, target)."""
    buffer = io.BytesIO()
    headers = {"comment": commit} if commit else {}
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT, pax_headers=headers) as file:
        for name, content in files.items():
            info = tarfile.TarInfo(f"{top}{name}")
            info.mtime = 1_700_000_000
            if content is None:
                info.type = tarfile.DIRTYPE
                file.addfile(info)
            elif isinstance(content, tuple):
                info.type, info.linkname = tarfile.SYMTYPE, content[1]
                file.addfile(info)
            else:
                data = content.encode() if isinstance(content, str) else content
                info.size = len(data)
                file.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def read(folder: Path, data: bytes, name: str = "anna/tool-main.tar.gz", **github: Any) -> list[Row]:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    extraction = ExtractionConfig(time_limit_s=github.pop("time_limit_s", 10))
    source = SourceConfig.model_validate({"id": "hub", "format": "github", "category": "code", "github": github})
    config = ReaderConfig(source=source, extraction=extraction)
    return list(read_github(ContainerRef(f"hub/{name}", str(path), len(data)), config))


def notes(row: Row) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(row.metadata or "{}")
    return found


def documents(rows: list[Row]) -> dict[str, Row]:
    return {notes(row)["path"]: row for row in rows if row.text is not None}


class TestFiles:
    def test_a_file_is_a_document_as_it_stands(self, tmp_path: Path, warc: SimpleNamespace) -> None:
        text = "\ufeffdef cafe\u0301():\r\n\treturn 1  \r\n"
        rows = read(tmp_path, gzip.compress(tar({"src/a.py": text})))
        (row,) = documents(rows).values()
        assert row.text == "def cafe\u0301():\n\treturn 1  \n"  # no NFC, no white space stripped
        assert (row.source, row.category, row.title, row.date) == ("github", "code", "a.py", "2023-11-14T22:13:20Z")
        assert row.url == f"https://github.com/anna/tool/blob/{COMMIT}/src/a.py"
        assert (row.offset, row.length) == (None, len(text.encode()))
        assert notes(row)["code_language"] == "Python"
        assert warc.balanced(rows)

    def test_an_uncompressed_tar_gives_the_place_of_each_file(self, tmp_path: Path) -> None:
        data = tar({"a.py": "a = 1\n", "b.py": "b = 2\n"})
        first, second = documents(read(tmp_path, data, "anna/tool-main.tar")).values()
        for row, content in ((first, b"a = 1\n"), (second, b"b = 2\n")):
            assert row.offset is not None
            assert data[row.offset : row.offset + 4096].find(content) >= 512

    def test_licences_come_from_files_that_stand_behind(self, tmp_path: Path) -> None:
        files = {"a.py": "a = 1\n", "LICENSE": MIT, "z.py": "z = 1\n"}
        found = documents(read(tmp_path, gzip.compress(tar(files))))
        assert {path: row.license for path, row in found.items()} == dict.fromkeys(files, "MIT")
        assert notes(found["a.py"])["license_permissive"] is True
        assert notes(found["a.py"])["license_path"] == "LICENSE"

    def test_a_header_of_another_licence_wins_and_is_a_conflict(self, tmp_path: Path) -> None:
        header = "# SPDX-License-Identifier: GPL-3.0-or-later\nx = 1\n"
        found = documents(read(tmp_path, gzip.compress(tar({"LICENSE": MIT, "g.py": header, "m.py": "y = 1\n"}))))
        assert (found["g.py"].license, found["m.py"].license) == ("GPL-3.0-or-later", "MIT")
        assert notes(found["g.py"])["license_permissive"] is False
        assert "MIT" in notes(found["g.py"])["license_conflict"]
        assert "license_conflict" not in notes(found["m.py"])

    def test_the_nearest_licence_holds_in_its_folder(self, tmp_path: Path) -> None:
        zlib = (
            "This software is provided 'as-is', without any express or implied warranty. In no event will the authors "
            "be held liable for any damages arising from the use of this software.\n\nPermission is granted to anyone "
            "to use this software for any purpose, including commercial applications, and to alter it and redistribute "
            "it freely, subject to the following restrictions:\n\n1. The origin of this software must not be "
            "misrepresented; you must not claim that you wrote the original software. If you use this software in a "
            "product, an acknowledgment in the product documentation would be appreciated but is not required.\n2. "
            "Altered source versions must be plainly marked as such, and must not be misrepresented as being the "
            "original software.\n3. This notice may not be removed or altered from any source distribution.\n"
        )
        files = {"LICENSE": MIT, "a.c": "int a;\n", "lib/z/LICENSE": zlib, "lib/z/z.c": "int z;\n"}
        found = documents(read(tmp_path, gzip.compress(tar(files))))
        assert (found["a.c"].license, found["lib/z/z.c"].license) == ("MIT", "Zlib")

    def test_without_a_licence_nothing_is_said(self, tmp_path: Path) -> None:
        (row,) = documents(read(tmp_path, gzip.compress(tar({"a.py": "a = 1\n"})))).values()
        assert row.license is None
        assert "license_permissive" not in notes(row)

    def test_secrets_are_masked_by_default_and_counted(self, tmp_path: Path) -> None:
        key = "AKIA" + "Z9TQ4MWX2LVB7RND"
        data = gzip.compress(tar({"a.sh": f"# ask jo.doe@realmail.net\nexport AWS_ACCESS_KEY_ID={key}\n"}))
        (row,) = documents(read(tmp_path, data)).values()
        assert row.text is not None
        assert key not in row.text
        assert "jo.doe" not in row.text
        assert notes(row)["num_masked"] == 2
        (bare,) = documents(read(tmp_path, data, mask=False)).values()
        assert key in (bare.text or "")
        assert notes(bare)["num_masked"] == 0

    def test_a_file_that_is_a_key_and_nothing_else_is_counted_as_empty(
        self, tmp_path: Path, warc: SimpleNamespace
    ) -> None:
        key = "-----BEGIN PRIVATE KEY-----\n" + "MIIEpAIBAAKCAQEA7bq3" * 6 + "\n-----END PRIVATE KEY-----\n"
        data = gzip.compress(tar({"tls.key": key, "a.md": f"Ours:\n{key}"}))
        rows = read(tmp_path, data)
        assert [row.text for row in documents(rows).values()] == ["Ours:\n<KEY>\n"]
        assert "empty_file:.key" in warc.outcomes(rows)
        assert warc.balanced(rows)
        assert next(iter(documents(read(tmp_path, data, mask=False)).values())).text == key

    def test_kinds_of_files_are_facts_for_rules(self, tmp_path: Path) -> None:
        files = {
            "vendor/lib/x.go": "package x\n",
            "api.pb.go": "// Code generated by protoc-gen-go. DO NOT EDIT.\npackage api\n",
            "a.min.js": "var a=1;" * 40,
            "package-lock.json": '{"lockfileVersion": 3}\n',
            "main.go": "package main\n",
        }
        found = {path: notes(row) for path, row in documents(read(tmp_path, gzip.compress(tar(files)))).items()}
        flags = {
            path: {name[3:] for name, value in n.items() if name.startswith("is_") and value}
            for path, n in found.items()
        }
        assert flags["vendor/lib/x.go"] == {"vendored"}
        assert flags["api.pb.go"] == {"generated"}
        assert flags["a.min.js"] == {"generated", "minified"}
        assert flags["package-lock.json"] == {"generated", "lockfile"}
        assert flags["main.go"] == set()

    def test_a_header_line_names_repository_and_path(self, tmp_path: Path) -> None:
        rows = read(tmp_path, gzip.compress(tar({"a.py": "a = 1\n", "b.md": "# B\n"})), header=True)
        texts = {path: row.text for path, row in documents(rows).items()}
        assert texts == {"a.py": "# anna/tool: a.py\na = 1\n", "b.md": "<!-- anna/tool: b.md -->\n# B\n"}

    def test_prose_may_be_of_another_category(self, tmp_path: Path) -> None:
        rows = read(tmp_path, gzip.compress(tar({"README.md": "# B\n", "a.py": "a = 1\n"})), docs_category="acquired")
        assert {path: row.category for path, row in documents(rows).items()} == {
            "README.md": "acquired",
            "a.py": "code",
        }

    def test_a_notebook_becomes_a_script(self, tmp_path: Path) -> None:
        book = json.dumps({"cells": [{"cell_type": "markdown", "source": "# T"}, {"cell_type": "code", "source": "x"}]})
        (row,) = documents(read(tmp_path, gzip.compress(tar({"n.ipynb": book})))).values()
        assert (row.text, row.title) == ("# # T\n\nx\n", "T")
        assert notes(row)["code_language"] == "Jupyter Notebook"
        (row,) = documents(read(tmp_path, gzip.compress(tar({"n.ipynb": book})), notebooks="markdown")).values()
        assert row.text == "# T\n\n```python\nx\n```\n"

    @pytest.mark.parametrize(
        ("data", "text", "charset"),
        [
            ("# gr\u00fc\u00df\n".encode("latin-1"), "# gr\u00fc\u00df\n", "windows-1252"),
            ("# so viel Ma\u00df".encode("latin-1"), "# so viel Ma\u00df", "windows-1252"),
            ("# caf\u00e9".encode("latin-1"), "# caf\u00e9", "windows-1252"),
            (
                b"# coding: koi8-r\n# " + "привет мир".encode("koi8-r") + b"\n",
                "# coding: koi8-r\n# привет мир\n",
                "koi8-r",
            ),
            ("a = 1\n".encode("utf-16"), "a = 1\n", "utf-16le"),
        ],
    )
    def test_other_character_sets_are_read(self, tmp_path: Path, data: bytes, text: str, charset: str) -> None:
        (row,) = documents(read(tmp_path, gzip.compress(tar({"a.py": data})))).values()
        assert (row.text, notes(row)["charset"]) == (text, charset)


class TestSkips:
    def test_what_is_no_text_is_counted_by_cause(self, tmp_path: Path, warc: SimpleNamespace) -> None:
        files = {
            ".gitmodules": '[submodule "dep"]\n\tpath = dep\n\turl = ../dep\n',
            "src": None,
            "dep": None,
            "link": ("link", "../../etc/passwd"),
            "logo.png": b"\x89PNG\r\n\x1a\n\0\0",
            "tool.exe": b"MZ\0\0",
            "empty/__init__.py": "",
            "blank.txt": " \n\n",
            "big.csv": "1,2\n" * 1000,
            "model.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n",
            ".DS_Store": b"\0\0",
        }
        rows = read(tmp_path, gzip.compress(tar(files)), max_file_bytes=3999)
        skips = {f"{row.skip_reason}:{row.skip_value}": row.num_records for row in rows[:-1] if row.skip_reason}
        assert skips == {
            "not_a_file:folder": 1,
            "not_a_file:submodule": 1,
            "not_a_file:link": 1,
            "binary:.png": 1,
            "binary:.exe": 1,
            "empty_file:.py": 1,
            "empty_file:.txt": 1,
            "file_size:.csv": 1,
            "pointer:git-lfs": 1,
            "litter:.DS_Store": 1,
        }
        assert list(documents(rows)) == [".gitmodules"]
        assert warc.balanced(rows)
        assert "big.csv" in documents(read(tmp_path, gzip.compress(tar(files)), max_file_bytes=4000))

    def test_names_that_lead_out_are_failures_and_nothing_is_written(
        self, tmp_path: Path, warc: SimpleNamespace
    ) -> None:
        rows = read(tmp_path, gzip.compress(tar({"../../evil.py": "x = 1\n", "a.py": "a = 1\n"})))
        assert warc.outcomes(rows) == ["UnsafeMember", "document"]
        assert not list(tmp_path.rglob("evil.py"))

    def test_a_broken_notebook_fails_alone(self, tmp_path: Path, warc: SimpleNamespace) -> None:
        rows = read(tmp_path, gzip.compress(tar({"n.ipynb": '{"cells": [', "a.py": "a = 1\n"})))
        assert warc.outcomes(rows) == ["DamagedInput", "document"]

    def test_a_file_that_takes_too_long_fails_and_the_next_is_read(self, tmp_path: Path, warc: SimpleNamespace) -> None:
        files = {"a.py": "x = 1\n" * 1_000_000, "logo.png": b"\x89PNG\0"}
        rows = read(tmp_path, gzip.compress(tar(files)), time_limit_s=0.02)
        assert warc.outcomes(rows) == ["TimeLimitExceeded", "binary:.png"]


class TestContainers:
    def test_a_zip_gives_what_the_tar_gives(self, tmp_path: Path, warc: SimpleNamespace) -> None:
        files = {"LICENSE": MIT, "a.py": "a = 1\n", "b/c.md": "# C\n"}
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
            file.comment = COMMIT.encode()
            for name, text in files.items():
                file.writestr(f"tool-main/{name}", text)
        rows = read(tmp_path, buffer.getvalue(), "anna/tool-main.zip")
        other = read(tmp_path, gzip.compress(tar(files)))
        for path, row in documents(rows).items():
            twin = documents(other)[path]
            assert (row.text, row.url, row.license, row.title) == (twin.text, twin.url, twin.license, twin.title)
        assert warc.balanced(rows)

    def test_a_damaged_member_of_a_zip_fails_alone(self, tmp_path: Path, warc: SimpleNamespace) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as file:
            file.writestr("t-1/a.py", "a = 1\n")
            file.writestr("t-1/b.py", "b = 1\n")
        data = buffer.getvalue().replace(b"a = 1\n", b"a = 7\n", 1)
        assert warc.outcomes(read(tmp_path, data, "t.zip")) == ["DamagedMember", "document"]

    @pytest.mark.parametrize(
        ("data", "outcomes"),
        [
            (b"", ["EmptyContainer"]),
            (b"no archive at all, only words " * 40, ["NotAnArchive"]),
            (gzip.compress(b"words " * 400), ["NotAnArchive"]),
            (b"\x1f\x8b\x08\x00damage", ["DamagedMember"]),
            (b"PK\x03\x04" + b"x" * 100, ["DamagedMember"]),
            (gzip.compress(tar({})), ["EmptyContainer"]),
        ],
    )
    def test_what_is_no_archive_is_one_failure(
        self, tmp_path: Path, warc: SimpleNamespace, data: bytes, outcomes: list[str]
    ) -> None:
        rows = read(tmp_path, data)
        assert warc.outcomes(rows) == outcomes
        assert warc.balanced(rows)

    def test_a_missing_file_is_a_row(self, tmp_path: Path, warc: SimpleNamespace) -> None:
        source = SourceConfig(id="hub", format="github", category="code")
        ref = ContainerRef("hub/x.tar.gz", str(tmp_path / "x.tar.gz"), None)
        assert warc.outcomes(list(read_github(ref, ReaderConfig(source=source)))) == ["UnreadableContainer"]

    def test_an_archive_cut_off_keeps_what_came_before(self, tmp_path: Path, warc: SimpleNamespace) -> None:
        files = {f"f{n}.py": f"x = {n}\n" * 300 for n in range(200)}
        data = gzip.compress(tar(files))
        rows = read(tmp_path, data[: len(data) // 2])
        outcomes = warc.outcomes(rows)
        assert outcomes.count("document") > 50
        assert set(outcomes[-2:]) <= {"document", "DamagedMember"}
        assert outcomes[-1] == "DamagedMember"
        assert warc.balanced(rows)

    def test_more_entries_or_bytes_than_allowed_end_the_reading(self, tmp_path: Path, warc: SimpleNamespace) -> None:
        data = gzip.compress(tar({f"f{n}.py": "x = 1\n" for n in range(5)}))
        assert warc.outcomes(read(tmp_path, data, max_files=5)) == ["document"] * 5
        assert warc.outcomes(read(tmp_path, data, max_files=4)) == ["document"] * 4 + ["ArchiveTooLarge"]
        bomb = gzip.compress(tar({"a.py": "a = 1\n", "b.txt": b"0" * 2**22}))
        rows = read(tmp_path, bomb, max_archive_bytes=2**20)
        assert [row.error for row in rows[:2]] == [None, "ArchiveTooLarge"]
        assert warc.balanced(rows)

    def test_two_entries_of_one_name_have_two_ids(self, tmp_path: Path, warc: SimpleNamespace) -> None:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as file:
            for text in (b"a = 1\n", b"a = 2\n"):
                info = tarfile.TarInfo("t-1/a.py")
                info.size = len(text)
                file.addfile(info, io.BytesIO(text))
        rows = read(tmp_path, gzip.compress(buffer.getvalue()))
        assert warc.outcomes(rows) == ["document", "document"]
        assert warc.balanced(rows)  # looks for ids that come twice too

    def test_an_archive_too_large_to_hold_is_read_twice_from_its_place(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        data = gzip.compress(tar({"a.py": "a = 1\n", "LICENSE": MIT}))
        held = read(tmp_path, data)
        monkeypatch.setattr("pipelines.sources.github_tree.HELD_BYTES", 10)
        assert read(tmp_path, data) == held

    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.data())
    def test_the_books_balance_for_any_damage(self, warc: SimpleNamespace, tmp_path: Path, data: st.DataObject) -> None:
        whole = tar({"LICENSE": MIT, "a.py": "a = 1\n" * 50, "d": None, "b.md": "# B\n", "n.ipynb": "{}"})
        at = data.draw(st.integers(0, len(whole) - 1))
        broken = whole[:at] + data.draw(st.binary(max_size=8)) + whole[data.draw(st.integers(at, len(whole))) :]
        mode = data.draw(st.sampled_from(["files", "repository"]))
        for packed in (broken, gzip.compress(broken)):
            assert warc.balanced(read(tmp_path, packed, documents=mode))


def test_gitattributes_and_reuse_tables_hold_wherever_they_stand_in_the_archive(tmp_path: Path):
    files = {
        "gen/a.c": "int a;\n" * 9,
        "vendor/b.c": "int b;\n" * 9,
        "c.inc": "words = 1\n" * 9,
        "gen/.gitattributes": "* linguist-generated\n",
        ".gitattributes": "vendor/** -linguist-vendored\n*.inc linguist-language=PHP\n",
        "REUSE.toml": 'version = 1\n[[annotations]]\npath = "gen/**"\nSPDX-License-Identifier = "Zlib"\n',
        "LICENSE": MIT,
    }
    rows = {row.title: row for row in read(tmp_path, tar(files)) if row.text is not None}
    notes = {name: json.loads(rows[name].metadata or "{}") for name in ("a.c", "b.c", "c.inc")}
    assert notes["a.c"]["is_generated"]
    assert notes["a.c"]["says_gitattributes"] == "linguist-generated=true"
    assert not notes["b.c"]["is_vendored"]
    assert notes["c.inc"]["code_language"] == "PHP"
    assert (rows["a.c"].license, rows["b.c"].license) == ("Zlib", "MIT")
    assert notes["a.c"]["license_found_in"] == "declared"
    plain = {row.title: row for row in read(tmp_path, tar({"vendor/b.c": "int b;\n" * 9})) if row.text is not None}
    assert json.loads(plain["b.c"].metadata or "{}")["is_vendored"]


def test_gitattributes_do_not_rename_notebooks_and_pages_but_flag_them(tmp_path: Path):
    cell = {"cell_type": "code", "metadata": {}, "source": "a = 1", "outputs": [], "execution_count": None}
    files = {
        "a.ipynb": json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}),
        "b.html": "<!DOCTYPE html>\n<p>words</p>\n",
        "c.inc": "words = 1\n" * 9,
        ".gitattributes": "* linguist-language=Python\n*.html linguist-generated\n",
    }
    told = {row.title: notes(row) for row in read(tmp_path, tar(files)) if row.text is not None}
    names = ["a.ipynb", "b.html", "c.inc"]
    assert [told[name]["code_language"] for name in names] == ["Jupyter Notebook", "HTML", "Python"]
    assert told["b.html"]["is_generated"]
    assert told["b.html"]["says_gitattributes"] == "linguist-generated=true"
    assert "says_gitattributes" not in told["a.ipynb"]
