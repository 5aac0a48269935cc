"""How long the newest live calls took: those of a model one by one, those of all offers in sums."""

from __future__ import annotations

import msgspec

from entrepot.store.queries import Run

AMONG = 50_000  # exchanges that are looked through
MOST = 2000


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """One call that succeeded. `ttft_ms` is None when nothing was delivered."""

    stream: bool
    output_tokens: int
    ttft_ms: int | None
    duration_ms: int


class OfferTiming(msgspec.Struct, frozen=True, kw_only=True):
    """The calls that ended with an offer. `failed` are those that failed by the provider's fault."""

    provider: str
    offered: str
    requests: int
    failed: int
    p50_ttft_ms: int | None
    p50_duration_ms: int


def timings(run: Run, model_id: str, from_ms: int) -> list[Timing]:
    """Newest first."""
    rows = run("timings", {"model": model_id, "from_ms": from_ms, "among": AMONG, "limit": MOST})
    return [msgspec.convert(row, Timing, strict=False) for row in rows]


def offer_timings(run: Run, from_ms: int) -> dict[tuple[str, str], OfferTiming]:
    """By provider and the provider's own name for the model."""
    rows = run("offers_measured", {"from_ms": from_ms, "among": AMONG})
    return {(row["provider"], row["offered"]): msgspec.convert(row, OfferTiming) for row in rows}
