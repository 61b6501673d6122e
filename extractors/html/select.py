"""Which blocks are main text."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from extractors.html import context, features, model
from extractors.html.page import Page
from extractors.html.vocabulary import bit

THRESHOLD = 0.45
"""Least probability of a kept block, exclusive."""


OVERRULED = "a signature, share bar or vote count; or, when kept, nothing else on the page is surer"
MIN_KEPT_CHARS = 200
"""With less kept text than this, blocks down to `LAST_RESORT` are kept too: the page may be small, but it says something."""
LAST_RESORT = 0.2


def select(page: Page) -> list[int]:
    """Indices of the kept blocks, in order."""
    return chosen(page, score(page)[0]) if page.text else []


def chosen(page: Page, scores: NDArray[np.float32]) -> list[int]:
    """Indices of the blocks kept for these scores."""
    scores = np.where(_never(page), 0, scores)
    kept = np.flatnonzero(scores > THRESHOLD)
    if sum(len(page.text[i]) for i in kept) < MIN_KEPT_CHARS:
        kept = np.flatnonzero(scores > LAST_RESORT)
    return [int(i) for i in kept]



def _never(page: Page) -> NDArray[np.bool_]:
    """Signatures, share bars and vote counts, which are text to no reader whatever their neighbours are."""
    bits = np.asarray(page.bits, np.int64)
    own = bits[np.asarray(page.container, np.int64)]
    chars = np.fromiter(map(len, page.text), np.int64, len(page.text))
    share = ((own & bit("share")) != 0) & (2 * np.asarray(page.link_chars) > chars) & (chars < 80)
    counted = np.fromiter((len(text) < 8 and text.strip("+-").isdigit() for text in page.text), np.bool_, len(page.text))
    never: NDArray[np.bool_] = ((own & bit("signature")) != 0) | share | (((own & bit("vote")) != 0) & counted)
    return never


@lru_cache(maxsize=1)
def _wanted() -> dict[str, int]:
    """Rows of the feature matrix: what either model reads of the page itself."""
    names = [*model.load("blocks").names, *(name for name in model.load("context").names if name not in context.NAMES)]
    return {name: k for k, name in enumerate(dict.fromkeys(names))}


def score(page: Page) -> tuple[NDArray[np.float32], NDArray[np.float32], list[str]]:
    """Probability of main text per block, the features it was found from, and their names."""
    matrix, names, layout = features.measure(page, _wanted())
    first, second = model.load("blocks"), model.load("context")
    p = model.probabilities(first, matrix[: len(first.names)])
    around = context.measure(p, layout)
    place = {name: k for k, name in enumerate([*names, *context.NAMES])}
    both = np.concatenate([matrix, around])
    return model.probabilities(second, both[[place[name] for name in second.names]]), both, [*names, *context.NAMES]
