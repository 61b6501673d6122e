"""Real servers on loopback: one of HTTP that misbehaves, one of S3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from pipelines.transport.s3 import s3_client
from tests.pipelines.transport.web_server import DATA, WebServer


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
