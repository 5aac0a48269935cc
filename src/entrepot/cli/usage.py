"""`entrepot usage`: what was used, from the store of a home."""

from __future__ import annotations

import time
from typing import Annotated

import msgspec
import typer

from entrepot.cli import output
from entrepot.cli.options import Config, Home, Json, load

_COLUMNS = (
    "model", "key_id", "mode", "requests", "failed", "input_tokens", "cached_tokens", "output_tokens",
    "reasoning_tokens", "estimated", "mean_ttft_ms", "mean_duration_ms",
)  # fmt: skip


def command(
    days: Annotated[int, typer.Option("--days", min=1, max=3660, help="How many days back.")] = 30,
    key: Annotated[str | None, typer.Option("--key", help="Only this key's id.")] = None,
    home: Home = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Sum requests and tokens by model, key and mode."""
    from entrepot.home import open_home

    opened = open_home(load(home, config).home)
    try:
        from_ms = time.time_ns() // 1_000_000 - days * 86_400_000
        rows = opened.store.usage(from_ms=from_ms, key_id=key and key.rpartition("-")[2])
    finally:
        opened.store.close()
    output.table([msgspec.structs.asdict(row) for row in rows], _COLUMNS, as_json)
