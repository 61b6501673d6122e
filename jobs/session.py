"""The SparkSession of a job: local by default, the same code on any master."""

from __future__ import annotations

import os
import sys
import zipfile
from collections.abc import Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from tempfile import mkdtemp

from pyspark.sql import SparkSession

PACKAGES = ("extractors", "classifiers", "pipelines", "jobs")

DEFAULTS: Mapping[str, str] = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.parquet.compression.codec": "zstd",
    # A row group is the unit that `measure` and `tokenize` read, so it bounds their memory and their parallelism.
    "spark.hadoop.parquet.block.size": str(16 * 2**20),
    "spark.sql.execution.arrow.maxRecordsPerBatch": "1024",
    # Python workers keep the models; a lost one is replaced.
    "spark.python.worker.reuse": "true",
    "spark.task.maxFailures": "4",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.files.maxPartitionBytes": str(64 * 2**20),
}


def open_session(
    app: str, *, master: str | None = None, cores: int | None = None, conf: Mapping[str, str] | None = None
) -> SparkSession:
    """A session for one job; `master` None takes spark-submit's, or `local[*]`.

    On a master other than local, the four packages are shipped to the executors as one zip; what they depend on must
    be installed there (see infra/README.md). `conf` wins over every default.
    """
    submitted = os.environ.get("PYSPARK_GATEWAY_PORT") is not None
    settings = dict(DEFAULTS)
    if not submitted:
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        where = master or f"local[{cores or '*'}]"
        settings["spark.master"] = where
        if where.startswith("local"):
            os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
            settings |= {
                "spark.driver.memory": _local_driver_memory(),
                "spark.driver.host": "127.0.0.1",
                "spark.driver.bindAddress": "127.0.0.1",
                "spark.ui.enabled": "false",
                "spark.sql.shuffle.partitions": "8",
                "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={_logging_config()}",
            }
    settings |= dict(conf or {})
    builder = SparkSession.builder.appName(f"gristmill {app}")
    for name, value in settings.items():
        if not (submitted and name in _set_by_submit()):
            builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    if not submitted and not str(spark.sparkContext.master).startswith("local"):
        spark.sparkContext.addPyFile(str(build_py_files(Path(mkdtemp(prefix="gristmill-")))))
    return spark


def build_py_files(folder: Path) -> Path:
    """Write `gristmill.zip`, what `--py-files` takes: the four packages and their data, the same bytes each time."""
    target = folder / "gristmill.zip"
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for package in PACKAGES:
            for name, file in sorted(_walk(package, resources.files(package))):
                archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), file.read_bytes())
    return target


def _walk(path: str, node: Traversable) -> list[tuple[str, Traversable]]:
    if node.is_file():
        return [(path, node)]
    children = (c for c in node.iterdir() if c.name != "__pycache__" and not c.name.startswith("."))
    return [entry for child in children for entry in _walk(f"{path}/{child.name}", child)]


def _set_by_submit() -> set[str]:
    from pyspark import SparkConf

    return {name for name, _ in SparkConf().getAll()}


def _local_driver_memory() -> str:
    """A quarter of the machine, 1 to 8 GiB: the Python workers, which hold the text, need the rest."""
    total_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{min(8192, max(1024, total_bytes // 4 // 2**20))}m"


def _logging_config() -> str:
    """Path of our log4j2 settings as a real file, which they are not inside a zip."""
    file = resources.files("jobs") / "log4j2.properties"
    if isinstance(file, Path):
        return str(file)
    target = Path(mkdtemp(prefix="gristmill-")) / "log4j2.properties"
    target.write_bytes(file.read_bytes())
    return str(target)
