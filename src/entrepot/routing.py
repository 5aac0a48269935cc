"""Which upstream to try, in which order, and whether a failure allows another attempt. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from entrepot.errors import (
    EntrepotError,
    UpstreamCredentialRefused,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamTimeout,
    UpstreamUnreachable,
)

ATTEMPTS = 3
RETRY_SHARE = 0.2  # of the requests in flight: Envoy's retry budget
RETRY_FLOOR = 3
BACKOFF_S = 0.2

T = TypeVar("T")


def plan(upstreams: Sequence[T], wait_s: Callable[[T], float]) -> list[T]:
    """The attempts in order: offers that may be called first, resting ones after them, then around again."""
    ready = sorted(upstreams, key=lambda upstream: wait_s(upstream) > 0)
    rounds = -(-ATTEMPTS // len(ready))
    return (ready * rounds)[:ATTEMPTS]


def may_retry(error: EntrepotError, *, same_upstream: bool, retries: int, in_flight: int) -> bool:
    """Whether the next attempt of a plan may be made; only ever asked before the first byte is out.

    A failed connection sent nothing and may always be retried; anything else within the budget. On the
    same upstream there is no use in repeating a refused credential, a rate limit or a long wait.
    """
    if not isinstance(error, UpstreamError):
        return False
    if isinstance(error, UpstreamUnreachable):
        return True
    hopeless = (UpstreamCredentialRefused, UpstreamRateLimited, UpstreamTimeout)
    if same_upstream and isinstance(error, hopeless):
        return False
    return retries < max(RETRY_FLOOR, RETRY_SHARE * in_flight)


def backoff_s(attempt: int, *, same_upstream: bool) -> float:
    """Pause before attempt number `attempt` (from 1); another upstream is tried at once."""
    return BACKOFF_S * attempt if same_upstream else 0.0
