"""How long the newest live calls of a model took."""

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


def timings(run: Run, model_id: str, from_ms: int) -> list[Timing]:
    """Newest first."""
    rows = run("timings", {"model": model_id, "from_ms": from_ms, "among": AMONG, "limit": MOST})
    return [msgspec.convert(row, Timing, strict=False) for row in rows]
