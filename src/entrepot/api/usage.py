"""GET /v1/usage: what was used and what it cost, in sums by whatever is asked for."""

from __future__ import annotations

import asyncio
import csv
import functools
import io
from typing import Any, get_args

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from entrepot.accounts.callers import Caller
from entrepot.api.accepting import CSV, JSON, preferred
from entrepot.api.answers.calls import UsageList, UsageSums
from entrepot.api.respond import caller_of, hub_of, json_response
from entrepot.api.windows import DAY_MS, Window, window_of
from entrepot.errors import InvalidRequest
from entrepot.keys import key_id_of
from entrepot.money import usd
from entrepot.statements import sheet
from entrepot.store.records import GROUPED_BY, Grouping, UsageRow

DEFAULT_GROUPING: tuple[Grouping, ...] = ("model", "key", "mode")
MOST_MODELS = 50
MINUTES_MS = DAY_MS  # the longest window that is told minute by minute


async def show_usage(request: Request) -> Response:
    """Sums over a window, the last 30 days unless given; as a sheet with `format=csv` or `accept: text/csv`.

    A call key sees its own usage, a developer that of own keys, all others the organisation's, or that of `key_id`.
    """
    window, caller, query = window_of(request), caller_of(request), request.query_params
    by = _grouping(request, window)
    wants_csv, key_id = _wants_csv(request), query.get("key_id")
    summed = functools.partial(
        hub_of(request).store.usage,
        from_ms=window.from_ms,
        until_ms=window.until_ms,
        organisation_id=caller.organisation_id,
        member_id=own_member_id(caller) or query.get("member_id"),
        key_id=own_key_id(caller) or (key_id and key_id_of(key_id)),
        mode=query.get("mode"),
        project=query.get("project"),
        models=models_of(request),
    )
    data = [usage_object(row, by) for row in await asyncio.to_thread(summed, by=by)]
    if wants_csv:
        return await asyncio.to_thread(_sheet, data, by)
    totals = await asyncio.to_thread(summed, by=())
    total = usage_object(totals[0] if totals else UsageRow(), ())
    answer = {**window.resolved, "currency": "USD", "cost_usd": total["cost_usd"], "total": total, "data": data}
    return json_response(msgspec.convert({"object": "list", **answer}, UsageList))


def models_of(request: Request) -> tuple[str, ...]:
    """The models that the query names. Raises InvalidRequest for too many."""
    models = request.query_params.getlist("model")
    if len(models) > MOST_MODELS:
        raise InvalidRequest(f"At most {MOST_MODELS} models.", param="model", code="invalid_value")
    return tuple(models)


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
    return shown | {"cost_usd": usd(charge_nusd)}


def _wants_csv(request: Request) -> bool:
    """Raises InvalidRequest for another format."""
    asked = request.query_params.get("format")
    if asked not in (None, "json", "csv"):
        raise InvalidRequest("'format' is json or csv.", param="format", code="invalid_value")
    if asked is None:
        return preferred(request.headers.get("accept", ""), (JSON, CSV)) == CSV
    return asked == "csv"


def _sheet(rows: list[dict[str, Any]], by: tuple[Grouping, ...]) -> Response:
    """The groups, a line each, below the names of their fields."""
    text = io.StringIO()
    columns = [*(GROUPED_BY[grouping] for grouping in by), *UsageSums.__struct_fields__]
    writer = csv.DictWriter(text, columns, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: sheet.cell(row[name]) for name in columns} for row in rows)
    headers = {"content-disposition": 'attachment; filename="usage.csv"', "cache-control": "private, no-store"}
    return Response(text.getvalue(), 200, headers | {"vary": "accept"}, media_type="text/csv")


def _grouping(request: Request, window: Window) -> tuple[Grouping, ...]:
    text = request.query_params.get("group_by")
    if text is None:
        return DEFAULT_GROUPING
    wanted = tuple(text.split(","))
    known: tuple[Grouping, ...] = get_args(Grouping)
    if len(set(wanted)) < len(wanted) or not set(wanted) <= set(known):
        message = f"'group_by' takes some of {', '.join(known)}, each once and separated by commas."
        raise InvalidRequest(message, param="group_by", code="invalid_value")
    if "minute" in wanted and window.until_ms - window.from_ms > MINUTES_MS:
        raise InvalidRequest("Minutes are told of at most 24 hours.", param="group_by", code="invalid_value")
    return tuple(grouping for grouping in known if grouping in wanted)
