"""`gristmill recipes`: the released recipes, and any recipe as it will be run."""

from __future__ import annotations

import click
import yaml

from pipelines.recipe import load_recipe, released_recipes


@click.command()
@click.argument("name", required=False)
def recipes(name: str | None) -> None:
    """List the released recipes, or show one (or a file) with every default filled in."""
    if name is None:
        for released in released_recipes():
            click.echo(released)
        return
    plain = load_recipe(name).model_dump(mode="json")
    click.echo(yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=120), nl=False)
