"""Connected components by alternating large-star and small-star (Kiveris et al., SoCC 2014).

Every round is two aggregations by minimum and two joins, with no list of neighbours ever built, so that a hub of any
degree costs no memory. Rounds: the logarithm of the longest path, 2 to 6 on the stars that LSH buckets give.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from pipelines import graph
from pipelines.errors import NotConverged
from pipelines.storage import Storage

MAX_LOCAL_EDGES: Final = 2_000_000
"""Edges (32 MB) up to which the driver solves the graph itself: in 2 s, where each round on Spark takes one or two."""


def connected_components(
    edges: DataFrame, workdir: Storage, max_rounds: int, max_local_edges: int = MAX_LOCAL_EDGES
) -> tuple[DataFrame, int]:
    """The component of each vertex that has an edge, and the rounds it took (0: solved in the driver).

    `edges` has `src` and `dst`, 64-bit numbers, in any direction, repeats allowed; no edge joins a vertex to itself.
    The result has `vertex` and `component`, the smallest vertex connected with it. Each round is written under
    `workdir`, which cuts the lineage; of a finished run only the last remains, and the result reads it. Raises
    NotConverged.
    """
    if edges.count() <= max_local_edges:
        return _solved_locally(edges, workdir), 0
    oriented = edges.select(F.greatest("src", "dst").alias("src"), F.least("src", "dst").alias("dst")).distinct()
    current, state = _materialised(oriented, workdir, "round-0")
    for number in range(1, max_rounds + 1):
        current, after = _materialised(_small_star(_large_star(current)), workdir, f"round-{number}")
        workdir.delete(f"round-{number - 1}")
        if after == state:
            return _stars(current), number
        state = after
    raise NotConverged(
        f"connected components changed until round {max_rounds}, the last allowed; "
        "raise dedup.max_rounds, or lower dedup.max_bucket_documents to cut hot buckets"
    )


def _solved_locally(edges: DataFrame, workdir: Storage) -> DataFrame:
    pairs = edges.select(F.col("src").cast("long"), F.col("dst").cast("long")).toArrow()
    vertex, component = graph.connected_components(pairs["src"].to_numpy(), pairs["dst"].to_numpy())
    with workdir.open_output("local/part-0.parquet") as stream:
        pq.write_table(pa.table({"vertex": vertex, "component": component}), stream)
    schema = "vertex long, component long"
    return edges.sparkSession.read.schema(schema).parquet(workdir.spark_uri("local"))


def _large_star(edges: DataFrame) -> DataFrame:
    """Each larger neighbour of a vertex is linked to the smallest in the vertex's neighbourhood, itself included."""
    both = edges.unionByName(edges.select(F.col("dst").alias("src"), F.col("src").alias("dst")))
    least = both.groupBy("src").agg(F.min("dst").alias("least"))
    # An edge (src, dst) has dst < src: seen from dst, src is the larger neighbour.
    joined = edges.join(least.withColumnRenamed("src", "dst"), "dst")
    return joined.select("src", F.least("dst", "least").alias("dst")).distinct()


def _small_star(edges: DataFrame) -> DataFrame:
    """Each vertex and its smaller neighbours are linked to the smallest of them."""
    least = edges.groupBy("src").agg(F.min("dst").alias("least"))
    moved = edges.join(least, "src").filter(F.col("dst") != F.col("least"))
    own = least.select("src", F.col("least").alias("dst"))
    return own.unionByName(moved.select(F.col("dst").alias("src"), F.col("least").alias("dst"))).distinct()


def _stars(edges: DataFrame) -> DataFrame:
    roots = edges.select(F.col("dst").alias("vertex"), F.col("dst").alias("component")).distinct()
    return edges.select(F.col("src").alias("vertex"), F.col("dst").alias("component")).unionByName(roots)


def _materialised(edges: DataFrame, workdir: Storage, name: str) -> tuple[DataFrame, Row]:
    """The edges as written under `workdir`, with their count and checksum."""
    edges.write.mode("overwrite").parquet(workdir.spark_uri(name))
    written = edges.sparkSession.read.schema(edges.schema).parquet(workdir.spark_uri(name))
    # The halves are summed apart: a sum of 64-bit hashes overflows, which is an error in ANSI mode.
    digest = F.xxhash64("src", "dst")
    low, high = digest.bitwiseAND(F.lit(0xFFFFFFFF)), F.shiftrightunsigned(digest, 32)
    return written, written.agg(F.count("*").alias("edges"), F.sum(low), F.sum(high)).collect()[0]
