"""What the report shows, counted by Spark over narrow columns; the few sampled texts are read in Python.

Three aggregations whatever the number of rules: one over signals and decisions, one over duplicates, one over tokens.
A sample is the documents with the smallest hash of seed and id: a first count sets how small a hash must be, so that a
scan without a shuffle finds little more than what is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from pipelines.inspection import RowKey, locate_documents, read_documents, read_signals
from pipelines.recipe import RuleConfig
from pipelines.report.excerpts import EXCERPT_CHARS, PAIR_CHARS, benchmark_match, excerpt
from pipelines.report.statistics import (
    BINS_PER_DECADE,
    ZERO_BIN,
    BenchmarkMatch,
    Excerpt,
    Histogram,
    RuleReach,
    Sample,
    Statistics,
    Survivor,
)
from pipelines.rules.check import EXACT_RULE, INGEST_FAMILY, NEAR_RULE
from pipelines.schemas import DROPPED, KEPT
from pipelines.storage import Storage

LOGARITHMIC: Final = ("num_words", "num_chars")
LINEAR: Final[Mapping[str, float]] = {"language_score": 0.05, "compression_ratio": 0.1}
"""Signal → width of a bin, in its unit."""

MAX_BINS: Final = 100
"""Bins of a linear scale: the last holds all that is beyond."""

SIMILARITY_WIDTH: Final = 0.01

_BENCHMARK_COLUMNS: Final = (
    "benchmark_13gram_item",
    "benchmark_13gram_span",
    "benchmark_13gram_matches",
    "benchmark_7gram_item",
    "benchmark_7gram_span",
    "benchmark_7gram_ratio",
)

_MARGIN: Final = 64
"""Candidates beyond twice the sample: all samples are found by one scan with a chance of 1 - 1e-12 or better."""


@dataclass(frozen=True, slots=True)
class SampleConfig:
    """How many documents the report shows."""

    per_rule: int = 5
    """Documents dropped by each rule, or failed by each error."""
    kept_per_category: int = 6
    seed: int = 0


def collect_statistics(
    run: Storage,
    signals: DataFrame,
    decisions: DataFrame,
    duplicates: DataFrame,
    tokens: DataFrame | None,
    rules: Sequence[RuleConfig],
    samples: SampleConfig,
) -> Statistics:
    """Everything in the report that is not in `run.json`; the same for any partitioning.

    The frames are the datasets of the same names of `run`, which the texts of the sampled documents are read from;
    `rules` are those that made the decisions.
    """
    cells = sorted(_count_cells(signals, decisions).collect())
    histograms = _histograms(cells)
    if tokens is not None:
        histograms["num_tokens"] = _token_histogram(tokens)
    kinds, cluster_sizes, similarities = _count_duplicates(duplicates)
    grouped = _grouped(decisions, samples.seed)
    groups = grouped.groupBy("group", "skip_value").agg(
        F.count(F.when(F.col("is_shown"), 1)).alias("rows"), F.sum("num_records").alias("records")
    )
    counted = sorted(groups.collect(), key=lambda row: (row.group, row.skip_value or ""))
    return Statistics(
        languages=_nested((row.name, row.verdict, row.count_) for row in cells if row.measure == "language"),
        histograms=histograms,
        reach=_reach(cells),
        cluster_sizes=cluster_sizes,
        duplicates=kinds,
        similarities=similarities,
        skip_values=_nested(
            (row.group.partition("\0")[2], row.skip_value, row.records) for row in counted if row.skip_value is not None
        ),
        samples=_samples(run, _choose(grouped, counted, samples), rules),
    )


def _count_cells(signals: DataFrame, decisions: DataFrame) -> DataFrame:
    """measure, name, category, verdict, bin → documents: every count over documents in one aggregation."""
    columns = ["language", *LOGARITHMIC, *LINEAR]
    measured = signals.where("num_words IS NOT NULL").select("doc_id", *columns)
    joined = measured.join(decisions.select("doc_id", "category", "verdict", "failed_rules"), "doc_id")
    cells = [
        _cell("language", F.coalesce("language", F.lit("")), F.lit(0)),
        *(_cell("histogram", F.lit(name), _log_bin(F.col(name))) for name in LOGARITHMIC),
        *(_cell("histogram", F.lit(name), _linear_bin(F.col(name), width)) for name, width in LINEAR.items()),
    ]
    alone = F.when(F.size("failed_rules") == 1, 1).otherwise(0)
    reach = F.transform("failed_rules", lambda rule: _cell("rule", rule, alone))
    counted = joined.select("category", "verdict", F.explode(F.concat(F.array(*cells), reach)).alias("cell"))
    counted = counted.select("category", "verdict", "cell.*").where("bin IS NOT NULL")
    keys = ("measure", "name", "category", "verdict", "bin")
    return counted.groupBy(*keys).agg(F.count("*").alias("count_"))


def _cell(measure: str, name: Column, number: Column) -> Column:
    return F.struct(F.lit(measure).alias("measure"), name.alias("name"), number.cast("int").alias("bin"))


def _log_bin(value: Column) -> Column:
    return F.when(value <= 0, ZERO_BIN).otherwise(F.floor(F.log10(value) * BINS_PER_DECADE))


def _linear_bin(value: Column, width: float) -> Column:
    # The bin edges are decimals: 0.15 / 0.05 is a hair below 3 in binary.
    return F.least(F.floor(F.round(value / width, 9)), F.lit(MAX_BINS))


def _histograms(cells: Sequence[T.Row]) -> dict[str, Histogram]:
    histograms: dict[str, Histogram] = {}
    for name in (*LOGARITHMIC, *LINEAR):
        own = [row for row in cells if row.measure == "histogram" and row.name == name]
        counts = _nested(((row.category, row.verdict), row.bin, row.count_) for row in own)
        if counts:
            histograms[name] = Histogram(counts, LINEAR.get(name))
    return histograms


def _nested(triples: Iterable[tuple[Any, Any, int]]) -> dict[Any, dict[Any, int]]:
    nested: dict[Any, dict[Any, int]] = {}
    for outer, inner, count in triples:
        into = nested.setdefault(outer, {})
        into[inner] = into.get(inner, 0) + count
    return nested


def _reach(cells: Sequence[T.Row]) -> dict[str, RuleReach]:
    by_rule = _nested((row.name, row.bin, row.count_) for row in cells if row.measure == "rule")
    return {rule: RuleReach(sum(counts.values()), counts.get(1, 0)) for rule, counts in by_rule.items()}


def _token_histogram(tokens: DataFrame) -> Histogram:
    binned = tokens.select("category", _log_bin(F.col("num_tokens")).cast("int").alias("bin"))
    rows = sorted(binned.groupBy("category", "bin").agg(F.count("*").alias("count_")).collect())
    return Histogram(_nested(((row.category, KEPT), row.bin, row.count_) for row in rows))


def _count_duplicates(duplicates: DataFrame) -> tuple[dict[str, int], dict[int, int], Histogram | None]:
    """Documents by kind, clusters by size (a power of two, rounded down), and similarities by kind."""
    size = F.pow(F.lit(2), F.floor(F.log2("cluster_size"))).cast("long")
    names_cluster = F.col("doc_id") == F.col("cluster")
    cells = duplicates.select(
        "kind",
        F.when(names_cluster, size).alias("size"),
        _linear_bin(F.col("similarity"), SIMILARITY_WIDTH).cast("int").alias("bin"),
    )
    rows = cells.groupBy("kind", "size", "bin").agg(F.count("*").alias("count_")).collect()
    kinds: dict[str, int] = {}
    sizes: dict[int, int] = {}
    for row in rows:
        kinds[row.kind] = kinds.get(row.kind, 0) + row.count_
        if row.size is not None:
            sizes[row.size] = sizes.get(row.size, 0) + row.count_
    near = [row for row in rows if row.bin is not None and row.kind == "near"]
    similar = _nested((("", row.kind), row.bin, row.count_) for row in near)
    shape = Histogram({key: dict(sorted(bins.items())) for key, bins in similar.items()}, SIMILARITY_WIDTH)
    return dict(sorted(kinds.items())), dict(sorted(sizes.items())), shape if similar else None


def _grouped(decisions: DataFrame, seed: int) -> DataFrame:
    """Decisions with the group that samples are taken of (kept by category, dropped and failed by rule), the hash that
    orders it, for what the reader passed over the value that says more, and whether the row can be shown: it stands for
    one record, or for one document of several (a thread)."""
    group = F.when(F.col("verdict") == KEPT, F.concat(F.lit(f"{KEPT}\0"), "category")).otherwise(
        F.concat("verdict", F.lit("\0"), F.coalesce("rule", F.lit("")))
    )
    by_reader = (F.col("verdict") == DROPPED) & F.col("rule").startswith(f"{INGEST_FAMILY}.")
    return decisions.select(
        "*",
        group.alias("group"),
        F.xxhash64(F.lit(seed), "doc_id").alias("order"),
        F.when(by_reader, F.col("value")).alias("skip_value"),
        ((F.col("num_records") == 1) | ~F.coalesce(by_reader, F.lit(False))).alias("is_shown"),
    )


def _choose(grouped: DataFrame, counted: Sequence[T.Row], samples: SampleConfig) -> list[dict[str, Any]]:
    """Decisions of the sampled documents, group by group, by hash; `counted` says how many each group has."""
    sizes: dict[str, int] = {}
    for row in counted:
        sizes[row.group] = sizes.get(row.group, 0) + row.rows
    wanted = {name: _wanted(name, samples) for name in sizes}
    limits = {name: _hash_limit(wanted[name], size) for name, size in sizes.items()}
    if not limits:
        return []
    limit = F.create_map(*(F.lit(part) for pair in sorted(limits.items()) for part in pair))[F.col("group")]
    rows = grouped.where(F.col("is_shown") & (F.col("order") <= limit)).collect()
    chosen: list[dict[str, Any]] = []
    for name in sorted(sizes):
        own = sorted((row for row in rows if row.group == name), key=lambda row: (row.order, row.doc_id))
        chosen += [row.asDict() for row in own[: wanted[name]]]
    return chosen


def _wanted(group: str, samples: SampleConfig) -> int:
    return samples.kept_per_category if group.startswith(f"{KEPT}\0") else samples.per_rule


def _hash_limit(wanted: int, size: int) -> int:
    """The hash (a signed 64-bit number) below which a group of this size has `wanted` documents, with a margin."""
    candidates = 2 * wanted + _MARGIN
    return 2**63 - 1 if candidates >= size else int(2**64 * (candidates / size)) - 2**63


def _samples(run: Storage, chosen: Sequence[Mapping[str, Any]], rules: Sequence[RuleConfig]) -> tuple[Sample, ...]:
    """The chosen documents with what is shown of them; without those that there is nothing to show of."""
    keys = {row["doc_id"]: RowKey(row["part"], row["row"]) for row in chosen}
    survivors = {row["survivor"] for row in chosen if row["survivor"] is not None}
    survivor_keys = locate_documents(run, survivors)
    documents = read_documents(
        run, [*keys.values(), *survivor_keys.values()], ("url", "title", "text", "offset", "error_detail")
    )
    signals = read_signals(run, keys.values(), ("language", "num_words", *_BENCHMARK_COLUMNS))
    compared = {rule.name: rule.drop for rule in rules}
    samples = []
    for row in chosen:
        key = keys[row["doc_id"]]
        if _has_something_to_show(row, documents[key]):
            measured = signals.get(key, {})
            match = _match(compared.get(row["rule"], ""), measured)
            samples.append(_sample(row, documents[key], measured, match, _survivor(row, documents, survivor_keys)))
    return tuple(samples)


def _match(compared: str, signals: Mapping[str, Any]) -> BenchmarkMatch | None:
    """The match that decided: that of the measure which the rule compares."""
    for words in (13, 7):
        if f"benchmark_{words}gram_" in compared:
            return benchmark_match(signals, ngram_words=words)
    return None


def _has_something_to_show(row: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
    """Records that the reader counts by cause have neither address nor text."""
    by_reader = row["verdict"] == DROPPED and row["rule"].startswith(f"{INGEST_FAMILY}.")
    return not by_reader or document["url"] is not None


def _sample(
    row: Mapping[str, Any],
    document: Mapping[str, Any],
    signals: Mapping[str, Any],
    match: BenchmarkMatch | None,
    survivor: Survivor | None,
) -> Sample:
    shown = None
    if document["text"] is not None:
        chars = PAIR_CHARS if survivor is not None else EXCERPT_CHARS
        shown = excerpt(document["text"], chars, match.span if match else None)
    return Sample(
        doc_id=row["doc_id"],
        verdict=row["verdict"],
        rule=row["rule"],
        value=row["value"],
        limit=row["limit"],
        failed_rules=tuple(row["failed_rules"] or ()),
        source=row["source"],
        category=row["category"],
        container=row["container"],
        offset=document["offset"],
        url=document["url"],
        title=document["title"],
        language=signals.get("language"),
        num_words=signals.get("num_words"),
        error_detail=document["error_detail"],
        excerpt=shown,
        survivor=survivor,
        match=match,
    )


def _survivor(
    row: Mapping[str, Any], documents: Mapping[RowKey, Mapping[str, Any]], keys: Mapping[str, RowKey]
) -> Survivor | None:
    if row["survivor"] is None:
        return None
    document = documents[keys[row["survivor"]]]
    shown: Excerpt | None = excerpt(document["text"], PAIR_CHARS) if document["text"] is not None else None
    return Survivor(
        doc_id=row["survivor"],
        kind="exact" if row["rule"] == EXACT_RULE else "near",
        similarity=float(row["value"]) if row["rule"] in (EXACT_RULE, NEAR_RULE) else None,
        url=document["url"],
        title=document["title"],
        excerpt=shown,
    )
