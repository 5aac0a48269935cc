"""`entrepot usage`: what was used, from the store of a home."""

from __future__ import annotations

from typing import Annotated

import typer

from entrepot.cli import output
from entrepot.cli.office import opened
from entrepot.cli.options import Config, Home, Json
from entrepot.cli.times import since_ms
from entrepot.errors import InvalidRequest
from entrepot.keys import key_id_of
from entrepot.store.records import GROUPED_BY

_COLUMNS = (
    "requests", "failed", "input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens", "estimated",
    "cost_usd", "mean_ttft_ms", "mean_duration_ms",
)  # fmt: skip


def command(
    days: Annotated[int, typer.Option("--days", min=1, max=3660, help="How many days back.")] = 30,
    key: Annotated[str | None, typer.Option("--key", help="Only this key's id.")] = None,
    by: Annotated[list[str] | None, typer.Option("--by", help=f"{', '.join(GROUPED_BY)}; repeat for several.")] = None,
    home: Home = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Sum requests, tokens and cost by model, key and mode, or by what is asked for."""
    from entrepot.api.usage import DEFAULT_GROUPING, usage_object

    unknown = set(by or ()) - set(GROUPED_BY)
    if unknown:
        raise InvalidRequest(f"--by: {min(unknown)!r} is none of {', '.join(GROUPED_BY)}.")
    grouping = tuple(each for each in GROUPED_BY if each in by) if by else DEFAULT_GROUPING
    with opened(home, config) as office:
        rows = office.home.store.usage(from_ms=since_ms(days), key_id=key and key_id_of(key), by=grouping)
    words = (GROUPED_BY[each] for each in grouping)
    output.table([usage_object(row, grouping) for row in rows], (*words, *_COLUMNS), as_json)
