"""Flags that several commands share: where the run is, and on which Spark."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from pyspark.sql import SparkSession

from jobs.progress import Progress
from jobs.runner import Runner
from jobs.session import open_session
from pipelines.errors import RecipeError
from pipelines.storage import open_storage

Command = Callable[..., Any]

output_option = click.option("--output", required=True, help="Folder of the run: a path, s3a://… or hdfs://…")
recipe_option = click.option(
    "--recipe", "recipe_name", help="Recipe file or released name; default: the one the run was started with."
)
input_option = click.option(
    "--input",
    "inputs",
    multiple=True,
    metavar="[SOURCE=]PATH",
    help="A file, folder, glob, *.paths.gz listing or crawl id; with several sources in the recipe, SOURCE= names one.",
)


def spark_options(command: Command) -> Command:
    """Add the flags that choose and tune Spark; the command gets a `Runner` as `runner`."""

    @click.option("--master", help="Spark master; default: local[*], or what spark-submit says.")
    @click.option("--cores", type=click.IntRange(min=1), help="Cores of a local run; default: all.")
    @click.option(
        "--partitions", type=click.IntRange(min=1), help="Partitions of reads and shuffles; default: by size."
    )
    @click.option("--conf", multiple=True, metavar="KEY=VALUE", help="Any Spark setting.")
    @click.option("--force", is_flag=True, help="Run the stage even if its result is up to date.")
    @click.option("--quiet", is_flag=True, help="No progress.")
    @wraps(command)
    def with_runner(
        *args: Any,
        output: str,
        master: str | None,
        cores: int | None,
        partitions: int | None,
        conf: tuple[str, ...],
        force: bool,
        quiet: bool,
        **kwargs: Any,
    ) -> Any:
        settings = {"spark.sql.shuffle.partitions": str(partitions)} if partitions else {}
        settings |= dict(_setting(pair) for pair in conf)

        progress = Progress(quiet=quiet)

        def open_spark() -> SparkSession:
            progress.say("gristmill: starting Spark")
            return open_session(command.__name__, master=master, cores=cores, conf=settings)

        runner = Runner(open_storage(output), open_spark, progress, force, partitions)
        try:
            return command(*args, runner=runner, **kwargs)
        finally:
            runner.close()

    return output_option(with_runner)


def _setting(pair: str) -> tuple[str, str]:
    name, equals, value = pair.partition("=")
    if not equals:
        raise RecipeError(f"--conf {pair!r}: must be KEY=VALUE")
    return name, value
