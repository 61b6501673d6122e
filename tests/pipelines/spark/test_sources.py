"""The data sources on real local Spark: the rows of the pure readers, whatever the partitioning, and growing inputs."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from pipelines.sample.dumps import build_dumps
from pipelines.sample.github_tar import build_github
from pipelines.schemas import CONTAINER_END, DOCUMENTS
from pipelines.source_config import Format, SourceConfig
from pipelines.sources.commoncrawl import read_container
from pipelines.sources.formats import LAYOUTS
from pipelines.sources.records import ReaderConfig
from pipelines.transport import TransportOptions, list_containers

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.spark

CONFIG = ReaderConfig(source=SourceConfig(id="w", format="commoncrawl", category="acquired"))


def page(number: int, status: int = 200) -> bytes:
    body = f"<html><body><p>{'This is a paragraph about grain and mills. ' * 8}</p><p>Page {number}.</p></body></html>"
    block = f"HTTP/1.1 {status} X\r\nContent-Type: text/html\r\n\r\n{body}".encode()
    head = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://e.org/{number}\r\nContent-Length: {len(block)}"
    return head.encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def archive(path: Path, numbers: Iterable[int]) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    records = [page(number, 404 if number % 10 == 9 else 200) for number in numbers]
    path.write_bytes(b"".join(gzip.compress(record, mtime=0) for record in records))
    return str(path)


@pytest.fixture(scope="module")
def dumps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty archives of 15 records, one of them cut off, one no archive at all."""
    folder = tmp_path_factory.mktemp("dumps")
    for index in range(20):
        archive(folder / f"s{index % 3}" / f"{index:02}.warc.gz", range(index * 15, index * 15 + 15))
    cut = folder / "s0" / "00.warc.gz"
    cut.write_bytes(cut.read_bytes()[:-100])
    (folder / "none.warc.gz").write_bytes(b"no archive")
    return folder


def as_rows(frame: DataFrame) -> list[tuple[Any, ...]]:
    return sorted((tuple(row) for row in frame.collect()), key=repr)


@pytest.fixture(scope="module")
def sample_dumps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The bundled sample's dumps, by the format that reads them."""
    return build_dumps(tmp_path_factory.mktemp("sample"))


class TestBatch:
    def test_rows_are_the_pure_readers_for_any_partitioning(self, spark: SparkSession, dumps: Path) -> None:
        from pipelines.spark.sources.dumps import read_dumps

        expected = []
        for ref in list_containers([str(dumps)]):
            for row in read_container(ref, CONFIG):
                expected.append(tuple(getattr(row, name) for name in DOCUMENTS.names))
        expected.sort(key=repr)
        for num_partitions in (1, 3, 17):
            frame = read_dumps(spark, [str(dumps)], CONFIG, num_partitions=num_partitions)
            assert frame.rdd.getNumPartitions() == num_partitions
            assert as_rows(frame) == expected

    def test_without_options_documents_have_the_category_of_their_layout(
        self, spark: SparkSession, tmp_path: Path
    ) -> None:
        from pipelines.spark.sources.dumps import register

        build_github(tmp_path)
        register(spark)
        categories = {row.category for row in spark.read.format("github").load(str(tmp_path)).collect()}
        assert categories == {"code"}

    @pytest.mark.parametrize("name", sorted({*LAYOUTS} - {"commoncrawl", "records"}))
    def test_a_sample_dump_is_read_as_its_layouts_pure_reader_does(
        self, spark: SparkSession, sample_dumps: dict[str, Path], name: str
    ) -> None:
        from pipelines.spark.sources.dumps import list_dumps, read_dumps

        config = ReaderConfig(source=SourceConfig(id="s", format=cast(Format, name), category="acquired"))
        folder, layout = str(sample_dumps[name]), LAYOUTS[name]
        parts = [part for ref in list_dumps([folder], config) for part in layout.splits(ref, config)]
        rows = [row for part in parts for row in layout.read()(part, config)]
        expected = [tuple(getattr(row, name) for name in DOCUMENTS.names) for row in rows]
        assert len({row.doc_id for row in rows}) == len(rows) > 2
        assert as_rows(read_dumps(spark, [folder], config, num_partitions=2)) == sorted(expected, key=repr)

    def test_the_books_balance_and_failures_are_counted(self, spark: SparkSession, dumps: Path) -> None:
        from pipelines.spark.sources.dumps import read_dumps

        rows = read_dumps(spark, [str(dumps)], CONFIG).collect()
        seen: dict[str, int] = {}
        counted: dict[str, int] = {}
        for row in rows:
            counted[row.container] = counted.get(row.container, 0) + row.num_records
            if row.skip_reason == CONTAINER_END:
                seen[row.container] = int(row.skip_value)
        assert counted == seen
        assert sum(seen.values()) == 20 * 15 + 1
        assert sorted(row.error for row in rows if row.error) == ["DamagedMember", "NotAnArchive"]
        assert sum(row.num_records for row in rows if row.skip_reason == "http_status") == 30
        assert {row.category for row in rows} == {"acquired"}

    def test_options_and_path_work_without_a_config(self, spark: SparkSession, dumps: Path) -> None:
        from pipelines.spark.sources.dumps import register

        register(spark)
        frame = spark.read.format("commoncrawl").option("category", "code").load(str(dumps / "s1"))
        assert frame.filter("text is not null").count() > 50
        assert {row.category for row in frame.select("category").distinct().collect()} == {"code"}
        assert frame.columns == DOCUMENTS.names

    def test_a_missing_input_says_what_to_do(self, spark: SparkSession, tmp_path: Path) -> None:
        from pipelines.spark.sources.dumps import register

        register(spark)
        with pytest.raises(Exception, match="no dump files there"):
            spark.read.format("commoncrawl").load(str(tmp_path)).count()
        with pytest.raises(Exception, match="no input: give"):
            spark.read.format("commoncrawl").load().count()

    def test_records_come_from_json_lines_and_parquet(self, spark: SparkSession, tmp_path: Path) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        from pipelines.spark.sources.dumps import read_dumps

        lines = [json.dumps({"id": n, "text": f"text {n}"}) for n in range(10)]
        (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress("\n".join([*lines, "broken"]).encode()))
        pq.write_table(pa.table({"id": [1, 2], "text": ["x", "y"]}), tmp_path / "b.parquet")
        config = ReaderConfig(source=SourceConfig(id="r", format="records", category="synthetic"))
        rows = read_dumps(spark, [str(tmp_path)], config, num_partitions=2).collect()
        assert sum(row.text is not None for row in rows) == 12
        assert [row.error for row in rows if row.error] == ["MalformedLine"]
        assert sum(row.num_records for row in rows) == 13


