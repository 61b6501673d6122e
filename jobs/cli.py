"""The command line: flags say where, recipes say what.

Data goes to stdout, talk to stderr; an error names the thing, the cause and the next command to try.
"""

from __future__ import annotations

import sys

import click

from jobs.commands.blend import blend
from jobs.commands.demo import demo
from jobs.commands.doctor import doctor
from jobs.commands.extract import extract
from jobs.commands.package import package
from jobs.commands.peek import peek
from jobs.commands.recipes import recipes
from jobs.commands.run import run
from jobs.commands.stages import dedup, ingest, judge, measure, mix, report, shard, tokenize
from pipelines.errors import GristmillError


class Gristmill(click.Group):
    """The commands in the order a run needs them, not of the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self.commands)


@click.group(cls=Gristmill, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gristmill")
def gristmill() -> None:
    """Turn raw dumps into clean, deduplicated, decontaminated, tokenized training shards, on Spark."""


for command in (
    run,
    ingest,
    measure,
    dedup,
    judge,
    tokenize,
    mix,
    shard,
    report,
    peek,
    blend,
    extract,
    recipes,
    package,
    doctor,
    demo,
):
    gristmill.add_command(command)


def main() -> None:
    """The entry point: our own errors end in one readable line, anything else in its traceback."""
    try:
        gristmill(standalone_mode=False)
    except GristmillError as error:
        click.echo(f"gristmill: {type(error).__name__}: {error}", err=True)
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("gristmill: stopped; run the same command again to go on where it was", err=True)
        sys.exit(130)
