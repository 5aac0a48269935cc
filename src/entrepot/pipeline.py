"""The exchange: one request's walk through the hub, front to back.

    identify → read → admit → forward → deliver → settle

Whatever a step raises is written to the client in one place, `refuse`, in the dialect of the route.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable

import msgspec

from entrepot import images
from entrepot.billing import close, open_bill
from entrepot.books import now_ms
from entrepot.catalog import Model, check
from entrepot.conversation import Usage
from entrepot.counting import count
from entrepot.dialects import fields
from entrepot.dialects.table import CHAT, Form
from entrepot.edge import JSON, Client, Headers
from entrepot.errors import (
    ContextTooLong,
    EntrepotError,
    Forbidden,
    Internal,
    InvalidRequest,
    NotFound,
    QuotaExhausted,
    ShuttingDown,
    Unauthenticated,
    UpstreamError,
    UpstreamRefusal,
)
from entrepot.exchange import Exchange
from entrepot.forward import forward
from entrepot.hub import Hub
from entrepot.keys import Key
from entrepot.receipts import wants_meta
from entrepot.telemetry import redact

log = logging.getLogger(__name__)

CLIENT_LEFT = 499  # nginx's status for it: recorded, never sent
LARGE_BODY_BYTES = 256 * 1024  # from here on a body is read on another thread
LONGEST_ECHO_CHARS = 256
_KEY_HEADERS = (b"x-api-key", b"api-key")
_DOES = {"chat": "holds conversations", "embedding": "makes embeddings"}


EmitError = Callable[[EntrepotError, str], bytes]
EmitStreamError = Callable[[EntrepotError, Exchange], bytes]


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for at one address. `counting` is as in Exchange.

    `prepare` may change what was read before it is checked: it gets the body, and gives the one that is in force.
    `tells_sides` is as in Exchange; `no_money_status` stands in for the form's, `emit_error` and `emit_stream_error`
    for errors in another shape than the form's.
    """

    form: Form
    key_in_body: bool = False
    counting: bool = False
    prepare: Callable[[Hub, Exchange, bytes], Awaitable[bytes]] | None = None
    tells_sides: bool = False
    no_money_status: int | None = None
    emit_error: EmitError | None = None
    emit_stream_error: EmitStreamError | None = None


async def run(hub: Hub, client: Client, route: Route) -> None:
    """Serve one request from its headers to its settlement. Raises nothing."""
    exchange = Exchange(hub.configuration, client, route.form, client, route.counting)
    hub.active.add(client.task)
    try:
        await _walk(hub, exchange, route)
    except EntrepotError as error:
        if isinstance(error, QuotaExhausted) and not error.should_retry:
            error.status = route.no_money_status or route.form.no_money_status
        await refuse(exchange, error, route)
    except asyncio.CancelledError:
        if client.gone:
            exchange.status, exchange.error_code = CLIENT_LEFT, "client_left"
        else:
            leaving = ShuttingDown("The hub is shutting down.", retry_after_s=1)
            await refuse(exchange, leaving, route)
    except Exception:
        log.exception("request %s failed inside the hub", client.request_id)
        failed = Internal("The hub failed. Its log tells why, under this request's id.")
        await refuse(exchange, failed, route)
    finally:
        client.unwatch()
        hub.active.discard(client.task)
        record(hub, exchange)
        exchange.outlet = client  # one of its own holds the exchange: freed now, not by the garbage collector


async def _walk(hub: Hub, exchange: Exchange, route: Route) -> None:
    if hub.draining:
        raise ShuttingDown("The hub is shutting down.", retry_after_s=1)
    token = presented_token(exchange.client)
    if token is not None or not route.key_in_body:
        exchange.made_with(identify(hub, token))
    await read(hub, exchange, route)
    if exchange.key is None:
        exchange.made_with(identify(hub, _token_in_body(exchange)))
    admit(exchange)
    if exchange.counting:
        return await count(hub, exchange)
    exchange.bill = await open_bill(hub.books, exchange)
    reply = await forward(hub, exchange)
    try:
        await reply.deliver()
    finally:
        await reply.close()


# identify -----------------------------------------------------------------------------------------


def presented_token(client: Client) -> str | None:
    """The credential in the headers. Raises InvalidRequest when two headers disagree."""
    headers = client.headers
    given = [headers[name].strip() for name in _KEY_HEADERS if name in headers]
    authorization = headers.get(b"authorization")
    if authorization is not None:
        scheme, _, token = authorization.partition(b" ")
        if scheme.lower() != b"bearer":
            raise Unauthenticated("Send the key as 'Authorization: Bearer ep-…'.")
        given.append(token.strip())
    if not given:
        return None
    if given.count(given[0]) < len(given):
        raise InvalidRequest("The request carries two different keys.", code="conflicting_credentials")
    return given[0].decode("latin-1")


def identify(hub: Hub, token: str | None) -> Key:
    """The key behind a token, fit for inference."""
    key = authenticate(hub, token)
    key.require("inference")
    return key


def authenticate(hub: Hub, token: str | None) -> Key:
    if not token:
        raise Unauthenticated("No API key was given. Send 'Authorization: Bearer ep-…'.", code="missing_api_key")
    return hub.keys.authenticate(token, now_ms())


def _token_in_body(exchange: Exchange) -> str | None:
    token = exchange.body.get("key")
    return token if isinstance(token, str) else None


# read ---------------------------------------------------------------------------------------------


