"""/v1/wallet: what an organisation has; who runs the hub also fills and bounds it."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from entrepot.administration import wallets
from entrepot.administration.wallets import CorrectionSpec, GrantSpec, RefundSpec, TermsPatch, wallet_object
from entrepot.api.idempotency import answered, read_ask
from entrepot.api.respond import caller_of, desk_of, hub_of, json_response, read_json
from entrepot.hub import Hub
from entrepot.wallets import UNBOUNDED


async def show_wallet(request: Request) -> Response:
    """The caller's own; for managers of the house any, by `organisation_id`."""
    return json_response(_wallet(hub_of(request), await target_of(request)))


async def change_terms(request: Request) -> Response:
    """Prepaid, or postpaid with a credit or without bound. In force at once."""
    patch = await read_json(request, TermsPatch)
    id = await asyncio.to_thread(wallets.change_terms, desk_of(request), caller_of(request), patch)
    await hub_of(request).refresh_books()
    return json_response(_wallet(hub_of(request), id))


async def grant(request: Request) -> Response:
    """Money as a gift of the house."""
    spec, ask = await read_ask(request, GrantSpec)
    answer = await asyncio.to_thread(wallets.grant, desk_of(request), caller_of(request), spec, ask)
    await hub_of(request).refresh_books()
    return answered(answer)


async def refund(request: Request) -> Response:
    """A charge given back, whole or in part."""
    spec, ask = await read_ask(request, RefundSpec)
    answer = await asyncio.to_thread(wallets.refund, desk_of(request), caller_of(request), spec, ask)
    await hub_of(request).refresh_books()
    return answered(answer)


async def correct(request: Request) -> Response:
    """What was booked wrongly put right, by a new entry."""
    spec, ask = await read_ask(request, CorrectionSpec)
    answer = await asyncio.to_thread(wallets.correct, desk_of(request), caller_of(request), spec, ask)
    await hub_of(request).refresh_books()
    return answered(answer)


async def target_of(request: Request) -> str:
    """The organisation that a query is about. Raises NotFound for one that is not the caller's to see."""
    desk, caller, wanted = desk_of(request), caller_of(request), request.query_params.get("organisation_id")
    return await asyncio.to_thread(wallets.target, desk.store.read, caller, wanted)


def _wallet(hub: Hub, organisation_id: str) -> dict[str, Any]:
    held = hub.books.wallets
    return wallet_object(organisation_id, held.balance(organisation_id), held.terms.get(organisation_id, UNBOUNDED))
