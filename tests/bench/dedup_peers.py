"""datatrove's and datasketch's MinHash LSH on the documents of `dedup_corpus`, beside ours, in one process.

All three: word 5-grams, 14 bands of 8, 64-bit hashes. The peers join every connected document; ours also verifies each
against the one that stays, so its clusters are taken before that (components) for the comparison of pairs.
"""

from __future__ import annotations

import itertools
import struct
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines.dedup import find_duplicates, union_find
from pipelines.recipe import DedupConfig
from tests.bench.dedup_corpus import FAMILY, FIRST_PAIR, JACCARDS, Corpus

BANDS, ROWS, NGRAM_WORDS = 14, 8, 5
Clusters = Mapping[str, int]


def compare(corpus: Corpus) -> dict[str, Any]:
    """Seconds and documents per second of each, recall by planted similarity, and how far their pairs agree."""
    ids = [corpus.doc_id(number) for number in range(corpus.documents)]
    texts = [corpus.text(number) for number in range(corpus.documents)]
    runs: dict[str, Callable[[], Clusters]] = {
        "gristmill": lambda: _gristmill(corpus),
        "datasketch": lambda: _datasketch(ids, texts),
        "datatrove": lambda: _datatrove(ids, texts),
    }
    seconds, clusters = {}, {}
    for name, run in runs.items():
        begin = time.perf_counter()
        clusters[name] = run()
        seconds[name] = time.perf_counter() - begin
    pairs = {name: _pairs(found) for name, found in clusters.items()}
    ours = pairs["gristmill"]
    return {
        "documents": corpus.documents,
        "seconds": {name: round(value, 2) for name, value in seconds.items()},
        "times_ours": {name: round(value / seconds["gristmill"], 1) for name, value in seconds.items()},
        "pairs": {name: len(found) for name, found in pairs.items()},
        "pairs_shared_with_ours": {name: len(found & ours) for name, found in pairs.items()},
        "recall": {name: _recall(corpus, found) for name, found in clusters.items()},
    }


def _gristmill(corpus: Corpus) -> Clusters:
    from collections import Counter

    from tests.bench.dedup_million import BATCH, signals_batch

    generating: Counter[str] = Counter()
    starts = range(0, corpus.documents, BATCH)
    batches = [
        signals_batch(corpus, range(first, min(first + BATCH, corpus.documents)), "part-0", generating)
        for first in starts
    ]
    found = find_duplicates(pa.Table.from_batches(batches), DedupConfig(min_similarity=0))
    numbers: dict[str, int] = {}
    return {
        row["doc_id"]: numbers.setdefault(row["cluster"], len(numbers))
        for row in found.select(["doc_id", "cluster"]).to_pylist()
    }


def _datasketch(ids: list[str], texts: list[str]) -> Clusters:
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(num_perm=BANDS * ROWS, params=(BANDS, ROWS))
    edges = []
    for doc_id, text in zip(ids, texts, strict=True):
        words = text.lower().replace(".", "").split()
        grams = {" ".join(words[i : i + NGRAM_WORDS]).encode() for i in range(len(words) - NGRAM_WORDS + 1)}
        minima = MinHash(num_perm=BANDS * ROWS, seed=1)
        minima.update_batch(grams)
        edges += [(doc_id, other) for other in index.query(minima)]
        index.insert(doc_id, minima)
    return _numbered(union_find(edges))


def _datatrove(ids: list[str], texts: list[str]) -> Clusters:
    from datatrove.data import Document
    from datatrove.pipeline.dedup.minhash import (
        MinhashConfig,
        MinhashDedupBuckets,
        MinhashDedupCluster,
        MinhashDedupSignature,
    )

    documents = [Document(text=text, id=doc_id) for doc_id, text in zip(ids, texts, strict=True)]
    config = MinhashConfig(n_grams=NGRAM_WORDS, num_buckets=BANDS, hashes_per_bucket=ROWS)
    with tempfile.TemporaryDirectory() as folder:
        signatures, buckets, clusters = (str(Path(folder) / name) for name in ("signatures", "buckets", "clusters"))
        MinhashDedupSignature(signatures, config=config).run(iter(documents))
        step = MinhashDedupBuckets(signatures, buckets, config=config)
        for bucket in range(BANDS):
            step.run(rank=bucket, world_size=BANDS)
        MinhashDedupCluster(buckets, clusters, config=config, save_cluster_id=True).run(iter(()), 0, 1)
        stored = (Path(clusters) / "000000.clusters").read_bytes()
    return {ids[place]: cluster for place, cluster in struct.iter_unpack("<2I", stored)}


def _numbered(roots: Mapping[str, str]) -> Clusters:
    numbers: dict[str, int] = {}
    return {member: numbers.setdefault(root, len(numbers)) for member, root in roots.items()}


def _pairs(clusters: Clusters) -> set[tuple[str, str]]:
    members: dict[int, list[str]] = defaultdict(list)
    for doc_id, cluster in sorted(clusters.items()):
        members[cluster].append(doc_id)
    return set(itertools.chain.from_iterable(itertools.combinations(group, 2) for group in members.values()))


def _recall(corpus: Corpus, clusters: Clusters) -> dict[str, float]:
    place_of = {corpus.place(number): corpus.doc_id(number) for number in range(corpus.documents)}

    def found(roles: Iterable[int]) -> float:
        left, right = roles
        hits = 0
        for family in range(corpus.documents // FAMILY):
            a, b = place_of[family, left], place_of[family, right]
            hits += a in clusters and clusters[a] == clusters.get(b)
        return round(hits * FAMILY / corpus.documents, 3)

    levels = {f"{jaccard:.2f}": (FIRST_PAIR + 2 * i, FIRST_PAIR + 2 * i + 1) for i, jaccard in enumerate(JACCARDS)}
    return {name: found(roles) for name, roles in (levels | {"exact": (0, 1)}).items()}
