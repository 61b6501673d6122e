"""What a planned read says its documents depend on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipelines.errors import InputNotFound
from pipelines.recipe import ExtractionConfig
from pipelines.source_config import SourceConfig
from pipelines.spark.ingest import SourceRead


def planned(folder: Path, **source: Any) -> SourceRead:
    (folder / "arXiv_src_2401_001.tar").write_bytes(bytes(1024))
    (folder / "arXiv_src_manifest.xml").write_bytes(b"<arXivSRC/>")
    config = SourceConfig.model_validate({"id": "a", "format": "arxiv", "category": "acquired", **source})
    return SourceRead.plan(config, ExtractionConfig(), [str(folder)])


def beside(folder: Path, name: str, data: bytes) -> str:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)
    return str(folder / name)


def test_the_manifest_beside_source_tars_is_no_container(tmp_path: Path) -> None:
    assert [ref.name for ref in planned(tmp_path).containers] == ["a/arXiv_src_2401_001.tar"]


@pytest.mark.parametrize(
    ("group", "option", "name"), [("arxiv", "metadata", "metadata.json"), ("pmc", "filelist", "filelist.csv")]
)
def test_documents_depend_on_what_is_joined_and_not_on_where_it_lies(
    tmp_path: Path, group: str, option: str, name: str
) -> None:
    def identity(folder: str, data: bytes) -> dict[str, Any]:
        return planned(tmp_path, **{group: {option: beside(tmp_path / folder, name, data)}}).identity()

    first = identity("x", b"{}")
    assert identity("y", b"{}") == first
    assert identity("x", b"{ }") != first
    assert planned(tmp_path).identity() != first


def test_a_metadata_dump_that_is_not_there_is_noticed_before_the_run(tmp_path: Path) -> None:
    with pytest.raises(InputNotFound):
        planned(tmp_path, arxiv={"metadata": str(tmp_path / "none.json")})


def test_who_pays_reaches_the_transport_and_is_no_part_of_the_documents(tmp_path: Path) -> None:
    paying = planned(tmp_path, requester_pays=True)
    assert paying.config.transport.requester_pays
    assert not planned(tmp_path).config.transport.requester_pays
    assert paying.identity() == planned(tmp_path).identity()


def test_threads_depend_on_the_users_beside_the_posts(tmp_path: Path) -> None:
    def identity() -> dict[str, Any]:
        config = SourceConfig.model_validate({"id": "qa", "format": "stackexchange", "category": "acquired"})
        return SourceRead.plan(config, ExtractionConfig(), [str(tmp_path / "Posts.xml")]).identity()

    beside(tmp_path, "Posts.xml", b"<posts></posts>")
    without = identity()
    beside(tmp_path, "Users.xml", b"<users></users>")
    assert identity() != without