class TestFollowing:
    def follow(self, spark: SparkSession, inputs: list[str], out: Path, **options: str) -> list[str]:
        """Run to the end of what there is now; the URLs of all documents so far."""
        from pipelines.spark.sources.dumps import dump_options, register

        register(spark)
        options = {**dump_options(spark, inputs, CONFIG), **options}
        stream = spark.readStream.format("commoncrawl").options(**options).load()
        query = (
            stream.writeStream.format("parquet")
            .option("checkpointLocation", str(out / "checkpoint"))
            .trigger(availableNow=True)
            .start(str(out / "documents"))
        )
        assert query.awaitTermination(120)
        frame = spark.read.parquet(str(out / "documents"))
        return sorted(row.url for row in frame.filter("text is not null").select("url").collect())

    def urls(self, numbers: Iterable[int]) -> list[str]:
        return sorted(f"https://e.org/{number}" for number in numbers)

    def test_a_growing_folder_gives_each_file_once_wherever_it_sorts(self, spark: SparkSession, tmp_path: Path) -> None:
        folder = tmp_path / "in"
        archive(folder / "m.warc.gz", range(3))
        assert self.follow(spark, [str(folder)], tmp_path / "out") == self.urls(range(3))
        assert self.follow(spark, [str(folder)], tmp_path / "out") == self.urls(range(3))
        archive(folder / "a.warc.gz", range(3, 6))
        archive(folder / "z.warc.gz", range(6, 9))
        assert self.follow(spark, [str(folder)], tmp_path / "out") == self.urls(range(9))

    def test_a_growing_listing_gives_only_its_new_files(self, spark: SparkSession, tmp_path: Path) -> None:
        for number in range(4):
            archive(tmp_path / f"crawl-data/C/{number}.warc.gz", [number])
        listing = tmp_path / "warc.paths"
        listing.write_text("crawl-data/C/0.warc.gz\ncrawl-data/C/2.warc.gz\n")
        assert self.follow(spark, [str(listing)], tmp_path / "out") == self.urls([0, 2])
        with listing.open("a") as stream:
            stream.write("crawl-data/C/1.warc.gz\n")
        assert self.follow(spark, [str(listing)], tmp_path / "out") == self.urls([0, 1, 2])

    def test_batches_may_be_bounded_and_still_reach_the_end(self, spark: SparkSession, tmp_path: Path) -> None:
        for number in range(5):
            archive(tmp_path / f"in/{number}.warc.gz", [number])
        assert self.follow(spark, [str(tmp_path / "in")], tmp_path / "out", max_files="2") == self.urls(range(5))
        assert len(list((tmp_path / "out/checkpoint/commits").glob("[0-9]*"))) == 3

    def test_offsets_say_by_themselves_what_a_batch_reads(self, tmp_path: Path) -> None:
        from pyspark.sql.streaming.datasource import ReadAllAvailable

        from pipelines.errors import InputNotFound
        from pipelines.spark.sources.dumps import ContainersPartition, Dumps
        from pipelines.spark.sources.following import FollowingReader

        def reader() -> FollowingReader:
            options = {"inputs": json.dumps([str(tmp_path / "in")]), "config": CONFIG.model_dump_json()}
            return FollowingReader(Dumps(options, "commoncrawl"))

        def names(start: dict[str, Any], end: dict[str, Any]) -> set[str]:
            parts = reader().partitions(start, end)
            assert all(isinstance(part, ContainersPartition) for part in parts)
            return {ref.name for part in parts if isinstance(part, ContainersPartition) for ref in part.containers}

        (tmp_path / "in").mkdir()
        start = reader().initialOffset()
        assert reader().latestOffset(start, ReadAllAvailable()) == start
        archive(tmp_path / "in/b.warc.gz", [1])
        first = json.loads(json.dumps(reader().latestOffset(start, ReadAllAvailable())))
        archive(tmp_path / "in/a.warc.gz", [2])
        second = reader().latestOffset(first, ReadAllAvailable())
        assert (names(start, first), names(first, second)) == ({"b.warc.gz"}, {"a.warc.gz"})
        assert names(second, second) == set()
        (tmp_path / "in/a.warc.gz").unlink()
        with pytest.raises(InputNotFound, match="unfinished batch"):
            names(first, second)

    def test_transport_options_reach_the_listing(self, tmp_path: Path) -> None:
        from pipelines.spark.sources.dumps import Dumps

        (tmp_path / "warc.paths").write_text("x/1.warc.gz\n")
        config = CONFIG.model_copy(update={"transport": TransportOptions(base="https://mirror.example/")})
        options = {"path": str(tmp_path / "warc.paths"), "config": config.model_dump_json()}
        (ref,) = Dumps(options, "commoncrawl").containers()
        assert ref.uri == "https://mirror.example/x/1.warc.gz"
