"""`megatron`: the Spark data source that writes token shards, each whole or not at all.

A task writes its shards under a folder that no other attempt has, and tells the driver what is in them. When all tasks
are done the driver moves the files of exactly the attempts that Spark counts to their final names, and writes
`blend.txt` and `index.json`, which make the folder a dataset. What lost, failed or speculative attempts wrote is
deleted then, or by `abort`, and was never visible. On an object store a move is a copy, so a shard must be below its
limit for one copy (5 GB on S3).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Final

import numpy as np
import pyarrow as pa
from pyspark.sql.datasource import DataSource, DataSourceArrowWriter, WriterCommitMessage
from pyspark.sql.types import StructType

from pipelines.errors import BooksDoNotBalance
from pipelines.mixture import Plan
from pipelines.shards.index import SUFFIXES, CategoryFacts, ShardFacts, ShardIndex, TokenizerFacts, write_index
from pipelines.shards.megatron import token_dtype
from pipelines.shards.order import Layout
from pipelines.shards.shard_files import ShardFiles
from pipelines.source_config import Config
from pipelines.storage import Storage, open_storage

JOB_OPTION: Final = "job"
MOVES_AT_ONCE: Final = 32
"""A move of a shard on an object store takes as long as copying it, and waits for the store, not for this machine."""


class ExpectedShard(Config):
    """What the layout says a shard will hold."""

    name: str
    tokens: int
    documents: int


class ShardJob(Config):
    """All that the writer must know, as the option `job` carries it."""

    target: str
    """Address of the shards folder."""
    seed: int
    tokenizer: TokenizerFacts
    planned_tokens: dict[str, int]
    """By category."""
    shards: dict[str, tuple[ExpectedShard, ...]]
    """By category; a row's `shard` counts through all of them."""

    @classmethod
    def of(cls, target: Storage, plan: Plan, layout: Layout, tokenizer: TokenizerFacts) -> ShardJob:
        names = [category.category for category in plan.categories]
        return cls(
            target=target.uri,
            seed=layout.seed,
            tokenizer=tokenizer,
            planned_tokens={category.category: category.planned_tokens for category in plan.categories},
            shards={
                name: tuple(
                    ExpectedShard(name=shard.name, tokens=shard.tokens, documents=shard.documents)
                    for shard in layout.shards
                    if shard.category == name
                )
                for name in names
            },
        )

    def expected(self) -> list[ExpectedShard]:
        return [shard for shards in self.shards.values() for shard in shards]

    def index(self, written: dict[str, ShardFacts], note: str | None = None) -> ShardIndex:
        """The index of the whole folder."""
        categories = tuple(
            _category_facts(name, self.planned_tokens[name], tuple(written[shard.name] for shard in shards))
            for name, shards in self.shards.items()
        )
        return ShardIndex(
            dtype=token_dtype(self.tokenizer.padded_vocabulary),
            seed=self.seed,
            tokenizer=self.tokenizer,
            tokens=sum(category.tokens for category in categories),
            documents=sum(category.documents for category in categories),
            note=note,
            categories=categories,
        )


def _category_facts(name: str, planned_tokens: int, shards: tuple[ShardFacts, ...]) -> CategoryFacts:
    return CategoryFacts.model_validate(
        {
            "category": name,
            "planned_tokens": planned_tokens,
            "tokens": sum(shard.tokens for shard in shards),
            "documents": sum(shard.documents for shard in shards),
            "shards": shards,
        }
    )


@dataclass
class WrittenShards(WriterCommitMessage):
    """What one task attempt wrote."""

    attempt: str
    """Its folder, relative to the shards folder."""
    shards: list[ShardFacts]


class MegatronDataSource(DataSource):
    """Write-only: rows of `shard`, `epoch`, `doc_id`, `num_tokens` and `tokens`.

    The rows of a shard must all be in one partition, in the order they are to have.
    """

    @classmethod
    def name(cls) -> str:
        return "megatron"

    def writer(self, schema: StructType, overwrite: bool) -> MegatronWriter:  # noqa: ARG002 - Spark's signature
        return MegatronWriter(ShardJob.model_validate_json(self.options[JOB_OPTION]))


class MegatronWriter(DataSourceArrowWriter):
    """One write: `write` runs in each task, `commit` or `abort` once on the driver."""

    def __init__(self, job: ShardJob) -> None:
        self.job = job
        self.staging = f".staging-{secrets.token_hex(8)}"

    def write(self, iterator: Iterator[pa.RecordBatch]) -> WrittenShards:
        attempt = f"{self.staging}/{secrets.token_hex(8)}"
        folder = open_storage(self.job.target).child(attempt)
        expected = self.job.expected()
        written: list[ShardFacts] = []
        for number, runs in groupby(_runs(iterator), key=itemgetter(0)):
            with ShardFiles(folder, expected[number].name, self.job.tokenizer) as files:
                for _number, documents in runs:
                    files.append(documents)
                written.append(files.close())
        return WrittenShards(attempt, written)

    def commit(self, messages: Sequence[WriterCommitMessage | None]) -> None:
        """Raises BooksDoNotBalance, before anything becomes visible, unless each shard came once and as laid out."""
        folder = open_storage(self.job.target)
        done = [message for message in messages if isinstance(message, WrittenShards)]
        shards = [shard for message in done for shard in message.shards]
        _check(shards, self.job.expected())
        names = [
            (f"{message.attempt}/{shard.name}.{suffix}", f"{shard.name}.{suffix}")
            for message in done
            for shard in message.shards
            for suffix in SUFFIXES
        ]
        with ThreadPoolExecutor(MOVES_AT_ONCE) as pool:
            for move in [pool.submit(folder.move, *name) for name in names]:
                move.result()
        write_index(folder, self.job.index({shard.name: shard for shard in shards}))
        folder.delete(self.staging)

    def abort(self, messages: Sequence[WriterCommitMessage | None]) -> None:  # noqa: ARG002 - Spark's signature
        """Delete whatever any attempt wrote, and what a commit that failed half-way moved."""
        folder = open_storage(self.job.target)
        folder.delete(self.staging)
        for shard in self.job.expected():
            for suffix in SUFFIXES:
                folder.delete(f"{shard.name}.{suffix}")


def _runs(batches: Iterator[pa.RecordBatch]) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Consecutive rows of one shard, with its number."""
    for batch in batches:
        shard = batch.column("shard").to_numpy()
        bounds = [0, *(np.flatnonzero(np.diff(shard)) + 1), len(shard)]
        for start, end in pairwise(bounds):
            if end > start:
                yield int(shard[start]), batch.slice(start, end - start)


def _check(written: list[ShardFacts], expected: list[ExpectedShard]) -> None:
    found = sorted((shard.name, shard.tokens, shard.documents) for shard in written)
    wanted = sorted((shard.name, shard.tokens, shard.documents) for shard in expected)
    if found == wanted:
        return
    first = min(set(found) ^ set(wanted), default=None)
    if first is None:
        raise BooksDoNotBalance("a shard was written by two tasks: its rows were not all in one partition")
    there = "was written" if first in found else "was laid out"
    raise BooksDoNotBalance(
        f"{first[0]}: a shard of {first[1]:,} tokens in {first[2]:,} documents {there}, and no such one "
        f"{'was laid out' if first in found else 'was written'}; the tokens changed while they were read"
    )
