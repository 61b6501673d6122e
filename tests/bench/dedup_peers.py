"""datatrove's and datasketch's MinHash LSH on the documents of `dedup_corpus`, beside ours, in one process.

All three: word 5-grams, 14 bands of 8 hashes (datasketch: of 32 bits), one process. The peers join all documents that
are connected; ours verifies each against the one that stays, so the pairs compared are those before that.
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
from pipelines.signals.schema import SIGNALS
from tests.bench.dedup_corpus import FAMILY, FIRST_PAIR, JACCARDS, Corpus
from tests.bench.dedup_million import digest_columns

BANDS, ROWS, NGRAM_WORDS = 14, 8, 5
Clusters = Mapping[str, int]


def compare(corpus: Corpus) -> dict[str, Any]:
    """Processor seconds of each, text to clusters, recall by planted similarity, and how far their pairs agree."""
    ids = [corpus.doc_id(number) for number in range(corpus.documents)]
    texts = [corpus.text(number) for number in range(corpus.documents)]
    runs: dict[str, Callable[[], Clusters]] = {
        "gristmill": lambda: _gristmill(ids, texts),
        "datasketch": lambda: _datasketch(ids, texts),
        "datatrove": lambda: _datatrove(ids, texts),
    }
    seconds, clusters = {}, {}
    for name, run in runs.items():
        begin = time.process_time()
        clusters[name] = run()
        seconds[name] = time.process_time() - begin
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


def _gristmill(ids: list[str], texts: list[str]) -> Clusters:
    same = {"category": "web", "num_words": 0, "error": None, "skip_reason": None}
    columns = {name: pa.array([value] * len(ids), SIGNALS.field(name).type) for name, value in same.items()}
    digests = {name: pa.array(values, SIGNALS.field(name).type) for name, values in digest_columns(texts).items()}
    found = find_duplicates(pa.table({"doc_id": pa.array(ids), **columns, **digests}), DedupConfig(min_similarity=0))
    return _numbered(dict(zip(found["doc_id"].to_pylist(), found["cluster"].to_pylist(), strict=True)))


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
