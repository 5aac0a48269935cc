"""GET /v1/usage: what was used and what it cost, in sums by whatever is asked for."""

from __future__ import annotations

import asyncio
from typing import Any, get_args

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from entrepot.accounts.callers import Caller
from entrepot.api.respond import caller_of, hub_of, json_response
from entrepot.api.windows import window_of
from entrepot.errors import InvalidRequest
from entrepot.money import usd
from entrepot.store.records import GROUPED_BY, Grouping, UsageRow

DEFAULT_GROUPING: tuple[Grouping, ...] = ("model", "key", "mode")


async def show_usage(request: Request) -> Response:
    """Sums over a window, the last 30 days unless given.

    A call key sees its own usage, a developer that of own keys, all others the organisation's, or that of `key_id`.
    """
    window, by = window_of(request), _grouping(request)
    ends = window.resolved
    caller = caller_of(request)
    rows = await asyncio.to_thread(
        hub_of(request).store.usage,
        from_ms=window.from_ms,
        until_ms=window.until_ms,
        organisation_id=caller.organisation_id,
        member_id=own_member_id(caller),
        key_id=own_key_id(caller) or request.query_params.get("key_id"),
        by=by,
    )
    costs = [row.charge_nusd for row in rows if row.charge_nusd is not None]
    total = usd(sum(costs)) if costs else None
    data = [usage_object(row, by) for row in rows]
    return json_response({"object": "list", **ends, "currency": "USD", "cost_usd": total, "data": data})


def own_key_id(caller: Caller) -> str | None:
    """The key that a caller sees nothing beyond, if it is one without the scope `management`."""
    return caller.key.id if caller.key and caller.role is None else None


def own_member_id(caller: Caller) -> str | None:
    """The member whose keys a caller sees nothing beyond: a developer's own."""
    return caller.member.id if caller.member and caller.role == "developer" else None


def usage_object(row: UsageRow, by: tuple[Grouping, ...]) -> dict[str, Any]:
    """The row without what it is not grouped by. `cost_usd` is null where no price is known."""
    shown = msgspec.structs.asdict(row)
    for grouping, field in GROUPED_BY.items():
        if grouping not in by:
            del shown[field]
    charge_nusd = shown.pop("charge_nusd")
    return shown | {"cost_usd": None if charge_nusd is None else usd(charge_nusd)}


def _grouping(request: Request) -> tuple[Grouping, ...]:
    text = request.query_params.get("group_by")
    if text is None:
        return DEFAULT_GROUPING
    wanted = tuple(text.split(","))
    known: tuple[Grouping, ...] = get_args(Grouping)
    if len(set(wanted)) < len(wanted) or not set(wanted) <= set(known):
        message = f"'group_by' takes some of {', '.join(known)}, each once and separated by commas."
        raise InvalidRequest(message, param="group_by", code="invalid_value")
    return tuple(grouping for grouping in known if grouping in wanted)
