"""What a folder of shards holds: `index.json`, and the blend that Megatron takes.

The folder: `CATEGORY/CATEGORY-NNNNN.bin`, `.idx` and `.parquet` (lineage) for each shard, `blend.txt`, and
`index.json`, written last: a folder without it is not a dataset. `blend.txt` is `weight prefix` lines for
`--data-path $(cat blend.txt)` from inside the folder; a weight is the shard's exact number of tokens, so that the
normalised weights are the mixture's shares as written.
"""

from __future__ import annotations

from typing import Final, Literal

from pipelines.errors import MissingDataset
from pipelines.source_config import Category, Config
from pipelines.storage import Storage

INDEX: Final = "index.json"
BLEND: Final = "blend.txt"
SUFFIXES: Final = ("bin", "idx", "parquet")


class TokenizerFacts(Config):
    """What a reader of the token ids must know."""

    name: str
    digest: str
    """sha256 of the merges or the file (see `pipelines.tokenizers`)."""
    padded_vocabulary: int
    """Every id is below it."""
    end_of_document: int
    """Id that ends each document, and occurs nowhere else."""


class FileFacts(Config):
    bytes: int
    sha256: str


class ShardFacts(Config):
    """One shard; its files are `name` with the suffixes `.bin`, `.idx` and `.parquet`."""

    name: str
    """Path in the folder, without the suffix: the prefix Megatron takes."""
    tokens: int
    documents: int
    """Sequences; a document counts once for each pass it is in."""
    bin: FileFacts
    idx: FileFacts
    parquet: FileFacts


class CategoryFacts(Config):
    category: Category
    planned_tokens: int
    tokens: int
    """Written: planned, and less than one document more."""
    documents: int
    shards: tuple[ShardFacts, ...]


class ShardIndex(Config):
    """`index.json`."""

    format: Literal["megatron"] = "megatron"
    version: Literal[1] = 1
    dtype: Literal["int32", "uint16"]
    """Of the ids in `.bin`, little-endian."""
    seed: int
    """Of the global shuffle."""
    tokenizer: TokenizerFacts
    tokens: int
    documents: int
    note: str | None = None
    """Said when there are no shards, and why."""
    categories: tuple[CategoryFacts, ...]

    def shards(self) -> tuple[ShardFacts, ...]:
        """Of all categories, in their order."""
        return tuple(shard for category in self.categories for shard in category.shards)


def write_index(folder: Storage, index: ShardIndex) -> None:
    """Write `blend.txt` and then `index.json`, which makes the folder a dataset."""
    folder.write_bytes(BLEND, "".join(f"{shard.tokens} {shard.name}\n" for shard in index.shards()).encode())
    folder.write_bytes(INDEX, (index.model_dump_json(indent=1) + "\n").encode())


def read_index(folder: Storage) -> ShardIndex:
    """The index of a folder of shards; raises MissingDataset when it has none."""
    if not folder.exists(INDEX):
        raise MissingDataset(f"{folder.uri} has no {INDEX}; make the shards with: gristmill shard")
    return ShardIndex.model_validate_json(folder.read_bytes(INDEX))


def blend_arguments(folder: Storage) -> str:
    """The blend as one line with absolute prefixes, for `--data-path`; "" when there are no shards."""
    return " ".join(f"{shard.tokens} {folder.uri}/{shard.name}" for shard in read_index(folder).shards())
