"""Asking upstreams until one begins to answer, or the sandbox in test mode."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

import msgspec

from entrepot import routing
from entrepot.catalog import Model
from entrepot.conversation import Request
from entrepot.dialects.carrying import NotCarried, nearest_effort
from entrepot.dialects.fields import raw
from entrepot.dialects.table import CHAT, EMBEDDINGS, Dialect, Form
from entrepot.errors import EntrepotError, UpstreamBroken, UpstreamError, UpstreamRateLimited, UpstreamTimeout
from entrepot.exchange import Exchange
from entrepot.hub import Hub
from entrepot.providers.http import Answer
from entrepot.providers.registry import Upstream
from entrepot.providers.sandbox import SandboxAnswer, SandboxVectors, Steering
from entrepot.relay import GatheredReply, PlainReply, Reply, StreamReply, TranslatedReply, TranslatedStream

log = logging.getLogger(__name__)

SANDBOX_HEADER = b"x-entrepot-sandbox"
_SAMPLING = {"temperature": 1, "top_p": 1, "top_k": None}
_REASONING = ("reasoning_effort", "reasoning_budget_tokens", "reasoning_summary")


async def forward(hub: Hub, exchange: Exchange) -> Reply:
    """The first answer that begins well. Raises the last attempt's error when none does."""
    if exchange.simulated:
        exchange.attempts = 1
        return await _begun(exchange, _simulate(exchange), exchange.form)
    assert exchange.model is not None
    plan = routing.plan(exchange.configuration.registry.require(exchange.model), hub.health.wait_s)
    for number, upstream in enumerate(plan, 1):
        exchange.attempts, exchange.upstream = number, upstream
        try:
            reply = await _attempt(exchange, upstream)
        except EntrepotError as error:
            hub.health.failed(upstream, error)
            if isinstance(error, UpstreamBroken) or (isinstance(error, UpstreamTimeout) and error.sent):
                # The whole request was sent, and the provider may have begun to answer it.
                exchange.failed.append(upstream)
            log.warning("%s: attempt %d at %r failed: %s", exchange.client.request_id, number, upstream, error.message)
            following = plan[number] if number < len(plan) else None
            if not _may_follow(hub, error, upstream, following):
                if isinstance(error, UpstreamError) and not isinstance(error, UpstreamRateLimited):
                    error.should_retry = False if number > 1 else None
                raise
            await _pause(hub, number, same_upstream=following is upstream)
        else:
            hub.health.succeeded(upstream)
            return reply
    raise AssertionError("the last attempt of a plan returns or raises")


async def _attempt(exchange: Exchange, upstream: Upstream) -> Reply:
    answer = await ask(exchange, upstream, prepare(exchange, upstream))
    return await _begun(exchange, answer, upstream.form)


def prepare(exchange: Exchange, upstream: Upstream) -> bytes:
    """The request as the upstream speaks. Raises InvalidRequest naming a field that cannot be carried."""
    if upstream.form is exchange.form:
        return _relayed(exchange, upstream)
    assert isinstance(upstream.form, Dialect)
    return _translated(exchange, upstream, upstream.form)


async def ask(exchange: Exchange, upstream: Upstream, body: bytes) -> Answer:
    """The upstream's answer, in the time that is left for the exchange. Raises as `Http.post` does."""
    left_s = exchange.configuration.settings.upstream.total_timeout_s - (time.monotonic() - exchange.began)
    lines = exchange.passed_lines if upstream.form is exchange.form else b""
    return await exchange.configuration.http.post(upstream, body, within_s=max(left_s, 0.001), lines=lines)


def _relayed(exchange: Exchange, upstream: Upstream) -> bytes:
    fields, asked = exchange.fields, exchange.body
    if upstream.form is CHAT and exchange.by_own_engine:  # always asked for a stream, see GatheredReply
        fields, asked = fields | {"stream": raw(True)}, asked | {"stream": True}
    return exchange.form.emit_relayed(fields, asked, upstream.offer)


