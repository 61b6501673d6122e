from __future__ import annotations

import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipelines.dedup import union_find
from pipelines.graph import connected_components

NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.integers(0, 12)


@given(st.lists(st.tuples(NUMBERS, NUMBERS), max_size=40))
def test_components_are_those_of_union_find(pairs: list[tuple[int, int]]) -> None:
    src, dst = (np.array([pair[side] for pair in pairs], np.int64) for side in (0, 1))
    vertices, components = connected_components(src, dst)
    roots = union_find((str(a), str(b)) for a, b in pairs)
    assert vertices.tolist() == sorted({vertex for pair in pairs for vertex in pair})
    members: dict[str, list[int]] = {}
    for vertex in vertices.tolist():
        members.setdefault(roots[str(vertex)], []).append(vertex)
    assert components.tolist() == [min(members[roots[str(vertex)]]) for vertex in vertices.tolist()]


def test_a_long_path_in_random_order_is_one_component() -> None:
    path = list(range(20_000))
    random.Random(2).shuffle(path)
    _, components = connected_components(np.array(path[1:]), np.array(path[:-1]))
    assert set(components.tolist()) == {0}
