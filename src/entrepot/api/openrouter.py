"""What one call, one key and the whole account have cost, in OpenRouter's shapes: GET generation, key and credits."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from entrepot.api.respond import caller_of, hub_of, json_response, key_of
from entrepot.api.usage import own_key_id, own_member_id
from entrepot.books import now, now_ms
from entrepot.dialects import sse
from entrepot.errors import EntrepotError, InvalidRequest, NotFound
from entrepot.exchange import Exchange
from entrepot.hub import Hub
from entrepot.keys import Key
from entrepot.limits import Bound
from entrepot.receipts import amount
from entrepot.store import ExchangeRow
from entrepot.windows import Now, window_start

PREFIXES = ("/v1", "/api/v1")
KEPT_MS = 7 * 86_400_000  # for so long an answer is found by its own id

_API_TYPES = {"openai_responses": "responses", "anthropic_messages": "messages", "openai_embeddings": "embeddings"}
_RESETS = {"day": "daily", "week": "weekly", "month": "monthly", "total": None}


async def show_generation(request: Request) -> Response:
    """One call by `id`: that of its answer or of its request. Whoever may see its usage finds it."""
    hub, caller = hub_of(request), caller_of(request)
    id = request.query_params.get("id")
    if not id:
        raise InvalidRequest("'id' must be that of an answer or of a request.", param="id")
    row = await asyncio.to_thread(
        hub.store.exchange,
        id,
        caller.organisation_id,
        member_id=own_member_id(caller),
        key_id=own_key_id(caller),
        from_ms=now_ms() - KEPT_MS,
    )
    if row is None:
        raise NotFound(f"There is no generation with the id '{id[:256]}'.", param="id")
    return json_response({"data": _generation(row)})


async def show_key(request: Request) -> Response:
    """The key that calls: its tightest budget, and what it has spent."""
    hub, key = hub_of(request), key_of(request)
    instant = now()
    day_ms, week_ms, month_ms = (
        round(window_start(period, instant.wall).timestamp() * 1000) for period in ("day", "week", "month")
    )
    spent = await asyncio.to_thread(hub.store.spent, key.id, day_ms=day_ms, week_ms=week_ms, month_ms=month_ms)
    own = {"": spent.total_nusd, "_daily": spent.day_nusd, "_weekly": spent.week_nusd, "_monthly": spent.month_nusd}
    data = {
        "label": f"{key.prefix}-…",
        "name": key.name,
        **_budget(hub, key, instant),
        "include_byok_in_limit": False,
        **{f"usage{name}": amount(nusd) for name, nusd in own.items()},
        **{f"byok_usage{name}": 0 for name in own},
        "is_free_tier": await asyncio.to_thread(_has_never_paid, hub, key),
        "is_management_key": "management" in key.scopes,
        "is_provisioning_key": "management" in key.scopes,
        "creator_user_id": key.member_id,
        "expires_at": None if key.expires_at_ms is None else _iso(key.expires_at_ms),
        "rate_limit": _rate_limit(hub, key),
    }
    return json_response({"data": data})


async def show_credits(request: Request) -> Response:
    """The organisation's wallet: what has been paid into it, and what has been spent."""
    hub, organisation_id = hub_of(request), caller_of(request).organisation_id
    paid_nusd = await asyncio.to_thread(hub.store.journal.credits_nusd, organisation_id)
    balance = hub.books.wallets.balance(organisation_id)
    spent_nusd = paid_nusd - balance.wallet_nusd - balance.reserved_nusd
    return json_response({"data": {"total_credits": amount(paid_nusd), "total_usage": amount(spent_nusd)}})


def emit_error(error: EntrepotError, request_id: str) -> bytes:
    """OpenRouter's shape: the status is the code, and the hub's own code stands beside it."""
    return msgspec.json.encode({"error": _error(error, request_id)})


