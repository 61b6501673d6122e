"""Shards hold the planned tokens in one order, byte for byte, whatever the partitions, the cores and the failures."""

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from moto.server import ThreadedMotoServer
from pyspark.sql import DataFrame, SparkSession

from pipelines.errors import BooksDoNotBalance, RecipeError
from pipelines.mixture import Available, Plan, plan_mixture
from pipelines.recipe import MixtureConfig, MixtureShare, ShardConfig, TokenizerConfig
from pipelines.schemas import CATEGORIES, TOKENS
from pipelines.shards.index import blend_arguments, read_index
from pipelines.shards.order import shuffle_keys
from pipelines.spark.shard import count_available, place_tokens, plan_layout, write_shards
from pipelines.spark.shard_writer import ExpectedShard, MegatronWriter, ShardJob, WrittenShards
from pipelines.storage import Storage, open_storage
from tests.pipelines.shards.megatron_reader import read
from tests.pipelines.spark.shard_job import SEED, SHARDS, facts

END = 100_257
ROOT = Path(__file__).parents[3]


def token_rows() -> list[dict[str, object]]:
    """Documents of three categories, short and long."""
    rng = np.random.default_rng(5)
    rows = []
    for category, count in (("web", 60), ("synthetic", 7), ("acquired", 25)):
        for number in range(count):
            ids = rng.integers(0, 100_256, int(rng.integers(0, 700)))
            stream = np.append(ids, END).astype("<i4")
            doc_id = hashlib.md5(f"{category}{number}".encode()).hexdigest()
            rows.append({"doc_id": doc_id, "category": category, "num_tokens": len(stream), "tokens": stream.tobytes()})
    return rows


def available(rows: list[dict[str, object]]) -> dict[str, Available]:
    return {
        name: Available(
            sum(int(str(row["num_tokens"])) for row in rows if row["category"] == name),
            sum(row["category"] == name for row in rows),
        )
        for name in CATEGORIES
    }


@pytest.fixture(scope="module")
def rows() -> list[dict[str, object]]:
    return token_rows()


