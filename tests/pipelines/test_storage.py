from pathlib import Path

import pytest

from pipelines.errors import RecipeError
from pipelines.storage import open_storage


def test_a_small_file_is_written_whole_and_leaves_nothing_else(tmp_path: Path) -> None:
    storage = open_storage(str(tmp_path / "run"))
    storage.write_bytes("a/b.json", b"1")
    storage.write_bytes("a/b.json", b"2")
    assert storage.read_bytes("a/b.json") == b"2"
    assert storage.list(recursive=True) == ["a", "a/b.json"]


def test_what_is_not_there_lists_as_nothing_and_deletes_without_complaint(tmp_path: Path) -> None:
    storage = open_storage(str(tmp_path / "none"))
    assert storage.list() == []
    assert not storage.exists("x")
    storage.delete("x")


def test_a_folder_is_deleted_with_all_that_is_in_it(tmp_path: Path) -> None:
    storage = open_storage(f"file://{tmp_path}")
    storage.write_bytes("d/e/f", b"1")
    storage.delete("d")
    assert storage.list() == []


def test_addresses_are_given_in_hadoops_spelling(tmp_path: Path) -> None:
    assert open_storage(str(tmp_path)).spark_uri("x") == f"file://{tmp_path}/x"
    assert open_storage("s3a://bucket/run/").child("documents").spark_uri("p") == "s3a://bucket/run/documents/p"
    assert open_storage("s3://bucket/run").spark_uri() == "s3a://bucket/run"


def test_an_unknown_scheme_is_the_callers_mistake() -> None:
    with pytest.raises(RecipeError, match="gopher://x"):
        open_storage("gopher://x/y")
