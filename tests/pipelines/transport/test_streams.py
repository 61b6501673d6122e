"""Streams over local paths and over a real HTTP server that misbehaves."""

from __future__ import annotations

import io
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from pipelines.errors import (
    AccessDenied,
    InputNotFound,
    ObjectChanged,
    RecipeError,
    TransportError,
)
from pipelines.transport import RetryPolicy, open_stream
from pipelines.transport.retry import retry_after_s, wait_s
from tests.pipelines.transport.web_server import DATA, FAST, OPTIONS, WebServer, cut_after, no_fault, status


class TestReading:
    def test_a_local_file_reads_as_it_is(self, tmp_path: Path) -> None:
        (tmp_path / "x.warc").write_bytes(DATA)
        with open_stream(str(tmp_path / "x.warc")) as stream:
            assert stream.read() == DATA
        with open_stream(f"file://{tmp_path}/x.warc") as stream:
            assert stream.read(10) == DATA[:10]

    def test_a_web_object_reads_in_ranges_of_one_block(self, web: WebServer) -> None:
        with open_stream(web.uri("a/dump.warc.gz"), OPTIONS) as stream:
            assert stream.read() == DATA
        assert [asked for _, asked in web.requests] == [f"bytes={at}-{at + 65535}" for at in range(0, len(DATA), 65536)]

    def test_a_stream_tells_and_seeks(self, web: WebServer) -> None:
        with open_stream(web.uri("a/dump.warc.gz"), OPTIONS) as stream:
            assert (stream.read(100), stream.tell()) == (DATA[:100], 100)
            assert stream.seek(250_000) == 250_000
            assert stream.read(100) == DATA[250_000:250_100]
            stream.seek(5)
            assert stream.read(10) == DATA[5:15]
            assert stream.seek(0, io.SEEK_END) == len(DATA)
            assert stream.read(1) == b""

    def test_an_empty_object_is_empty(self, web: WebServer) -> None:
        web.files["empty"] = b""
        with open_stream(web.uri("empty"), OPTIONS) as stream:
            assert stream.read() == b""

    def test_an_unknown_scheme_is_the_callers_mistake(self) -> None:
        with pytest.raises(RecipeError, match="gopher://"):
            open_stream("gopher://example.org/x")

    def test_a_missing_local_file_is_typed(self, tmp_path: Path) -> None:
        with pytest.raises(InputNotFound, match=r"gone\.warc"):
            open_stream(str(tmp_path / "gone.warc"))


class TestFaultsOfTheWeb:
    def test_a_broken_connection_resumes_at_the_byte_where_it_broke(self, web: WebServer) -> None:
        web.faults = [cut_after(10_000), cut_after(20_000), no_fault]
        with open_stream(web.uri("a/dump.warc.gz"), OPTIONS) as stream:
            assert stream.read() == DATA
        assert [asked.split("-")[0] for _, asked in web.requests[:3] if asked] == [
            "bytes=0",
            "bytes=10000",
            "bytes=30000",
        ]

    @pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
    def test_a_server_that_asks_to_come_back_is_asked_again(self, web: WebServer, code: int) -> None:
        web.faults = [status(code), status(code), no_fault, status(code)]
        with open_stream(web.uri("a/dump.warc.gz"), OPTIONS) as stream:
            assert stream.read() == DATA

    def test_retry_after_is_honoured(self, web: WebServer) -> None:
        retry = FAST.model_copy(update={"cap_s": 1.0})
        web.faults = [status(503, Retry_After="1")]
        began = time.monotonic()
        with open_stream(web.uri("a/dump.warc.gz"), OPTIONS.model_copy(update={"retry": retry})) as stream:
            stream.read(1)
        assert time.monotonic() - began >= 1.0

    def test_the_last_failure_names_object_cause_and_next_step(self, web: WebServer) -> None:
        web.faults = [status(503)] * FAST.max_attempts
        with pytest.raises(TransportError) as caught:
            open_stream(web.uri("a/dump.warc.gz"), OPTIONS)
        message = str(caught.value)
        assert web.uri("a/dump.warc.gz") in message
        assert "HTTP 503" in message
        assert "run the command again" in message
        assert len(web.requests) == FAST.max_attempts

    def test_one_failure_less_than_allowed_still_reads(self, web: WebServer) -> None:
        web.faults = [status(503)] * (FAST.max_attempts - 1)
        with open_stream(web.uri("a/dump.warc.gz"), OPTIONS) as stream:
            assert stream.read() == DATA

    def test_attempts_are_counted_anew_after_progress(self, web: WebServer) -> None:
        web.faults = [cut_after(1000)] * (3 * FAST.max_attempts)
        with open_stream(web.uri("a/dump.warc.gz"), OPTIONS) as stream:
            assert stream.read() == DATA

    def test_a_server_without_ranges_is_read_from_the_start_again(self, web: WebServer) -> None:
        web.knows_ranges = False

        def cut(handler: BaseHTTPRequestHandler, _start: int, data: bytes) -> bool:
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(data)))
            handler.end_headers()
            handler.wfile.write(data[:70_000])
            handler.close_connection = True
            return True

        web.faults = [cut]
        with open_stream(web.uri("a/dump.warc.gz"), OPTIONS) as stream:
            assert stream.read() == DATA

    def test_a_replaced_object_is_not_spliced(self, web: WebServer) -> None:
        with open_stream(web.uri("a/dump.warc.gz"), OPTIONS) as stream:
            stream.read(1000)
            web.files["a/dump.warc.gz"] = DATA[::-1]
            with pytest.raises(ObjectChanged, match="replaced"):
                stream.read()

    @pytest.mark.parametrize(
        ("code", "error"), [(404, InputNotFound), (410, InputNotFound), (403, AccessDenied), (401, AccessDenied)]
    )
    def test_refusals_are_typed_and_not_repeated(self, web: WebServer, code: int, error: type[Exception]) -> None:
        web.faults = [status(code)]
        with pytest.raises(error, match=f"HTTP {code}"):
            open_stream(web.uri("a/dump.warc.gz"), OPTIONS)
        assert len(web.requests) == 1

    def test_no_server_at_all_is_a_transport_error(self) -> None:
        with pytest.raises(TransportError, match="no answer"):
            open_stream("http://127.0.0.1:9/x.warc", OPTIONS)

    def test_waits_grow_up_to_the_cap_and_respect_the_server(self) -> None:
        policy = RetryPolicy(base_s=1, cap_s=8)
        for failures, longest in ((1, 1), (2, 2), (3, 4), (4, 8), (9, 8)):
            assert all(0 <= wait_s(policy, failures, None) <= longest for _ in range(50))
        assert wait_s(policy, 1, 20) == 20
        assert wait_s(policy, 1, 1000) == 40
        assert retry_after_s("7") == 7
        assert retry_after_s("soon") is None
        assert (retry_after_s("Wed, 21 Oct 2099 07:28:00 GMT") or 0) > 1e6
