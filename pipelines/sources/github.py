"""Code: archives of repositories as codeload gives them out, and dumps with a file a row (BigQuery, The Stack).

Layouts: recipe-facts 3.9; `pipelines.sources.github_tree` reads the ones, `pipelines.sources.github_table` the others.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.sources.github_names import ARCHIVE
from pipelines.sources.jsonl import is_records_file
from pipelines.sources.records import ReaderConfig, Row
from pipelines.transport import ContainerRef


def is_github_file(name: str) -> bool:
    """A file of a folder that this source reads: a tar or zip archive, JSON lines or Parquet."""
    return ARCHIVE.search(name) is not None or is_records_file(name)


def read_github(ref: ContainerRef, config: ReaderConfig) -> Iterator[Row]:
    """The rows of one archive or dump file; never raises for what is wrong with it or with the network."""
    if is_records_file(ref.name):
        from pipelines.sources.github_table import read_table

        return read_table(ref, config)
    from pipelines.sources.github_tree import read_archive

    return read_archive(ref, config)
