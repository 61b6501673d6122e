"""Which blocks are main text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from extractors.html import features, model
from extractors.html.page import Page

THRESHOLD = 0.45
"""Least probability of a kept block, exclusive."""


def select(page: Page) -> list[int]:
    """Indices of the kept blocks, in order."""
    if not page.text:
        return []
    return [int(i) for i in np.flatnonzero(score(page) > THRESHOLD)]


def score(page: Page) -> NDArray[np.float32]:
    """Probability of main text per block."""
    matrix, names = features.measure(page)
    trees = model.load("blocks")
    place = {name: k for k, name in enumerate(names)}
    return model.probabilities(trees, np.ascontiguousarray(matrix.T[[place[name] for name in trees.names]]))
