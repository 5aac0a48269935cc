"""/v1/invitations: made and withdrawn by managers, accepted by who has the token."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from entrepot.accounts.records import Acceptance, InvitationSpec, invitation_object, member_object
from entrepot.administration import invitations
from entrepot.api.respond import caller_of, desk_of, hub_of, json_response, read_json


async def list_invitations(request: Request) -> Response:
    """Those not accepted yet, oldest first."""
    found = await asyncio.to_thread(invitations.pending, desk_of(request), caller_of(request))
    return json_response({"object": "list", "data": [invitation_object(each) for each in found]})


async def create_invitation(request: Request) -> Response:
    """Invite an address. The token is shown only here; the hub sends no mail."""
    spec = await read_json(request, InvitationSpec)
    invitation, token = await asyncio.to_thread(invitations.invite, desk_of(request), caller_of(request), spec)
    return json_response(invitation_object(invitation) | {"token": token}, 201)


async def delete_invitation(request: Request) -> Response:
    """Withdraw an invitation."""
    id = request.path_params["id"]
    await asyncio.to_thread(invitations.withdraw, desk_of(request), caller_of(request), id)
    return json_response({"id": id, "object": "invitation", "deleted": True})


async def accept_invitation(request: Request) -> Response:
    """Become a member, with a name and a password of one's own choice."""
    acceptance = await read_json(request, Acceptance)
    async with hub_of(request).hashing:
        member = await asyncio.to_thread(invitations.accept, desk_of(request), acceptance)
    return json_response(member_object(member), 201)
