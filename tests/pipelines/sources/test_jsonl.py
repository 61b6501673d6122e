"""Ready-made documents from JSON lines and Parquet."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.recipe import ExtractionConfig
from pipelines.source_config import SourceConfig
from pipelines.sources.jsonl import is_records_file, read_records
from pipelines.sources.records import ReaderConfig, Row
from pipelines.transport import ContainerRef


def read(folder: Path, data: bytes, name: str = "x.jsonl", **source: Any) -> list[Row]:
    path = folder / name
    path.write_bytes(data)
    max_input_bytes = source.pop("max_input_bytes", 2**20)
    config = ReaderConfig(
        source=SourceConfig.model_validate({"id": "r", "format": "records", "category": "code", **source}),
        extraction=ExtractionConfig(max_input_bytes=max_input_bytes),
    )
    return list(read_records(ContainerRef(name, str(path), len(data)), config))


def lines(*records: Any) -> bytes:
    return b"".join(json.dumps(r).encode() + b"\n" for r in records)


def zstd(data: bytes) -> bytes:
    from fastwarc.stream_io import ZstdWriter

    buffer = io.BytesIO()
    writer = ZstdWriter(buffer)
    writer.write(data)
    writer.finish()
    writer.flush()
    return buffer.getvalue()


class TestJsonLines:
    def test_fields_go_to_their_columns_and_the_rest_to_metadata(self, tmp_path: Path) -> None:
        record = {
            "id": "a1",
            "text": "one\r\ntwo ",
            "url": "https://e.org",
            "date": "2024",
            "license": "MIT",
            "title": "T",
            "source": "github",
            "stars": 7,
            "nested": {"lang": "py", "deep": {"x": 1}},
            "tags": ["a"],
        }
        row, end = read(tmp_path, lines(record))
        assert (row.text, row.url, row.date, row.license, row.title) == (
            "one\ntwo",
            "https://e.org",
            "2024",
            "MIT",
            "T",
        )
        assert (row.source, row.category, row.container, row.media_type) == ("github", "code", "x.jsonl", "text/plain")
        assert (row.offset, row.length) == (0, len(lines(record)))
        assert json.loads(row.metadata or "") == {"id": "a1", "nested.lang": "py", "stars": 7}
        assert (end.skip_reason, end.skip_value) == ("container_end", "1")

    @pytest.mark.parametrize(
        ("name", "pack"), [("x.jsonl", bytes), ("x.jsonl.gz", gzip.compress), ("x.jsonl.zst", zstd)]
    )
    def test_packing_changes_no_text(self, tmp_path: Path, name: str, pack: Callable[[bytes], bytes]) -> None:
        rows = read(tmp_path, pack(lines(*({"text": f"t{n}"} for n in range(500)))), name)
        assert [row.text for row in rows[:-1]] == [f"t{n}" for n in range(500)]

    def test_an_unknown_source_is_metadata(self, tmp_path: Path) -> None:
        row, _ = read(tmp_path, lines({"text": "t", "source": "my blog"}))
        assert row.source == "records"
        assert json.loads(row.metadata or "") == {"source": "my blog"}

    def test_bad_lines_fail_and_empty_texts_are_skipped(self, warc: SimpleNamespace, tmp_path: Path) -> None:
        data = b'{"text": "a"}\nnot json\n\n[1]\n{"text": 3}\n{}\n{"text": " "}\n{"text": "caf\xe9"}\n{"text": "z"}'
        rows = read(tmp_path, data)
        assert warc.outcomes(rows) == ["document", *["MalformedLine"] * 4, "no_text:None", "MalformedLine", "document"]
        assert warc.balanced(rows)
        assert [data[row.offset or 0 :][: row.length] for row in rows[:2]] == [b'{"text": "a"}\n', b"not json\n"]

    def test_ids_follow_the_records_own_and_never_collide(self, warc: SimpleNamespace, tmp_path: Path) -> None:
        a, b, c = ({"id": n, "text": "t"} for n in "abc")
        one, two = read(tmp_path, lines(a, b, c)), read(tmp_path, lines(c, a, b))
        assert sorted(r.doc_id for r in one) == sorted(r.doc_id for r in two)
        assert warc.balanced(
            read(tmp_path, lines(a, a, {"text": "t"}, {"id": "#0", "text": "t"}, {"id": None, "text": "t"}))
        )
        by_name = read(tmp_path, lines({"name": "n", "text": "t"}, {"name": "m", "text": "t"}), id_field="name")
        assert by_name[0].doc_id != read(tmp_path, lines({"name": "n", "text": "t"}), id_field=None)[0].doc_id

    def test_a_line_over_the_limit_fails_alone(self, warc: SimpleNamespace, tmp_path: Path) -> None:
        data = lines({"text": "a"}, {"text": "b" * 5_000_000}, {"text": "c"})
        rows = read(tmp_path, data, max_input_bytes=1000)
        assert warc.outcomes(rows) == ["document", "InputTooLarge", "document"]
        assert rows[1].length == 5_000_013
        assert rows[2].offset == len(data) - 14

    @pytest.mark.parametrize(("name", "pack"), [("x.jsonl.gz", gzip.compress), ("x.jsonl.zst", zstd)])
    def test_a_file_cut_off_keeps_what_came_before(
        self, warc: SimpleNamespace, tmp_path: Path, name: str, pack: Callable[[bytes], bytes]
    ) -> None:
        import random

        draw = random.Random(1)
        data = pack(lines(*({"text": draw.randbytes(3000).hex()} for _ in range(200))))
        rows = read(tmp_path, data[: len(data) // 2], name)
        words = warc.outcomes(rows)
        assert words[-1] == "DamagedMember"
        assert 20 < words.count("document") < 200
        assert warc.balanced(rows)

    def test_missing_and_empty_files_are_rows(self, warc: SimpleNamespace, tmp_path: Path) -> None:
        assert warc.outcomes(read(tmp_path, b"\n\n")) == ["EmptyContainer"]
        config = ReaderConfig(source=SourceConfig(id="r", format="records", category="web"))
        gone = list(read_records(ContainerRef("gone", str(tmp_path / "gone"), None), config))
        assert warc.outcomes(gone) == ["UnreadableContainer"]
        assert warc.balanced(gone)

    @settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.binary(max_size=60), max_size=20))
    def test_the_books_balance_for_any_bytes(self, warc: SimpleNamespace, tmp_path: Path, parts: list[bytes]) -> None:
        for data in (b"\n".join(parts), gzip.compress(b"\n".join(parts))):
            assert warc.balanced(read(tmp_path, data))


class TestParquet:
    def parquet(self, table: pa.Table) -> bytes:
        buffer = io.BytesIO()
        pq.write_table(table, buffer)
        return buffer.getvalue()

    def test_columns_are_fields(self, tmp_path: Path) -> None:
        table = pa.table(
            {
                "body": ["a", None, "c"],
                "id": [1, 2, 3],
                "date": [datetime(2024, 1, 2)] * 3,
                "score": [0.5, 1.5, None],
            }
        )
        rows = read(tmp_path, self.parquet(table), "x.parquet", text_field="body")
        assert [row.text for row in rows[:3]] == ["a", None, "c"]
        assert (rows[0].date, rows[1].error) == ("2024-01-02T00:00:00", "MalformedLine")
        assert json.loads(rows[0].metadata or "") == {"id": 1, "score": 0.5}

    def test_a_file_without_the_text_column_or_cut_off_is_a_row(self, warc: SimpleNamespace, tmp_path: Path) -> None:
        data = self.parquet(pa.table({"x": ["a"]}))
        for broken in (data, data[:-10], b"PAR1"):
            rows = read(tmp_path, broken, "x.parquet")
            assert warc.outcomes(rows) == ["UnreadableContainer"]
            assert warc.balanced(rows)


def test_folders_give_record_files_only() -> None:
    assert all(map(is_records_file, ["a.jsonl", "a.jsonl.gz", "b.JSONL.zst", "c.json.gz", "d.parquet", "e.ndjson"]))
    assert not any(map(is_records_file, ["manifest.json", "a.txt", "a.csv.gz", "a.parquet.crc"]))
