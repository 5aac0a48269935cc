"""GET /v1/usage: what was used, by model, key and mode."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from entrepot.api.respond import caller, hub_of, json_response
from entrepot.errors import InvalidRequest

DEFAULT_WINDOW_MS = 30 * 86_400_000


async def show_usage(request: Request) -> Response:
    """Sums over [from, until), ISO 8601 times; the last 30 days unless given.

    A call key sees its own usage; a management key sees every key's, or the one named by `key_id`.
    """
    hub, key = hub_of(request), caller(request, "usage")
    until_ms = _time_ms(request, "until", time.time_ns() // 1_000_000 + 1)
    from_ms = _time_ms(request, "from", until_ms - DEFAULT_WINDOW_MS)
    if from_ms >= until_ms:
        raise InvalidRequest("'from' must be before 'until'.", param="from", code="invalid_value")
    key_id = request.query_params.get("key_id") if "management" in key.scopes else key.id
    rows = await asyncio.to_thread(hub.store.usage, from_ms=from_ms, until_ms=until_ms, key_id=key_id)
    window = {"from": _iso(from_ms), "until": _iso(until_ms)}
    return json_response({"object": "list", **window, "data": [msgspec.structs.asdict(row) for row in rows]})


def _time_ms(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    try:
        time_ = datetime.fromisoformat(text)
        return round((time_ if time_.tzinfo else time_.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError):
        message = f"'{name}' must be a time such as 2026-11-01 or 2026-11-01T12:00:00Z."
        raise InvalidRequest(message, param=name, code="invalid_value") from None


def _iso(time_ms: int) -> str:
    try:
        return datetime.fromtimestamp(time_ms / 1000, UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError):
        raise InvalidRequest("The window is outside the calendar.", param="from", code="invalid_value") from None
