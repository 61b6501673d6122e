"""Which containers, or parts of them, a partition reads: balanced by size, the same for the same list."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from pipelines.transport import ContainerRef

TARGET_BYTES = 128 * 2**20
"""Small files are put together up to about this size; a larger file is a partition of its own."""
UNKNOWN_SIZE_BYTES = 2**30
"""Assumed of a file whose size is not known: what a Common Crawl WARC file has."""


def pack(
    refs: Sequence[ContainerRef], *, num_partitions: int | None = None, parallelism: int = 1
) -> list[tuple[ContainerRef, ...]]:
    """Split containers over partitions, none empty, each in name order: the largest first to the least loaded.

    Without `num_partitions` there are as many as the bytes need at TARGET_BYTES each, and at least `parallelism`.
    """
    if num_partitions is not None and num_partitions < 1:
        raise ValueError(f"num_partitions is {num_partitions}, must be at least 1")
    sizes = {(ref.name, ref.start): _size_bytes(ref) for ref in refs}
    if num_partitions is None:
        num_partitions = max(parallelism, -(-sum(sizes.values()) // TARGET_BYTES))
    bins: list[list[ContainerRef]] = [[] for _ in range(min(num_partitions, len(refs)))]
    loads = [(0, index) for index in range(len(bins))]
    for ref in sorted(refs, key=lambda ref: (-sizes[ref.name, ref.start], ref.name, ref.start)):
        load, index = heapq.heappop(loads)
        bins[index].append(ref)
        heapq.heappush(loads, (load + sizes[ref.name, ref.start], index))
    return [tuple(sorted(packed, key=lambda ref: (ref.name, ref.start))) for packed in bins]


def _size_bytes(ref: ContainerRef) -> int:
    # A file costs something even when empty, so that many tiny ones are spread as well.
    end = ref.end if ref.end is not None else ref.size_bytes
    return max(1, UNKNOWN_SIZE_BYTES if end is None else end - ref.start)
