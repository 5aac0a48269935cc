"""/v1/members: the people of the caller's organisation."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from entrepot.accounts.records import MemberPatch, member_object
from entrepot.administration import members
from entrepot.api.respond import caller_of, desk_of, hub_of, json_response, read_json


async def list_members(request: Request) -> Response:
    """Oldest first."""
    found = await asyncio.to_thread(members.listed, desk_of(request), caller_of(request))
    return json_response({"object": "list", "data": [member_object(member) for member in found]})


async def show_member(request: Request) -> Response:
    """One member of the caller's organisation."""
    read, id = desk_of(request).store.read, request.path_params["id"]
    return json_response(member_object(await asyncio.to_thread(members.find, read, caller_of(request), id)))


async def change_member(request: Request) -> Response:
    """Change name, e-mail address or role. Keys that a new role does not allow are disabled."""
    patch, id = await read_json(request, MemberPatch), request.path_params["id"]
    member = await asyncio.to_thread(members.change, desk_of(request), caller_of(request), id, patch)
    await asyncio.to_thread(hub_of(request).refresh_keys)
    return json_response(member_object(member))


async def remove_member(request: Request) -> Response:
    """Remove a member: its sessions are over and its keys disabled."""
    member = await asyncio.to_thread(members.remove, desk_of(request), caller_of(request), request.path_params["id"])
    await asyncio.to_thread(hub_of(request).refresh_keys)
    return json_response({"id": member.id, "object": "member", "deleted": True})


async def reset_member(request: Request) -> Response:
    """A link with which the member can set a new password; shown only here."""
    id = request.path_params["id"]
    token = await asyncio.to_thread(members.link, desk_of(request), caller_of(request), id, "reset")
    url = f"{hub_of(request).configuration.settings.url}/reset#{token}"
    return json_response({"id": id, "object": "reset", "token": token, "url": url}, 201)
