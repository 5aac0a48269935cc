"""The application as a value: routes, edge guard, cross-origin answers. No logic."""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Iterable, Mapping

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from entrepot import edge, notices, pipeline
from entrepot.api import (
    audit,
    billing,
    browser,
    deprecations,
    estimate,
    health,
    house,
    inference,
    invitations,
    keys,
    logs,
    members,
    models,
    openapi,
    openrouter,
    organisations,
    pages,
    providers,
    responses,
    rules,
    session,
    snippets,
    topups,
    usage,
    vouchers,
    wallet,
)
from entrepot.api.accepting import HTML, JSON, MARKDOWN, preferred
from entrepot.api.identify import Handler, guarded
from entrepot.api.permissions import INFERENCE, PERMISSIONS
from entrepot.api.respond import SCOPE_KEY, client_of, error_response, spoken
from entrepot.dialects.table import MESSAGES
from entrepot.edge import Client, Headers, Message, Receive, Scope, Send
from entrepot.errors import EntrepotError, Internal, MethodNotAllowed, NotFound
from entrepot.hub import Hub

log = logging.getLogger(__name__)

_MODEL_PREFIXES = ("/v1", "", "/api/v1", "/api/ai", "/api/v7/llm", "/api/v7/llm/v1")
_RESPONSES_PREFIXES = ("/v1", "")
_FORMS: dict[tuple[str, str], dict[str, tuple[str, Handler]]] = {
    ("GET", "/"): {HTML: ("/", browser.show_screen)},
    ("GET", "/models"): {MARKDOWN: ("/llms.txt", pages.models_markdown), HTML: ("/", browser.show_screen)},
    ("GET", "/models/{id:path}"): {
        MARKDOWN: ("/models/{id:path}.md", pages.model_markdown),
        HTML: ("/", browser.show_model),
    },
}
"""Routes that answer in another form when `accept` names it, each behind a row of the permissions."""

_OPENROUTER_PREFIXES = ("/v1", "/api/v1")
_EXPOSED = (
    b"x-request-id, request-id, x-client-request-id, retry-after, x-should-retry, openai-processing-ms, \
x-entrepot-mode, x-entrepot-model, x-entrepot-provider, x-entrepot-attempts, x-entrepot-dropped, \
x-entrepot-max-output-tokens, x-entrepot-cost-usd, sunset, "
    + b", ".join(notices.ALL)
)


def routes() -> Iterable[Route]:
    """Every route but the hot ones in `api.inference.ROUTES`, each behind its row of the permissions."""
    for method, path, handler in _handlers():
        served = guarded(method, path, handler)
        forms = _FORMS.get((method, path), {})
        if forms:
            served = _negotiated(served, {kind: guarded(method, row, form) for kind, (row, form) in forms.items()})
        yield Route(path, served, methods=[method])


def _negotiated(plain: Handler, forms: Mapping[str, Handler]) -> Handler:
    """JSON goes before a form that is named with the same weight, but not before Markdown, which only agents name."""

    @functools.wraps(plain)
    async def served(request: Request) -> Response:
        asked = preferred(request.headers.get("accept", ""), (MARKDOWN, JSON, HTML))
        return await forms.get(asked or JSON, plain)(request)

    return served


