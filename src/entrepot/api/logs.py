"""/v1/logs: single calls, in a list or one with its story. What was said in them is not kept."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from entrepot.api.answers.calls import LogDetail, LogEntry, LogList, LogRow, MeterCost
from entrepot.api.answers.listing import instant
from entrepot.api.paging import number
from entrepot.api.respond import caller_of, hub_of, json_response
from entrepot.api.usage import models_of, own_key_id, own_member_id
from entrepot.api.windows import Window, window_of
from entrepot.books import now_ms
from entrepot.errors import InvalidRequest, NotFound
from entrepot.keys import iso, key_id_of
from entrepot.ledger import CLOSING
from entrepot.money import usd
from entrepot.store import ExchangeRow, reports
from entrepot.store.reports import ExchangeEntry, LogFilter

MOST = 100
DEFAULT = 50
SETTLED_MS = 2000  # after its end a call is in the records, whatever the store was doing

_STATUSES = {"succeeded": (0, 399), "failed": (400, 999)}
_CURSOR = re.compile(r"(\d{1,15})\.([!-~]{0,100})", re.ASCII)


async def list_logs(request: Request) -> Response:
    """A call key sees its own calls, a developer those of own keys, all others the organisation's.

    Newest first; with `after`, those that have ended since, in the order of their ends.
    """
    limit, window = min(number(request, "limit", DEFAULT), MOST), window_of(request)
    wanted, tails = _filter(request, limit + 1, window), "after" in request.query_params
    read, store = reports.logs_after if tails else reports.logs, hub_of(request).store
    found = await asyncio.to_thread(store.report, lambda run: read(run, wanted))
    shown, has_more = found[:limit], len(found) > limit
    answer = {
        **window.resolved,
        "has_more": has_more,
        "next_cursor": f"{shown[-1].started_at_ms}.{shown[-1].request_id}" if has_more and not tails else None,
        "tail_cursor": _tail_cursor(wanted, shown if tails and has_more else []),
        "data": [log_row(row) for row in shown],
    }
    return json_response(msgspec.convert(answer, LogList))


async def show_log(request: Request) -> Response:
    """One call, by the id of its request, with what the ledger has of it. Whoever finds it in the list may see it."""
    caller, id, store = caller_of(request), request.path_params["id"], hub_of(request).store
    whose = {"member_id": own_member_id(caller), "key_id": own_key_id(caller)}
    row = await asyncio.to_thread(store.exchange, id, caller.organisation_id, **whose, from_ms=reports.LAST)
    if row is None:
        raise NotFound(f"There is no call with the id '{id[:256]}'.", code="log_not_found")
    entries = await asyncio.to_thread(store.report, lambda run: reports.exchange_entries(run, row))
    return json_response(log_detail(row, entries))


def _filter(request: Request, limit: int, window: Window) -> LogFilter:
    query, caller = request.query_params, caller_of(request)
    before_ms, before_id = _cursor(request, "cursor") or (reports.LAST, "")
    after_ms, after_id = _cursor(request, "after") or (0, "")
    if "after" in query and "cursor" in query:
        raise InvalidRequest("Give 'cursor' or 'after', not both.", param="after", code="invalid_value")
    longest_ms = round(hub_of(request).configuration.settings.upstream.total_timeout_s * 1000)
    least_status, most_status = _status(query.get("status"))
    key_id = query.get("key_id")
    return LogFilter(
        organisation_id=caller.organisation_id,
        from_ms=max(window.from_ms, after_ms - longest_ms - SETTLED_MS),
        until_ms=window.until_ms,
        before_ms=before_ms,
        before_id=before_id,
        after_ms=after_ms,
        after_id=after_id,
        member_id=own_member_id(caller) or query.get("member_id"),
        key_id=own_key_id(caller) or (key_id and key_id_of(key_id)),
        project=query.get("project"),
        models=models_of(request),
        mode=query.get("mode"),
        provider=query.get("provider"),
        error_code=query.get("error_code"),
        least_status=least_status,
        most_status=most_status,
        limit=limit,
    )


def log_row(row: ExchangeRow) -> LogRow:
    """A call as the list has it."""
    usage = row.usage
    return LogRow(
        request_id=row.request_id,
        created_at=iso(row.started_at_ms),
        status=row.status,
        outcome="failed" if row.status >= 400 else "succeeded",
        error_code=row.error_code,
        mode="live" if row.mode == "live" else "test",
        dialect=row.dialect,
        model=row.model,
        asked=row.asked,
        provider=row.provider,
        offered=row.offered,
        answered=row.answered,
        key_id=row.key_id,
        member_id=row.member_id,
        project=row.project,
        stream=row.stream,
        finish=row.finish,
        attempts=row.attempts,
        ttft_ms=row.ttft_ms,
        duration_ms=row.duration_ms,
        input_tokens=usage.input_tokens,
        cached_tokens=usage.cached_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        output_tokens=usage.output_tokens,
        reasoning_tokens=usage.reasoning_tokens,
        estimated=usage.estimated,
        cost_usd=usd(row.charge_nusd),
        cost_details={line.meter: MeterCost(units=line.units, cost_usd=usd(line.nusd)) for line in row.lines},
    )


def log_detail(row: ExchangeRow, entries: Sequence[ExchangeEntry]) -> LogDetail:
    """A call with its story."""
    usage, began_ms = row.usage, row.started_at_ms
    closing = next((entry for entry in entries if entry.kind in CLOSING), None)
    return LogDetail(
        **msgspec.structs.asdict(log_row(row)),
        answer_id=row.answer_id,
        cache_write_1h_tokens=usage.cache_write_1h_tokens,
        audio_input_tokens=usage.audio_input_tokens,
        image_input_tokens=usage.image_input_tokens,
        audio_output_tokens=usage.audio_output_tokens,
        first_byte_at=None if row.ttft_ms is None else instant(began_ms + row.ttft_ms),
        ended_at=instant(began_ms + row.duration_ms),
        reserved_usd=None if closing is None else usd(-closing.reserved_nusd),
        entries=tuple(_entry(entry, began_ms) for entry in entries),
    )


def _entry(entry: ExchangeEntry, began_ms: int) -> LogEntry:
    return LogEntry(
        kind=entry.kind,
        at=instant(entry.at_ms),
        after_ms=entry.at_ms - began_ms,
        provider=entry.provider,
        wallet_usd=usd(entry.wallet_nusd),
        reserved_usd=usd(entry.reserved_nusd),
        charged_usd=usd(entry.revenue_nusd),
        note=entry.note,
    )


def _tail_cursor(wanted: LogFilter, unfinished: Sequence[ExchangeRow]) -> str:
    """Behind what was shown of more; else a moment ago, as what ended since may not be in the records yet."""
    settled = (now_ms() - SETTLED_MS, "")
    ends = [(row.started_at_ms + row.duration_ms, row.request_id) for row in unfinished[-1:]]
    at_ms, id = max(min([settled, *ends]), (wanted.after_ms, wanted.after_id))
    return f"{at_ms}.{id}"


def _status(text: str | None) -> tuple[int, int]:
    if text is None:
        return 0, 999
    if text in _STATUSES:
        return _STATUSES[text]
    if not re.fullmatch("[1-5][0-9]{2}", text):
        message = "'status' is succeeded, failed or an HTTP status."
        raise InvalidRequest(message, param="status", code="invalid_value")
    return int(text), int(text)


def _cursor(request: Request, name: str) -> tuple[int, str] | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    match = _CURSOR.fullmatch(text)
    if match is None:
        raise InvalidRequest(f"'{name}' is a cursor of an earlier answer.", param=name, code="invalid_value")
    return int(match[1]), match[2]
