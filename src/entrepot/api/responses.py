"""/v1/responses/{id}: what the hub has stored, for the key that had it stored."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from entrepot import turns
from entrepot.api.respond import hub_of, json_response, key_of
from entrepot.books import now_ms
from entrepot.dialects import openai_responses
from entrepot.dialects.openai_responses import history
from entrepot.dialects.openai_responses.requests import ENCRYPTED
from entrepot.errors import InvalidRequest, NotFound
from entrepot.keys import Key
from entrepot.store import Store, StoredResponse

PREFIXES = ("/v1", "")
DEFAULT_ITEMS, MOST_ITEMS = 20, 100
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


async def retrieve_response(request: Request) -> Response:
    """The response; with `stream=true` as the events that could have told it, those after `starting_after`."""
    stored = await _found(request, key_of(request))
    response = msgspec.json.decode(stored.response)
    if not _wants_reasoning(request):
        response |= {"output": history.without_secrets(response["output"])}
    if not _flag(request, "stream"):
        return json_response(response)
    after = _number(request, "starting_after", -1)
    events: Iterable[bytes] = openai_responses.replay(response, starting_after=after)
    return StreamingResponse(events, media_type="text/event-stream", headers={"cache-control": "no-cache"})


async def delete_response(request: Request) -> Response:
    """Remove it for good. What was built on it can be read still, and not be continued."""
    key, id = key_of(request), request.path_params["id"]
    deleting = hub_of(request).store.responses.delete(key.id, id, now_ms())
    if not await asyncio.wrap_future(deleting):
        raise _unknown(id)
    return json_response({"id": id, "object": "response", "deleted": True})


async def list_input_items(request: Request) -> Response:
    """All items the response was made from, those of earlier turns included: the newest first, unless asked."""
    key = key_of(request)
    limit = _number(request, "limit", DEFAULT_ITEMS, least=1, most=MOST_ITEMS)
    order = request.query_params.get("order", "desc")
    if order not in ("asc", "desc"):
        raise InvalidRequest("'order' must be 'asc' or 'desc'.", param="order", code="invalid_value")
    stored = await _found(request, key)
    items = await asyncio.to_thread(_made_from, hub_of(request).store, stored)
    if not _wants_reasoning(request):
        items = history.without_secrets(items)
    items = _after(items if order == "asc" else items[::-1], request.query_params.get("after"))
    page = items[:limit]
    ends = {"first_id": page[0]["id"], "last_id": page[-1]["id"]} if page else {"first_id": "", "last_id": ""}
    return json_response({"object": "list", "data": page, **ends, "has_more": len(items) > limit})


async def cancel_response(request: Request) -> Response:
    """The hub runs nothing in the background, so there is nothing to cancel."""
    await _found(request, key_of(request))
    raise InvalidRequest("Only a response that runs in the background can be cancelled.", param="background")


async def _found(request: Request, key: Key) -> StoredResponse:
    id = request.path_params["id"]
    stored = await asyncio.to_thread(hub_of(request).store.responses.find, key.id, id, now_ms())
    if stored is None:
        raise _unknown(id)
    return stored


def _unknown(id: str) -> NotFound:
    return NotFound(f"Response with id '{id[:256]}' not found.", code="response_not_found", param="response_id")


def _made_from(store: Store, response: StoredResponse) -> list[dict[str, Any]]:
    chain = store.responses.chain(response.key_id, response.id, now_ms()) or [response]
    items: list[dict[str, Any]] = []
    for place, stored in enumerate(chain):
        given, output = turns.turn(stored)
        items += history.listed(stored.id, given)
        if place < len(chain) - 1:
            items += history.listed(f"{stored.id}:output", output)
    return items


def _after(items: list[dict[str, Any]], id: str | None) -> list[dict[str, Any]]:
    if id is None:
        return items
    place = next((place for place, item in enumerate(items) if item.get("id") == id), None)
    if place is None:
        raise InvalidRequest(f"There is no item '{id[:256]}' here.", param="after", code="invalid_value")
    return items[place + 1 :]


# Query parameters ---------------------------------------------------------------------------------


def _wants_reasoning(request: Request) -> bool:
    """Lists come as `include` or, from OpenAI's SDKs, as `include[]`."""
    parameters = request.query_params
    return ENCRYPTED in (*parameters.getlist("include"), *parameters.getlist("include[]"))


def _flag(request: Request, name: str) -> bool:
    value = _FLAGS.get(request.query_params.get(name, "false").lower())
    if value is None:
        raise InvalidRequest(f"'{name}' must be true or false.", param=name, code="invalid_value")
    return value


def _number(request: Request, name: str, default: int, *, least: int = 0, most: int = 1 << 31) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and least <= int(text) <= most):
        raise InvalidRequest(f"'{name}' must be a number from {least} to {most}.", param=name, code="invalid_value")
    return int(text)
