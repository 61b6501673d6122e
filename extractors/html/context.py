"""Second look: each block's probability beside those of its neighbours, its containers and its like on the page.

Posts of one thread, cards of one listing and lines of one menu share a group; what most of a group is, a doubtful
member is too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from extractors.html.features import LEVELS, Index, Layout, Matrix, Vector, shift

NAMES = (
    [
        "p",
        "p_before1",
        "p_before2",
        "p_after1",
        "p_after2",
        "p_window",
        "p_ahead",
        "p_behind",
        "p_page",
        "p_page_kept",
        "p_rank",
    ]
    + [f"p_up{level}" for level in range(LEVELS)]
    + [f"p_group{level}" for level in range(LEVELS)]
)


def measure(p: Vector, layout: Layout) -> Matrix:
    """Rows of `NAMES` (features × blocks) for first probabilities `p`."""
    n = len(p)
    weight = np.minimum(layout.chars, 300) + 10
    mass = np.concatenate([[0.0], np.cumsum(p * weight, dtype=np.float64)])
    total = np.concatenate([[0.0], np.cumsum(weight, dtype=np.float64)])
    rows = np.arange(n)

    def mean(low: Index, high: Index) -> NDArray[np.float64]:
        result: NDArray[np.float64] = (mass[high] - mass[low]) / np.maximum(total[high] - total[low], 1e-9)
        return result

    low, high = np.maximum(rows - 4, 0), np.minimum(rows + 5, n)
    out: list[NDArray[np.floating]] = [p, shift(p, 1), shift(p, 2), shift(p, -1), shift(p, -2), mean(low, high)]
    out += [mean(np.minimum(rows + 1, n), np.minimum(rows + 9, n)), mean(np.maximum(rows - 8, 0), rows)]
    kept = p > 0.5
    out += [np.full(n, mass[-1] / total[-1]), np.full(n, np.log1p(layout.chars[kept].sum())), p - p.max()]
    inside = mean(layout.start, layout.end)
    inner_mass = mass[layout.end] - mass[layout.start]
    inner_total = total[layout.end] - total[layout.start]
    like = np.bincount(layout.group, weights=inner_mass) / np.maximum(
        np.bincount(layout.group, weights=inner_total), 1e-9
    )
    groups: list[NDArray[np.floating]] = []
    here = layout.at
    for _ in range(LEVELS):
        out.append(inside[here])
        groups.append(like[layout.group[here]])
        here = layout.up[here]
    return np.stack(out + groups).astype(np.float32)
