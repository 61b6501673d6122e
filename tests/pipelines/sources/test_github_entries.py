"""Entries of zipped repositories: a damaged member costs only itself, however it is packed."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from pipelines.source_config import SourceConfig
from pipelines.sources.github import read_github
from pipelines.sources.records import ReaderConfig
from pipelines.transport import ContainerRef

CONFIG = ReaderConfig(source=SourceConfig(id="g", format="github", category="code"))


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_member_of_a_zip_costs_only_itself(method: int, tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name in "abc":
            archive.writestr(f"mill-main/{name}.py", "".join(f"{name}{k} = {k * k}\n" for k in range(400)))
        damaged = archive.infolist()[1]
    path = tmp_path / "mill-main.zip"
    begin = damaged.header_offset + 30 + len(damaged.filename)
    begin += 9  # LZMA begins with a version that nobody reads
    for at in range(begin, begin + damaged.compress_size - 9, damaged.compress_size // 12):
        data = bytearray(packed.getvalue())
        data[at] ^= 0xFF
        path.write_bytes(data)
        rows = list(read_github(ContainerRef("g/mill-main.zip", str(path), len(data)), CONFIG))
        assert [row.error or row.skip_reason for row in rows] == [None, "DamagedMember", None, "container_end"]
