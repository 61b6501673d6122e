"""Whose repository an archive is, and at which commit: from its sidecar, its name, its top folder and its tar header.

Names: `OWNER/REPO-REF.tar.gz` or `OWNER__REPO-REF.tar.gz`; codeload's own addresses; the folder in it is `REPO-REF`.
git archive writes the commit into a global pax header (tar) or the archive's comment (zip). Blind spot: where a
repository's name ends and its branch's begins (`a-b-c`) is a guess, unless the sidecar says.
"""

from __future__ import annotations

import json
import re
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from pipelines.errors import InputNotFound, TransportError
from pipelines.source_config import GithubConfig
from pipelines.transport import ContainerRef, TransportOptions, open_stream
from pipelines.transport.streams import uri_scheme

ARCHIVE: Final = re.compile(r"\.(tar|tar\.gz|tgz|zip)$", re.IGNORECASE)
MAX_SIDECAR_BYTES: Final = 2**20

_CODELOAD: Final = re.compile(
    r"https?://(?:codeload\.|api\.|www\.)?github\.com/(?:repos/)?([\w.-]+)/([\w.-]+)/"
    r"(?:tar\.gz|legacy\.tar\.gz|zip|archive|tarball|zipball)/(?:refs/(?:heads|tags)/)?(.+?)(?:\.tar\.gz|\.zip)?$"
)
_FOLDER: Final = re.compile(r"(.+?)-(v?\d[\w.+~-]*|[0-9a-f]{7,40}|main|master|trunk|develop|dev|HEAD)$")
_COMMIT: Final = re.compile(r"comment=([0-9a-f]{40}|[0-9a-f]{64})\n")


@dataclass(slots=True)
class Origin:
    """What is known of a repository and of the version of it that an archive holds."""

    repository: str | None = None
    """`owner/name`, or only the name."""
    ref: str | None = None
    commit: str | None = None
    date: str | None = None
    """Of the commit, or of the newest file."""
    license: str | None = None
    """As GitHub's API states it."""
    facts: dict[str, str | int | float | bool] = field(default_factory=dict)
    """What else the sidecar says, for the metadata."""

    def url(self, path: str) -> str | None:
        """The page of a file; None where the owner is not known."""
        version = self.commit or self.ref
        if self.repository is None or "/" not in self.repository or version is None:
            return None
        return f"https://github.com/{self.repository}/blob/{quote(version)}/{quote(path)}"


def origin_of(ref: ContainerRef, source_id: str, top_folder: str | None) -> Origin:
    """What the names say."""
    if found := _CODELOAD.match(ref.uri):
        return Origin(f"{found[1]}/{found[2]}", found[3])
    name = ref.name.removeprefix(f"{source_id}/")
    folder, _, file = name.rpartition("/")
    stem = ARCHIVE.sub("", file)
    owner, _, rest = stem.rpartition("__") if "__" in stem else (folder.rpartition("/")[2], "", stem)
    repository, version = _split(top_folder or rest)
    return Origin(f"{owner}/{repository}" if owner else repository, version)


def _split(folder: str) -> tuple[str, str | None]:
    found = _FOLDER.match(folder)
    if found:
        return found[1], found[2]
    repository, dash, version = folder.rpartition("-")
    return (repository, version) if dash and repository else (folder, None)


def read_sidecar(ref: ContainerRef, config: GithubConfig, transport: TransportOptions, origin: Origin) -> None:
    """Put what `ARCHIVE.json` beside the archive says over what the names say; nothing where there is none."""
    if not config.sidecar or uri_scheme(ref.uri) in ("http", "https"):
        return
    try:
        with open_stream(f"{ref.uri}.json", transport) as stream:
            stated = json.loads(stream.read(MAX_SIDECAR_BYTES))
    except (InputNotFound, TransportError, OSError, ValueError):
        return
    if isinstance(stated, dict):
        _apply(stated, origin)


def _apply(stated: Mapping[str, Any], origin: Origin) -> None:
    for name, keys in (("repository", ("full_name", "repository")), ("ref", ("ref",)), ("commit", ("commit", "sha"))):
        value = next((stated[key] for key in keys if isinstance(stated.get(key), str)), None)
        if value:
            setattr(origin, name, value)
    if isinstance(pushed := stated.get("pushed_at") or stated.get("date"), str) and origin.date is None:
        origin.date = pushed
    licence = stated.get("license")
    licence = licence.get("spdx_id") if isinstance(licence, dict) else licence
    if isinstance(licence, str) and licence not in ("", "NOASSERTION"):
        origin.license = licence
    for key, name in (("stargazers_count", "stars"), ("fork", "is_fork"), ("archived", "is_archived")):
        if isinstance(stated.get(key), int):
            origin.facts[name] = stated[key]


def commit_of_tar(head: bytes) -> str | None:
    """The commit in the global header that git archive puts first; `head` are the first bytes of a tar."""
    try:
        info = tarfile.TarInfo.frombuf(head[:512], "utf-8", "replace")
    except tarfile.HeaderError:
        return None
    if info.type != tarfile.XGLTYPE:
        return None
    found = _COMMIT.search(head[512 : 512 + min(info.size, 4096)].decode("utf-8", "replace"))
    return found[1] if found else None


def time_of_tar(head: bytes) -> str | None:
    """The time of the first entry with one, which git archive makes the commit's."""
    offset = 0
    for _ in range(2):  # the global header, the top folder
        try:
            info = tarfile.TarInfo.frombuf(head[offset : offset + 512], "utf-8", "replace")
        except tarfile.HeaderError:
            return None
        if info.mtime:
            return iso_time(float(info.mtime))
        offset += 512 + -(-info.size // 512) * 512
    return None


def iso_time(seconds: float) -> str | None:
    """ISO 8601 of a time since 1970; None for what no archive of a repository can be of."""
    if not 0 < seconds < 4e9:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
