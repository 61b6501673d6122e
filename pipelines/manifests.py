"""Manifests: what makes a dataset exist, what it was made from, and whether its stage must run again.

A stage writes its parts under a fresh attempt folder, and its manifest last; a dataset without a manifest does not
exist, and readers follow the manifest only. So what a killed run left behind is never read, and a stage whose
manifest has the same key is not run again.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import pyarrow.parquet as pq
from pydantic import Field

from pipelines.errors import MissingDataset
from pipelines.recipe import config_digest
from pipelines.source_config import Config
from pipelines.storage import Storage

MANIFEST = "manifest.json"
FORMAT = 1
"""Version of the manifest's own layout; an older one is never reused."""


class Part(Config):
    """One file of a dataset."""

    name: str
    rows: int
    bytes: int


class Manifest(Config):
    """A committed dataset."""

    format: int = FORMAT
    dataset: str
    key: str
    """Digest of the config, the inputs' digests and the code: what the bytes depend on."""
    attempt: str
    """Folder of the parts, beside the manifest."""
    config: dict[str, Any]
    inputs: dict[str, str]
    """Name of each input dataset and the sha256 of its manifest."""
    code: str
    """Digest of the source files that make the dataset."""
    parts: tuple[Part, ...]
    rows: int
    bytes: int
    counts: dict[str, Any] = Field(default_factory=dict)
    """Books of the stage: records in, kept, dropped by rule, failed by error, as far as the stage knows them."""
    started: str
    """UTC, ISO 8601."""
    seconds: float


class Dataset:
    """A committed dataset: its manifest and where its parts are."""

    def __init__(self, storage: Storage, manifest: Manifest, digest: str) -> None:
        self.manifest = manifest
        self.digest = digest
        self.parts = storage.child(manifest.attempt)

    def part_paths(self) -> list[str]:
        """Paths of the parts inside `parts.fs`, in manifest order."""
        return [self.parts.path(part.name) for part in self.manifest.parts]


def read_dataset(run: Storage, name: str) -> Dataset | None:
    """The committed dataset of a run, or None when it has no manifest."""
    storage = run.child(name)
    if not storage.exists(MANIFEST):
        return None
    content = storage.read_bytes(MANIFEST)
    return Dataset(storage, Manifest.model_validate_json(content), hashlib.sha256(content).hexdigest())


def require_dataset(run: Storage, name: str) -> Dataset:
    """Like `read_dataset`; raises MissingDataset, which says how to make it."""
    dataset = read_dataset(run, name)
    if dataset is None:
        raise MissingDataset(f"{run.uri} has no {name!r} dataset; make it with: gristmill {_STAGE_OF.get(name, name)}")
    return dataset


_STAGE_OF = {
    "documents": "ingest",
    "signals": "measure",
    "duplicates": "dedup",
    "decisions": "judge",
    "tokens": "tokenize",
    "shards": "shard",
}


def stage_key(dataset: str, config: Mapping[str, Any], inputs: Mapping[str, str], code: str) -> str:
    return config_digest(
        {"format": FORMAT, "dataset": dataset, "config": dict(config), "inputs": dict(inputs), "code": code}
    )


def new_attempt() -> str:
    """A folder name no other attempt has, so that a stray task of a killed run can't write into this one's."""
    return f"attempt-{secrets.token_hex(6)}"


def commit(run: Storage, manifest: Manifest) -> Dataset:
    """Write the manifest, which swaps the attempt in, and delete the attempts it replaces."""
    storage = run.child(manifest.dataset)
    storage.write_bytes(MANIFEST, (manifest.model_dump_json(indent=1) + "\n").encode())
    for name in storage.list():
        if name.startswith("attempt-") and name != manifest.attempt:
            storage.delete(name)
    dataset = read_dataset(run, manifest.dataset)
    assert dataset is not None
    return dataset


def parquet_parts(attempt: Storage) -> tuple[Part, ...]:
    """Name, rows and bytes of each Parquet file of an attempt, by name; empty files are left out."""
    parts = []
    for name in attempt.list():
        if name.endswith(".parquet"):
            with attempt.open_input(name) as stream:
                rows = pq.ParquetFile(stream).metadata.num_rows
            if rows:
                parts.append(Part(name=name, rows=rows, bytes=attempt.size_bytes(name)))
    return tuple(parts)


@cache
def code_digest(modules: tuple[str, ...]) -> str:
    """Digest of the source and data files of some packages and modules, by name (`extractors`, `pipelines.minhash`)."""
    digest = hashlib.sha256()
    for module in modules:
        package, *names = module.split(".")
        node = resources.files(package).joinpath(*names)
        if not node.is_dir():
            node = resources.files(package).joinpath(*names[:-1], names[-1] + ".py")
        for path, content in sorted(_files(module, node)):
            digest.update(path.encode() + b"\0" + hashlib.sha256(content).digest())
    return digest.hexdigest()[:16]


def _files(path: str, node: Traversable) -> Iterable[tuple[str, bytes]]:
    if node.is_file():
        yield path, node.read_bytes()
        return
    for child in node.iterdir():
        if child.name != "__pycache__" and not child.name.startswith("."):
            yield from _files(f"{path}/{child.name}", child)
