from __future__ import annotations

import itertools
import random
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from pipelines.errors import NotConverged
from pipelines.spark.components import connected_components
from pipelines.storage import open_storage

pytestmark = pytest.mark.spark


def components(
    spark: SparkSession,
    pairs: Iterable[tuple[int, int]],
    folder: Path,
    partitions: int = 3,
    max_rounds: int = 30,
    local: bool = False,
) -> dict[int, int]:
    pairs = [pair for pair in pairs if pair[0] != pair[1]]
    edges = spark.createDataFrame(pairs, "src long, dst long").repartition(partitions)
    limit = len(pairs) if local else len(pairs) - 1
    found, rounds = connected_components(edges, open_storage(str(folder)), max_rounds, limit)
    assert (rounds == 0) == local
    rows = found.collect()
    assert len(rows) == len({row.vertex for row in rows})
    return {row.vertex: row.component for row in rows}


def smallest_reachable(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """By repeated minima over the edges: slow, and nothing like the algorithm under test."""
    pairs = [pair for pair in pairs if pair[0] != pair[1]]
    label = {vertex: vertex for pair in pairs for vertex in pair}
    while any(label[a] != label[b] for a, b in pairs):
        for a, b in pairs:
            label[a] = label[b] = min(label[a], label[b])
    return label


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pairs=st.lists(st.tuples(st.integers(-9, 20), st.integers(-9, 20)), min_size=1, max_size=30),
    partitions=st.integers(1, 7),
)
def test_each_vertex_gets_the_smallest_vertex_it_is_connected_with(
    spark: SparkSession, tmp_path: Path, pairs: list[tuple[int, int]], partitions: int
) -> None:
    assert components(spark, pairs, tmp_path, partitions) == smallest_reachable(pairs)


def test_a_long_path_in_random_order_becomes_one_component(spark: SparkSession, tmp_path: Path) -> None:
    order = list(range(500))
    random.Random(3).shuffle(order)
    path = list(itertools.pairwise(order))
    assert components(spark, path, tmp_path) == dict.fromkeys(range(500), 0)


def test_stars_that_share_a_leaf_are_one_component_and_others_are_not(spark: SparkSession, tmp_path: Path) -> None:
    stars = [(0, leaf) for leaf in range(10, 50)] + [(1, leaf) for leaf in range(49, 90)] + [(2, 100), (3, 101)]
    assert components(spark, stars, tmp_path) == smallest_reachable(stars)


def test_a_small_graph_is_solved_in_the_driver_with_the_same_result(spark: SparkSession, tmp_path: Path) -> None:
    rng = random.Random(5)
    pairs = [(rng.randrange(300), rng.randrange(300)) for _ in range(200)]
    assert components(spark, pairs, tmp_path, local=True) == smallest_reachable(pairs)


def test_ids_use_all_64_bits(spark: SparkSession, tmp_path: Path) -> None:
    low, high = -(2**63), 2**63 - 1
    assert components(spark, [(high, 0), (0, low)], tmp_path) == {low: low, 0: low, high: low}


def test_too_few_rounds_fail_and_say_what_to_change(spark: SparkSession, tmp_path: Path) -> None:
    path = [(vertex, vertex + 1) for vertex in range(200)]
    with pytest.raises(NotConverged, match="max_rounds"):
        components(spark, path, tmp_path, max_rounds=1)


def test_only_the_last_round_stays_on_disk(spark: SparkSession, tmp_path: Path) -> None:
    components(spark, [(1, 2), (2, 3), (3, 4)], tmp_path)
    assert len([folder for folder in tmp_path.iterdir() if folder.is_dir()]) == 1
