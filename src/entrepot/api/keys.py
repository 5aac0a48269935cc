"""/v1/keys: API keys of the caller's organisation; a developer's own."""

from __future__ import annotations

import asyncio
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from entrepot.administration import keys
from entrepot.api.respond import caller_of, desk_of, hub_of, json_response, read_json
from entrepot.api.rules import shown_key
from entrepot.hub import Hub
from entrepot.keys import KeyPatch, KeySpec


class Rotation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long the old token keeps working, in seconds: at most 30 days."""

    grace_s: Annotated[int, msgspec.Meta(ge=0, le=30 * 86_400)] = 0


async def list_keys(request: Request) -> Response:
    """All keys, oldest first, without their secrets."""
    found = await asyncio.to_thread(keys.listed, desk_of(request), caller_of(request))
    return json_response({"object": "list", "data": [shown_key(hub_of(request), key) for key in found]})


async def create_key(request: Request) -> Response:
    """A new key. The answer's `key` is the only time its token is shown."""
    spec = await read_json(request, KeySpec)
    key, token = await asyncio.to_thread(keys.create, desk_of(request), caller_of(request), spec)
    await _take_over(hub_of(request))
    return json_response(shown_key(hub_of(request), key) | {"key": token}, 201)


async def show_key(request: Request) -> Response:
    """One key by its id or its prefix (ep-live-<id>)."""
    desk, id = desk_of(request), request.path_params["id"]
    key = await asyncio.to_thread(keys.find, desk.store.read, caller_of(request), id)
    return json_response(shown_key(hub_of(request), key))


async def change_key(request: Request) -> Response:
    """Change name, scopes, models, expires_at, project, disabled, limits or budget. In force at once."""
    patch, id = await read_json(request, KeyPatch), request.path_params["id"]
    key = await asyncio.to_thread(keys.change, desk_of(request), caller_of(request), id, patch)
    await _take_over(hub_of(request))
    return json_response(shown_key(hub_of(request), key))


async def rotate_key(request: Request) -> Response:
    """A new token for the same key, shown only here; the old one ends after `grace_s`."""
    grace_s, id = (await read_json(request, Rotation)).grace_s, request.path_params["id"]
    key, token = await asyncio.to_thread(keys.renew, desk_of(request), caller_of(request), id, grace_s=grace_s)
    await asyncio.to_thread(hub_of(request).refresh_keys)
    return json_response(shown_key(hub_of(request), key) | {"key": token})


async def delete_key(request: Request) -> Response:
    """Forget a key; it is refused at once. Its exchanges stay in the records."""
    key = await asyncio.to_thread(keys.delete, desk_of(request), caller_of(request), request.path_params["id"])
    await _take_over(hub_of(request))
    return json_response({"id": key.id, "object": "key", "deleted": True})


async def _take_over(hub: Hub) -> None:
    """Keys and their rules, as they are now."""
    await asyncio.to_thread(hub.refresh_keys)
    hub.books.refresh()
