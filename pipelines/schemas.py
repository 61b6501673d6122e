"""Arrow schemas of every dataset of a run, and the one place where column names are spelled.

Rows of `documents`, `signals` and `decisions` stand for input records: `num_records` says how many. A document, a
failed record and a record skipped for a cause of its own are one row with `num_records` = 1; records skipped for the
same cause in the same container are one row with their count. The sum over a container is the number of records read
from it, and each stage must keep that sum.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

CATEGORIES: Final = ("web", "web_rewrites", "synthetic", "code", "acquired")
"""The five categories of the phi-4 mixture (arXiv 2412.08905, table 5), in its order."""

SOURCES: Final = (
    "commoncrawl",
    "arxiv",
    "pmc",
    "github",
    "wikipedia",
    "stackexchange",
    "books",
    "synthetic",
    "records",
)

DOCUMENTS: Final = pa.schema(
    [
        pa.field("doc_id", pa.string(), nullable=False),  # 32 hex digits: xxh3-128 of source and locator
        pa.field("source", pa.string(), nullable=False),
        pa.field("category", pa.string(), nullable=False),
        pa.field("url", pa.string()),
        pa.field("container", pa.string(), nullable=False),  # dump file (or file!member), path independent
        pa.field("offset", pa.int64()),  # bytes into the container as stored; null when it has no offset
        pa.field("length", pa.int64()),  # bytes of the record as stored
        pa.field("date", pa.string()),  # ISO 8601, as precise as the source states
        pa.field("license", pa.string()),  # SPDX id or licence URL, as stated
        pa.field("title", pa.string()),
        pa.field("text", pa.string()),  # null: not a document (skipped or failed)
        pa.field("media_type", pa.string()),
        pa.field("skip_reason", pa.string()),  # why the reader passed the record over: `ingest.` + this is its rule
        pa.field("skip_value", pa.string()),
        pa.field("error", pa.string()),  # stable code of the cause
        pa.field("error_detail", pa.string()),
        pa.field("num_records", pa.int64(), nullable=False),
        pa.field("metadata", pa.string()),  # JSON object for what only one source has
    ]
)

CONTAINER_END: Final = "container_end"
"""`skip_reason` of the closing row of each container: `num_records` = 0, `skip_value` = the records the reader saw.

It proves that the container was read to its end, and is what the books are balanced against.
"""

IDENTITY: Final = (
    pa.field("doc_id", pa.string(), nullable=False),
    pa.field("part", pa.string(), nullable=False),  # file name of the documents part that holds the row
    pa.field("row", pa.int32(), nullable=False),  # row in that part
    pa.field("source", pa.string(), nullable=False),
    pa.field("category", pa.string(), nullable=False),
    pa.field("container", pa.string(), nullable=False),
    pa.field("num_records", pa.int64(), nullable=False),
)
"""Columns that `signals` and `decisions` share with `documents`, and where its row lies there."""

SIGNALS_OUTCOME: Final = (
    pa.field("skip_reason", pa.string()),
    pa.field("skip_value", pa.string()),
    pa.field("error", pa.string()),  # from documents, or the cause why this document could not be measured
    pa.field("error_detail", pa.string()),
)

EXACT_DIGEST: Final = pa.field("exact_digest", pa.binary())  # 128 bits, of the normalised text; null without text
MINHASH_BANDS: Final = pa.field("minhash_bands", pa.list_(pa.binary()))  # one 128-bit digest a band; null: none
MINHASH_SKETCH: Final = pa.field("minhash_sketch", pa.binary())  # low 16 bits of each of the minima, little-endian

DUPLICATES: Final = pa.schema(
    [
        pa.field("doc_id", pa.string(), nullable=False),
        pa.field("cluster", pa.string(), nullable=False),  # smallest doc_id of the connected component
        pa.field("cluster_size", pa.int64(), nullable=False),
        pa.field("survivor", pa.string(), nullable=False),  # the document that stands for this one; itself if it stays
        pa.field("kind", pa.string(), nullable=False),  # survivor, exact, near, unverified
        pa.field("similarity", pa.float64()),  # estimated Jaccard to the survivor; 1.0 for exact
    ]
)
"""Every document that shares a component with another one; documents without duplicates are not listed."""

KEPT: Final = "kept"
DROPPED: Final = "dropped"
FAILED: Final = "failed"
VERDICTS: Final = (KEPT, DROPPED, FAILED)

DECISIONS: Final = pa.schema(
    [
        *IDENTITY,
        pa.field("verdict", pa.string(), nullable=False),
        pa.field("rule", pa.string()),  # first rule that dropped it, or the error code of a failure; null when kept
        pa.field("value", pa.string()),  # what was measured
        pa.field("limit", pa.string()),  # what the rule allows
        pa.field("survivor", pa.string()),  # for a duplicate: the kept document that stands for it
        pa.field("failed_rules", pa.list_(pa.string())),  # every rule that would have dropped it, in recipe order
    ]
)

TOKENS: Final = pa.schema(
    [
        pa.field("doc_id", pa.string(), nullable=False),
        pa.field("category", pa.string(), nullable=False),
        pa.field("num_tokens", pa.int64(), nullable=False),  # end-of-document token included
        pa.field("tokens", pa.binary(), nullable=False),  # little-endian int32, as they go into `.bin`
    ]
)

LINEAGE: Final = pa.schema(
    [
        pa.field("sequence", pa.int64(), nullable=False),  # index in the shard
        pa.field("token_offset", pa.int64(), nullable=False),  # tokens before it in the shard
        pa.field("num_tokens", pa.int64(), nullable=False),
        pa.field("doc_id", pa.string(), nullable=False),
        pa.field("epoch", pa.int32(), nullable=False),
    ]
)
"""Beside each shard: which document each sequence is."""
