"""Source trees as material: fetched by name from registries, or what is installed here, in the codeload layout."""

from __future__ import annotations

import gzip
import hashlib
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

from tests.bench.debian import Apt

SDISTS = "click==8.1.7 markdown==3.6 ipywidgets==8.1.3"
NPM = "express@4.19.2 chalk@5.3.0 date-fns@3.6.0"
OTHER_VERSIONS = (
    "click==8.1.6 click==8.1.7 markdown==3.5 markdown==3.6",
    "express@4.18.2 express@4.19.2 chalk@5.2.0 chalk@5.3.0",
)
VERSIONS = "jq htop lz4 flask requests tqdm rake node-express rust-regex re2 tinyxml2 yojson"
"""Packages whose versions in two Debian releases are compared."""
RELEASES = ("bookworm", "trixie")
TARBALL = re.compile(r"\.orig\.tar\.(gz|bz2|xz)$|\.(tgz|tar\.gz)$")
INSTALLED = "jinja2 pygments click pydantic datatrove fsspec huggingface_hub scikit-learn"
"""Distributions of the development environment, or those of them that are there; most of it Python."""
_BUILT = re.compile(r"\.(?:so|pyd|pyc|dylib)$|(?:^|/)(?:bin|RECORD)(?:/|$)|\.\./")


class Release(Apt):
    """The same private apt over another Debian release."""

    def __init__(self, cache: Path, name: str) -> None:
        super().__init__(cache)
        (cache / "etc" / "sources.list").write_text(f"deb-src http://deb.debian.org/debian {name} main\n")


def fetch_debian(cache: Path, release: str, packages: Iterable[str]) -> Iterator[tuple[str, Path]]:
    """`owner/name`, and the upstream tarball, of each package that is to be had."""
    folder = cache if release == RELEASES[0] else cache / release
    folder.mkdir(parents=True, exist_ok=True)
    apt = Release(folder, release)
    if not apt.update():
        return
    for package in packages:
        for path in apt.fetch(package):
            if TARBALL.search(path.name) and ".debian." not in path.name:
                yield f"{release}/{package}", path


def fetch_others(cache: Path, sdists: str, npm: str) -> Iterator[tuple[str, Path]]:
    """Source distributions (`name==version`) and npm packages (`name@version`)."""
    clients = (
        ("pypi", sdists, [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:"]),
        ("npm", npm, ["npm", "pack", "--silent"]),
    )
    for owner, names, command in clients:
        folder = cache / owner
        folder.mkdir(parents=True, exist_ok=True)
        for name in names.split():
            stem, version = re.split(r"==|(?<=.)@", name)
            if not _named(folder, stem, version):
                try:
                    subprocess.run([*command, name], cwd=folder, capture_output=True, timeout=120, check=False)
                except (OSError, subprocess.TimeoutExpired) as error:
                    print(f"{owner}: {name} not fetched: {error}", file=sys.stderr)
            yield from (
                (f"{owner}/{stem}", path) for path in _named(folder, stem, version) if TARBALL.search(path.name)
            )


def _named(folder: Path, stem: str, version: str) -> list[Path]:
    return [path for path in sorted(folder.glob(f"*-{version}.*")) if path.name.lower().startswith(stem)]


def pack(name: str, source: Path, folder: Path) -> Path:
    """The tree in the codeload layout: `OWNER/REPO-REF.tar.gz`, a global header with a commit, all under REPO-REF/."""
    repository = name.partition("/")[2]
    version = re.sub(r"^.*?[_-](?=v?\d)", "", TARBALL.sub("", source.name)) or "main"
    path = folder / name.partition("/")[0] / f"{repository}-{version}.tar.gz"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    commit = hashlib.sha1(source.name.encode(), usedforsecurity=False).hexdigest()
    with (
        tarfile.open(source) as old,
        gzip.GzipFile(path, "wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT, pax_headers={"comment": commit}) as new,
    ):
        for member in old:
            rest = member.name.removeprefix("./").partition("/")[2]
            if rest:
                member.name, member.pax_headers = f"{repository}-{version}/{rest}", {}
                new.addfile(member, old.extractfile(member) if member.isfile() else None)
    return path


def pack_installed(folder: Path) -> list[Path]:
    """The files of the installed distributions `INSTALLED`, without what was compiled, packed like fetched trees."""
    packed = []
    for name in INSTALLED.split():
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        source = folder / f"{name}-{found.version}.tar.gz"
        with tarfile.open(source, "w:gz") as archive:
            for file in sorted(found.files or (), key=str):
                path = Path(str(file.locate()))
                if not _BUILT.search(str(file)) and path.is_file():
                    inside = re.sub(r"^[^/]*\.dist-info/(?:licenses/)?", "", str(file))
                    archive.add(path, f"{name}-{found.version}/{inside}")
        packed.append(pack(f"installed/{name}", source, folder / "codeload"))
    return packed
