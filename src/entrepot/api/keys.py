"""/v1/keys: API keys, for callers whose own key has the scope `management`."""

from __future__ import annotations

import asyncio
import os
import time
from typing import Annotated, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from entrepot.api.respond import caller, hub_of, json_response, read_json
from entrepot.errors import NotFound
from entrepot.hub import Hub
from entrepot.keys import Key, KeyPatch, KeySpec, issue, key_object, patched, rotate


class Rotation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long the old token keeps working, in seconds: at most 30 days."""

    grace_s: Annotated[int, msgspec.Meta(ge=0, le=30 * 86_400)] = 0


async def list_keys(request: Request) -> Response:
    """All keys, oldest first, without their secrets."""
    hub, key = hub_of(request), caller(request, "management")
    keys = await asyncio.to_thread(hub.store.all_keys)
    data = [key_object(each) for each in keys if each.organisation_id == key.organisation_id]
    return json_response({"object": "list", "data": data})


async def create_key(request: Request) -> Response:
    """A new key. The answer's `key` is the only time its token is shown."""
    hub, own = hub_of(request), caller(request, "management")
    spec = await read_json(request, KeySpec)
    key, token = issue(spec, own.organisation_id, hub.pepper, now_ms=_now_ms(), random=os.urandom)
    await asyncio.to_thread(hub.store.insert_key, key)
    await asyncio.to_thread(hub.refresh_keys)
    return json_response(key_object(key) | {"key": token}, 201)


async def show_key(request: Request) -> Response:
    """One key by its id or its prefix (ep-live-<id>)."""
    return json_response(key_object(await _key(request)))


async def change_key(request: Request) -> Response:
    """Change name, scopes, models, expires_at or disabled. In force at once."""
    key = patched(await _key(request), await read_json(request, KeyPatch))
    await _save(hub_of(request), key)
    return json_response(key_object(key))


async def rotate_key(request: Request) -> Response:
    """A new token for the same key, shown only here; the old one ends after `grace_s`."""
    hub, key = hub_of(request), await _key(request)
    grace_s = (await read_json(request, Rotation)).grace_s
    key, token = rotate(key, hub.pepper, now_ms=_now_ms(), grace_s=grace_s, random=os.urandom)
    await _save(hub, key)
    return json_response(key_object(key) | {"key": token})


async def delete_key(request: Request) -> Response:
    """Forget a key; it is refused at once. Its exchanges stay in the records."""
    hub, key = hub_of(request), await _key(request)
    await asyncio.to_thread(hub.store.delete_key, key.id)
    await asyncio.to_thread(hub.refresh_keys)
    return json_response({"id": key.id, "object": "key", "deleted": True})


async def _key(request: Request) -> Key:
    own = caller(request, "management")
    wanted: Any = request.path_params["id"].rpartition("-")[2]
    for key in await asyncio.to_thread(hub_of(request).store.all_keys):
        if key.id == wanted and key.organisation_id == own.organisation_id:
            return key
    raise NotFound("There is no key with this id.", code="key_not_found", param="id")


async def _save(hub: Hub, key: Key) -> None:
    if not await asyncio.to_thread(hub.store.update_key, key):
        raise NotFound("There is no key with this id.", code="key_not_found", param="id")
    await asyncio.to_thread(hub.refresh_keys)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
