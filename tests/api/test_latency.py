"""Latency from the hub's own records."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.support import rows

from entrepot.api.latency import latency, spread
from entrepot.conversation import Usage
from entrepot.pages.records import Spread
from entrepot.store import ExchangeRow, Store

NOW_MS = time.time_ns() // 1_000_000


def row(number: int, **fields: Any) -> ExchangeRow:
    took = {"usage": Usage(input_tokens=1, output_tokens=100), "ttft_ms": 200, "duration_ms": 1200}
    return rows.row(f"req_{number}", **{"started_at_ms": NOW_MS - number} | took | fields)


def test_percentiles_are_values_that_were_measured() -> None:
    assert spread([]) is None
    assert spread([7]) == Spread(p50=7, p90=7, p99=7)
    assert spread(list(range(100, 0, -1))) == Spread(p50=50, p90=90, p99=99)


@pytest.mark.parametrize(
    "other",
    [{"mode": "test"}, {"status": 502}, {"model": "other"}, {"started_at_ms": NOW_MS - 2 * 86_400_000}],
)
def test_only_live_calls_of_the_last_day_that_succeeded_count(
    open_store: Callable[..., Store], other: dict[str, Any]
) -> None:
    store = open_store()
    for each in (row(1), row(2, stream=False, ttft_ms=900, duration_ms=900), row(3, duration_ms=9999, **other)):
        store.record(each)
    while len(store.exchanges()) < 3:
        time.sleep(0.01)
    found = latency(store.read, "m")
    assert found is not None
    assert found.requests == 2
    assert found.ttft_ms == Spread(p50=200, p90=200, p99=200)
    assert found.output_tokens_per_s == Spread(p50=100, p90=100, p99=100)
    assert found.duration_ms == Spread(p50=900, p90=1200, p99=1200)
    assert latency(store.read, "unused") is None
