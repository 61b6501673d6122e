"""Which blocks are main text."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from extractors.html import features, model
from extractors.html.page import Page

THRESHOLD = 0.45
"""Least probability of a kept block, exclusive."""


OVERRULED = "nothing else on the page is surer to be text"
MIN_KEPT_CHARS = 200
"""With less kept text than this, blocks down to `LAST_RESORT` are kept too: the page may be small, but it says something."""
LAST_RESORT = 0.2


def select(page: Page) -> list[int]:
    """Indices of the kept blocks, in order."""
    return chosen(page, score(page)[0]) if page.text else []


def chosen(page: Page, scores: NDArray[np.float32]) -> list[int]:
    """Indices of the blocks kept for these scores."""
    kept = np.flatnonzero(scores > THRESHOLD)
    if sum(len(page.text[i]) for i in kept) < MIN_KEPT_CHARS:
        kept = np.flatnonzero(scores > LAST_RESORT)
    return [int(i) for i in kept]


@lru_cache(maxsize=1)
def _wanted() -> dict[str, int]:
    return {name: k for k, name in enumerate(model.load("blocks").names)}


def score(page: Page) -> tuple[NDArray[np.float32], NDArray[np.float32], list[str]]:
    """Probability of main text per block, the features it was found from, and their names."""
    matrix, names, _ = features.measure(page, _wanted())
    return model.probabilities(model.load("blocks"), matrix), matrix, names
