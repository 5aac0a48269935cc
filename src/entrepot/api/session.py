"""/v1/session: signing in and out, and setting a password."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from entrepot.accounts import Member
from entrepot.accounts.lockout import Subject
from entrepot.accounts.records import (
    Credentials,
    PasswordChange,
    Redemption,
    Welcome,
    member_object,
    normal_email,
    organisation_object,
)
from entrepot.administration import signing_in
from entrepot.administration.desk import Desk
from entrepot.api.addresses import network_of
from entrepot.api.cookies import clear_session, session_token, set_session
from entrepot.api.respond import caller_of, desk_of, hub_of, json_response, read_json
from entrepot.store import accounts


async def sign_in(request: Request) -> Response:
    """Sign in by e-mail address and password. The session comes in a cookie, in no body."""
    hub, desk = hub_of(request), desk_of(request)
    given = await read_json(request, Credentials)
    subjects = ("account", normal_email(given.email)), ("address", network_of(request))
    hub.lockout.begin(*subjects)
    async with hub.hashing:
        member, token = await asyncio.to_thread(signing_in.sign_in, desk, given)
    hub.lockout.succeed(*subjects)
    return await _signed_in(request, member, token, 201)


async def show_session(request: Request) -> Response:
    """Who has signed in, and where."""
    return json_response(await asyncio.to_thread(_object, desk_of(request), _member(request)))


async def sign_out(request: Request) -> Response:
    """End this session."""
    await asyncio.to_thread(signing_in.sign_out, desk_of(request), _member(request), session_token(request) or "")
    response = json_response({"object": "session", "deleted": True})
    clear_session(request, response)
    return response


async def welcome(request: Request) -> Response:
    """Set the first owner's address and password by the link of the first run, and sign in."""
    return await _redeem(request, await read_json(request, Welcome))


async def reset(request: Request) -> Response:
    """Set a new password by a link of an owner's, and sign in. All earlier sessions are over."""
    return await _redeem(request, await read_json(request, Redemption))


async def change_password(request: Request) -> Response:
    """Set a new password by the present one. All sessions are over but a new one, which this answer brings."""
    hub, desk, member = hub_of(request), desk_of(request), _member(request)
    given = await read_json(request, PasswordChange)
    subject: Subject = ("account", member.id)
    hub.lockout.begin(subject)
    async with hub.hashing:
        await asyncio.to_thread(signing_in.change_password, desk, member, given)
    hub.lockout.succeed(subject)
    member, token = await asyncio.to_thread(signing_in.begin_session, desk, member.id)
    return await _signed_in(request, member, token, 200)


async def _redeem(request: Request, given: Welcome | Redemption) -> Response:
    hub, desk = hub_of(request), desk_of(request)
    async with hub.hashing:
        member = await asyncio.to_thread(signing_in.redeem, desk, given)
    member, token = await asyncio.to_thread(signing_in.begin_session, desk, member.id)
    return await _signed_in(request, member, token, 201)


async def _signed_in(request: Request, member: Member, token: str, status: int) -> Response:
    response = json_response(await asyncio.to_thread(_object, desk_of(request), member), status)
    set_session(request, response, token)
    return response


def _member(request: Request) -> Member:
    member = caller_of(request).member
    assert member is not None  # the table of routes lets no key in here
    return member


def _object(desk: Desk, member: Member) -> dict[str, object]:
    organisation = accounts.organisation(desk.store.read, member.organisation_id)
    assert organisation is not None
    return {"object": "session", "member": member_object(member), "organisation": organisation_object(organisation)}
