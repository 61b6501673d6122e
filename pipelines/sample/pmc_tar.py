"""The sample's part of PubMed Central: a legacy archive with its file list, and articles of the S3 layout.

The articles lie in `pmc/` as plain XML. Same bytes each time.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from importlib import resources
from pathlib import Path

ARCHIVED = ("PMC9900001", "PMC9900002", "PMC9900003", "PMC9900004", "PMC9900005")
"""Articles of the archive: two ordinary ones, a retraction, scanned pages, an entity bomb."""
VERSIONED: dict[str, dict[str, object]] = {
    "PMC9900006": {"is_manuscript": True, "license_code": "CC BY-SA"},
    "PMC9900002": {"license_code": "CC BY-NC-ND"},
}
"""Articles of the S3 layout and what their JSON says."""
_LICENSES = {"PMC9900001": "CC BY", "PMC9900002": "CC BY-NC-ND", "PMC9900003": "CC0"}


def build_pmc(folder: Path) -> None:
    """Write `oa_bulk/`, an archive and its list, and `s3/`, a small mirror of the bucket with its inventory."""
    _archive(folder / "oa_bulk")
    _mirror(folder / "s3")


def article_bytes(name: str) -> bytes:
    """The XML of one of the sample's articles."""
    return resources.files("pipelines.sample").joinpath("pmc", f"{name}.xml").read_bytes()


def _archive(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    stem = "oa_sample_xml.PMC009xxxxxx.baseline.2024-11-01"
    members = [(f"PMC009xxxxxx/{name}.xml", article_bytes(name)) for name in ARCHIVED]
    members.append(("PMC009xxxxxx/._PMC9900001.xml", b"\x00\x05\x16\x07 left by a desktop"))
    members.append(("PMC009xxxxxx/readme.txt", b"Articles written for the sample.\n"))
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), 1_730_419_200
            tar.addfile(info, io.BytesIO(data))
    (folder / f"{stem}.tar.gz").write_bytes(gzip.compress(packed.getvalue(), mtime=0))
    rows = ["Article File,Article Citation,AccessionID,Last Updated UTC (YYYY-MM-DD HH:MM:SS),PMID,License,Retracted"]
    for name in ARCHIVED:
        rows.append(
            f"PMC009xxxxxx/{name}.xml,Made-up. 2021,{name},2024-11-01 00:00:00,,{_LICENSES.get(name, 'NO-CC CODE')},no"
        )
    (folder / f"{stem}.filelist.csv").write_text("\n".join(rows) + "\n", "utf-8")


def _mirror(folder: Path) -> None:
    rows = []
    for name, facts in VERSIONED.items():
        version = f"{name}.1"
        xml = article_bytes(name)
        digest = hashlib.md5(xml, usedforsecurity=False).hexdigest()
        stated = {
            "pmcid": name,
            "version": 1,
            "is_pmc_openaccess": True,
            "is_manuscript": False,
            "is_historical_ocr": False,
            "is_retracted": False,
            "xml_url": f"s3://pmc-oa-opendata/{version}/{version}.xml?md5={digest}",
            **facts,
        }
        _write(folder / version / f"{version}.xml", xml)
        _write(folder / "metadata" / f"{version}.json", json.dumps(stated, indent=1).encode())
        rows.append(f'"pmc-oa-opendata","metadata/{version}.json","2024-11-01T00:00:00.000Z","{digest}"')
    reports = "inventory-reports/pmc-oa-opendata/metadata"
    data = gzip.compress(("\n".join(rows) + "\n").encode(), mtime=0)
    _write(folder / reports / "data/sample.csv.gz", data)
    manifest = {
        "sourceBucket": "pmc-oa-opendata",
        "fileFormat": "CSV",
        "files": [{"key": f"{reports}/data/sample.csv.gz"}],
    }
    _write(folder / reports / "2024-11-01T01-00Z/manifest.json", json.dumps(manifest, indent=1).encode())


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
