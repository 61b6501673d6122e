"""Which blocks are main text."""

from __future__ import annotations

from functools import lru_cache

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
    return [int(i) for i in np.flatnonzero(score(page)[0] > THRESHOLD)]


@lru_cache(maxsize=1)
def _wanted() -> dict[str, int]:
    return {name: k for k, name in enumerate(model.load("blocks").names)}


def score(page: Page) -> tuple[NDArray[np.float32], NDArray[np.float32], list[str]]:
    """Probability of main text per block, the features it was found from, and their names."""
    matrix, names, _ = features.measure(page, _wanted())
    return model.probabilities(model.load("blocks"), matrix), matrix, names
