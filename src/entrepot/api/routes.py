"""Every route: its address, who may call it, and what serves it. What is not here is not served."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping

import msgspec
from starlette import routing
from starlette.requests import Request
from starlette.responses import Response

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
from entrepot.api.cookies import SAFE_METHODS
from entrepot.api.identify import Handler, guarded
from entrepot.api.permissions import (
    ANY,
    ANY_KEY,
    ESTIMATE,
    HOUSE_SEEN,
    INFERENCE,
    KEYS,
    KEYS_SEEN,
    MANAGEMENT,
    MEMBERS,
    MONEY,
    MONEY_SEEN,
    OPEN,
    OWN_PAGE,
    OWNERS,
    PAGE,
    RULES_SEEN,
    SIGNED_IN,
    USAGE,
    Access,
    Route,
    below,
)
from entrepot.api.respond import error_response, hub_of, tagged
from entrepot.errors import NotFound

Row = tuple[Access, Handler]


async def show_document(request: Request) -> Response:
    """This document."""
    url = hub_of(request).configuration.settings.url
    return tagged(request, Response(_document(url), media_type="application/json"))


@functools.cache
def _document(url: str) -> bytes:
    """Made at its first use: that takes tens of milliseconds."""
    return msgspec.json.encode(openapi.document(url, {**HOT, **FRAMED}))


HOT = {("POST", path): (INFERENCE, hot) for path, hot in inference.ROUTES.items()}
"""Served in front of the framework, see `entrepot.app`."""

FRAMED: dict[Route, Row] = {
    ("GET", "/"): (OPEN, health.root),
    ("GET", "/health"): (OPEN, health.health),
    ("GET", "/ready"): (OPEN, health.ready),
    ("GET", "/version"): (OPEN, health.show_version),
    ("GET", "/openapi.json"): (PAGE, show_document),
    ("GET", "/llms.txt"): (PAGE, pages.llms_index),
    ("GET", "/llms-full.txt"): (PAGE, pages.llms_full),
    ("GET", "/models/{id:path}.md"): (PAGE, pages.model_markdown),
    ("GET", "/models/{id:path}/llms.txt"): (PAGE, pages.model_llms),
    ("GET", "/v1/models/deprecations"): (PAGE, deprecations.list_deprecations),
    ("GET", "/v1/models/pages"): (OWN_PAGE, pages.list_cards),
    ("GET", "/v1/models/{id:path}/page"): (OWN_PAGE, pages.model_page),
    ("GET", "/v1/models/{id:path}/schema"): (OWN_PAGE, pages.model_schema),
    ("GET", "/api/ai/models/search"): (ANY, models.list_models),
    **below(
        models.PREFIXES,
        {
            ("GET", "/models"): (ANY, models.list_models),
            ("GET", "/models/{id:path}"): (ANY, models.retrieve_model),
        },
    ),
    **below(
        responses.PREFIXES,
        {
            ("GET", "/responses/{id}"): (INFERENCE, responses.retrieve_response),
            ("DELETE", "/responses/{id}"): (INFERENCE, responses.delete_response),
            ("GET", "/responses/{id}/input_items"): (INFERENCE, responses.list_input_items),
            ("POST", "/responses/{id}/cancel"): (INFERENCE, responses.cancel_response),
        },
    ),
    **below(
        openrouter.PREFIXES,
        {
            ("GET", "/generation"): (USAGE, openrouter.show_generation),
            ("GET", "/key"): (ANY_KEY, openrouter.show_key),
            ("GET", "/credits"): (MONEY, openrouter.show_credits),
        },
    ),
    ("GET", "/v1/keys"): (KEYS_SEEN, keys.list_keys),
    ("POST", "/v1/keys"): (KEYS, keys.create_key),
    ("GET", "/v1/keys/{id}"): (KEYS_SEEN, keys.show_key),
    ("PATCH", "/v1/keys/{id}"): (KEYS, keys.change_key),
    ("DELETE", "/v1/keys/{id}"): (KEYS, keys.delete_key),
    ("POST", "/v1/keys/{id}/rotate"): (KEYS, keys.rotate_key),
    ("GET", "/v1/hub"): (OPEN, house.show_hub),
    ("GET", "/v1/settings"): (HOUSE_SEEN, house.list_settings),
    ("GET", "/v1/providers"): (HOUSE_SEEN, providers.list_providers),
    ("POST", "/v1/providers/{id}/test"): (MANAGEMENT, providers.try_provider),
    ("POST", "/v1/snippets"): (PAGE, snippets.show_snippets),
    ("POST", "/v1/estimate"): (ESTIMATE, estimate.estimate_call),
    ("GET", "/v1/usage"): (USAGE, usage.show_usage),
    ("GET", "/v1/rules"): (RULES_SEEN, rules.list_rules),
    ("PUT", "/v1/rules"): (MANAGEMENT, rules.put_rule),
    ("DELETE", "/v1/rules/{id}"): (MANAGEMENT, rules.delete_rule),
    ("GET", "/v1/organisations"): (MEMBERS, organisations.list_organisations),
    ("POST", "/v1/organisations"): (MANAGEMENT, organisations.create_organisation),
    ("GET", "/v1/organisations/{id}"): (MEMBERS, organisations.show_organisation),
    ("PATCH", "/v1/organisations/{id}"): (MANAGEMENT, organisations.change_organisation),
    ("GET", "/v1/members"): (MEMBERS, members.list_members),
    ("GET", "/v1/members/{id}"): (MEMBERS, members.show_member),
    ("PATCH", "/v1/members/{id}"): (MANAGEMENT, members.change_member),
    ("DELETE", "/v1/members/{id}"): (MANAGEMENT, members.remove_member),
    ("POST", "/v1/members/{id}/reset"): (OWNERS, members.reset_member),
    ("GET", "/v1/invitations"): (MANAGEMENT, invitations.list_invitations),
    ("POST", "/v1/invitations"): (MANAGEMENT, invitations.create_invitation),
    ("POST", "/v1/invitations/accept"): (OPEN, invitations.accept_invitation),
    ("DELETE", "/v1/invitations/{id}"): (MANAGEMENT, invitations.delete_invitation),
    ("POST", "/v1/session"): (OPEN, session.sign_in),
    ("GET", "/v1/session"): (SIGNED_IN, session.show_session),
    ("DELETE", "/v1/session"): (SIGNED_IN, session.sign_out),
    ("POST", "/v1/session/welcome"): (OPEN, session.welcome),
    ("POST", "/v1/session/reset"): (OPEN, session.reset),
    ("POST", "/v1/session/password"): (SIGNED_IN, session.change_password),
    ("GET", "/v1/audit"): (MANAGEMENT, audit.list_entries),
    ("GET", "/v1/logs"): (USAGE, logs.list_logs),
    ("GET", "/v1/logs/{id}"): (USAGE, logs.show_log),
    ("GET", "/v1/wallet"): (MONEY_SEEN, wallet.show_wallet),
    ("PATCH", "/v1/wallet"): (MANAGEMENT, wallet.change_terms),
    ("POST", "/v1/wallet/grants"): (MANAGEMENT, wallet.grant),
    ("POST", "/v1/wallet/refunds"): (MANAGEMENT, wallet.refund),
    ("POST", "/v1/wallet/corrections"): (MANAGEMENT, wallet.correct),
    ("GET", "/v1/vouchers"): (MANAGEMENT, vouchers.list_vouchers),
    ("POST", "/v1/vouchers"): (MANAGEMENT, vouchers.create_vouchers),
    ("POST", "/v1/vouchers/redeem"): (MONEY, vouchers.redeem_voucher),
    ("DELETE", "/v1/vouchers/{id}"): (MANAGEMENT, vouchers.withdraw_voucher),
    ("GET", "/v1/billing/transactions"): (MONEY_SEEN, billing.list_transactions),
    ("GET", "/v1/billing/statements/{month}"): (MONEY_SEEN, billing.show_statement),
    ("POST", "/v1/webhooks/topup"): (OPEN, topups.take_topup),  # its signature is the credential
}
APPLICATION: dict[Route, Row] = {
    **{("GET", path): (OPEN, browser.show_screen) for path in browser.SCREENS},
    ("GET", browser.ASSET): (OPEN, browser.show_asset),
    **{("GET", path): (OPEN, browser.show_public) for path in browser.PUBLIC},
}
"""Where nothing but the browser application is. It is no part of the API."""

API_PARTS = frozenset(path.split("/")[1] for _, path in {**HOT, **FRAMED})
"""How addresses of the API begin: below these, browsers are told of errors as all clients are."""

FORMS: dict[Route, dict[str, Row]] = {
    ("GET", "/"): {HTML: (OPEN, browser.show_screen)},
    ("GET", "/models"): {MARKDOWN: (PAGE, pages.models_markdown), HTML: (OPEN, browser.show_screen)},
    ("GET", "/models/{id:path}"): {MARKDOWN: (PAGE, pages.model_markdown), HTML: (OPEN, browser.show_model)},
}
"""What serves a route of the API instead where `accept` names another form."""


def routes() -> Iterator[routing.Route]:
    """Every route but the hot ones, each behind its row."""
    for route, row in (FRAMED | APPLICATION).items():
        forms = {kind: guarded(route, *form) for kind, form in FORMS.get(route, {}).items()}
        served = guarded(route, *row)
        method, path = route
        yield routing.Route(path, _negotiated(served, forms) if forms else served, methods=[method])


def _negotiated(plain: Handler, forms: Mapping[str, Handler]) -> Handler:
    """JSON goes before a form that is named with the same weight, but not before Markdown, which only agents name."""

    @functools.wraps(plain)
    async def served(request: Request) -> Response:
        return await forms.get(_asked(request), plain)(request)

    return served


def _asked(request: Request) -> str:
    return preferred(request.headers.get("accept", ""), (MARKDOWN, JSON, HTML)) or JSON


async def show_nowhere(request: Request) -> Response:
    """Tell that there is nothing at the address: a browser by the application, unless it is one of the API's."""
    is_api = request.scope["path"].lstrip("/").partition("/")[0] in API_PARTS
    if request.method in SAFE_METHODS and not is_api and _asked(request) == HTML:
        return await browser.show_nowhere(request)
    return error_response(NotFound("There is nothing at this address."), request)
