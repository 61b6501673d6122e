"""The dump layouts by name: which files of a folder are theirs, how one file splits, and what reads it.

Readers are imported when they are first used: a run over web pages loads no TeX.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

from pipelines.sources.records import ReaderConfig, Row
from pipelines.transport import ContainerRef

Read = Callable[[ContainerRef, ReaderConfig], Iterator[Row]]
Split = Callable[[ContainerRef, ReaderConfig], list[ContainerRef]]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the functions of one dump layout are: `module:function`."""

    name: str
    accepts_at: str
    read_at: str
    split_at: str | None = None
    """None: a file is read by one task."""

    def accepts(self) -> Callable[[str], bool]:
        """Whether a file of a folder belongs to the layout, by its name."""
        return cast(Callable[[str], bool], _function(self.accepts_at))

    def read(self) -> Read:
        """The rows of one file, or of the part of it that a split names; never raises for what is wrong with it."""
        return cast(Read, _function(self.read_at))

    def splits(self, ref: ContainerRef, config: ReaderConfig) -> list[ContainerRef]:
        """The parts of a file that tasks may read apart, in order; the file itself where it does not split."""
        return [ref] if self.split_at is None else cast(Split, _function(self.split_at))(ref, config)


def _function(address: str) -> object:
    module, _, name = address.partition(":")
    return getattr(importlib.import_module(module), name)


LAYOUTS = {
    layout.name: layout
    for layout in (
        Layout("commoncrawl", "pipelines.transport.listing:is_archive", "pipelines.sources.commoncrawl:read_container"),
        Layout("records", "pipelines.sources.jsonl:is_records_file", "pipelines.sources.jsonl:read_records"),
        Layout("github", "pipelines.sources.github:is_github_file", "pipelines.sources.github:read_github"),
    )
}
