"""Web archives to rows: what is a document, what is skipped or failed and why, and that the books balance."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractors.errors import TimeLimitExceeded
from extractors.result import Extraction
from pipelines.recipe import ExtractionConfig
from pipelines.sources.commoncrawl import html_extractor, read_container
from pipelines.sources.records import Row
from pipelines.transport import ContainerRef, list_containers


def metadata(row: Row) -> dict[str, str]:
    parsed: dict[str, str] = json.loads(row.metadata or "{}")
    return parsed


class TestDocuments:
    def test_a_page_becomes_a_document_with_its_place_and_headers(self, warc: SimpleNamespace, tmp_path: Path) -> None:
        first = warc.record(b"software: x\r\n", kind="warcinfo")
        page = warc.page(
            WARC_Target_URI="<https://example.org/a>",
            WARC_IP_Address="192.0.2.7",
            WARC_Payload_Digest="sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        )
        data = warc.gz([first, page])
        document, skipped, end = warc.read(tmp_path, data, name="x.warc.gz")
        assert document.text == "A paragraph of text."
        assert (document.source, document.category, document.container) == ("commoncrawl", "web", "x.warc.gz")
        assert (document.url, document.date) == ("https://example.org/a", "2024-12-01T00:00:00Z")
        assert gzip.decompress(data[document.offset : document.offset + document.length]) == page
        assert (document.media_type, document.num_records) == ("text/html", 1)
        assert metadata(document) == {
            "charset": "utf-8",
            "http_content_type": "text/html; charset=utf-8",
            "ip_address": "192.0.2.7",
            "payload_digest": "sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "payload_digest_check": "mismatch",
            "record_id": "urn:uuid:12345678-0000-4000-8000-000000000000",
        }
        assert list(metadata(document)) == sorted(metadata(document))
        assert (skipped.skip_reason, skipped.skip_value, skipped.num_records) == ("record_type", "warcinfo", 1)
        assert (end.skip_reason, end.skip_value, end.num_records) == ("container_end", "2", 0)

    def test_ids_depend_on_name_and_place_and_nothing_else(self, warc: SimpleNamespace, tmp_path: Path) -> None:
        data = warc.gz([warc.page(), warc.page()])
        (tmp_path / "elsewhere").mkdir()
        here, there = warc.read(tmp_path, data), warc.read(tmp_path / "elsewhere", data)
        renamed = warc.read(tmp_path, data, name="y.warc")
        assert [row.doc_id for row in here] == [row.doc_id for row in there]
        assert not {row.doc_id for row in here} & {row.doc_id for row in renamed}
        assert all(len(row.doc_id) == 32 and int(row.doc_id, 16) >= 0 for row in here)

    def test_records_that_share_a_member_are_told_apart_by_their_number(
        self, warc: SimpleNamespace, tmp_path: Path
    ) -> None:
        rows = warc.read(tmp_path, gzip.compress(warc.page() + warc.page()))
        assert [(row.offset, row.length) for row in rows[:2]] == [(0, None)] * 2
        assert [metadata(row)["ordinal"] for row in rows[:2]] == ["0", "1"]
        assert warc.balanced(rows)

    def test_a_payload_digest_that_agrees_is_not_noted(self, warc: SimpleNamespace, tmp_path: Path) -> None:
        import base64
        import hashlib

        digest = hashlib.sha1(warc.PAGE, usedforsecurity=False).digest()
        for value in (base64.b32encode(digest).decode(), digest.hex()):
            (row, _) = warc.read(tmp_path, warc.page(WARC_Payload_Digest=f"sha1:{value}"))
            assert "payload_digest_check" not in metadata(row)

    def test_an_odd_date_is_kept_aside(self, warc: SimpleNamespace, tmp_path: Path) -> None:
        (row, _) = warc.read(tmp_path, warc.page(WARC_Date="Tue, 3 Dec 2024"))
        assert row.date is None
        assert metadata(row)["date_as_stated"] == "Tue, 3 Dec 2024"

    def test_all_that_the_extractor_finds_is_kept(self, warc: SimpleNamespace, tmp_path: Path) -> None:
        found = Extraction(
            text="x",
            title="A title",
            author="A. Author",
            date="2020-01",
            language="de",
            canonical_url="https://e.org/c",
            license_url="https://creativecommons.org/licenses/by/4.0/",
            robots=("noai", "noindex"),
            kind="article",
            metadata={"own": "1"},
        )
        path = tmp_path / "x.warc"
        path.write_bytes(warc.page())
        row = next(read_container(ContainerRef("x.warc", str(path), None), warc.config(), lambda *_: found))
        assert (row.title, row.license) == ("A title", found.license_url)
        expected = {"author": "A. Author", "published": "2020-01", "language_hint": "de", "robots": "noai,noindex"}
        expected |= {"canonical_url": "https://e.org/c", "page_kind": "article", "own": "1"}
        assert expected.items() <= metadata(row).items()

    def test_wet_text_is_taken_when_asked_for(self, warc: SimpleNamespace, tmp_path: Path) -> None:
        wet = warc.record(
            "\ufeffa line\r\ncafe\u0301\r\n".encode(),
            kind="conversion",
            Content_Type="text/plain",
            WARC_Identified_Content_Language="fra,eng",
        )
        empty = warc.record(b" \n", kind="conversion", Content_Type="text/plain")
        broken = warc.record(b"caf\xe9", kind="conversion", Content_Type="text/plain")
        rows = warc.read(tmp_path, wet + empty + broken + warc.page(), records="conversion")
        assert rows[0].text == "a line\ncafé"
        assert metadata(rows[0])["languages"] == "fra,eng"
        assert warc.outcomes(rows) == ["document", "no_text:None", "UndecodableInput", "record_type:response"]
        assert warc.outcomes(warc.read(tmp_path, wet)) == ["record_type:conversion"]


class TestWhatIsSkipped:
    @pytest.mark.parametrize("kind", ["request", "metadata", "warcinfo", "revisit", "resource", "continuation", "odd"])
    def test_other_record_types(self, warc: SimpleNamespace, tmp_path: Path, kind: str) -> None:
        assert warc.outcomes(warc.read(tmp_path, warc.record(b"abc", kind=kind))) == [f"record_type:{kind}"]

    @pytest.mark.parametrize("status", ["404", "301", "500", "206", "304"])
    def test_other_statuses(self, warc: SimpleNamespace, tmp_path: Path, status: str) -> None:
        rows = warc.read(tmp_path, warc.record(warc.response(status=f"{status} Whatever")))
        assert warc.outcomes(rows) == [f"http_status:{status}"]

    @pytest.mark.parametrize(
        ("content_type", "identified", "body", "outcome"),
        [
            ("text/html", None, None, "document"),
            ("application/xhtml+xml; charset=utf-8", None, None, "document"),
            ("TEXT/HTML", None, None, "document"),
            (None, None, None, "document"),
            ("html", None, None, "document"),
            ("application/octet-stream", None, None, "document"),
            ("text/plain", None, None, "document"),
            ("text/plain", None, b"<p>not a whole document</p>", "media_type:text/plain"),
            ("application/octet-stream", None, b"<p>a part</p>", "document"),
            ("application/xml", "application/xhtml+xml", None, "document"),
            ("image/png", "text/html", None, "document"),
            ("text/plain", None, b"words", "media_type:text/plain"),
            ("text/plain", "text/html", b"<p>x</p>", "document"),
            (None, None, b"words", "media_type:missing"),
            ("application/json", None, None, "media_type:application/json"),
            ("text/html", None, b"%PDF-1.4 ...", "media_type:application/pdf"),
            ("text/html", "application/pdf", b"%PDF-1.4 ...", "media_type:application/pdf"),
            ("text/html", None, b"", "empty_payload:text/html"),
            ("text/html", None, b" \r\n", "empty_payload:text/html"),
        ],
    )
    def test_media_types_declared_identified_and_sniffed(
        self,
        warc: SimpleNamespace,
        tmp_path: Path,
        content_type: str | None,
        identified: str | None,
        body: bytes | None,
        outcome: str,
    ) -> None:
        fields = {} if identified is None else {"WARC_Identified_Payload_Type": identified}
        block = warc.response(warc.PAGE if body is None else body, content_type=content_type)
        assert warc.outcomes(warc.read(tmp_path, warc.record(block, **fields))) == [outcome]

    def test_pages_that_are_not_all_there(self, warc: SimpleNamespace, tmp_path: Path) -> None:
        rows = warc.read(tmp_path, warc.page(WARC_Truncated="length") * 2 + warc.page(WARC_Segment_Number="1"))
        assert warc.outcomes(rows) == ["segmented:1", "truncated:length", "truncated:length"]
        assert len(rows) == 3

    def test_responses_of_other_protocols(self, warc: SimpleNamespace, tmp_path: Path) -> None:
        rows = warc.read(tmp_path, warc.record(b"20080430\r\nexample.org A 1", Content_Type="text/dns"))
        assert warc.outcomes(rows) == ["not_http:text/dns"]

    def test_pages_without_text_keep_a_row_each(self, warc: SimpleNamespace, tmp_path: Path) -> None:
        rows = warc.read(tmp_path, warc.page(b"<html><body></body></html>") * 2)
        assert [(row.skip_reason, row.text, row.num_records, row.url) for row in rows[:2]] == [
            ("no_text", None, 1, "https://example.org/page")
        ] * 2
        assert warc.balanced(rows)


class TestWhatFails:
    def test_http_headers_and_codings_that_cannot_be_read(self, warc: SimpleNamespace, tmp_path: Path) -> None:
        bad_http = warc.record(b"<html>no header</html>")
        bad_gzip = warc.record(warc.response(gzip.compress(warc.PAGE)[:-20], Content_Encoding="gzip"))
        rows = warc.read(tmp_path, bad_http + bad_gzip + warc.page())
        assert warc.outcomes(rows) == ["MalformedHttp", "UndecodablePayload", "document"]
        assert all(row.url == "https://example.org/page" and row.error_detail for row in rows[:2])

    def test_an_extraction_error_is_the_rows_error_and_leaves_no_text(
        self, warc: SimpleNamespace, tmp_path: Path
    ) -> None:
        path = tmp_path / "x.warc"
        path.write_bytes(warc.page())
        late = Extraction(text="half of it", title="T", error=TimeLimitExceeded("11 s"))
        row = next(read_container(ContainerRef("x.warc", str(path), None), warc.config(), lambda *_: late))
        assert (row.error, row.error_detail, row.text, row.title) == ("TimeLimitExceeded", "11 s", None, "T")

    @pytest.mark.parametrize(("comments", "is_kept"), [("keep", True), ("drop", False)])
    def test_the_recipe_says_whether_comments_are_text(
        self, warc: SimpleNamespace, comments: str, is_kept: bool
    ) -> None:
        config = warc.config().model_copy(
            update={"extraction": ExtractionConfig.model_validate({"comments": comments})}
        )
        page = Path(__file__).parents[2] / "extractors" / "golden" / "comments.html"
        found = html_extractor(config)(page.read_bytes(), None, "utf-8")
        assert "springs rise under the northern bank" in found.text
        assert ("My grandfather cut ice" in found.text) is is_kept

    def test_a_broken_record_keeps_what_its_header_said(self, warc: SimpleNamespace, tmp_path: Path) -> None:
        rows = warc.read(tmp_path, warc.page(length=50) + warc.page())
        assert warc.outcomes(rows) == ["MalformedRecord", "document"]
        assert (rows[0].url, rows[0].offset) == ("https://example.org/page", 0)

    def test_a_missing_file_is_a_row(self, warc: SimpleNamespace, tmp_path: Path) -> None:
        rows = list(read_container(ContainerRef("x", str(tmp_path / "x"), None), warc.config(), warc.tag_text))
        assert warc.outcomes(rows) == ["UnreadableContainer"]
        assert "is not there" in (rows[0].error_detail or "")
        assert warc.balanced(rows)

    def test_a_network_that_fails_is_a_row(self, warc: SimpleNamespace) -> None:
        rows = list(read_container(ContainerRef("x", "http://127.0.0.1:9/x", None), warc.config(), warc.tag_text))
        assert warc.outcomes(rows) == ["TransportError"]
        assert warc.balanced(rows)


RECORDS = {
    "document": lambda w: w.page(),
    "record_type:request": lambda w: w.record(b"GET / HTTP/1.1\r\n\r\n", kind="request"),
    "http_status:404": lambda w: w.record(w.response(status="404 Not Found")),
    "media_type:image/png": lambda w: w.record(w.response(b"\x89PNG", content_type="image/png")),
    "truncated:length": lambda w: w.page(WARC_Truncated="length"),
    "no_text:None": lambda w: w.page(b"<html></html>"),
    "MalformedHttp": lambda w: w.record(b"nothing like HTTP"),
    "UndecodablePayload": lambda w: w.record(w.response(b"\x1f\x8b\x08" + b"\0" * 40, Content_Encoding="gzip")),
    "MalformedRecord": lambda w: w.record(b"abc", length="?"),
}


class TestBooks:
    @settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        kinds=st.lists(st.sampled_from(sorted(RECORDS)), max_size=25), packing=st.sampled_from(["plain", "gz", "one"])
    )
    def test_every_record_has_its_outcome(
        self, warc: SimpleNamespace, tmp_path: Path, kinds: list[str], packing: str
    ) -> None:
        made = [RECORDS[kind](warc) for kind in kinds]
        data = {"plain": b"".join, "gz": warc.gz, "one": lambda r: gzip.compress(b"".join(r))}[packing](made)
        rows = warc.read(tmp_path, data)
        assert Counter(warc.outcomes(rows)) == Counter(kinds or ["EmptyContainer"])
        assert warc.balanced(rows)
        assert rows == warc.read(tmp_path, data)

    def test_a_long_container_needs_little_memory(self, warc: SimpleNamespace, tmp_path: Path) -> None:
        path = tmp_path / "long.warc.gz"
        body = b"<html><p>words</p>" + b"<!-- filler -->" * 20_000
        member = warc.gz([warc.record(b"GET", kind="request"), warc.record(warc.response(body))])
        with path.open("wb") as stream:
            for _ in range(400):
                stream.write(member)
        ref = ContainerRef("long.warc.gz", str(path), None)
        for row in read_container(ref, warc.config(), warc.tag_text):  # imports and first buffers
            del row
            break
        tracemalloc.start()
        documents = sum(row.text is not None for row in read_container(ref, warc.config(), warc.tag_text))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert documents == 400
        assert peak < 12 * 2**20, f"{peak / 2**20:.1f} MiB for 120 MB of pages"


@pytest.mark.corpus
class TestRealArchives:
    def test_every_fault_file_ends_in_counted_reasons(self, warc: SimpleNamespace, shared: Path) -> None:
        faults = list_containers([str(shared / "corpus/commoncrawl/faults")])
        assert len(faults) == 134
        total: Counter[str] = Counter()
        for ref in faults:
            rows = list(read_container(ref, warc.config(), lambda data, *_: Extraction(text=str(len(data)))))
            assert warc.balanced(rows), ref.name
            assert warc.outcomes(rows), ref.name
            total.update(word.partition(":")[0] for word in warc.outcomes(rows))
        assert total["document"] == 46
        failures = ("MalformedRecord", "TruncatedRecord", "DamagedMember", "NotAnArchive", "EmptyContainer")
        assert [total[code] for code in failures] == [52, 40, 3, 4, 1]
        assert (total["MalformedHttp"], total["UndecodablePayload"]) == (4, 2)

    def test_every_page_of_the_page_archives_is_a_document(self, warc: SimpleNamespace, shared: Path) -> None:
        rows: list[Row] = []
        for ref in list_containers([str(shared / "corpus/commoncrawl/pages/*.warc.gz")]):
            rows += read_container(ref, warc.config(), lambda data, *_: Extraction(text=str(len(data))))
        assert sum(row.text is not None for row in rows) == 1002
        assert not [row for row in rows if row.error]
        assert not [row for row in rows if "payload_digest_check" in (row.metadata or "")]
