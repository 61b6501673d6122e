"""Second look: each block's probability beside those of its neighbours, its containers and its like on the page.

Posts of one thread, cards of one listing and lines of one menu share a group; what most of a group is, a doubtful
member is too.
"""

from __future__ import annotations

import numpy as np

from extractors.html.containers import LEVELS
from extractors.html.features import Layout, Matrix, Vector

_WINDOWS = ((-4, 5), (1, 9), (-8, 0))
"""First block and the one after the last of the windows `p_window`, `p_ahead`, `p_behind`."""
_EDGE = 9

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
    sums = np.zeros((2, n + 1))
    np.cumsum(np.stack((p * weight, weight)), axis=1, out=sums[:, 1:])
    out = np.empty((len(NAMES), n), np.float32)
    beside = np.zeros(n + 4, np.float32)
    beside[2:-2] = p
    out[0], out[1], out[2], out[3], out[4] = p, beside[1:-3], beside[:-4], beside[3:-1], beside[4:]
    padded = np.zeros((2, n + 1 + 2 * _EDGE))
    padded[:, _EDGE : _EDGE + n + 1] = sums
    padded[:, _EDGE + n + 1 :] = sums[:, -1:]
    for k, (low, high) in enumerate(_WINDOWS):
        inside = padded[:, _EDGE + high :][:, :n] - padded[:, _EDGE + low :][:, :n]
        out[5 + k] = inside[0] / np.maximum(inside[1], 1e-9)
    out[8] = sums[0, -1] / sums[1, -1]
    out[9] = np.log1p(layout.chars @ (p > 0.5))
    out[10] = p - p.max()
    within = sums.take(layout.end, axis=1) - sums.take(layout.start, axis=1)
    like = [np.bincount(layout.group, weights=values) for values in within]
    table = np.empty((2, len(layout.group)), np.float32)
    table[0] = within[0] / np.maximum(within[1], 1e-9)
    table[1] = (like[0] / np.maximum(like[1], 1e-9)).take(layout.group)
    out[11:] = table.take(layout.above.ravel(), axis=1).reshape(2 * LEVELS, n)
    return out
