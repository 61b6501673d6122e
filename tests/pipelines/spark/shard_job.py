"""A program of its own for the tests of sharding: the shards of a plan on another master, with a task that fails once.

    python -m tests.pipelines.spark.shard_job MASTER TOKENS PLAN TARGET MARKER

The first task that finds no file MARKER makes it, with the number of files it has begun, and fails in the middle.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

from pipelines.mixture import Plan
from pipelines.recipe import ShardConfig, TokenizerConfig
from pipelines.shards.index import TokenizerFacts
from pipelines.spark.shard import place_tokens, plan_layout
from pipelines.spark.shard_writer import JOB_OPTION, MegatronDataSource, MegatronWriter, ShardJob, WrittenShards
from pipelines.storage import open_storage
from pipelines.tokenizers import load_tokenizer

SHARDS = ShardConfig(tokens_per_shard=6000)
SEED = 11


def facts() -> TokenizerFacts:
    tokenizer = load_tokenizer(TokenizerConfig())
    return TokenizerFacts(
        name=tokenizer.name,
        digest=tokenizer.digest,
        padded_vocabulary=100_352,
        end_of_document=tokenizer.end_of_document,
    )


def session(master: str) -> SparkSession:
    os.environ["PYSPARK_PYTHON"] = sys.executable
    return (
        SparkSession.builder.master(master)
        .config("spark.driver.memory", "1g")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", 3)
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", 2)
        .config("spark.ui.enabled", False)
        .config("spark.ui.showConsoleProgress", False)
        .getOrCreate()
    )


def main(master: str, tokens_path: str, plan_path: str, target: str, marker: str) -> None:
    spark = session(master)
    tokens = spark.read.parquet(tokens_path)
    plan = Plan.model_validate_json(Path(plan_path).read_bytes())
    folder = open_storage(target)
    layout = plan_layout(tokens, plan, SHARDS, SEED)
    spark.dataSource.register(FailingOnce)
    writer = place_tokens(tokens, layout).write.format(FailingOnce.name()).mode("append")
    job = ShardJob.of(folder, plan, layout, facts())
    writer.option(JOB_OPTION, job.model_dump_json()).option("marker", marker).save()
    spark.stop()


class FailingOnce(MegatronDataSource):
    """The data source with an input that fails once."""

    @classmethod
    def name(cls) -> str:
        return "failing_once"

    def writer(self, schema: StructType, overwrite: bool) -> MegatronWriter:  # noqa: ARG002 - Spark's signature
        return FailingOnceWriter(ShardJob.model_validate_json(self.options[JOB_OPTION]), self.options["marker"])


class FailingOnceWriter(MegatronWriter):
    def __init__(self, job: ShardJob, marker: str) -> None:
        super().__init__(job)
        self.marker = marker

    def write(self, iterator: Iterator[pa.RecordBatch]) -> WrittenShards:
        return super().write(self.fail_once(iterator))

    def fail_once(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for number, batch in enumerate(batches):
            if number == 1 and not os.path.exists(self.marker):
                begun = sum(1 for _ in Path(self.job.target).rglob("*.bin"))
                Path(self.marker).write_text(f"{begun}\n")
                raise RuntimeError("this task fails once, with files half written")
            yield batch


if __name__ == "__main__":
    main(*sys.argv[1:])
