"""One subcommand per stage: each reads what the stages before it committed, and works by itself."""

from __future__ import annotations

import click

from jobs import stages
from jobs.commands.options import input_option, recipe_option, spark_options
from jobs.runner import Runner
from pipelines.inputs import assign_inputs
from pipelines.recipe import Recipe, load_recipe
from pipelines.schemas import CATEGORIES
from pipelines.source_config import Category, Format, SourceConfig
from pipelines.sources.formats import LAYOUTS


@click.command()
@click.option("--source", type=click.Choice(sorted(LAYOUTS)), help="Read one kind of dump, without a recipe.")
@click.option("--category", type=click.Choice(CATEGORIES), help="With --source; default: that of its dumps.")
@recipe_option
@input_option
@spark_options
def ingest(
    runner: Runner,
    source: Format | None,
    category: Category | None,
    recipe_name: str | None,
    inputs: tuple[str, ...],
) -> None:
    """Dumps → documents: read every record, extract its text, account for it."""
    if source is not None:
        config = SourceConfig(id=source, format=source, category=category or LAYOUTS[source].category)
        recipe = load_recipe(recipe_name) if recipe_name else Recipe(name=f"{source}-only", sources=())
        recipe = recipe.model_copy(update={"sources": (config,)})
    else:
        recipe = stages.recipe_of(runner, recipe_name)
    stages.ingest(runner, recipe, assign_inputs(recipe, inputs))


@click.command()
@click.option("--benchmarks", help="File or folder of benchmark items to look for.")
@recipe_option
@spark_options
def measure(runner: Runner, benchmarks: str | None, recipe_name: str | None) -> None:
    """Documents → signals: language, heuristics, MinHash digests, benchmark matches."""
    stages.measure(runner, stages.recipe_of(runner, recipe_name), benchmarks)


@click.command()
@recipe_option
@spark_options
def dedup(runner: Runner, recipe_name: str | None) -> None:
    """Digests → duplicates: exact and near, each with its survivor and similarity."""
    stages.dedup(runner, stages.recipe_of(runner, recipe_name))


@click.command()
@recipe_option
@spark_options
def judge(runner: Runner, recipe_name: str | None) -> None:
    """Signals and duplicates → decisions, by the rules of the recipe. Re-reads no text."""
    stages.judge(runner, stages.recipe_of(runner, recipe_name))


@click.command()
@recipe_option
@spark_options
def tokenize(runner: Runner, recipe_name: str | None) -> None:
    """Kept documents → token ids, with exact counts."""
    stages.tokenize(runner, stages.recipe_of(runner, recipe_name))


@click.command()
@recipe_option
@spark_options
def mix(runner: Runner, recipe_name: str | None) -> None:
    """Exact counts and the target mixture → plan.json."""
    stages.mix(runner, stages.recipe_of(runner, recipe_name))


@click.command()
@recipe_option
@spark_options
def shard(runner: Runner, recipe_name: str | None) -> None:
    """Tokens and plan → globally shuffled training shards and their blend file."""
    stages.shard(runner, stages.recipe_of(runner, recipe_name))


@click.command()
@recipe_option
@spark_options
def report(runner: Runner, recipe_name: str | None) -> None:
    """Everything a finished run knows → run.json and report.html."""
    stages.report(runner, stages.recipe_of(runner, recipe_name))
