"""The sample's books beside the Markdown a reader expects of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.sample.books_files import build_books
from pipelines.source_config import BooksOptions
from pipelines.sources.books import KINDS

GOLDEN = sorted((Path(__file__).parent / "golden/books").glob("*.md"))


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("books")
    build_books(folder)
    return folder


def test_the_golden_set_is_there() -> None:
    assert len(GOLDEN) == 5


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda path: path.stem)
def test_a_book_comes_out_as_its_reader_expects(golden: Path, books: Path) -> None:
    path = books / golden.stem
    found = KINDS[path.suffix[1:]].read(path.read_bytes(), BooksOptions(pdf_process="same"))
    assert found.error is None
    assert found.text + "\n" == golden.read_text("utf-8")