@pytest.fixture(scope="module")
def plan(rows: list[dict[str, object]]) -> Plan:
    """Web in part, synthetic several times and a part, acquired exactly twice, nothing else."""
    have = available(rows)
    wanted = {"web": have["web"].tokens // 2, "synthetic": have["synthetic"].tokens * 7 // 2}
    wanted["acquired"] = have["acquired"].tokens * 2
    total = sum(wanted.values())
    shares = {
        name: MixtureShare(share=wanted.get(name, 0) / total, max_epochs=20 if name != "acquired" else 2)
        for name in CATEGORIES
    }
    return plan_mixture(have, MixtureConfig(total_tokens=total, **shares))


@pytest.fixture(scope="module")
def tokens_path(rows: list[dict[str, object]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tokens")
    table = pa.Table.from_pylist(rows, TOKENS)
    for part, start in enumerate(range(0, len(rows), 40)):
        pq.write_table(table.slice(start, 40), folder / f"part-{part:05d}.parquet")
    return folder


@pytest.fixture(scope="module")
def tokens(spark: SparkSession, tokens_path: Path) -> DataFrame:
    return spark.read.parquet(str(tokens_path))


def write(tokens: DataFrame, plan: Plan, folder: Path) -> None:
    write_shards(tokens, plan, open_storage(str(folder)), config=SHARDS, tokenizer=TokenizerConfig(), seed=SEED)


def digests(folder: Path) -> dict[str, str]:
    """sha256 of every file, hidden ones too, by its path in the folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def shards(tokens: DataFrame, plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shards") / "attempt"
    write(tokens, plan, folder)
    return folder


def in_order(rows: list[dict[str, object]], plan: Plan, category: str) -> list[tuple[int, str, bytes]]:
    """epoch, doc_id and tokens of all that a category is to have, by sorting every pass whole."""
    members = {str(row["doc_id"]): bytes(row["tokens"]) for row in rows if row["category"] == category}  # type: ignore[call-overload]
    result: list[tuple[int, str, bytes]] = []
    written, planned = 0, plan.by_category()[category].planned_tokens
    for epoch in range(plan.by_category()[category].num_passes):
        ids = list(members)
        for _key, doc_id in sorted(zip(shuffle_keys(SEED, category, epoch, ids).tolist(), ids, strict=True)):
            if written < planned:
                result.append((epoch, doc_id, members[doc_id]))
                written += len(members[doc_id]) // 4
    return result


@pytest.mark.spark
def test_every_token_is_where_a_full_sort_puts_it(shards: Path, rows: list[dict[str, object]], plan: Plan) -> None:
    index = read_index(open_storage(str(shards)))
    for category in index.categories:
        expected = in_order(rows, plan, category.category)
        found = []
        for shard in category.shards:
            sequences = read(shards / shard.name).sequences
            lineage = pq.read_table(shards / f"{shard.name}.parquet").to_pylist()
            assert [row["sequence"] for row in lineage] == list(range(len(sequences)))
            ends = np.cumsum([len(sequence) for sequence in sequences])
            assert [row["token_offset"] + row["num_tokens"] for row in lineage] == ends.tolist()
            found += [
                (row["epoch"], row["doc_id"], sequence.tobytes())
                for row, sequence in zip(lineage, sequences, strict=True)
            ]
        assert found == expected
    assert len([category for category in index.categories if category.shards]) == 3


@pytest.mark.spark
def test_each_category_has_its_planned_tokens_to_within_one_document(shards: Path, plan: Plan) -> None:
    index = read_index(open_storage(str(shards)))
    for facts_, planned in zip(index.categories, plan.categories, strict=True):
        assert facts_.planned_tokens == planned.planned_tokens <= facts_.tokens < planned.planned_tokens + 701
        if not planned.remainder_tokens:
            assert facts_.tokens == planned.planned_tokens
    assert index.tokens == sum(shard.tokens for shard in index.shards())
    assert {category.category: category.tokens for category in index.categories}["web_rewrites"] == 0


@pytest.mark.spark
def test_the_index_states_size_and_sha256_of_every_file_and_there_are_no_others(shards: Path) -> None:
    index = read_index(open_storage(str(shards)))
    stated = {}
    for shard in index.shards():
        for suffix, file in (("bin", shard.bin), ("idx", shard.idx), ("parquet", shard.parquet)):
            stated[f"{shard.name}.{suffix}"] = file.sha256
            assert (shards / f"{shard.name}.{suffix}").stat().st_size == file.bytes
    assert digests(shards) == stated | {
        name: hashlib.sha256((shards / name).read_bytes()).hexdigest() for name in ("index.json", "blend.txt")
    }
    assert not [path for path in shards.iterdir() if path.name.startswith(".")]


@pytest.mark.spark
def test_blend_prefixes_are_shards_and_weights_their_tokens(shards: Path) -> None:
    parts = blend_arguments(open_storage(str(shards))).split()
    weights, prefixes = [int(weight) for weight in parts[::2]], parts[1::2]
    assert weights == [sum(len(sequence) for sequence in read(Path(prefix)).sequences) for prefix in prefixes]
    relative = (shards / "blend.txt").read_text().split()
    assert [str(shards / prefix) for prefix in relative[1::2]] == prefixes


@pytest.mark.spark
@pytest.mark.parametrize("partitions", [1, 3, 17])
def test_partitions_do_not_change_a_byte(
    partitions: int, tokens: DataFrame, plan: Plan, shards: Path, tmp_path: Path
) -> None:
    write(tokens.repartition(partitions), plan, tmp_path / "shards")
    assert digests(tmp_path / "shards") == digests(shards)


def run_job(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.pipelines.spark.shard_job", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.spark
def test_one_core_and_a_task_that_fails_once_do_not_change_a_byte(
    tokens_path: Path, plan: Plan, shards: Path, tmp_path: Path
) -> None:
    (tmp_path / "plan.json").write_text(plan.to_json())
    arguments = (tokens_path, tmp_path / "plan.json", tmp_path / "shards", tmp_path / "failed")
    done = run_job("local[1,3]", *arguments)
    assert done.returncode == 0, done.stderr
    assert int((tmp_path / "failed").read_text()) > 0  # it had begun to write
    assert digests(tmp_path / "shards") == digests(shards)


@pytest.mark.spark
def test_a_task_that_may_not_fail_again_leaves_nothing(tokens_path: Path, plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(plan.to_json())
    arguments = (tokens_path, tmp_path / "plan.json", tmp_path / "shards", tmp_path / "failed")
    done = run_job("local[2,1]", *arguments)
    assert done.returncode != 0
    assert "this task fails once" in done.stderr
    assert digests(tmp_path / "shards") == {}


@pytest.mark.spark
def test_a_plan_of_nothing_is_a_valid_folder_that_says_so(tokens: DataFrame, tmp_path: Path) -> None:
    empty = plan_mixture({}, MixtureConfig())
    storage = open_storage(str(tmp_path))
    index = write_shards(tokens.limit(0), empty, storage, config=SHARDS, tokenizer=TokenizerConfig(), seed=0)
    assert index.shards() == ()
    assert index.note == (
        "no shards: no tokens are planned. mixture: nothing will be written: no category has documents"
    )
    assert read_index(storage) == index
    assert blend_arguments(storage) == ""


@pytest.mark.spark
def test_a_folder_that_has_shards_is_refused_and_kept(tokens: DataFrame, plan: Plan, shards: Path) -> None:
    before = digests(shards)
    with pytest.raises(RecipeError, match="already holds shards"):
        write(tokens, plan, shards)
    assert digests(shards) == before


@pytest.mark.spark
def test_counts_of_what_is_available_are_exact(tokens: DataFrame, rows: list[dict[str, object]]) -> None:
    assert count_available(tokens) == {name: have for name, have in available(rows).items() if have.documents}


@pytest.mark.spark
def test_each_shard_is_one_partition(tokens: DataFrame, plan: Plan) -> None:
    layout = plan_layout(tokens, plan, ShardConfig(tokens_per_shard=2000), SEED)
    partitions = place_tokens(tokens, layout).select("shard").rdd.glom().collect()
    assert [{row.shard for row in partition} for partition in partitions] == [{n} for n in range(len(layout.shards))]


def job(target: Storage) -> ShardJob:
    """Two shards of web: two documents of three tokens, one of two."""
    expected = (
        ExpectedShard(name="web/web-00000", tokens=6, documents=2),
        ExpectedShard(name="web/web-00001", tokens=2, documents=1),
    )
    return ShardJob(target=target.uri, seed=0, tokenizer=facts(), planned_tokens={"web": 8}, shards={"web": expected})


def batch(shard: int, *documents: list[int]) -> pa.RecordBatch:
    return pa.record_batch(
        {
            "shard": pa.array([shard] * len(documents), pa.int32()),
            "epoch": pa.array([0] * len(documents), pa.int32()),
            "doc_id": pa.array(["d"] * len(documents)),
            "num_tokens": pa.array([len(ids) for ids in documents], pa.int64()),
            "tokens": pa.array([np.array(ids, "<i4").tobytes() for ids in documents], pa.binary()),
        }
    )


FIRST = batch(0, [1, 2, END], [3, 4, END])
SECOND = batch(1, [5, END])


@pytest.fixture(params=["local", "s3"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    """An empty folder, on the disk and on an object store."""
    if request.param == "local":
        yield open_storage(str(tmp_path / "shards"))
        return
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        bucket = tmp_path.name.replace("_", "-").lower().strip("-")  # the server keeps its buckets for the process
        boto3.client("s3").create_bucket(Bucket=bucket)
        yield open_storage(f"s3://{bucket}/run/shards")
    server.stop()


def files(target: Storage) -> list[str]:
    """Every file, hidden ones too."""
    return [name for name in target.list(recursive=True) if "." in name.rpartition("/")[2]]


WHOLE = ["blend.txt", "index.json"] + [f"web/web-0000{n}.{s}" for n in (0, 1) for s in ("bin", "idx", "parquet")]


def test_only_the_attempts_that_count_become_visible(target: Storage) -> None:
    writer = MegatronWriter(job(target))
    lost = writer.write(iter([FIRST, SECOND]))
    with pytest.raises(BooksDoNotBalance):  # an attempt that dies after its first shard
        writer.write(iter([FIRST, batch(1, [5, 6])]))
    messages = [writer.write(iter([FIRST])), writer.write(iter([])), writer.write(iter([SECOND]))]
    assert not [name for name in files(target) if not name.startswith(".staging-")]
    assert lost.shards == messages[0].shards + messages[2].shards
    writer.commit(messages)
    assert files(target) == WHOLE
    assert target.read_bytes("web/web-00000.bin") == np.array([1, 2, END, 3, 4, END], "<i4").tobytes()
    assert target.read_bytes("blend.txt") == b"6 web/web-00000\n2 web/web-00001\n"
    assert [shard.sha256 for shard in (read_index(target).shards()[0].bin,)] == [
        hashlib.sha256(target.read_bytes("web/web-00000.bin")).hexdigest()
    ]


def test_abort_deletes_everything(target: Storage) -> None:
    writer = MegatronWriter(job(target))
    message = writer.write(iter([FIRST]))
    target.move(f"{message.attempt}/web/web-00000.bin", "web/web-00000.bin")  # a commit that died half-way
    writer.abort([message, None])
    assert files(target) == []


@pytest.mark.parametrize(
    ("batches", "cause"),
    [
        ([[FIRST], [FIRST, SECOND]], "written by two tasks"),
        ([[FIRST]], "web/web-00001: a shard of 2 tokens in 1 documents was laid out, and no such one was written"),
        ([[FIRST], [batch(1, [5, 6, END])]], "web/web-00001: a shard of 2 tokens in 1 documents was laid out"),
    ],
)
def test_shards_that_are_not_those_laid_out_are_never_visible(
    batches: list[list[pa.RecordBatch]], cause: str, tmp_path: Path
) -> None:
    target = open_storage(str(tmp_path))
    writer = MegatronWriter(job(target))
    messages: list[WrittenShards] = [writer.write(iter(some)) for some in batches]
    with pytest.raises(BooksDoNotBalance, match=cause):
        writer.commit(messages)
    assert not [name for name in files(target) if not name.startswith(".staging-")]
