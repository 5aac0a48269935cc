"""GET /v1/logs: single calls, newest first. What was said in them is not kept."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from entrepot.accounts.callers import Caller
from entrepot.api.paging import number
from entrepot.api.respond import caller_of, hub_of, json_response
from entrepot.api.usage import own_key_id, own_member_id
from entrepot.api.windows import window_of
from entrepot.errors import InvalidRequest
from entrepot.keys import iso
from entrepot.money import usd
from entrepot.store import ExchangeRow, reports
from entrepot.store.reports import LogFilter

MOST = 100
DEFAULT = 50
MOST_MODELS = 50

_STATUSES = {"succeeded": (0, 399), "failed": (400, 999)}
_CURSOR = re.compile(r"(\d{1,15})\.([!-~]{1,100})", re.ASCII)


async def list_logs(request: Request) -> Response:
    """A call key sees its own calls, a developer those of own keys, all others the organisation's."""
    caller, limit = caller_of(request), min(number(request, "limit", DEFAULT), MOST)
    window = window_of(request)
    ends, wanted = window.resolved, _filter(request, caller, limit + 1, window.from_ms, window.until_ms)
    store = hub_of(request).store
    found = await asyncio.to_thread(store.report, lambda run: reports.logs(run, wanted))
    shown, has_more = found[:limit], len(found) > limit
    cursor = f"{shown[-1].started_at_ms}.{shown[-1].request_id}" if has_more else None
    data = [log_object(row) for row in shown]
    return json_response({"object": "list", **ends, "data": data, "has_more": has_more, "next_cursor": cursor})


def _filter(request: Request, caller: Caller, limit: int, from_ms: int, until_ms: int) -> LogFilter:
    query = request.query_params
    before_ms, before_id = _cursor(query.get("cursor"))
    least_status, most_status = _status(query.get("status"))
    models = query.getlist("model")
    if len(models) > MOST_MODELS:
        raise InvalidRequest(f"At most {MOST_MODELS} models.", param="model", code="invalid_value")
    key_id = query.get("key_id")
    return LogFilter(
        organisation_id=caller.organisation_id,
        from_ms=from_ms,
        until_ms=until_ms,
        before_ms=before_ms,
        before_id=before_id,
        member_id=own_member_id(caller) or query.get("member_id"),
        key_id=own_key_id(caller) or (key_id and key_id.rpartition("-")[2]),
        project=query.get("project"),
        models=tuple(models),
        least_status=least_status,
        most_status=most_status,
        limit=limit,
    )


def log_object(row: ExchangeRow) -> dict[str, Any]:
    """One call. `cost_usd` is null where nothing was charged because no price is known, or the call failed."""
    usage = row.usage
    return {
        "request_id": row.request_id,
        "object": "log",
        "created_at": iso(row.started_at_ms),
        "status": row.status,
        "outcome": "failed" if row.status >= 400 else "succeeded",
        "error_code": row.error_code,
        "mode": row.mode,
        "dialect": row.dialect,
        "model": row.model,
        "asked": row.asked,
        "provider": row.provider,
        "offered": row.offered,
        "answered": row.answered,
        "key_id": row.key_id,
        "member_id": row.member_id,
        "project": row.project,
        "stream": row.stream,
        "finish": row.finish,
        "attempts": row.attempts,
        "ttft_ms": row.ttft_ms,
        "duration_ms": row.duration_ms,
        "input_tokens": usage.input_tokens,
        "cached_tokens": usage.cached_tokens,
        "cache_write_tokens": usage.cache_write_tokens,
        "output_tokens": usage.output_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
        "estimated": usage.estimated,
        "cost_usd": None if row.charge_nusd is None else usd(row.charge_nusd),
        "cost_details": {line.meter: {"units": line.units, "cost_usd": usd(line.nusd)} for line in row.lines},
    }


def _status(text: str | None) -> tuple[int, int]:
    if text is None:
        return 0, 999
    if text in _STATUSES:
        return _STATUSES[text]
    if not re.fullmatch("[1-5][0-9]{2}", text):
        message = "'status' is succeeded, failed or an HTTP status."
        raise InvalidRequest(message, param="status", code="invalid_value")
    return int(text), int(text)


def _cursor(text: str | None) -> tuple[int, str]:
    if text is None:
        return reports.LAST, ""
    match = _CURSOR.fullmatch(text)
    if match is None:
        raise InvalidRequest("'cursor' is the 'next_cursor' of an answer.", param="cursor", code="invalid_value")
    return int(match[1]), match[2]
