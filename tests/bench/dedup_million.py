"""A million synthetic documents through signatures, dedup and judge on two cores, with the memory it took.

    python -m tests.bench.dedup_million --documents 1000000

Figures go to stdout as JSON, progress to stderr. Duplicates are planted (`dedup_corpus`), so recall and precision are
measured against what is true, not against another program.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import mean
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from pipelines.minhash import MinHasher, exact_digest
from pipelines.recipe import DedupConfig, MinHashConfig, load_recipe
from pipelines.schemas import DUPLICATES
from pipelines.signals.schema import SIGNALS
from pipelines.signals.words import Vocabulary, tokenize
from pipelines.spark.components import connected_components
from pipelines.spark.dedup import find_duplicates
from pipelines.spark.judge import funnel, judge
from pipelines.storage import open_storage
from tests.bench.dedup_corpus import CHAIN, ERROR_PAGE, FAMILY, FIRST_PAIR, JACCARDS, Corpus
from tests.bench.resources import ResourceSampler

CORES: Final = 2
BATCH: Final = 2_000
PART_DOCUMENTS: Final = 20_000
SAMPLED_REMOVALS: Final = 20_000
PASSING: Final = {"gopher_alpha_word_ratio": 0.9, "line_end_punctuation_ratio": 0.8, "mean_word_length_chars": 5.0}
"""Signals whose rules set a lower limit."""

Figures = dict[str, Any]


def signals_batch(corpus: Corpus, numbers: range, part: str, seconds: Counter[str]) -> pa.RecordBatch:
    """Signals of some documents; columns that dedup does not need are random, so that judge has rules to evaluate."""
    start = time.perf_counter()
    texts = [corpus.text(number) for number in numbers]
    made = time.perf_counter()
    digests = digest_columns(texts)
    seconds["generate"] += made - start
    seconds["signatures"] += time.perf_counter() - made
    size = len(numbers)
    known: dict[str, Any] = {
        "doc_id": [corpus.doc_id(number) for number in numbers],
        "part": [part] * size,
        "row": list(numbers),
        "source": ["synthetic"] * size,
        "category": ["web"] * size,
        "container": [part] * size,
        "num_records": [1] * size,
        **digests,
        "num_bytes": [len(text) for text in texts],
        "num_words": [text.count(" ") + 1 for text in texts],
    }
    rng = np.random.default_rng([corpus.seed, numbers.start])
    return pa.record_batch(
        [pa.array(known.get(field.name, _random(field, rng, size)), field.type) for field in SIGNALS], schema=SIGNALS
    )


def digest_columns(texts: Sequence[str]) -> dict[str, list[Any]]:
    """What dedup compares, for each text."""
    hasher, vocabulary = MinHasher(MinHashConfig()), Vocabulary()
    signatures = [hasher.signature(vocabulary.hashes(vocabulary.numbers(tokenize(text)))) for text in texts]
    return {
        "exact_digest": [exact_digest(text) for text in texts],
        "minhash_bands": [signature and signature.bands for signature in signatures],
        "minhash_sketch": [signature and signature.sketch for signature in signatures],
    }


def _random(field: pa.Field, rng: np.random.Generator, size: int) -> Any:
    if field.name in PASSING:
        return [PASSING[field.name]] * size
    if field.name == "language_score":  # three in ten fail here
        return 0.5 + rng.random(size) / 2
    if field.name in ("error", "error_detail", "skip_reason", "skip_value"):
        return [None] * size
    if pa.types.is_floating(field.type):
        return rng.random(size) * 0.02
    if pa.types.is_integer(field.type):
        return rng.integers(3, 2_000, size)
    if pa.types.is_boolean(field.type):
        return rng.random(size) < 0.001
    return ["en"] * size if pa.types.is_string(field.type) else [None] * size


def write_signals(spark: SparkSession, corpus: Corpus, folder: Path) -> Figures:
    """Generate and sign the whole corpus in Python workers that write the parts, as `measure` does."""
    folder.mkdir(parents=True)

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for part in batch.column(0).to_pylist():
                yield _write_part(corpus, part, folder)

    parts = -(-corpus.documents // PART_DOCUMENTS)
    begin = time.perf_counter()
    written = spark.range(0, parts, 1, parts).mapInArrow(run, "documents long, generate double, signatures double")
    rows = written.toArrow()
    (folder / "_SUCCESS").touch()
    totals = {name: round(pc.sum(rows[name]).as_py()) for name in ("generate", "signatures")}
    return {
        "signals_s": round(time.perf_counter() - begin, 1),
        "generate_core_s": totals["generate"],
        "signature_core_s": totals["signatures"],
    }


def _write_part(corpus: Corpus, part: int, folder: Path) -> pa.RecordBatch:
    seconds: Counter[str] = Counter()
    name = f"part-{part:05d}.parquet"
    end = min((part + 1) * PART_DOCUMENTS, corpus.documents)
    with pq.ParquetWriter(folder / name, SIGNALS, compression="zstd") as writer:
        for first in range(part * PART_DOCUMENTS, end, BATCH):
            writer.write_batch(signals_batch(corpus, range(first, min(first + BATCH, end)), name, seconds))
    counted = {"documents": end - part * PART_DOCUMENTS, **{k: seconds[k] for k in ("generate", "signatures")}}
    return pa.RecordBatch.from_pylist([counted])


def signature_rate(corpus: Corpus, documents: int = 4_000) -> Figures:
    """Cost of generating and of signing on one core, in this process."""
    seconds: Counter[str] = Counter()
    batch = signals_batch(corpus, range(documents), "part-0", seconds)
    size = sum(batch["num_bytes"].to_pylist())
    return {
        "document_bytes": round(size / documents),
        "generate_us": round(seconds["generate"] / documents * 1e6),
        "signature_us": round(seconds["signatures"] / documents * 1e6),
        "signature_mb_per_s_core": round(size / seconds["signatures"] / 1e6, 2),
    }


def timed_dedup(signals: DataFrame, folder: Path) -> Figures:
    begin = time.perf_counter()
    found = find_duplicates(signals, DedupConfig(), open_storage(str(folder / "work")))
    found.write.parquet(str(folder / "duplicates"))
    return {"dedup_s": round(time.perf_counter() - begin, 1)}


def star_rounds(spark: SparkSession, folder: Path) -> Figures:
    """The same edges by large-star/small-star, however small the graph is."""
    edges = spark.read.parquet(str(folder / "work/edges"))
    begin = time.perf_counter()
    found, rounds = connected_components(edges, open_storage(str(folder / "stars")), 30, max_local_edges=-1)
    components = found.select("component").distinct().count()
    seconds = round(time.perf_counter() - begin, 1)
    return {"edges": edges.count(), "star_rounds": rounds, "star_s": seconds, "components": components}


def timed_judge(signals: DataFrame, folder: Path, documents: int) -> Figures:
    duplicates = signals.sparkSession.read.parquet(str(folder / "duplicates"))
    rules = load_recipe("fineweb").rules
    begin = time.perf_counter()
    decided = judge(signals, duplicates, rules, DedupConfig(), open_storage(str(folder / "judging")))
    decided.write.parquet(str(folder / "decisions"))
    seconds = round(time.perf_counter() - begin, 1)
    decisions = signals.sparkSession.read.parquet(str(folder / "decisions"))
    totals = funnel(decisions, rules, documents)
    kept = decisions.filter("verdict = 'kept'").select(F.col("doc_id").alias("survivor"))
    lost = decisions.filter("survivor is not null").join(kept, "survivor", "left_anti").count()
    return {"judge_s": seconds, "rules": len(rules), "judged": totals["records"], "survivors_not_kept": lost}


def quality(corpus: Corpus, duplicates: pa.Table) -> Figures:
    """Recall by planted similarity, and the true similarity of what was removed to its survivor."""
    rows = {row["doc_id"]: row for row in duplicates.select(DUPLICATES.names).to_pylist()}
    number_of = {corpus.doc_id(number): number for number in range(corpus.documents)}
    place_of = {corpus.place(number): corpus.doc_id(number) for number in number_of.values()}
    survivor = {doc_id: row["survivor"] for doc_id, row in rows.items()}
    same: dict[str, list[bool]] = defaultdict(list)
    for family in range(corpus.documents // FAMILY):
        pairs = {f"{jaccard:.2f}": (FIRST_PAIR + 2 * i, FIRST_PAIR + 2 * i + 1) for i, jaccard in enumerate(JACCARDS)}
        for name, (left, right) in (pairs | {"exact": (0, 1), "chain": CHAIN[:2]}).items():
            a, b = place_of[family, left], place_of[family, right]
            same[name].append(survivor.get(a, a) == survivor.get(b, b))
        page = place_of[family, ERROR_PAGE]
        same["error page"].append(survivor.get(page, page) != page)
    near = [row for row in rows.values() if row["kind"] == "near"]
    sample = near[:: max(1, len(near) // SAMPLED_REMOVALS)]
    true = np.array([corpus.jaccard(number_of[row["doc_id"]], number_of[row["survivor"]]) for row in sample])
    error = true - np.array([row["similarity"] for row in sample])
    return {
        "kinds": dict(sorted(Counter(row["kind"] for row in rows.values()).items())),
        "largest_cluster": max(row["cluster_size"] for row in rows.values()),
        "recall": {name: round(mean(found), 4) for name, found in sorted(same.items(), reverse=True)},
        "removed_near_true_jaccard": {
            "mean": round(float(true.mean()), 4),
            "min": round(float(true.min()), 4),
            "at_least_0.75": round(float((true >= 0.745).mean()), 4),
            "at_least_0.65": round(float((true >= 0.645).mean()), 4),
            "estimate_error_sd": round(float(error.std()), 4),
        },
    }


def session(memory: str) -> SparkSession:
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master(f"local[{CORES}]").appName("dedup_million")
    settings = {
        "spark.driver.memory": memory,
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "16",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--documents", type=int, default=1_000_000, help="a multiple of 100")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--driver-memory", default="1g")
    parser.add_argument("--peers", type=int, default=5_000, help="documents for datatrove and datasketch; 0: leave out")
    parser.add_argument("--workdir", help="kept afterwards; signals found there are used again")
    arguments = parser.parse_args()
    corpus = Corpus(arguments.documents, arguments.seed)
    folder = Path(arguments.workdir or tempfile.mkdtemp(prefix="gristmill-dedup-"))
    figures: Figures = {"documents": corpus.documents, "cores": CORES, "driver_memory": arguments.driver_memory}

    def say(stage: str, found: Figures) -> None:
        figures.update(found)
        print(f"{stage}: {json.dumps(found)}", file=sys.stderr, flush=True)

    def watch(stage: str, run: Callable[[], Figures]) -> None:
        with ResourceSampler(os.getpid()) as taken:
            found = run()
        peaks = {kind: size >> 20 for kind, size in taken.peak_bytes.items()}
        say(stage, found | {f"{stage}_cpu_s": round(taken.cpu_s, 1), f"{stage}_peak_mb": peaks})

    say("signatures on one core", signature_rate(corpus))
    spark = session(arguments.driver_memory)
    if not (folder / "signals/_SUCCESS").exists():
        watch("signals", lambda: write_signals(spark, corpus, folder / "signals"))
    for name in ("work", "stars", "duplicates", "judging", "decisions"):
        shutil.rmtree(folder / name, ignore_errors=True)
    signals = spark.read.parquet(str(folder / "signals"))
    watch("dedup", lambda: timed_dedup(signals, folder))
    watch("star", lambda: star_rounds(spark, folder))
    watch("judge", lambda: timed_judge(signals, folder, corpus.documents))
    duplicates = spark.read.parquet(str(folder / "duplicates")).toArrow()
    spark.stop()
    say("quality", quality(corpus, duplicates))
    if arguments.peers:
        from tests.bench.dedup_peers import compare

        say("peers", {"peers": compare(Corpus(arguments.peers, arguments.seed))})
    print(json.dumps(figures, indent=2))
    if not arguments.workdir:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
