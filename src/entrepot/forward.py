"""Asking upstreams until one begins to answer, or the sandbox in test mode."""

from __future__ import annotations

import asyncio
import logging
import time

from entrepot import routing
from entrepot.dialects import openai_chat
from entrepot.dialects.fields import raw
from entrepot.errors import EntrepotError, UpstreamError, UpstreamRateLimited
from entrepot.exchange import Exchange
from entrepot.hub import Hub
from entrepot.providers.http import Answer
from entrepot.providers.registry import Upstream
from entrepot.providers.sandbox import SandboxAnswer, Steering
from entrepot.relay import GatheredReply, PlainReply, Reply, StreamReply

log = logging.getLogger(__name__)

SANDBOX_HEADER = b"x-entrepot-sandbox"


async def forward(hub: Hub, exchange: Exchange) -> Reply:
    """The first answer that begins well. Raises the last attempt's error when none does."""
    if exchange.simulated:
        exchange.attempts = 1
        return await _begun(exchange, _simulate(exchange))
    assert exchange.model is not None
    plan = routing.plan(exchange.configuration.registry.require(exchange.model), hub.health.wait_s)
    for number, upstream in enumerate(plan, 1):
        exchange.attempts, exchange.upstream = number, upstream
        try:
            reply = await _attempt(exchange, upstream)
        except EntrepotError as error:
            hub.health.failed(upstream, error)
            log.warning("%s: attempt %d at %r failed: %s", exchange.client.request_id, number, upstream, error.message)
            await _pause_before_retry(hub, error, number, plan)
        else:
            hub.health.succeeded(upstream)
            return reply
    raise AssertionError("the last attempt of a plan returns or raises")


async def _attempt(exchange: Exchange, upstream: Upstream) -> Reply:
    fields, asked = exchange.fields, exchange.body
    if exchange.by_own_engine:  # always asked for a stream, see GatheredReply
        fields, asked = fields | {"stream": raw(True)}, asked | {"stream": True}
    body = openai_chat.emit_relayed(fields, asked, upstream.offer.upstream_model)
    left_s = exchange.configuration.settings.upstream.total_timeout_s - (time.monotonic() - exchange.began)
    post = exchange.configuration.http.post
    return await _begun(exchange, await post(upstream, body, within_s=max(left_s, 0.001)))


async def _begun(exchange: Exchange, answer: Answer) -> Reply:
    reply: Reply
    if exchange.stream:
        reply = StreamReply(exchange, answer)
    else:
        reply = GatheredReply(exchange, answer) if exchange.by_own_engine else PlainReply(exchange, answer)
    try:
        await reply.begin()
    except BaseException:
        await reply.close()
        raise
    return reply


async def _pause_before_retry(hub: Hub, error: EntrepotError, number: int, plan: list[Upstream]) -> None:
    """Wait as routing says before the next attempt; raise `error` when there is to be none."""
    following = plan[number] if number < len(plan) else None
    same = following is plan[number - 1]
    if following is None or not routing.may_retry(
        error, same_upstream=same, retries=hub.retries, in_flight=len(hub.active)
    ):
        if isinstance(error, UpstreamError) and not isinstance(error, UpstreamRateLimited):
            error.should_retry = False if number > 1 else None
        raise error
    hub.retries += 1
    try:
        await asyncio.sleep(routing.backoff_s(number, same_upstream=same))
    finally:
        hub.retries -= 1


def _simulate(exchange: Exchange) -> Answer:
    request = openai_chat.parse_request(exchange.body)
    header = exchange.client.headers.get(SANDBOX_HEADER)
    assert exchange.model is not None
    return SandboxAnswer(
        request,
        Steering.parse(header.decode("latin-1") if header else None, exchange.model.id),
        created_s=exchange.started_at_ms // 1000,
        idle_timeout_s=exchange.configuration.settings.upstream.idle_timeout_s,
    )
