"""`gristmill demo`: the whole pipeline on the bundled sample, in about two minutes on two cores."""

from __future__ import annotations

import time
from pathlib import Path

import click

from jobs import stages
from jobs.commands.options import spark_options
from jobs.runner import Runner
from pipelines.recipe import load_recipe
from pipelines.sample.build import build_sample


@click.command()
@spark_options
def demo(runner: Runner) -> None:
    """Run the `tiny` recipe on the bundled sample web and say where to look."""
    started = time.monotonic()
    folder = Path(runner.run.root)
    runner.progress.say(f"gristmill: writing the sample web to {folder / 'sample'}")
    sample = build_sample(folder / "sample")
    inputs = {"web": (str(sample.listing),)}
    inputs |= {name: (str(path),) for name, path in (sample.records | sample.dumps).items()}
    run = Runner(runner.run.child("run"), lambda: runner.spark, runner.progress, runner.force, runner.partitions)
    stages.run_all(run, load_recipe("tiny"), inputs, str(sample.benchmarks))
    click.echo(f"done in {time.monotonic() - started:.0f} s")
    click.echo(f"report  {run.run.uri}/report.html")
    click.echo(f"shards  {stages.shards_folder(run).uri}")
    click.echo(f"look    gristmill peek {run.run.uri}")
