"""Dump files in a real S3 server on loopback."""

from __future__ import annotations

import gzip
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from pipelines.errors import (
    AccessDenied,
    InputNotFound,
    ObjectChanged,
)
from pipelines.transport import ContainerRef, list_containers, open_stream
from pipelines.transport.s3 import s3_client
from tests.pipelines.transport.web_server import DATA, OPTIONS, WebServer, status


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