async def read(hub: Hub, exchange: Exchange, route: Route) -> None:
    """The body, decoded and checked against the request schema of the model it names."""
    server = exchange.configuration.settings.server
    body = await exchange.client.read_body(server.body_limit_bytes, server.body_timeout_s)
    exchange.client.watch()
    await _aside(_decode, exchange, body)
    exchange.tells_sides = route.tells_sides
    if route.tells_sides or wants_meta(exchange):
        exchange.want_usage()
    if route.prepare is not None:
        body = await route.prepare(hub, exchange, body)
    await _aside(_check, exchange, body)


async def _aside(step: Callable[[Exchange, bytes], None], exchange: Exchange, body: bytes) -> None:
    """Run a step, on another thread where the body is large."""
    if len(body) > LARGE_BODY_BYTES:
        await asyncio.to_thread(step, exchange, body)
    else:
        step(exchange, body)


def _decode(exchange: Exchange, body: bytes) -> None:
    exchange.size_bytes = len(body)
    catalogue = exchange.configuration.catalogue
    exchange.fields, exchange.body = fields.decode(body)
    asked = exchange.body.setdefault("model", exchange.body.get("model_id"))
    if not isinstance(asked, str):
        code = "missing_required_parameter" if asked is None else "invalid_type"
        raise InvalidRequest("'model' must be the name of a model.", param="model", code=code)
    exchange.asked = asked[:LONGEST_ECHO_CHARS]
    model = catalogue.find(asked)
    if model is None:
        raise NotFound(f"The model '{exchange.asked}' does not exist.", code="model_not_found", param="model")
    exchange.is_for(model)
    if model.kind != exchange.form.kind:
        message = f"The model '{model.id}' {_DOES[model.kind]}; it cannot answer here."
        raise InvalidRequest(message, param="model", code="unsupported_value")


def _check(exchange: Exchange, body: bytes) -> None:
    model = exchange.model
    assert model is not None
    if exchange.form.has_schema:
        check(exchange.configuration.catalogue, model, exchange.body)
    if exchange.form is not CHAT:
        _ = exchange.parsed  # reading it is checking it
    limit = model.context_tokens
    if limit and not exchange.counting and _may_exceed(exchange, body, limit):
        _check_context(exchange, model, limit)


def _may_exceed(exchange: Exchange, body: bytes, limit_tokens: int) -> bool:
    """Of a conversation in plain words, the bytes tell; only others must be searched for what is attached to them."""
    if exchange.form is CHAT and all(isinstance(said.get("content"), str) for said in exchange.body["messages"]):
        return len(body) > limit_tokens
    return images.may_exceed(body, limit_tokens)


def _check_context(exchange: Exchange, model: Model, limit_tokens: int) -> None:
    input_tokens = exchange.form.exceeds(exchange.parsed, limit_tokens, model.image_tokens)
    if input_tokens is not None:
        message = f"The model's context holds {limit_tokens} tokens; the request has {input_tokens}."
        raise ContextTooLong(message, param=exchange.form.field_names["messages"])


# admit --------------------------------------------------------------------------------------------


def admit(exchange: Exchange) -> None:
    """Whether this key may call this model."""
    key, model = exchange.key, exchange.model
    assert key is not None
    assert model is not None
    if key.models is not None and set(model.names).isdisjoint(key.models):
        raise Forbidden(f"This key may not call the model '{model.id}'.", param="model")


# record -------------------------------------------------------------------------------------------


def record(hub: Hub, exchange: Exchange) -> None:
    """Write the exchange down once, however it ended. Requests without a valid key leave no row, nor do mere counts."""
    if exchange.key is None or exchange.counting:
        return
    if exchange.bill is None:
        hub.store.record(exchange.row(Usage()))
        return
    closing = close(exchange)
    if closing is not None:
        hub.books.keep(closing)


# refuse -------------------------------------------------------------------------------------------


async def refuse(exchange: Exchange, error: EntrepotError, route: Route) -> None:
    """Tell the client of an error: as a response, or as the last event of a stream that has begun."""
    if isinstance(error, UpstreamError | UpstreamRefusal):
        _redact(error, exchange)
    exchange.status, exchange.error_code = error.status, error.code
    client = exchange.client
    if client.gone:
        exchange.status = CLIENT_LEFT
        return
    if client.started and route.emit_stream_error is not None:
        await client.end(route.emit_stream_error(error, exchange))
    elif client.started:
        await client.end(exchange.dialect.stream_error(error, client.request_id, exchange.written))
    else:
        body = (route.emit_error or exchange.form.emit_error)(error, client.request_id)
        await client.send(error.status, exchange.head(JSON) + error_headers(error), body)


def _redact(error: EntrepotError, exchange: Exchange) -> None:
    """Take the hub's secrets out of what an upstream has said: some repeat the key they were sent."""
    secrets = tuple(exchange.configuration.registry.secrets)
    error.message = redact(error.message, secrets)
    error.code = redact(error.code, secrets)
    error.param = error.param and redact(error.param, secrets)


def error_headers(error: EntrepotError) -> Headers:
    """Retry hints that OpenAI's and Anthropic's SDKs obey, and Connection where the request was not read."""
    lines: Headers = []
    if error.retry_after_s is not None:
        lines.append((b"retry-after", str(max(1, math.ceil(error.retry_after_s))).encode()))
    if error.should_retry is not None:
        lines.append((b"x-should-retry", b"true" if error.should_retry else b"false"))
    if error.status in (408, 413):
        lines.append((b"connection", b"close"))
    return lines
