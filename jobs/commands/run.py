"""`gristmill run`: a whole recipe from raw dumps to shards and report; run again, it goes on where it stopped."""

from __future__ import annotations

import click

from jobs import stages
from jobs.commands.options import input_option, spark_options
from jobs.runner import Runner
from pipelines.inputs import assign_inputs
from pipelines.recipe import load_recipe


@click.command()
@click.argument("recipe_name", metavar="RECIPE")
@input_option
@click.option("--benchmarks", help="File or folder of benchmark items to look for.")
@click.option("--until", type=click.Choice(stages.ORDER), default=stages.ORDER[-1], help="Stop after this stage.")
@spark_options
def run(runner: Runner, recipe_name: str, inputs: tuple[str, ...], benchmarks: str | None, until: str) -> None:
    """Run RECIPE (a file or a released name) from dumps to token shards and report."""
    recipe = load_recipe(recipe_name)
    stages.run_all(runner, recipe, assign_inputs(recipe, inputs), benchmarks, until)
    click.echo(runner.run.uri)
