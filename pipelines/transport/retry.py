"""Waiting and trying again. `Transient` is what a store's client raises for a fault that may pass."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import TypeVar

from pipelines.errors import TransportError
from pipelines.transport.options import RetryPolicy

T = TypeVar("T")

TRANSIENT_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504, 509, 520, 521, 522, 523, 524})
"""HTTP statuses that ask to come back later."""


class Transient(Exception):
    """A fault that may pass; `retry_after_s` is what the server asked us to wait."""

    def __init__(self, cause: str, retry_after_s: float | None = None) -> None:
        super().__init__(cause)
        self.retry_after_s = retry_after_s


class Backoff:
    """Counts the attempts at one position and sleeps between them."""

    def __init__(self, policy: RetryPolicy, uri: str) -> None:
        self._policy = policy
        self._uri = uri
        self._failures = 0

    def reset(self) -> None:
        self._failures = 0

    @property
    def failures(self) -> int:
        return self._failures

    def wait(self, fault: Transient, *, where: str = "") -> None:
        """Sleep before the next attempt; raises TransportError when none is left."""
        self._failures += 1
        if self._failures >= self._policy.max_attempts:
            raise TransportError(
                f"{self._uri}: {fault}{where} after {self._failures} attempts; "
                "check the network or the store's status, or allow more with `max_attempts`, then run the command again"
            ) from fault
        time.sleep(wait_s(self._policy, self._failures, fault.retry_after_s))


def wait_s(policy: RetryPolicy, failures: int, retry_after_s: float | None) -> float:
    """Seconds to wait after this many failures in a row (1, 2, …)."""
    jitter = random.uniform(0, min(policy.cap_s, policy.base_s * 2 ** (failures - 1)))
    asked = min(retry_after_s or 0.0, 5 * policy.cap_s)
    return max(jitter, asked)


def retrying(policy: RetryPolicy, uri: str, call: Callable[[], T]) -> T:
    """The result of a call that raises Transient for faults that may pass."""
    backoff = Backoff(policy, uri)
    while True:
        try:
            return call()
        except Transient as fault:
            backoff.wait(fault)


def retry_after_s(header: str | None) -> float | None:
    """Seconds a `Retry-After` header asks for: a number or an HTTP date; None when absent or neither."""
    if not header:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except ValueError:
        return None
