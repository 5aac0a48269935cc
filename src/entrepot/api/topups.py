"""POST /v1/webhooks/topup: what a payment service tells. Its signature is all the credential there is."""

from __future__ import annotations

import asyncio
import time

from starlette.requests import Request
from starlette.responses import Response

from entrepot import webhooks
from entrepot.administration import topups
from entrepot.api.respond import desk_of, hub_of, json_response, read_body
from entrepot.errors import NotFound

STRIPE_HEADER = "stripe-signature"


async def take_topup(request: Request) -> Response:
    """Book a payment once. The signature is looked at before anything in the body is."""
    secret = hub_of(request).configuration.webhooks.topup_secret
    if secret is None:
        raise NotFound("Top-ups are not switched on.", code="topups_off")
    body = await read_body(request)
    header = request.headers.get(webhooks.HEADER) or request.headers.get(STRIPE_HEADER, "")
    webhooks.verify(body, header, secret, time.time())
    told = await asyncio.to_thread(topups.take, desk_of(request), body)
    await hub_of(request).refresh_books()
    return json_response(told)
