"""The bundled sample, built once."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.sample.build import SampleFiles, build_sample


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> SampleFiles:
    folder: Path = tmp_path_factory.mktemp("sample")
    return build_sample(folder)
