"""`gristmill package`: the zip that `spark-submit --py-files` takes, and the script it runs."""

from __future__ import annotations

from pathlib import Path

import click

from jobs.session import build_py_files

ENTRY = '''"""What spark-submit runs: the gristmill command line, from the zip given with --py-files."""

from jobs.cli import main

main()
'''


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def package(folder: Path) -> None:
    """Write gristmill.zip and gristmill_submit.py into FOLDER for spark-submit."""
    archive = build_py_files(folder)
    entry = folder / "gristmill_submit.py"
    entry.write_text(ENTRY, encoding="utf-8")
    click.echo(archive)
    click.echo(entry)
    click.echo(
        f"now: spark-submit --master spark://… --py-files {archive} {entry} run RECIPE --input … --output …", err=True
    )