def _translated(exchange: Exchange, upstream: Upstream, target: Dialect) -> bytes:
    """The request in the upstream's dialect. Raises InvalidRequest naming a field that cannot be carried."""
    assert exchange.model is not None
    try:
        request, dropped = fitted(exchange.request, exchange.model)
        if exchange.by_own_engine:
            request = msgspec.structs.replace(request, stream=True)
        emitted = target.emit_request(request, upstream.offer)
    except NotCarried as error:
        raise NotCarried(exchange.dialect.field_names.get(error.field, error.field), error.why) from None
    names = exchange.dialect.field_names
    exchange.dropped = tuple(names.get(name, name) for name in (*dropped, *emitted.dropped))
    return emitted.body


def fitted(request: Request, model: Model) -> tuple[Request, tuple[str, ...]]:
    """The request within what the model can do, and the names of what was dropped for that.

    Coding agents send every model the same output limit and reasoning effort: what a model has no name for becomes
    the nearest that it has. Raises NotCarried for sampling that the model refuses; its defaults ask for nothing.
    """
    changes: dict[str, Any] = {}
    most = model.max_output_tokens
    if most is not None and (request.max_output_tokens or 0) > most:
        changes["max_output_tokens"] = most
    if not model.samples(thinking=request.reasoning_effort != "none"):
        changes |= dict.fromkeys(_SAMPLING)
        for name, default in _SAMPLING.items():
            if getattr(request, name) not in (None, default):
                raise NotCarried(name, "the model decides by itself how it samples")
    if request.reasoning_effort is not None and model.efforts:
        changes["reasoning_effort"] = nearest_effort(request.reasoning_effort, model.efforts)
    dropped = []
    if "reasoning" not in model.features:
        dropped = [name for name in _REASONING if getattr(request, name) is not None]
        changes |= dict.fromkeys(dropped)
    return msgspec.structs.replace(request, **changes), tuple(dropped)


async def _begun(exchange: Exchange, answer: Answer, source: Form) -> Reply:
    reply = _reply(exchange, answer, source)
    try:
        await reply.begin()
    except BaseException:
        await reply.close()
        raise
    return reply


def _reply(exchange: Exchange, answer: Answer, source: Form) -> Reply:
    if source is exchange.form and exchange.stream:
        return StreamReply(exchange, answer)
    if source is CHAT and exchange.by_own_engine and not exchange.stream:
        return GatheredReply(exchange, answer)
    if source is exchange.form:
        return PlainReply(exchange, answer)
    assert isinstance(source, Dialect)
    return TranslatedStream(exchange, answer, source) if exchange.stream else TranslatedReply(exchange, answer, source)


def _may_follow(hub: Hub, error: EntrepotError, upstream: Upstream, following: Upstream | None) -> bool:
    """Whether the plan's next attempt may be made after one that failed."""
    if following is None:
        return False
    same = following is upstream
    return routing.may_retry(error, same_upstream=same, retries=hub.retries, in_flight=len(hub.active))


async def _pause(hub: Hub, number: int, *, same_upstream: bool) -> None:
    """Wait as routing says before the attempt that follows `number`."""
    hub.retries += 1
    try:
        await asyncio.sleep(routing.backoff_s(number, same_upstream=same_upstream))
    finally:
        hub.retries -= 1


def _simulate(exchange: Exchange) -> Answer:
    header = exchange.client.headers.get(SANDBOX_HEADER)
    assert exchange.model is not None
    steering = Steering.parse(header.decode("latin-1") if header else None, exchange.model.id)
    if exchange.form is EMBEDDINGS:
        return SandboxVectors(exchange.parsed, steering, dimensions=exchange.model.dimensions)
    return SandboxAnswer(
        exchange.request,
        steering,
        dialect=exchange.dialect,
        body=exchange.body,
        image_tokens=exchange.model.image_tokens,
        created_s=exchange.started_at_ms // 1000,
        idle_timeout_s=exchange.configuration.settings.upstream.idle_timeout_s,
    )
