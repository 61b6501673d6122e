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


def dump(folder: Path, data: bytes) -> dict[str, str]:
    folder.mkdir(exist_ok=True)
    (folder / "metadata.json").write_bytes(data)
    return {"metadata": str(folder / "metadata.json")}


def test_the_manifest_beside_source_tars_is_no_container(tmp_path: Path) -> None:
    assert [ref.name for ref in planned(tmp_path).containers] == ["a/arXiv_src_2401_001.tar"]


def test_documents_depend_on_the_metadata_dump_and_not_on_where_it_lies(tmp_path: Path) -> None:
    first = planned(tmp_path, arxiv=dump(tmp_path / "x", b"{}")).identity()
    assert planned(tmp_path, arxiv=dump(tmp_path / "y", b"{}")).identity() == first
    assert planned(tmp_path, arxiv=dump(tmp_path / "x", b"{ }")).identity() != first
    assert planned(tmp_path).identity() != first


def test_a_metadata_dump_that_is_not_there_is_noticed_before_the_run(tmp_path: Path) -> None:
    with pytest.raises(InputNotFound):
        planned(tmp_path, arxiv={"metadata": str(tmp_path / "none.json")})


def test_who_pays_reaches_the_transport_and_is_no_part_of_the_documents(tmp_path: Path) -> None:
    paying = planned(tmp_path, requester_pays=True)
    assert paying.config.transport.requester_pays
    assert not planned(tmp_path).config.transport.requester_pays
    assert paying.identity() == planned(tmp_path).identity()
