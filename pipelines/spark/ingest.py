"""One source of a run: which containers its inputs stand for, and the frame that reads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from pydantic.main import IncEx
from pyspark.sql import DataFrame, SparkSession

from pipelines.errors import AccessDenied, DuplicateContainer, InputNotFound
from pipelines.recipe import ExtractionConfig, config_digest
from pipelines.source_config import SourceConfig
from pipelines.sources.formats import LAYOUTS, Layout
from pipelines.sources.records import ReaderConfig
from pipelines.sources.stackexchange_users import tables_beside
from pipelines.spark.sources.dumps import list_dumps, read_dumps
from pipelines.transport import ContainerRef, TransportOptions, list_containers


@dataclass(frozen=True)
class SourceRead:
    """A planned read of one source."""

    inputs: tuple[str, ...]
    config: ReaderConfig
    containers: tuple[ContainerRef, ...]
    num_partitions: int | None = None
    references: tuple[ContainerRef, ...] = ()
    """Files that are no containers but that documents depend on: arXiv's metadata dump, PMC's list of articles, the
    users of a site."""

    @staticmethod
    def plan(
        source: SourceConfig,
        extraction: ExtractionConfig,
        inputs: Sequence[str],
        *,
        transport: TransportOptions | None = None,
        num_partitions: int | None = None,
    ) -> SourceRead:
        """List the inputs of a source. Raises InputNotFound or DuplicateContainer."""
        crawl_files = "wet" if source.records == "conversion" else "warc"
        transport = transport or TransportOptions()
        requester_pays = transport.requester_pays or source.requester_pays
        transport = transport.model_copy(update={"crawl_files": crawl_files, "requester_pays": requester_pays})
        config = ReaderConfig(source=source, extraction=extraction, transport=transport)
        named = [name for name in (source.arxiv.metadata, source.pmc.filelist) if name is not None]
        containers = list_dumps(inputs, config)
        references = [*list_containers(named, transport), *_beside(containers, config)]
        return SourceRead(tuple(inputs), config, tuple(containers), num_partitions, tuple(references))

    def identity(self) -> dict[str, Any]:
        """What the documents depend on: the source, the limits, and the names and sizes of what is read."""
        listing = [[container.name, container.size_bytes] for container in (*self.containers, *self.references)]
        elsewhere: dict[str, bool | IncEx] = {
            "input": True,
            "requester_pays": True,
            "arxiv": {"metadata"},
            "pmc": {"filelist"},
        }
        return {
            "source": self.config.source.model_dump(mode="json", exclude=elsewhere),
            "extraction": self.config.extraction.model_dump(mode="json"),
            "containers": len(self.containers),
            "listing": config_digest(listing),
        }

    def frame(self, spark: SparkSession) -> DataFrame:
        """The documents and accounts of the source, joined where its layout joins rows."""
        rows = read_dumps(spark, self.inputs, self.config, num_partitions=self.num_partitions)
        join = _layout(self).join()
        return rows if join is None else cast(DataFrame, join(rows, self.config))


def _beside(containers: Sequence[ContainerRef], config: ReaderConfig) -> list[ContainerRef]:
    """The users' tables from which a site's posts get the names of their authors."""
    if config.source.format != "stackexchange":
        return []
    found: list[ContainerRef] = []
    for uri in dict.fromkeys(uri for ref in containers for uri in tables_beside(ref.uri)):
        try:
            found += list_containers([uri], config.transport)
        except (InputNotFound, AccessDenied):  # S3 says the latter of what is not there, too
            continue
    return found


def container_parts(reads: Sequence[SourceRead]) -> dict[str, int]:
    """In how many parts each container of all sources is read; raises DuplicateContainer when two share a name."""
    names = [container.name for read in reads for container in read.containers]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DuplicateContainer(
            f"container {twice[0]!r} is an input of two sources, so their documents would share ids; "
            "give each source its own files"
        )
    return {ref.name: len(_layout(read).splits(ref, read.config)) for read in reads for ref in read.containers}


def _layout(read: SourceRead) -> Layout:
    return LAYOUTS[read.config.source.format]
