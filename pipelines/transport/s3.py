"""`s3://` objects and listings through boto3; our own retries, so that a broken body resumes where it stopped.

The endpoint is AWS_ENDPOINT_URL's, as for every AWS tool. boto3 is imported at first use.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from pipelines.errors import AccessDenied, InputNotFound, TransportError
from pipelines.transport.options import TransportOptions
from pipelines.transport.ranged import object_changed
from pipelines.transport.retry import TRANSIENT_STATUS, Transient, retry_after_s, retrying
from pipelines.transport.web import CONTENT_RANGE

TRANSIENT_CODES = frozenset(
    {"SlowDown", "Throttling", "ThrottlingException", "RequestLimitExceeded", "RequestTimeout", "InternalError"}
    | {"ServiceUnavailable", "RequestTimeTooSkewed", "BandwidthLimitExceeded"}
)
GONE_CODES = frozenset({"NoSuchKey", "NoSuchBucket", "404", "NotFound", "NoSuchVersion"})
DENIED_CODES = frozenset(
    {"AccessDenied", "403", "401", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "Forbidden"}
)


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of `s3://bucket/key` or `s3a://bucket/key`."""
    rest = uri.split("://", 1)[1]
    bucket, _, key = rest.partition("/")
    return bucket, key


@lru_cache(maxsize=8)
def s3_client(options: TransportOptions) -> Any:
    """A client for these options; one a process, since making it takes a tenth of a second."""
    import boto3
    import botocore
    from botocore.config import Config

    session = boto3.Session()
    unsigned = options.credentials == "anonymous" or (
        options.credentials == "auto" and session.get_credentials() is None
    )
    config = Config(
        signature_version=botocore.UNSIGNED if unsigned else None,
        retries={"total_max_attempts": 1, "mode": "standard"},
        connect_timeout=options.retry.connect_timeout_s,
        read_timeout=options.retry.read_timeout_s,
    )
    return session.client("s3", config=config)


@dataclass
class S3Body:
    start: int
    end: int | None
    size_bytes: int | None
    etag: str | None
    stream: Any

    def read(self, size: int) -> bytes:
        if self.stream is None:
            return b""
        from botocore.exceptions import BotoCoreError
        from urllib3.exceptions import HTTPError

        try:
            data: bytes = self.stream.read(size)
        except (BotoCoreError, HTTPError, OSError) as error:
            raise Transient(f"connection broke: {error}") from error
        return data

    def close(self) -> None:
        if self.stream is not None:
            self.stream.close()


class S3Object:
    """One object of a bucket."""

    def __init__(self, uri: str, options: TransportOptions) -> None:
        self.uri = uri
        self._options = options
        self._bucket, self._key = split_uri(uri)

    def open_at(self, start: int, num_bytes: int, etag: str | None) -> S3Body:
        request: dict[str, Any] = {
            "Bucket": self._bucket,
            "Key": self._key,
            "Range": f"bytes={start}-{start + num_bytes - 1}",
            **_payer(self._options),
        }
        if etag is not None:
            request["IfMatch"] = etag
        try:
            answer = _call(self.uri, s3_client(self._options).get_object, request)
        except EmptyRange:
            if start:
                raise TransportError(f"{self.uri} ends before byte {start}; it was replaced by a shorter one") from None
            return S3Body(0, 0, 0, None, None)
        match = CONTENT_RANGE.match(answer.get("ContentRange") or "")
        if match is None or match[1] is None:  # a store that does not know ranges
            length = answer["ContentLength"]
            return S3Body(0, length, length, answer.get("ETag"), answer["Body"])
        return S3Body(int(match[1]), int(match[2]) + 1, int(match[3]), answer.get("ETag"), answer["Body"])


class EmptyRange(Exception):
    """The range begins at or after the object's end."""


def s3_size_bytes(uri: str, options: TransportOptions) -> int | None:
    """Size of an object; None when there is none of that name."""
    bucket, key = split_uri(uri)
    request = {"Bucket": bucket, "Key": key, **_payer(options)}
    if not key:
        return None
    try:
        answer = retrying(options.retry, uri, lambda: _call(uri, s3_client(options).head_object, request))
    except InputNotFound:
        return None
    return int(answer["ContentLength"])


def s3_list(uri: str, options: TransportOptions) -> Iterator[tuple[str, int]]:
    """(key, size in bytes) of every object whose key begins with the URI's, in key order."""
    bucket, prefix = split_uri(uri)
    token: str | None = None
    while True:
        request = {"Bucket": bucket, "Prefix": prefix, **_payer(options)}
        if token is not None:
            request["ContinuationToken"] = token
        page = _list_page(uri, request, options)
        for entry in page.get("Contents", ()):
            yield entry["Key"], int(entry["Size"])
        token = page.get("NextContinuationToken")
        if not token:
            return


def _list_page(uri: str, request: dict[str, Any], options: TransportOptions) -> dict[str, Any]:
    return retrying(options.retry, uri, lambda: _call(uri, s3_client(options).list_objects_v2, request))


def _payer(options: TransportOptions) -> dict[str, str]:
    return {"RequestPayer": "requester"} if options.requester_pays else {}


def _call(uri: str, operation: Any, request: dict[str, Any]) -> dict[str, Any]:
    """One request; boto3's errors become ours."""
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError

    try:
        answer: dict[str, Any] = operation(**request)
    except ClientError as error:
        raise _refusal(uri, error) from error
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise AccessDenied(f"{uri}: {error}; set credentials, or read with credentials=anonymous") from error
    except (BotoCoreError, OSError) as error:
        raise Transient(f"no answer: {error}") from error
    return answer


def _refusal(uri: str, error: Any) -> Exception:
    code = str(error.response.get("Error", {}).get("Code", ""))
    metadata = error.response.get("ResponseMetadata", {})
    status = metadata.get("HTTPStatusCode", 0)
    if code in GONE_CODES or status == 404:
        return InputNotFound(f"{uri} is not there ({code}); check the address or the listing it came from")
    if code in TRANSIENT_CODES or status in TRANSIENT_STATUS:
        return Transient(f"S3 {code}", retry_after_s(metadata.get("HTTPHeaders", {}).get("retry-after")))
    if code in DENIED_CODES or status in (401, 403):
        return AccessDenied(f"{uri}: access denied ({code}); {_who_may_read(uri)}")
    if code == "PreconditionFailed" or status == 412:
        return object_changed(uri)
    if code == "InvalidRange" or status == 416:
        return EmptyRange()
    return TransportError(f"{uri}: S3 says {code} (HTTP {status}); check bucket, region and AWS_ENDPOINT_URL")


def _who_may_read(uri: str) -> str:
    if urlsplit(uri).netloc == "commoncrawl":
        return "this bucket wants an AWS account; without one read the same files from https://data.commoncrawl.org/"
    return "check the credentials; where readers pay, set `requester_pays: true` on the source"
