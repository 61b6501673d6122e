"""Packs the sample's two repositories as codeload would: `OWNER/REPO-REF.tar.gz`, and one of them as a zip.

A repository is one text file in `github/`, its files after each other, each under a line `%%%% PATH [KIND]`; see
FORMAT.md. Secrets in it are put together here, so that no scanner takes the sample's source for a leak.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import re
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipelines.sample.source import root

COMMIT_TIME = datetime(2024, 9, 3, 7, 45, 10, tzinfo=UTC)
SECRETS = {
    "@@ACCESS_KEY@@": "AKIA" + "QX7T" + "2MZ4" + "LWRN" + "5HBD",
    "@@SECRET_KEY@@": "q8Vt3LmZx0Rk" + "W7bNpYc5/Ha2" + "JdUe9TfGs4+oCiQl",
}
"""Made up; they open nothing."""
_BEGIN = re.compile(r"^%%%% (\S+)(?: (base64|latin-1|crlf|link|executable))?\n", re.MULTILINE)


@dataclass(frozen=True)
class _Member:
    """A file of a repository as it is stored; a folder's path ends in `/`."""

    path: str
    kind: str
    data: bytes


@dataclass(frozen=True)
class _Repository:
    owner: str
    name: str
    ref: str
    description: str
    license: str | None


REPOSITORIES = (
    _Repository("harbourlight", "tidewatch", "main", "Tides from harmonic constants", "MIT"),
    _Repository("millwright", "graintally", "1.3.0", "Books of a grain store", None),
)


def build_github(folder: Path) -> None:
    """Write the archives under `folder`, one of them with the sidecar of GitHub's API; the same bytes each time."""
    for repository in REPOSITORIES:
        members = list(_members(repository.name))
        digest = hashlib.sha1(b"".join(m.path.encode() + m.data for m in members), usedforsecurity=False)
        archive = folder / repository.owner / f"{repository.name}-{repository.ref}.tar.gz"
        archive.parent.mkdir(parents=True, exist_ok=True)
        archive.write_bytes(gzip.compress(_tar(repository, members, digest.hexdigest()), mtime=0))
        if repository.license is not None:
            archive.with_name(f"{archive.name}.json").write_text(_sidecar(repository) + "\n", encoding="utf-8")


def build_zip(path: Path, name: str) -> None:
    """Write one of the repositories as GitHub's "Download ZIP" does."""
    repository = next(repository for repository in REPOSITORIES if repository.name == name)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.comment = b"0123456789abcdef0123456789abcdef01234567"
        for member in _members(name):
            info = zipfile.ZipInfo(f"{name}-{repository.ref}/{member.path}", COMMIT_TIME.timetuple()[:6])
            info.external_attr = (0o120777 if member.kind == "link" else 0o100644) << 16
            file.writestr(info, member.data)


def _members(name: str) -> Iterator[_Member]:
    text = (root() / "github" / f"{name}.txt").read_text(encoding="utf-8")
    _, *sections = _BEGIN.split(text)
    for path, kind, body in zip(sections[::3], sections[1::3], sections[2::3], strict=True):
        for mark, secret in SECRETS.items():
            body = body.replace(mark, secret)
        yield _Member(path, kind or "", _encoded(body, kind))


def _encoded(body: str, kind: str | None) -> bytes:
    match kind:
        case "base64":
            return base64.b64decode(body)
        case "latin-1":
            return body.encode("latin-1")
        case "crlf":
            return body.replace("\n", "\r\n").encode()
        case "link":
            return body.strip().encode()
        case _:
            return body.encode()


def _tar(repository: _Repository, members: list[_Member], commit: str) -> bytes:
    buffer = io.BytesIO()
    top = f"{repository.name}-{repository.ref}"
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"comment": commit}) as tar:
        folders = {top}
        tar.addfile(_info(top, tarfile.DIRTYPE))
        for member in members:
            for depth in range(1, member.path.count("/") + 1):
                folder = f"{top}/{'/'.join(member.path.split('/')[:depth])}"
                if folder not in folders:
                    folders.add(folder)
                    tar.addfile(_info(folder, tarfile.DIRTYPE))
            if member.path.endswith("/"):
                continue
            info = _info(f"{top}/{member.path}", tarfile.SYMTYPE if member.kind == "link" else tarfile.REGTYPE)
            if member.kind == "link":
                info.linkname = member.data.decode()
                tar.addfile(info)
            else:
                info.size, info.mode = len(member.data), 0o755 if member.kind == "executable" else 0o644
                tar.addfile(info, io.BytesIO(member.data))
    return buffer.getvalue()


def _info(name: str, kind: bytes) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.mtime = kind, int(COMMIT_TIME.timestamp())
    info.mode = 0o755 if kind == tarfile.DIRTYPE else 0o644
    info.uname = info.gname = "root"
    return info


def _sidecar(repository: _Repository) -> str:
    return json.dumps(
        {
            "full_name": f"{repository.owner}/{repository.name}",
            "description": repository.description,
            "fork": False,
            "archived": False,
            "stargazers_count": 41,
            "license": {"key": (repository.license or "").lower(), "spdx_id": repository.license},
            "pushed_at": COMMIT_TIME.strftime("%Y-%m-%dT%H:%M:%SZ"),
        },
        indent=2,
    )
