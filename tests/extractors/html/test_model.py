from __future__ import annotations

import numpy as np

from extractors.html import model


def test_scores_are_those_of_a_walk_down_the_trees() -> None:
    trees = model.load("blocks")
    columns = np.random.default_rng(2).normal(0, 2, (len(trees.names), 600)).astype(np.float32)
    found = model.probabilities(trees, columns)
    for block in (0, 1, model.CHUNK - 1, model.CHUNK, 599):
        margin = trees.base
        for tree in range(len(trees.leaf)):
            left = (1 << model.LEAVES) - 1
            for node in range(model.LEAVES - 1):
                if columns[trees.feature[node, tree], block] > trees.threshold[node, tree, 0]:
                    left &= int(trees.mask[node, tree, 0])
            margin += float(trees.leaf[tree, (left & -left).bit_length() - 1])
        assert abs(1 / (1 + np.exp(-margin)) - found[block]) < 1e-4


def test_a_placed_ensemble_reads_the_rows_it_is_given() -> None:
    trees = model.load("context")
    columns = np.random.default_rng(3).normal(0, 1, (len(trees.names), 50)).astype(np.float32)
    order = np.random.default_rng(4).permutation(len(trees.names))
    moved = np.zeros_like(columns)
    moved[order] = columns
    placed = model.placed(trees, {name: int(row) for name, row in zip(trees.names, order, strict=True)})
    assert np.array_equal(model.probabilities(trees, columns), model.probabilities(placed, moved))
