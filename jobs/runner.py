"""Run a stage: skip it when its manifest matches, else write a fresh attempt, check it, and commit it last."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from jobs.progress import Progress
from pipelines.manifests import (
    Dataset,
    Manifest,
    Part,
    code_digest,
    commit,
    new_attempt,
    parquet_parts,
    read_dataset,
    stage_key,
)
from pipelines.spark.parts import spark_ddl
from pipelines.storage import Storage


@dataclass
class Runner:
    """One run folder and what its stages share; the session opens when the first stage has work to do."""

    run: Storage
    open_spark: Callable[[], SparkSession]
    progress: Progress = field(default_factory=Progress)
    force: bool = False
    partitions: int | None = None
    """Partitions of the read; None: by size."""
    _spark: SparkSession | None = None

    @property
    def spark(self) -> SparkSession:
        if self._spark is None:
            self._spark = self.open_spark()
        return self._spark

    def close(self) -> None:
        if self._spark is not None:
            self._spark.stop()
            self._spark = None

    def frame(self, dataset: Dataset, schema: pa.Schema) -> DataFrame:
        """A committed dataset as a DataFrame: the parts its manifest names, nothing else in the folder."""
        return self._read(dataset.parts, dataset.manifest.parts, schema)

    def attempt_frame(self, attempt: Storage, schema: pa.Schema) -> DataFrame:
        """What a stage has just written, before it is committed."""
        return self._read(attempt, parquet_parts(attempt), schema)

    def _read(self, folder: Storage, parts: tuple[Part, ...], schema: pa.Schema) -> DataFrame:
        ddl = spark_ddl(schema)
        if not parts:
            return self.spark.createDataFrame([], ddl)
        return self.spark.read.schema(ddl).parquet(*[folder.spark_uri(part.name) for part in parts])

    def stage(
        self,
        dataset: str,
        *,
        config: Mapping[str, Any],
        inputs: Mapping[str, Dataset],
        code: tuple[str, ...],
        write: Callable[[Storage], Mapping[str, Any]],
        rows_expected: int | None = None,
        parts: Callable[[Storage], tuple[Part, ...]] = parquet_parts,
        uses_spark: bool = True,
    ) -> Dataset:
        """Make a dataset with `write(attempt) -> counts`, or reuse the one of the same config, inputs and code."""
        digests = {name: source.digest for name, source in inputs.items()}
        code_now = code_digest((*code, "pipelines.schemas"))
        key = stage_key(dataset, config, digests, code_now)
        there = read_dataset(self.run, dataset)
        if there is not None and there.manifest.key == key and not self.force:
            self.progress.say(f"  {dataset}: up to date ({there.manifest.rows:,} rows)")
            return there
        started, clock = datetime.now(UTC), time.monotonic()
        attempt = new_attempt()
        folder = self.run.child(dataset).child(attempt)
        watching = (
            self.progress.watch(dataset, self.spark, rows_expected=rows_expected) if uses_spark else nullcontext()
        )
        with watching:
            counts = write(folder)
        seconds = time.monotonic() - clock
        files = parts(folder)
        made = commit(
            self.run,
            Manifest(
                dataset=dataset,
                key=key,
                attempt=attempt,
                config=dict(config),
                inputs=digests,
                code=code_now,
                parts=files,
                rows=sum(part.rows for part in files),
                bytes=sum(part.bytes for part in files),
                counts=dict(counts),
                started=started.isoformat(timespec="seconds"),
                seconds=round(seconds, 3),
            ),
        )
        rate = made.manifest.rows / seconds if seconds else 0
        self.progress.say(f"  {dataset}: {made.manifest.rows:,} rows in {seconds:.1f} s ({rate:,.0f}/s)")
        return made


def write_parquet(frame: DataFrame, attempt: Storage) -> None:
    """Write a DataFrame as the Parquet parts of an attempt."""
    frame.write.mode("errorifexists").parquet(attempt.spark_uri())
