"""`https://` and `http://` objects through requests."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import requests
import urllib3.exceptions

from pipelines.errors import AccessDenied, InputNotFound, TransportError
from pipelines.transport.options import RetryPolicy
from pipelines.transport.ranged import object_changed
from pipelines.transport.retry import TRANSIENT_STATUS, Transient, retry_after_s

CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")


@dataclass
class WebBody:
    start: int
    end: int | None
    size_bytes: int | None
    etag: str | None
    response: requests.Response

    def read(self, size: int) -> bytes:
        try:
            data: bytes = self.response.raw.read(size, decode_content=False)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise Transient(f"connection broke: {error}") from error
        return data

    def close(self) -> None:
        self.response.close()


class WebObject:
    """One URL, read over one connection pool."""

    def __init__(self, uri: str, retry: RetryPolicy) -> None:
        self.uri = uri
        self._session = requests.Session()
        self._timeout = (retry.connect_timeout_s, retry.read_timeout_s)

    def open_at(self, start: int, num_bytes: int, etag: str | None) -> WebBody:
        # Without `identity` a server may gzip the dump a second time, and ranges would count other bytes.
        headers = {"Range": f"bytes={start}-{start + num_bytes - 1}", "Accept-Encoding": "identity"}
        if etag is not None and not etag.startswith("W/"):
            headers["If-Match"] = etag
        try:
            response = self._session.get(self.uri, headers=headers, stream=True, timeout=self._timeout)
        except requests.exceptions.InvalidURL as error:
            raise InputNotFound(f"{self.uri} is not a URL: {error}") from error
        except requests.exceptions.InvalidSchema as error:
            raise InputNotFound(f"{self.uri}: {error}") from error
        except (requests.exceptions.RequestException, OSError) as error:
            raise Transient(f"no answer: {error}") from error
        return self._body(response, start)

    def _body(self, response: requests.Response, start: int) -> WebBody:
        etag = response.headers.get("ETag")
        length = response.headers.get("Content-Length", "")
        content_length = int(length) if length.isdigit() else None
        if response.status_code == 206:
            match = CONTENT_RANGE.match(response.headers.get("Content-Range", ""))
            if match is None or match[1] is None:
                raise TransportError(f"{self.uri}: partial content without a range; the server is not usable")
            size = None if match[3] == "*" else int(match[3])
            return WebBody(int(match[1]), int(match[2]) + 1, size, etag, response)
        if response.status_code == 200:
            return WebBody(0, content_length, content_length, etag, response)
        if response.status_code == 416 and start == 0:  # an empty object has no range
            return WebBody(0, 0, 0, etag, _drained(response))
        response.close()
        raise refusal(self.uri, response.status_code, response.headers)


def _drained(response: requests.Response) -> requests.Response:
    _ = response.content
    return response


def refusal(uri: str, status: int, headers: Any) -> Exception:
    """What an HTTP status that carries no data means for a read."""
    if status in (404, 410):
        return InputNotFound(f"{uri} is not there (HTTP {status}); check the address or the listing it came from")
    if status in (401, 403):
        return AccessDenied(
            f"{uri}: access denied (HTTP {status}); check credentials, or wait if you were rate limited"
        )
    if status == 412:
        return object_changed(uri)
    if status in TRANSIENT_STATUS:
        return Transient(f"HTTP {status}", retry_after_s(headers.get("Retry-After")))
    return TransportError(f"{uri}: HTTP {status}; open the address in a browser to see what the server wants")
