"""Boosted trees in numpy: the probability that a block is main text.

Weights come from `python -m extractors.html.train`. Evaluated by QuickScorer (Lucchese et al., SIGIR 2015): every
node of every tree is compared at once, a false node clears its left leaves, the lowest leaf left is the answer. Cost:
some microseconds a block.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

LEAVES = 8
CHUNK = 256
"""Blocks scored at once: what all nodes compare for so many stays in the cache."""


@dataclass(frozen=True, slots=True)
class Trees:
    """A boosted ensemble, nodes laid out by position so that a step works on all trees."""

    names: list[str]
    feature: NDArray[np.int64]
    """Row of each node's feature, (LEAVES - 1) × trees; the others have a third axis of 1 for the blocks."""
    threshold: NDArray[np.float32]
    mask: NDArray[np.uint8]
    """Leaves that stay possible when the feature is above the threshold."""
    leaf: NDArray[np.float32]
    """Value of each leaf, trees × LEAVES."""
    base: float


@lru_cache(maxsize=4)
def load(name: str) -> Trees:
    """The packaged ensemble of that name."""
    source = json.loads(files("extractors.html").joinpath(f"{name}.json").read_text("utf-8"))
    nodes = source["nodes"]
    count = len(nodes)
    feature = np.zeros((LEAVES - 1, count), np.int64)
    threshold = np.full((LEAVES - 1, count), np.inf, np.float32)
    mask = np.full((LEAVES - 1, count), 0xFF, np.uint8)
    leaf = np.zeros((count, LEAVES), np.float32)
    for t, tree in enumerate(nodes):
        for k, (column, limit, bits) in enumerate(zip(tree["f"], tree["t"], tree["m"], strict=True)):
            feature[k, t], threshold[k, t], mask[k, t] = column, limit, bits
        leaf[t, : len(tree["v"])] = tree["v"]
    return Trees(source["features"], feature, threshold[:, :, None], mask[:, :, None], leaf, source["base"])


def placed(trees: Trees, place: dict[str, int]) -> Trees:
    """The ensemble reading the rows that `place` gives its features."""
    rows = np.asarray([place[name] for name in trees.names], np.int64)
    return replace(trees, feature=rows[trees.feature])


@lru_cache(maxsize=1)
def _lowest_bit() -> NDArray[np.uint8]:
    values = np.arange(1, 0x100)
    table = np.zeros(0x100, np.uint8)
    table[1:] = np.log2(values & -values).astype(np.uint8)
    return table


def probabilities(trees: Trees, columns: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probability per block; `columns` is features × blocks as the ensemble's `feature` counts them."""
    parts = [_margins(trees, columns[:, at : at + CHUNK]) for at in range(0, columns.shape[1], CHUNK)]
    margin = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    result: NDArray[np.float32] = (1 / (1 + np.exp(-margin))).astype(np.float32)
    return result


def _margins(trees: Trees, columns: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sum of the reached leaves."""
    count = trees.leaf.shape[0]
    below = columns.take(trees.feature, axis=0, mode="clip") <= trees.threshold
    clear = below.view(np.uint8)
    np.negative(clear, out=clear)  # all ones where the node holds
    clear |= trees.mask
    left = np.bitwise_and.reduce(clear, axis=0)
    reached = _lowest_bit().take(left, mode="clip") + np.arange(0, count * LEAVES, LEAVES)[:, None]
    result: NDArray[np.float32] = trees.leaf.take(reached, mode="clip").sum(axis=0) + np.float32(trees.base)
    return result
