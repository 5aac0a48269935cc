"""Who calls a managed route, and whether the table of routes lets them in. Nothing else decides it."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from entrepot.accounts.callers import Caller, caller_by_key, caller_by_session
from entrepot.administration import signing_in
from entrepot.administration.desk import Desk
from entrepot.api.cookies import SAFE_METHODS, refuse_cross_site, session_token
from entrepot.api.permissions import Access, Route
from entrepot.api.respond import CALLER_KEY, client_of, desk_of, hub_of
from entrepot.errors import Forbidden, Unauthenticated
from entrepot.pipeline import authenticate, presented_token
from entrepot.store import accounts

Handler = Callable[[Request], Awaitable[Response]]


def guarded(route: Route, access: Access, handler: Handler) -> Handler:
    """The handler behind what its row of the table of routes asks for."""

    @functools.wraps(handler)
    async def admitted(request: Request) -> Response:
        if access.open and not (access.page and hub_of(request).configuration.settings.server.pages == "private"):
            refuse_cross_site(request, by_cookie=False)
            if access.personal and (known := await _known(request, access)) is not None:
                request.scope[CALLER_KEY] = known
            return await handler(request)
        caller = await _caller(request, access)
        request.scope[CALLER_KEY] = caller
        try:
            _require(access, caller)
            return await handler(request)
        except Forbidden as error:
            if request.method not in SAFE_METHODS:
                await asyncio.to_thread(_log_refusal, desk_of(request), caller, " ".join(route), error.code)
            raise

    return admitted


async def _caller(request: Request, access: Access) -> Caller:
    """A key in the headers goes before a cookie, which is not looked at then."""
    desk, token = desk_of(request), presented_token(client_of(request))
    session = session_token(request) if token is None and access.roles else None
    if session is None and access.key is None:
        raise Unauthenticated("This is for members who have signed in.", code="session_required")
    if session is None:
        key = authenticate(hub_of(request), token)
        is_house = access.key == "management" and await asyncio.to_thread(_is_house, desk, key.organisation_id)
        return caller_by_key(key, house=is_house)
    refuse_cross_site(request, by_cookie=True)
    return await asyncio.to_thread(_by_session, desk, session)


async def _known(request: Request, access: Access) -> Caller | None:
    """Who shows a credential where none is asked for. A session that has ended makes nobody of its owner; a key that
    is wrong is an error there too."""
    if presented_token(client_of(request)) is not None:
        return await _caller(request, access)
    try:
        return await _caller(request, access) if session_token(request) is not None else None
    except Unauthenticated:
        return None


def _by_session(desk: Desk, token: str) -> Caller:
    member = signing_in.member_of_session(desk, token)
    return caller_by_session(member, house=_is_house(desk, member.organisation_id))


def _is_house(desk: Desk, organisation_id: str) -> bool:
    organisation = accounts.organisation(desk.store.read, organisation_id)
    return organisation is not None and organisation.house


def _require(access: Access, caller: Caller) -> None:
    """Raises Forbidden."""
    if caller.member is not None:
        if caller.member.role not in access.roles:
            raise Forbidden(f"The role '{caller.member.role}' does not allow this.", code="role_missing")
    elif caller.key is not None and access.key is not None and access.key != "any":
        caller.key.require(access.key)


def _log_refusal(desk: Desk, caller: Caller, what: str, code: str) -> None:
    desk.commit(lambda run: desk.log(run, caller, "request.refuse", what, after={"code": code}))
