"""The dump layouts by name: which files of a folder are theirs, how one file splits, and what reads it.

Readers are imported when they are first used: a run over web pages loads no TeX.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from pipelines.source_config import Category
from pipelines.sources.records import ReaderConfig, Row
from pipelines.transport import ContainerRef

Read = Callable[[ContainerRef, ReaderConfig], Iterator[Row]]
Split = Callable[[ContainerRef, ReaderConfig], list[ContainerRef]]
Join = Callable[[Any, ReaderConfig], Any]
"""DataFrame of DOCUMENTS to DataFrame of DOCUMENTS."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the functions of one dump layout are: `module:function`."""

    name: str
    category: Category
    """The mixture's category of its documents where nobody says another."""
    accepts_at: str
    read_at: str
    split_at: str | None = None
    """None: a file is read by one task."""
    join_at: str | None = None
    """Makes documents of the rows of all files together, on Spark; None: the rows are the documents."""

    def accepts(self) -> Callable[[str], bool]:
        """Whether a file of a folder belongs to the layout, by its name."""
        return cast(Callable[[str], bool], _function(self.accepts_at))

    def read(self) -> Read:
        """The rows of one file, or of the part of it that a split names; never raises for what is wrong with it."""
        return cast(Read, _function(self.read_at))

    def splits(self, ref: ContainerRef, config: ReaderConfig) -> list[ContainerRef]:
        """The parts of a file that tasks may read apart, in order; the file itself where it does not split."""
        return [ref] if self.split_at is None else cast(Split, _function(self.split_at))(ref, config)

    def join(self) -> Join | None:
        """A function of the ring above that takes the frame of the rows; the sums of the accounts stay."""
        return None if self.join_at is None else cast(Join, _function(self.join_at))


def _function(address: str) -> object:
    module, _, name = address.partition(":")
    return getattr(importlib.import_module(module), name)


LAYOUTS = {
    layout.name: layout
    for layout in (
        Layout(
            "commoncrawl",
            "web",
            "pipelines.transport.listing:is_archive",
            "pipelines.sources.commoncrawl:read_container",
        ),
        Layout("records", "web", "pipelines.sources.jsonl:is_records_file", "pipelines.sources.jsonl:read_records"),
        Layout(
            "stackexchange",
            "acquired",
            "pipelines.sources.stackexchange:is_stackexchange_file",
            "pipelines.sources.stackexchange:read_stackexchange",
            "pipelines.sources.stackexchange:split_stackexchange",
            "pipelines.spark.sources.threads:join_threads",
        ),
        Layout(
            "pmc",
            "acquired",
            "pipelines.sources.pmc:is_pmc_file",
            "pipelines.sources.pmc:read_pmc",
            "pipelines.sources.pmc:split_pmc",
        ),
        Layout(
            "wikipedia",
            "acquired",
            "pipelines.sources.wikipedia:is_wikipedia_file",
            "pipelines.sources.wikipedia:read_wikipedia",
            "pipelines.sources.wikipedia:split_wikipedia",
        ),
        Layout("books", "acquired", "pipelines.sources.books:is_books_file", "pipelines.sources.books:read_books"),
        Layout("arxiv", "acquired", "pipelines.sources.arxiv:is_arxiv_file", "pipelines.sources.arxiv:read_arxiv"),
        Layout("github", "code", "pipelines.sources.github:is_github_file", "pipelines.sources.github:read_github"),
    )
}
