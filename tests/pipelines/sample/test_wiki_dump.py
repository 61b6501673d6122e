"""The demo's wiki dumps through the real reader: each page ends as it was made to end."""

from __future__ import annotations

from pathlib import Path

from pipelines.sample.wiki_dump import build_wikipedia
from pipelines.source_config import SourceConfig
from pipelines.sources.records import ReaderConfig, Row
from pipelines.sources.wikipedia import is_wikipedia_file, read_wikipedia
from pipelines.transport import ContainerRef


def rows(folder: Path) -> list[Row]:
    build_wikipedia(folder)
    config = ReaderConfig(source=SourceConfig(id="w", format="wikipedia", category="acquired"))
    paths = sorted(folder.iterdir())
    assert all(is_wikipedia_file(path.name) for path in paths)
    refs = [ContainerRef(path.name, str(path), path.stat().st_size) for path in paths]
    return [row for ref in refs for row in read_wikipedia(ref, config)]


def test_each_page_ends_as_it_was_made_to_end(tmp_path: Path) -> None:
    found = rows(tmp_path)
    documents = {row.title: row.text or "" for row in found if row.text}
    assert sorted(documents) == ["Grenzstein", "Insertion sort", "Lantern fish", "Tide mill"]
    assert [row.error for row in found if row.error] == ["MalformedRecord"]
    skips = {(row.skip_reason, row.skip_value) for row in found if row.skip_reason not in (None, "container_end")}
    assert skips == {
        ("redirect", ""),
        ("disambiguation", ""),
        ("namespace", "10"),
        ("namespace", "1"),
        ("content_model", "json"),
        ("empty_payload", "wikitext"),
    }
    assert "$$E = \\tfrac{1}{2} \\rho g A h^2,$$" in documents["Tide mill"]
    assert "| Long pond | 30,500 | 5.2 |" in documents["Tide mill"]
    assert "```python\ndef insertion_sort(values):\n    for i" in documents["Insertion sort"]
    assert "„Wer den Stein verrückt, verrückt das Recht“, hieß es" in documents["Grenzstein"]
    assert not [text for text in documents.values() if "{{" in text or "[[" in text or "<ref" in text]


def test_the_bytes_are_the_same_each_time(tmp_path: Path) -> None:
    build_wikipedia(tmp_path / "a")
    build_wikipedia(tmp_path / "b")
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
