"""The application as a value: edge guard, cross-origin answers, and the hot routes in front of the framework's."""

from __future__ import annotations

import logging
import time

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from entrepot import edge, notices, pipeline
from entrepot.api import inference
from entrepot.api.respond import SCOPE_KEY, client_of, error_response, spoken
from entrepot.api.routes import routes, show_nowhere
from entrepot.dialects.table import MESSAGES
from entrepot.edge import Client, Headers, Line, Message, Scope
from entrepot.errors import EntrepotError, Internal, MethodNotAllowed
from entrepot.hub import Hub

log = logging.getLogger(__name__)

_EXPOSED = (
    b"x-request-id, request-id, x-client-request-id, retry-after, x-should-retry, openai-processing-ms, \
x-entrepot-mode, x-entrepot-model, x-entrepot-provider, x-entrepot-attempts, x-entrepot-dropped, \
x-entrepot-max-output-tokens, x-entrepot-cost-usd, sunset, "
    + b", ".join(notices.ALL)
)


class App:
    """The application of one hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._framework = Starlette(
            routes=list(routes()),
            exception_handlers={EntrepotError: _on_error, HTTPException: _on_http_exception, Exception: _on_crash},
        )
        self._framework.router.redirect_slashes = False

    async def __call__(self, line: Line) -> None:
        scope = line.scope
        try:
            headers = edge.guard(scope)
        except EntrepotError as error:
            await self.refuse(line, error)
            return
        client = Client(headers, line, edge.new_request_id())
        origins = self._hub.configuration.settings.server.cors_origins
        if origins and b"origin" in headers:
            client.extra_headers = _cors(headers[b"origin"], origins)
            if scope["method"] == "OPTIONS" and b"access-control-request-method" in headers:
                await client.send(204 if client.extra_headers else 403, _preflight(headers, client.extra_headers), b"")
                return
        handler = inference.ROUTES.get(scope["path"])
        if handler is None:
            await self._framed(line, client)
        elif scope["method"] == "POST":
            await handler(self._hub, client)
        else:
            await _refuse(scope, client, MethodNotAllowed("Use POST here."), [(b"allow", b"POST")])

    async def refuse(self, line: Line, error: EntrepotError) -> None:
        """Answer what is no valid request, and end the connection: where another would begin is anybody's guess."""
        await _refuse(line.scope, Client({}, line, edge.new_request_id()), error, [(b"connection", b"close")])

    async def _framed(self, line: Line, client: Client) -> None:
        began = time.monotonic()

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                elapsed_ms = round((time.monotonic() - began) * 1000)
                message["headers"] = [
                    *message.get("headers", []),
                    *_request_ids(line.scope, client),
                    (b"openai-processing-ms", str(elapsed_ms).encode()),
                    *client.extra_headers,
                ]
            await line.send(message)

        line.scope[SCOPE_KEY] = (self._hub, client)
        await self._framework(line.scope, line.receive, send)


async def _refuse(scope: Scope, client: Client, error: EntrepotError, headers: Headers) -> None:
    """An error before any route, in the dialect of the address."""
    lines = [
        (b"content-type", b"application/json"),
        *_request_ids(scope, client),
        (b"openai-processing-ms", b"0"),
        *pipeline.error_headers(error),
        *headers,
    ]
    await client.send(error.status, lines, spoken(scope).emit_error(error, client.request_id))


def _request_ids(scope: Scope, client: Client) -> Headers:
    request_id = client.request_id.encode()
    lines = [(b"x-request-id", request_id)]
    if spoken(scope) is MESSAGES:  # where Anthropic's SDKs look for it
        lines.append((b"request-id", request_id))
    return lines


def _cors(origin: bytes, allowed: tuple[str, ...]) -> Headers:
    if "*" not in allowed and origin.decode("latin-1") not in allowed:
        return []
    return [
        (b"access-control-allow-origin", origin),
        (b"access-control-expose-headers", _EXPOSED),
        (b"vary", b"origin"),
    ]


def _preflight(headers: dict[bytes, bytes], granted: Headers) -> Headers:
    if not granted:
        return []
    return [
        (b"access-control-allow-methods", b"GET, POST, PUT, PATCH, DELETE, OPTIONS"),
        (b"access-control-allow-headers", headers.get(b"access-control-request-headers", b"authorization")),
        (b"access-control-max-age", b"600"),
    ]


async def _on_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, EntrepotError)
    return error_response(error, request)


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        response = error_response(MethodNotAllowed("This method is not allowed here."), request)
        response.headers.update(error.headers or {})
        return response
    return await show_nowhere(request)


async def _on_crash(request: Request, error: Exception) -> Response:
    log.error("request %s failed inside the hub", client_of(request).request_id, exc_info=error)
    return error_response(Internal("The hub failed. Its log tells why, under this request's id."), request)