def emit_stream_error(error: EntrepotError, exchange: Exchange) -> bytes:
    """The last chunk of a stream that broke, whose choice finishes with an error. No [DONE] follows it.

    See openrouter.ai/docs/api/reference/streaming, "Handling Errors During Streaming".
    """
    chunk = {
        "id": exchange.given_id or exchange.client.request_id,
        "object": "chat.completion.chunk",
        "created": exchange.started_at_ms // 1000,
        "model": exchange.answered or exchange.asked,
        "provider": exchange.provider,
        "error": _error(error, exchange.client.request_id),
        "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}],
    }
    return sse.event(msgspec.json.encode(chunk))


def _error(error: EntrepotError, request_id: str) -> dict[str, Any]:
    metadata = {"error_code": error.code, "param": error.param, "request_id": request_id}
    return {"code": error.status, "message": error.message, "metadata": metadata}


def _generation(row: ExchangeRow) -> dict[str, Any]:
    """OpenRouter's fields, null where the hub does not know. A cost that is null is not known, which is not 0."""
    usage = row.usage
    cost = None if row.charge_nusd is None else amount(row.charge_nusd)
    ttft_ms = row.duration_ms if row.ttft_ms is None else row.ttft_ms
    return {
        "id": row.answer_id or row.request_id,
        "request_id": row.request_id,
        "upstream_id": None,
        "api_type": _API_TYPES.get(row.dialect, "completions"),
        "model": row.model or row.asked,
        "provider_name": row.provider,
        "total_cost": cost,
        "usage": cost,
        "estimated": usage.estimated,
        "upstream_inference_cost": None,
        "is_byok": False,
        "cache_discount": None,
        "tokens_prompt": usage.input_tokens,
        "tokens_completion": usage.output_tokens,
        "native_tokens_prompt": usage.input_tokens,
        "native_tokens_completion": usage.output_tokens,
        "native_tokens_reasoning": usage.reasoning_tokens,
        "native_tokens_cached": usage.cached_tokens,
        "native_tokens_completion_images": None,
        "num_media_prompt": None,
        "num_input_audio_prompt": None,
        "num_media_completion": None,
        "num_search_results": None,
        "latency": ttft_ms,
        "generation_time": max(row.duration_ms - ttft_ms, 0),
        "moderation_latency": None,
        "finish_reason": row.finish,
        "native_finish_reason": row.finish,
        "streamed": row.stream,
        "cancelled": row.error_code == "client_left",
        "created_at": _iso(row.started_at_ms),
        "status": row.status,
        "origin": "",
        "app_id": None,
        "external_user": None,
        "router": None,
        "service_tier": None,
        "provider_responses": None,
    }


def _budget(hub: Hub, key: Key, instant: Now) -> dict[str, Any]:
    """Of the key's own budgets over all models, the one of which the least is left."""
    budgets = [bound for bound in _bounds(hub, key) if bound.meter == "nusd"]
    tightest = min(budgets, key=lambda bound: bound.left(instant).remaining, default=None)
    if tightest is None or tightest.period is None:
        return {"limit": None, "limit_remaining": None, "limit_reset": None}
    return {
        "limit": amount(tightest.limit),
        "limit_remaining": amount(tightest.left(instant).remaining),
        "limit_reset": _RESETS[tightest.period],
    }


def _rate_limit(hub: Hub, key: Key) -> dict[str, Any]:
    """-1 is OpenRouter's word for no bound."""
    rates = [bound.limit for bound in _bounds(hub, key) if bound.field == "requests_per_minute"]
    return {"requests": min(rates, default=-1), "interval": "1m", "note": "Requests in any 60 seconds; -1 is no bound."}


def _bounds(hub: Hub, key: Key) -> list[Bound]:
    gates = hub.books.limiter.gates([("key", key.id)], model="")
    return [bound for gate in gates for bound in gate.bounds]


def _has_never_paid(hub: Hub, key: Key) -> bool:
    """Whether the wallet must be filled before a call, and never was."""
    floor_nusd = hub.books.wallets.balance(key.organisation_id).floor_nusd
    return floor_nusd == 0 and hub.store.journal.credits_nusd(key.organisation_id) <= 0


def _iso(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, UTC).isoformat()
