"""Dump files over local paths, a real HTTP server that misbehaves, and a real S3 server on loopback."""

from __future__ import annotations

import gzip
import io
import random
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from pipelines.errors import (
    AccessDenied,
    DuplicateContainer,
    InputNotFound,
    ObjectChanged,
    RecipeError,
    TransportError,
)
from pipelines.transport import ContainerRef, RetryPolicy, TransportOptions, list_containers, open_stream
from pipelines.transport.retry import retry_after_s, wait_s
from pipelines.transport.s3 import s3_client

FAST = RetryPolicy(max_attempts=4, base_s=0.001, cap_s=0.01, read_timeout_s=2, connect_timeout_s=2, progress_bytes=1)
OPTIONS = TransportOptions(retry=FAST, block_bytes=64 * 1024)
DATA = random.Random(1).randbytes(300_000)

Fault = Callable[[BaseHTTPRequestHandler, int, bytes], bool]
"""(handler, first byte asked for, the whole object); True when it has answered."""


class WebServer:
    """Serves `files` with ranges and ETags; `faults` are used up one a request."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.faults: list[Fault] = []
        self.requests: list[tuple[str, str | None]] = []
        self.knows_ranges = True
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                web.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def uri(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/{path}"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        asked = handler.headers.get("Range")
        self.requests.append((handler.path, asked))
        data = self.files.get(handler.path.lstrip("/"))
        start = int(asked.split("=")[1].split("-")[0]) if asked else 0
        if self.faults and self.faults.pop(0)(handler, start, data or b""):
            return
        if data is None:
            status(404)(handler, start, b"")
            return
        etag = f'"{len(data)}-{data[:8].hex()}"'
        if handler.headers.get("If-Match") not in (None, etag):
            status(412)(handler, start, b"")
            return
        self.send(handler, data, asked, etag)

    def send(self, handler: BaseHTTPRequestHandler, data: bytes, asked: str | None, etag: str) -> None:
        part, code = data, 200
        headers = {"ETag": etag}
        if asked and self.knows_ranges:
            start, end = asked.split("=")[1].split("-")
            if int(start) >= len(data):
                status(416)(handler, 0, b"")
                return
            part, code = data[int(start) : int(end) + 1], 206
            headers["Content-Range"] = f"bytes {start}-{int(start) + len(part) - 1}/{len(data)}"
        handler.send_response(code)
        for name, value in {**headers, "Content-Length": str(len(part))}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(part)


def status(code: int, **headers: str) -> Fault:
    def answer(handler: BaseHTTPRequestHandler, _start: int, _data: bytes) -> bool:
        handler.send_response(code)
        for name, value in {"Content-Length": "0", **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        return True

    return answer


def cut_after(num_bytes: int) -> Fault:
    """Promise the whole range, send some of it and hang up."""

    def answer(handler: BaseHTTPRequestHandler, start: int, data: bytes) -> bool:
        handler.send_response(206)
        handler.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        handler.send_header("Content-Length", str(len(data) - start))
        handler.end_headers()
        handler.wfile.write(data[start : start + num_bytes])
        handler.close_connection = True
        return True

    return answer


def no_fault(*_: object) -> bool:
    return False


@pytest.fixture
def web() -> Iterator[WebServer]:
    server = WebServer()
    server.files["a/dump.warc.gz"] = DATA
    yield server
    server.server.shutdown()
    server.server.server_close()


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of a moto server that AWS_ENDPOINT_URL points to, with a bucket `dumps`."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "10")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    s3_client.cache_clear()
    client = boto3.client("s3")
    requests.post(f"http://{host}:{port}/moto-api/reset", timeout=10)
    client.create_bucket(Bucket="dumps")
    yield client
    s3_client.cache_clear()
    server.stop()


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


class TestS3:
    def test_objects_read_signed_and_anonymous(self, s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        s3.put_object(Bucket="dumps", Key="a/x.warc.gz", Body=DATA)
        for scheme in ("s3", "s3a"):
            with open_stream(f"{scheme}://dumps/a/x.warc.gz", OPTIONS) as stream:
                assert stream.read() == DATA
        from botocore import UNSIGNED

        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(name)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        s3.put_object_acl(Bucket="dumps", Key="a/x.warc.gz", ACL="public-read")
        for credentials in ("auto", "anonymous"):
            s3_client.cache_clear()
            options = OPTIONS.model_copy(update={"credentials": credentials})
            assert s3_client(options).meta.config.signature_version is UNSIGNED
            with open_stream("s3://dumps/a/x.warc.gz", options) as stream:
                assert stream.read() == DATA

    def test_a_bucket_whose_readers_pay_is_read_when_they_agree(
        self, web: WebServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def unless_paid(handler: BaseHTTPRequestHandler, start: int, data: bytes) -> bool:
            paid = handler.headers.get("x-amz-request-payer") == "requester"
            return not paid and status(403)(handler, start, data)

        monkeypatch.setenv("AWS_ENDPOINT_URL", web.uri(""))
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        s3_client.cache_clear()
        web.files["arxiv/src/arXiv_src_2401_001.tar"] = DATA
        web.faults = [unless_paid] * 9
        uri = "s3://arxiv/src/arXiv_src_2401_001.tar"
        with pytest.raises(AccessDenied, match="requester_pays"):
            open_stream(uri, OPTIONS)
        with open_stream(uri, OPTIONS.model_copy(update={"requester_pays": True})) as stream:
            assert stream.read() == DATA
        s3_client.cache_clear()

    def test_missing_keys_and_buckets_are_typed(self, s3: Any) -> None:
        del s3
        with pytest.raises(InputNotFound, match="NoSuchKey"):
            open_stream("s3://dumps/none.warc", OPTIONS)
        with pytest.raises(InputNotFound, match="NoSuchBucket"):
            open_stream("s3://nobody/none.warc", OPTIONS)

    def test_a_replaced_object_is_not_spliced(self, s3: Any) -> None:
        s3.put_object(Bucket="dumps", Key="x.warc", Body=DATA)
        with open_stream("s3://dumps/x.warc", OPTIONS) as stream:
            stream.read(10)
            s3.put_object(Bucket="dumps", Key="x.warc", Body=DATA[::-1])
            with pytest.raises(ObjectChanged):
                stream.read()

    def test_an_empty_object_is_empty(self, s3: Any) -> None:
        s3.put_object(Bucket="dumps", Key="x.warc", Body=b"")
        with open_stream("s3://dumps/x.warc", OPTIONS) as stream:
            assert stream.read() == b""

    def test_a_folder_lists_dump_files_of_every_page(self, s3: Any) -> None:
        for index in range(25):
            s3.put_object(Bucket="dumps", Key=f"in/s{index % 3}/{index:04}.warc.gz", Body=b"x")
        s3.put_object(Bucket="dumps", Key="in/notes.txt", Body=b"x")
        s3.put_object(Bucket="dumps", Key="in/_tmp/0.warc.gz", Body=b"x")
        for folder in ("s3://dumps/in", "s3://dumps/in/"):
            refs = list_containers([folder], OPTIONS)
            assert len(refs) == 25
            assert refs[0] == ContainerRef("s0/0000.warc.gz", "s3://dumps/in/s0/0000.warc.gz", 1)

    def test_a_glob_over_keys(self, s3: Any) -> None:
        for key in ("in/a/1.warc.gz", "in/a/2.warc.gz", "in/b/c/3.warc.gz", "in/a.warc.gz"):
            s3.put_object(Bucket="dumps", Key=key, Body=b"x")
        assert [ref.name for ref in list_containers(["s3://dumps/in/*/*.warc.gz"], OPTIONS)] == [
            "a/1.warc.gz",
            "a/2.warc.gz",
        ]
        assert [ref.name for ref in list_containers(["s3://dumps/in/**/[3-4].warc.gz"], OPTIONS)] == ["b/c/3.warc.gz"]

    def test_a_crawl_id_resolves_in_a_bucket(self, s3: Any) -> None:
        keys = [f"crawl-data/CC-MAIN-2024-51/segments/1/warc/{i}.warc.gz" for i in range(3)]
        listing = gzip.compress("\n".join(keys).encode())
        s3.put_object(Bucket="dumps", Key="crawl-data/CC-MAIN-2024-51/warc.paths.gz", Body=listing)
        options = OPTIONS.model_copy(update={"base": "s3://dumps/"})
        refs = list_containers(["CC-MAIN-2024-51"], options)
        assert [(ref.name, ref.uri) for ref in refs] == [(key, f"s3://dumps/{key}") for key in keys]
        by_listing = list_containers(["s3://dumps/crawl-data/CC-MAIN-2024-51/warc.paths.gz"], OPTIONS)
        assert by_listing == refs


class TestListing:
    def test_a_file_is_named_by_its_file_name(self, tmp_path: Path) -> None:
        (tmp_path / "x.anything").write_bytes(b"abc")
        path = str(tmp_path / "x.anything")
        assert list_containers([path]) == [ContainerRef("x.anything", path, 3)]

    def test_a_folder_is_read_recursively_and_named_from_its_root(self, tmp_path: Path) -> None:
        names = ("b/2.warc.gz", "a/1.arc", "c.warc.lz4", "a/deep/er/w.warc.wet.gz", "odd.warc.gz.bad")
        left_out = ("a/1.cdx", "notes.txt", "x.warc.paths.gz", ".hidden.warc", "_temporary/0.warc", "a/._1.arc")
        for name in names + left_out:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(b"x")
        assert [ref.name for ref in list_containers([str(tmp_path)])] == sorted(names)

    def test_names_are_the_same_wherever_a_crawl_lies(self, tmp_path: Path, web: WebServer) -> None:
        key = "crawl-data/CC-MAIN-2024-51/segments/1/warc/a.warc.gz"
        file = tmp_path / "mirror" / key
        file.parent.mkdir(parents=True)
        file.write_bytes(b"x")
        inputs = [str(file), str(tmp_path), str(tmp_path / "**/*.warc.gz"), web.uri(key), f"file://{file}"]
        assert {ref.name for given in inputs for ref in list_containers([given])} == {key}

    def test_a_glob_is_named_from_its_fixed_part(self, tmp_path: Path) -> None:
        for name in ("in/a/1.warc", "in/b/1.warc", "in/b/2.txt"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(b"x")
        assert [ref.name for ref in list_containers([f"{tmp_path}/in/*/1.*"])] == ["a/1.warc", "b/1.warc"]

    def test_a_listing_finds_files_beside_it_then_its_base(self, tmp_path: Path) -> None:
        listing = tmp_path / "warc.paths"
        listing.write_text("crawl-data/C/2.warc.gz\n\n# a note\ncrawl-data/C/1.warc.gz\n")
        far = list_containers([str(listing)])
        assert [ref.uri for ref in far] == [f"https://data.commoncrawl.org/crawl-data/C/{n}.warc.gz" for n in (1, 2)]
        assert [ref.size_bytes for ref in far] == [None, None]
        based = list_containers([str(listing)], TransportOptions(base="s3://commoncrawl"))
        assert based[0].uri == "s3://commoncrawl/crawl-data/C/1.warc.gz"
        (tmp_path / "crawl-data/C").mkdir(parents=True)
        for n in (1, 2):
            (tmp_path / f"crawl-data/C/{n}.warc.gz").write_bytes(b"abc")
        near = list_containers([str(listing)])
        assert [(ref.name, ref.uri, ref.size_bytes) for ref in near] == [
            (f"crawl-data/C/{n}.warc.gz", str(tmp_path / f"crawl-data/C/{n}.warc.gz"), 3) for n in (1, 2)
        ]
        assert {ref.name for ref in far} == {ref.name for ref in near} == {ref.name for ref in based}

    def test_a_listing_over_http_is_relative_to_its_mirror(self, web: WebServer) -> None:
        web.files["m/crawl-data/C/warc.paths.gz"] = gzip.compress(b"crawl-data/C/1.warc.gz\n")
        refs = list_containers([web.uri("m/crawl-data/C/warc.paths.gz")], OPTIONS)
        assert refs == [ContainerRef("crawl-data/C/1.warc.gz", web.uri("m/crawl-data/C/1.warc.gz"), None)]

    def test_a_crawl_id_stands_for_its_warc_or_wet_listing(self, web: WebServer) -> None:
        for kind in ("warc", "wet"):
            web.files[f"crawl-data/CC-MAIN-2024-51/{kind}.paths.gz"] = gzip.compress(f"x/{kind}.gz".encode())
        for kind in ("warc", "wet"):
            options = OPTIONS.model_copy(update={"base": web.uri(""), "crawl_files": kind})
            assert [ref.uri for ref in list_containers(["CC-MAIN-2024-51"], options)] == [web.uri(f"x/{kind}.gz")]

    def test_a_damaged_listing_says_so(self, tmp_path: Path) -> None:
        (tmp_path / "warc.paths.gz").write_bytes(gzip.compress(b"x.warc\n" * 999)[:-9])
        with pytest.raises(InputNotFound, match="not a readable listing"):
            list_containers([str(tmp_path / "warc.paths.gz")])

    def test_two_files_of_one_name_are_refused_and_one_file_twice_counts_once(self, tmp_path: Path) -> None:
        for folder in ("a", "b"):
            (tmp_path / folder).mkdir()
            (tmp_path / folder / "1.warc").write_bytes(b"x")
        with pytest.raises(DuplicateContainer, match=r"1\.warc"):
            list_containers([str(tmp_path / "a"), str(tmp_path / "b")])
        assert len(list_containers([str(tmp_path / "a"), str(tmp_path / "a" / "1.warc")])) == 1

    def test_inputs_that_name_nothing_are_refused(self, tmp_path: Path, web: WebServer) -> None:
        for given in (str(tmp_path), str(tmp_path / "none"), str(tmp_path / "*.warc"), web.uri("a/")):
            with pytest.raises(InputNotFound):
                list_containers([given], OPTIONS)
        assert list_containers([str(tmp_path)], may_be_empty=True) == []
