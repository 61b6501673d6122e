"""Spark data sources over dump files, one for each layout of `pipelines.sources.formats`.

Thin: what they list, pack and read is pure code of `pipelines.transport` and `pipelines.sources`. A partition is a few
files, or parts of files where a layout splits; `read()` yields Arrow batches of DOCUMENTS. Options, besides the path:

    inputs          JSON list of inputs, instead of a path
    config          JSON of a ReaderConfig; or instead of it:
    category        category of the documents; without it that of the layout: web, code (github) or acquired
    records         response or conversion (commoncrawl)
    base            where relative keys of listings and crawl ids lie
    requester_pays  true: pay for what is read from S3
    num_partitions  partitions, exactly if there are files enough; else by size, and at least
    parallelism     so many (the processors of the planning machine)
    max_files       files in one micro-batch (streaming); without it all there are
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition
from pyspark.sql.types import LongType, StringType, StructField, StructType

from pipelines.errors import RecipeError
from pipelines.schemas import DOCUMENTS
from pipelines.source_config import SourceConfig
from pipelines.sources.formats import LAYOUTS
from pipelines.sources.packing import pack
from pipelines.sources.records import ReaderConfig, rows_to_batches
from pipelines.spark.sources.following import FollowingReader
from pipelines.transport import ContainerRef, TransportOptions, list_containers

if TYPE_CHECKING:
    import pyarrow as pa


FIELD_TYPES = {"string": StringType(), "int64": LongType()}
SCHEMA = StructType([StructField(f.name, FIELD_TYPES[str(f.type)], f.nullable) for f in DOCUMENTS])


class ContainersPartition(InputPartition):
    """The files one task reads."""

    def __init__(self, containers: Sequence[ContainerRef]) -> None:
        super().__init__(None)
        self.containers = tuple(containers)


class Dumps:
    """What both ways of reading share: the options, the listing, the packing and the rows."""

    def __init__(self, options: Mapping[str, str], format_name: str) -> None:
        self.inputs = _inputs(options)
        self.config = _config(options, format_name)
        self.max_files = _number(options, "max_files")
        self._layout = LAYOUTS[format_name]
        self._num_partitions = _number(options, "num_partitions")
        self._parallelism = _number(options, "parallelism") or os.cpu_count() or 1

    def containers(self, *, may_be_empty: bool = False) -> list[ContainerRef]:
        return list_dumps(self.inputs, self.config, may_be_empty=may_be_empty)

    def partitions(self, refs: Sequence[ContainerRef]) -> list[InputPartition]:
        parts = [part for ref in refs for part in self._layout.splits(ref, self.config)]
        packed = pack(parts, num_partitions=self._num_partitions, parallelism=self._parallelism)
        return [ContainersPartition(containers) for containers in packed]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        assert isinstance(partition, ContainersPartition)
        read = self._layout.read()
        return rows_to_batches(row for ref in partition.containers for row in read(ref, self.config))


class BatchReader(DataSourceReader):
    def __init__(self, dumps: Dumps) -> None:
        self._dumps = dumps

    def partitions(self) -> Sequence[InputPartition]:
        return self._dumps.partitions(self._dumps.containers())

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        return self._dumps.read(partition)


class DumpSource(DataSource):
    """One layout of `pipelines.sources.formats`; the subclasses differ in their name alone."""

    def dumps(self) -> Dumps:
        return Dumps(self.options, self.name())

    def schema(self) -> StructType:
        return SCHEMA

    def reader(self, schema: StructType) -> DataSourceReader:
        del schema
        return BatchReader(self.dumps())

    def streamReader(self, schema: StructType) -> FollowingReader:  # noqa: N802 - Spark's name
        del schema
        return FollowingReader(self.dumps())


class CommonCrawlDataSource(DumpSource):
    """Web archives; see `pipelines.sources.commoncrawl`."""

    @classmethod
    def name(cls) -> str:
        return "commoncrawl"


class RecordsDataSource(DumpSource):
    """JSON lines and Parquet; see `pipelines.sources.jsonl`."""

    @classmethod
    def name(cls) -> str:
        return "records"


class StackExchangeDataSource(DumpSource):
    """Posts of Q&A sites; `pipelines.spark.sources.threads` joins them. See `pipelines.sources.stackexchange`."""

    @classmethod
    def name(cls) -> str:
        return "stackexchange"


class PmcDataSource(DumpSource):
    """PubMed Central's articles; see `pipelines.sources.pmc`."""

    @classmethod
    def name(cls) -> str:
        return "pmc"


