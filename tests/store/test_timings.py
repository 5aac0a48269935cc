"""How long calls took, by offer."""

from __future__ import annotations

from collections.abc import Callable

from tests.api.test_latency import NOW_MS, row

from entrepot.store import Store
from entrepot.store.timings import OfferTiming, offer_timings


def test_live_calls_are_summed_up_by_offer(open_store: Callable[..., Store]) -> None:
    store = open_store()
    store.record(row(1, ttft_ms=100, duration_ms=200))
    store.record(row(2, ttft_ms=None, duration_ms=400, status=502))
    store.record(row(3, status=400, ttft_ms=300, duration_ms=300))
    store.record(row(4, mode="test"))
    store.record(row(5, provider=None, offered=None))
    store.record(row(6, provider="q"))
    store.record(row(7, started_at_ms=NOW_MS - 100_000))
    store.close()
    found = open_store().report(lambda run: offer_timings(run, NOW_MS - 1000))
    assert found.keys() == {("p", "m"), ("q", "m")}
    assert found["p", "m"] == OfferTiming(
        provider="p", offered="m", requests=3, failed=1, p50_ttft_ms=200, p50_duration_ms=300
    )
