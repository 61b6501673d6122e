"""The index and the blend name every shard with its exact tokens."""

from pathlib import Path

import pytest

from pipelines.errors import MissingDataset
from pipelines.shards.index import (
    CategoryFacts,
    FileFacts,
    ShardFacts,
    ShardIndex,
    TokenizerFacts,
    blend_arguments,
    read_index,
    write_index,
)
from pipelines.storage import open_storage

FILE = FileFacts(bytes=1, sha256="0" * 64)


def shard(name: str, tokens: int) -> ShardFacts:
    return ShardFacts(name=name, tokens=tokens, documents=1, bin=FILE, idx=FILE, parquet=FILE)


def index(**shards: tuple[ShardFacts, ...]) -> ShardIndex:
    return ShardIndex(
        dtype="int32",
        seed=1,
        tokenizer=TokenizerFacts(name="cl100k_base", digest="d", padded_vocabulary=100_352, end_of_document=100_257),
        tokens=0,
        documents=0,
        categories=tuple(
            CategoryFacts.model_validate(
                {"category": name, "planned_tokens": 0, "tokens": 0, "documents": 0, "shards": of_category}
            )
            for name, of_category in shards.items()
        ),
    )


def test_the_blend_has_a_weight_and_a_relative_prefix_for_each_shard(tmp_path: Path) -> None:
    folder = open_storage(str(tmp_path))
    written = index(web=(shard("web/web-00000", 1500), shard("web/web-00001", 7)), code=(shard("code/code-00000", 20),))
    write_index(folder, written)
    assert (tmp_path / "blend.txt").read_text() == "1500 web/web-00000\n7 web/web-00001\n20 code/code-00000\n"
    assert read_index(folder) == written


def test_blend_arguments_have_absolute_prefixes_on_one_line(tmp_path: Path) -> None:
    folder = open_storage(str(tmp_path))
    write_index(folder, index(web=(shard("web/web-00000", 1500),), code=(shard("code/code-00000", 20),)))
    assert blend_arguments(folder) == f"1500 {tmp_path}/web/web-00000 20 {tmp_path}/code/code-00000"


def test_a_folder_without_an_index_is_not_a_dataset(tmp_path: Path) -> None:
    with pytest.raises(MissingDataset, match="gristmill shard"):
        blend_arguments(open_storage(str(tmp_path)))


def test_an_index_without_shards_has_an_empty_blend(tmp_path: Path) -> None:
    folder = open_storage(str(tmp_path))
    write_index(folder, index(web=()))
    assert (tmp_path / "blend.txt").read_bytes() == b""
    assert blend_arguments(folder) == ""