def _handlers() -> Iterable[tuple[str, str, Handler]]:
    yield "GET", "/", health.root
    yield "GET", "/health", health.health
    yield "GET", "/ready", health.ready
    yield "GET", "/version", health.show_version
    yield "GET", "/openapi.json", openapi.show_document
    yield "GET", "/llms.txt", pages.llms_index
    yield "GET", "/llms-full.txt", pages.llms_full
    yield "GET", "/models/{id:path}.md", pages.model_markdown
    yield "GET", "/models/{id:path}/llms.txt", pages.model_llms
    yield "GET", "/v1/models/deprecations", deprecations.list_deprecations
    yield "GET", "/v1/models/pages", pages.list_cards
    yield "GET", "/v1/models/{id:path}/page", pages.model_page
    yield "GET", "/v1/models/{id:path}/schema", pages.model_schema
    yield "GET", "/api/ai/models/search", models.list_models
    for prefix in _MODEL_PREFIXES:
        yield "GET", f"{prefix}/models", models.list_models
        yield "GET", f"{prefix}/models/{{id:path}}", models.retrieve_model
    for prefix in _RESPONSES_PREFIXES:
        yield "GET", f"{prefix}/responses/{{id}}", responses.retrieve_response
        yield "DELETE", f"{prefix}/responses/{{id}}", responses.delete_response
        yield "GET", f"{prefix}/responses/{{id}}/input_items", responses.list_input_items
        yield "POST", f"{prefix}/responses/{{id}}/cancel", responses.cancel_response
    for prefix in _OPENROUTER_PREFIXES:
        yield "GET", f"{prefix}/generation", openrouter.show_generation
        yield "GET", f"{prefix}/key", openrouter.show_key
        yield "GET", f"{prefix}/credits", openrouter.show_credits
    yield "GET", "/v1/keys", keys.list_keys
    yield "POST", "/v1/keys", keys.create_key
    yield "GET", "/v1/keys/{id}", keys.show_key
    yield "PATCH", "/v1/keys/{id}", keys.change_key
    yield "DELETE", "/v1/keys/{id}", keys.delete_key
    yield "POST", "/v1/keys/{id}/rotate", keys.rotate_key
    yield "GET", "/v1/hub", house.show_hub
    yield "GET", "/v1/settings", house.list_settings
    yield "GET", "/v1/providers", providers.list_providers
    yield "POST", "/v1/providers/{id}/test", providers.try_provider
    yield "POST", "/v1/snippets", snippets.show_snippets
    yield "POST", "/v1/estimate", estimate.estimate_call
    yield "GET", "/v1/usage", usage.show_usage
    yield "GET", "/v1/rules", rules.list_rules
    yield "PUT", "/v1/rules", rules.put_rule
    yield "DELETE", "/v1/rules/{id}", rules.delete_rule
    yield "GET", "/v1/organisations", organisations.list_organisations
    yield "POST", "/v1/organisations", organisations.create_organisation
    yield "GET", "/v1/organisations/{id}", organisations.show_organisation
    yield "PATCH", "/v1/organisations/{id}", organisations.change_organisation
    yield "GET", "/v1/members", members.list_members
    yield "GET", "/v1/members/{id}", members.show_member
    yield "PATCH", "/v1/members/{id}", members.change_member
    yield "DELETE", "/v1/members/{id}", members.remove_member
    yield "POST", "/v1/members/{id}/reset", members.reset_member
    yield "GET", "/v1/invitations", invitations.list_invitations
    yield "POST", "/v1/invitations", invitations.create_invitation
    yield "POST", "/v1/invitations/accept", invitations.accept_invitation
    yield "DELETE", "/v1/invitations/{id}", invitations.delete_invitation
    yield "POST", "/v1/session", session.sign_in
    yield "GET", "/v1/session", session.show_session
    yield "DELETE", "/v1/session", session.sign_out
    yield "POST", "/v1/session/welcome", session.welcome
    yield "POST", "/v1/session/reset", session.reset
    yield "POST", "/v1/session/password", session.change_password
    yield "GET", "/v1/audit", audit.list_entries
    yield "GET", "/v1/logs", logs.list_logs
    yield "GET", "/v1/logs/{id}", logs.show_log
    yield "GET", "/v1/wallet", wallet.show_wallet
    yield "PATCH", "/v1/wallet", wallet.change_terms
    yield "POST", "/v1/wallet/grants", wallet.grant
    yield "POST", "/v1/wallet/refunds", wallet.refund
    yield "POST", "/v1/wallet/corrections", wallet.correct
    yield "GET", "/v1/vouchers", vouchers.list_vouchers
    yield "POST", "/v1/vouchers", vouchers.create_vouchers
    yield "POST", "/v1/vouchers/redeem", vouchers.redeem_voucher
    yield "DELETE", "/v1/vouchers/{id}", vouchers.withdraw_voucher
    yield "GET", "/v1/billing/transactions", billing.list_transactions
    yield "GET", "/v1/billing/statements/{month}", billing.show_statement
    yield "POST", "/v1/webhooks/topup", topups.take_topup
    for path in browser.SCREENS:
        yield "GET", path, browser.show_screen
    yield "GET", browser.ASSET, browser.show_asset
    for path in browser.PUBLIC:
        yield "GET", path, browser.show_public


class App:
    """The ASGI application of one hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._hot = {path: each for path, each in inference.ROUTES.items() if PERMISSIONS["POST", path] == INFERENCE}
        self._framework = Starlette(
            routes=list(routes()),
            exception_handlers={EntrepotError: _on_error, HTTPException: _on_http_exception, Exception: _on_crash},
        )
        self._framework.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1000})
            return
        request_id = edge.new_request_id()
        try:
            headers = edge.guard(scope)
        except EntrepotError as error:
            await _refuse(scope, Client({}, receive, send, request_id), error, [(b"connection", b"close")])
            return
        client = Client(headers, receive, send, request_id)
        origins = self._hub.configuration.settings.server.cors_origins
        if origins and b"origin" in headers:
            client.extra_headers = _cors(headers[b"origin"], origins)
            if scope["method"] == "OPTIONS" and b"access-control-request-method" in headers:
                await client.send(204 if client.extra_headers else 403, _preflight(headers, client.extra_headers), b"")
                return
        handler = self._hot.get(scope["path"])
        if handler is None:
            await self._framed(scope, client)
        elif scope["method"] == "POST":
            await handler(self._hub, client)
        else:
            await _refuse(scope, client, MethodNotAllowed("Use POST here."), [(b"allow", b"POST")])

    async def _framed(self, scope: Scope, client: Client) -> None:
        began = time.monotonic()

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                elapsed_ms = round((time.monotonic() - began) * 1000)
                message["headers"] = [
                    *message.get("headers", []),
                    *_request_ids(scope, client),
                    (b"openai-processing-ms", str(elapsed_ms).encode()),
                    *client.extra_headers,
                ]
            await client.relay(message)

        scope[SCOPE_KEY] = (self._hub, client)
        await self._framework(scope, client.receive, send)


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
    return error_response(NotFound("There is nothing at this address."), request)


async def _on_crash(request: Request, error: Exception) -> Response:
    log.error("request %s failed inside the hub", client_of(request).request_id, exc_info=error)
    return error_response(Internal("The hub failed. Its log tells why, under this request's id."), request)


def build_app(hub: Hub) -> App:
    return App(hub)
