"""`gristmill blend`: what a trainer's `--data-path` takes."""

from __future__ import annotations

import click

from pipelines.manifests import require_dataset
from pipelines.shards.index import blend_arguments
from pipelines.storage import open_storage


@click.command()
@click.argument("run")
def blend(run: str) -> None:
    """Print the blend of RUN's shards for Megatron: `--data-path $(gristmill blend RUN)`."""
    click.echo(blend_arguments(require_dataset(open_storage(run), "shards").parts))
