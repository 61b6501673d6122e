"""The sample's repositories end as their author meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines.sample.github_tar import SECRETS, build_github, build_zip
from pipelines.source_config import SourceConfig
from pipelines.sources.github import is_github_file, read_github
from pipelines.sources.records import ReaderConfig, Row
from pipelines.transport import ContainerRef, list_containers
from tests.pipelines.sources.conftest import balanced

CONFIG = ReaderConfig(source=SourceConfig(id="code", format="github", category="code"))


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Row]]:
    folder = tmp_path_factory.mktemp("github")
    build_github(folder)
    refs = list_containers([str(folder)], accepts=is_github_file)
    return {ref.name: list(read_github(ref, CONFIG)) for ref in refs}


def documents(rows: list[Row]) -> dict[str, tuple[Row, dict[str, object]]]:
    found = ((row, json.loads(row.metadata or "{}")) for row in rows if row.text is not None)
    return {str(notes["path"]): (row, notes) for row, notes in found}


def test_building_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        build_github(tmp_path / name)
    one, two = ({p.name: p.read_bytes() for p in (tmp_path / name).rglob("*.*")} for name in ("one", "two"))
    assert one == two
    assert len(one) == 3


def test_nothing_of_an_archive_is_lost(rows: dict[str, list[Row]]) -> None:
    assert list(rows) == ["harbourlight/tidewatch-main.tar.gz", "millwright/graintally-1.3.0.tar.gz"]
    assert all(balanced(found) for found in rows.values())
    assert not any(row.error for found in rows.values() for row in found)


def test_licences_and_kinds_are_found(rows: dict[str, list[Row]]) -> None:
    tide, grain = (documents(found) for found in rows.values())
    assert {row.license for row, _ in grain.values()} == {"Apache-2.0"}
    assert {path for path, (row, _) in tide.items() if row.license != "MIT"} == {"tidewatch/_vendor/minitoml.py"}
    vendored, notes = tide["tidewatch/_vendor/minitoml.py"]
    assert (vendored.license, notes["is_vendored"]) == ("BSD-3-Clause", True)
    assert tide["tidewatch/stations_pb2.py"][1]["is_generated"] is True
    assert grain["web/app.min.js"][1]["is_minified"] is True
    assert grain["web/package-lock.json"][1]["is_lockfile"] is True
    assert tide["README.md"][1]["stars"] == 41


def test_the_secrets_and_the_address_are_masked(rows: dict[str, list[Row]]) -> None:
    row, notes = documents(rows["harbourlight/tidewatch-main.tar.gz"])["scripts/publish.sh"]
    assert notes["num_masked"] == 3
    assert not [secret for secret in [*SECRETS.values(), "m.okonjo@"] if secret in (row.text or "")]


def test_the_oddities_are_there(rows: dict[str, list[Row]]) -> None:
    skips = {(row.skip_reason, row.skip_value) for found in rows.values() for row in found if row.skip_reason}
    assert skips >= {
        ("binary", ".png"),
        ("empty_file", ".py"),
        ("not_a_file", "submodule"),
        ("not_a_file", "folder"),
        ("not_a_file", "link"),
    }
    grain = documents(rows["millwright/graintally-1.3.0.tar.gz"])
    assert "Prüfzeichen" in (grain["cmd/old/NOTES"][0].text or "")
    assert "\r" not in (grain["tally/tally_test.go"][0].text or "")


def test_the_zip_has_the_same_files(rows: dict[str, list[Row]], tmp_path: Path) -> None:
    path = tmp_path / "graintally-1.3.0.zip"
    build_zip(path, "graintally")
    found = documents(list(read_github(ContainerRef("code/" + path.name, str(path), path.stat().st_size), CONFIG)))
    tarred = documents(rows["millwright/graintally-1.3.0.tar.gz"])
    assert {name: row.text for name, (row, _) in found.items()} == {name: row.text for name, (row, _) in tarred.items()}
