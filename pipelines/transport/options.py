"""How dumps are reached: retries, credentials, and the base that relative listings are resolved against."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pipelines.source_config import Config


class RetryPolicy(Config):
    """Exponential backoff with full jitter, for one position in one object."""

    max_attempts: Annotated[int, Field(ge=1)] = 8
    """Attempts, inclusive, without `progress_bytes` between them, after which the read fails."""
    base_s: Annotated[float, Field(ge=0)] = 0.5
    """Longest wait before the second attempt; it doubles with each further one. The wait is uniform below that."""
    cap_s: Annotated[float, Field(ge=0)] = 60.0
    """Longest wait; a `Retry-After` of the server is honoured up to five times this."""
    connect_timeout_s: Annotated[float, Field(gt=0)] = 10.0
    read_timeout_s: Annotated[float, Field(gt=0)] = 60.0
    """Seconds without a byte after which a connection counts as broken."""
    progress_bytes: Annotated[int, Field(ge=1)] = 64 * 1024
    """Bytes after which attempts are counted anew."""


class TransportOptions(Config):
    retry: RetryPolicy = RetryPolicy()
    credentials: Literal["auto", "anonymous", "chain"] = "auto"
    """S3: `auto` signs when the AWS chain has credentials, `anonymous` never does, `chain` always does."""
    requester_pays: bool = False
    """S3: accept the transfer's cost (arXiv's buckets demand it)."""
    base: str | None = None
    """Where relative keys of `*.paths` listings and crawl ids lie; None: beside the listing, else Common Crawl's."""
    crawl_files: Literal["warc", "wet"] = "warc"
    """Which listing of a crawl a crawl id stands for."""
    block_bytes: Annotated[int, Field(ge=1)] = 8 * 2**20
    """Bytes asked for in one request, so that a slow reader holds no connection open for long."""
