"""`entrepot logs`: single calls, from the store of a home."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from entrepot.cli import output
from entrepot.cli.office import OrganisationId, opened
from entrepot.cli.options import Config, Home, Json, Limit
from entrepot.cli.times import since_ms
from entrepot.keys import key_id_of

_COLUMNS = (
    "created_at", "request_id", "status", "error_code", "model", "provider", "key_id", "attempts", "input_tokens",
    "output_tokens", "cost_usd", "ttft_ms", "duration_ms",
)  # fmt: skip


def command(
    days: Annotated[int, typer.Option("--days", min=1, max=3660, help="How many days back.")] = 30,
    model: Annotated[list[str] | None, typer.Option("--model", help="Only this model; repeat for several.")] = None,
    key: Annotated[str | None, typer.Option("--key", help="Only this key, by id or prefix.")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Only calls that failed.")] = False,
    limit: Limit = 50,
    organisation: OrganisationId = None,
    home: Home = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """List calls, newest first. What was said in them is not kept."""
    from entrepot.api.logs import log_row
    from entrepot.store import reports

    with opened(home, config) as office:
        wanted = reports.LogFilter(
            organisation_id=office.operator(organisation).organisation_id,
            from_ms=since_ms(days),
            models=tuple(model or ()),
            key_id=key and key_id_of(key),
            least_status=400 if failed else 0,
            limit=limit,
        )
        found = office.home.store.report(lambda run: reports.logs(run, wanted))
    output.table([msgspec.to_builtins(log_row(row)) for row in found], _COLUMNS, as_json)
