"""What the hub has measured of a model, from its own records."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from entrepot.books import now_ms
from entrepot.pages.records import Latency, Spread
from entrepot.store.queries import Run
from entrepot.store.timings import Timing, timings

WINDOW_S = 24 * 3600
SHORTEST_MS = 50  # of a stream's writing: below it a rate says nothing


def latency(read: Run, model_id: str) -> Latency | None:
    """Over the last day; None without a call in it."""
    found = timings(read, model_id, now_ms() - WINDOW_S * 1000)
    duration_ms = spread([each.duration_ms for each in found])
    if duration_ms is None:
        return None
    return Latency(
        window_s=WINDOW_S,
        requests=len(found),
        ttft_ms=spread([each.ttft_ms for each in found if each.stream and each.ttft_ms is not None]),
        duration_ms=duration_ms,
        output_tokens_per_s=spread([rate for each in found if (rate := _rate(each)) is not None]),
    )


def spread(values: Sequence[float]) -> Spread | None:
    """Percentiles as the value at the nearest rank."""
    if not values:
        return None
    ranked = sorted(values)
    at = {share: round(ranked[ceil(share * len(ranked)) - 1], 1) for share in (0.5, 0.9, 0.99)}
    return Spread(p50=at[0.5], p90=at[0.9], p99=at[0.99])


def _rate(timing: Timing) -> float | None:
    writing_ms = timing.duration_ms - (timing.ttft_ms or 0)
    if not timing.stream or timing.ttft_ms is None or writing_ms < SHORTEST_MS:
        return None
    return timing.output_tokens * 1000 / writing_ms
