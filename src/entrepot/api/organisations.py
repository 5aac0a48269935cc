"""/v1/organisations: the caller's own; all of them for the managers of the house, who also make them."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from entrepot.accounts.records import OrganisationPatch, OrganisationSpec, invitation_object, organisation_object
from entrepot.administration import organisations
from entrepot.api.respond import caller_of, desk_of, json_response, read_json


async def list_organisations(request: Request) -> Response:
    """Oldest first."""
    found = await asyncio.to_thread(organisations.visible, desk_of(request), caller_of(request))
    return json_response({"object": "list", "data": [organisation_object(each) for each in found]})


async def create_organisation(request: Request) -> Response:
    """A new organisation with its first owner's invitation, whose token is shown only here."""
    spec = await read_json(request, OrganisationSpec)
    made, invitation, token = await asyncio.to_thread(organisations.create, desk_of(request), caller_of(request), spec)
    shown = organisation_object(made) | {"invitation": invitation_object(invitation) | {"token": token}}
    return json_response(shown, 201)


async def show_organisation(request: Request) -> Response:
    """One organisation, the caller's own unless the caller manages the house."""
    read, id = desk_of(request).store.read, request.path_params["id"]
    return json_response(organisation_object(await asyncio.to_thread(organisations.find, read, caller_of(request), id)))


async def change_organisation(request: Request) -> Response:
    """Change the name."""
    patch, id = await read_json(request, OrganisationPatch), request.path_params["id"]
    changed = await asyncio.to_thread(organisations.change, desk_of(request), caller_of(request), id, patch)
    return json_response(organisation_object(changed))
