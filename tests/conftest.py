"""Fixtures that tests of all packages share: a local Spark session, and the folder of real data where there is one."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# A deadline tells how busy the machine is, not whether the code is right.
settings.register_profile("gristmill", deadline=None)
settings.load_profile("gristmill")


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """Spark on two cores and a gigabyte, for the whole run of the tests."""
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable  # the workers' too; the setting alone does not reach them
    session = (
        SparkSession.builder.master("local[2]")
        .appName("gristmill-tests")
        .config("spark.pyspark.python", sys.executable)
        .config("spark.driver.memory", "1g")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", 4)
        .config("spark.ui.enabled", False)
        .config("spark.ui.showConsoleProgress", False)
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the checkout; the test is skipped where it is absent."""
    folder = (Path(__file__).parents[1] / "../shared").resolve()
    if not folder.is_dir():
        pytest.skip("no folder of real data beside the checkout")
    return folder
