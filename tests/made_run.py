"""A small finished run, written for the tests that look into one: real Parquet, manifests, decisions by the real judge.

The signals are set by hand where a test needs a certain value and counted from the text where not.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xxhash

from pipelines.judge import count_verdicts, funnel, judge
from pipelines.manifests import Manifest, commit, new_attempt, parquet_parts
from pipelines.mixture import Available, Plan, plan_mixture
from pipelines.recipe import DedupConfig, MixtureConfig, Recipe, RuleConfig
from pipelines.schemas import CONTAINER_END, DOCUMENTS, DUPLICATES, KEPT, TOKENS
from pipelines.shards.index import CategoryFacts, FileFacts, ShardFacts, ShardIndex, TokenizerFacts, write_index
from pipelines.signals.schema import SIGNALS
from pipelines.source_config import SourceConfig
from pipelines.storage import Storage, open_storage

RECIPE = Recipe(
    name="made-for-tests",
    seed=7,
    sources=(
        SourceConfig(id="web", format="commoncrawl", category="web"),
        SourceConfig(id="code", format="records", category="code"),
    ),
    rules=(
        RuleConfig(name="gopher.too_few_words", drop="num_words < 20", source="made"),
        RuleConfig(name="gopher.too_many_hashes", drop="hash_to_word_ratio > 0.1"),
        RuleConfig(name="language.unsure", drop="language_score < 0.65", when="category == 'web'"),
        RuleConfig(name="benchmark.match_13gram", drop="benchmark_13gram_item is not null"),
        RuleConfig(name="c4.lorem_ipsum", drop="c4_has_lorem_ipsum == true"),
    ),
    dedup=DedupConfig(),
    mixture=MixtureConfig(total_tokens=4000),
)

HOSTILE = (
    '</div><script>alert("1")</script><img src=x onerror=alert(1)> &amp; \x1b[31mred\x1b[0m \u202eevil\u202c "quoted" '
)

LEAK = "A baker sells 12 trays of buns; each tray holds 15, and 7 buns are left over. How many did she bake?"

PROSE = {
    "en": "The tide left long ribbons of weed on the slip, and the boats leaned on their keels until noon. "
    "Nobody hurried, since the harbour office opened late and the ferry had been cancelled twice that week. ",
    "de": "Die Flut ließ lange Bänder aus Tang auf der Helling zurück, und die Boote lehnten bis Mittag auf dem Kiel. "
    "Niemand hatte es eilig, denn das Hafenamt öffnete spät und die Fähre fiel schon zum zweiten Mal aus. ",
    "ar": "تركت المياه خيوطا طويلة من الأعشاب على المنحدر ومالت القوارب على جوانبها حتى الظهر ولم يكن أحد في عجلة "
    "من أمره لأن مكتب الميناء فتح متأخرا وألغيت العبارة مرتين في ذلك الأسبوع ",
    "ja": "潮が引くと、船着き場には長い海藻の帯が残り、舟は昼まで傾いたまま並んでいた。急ぐ者は誰もいなかった。",
}


def document(number: int, text: str | None, **columns: Any) -> dict[str, Any]:
    """One row of `documents`, with what a test does not name filled in."""
    container = columns.get("container", "CC-MADE-0001.warc.gz")
    row = dict.fromkeys(DOCUMENTS.names) | {
        "doc_id": xxhash.xxh3_128_hexdigest(f"{container}/{number}"),
        "source": "commoncrawl",
        "category": "web",
        "url": f"https://harbour.example/page/{number}",
        "container": container,
        "offset": 1000 * number,
        "length": 900,
        "title": f"Page {number}",
        "text": text,
        "media_type": "text/html",
        "num_records": 1,
    }
    return row | columns


def default_documents() -> list[dict[str, Any]]:
    """Kept and dropped pages in four languages, duplicates, a leak, hostile texts, failures and skipped records."""
    rows = []
    for number in range(48):
        language = ("en", "en", "de", "ar", "ja")[number % 5]
        rows.append(document(number, f"Report {number}. " + PROSE[language] * (1 + number % 7) + f" End of {number}."))
    for number in range(48, 56):
        rows.append(document(number, f"Short {number}."))
    rows.append(document(56, HOSTILE * 8, title=HOSTILE, url="javascript:alert(1)"))
    rows.append(document(57, "# # # # " * 10 + PROSE["en"], title='"><b>bold</b>'))
    rows.append(document(58, PROSE["en"] + LEAK.upper() + " " + PROSE["en"] * 12, title="Puzzle page"))
    rows.append(document(59, rows[0]["text"], title="Copy of page 0"))
    rows.append(document(60, rows[1]["text"].replace("ribbons", "strips"), title="Nearly page 1"))
    for number in range(61, 70):
        code = f"def stage_{number}(rows):\n    return [row for row in rows if row]  # keeps\n" * (number - 58)
        place = {"source": "records", "category": "code", "container": "code.jsonl", "url": None, "offset": None}
        rows.append(document(number, code, media_type="text/x-python", title=f"stage_{number}.py", **place))
    rows.append(document(70, None, error="UndecodableInput", error_detail="no charset of 3 tried <fits>"))
    rows.append(document(71, None, error="TimeLimitExceeded", error_detail="10 s"))
    skipped = {"text": None, "url": None, "offset": None, "title": None, "length": None}
    rows.append(document(72, skip_reason="not_html", skip_value="image/png", num_records=140, **skipped))
    rows.append(document(73, skip_reason="status", skip_value="404", num_records=31, **skipped))
    ends = (("CC-MADE-0001.warc.gz", "web", "commoncrawl"), ("code.jsonl", "code", "records"))
    for number, (container, category, source) in enumerate(ends, 90):
        seen = sum(row["num_records"] for row in rows if row["container"] == container)
        end = {"container": container, "category": category, "source": source, "num_records": 0}
        rows.append(document(number, skip_reason=CONTAINER_END, skip_value=str(seen), **end, **skipped))
    return rows


def write_run(folder: Path, rows: list[dict[str, Any]] | None = None, *, until: str = "shards") -> Storage:
    """Write a run up to `documents`, `signals`, `decisions` or `shards`; five rows a row group, two parts."""
    run = open_storage(str(folder))
    rows = default_documents() if rows is None else rows
    records = sum(row["num_records"] for row in rows)
    half = len(rows) // 2
    tables = [pa.Table.from_pylist(part, DOCUMENTS) for part in (rows[:half], rows[half:])]
    skipped = {row["skip_reason"]: row["num_records"] for row in rows if row["skip_reason"] and row["num_records"]}
    failed = Counter(row["error"] for row in rows if row["error"])
    write_dataset(run, "documents", tables, {"records": records, "skipped": skipped, "failed": dict(failed)})
    if until == "documents":
        return run
    signals = [pa.Table.from_pylist(list(_signals(t.to_pylist(), n)), SIGNALS) for n, t in enumerate(tables)]
    write_dataset(run, "signals", signals, {"records": records})
    if until == "signals":
        return run
    measured = pa.concat_tables(signals)
    duplicates = _duplicates(rows)
    write_dataset(run, "duplicates", [duplicates], {})
    decisions = judge(measured, duplicates, RECIPE.rules, RECIPE.dedup)
    write_dataset(run, "decisions", [decisions.slice(0, half), decisions.slice(half)], {})
    _write_json(run, "funnel.json", funnel(count_verdicts(decisions), RECIPE.rules, records))
    if until == "shards":
        _write_tokens(run, rows, decisions)
    return run


def write_dataset(run: Storage, name: str, tables: Iterable[pa.Table], counts: Mapping[str, Any]) -> None:
    """Commit tables as the parts of a dataset."""
    attempt = new_attempt()
    folder = run.child(name).child(attempt)
    for number, table in enumerate(tables):
        with folder.open_output(f"part-{number:05d}.parquet") as stream:
            pq.write_table(table, stream, row_group_size=5, compression="zstd")
    _commit(run, name, attempt, counts, parquet_parts(folder))


def _commit(run: Storage, name: str, attempt: str, counts: Mapping[str, Any], parts: tuple[Any, ...]) -> None:
    manifest = Manifest(
        dataset=name,
        key="k" * 16,
        attempt=attempt,
        config={},
        inputs={},
        code="c" * 16,
        parts=parts,
        rows=sum(part.rows for part in parts),
        bytes=sum(part.bytes for part in parts),
        counts=dict(counts),
        started="2026-01-02T03:04:05+00:00",
        seconds=12.5,
    )
    commit(run, manifest)


def _signals(rows: list[dict[str, Any]], part: int) -> Iterable[dict[str, Any]]:
    for number, row in enumerate(rows):
        copied = ("doc_id", "source", "category", "container", "num_records")
        outcome = ("skip_reason", "skip_value", "error", "error_detail")
        place = {"part": f"part-{part:05d}.parquet", "row": number}
        signals = dict.fromkeys(SIGNALS.names) | {name: row[name] for name in copied + outcome} | place
        yield signals | (_measure(row["text"]) if row["text"] is not None else {})


def _measure(text: str) -> dict[str, Any]:
    words = text.split()
    language = max(PROSE, key=lambda name: (sum(w in PROSE[name] for w in words[:40]), name == "en"))
    leaked = LEAK.lower() in text.lower()
    return {
        "language": language,
        "language_score": 0.4 if len(words) < 3 else 0.97,
        "num_chars": len(text),
        "num_bytes": len(text.encode()),
        "num_words": 25 if language == "ja" else len(words),
        "hash_to_word_ratio": text.count("#") / len(words),
        "c4_has_lorem_ipsum": "lorem ipsum" in text.lower(),
        "compression_ratio": len(text.encode()) / len(zlib.compress(text.encode())),
        "benchmark_13gram_item": "buns/3" if leaked else None,
        "benchmark_13gram_span": "a baker sells 12 trays of buns each tray holds 15 and 7 buns are left over"
        if leaked
        else None,
        "benchmark_13gram_matches": 5 if leaked else 0,
    }


def _duplicates(rows: list[dict[str, Any]]) -> pa.Table:
    ids = [row["doc_id"] for row in rows]
    if len(ids) < 61:
        return DUPLICATES.empty_table()
    clusters = (((0, "survivor", None), (59, "exact", 1.0)), ((1, "survivor", None), (60, "near", 0.9107)))
    listed = []
    for members in clusters:
        cluster = min(ids[number] for number, _, _ in members)
        for number, kind, similarity in members:
            place = {"doc_id": ids[number], "cluster": cluster, "cluster_size": 2, "survivor": ids[members[0][0]]}
            listed.append(place | {"kind": kind, "similarity": similarity})
    return pa.Table.from_pylist(listed, DUPLICATES)


def _write_tokens(run: Storage, rows: list[dict[str, Any]], decisions: pa.Table) -> None:
    kept = {row["doc_id"] for row in decisions.to_pylist() if row["verdict"] == KEPT}
    tokens = []
    for row in rows:
        if row["doc_id"] in kept:
            count = len(row["text"]) // 4 + 1
            entry = {"doc_id": row["doc_id"], "category": row["category"], "num_tokens": count}
            tokens.append(entry | {"tokens": b"\0" * 4 * count})
    write_dataset(run, "tokens", [pa.Table.from_pylist(tokens, TOKENS)], {})
    available = {}
    for category in ("web", "code"):
        counts = [row["num_tokens"] for row in tokens if row["category"] == category]
        available[category] = Available(sum(counts), len(counts))
    plan = plan_mixture(available, RECIPE.mixture)
    run.write_bytes("plan.json", plan.to_json().encode())
    attempt = new_attempt()
    write_index(run.child("shards").child(attempt), _index(plan))
    _commit(run, "shards", attempt, {}, ())


def _index(plan: Plan) -> ShardIndex:
    categories = []
    for category in plan.categories:
        tokens = category.planned_tokens + 3 if category.planned_tokens else 0
        documents = category.full_passes * category.available_documents + 1
        name = f"{category.category}/{category.category}-00000"
        files = {
            suffix: FileFacts(bytes=4 * tokens, sha256=xxhash.xxh3_128_hexdigest(name + suffix) * 2)
            for suffix in ("bin", "idx", "parquet")
        }
        shards = (ShardFacts(name=name, tokens=tokens, documents=documents, **files),) if tokens else ()
        categories.append(
            CategoryFacts(
                category=category.category,
                planned_tokens=category.planned_tokens,
                tokens=tokens,
                documents=documents if tokens else 0,
                shards=shards,
            )
        )
    return ShardIndex(
        dtype="int32",
        seed=RECIPE.seed,
        tokenizer=TokenizerFacts(name="made", digest="0" * 64, padded_vocabulary=512, end_of_document=0),
        tokens=sum(category.tokens for category in categories),
        documents=sum(category.documents for category in categories),
        categories=tuple(categories),
    )


def _write_json(storage: Storage, name: str, content: object) -> None:
    storage.fs.create_dir(storage.root, recursive=True)
    storage.write_bytes(name, (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode())
