"""/v1/vouchers: made and withdrawn by who runs the hub, redeemed by any organisation."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from entrepot.administration import vouchers
from entrepot.administration.vouchers import CodeSpec, VouchersSpec, voucher_object
from entrepot.api.idempotency import answered, read_ask
from entrepot.api.paging import number
from entrepot.api.respond import caller_of, desk_of, hub_of, json_response
from entrepot.store.vouchers import LAST

MOST = 1000
DEFAULT = 100


async def create_vouchers(request: Request) -> Response:
    """New vouchers. Their codes are shown only here."""
    spec, ask = await read_ask(request, VouchersSpec)
    made = await asyncio.to_thread(vouchers.make, desk_of(request), caller_of(request), spec, ask)
    return json_response(made, 201)


async def list_vouchers(request: Request) -> Response:
    """Newest first, without their codes."""
    desk, caller = desk_of(request), caller_of(request)
    limit, before_seq = min(number(request, "limit", DEFAULT), MOST), number(request, "cursor", LAST)
    found = await asyncio.to_thread(vouchers.listed, desk, caller, before_seq=before_seq, limit=limit + 1)
    shown, has_more = found[:limit], len(found) > limit
    cursor = str(shown[-1].seq) if has_more else None
    data = [voucher_object(each) for each in shown]
    return json_response({"object": "list", "data": data, "has_more": has_more, "next_cursor": cursor})


async def redeem_voucher(request: Request) -> Response:
    """Put a voucher's amount into the caller's own wallet."""
    spec, ask = await read_ask(request, CodeSpec)
    desk, caller = desk_of(request), caller_of(request)
    answer = await asyncio.to_thread(vouchers.redeem, desk, caller, caller.organisation_id, spec, ask)
    await hub_of(request).refresh_books()
    return answered(answer)


async def withdraw_voucher(request: Request) -> Response:
    """Make a code worthless that nobody has redeemed."""
    id = request.path_params["id"]
    gone = await asyncio.to_thread(vouchers.withdraw, desk_of(request), caller_of(request), id)
    return json_response({"id": gone.id, "object": "voucher", "deleted": True})
