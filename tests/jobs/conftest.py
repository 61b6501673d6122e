"""One run of the `tiny` recipe on the bundled sample, for every test that looks at a finished run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs import stages
from jobs.progress import Progress
from jobs.runner import Runner
from pipelines.recipe import Recipe, load_recipe
from pipelines.sample.build import SampleFiles, build_sample
from pipelines.storage import Storage, open_storage

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True)
class FinishedRun:
    """A run folder, and all that another run of the same needs."""

    spark: SparkSession
    sample: SampleFiles
    recipe: Recipe
    run: Storage

    @property
    def folder(self) -> Path:
        return Path(self.run.root)

    @property
    def inputs(self) -> dict[str, tuple[str, ...]]:
        return {"web": (str(self.sample.listing),)} | {n: (str(p),) for n, p in self.sample.records.items()}

    def runner(self, folder: Path | None = None, *, partitions: int | None = None) -> Runner:
        run = open_storage(str(folder)) if folder else self.run
        return Runner(run, lambda: self.spark, Progress(quiet=True), partitions=partitions)


@pytest.fixture(scope="session")
def finished(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    folder = tmp_path_factory.mktemp("run")
    sample = build_sample(folder / "sample")
    made = FinishedRun(spark, sample, load_recipe("tiny"), open_storage(str(folder / "run")))
    stages.run_all(made.runner(), made.recipe, made.inputs, str(sample.benchmarks))
    return made
