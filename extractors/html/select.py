"""Which blocks are main text."""

from __future__ import annotations

import numpy as np

from extractors.html.page import HEADING, PRE, TABLE, Page
from extractors.html.vocabulary import bit


def select(page: Page) -> list[int]:
    """Indices of the kept blocks, in order."""
    if not page.text:
        return []
    scores = score(page)
    return [int(i) for i in np.flatnonzero(scores > 0.5)]


def score(page: Page) -> np.ndarray:
    bad = 0
    for name in "nav footer sidebar comment share related ad cookie newsletter breadcrumb pagination modal login search".split():
        bad |= bit(name)
    n = len(page.text)
    inherited = []
    for c, parent in enumerate(page.parent):
        tag = page.tag[c]
        own = bool(page.bits[c] & bad) and tag not in ("body", "html", "main", "article") or tag in ("nav", "footer", "aside") or page.hidden[c]
        inherited.append(own or (parent >= 0 and inherited[parent]))
    out = np.zeros(n)
    for i in range(n):
        size = len(page.text[i])
        density = page.link_chars[i] / max(1, size)
        good = size > 60 and density < 0.4 or page.kind[i] in (PRE, TABLE) and density < 0.5
        out[i] = (0.9 if good else 0.3) * (0.3 if inherited[page.container[i]] else 1)
    # short blocks follow their neighbours
    strong = out > 0.5
    for i in range(n):
        if not strong[i] and not inherited[page.container[i]]:
            near = strong[max(0, i - 2) : i + 3]
            density = page.link_chars[i] / max(1, len(page.text[i]))
            if near.sum() >= 2 and density < 0.4 or page.kind[i] == HEADING and strong[i + 1 : i + 2].any():
                out[i] = 0.6
    if not (out > 0.5).any():
        out[:] = 0.6
    return out
