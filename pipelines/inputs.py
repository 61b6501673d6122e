"""Which input each source of a recipe reads, from `--input` flags."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.errors import RecipeError
from pipelines.recipe import Recipe
from pipelines.source_config import SourceConfig


def assign_inputs(recipe: Recipe, flags: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Source id → its inputs, in recipe order, from flags `PATH` and `ID=PATH`.

    A flag without an id goes to the recipe's first source. Sources that get no flag keep the recipe's own `input`, or
    are left out when it has none. Raises RecipeError when no source has an input.
    """
    ids = [source.id for source in recipe.sources]
    given: dict[str, list[str]] = {}
    for flag in flags:
        name, equals, path = flag.partition("=")
        if equals and name in ids:
            given.setdefault(name, []).append(path)
        elif equals and "/" not in name and name.isidentifier():
            raise RecipeError(f"--input {flag}: recipe {recipe.name!r} has no source {name!r}, only {', '.join(ids)}")
        else:
            given.setdefault(_first(recipe).id, []).append(flag)
    inputs = {}
    for source in recipe.sources:
        paths = given.get(source.id) or ([source.input] if source.input else [])
        if paths:
            inputs[source.id] = tuple(paths)
    if not inputs:
        raise RecipeError(f"recipe {recipe.name!r}: no source has an input; give --input [{'|'.join(ids)}=]PATH")
    return inputs


def _first(recipe: Recipe) -> SourceConfig:
    if not recipe.sources:
        raise RecipeError(f"recipe {recipe.name!r} has no sources")
    return recipe.sources[0]
