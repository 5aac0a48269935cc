"""How each offer has been doing: failures in a row put it to rest for a while.

A resting offer is only tried after the others, never refused: with a single offer nothing changes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from entrepot.errors import EntrepotError, UpstreamError, UpstreamRateLimited
from entrepot.providers.registry import Upstream

FAILURES_IN_A_ROW = 5
REST_S = 30.0
LONGEST_REST_S = 300.0
DEFAULT_RATE_LIMIT_REST_S = 5.0

State = Literal["closed", "open", "half_open"]


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How an offer stands: `open` while it rests, `half_open` from then until it answers. Seconds from now."""

    state: State
    failures: int
    since_s: float | None = None
    rests_s: float = 0.0


class Health:
    """`clock` gives monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures: dict[tuple[str, str], int] = {}
        self._rests_until: dict[tuple[str, str], float] = {}
        self._rested_at: dict[tuple[str, str], float] = {}

    def wait_s(self, upstream: Upstream) -> float:
        """How much longer the offer should be left alone."""
        until = self._rests_until.get(_name(upstream))
        return 0.0 if until is None else max(until - self._clock(), 0.0)

    def succeeded(self, upstream: Upstream) -> None:
        if self._failures or self._rests_until:
            self._failures.pop(_name(upstream), None)
            self._rests_until.pop(_name(upstream), None)
            self._rested_at.pop(_name(upstream), None)

    def failed(self, upstream: Upstream, error: EntrepotError) -> None:
        """Count a failure of the upstream; what the caller did wrong does not count."""
        if not isinstance(error, UpstreamError):
            return
        name = _name(upstream)
        if isinstance(error, UpstreamRateLimited):
            self._rest(name, error.retry_after_s or DEFAULT_RATE_LIMIT_REST_S)
            return
        self._failures[name] = failures = self._failures.get(name, 0) + 1
        if failures >= FAILURES_IN_A_ROW:
            self._rest(name, min(REST_S * (failures // FAILURES_IN_A_ROW), LONGEST_REST_S))

    def standing(self, provider_id: str, upstream_model: str) -> Standing:
        """How the offer stands now."""
        name, now_s = (provider_id, upstream_model), self._clock()
        failures, until_s = self._failures.get(name, 0), self._rests_until.get(name)
        if until_s is None:
            return Standing(state="closed", failures=failures)
        if now_s < until_s:
            since_s = now_s - self._rested_at[name]
            return Standing(state="open", failures=failures, since_s=since_s, rests_s=until_s - now_s)
        return Standing(state="half_open", failures=failures, since_s=now_s - until_s)

    def _rest(self, name: tuple[str, str], seconds: float) -> None:
        now_s = self._clock()
        if self._rests_until.get(name, now_s) <= now_s:
            self._rested_at[name] = now_s
        self._rests_until[name] = now_s + seconds


def _name(upstream: Upstream) -> tuple[str, str]:
    return (upstream.offer.provider, upstream.offer.upstream_model)
