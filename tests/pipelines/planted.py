"""Tables of signals whose duplicates are known, made without text: sketches drawn around a few topics."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import xxhash

from pipelines.schemas import (
    CATEGORIES,
    EXACT_DIGEST,
    IDENTITY,
    MINHASH_BANDS,
    MINHASH_SKETCH,
    SIGNALS_OUTCOME,
)

HASHES = 16
BANDS = 4
SIGNALS = pa.schema(
    [
        *IDENTITY,
        *SIGNALS_OUTCOME,
        pa.field("num_words", pa.int64()),
        pa.field("quality", pa.float64()),
        pa.field("language", pa.string()),
        pa.field("is_listed", pa.bool_()),
        EXACT_DIGEST,
        MINHASH_BANDS,
        MINHASH_SKETCH,
    ]
)


def document(doc_id: str, sketch: list[int] | None = None, **columns: Any) -> dict[str, Any]:
    """A row of `SIGNALS`; without a sketch the document has no shingles, and only `exact_digest` can match."""
    row: dict[str, Any] = dict.fromkeys(SIGNALS.names) | {
        "doc_id": doc_id,
        "part": "part-0",
        "row": 0,
        "source": "commoncrawl",
        "category": "web",
        "container": "a.warc.gz",
        "num_records": 1,
        "num_words": 100,
        "exact_digest": xxhash.xxh3_128_digest(doc_id),
    }
    return row | (signature(sketch) if sketch is not None else {}) | columns


def signature(sketch: list[int]) -> dict[str, Any]:
    """Digest, bands and sketch of a document, given the 16 minima that a sketch holds."""
    stored = np.array(sketch, "<u2").tobytes()
    width = len(stored) // BANDS
    bands = [xxhash.xxh3_128_digest(bytes([i]) + stored[i * width : (i + 1) * width]) for i in range(BANDS)]
    return {"exact_digest": xxhash.xxh3_128_digest(stored), "minhash_bands": bands, "minhash_sketch": stored}


def table(*rows: Mapping[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), SIGNALS)


def random_signals(count: int, seed: int, topics: int = 6) -> pa.Table:
    """Documents that vary a few topics: exact copies, near ones, chains, failures, skipped records, nulls and NaN."""
    rng = random.Random(seed)
    centres = [[rng.randrange(2**16) for _ in range(HASHES)] for _ in range(topics)]
    return table(*(_random_document(rng, rng.choice(centres), number) for number in range(count)))


def _random_document(rng: random.Random, centre: list[int], number: int) -> dict[str, Any]:
    sketch = list(centre)
    for _ in range(rng.randrange(8)):
        sketch[rng.randrange(HASHES)] = rng.randrange(4)
    row = document(
        f"{rng.getrandbits(128):032x}",
        sketch,
        part=f"part-{number % 3}",
        row=number // 3,
        category=rng.choice(CATEGORIES),
        num_words=rng.choice([None, 10, 20, 30]),
        quality=rng.choice([None, float("nan"), 0.1 + 0.2, 1 / 3, 0.5]),
        language=rng.choice([None, "de", "en"]),
        is_listed=rng.choice([None, False, True]),
    )
    if sum(sketch) % 10 == 0:  # equal texts have equal shingles, or none
        row |= {"minhash_bands": None, "minhash_sketch": None}
    if rng.random() < 0.1:
        row |= {"error": "TimeLimitExceeded", "error_detail": "x" * rng.randrange(300)}
    elif rng.random() < 0.1:
        row |= {"skip_reason": "not_html", "skip_value": "image/png", "num_records": 3, "exact_digest": None}
    return row