class WikipediaDataSource(DumpSource):
    """Wikimedia's XML dumps; see `pipelines.sources.wikipedia`."""

    @classmethod
    def name(cls) -> str:
        return "wikipedia"


class BooksDataSource(DumpSource):
    """E-books, office documents and PDFs; see `pipelines.sources.books`."""

    @classmethod
    def name(cls) -> str:
        return "books"


class ArxivDataSource(DumpSource):
    """arXiv's source tars; see `pipelines.sources.arxiv`."""

    @classmethod
    def name(cls) -> str:
        return "arxiv"


class GithubDataSource(DumpSource):
    """Archives of repositories, and files of them in JSON lines or Parquet; see `pipelines.sources.github`."""

    @classmethod
    def name(cls) -> str:
        return "github"


DATA_SOURCES = (
    CommonCrawlDataSource,
    RecordsDataSource,
    PmcDataSource,
    WikipediaDataSource,
    StackExchangeDataSource,
    BooksDataSource,
    ArxivDataSource,
    GithubDataSource,
)


def register(spark: SparkSession) -> None:
    """Make the formats known to a session."""
    for source in DATA_SOURCES:
        spark.dataSource.register(source)


def list_dumps(inputs: Sequence[str], config: ReaderConfig, *, may_be_empty: bool = False) -> list[ContainerRef]:
    """The containers of inputs, as the source of the config reads them.

    Web archives keep their own names; all others are named under the source's id, because every folder has its
    `part-00000.jsonl`.
    """
    accepts = LAYOUTS[config.source.format].accepts()
    transport = config.transport
    if config.source.records == "conversion":  # a crawl id then stands for its WET files
        transport = transport.model_copy(update={"crawl_files": "wet"})
    refs = list_containers(inputs, transport, accepts=accepts, may_be_empty=may_be_empty)
    if config.source.format == "commoncrawl":
        return refs
    return [replace(ref, name=f"{config.source.id}/{ref.name}") for ref in refs]


def read_dumps(
    spark: SparkSession, inputs: Sequence[str], config: ReaderConfig, *, num_partitions: int | None = None
) -> DataFrame:
    """The documents, failures and accounts of inputs, by the data source that the config's source names."""
    register(spark)
    reader = spark.read.format(config.source.format)
    for name, value in dump_options(spark, inputs, config, num_partitions=num_partitions).items():
        reader = reader.option(name, value)
    return reader.load()


def dump_options(
    spark: SparkSession, inputs: Sequence[str], config: ReaderConfig, *, num_partitions: int | None = None
) -> dict[str, str]:
    """The options that hand inputs and config to a data source, for `read` and for `readStream`."""
    options = {
        "inputs": json.dumps(list(inputs)),
        "config": config.model_dump_json(),
        "parallelism": str(spark.sparkContext.defaultParallelism),
    }
    if num_partitions is not None:
        options["num_partitions"] = str(num_partitions)
    return options


def _inputs(options: Mapping[str, str]) -> tuple[str, ...]:
    given = options.get("inputs") or options.get("paths")
    inputs: Any = json.loads(given) if given else [options["path"]] if options.get("path") else []
    if not inputs or not all(isinstance(name, str) and name for name in inputs):
        raise RecipeError('no input: give `.load("PATH")` or option `inputs` with a JSON list of paths')
    return tuple(inputs)


def _config(options: Mapping[str, str], format_name: str) -> ReaderConfig:
    if given := options.get("config"):
        return ReaderConfig.model_validate_json(given)
    source = SourceConfig.model_validate(
        {
            "id": format_name,
            "format": format_name,
            "category": options.get("category", LAYOUTS[format_name].category),
            "records": options.get("records", "response"),
            "requester_pays": options.get("requester_pays", "false"),
        }
    )
    transport = TransportOptions(base=options.get("base"), requester_pays=source.requester_pays)
    return ReaderConfig(source=source, transport=transport)


def _number(options: Mapping[str, str], name: str) -> int | None:
    value = options.get(name)
    if value is None:
        return None
    if not value.isdigit() or int(value) < 1:
        raise RecipeError(f"option {name} is {value!r}, must be a whole number from 1")
    return int(value)
