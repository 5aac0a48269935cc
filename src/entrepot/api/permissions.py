"""Who may call which route by which method: the one table of it. A route that is not in it is not served.

What a caller may do with a single record (its own organisation's, nothing beyond its own rights) is decided where it
is done, in `entrepot.administration`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from entrepot.accounts.callers import MANAGERS
from entrepot.accounts.records import ROLES, Role
from entrepot.api import browser, inference
from entrepot.keys import Scope

KeyAccess = Literal["any"] | Scope | None


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """`open` asks for no credential. `key` is the scope that a key must have, `any`, or None where no key will do;
    `roles` are those of members that have signed in. A page is open as long as `server.pages` is public; where it is
    `personal`, whoever shows a credential is served as that caller even then."""

    open: bool = False
    page: bool = False
    personal: bool = False
    key: KeyAccess = None
    roles: frozenset[Role] = frozenset()


ALL: frozenset[Role] = frozenset(ROLES)
KEY_HOLDERS: frozenset[Role] = MANAGERS | {"developer"}

OPEN = Access(open=True)
PAGE = Access(open=True, page=True, key="any", roles=ALL)
OWN_PAGE = Access(open=True, page=True, personal=True, key="any", roles=ALL)
INFERENCE = Access(key="inference")  # no cookie will do: what runs on a page must not spend by itself
ESTIMATE = Access(key="inference", roles=ALL)
ANY_KEY = Access(key="any")
ANY = Access(key="any", roles=ALL)
USAGE = Access(key="usage", roles=ALL)
MEMBERS = Access(key="management", roles=ALL)
HOUSE_SEEN = Access(key="management", roles=MANAGERS | {"viewer"})
WALLET = Access(key="management", roles=MANAGERS | {"billing"})
KEYS = Access(key="management", roles=KEY_HOLDERS)
KEYS_SEEN = Access(key="management", roles=KEY_HOLDERS | {"viewer"})
MANAGEMENT = Access(key="management", roles=MANAGERS)
MONEY_SEEN = Access(key="management", roles=MANAGERS | {"billing", "viewer"})
MONEY = Access(key="management", roles=MANAGERS | {"billing"})
RULES_SEEN = Access(key="management", roles=MANAGERS | {"viewer", "billing"})
OWNERS = Access(roles=frozenset(("owner",)))
SIGNED_IN = Access(roles=ALL)

APPLICATION = (*browser.SCREENS, browser.ASSET, *browser.PUBLIC)
"""Where nothing but the browser application is. It is no part of the API."""

Route = tuple[str, str]
"""Method and path, as the application's routes have it. HEAD goes with GET."""

_MODEL_PREFIXES = ("/v1", "", "/api/v1", "/api/ai", "/api/v7/llm", "/api/v7/llm/v1")
_RESPONSES_PREFIXES = ("/v1", "")
_OPENROUTER_PREFIXES = ("/v1", "/api/v1")

PERMISSIONS: dict[Route, Access] = {
    **{("POST", path): INFERENCE for path in inference.ROUTES},
    ("GET", "/"): OPEN,
    ("GET", "/health"): OPEN,
    ("GET", "/ready"): OPEN,
    ("GET", "/version"): OPEN,
    ("GET", "/openapi.json"): PAGE,
    ("GET", "/llms.txt"): PAGE,
    ("GET", "/llms-full.txt"): PAGE,
    ("GET", "/models/{id:path}.md"): PAGE,
    ("GET", "/models/{id:path}/llms.txt"): PAGE,
    ("GET", "/v1/models/deprecations"): PAGE,
    ("GET", "/v1/models/pages"): OWN_PAGE,
    ("GET", "/v1/models/{id:path}/page"): OWN_PAGE,
    ("GET", "/v1/models/{id:path}/schema"): OWN_PAGE,
    ("GET", "/api/ai/models/search"): ANY,
    **{("GET", f"{prefix}/models"): ANY for prefix in _MODEL_PREFIXES},
    **{("GET", f"{prefix}/models/{{id:path}}"): ANY for prefix in _MODEL_PREFIXES},
    **{("GET", f"{prefix}/responses/{{id}}"): INFERENCE for prefix in _RESPONSES_PREFIXES},
    **{("DELETE", f"{prefix}/responses/{{id}}"): INFERENCE for prefix in _RESPONSES_PREFIXES},
    **{("GET", f"{prefix}/responses/{{id}}/input_items"): INFERENCE for prefix in _RESPONSES_PREFIXES},
    **{("POST", f"{prefix}/responses/{{id}}/cancel"): INFERENCE for prefix in _RESPONSES_PREFIXES},
    **{("GET", f"{prefix}/generation"): USAGE for prefix in _OPENROUTER_PREFIXES},
    **{("GET", f"{prefix}/key"): ANY_KEY for prefix in _OPENROUTER_PREFIXES},
    **{("GET", f"{prefix}/credits"): WALLET for prefix in _OPENROUTER_PREFIXES},
    ("GET", "/v1/hub"): OPEN,
    ("GET", "/v1/settings"): HOUSE_SEEN,
    ("GET", "/v1/providers"): HOUSE_SEEN,
    ("POST", "/v1/providers/{id}/test"): MANAGEMENT,
    ("POST", "/v1/snippets"): PAGE,
    ("POST", "/v1/estimate"): ESTIMATE,
    ("GET", "/v1/usage"): USAGE,
    ("GET", "/v1/keys"): KEYS_SEEN,
    ("POST", "/v1/keys"): KEYS,
    ("GET", "/v1/keys/{id}"): KEYS_SEEN,
    ("PATCH", "/v1/keys/{id}"): KEYS,
    ("DELETE", "/v1/keys/{id}"): KEYS,
    ("POST", "/v1/keys/{id}/rotate"): KEYS,
    ("GET", "/v1/rules"): RULES_SEEN,
    ("PUT", "/v1/rules"): MANAGEMENT,
    ("DELETE", "/v1/rules/{id}"): MANAGEMENT,
    ("GET", "/v1/organisations"): MEMBERS,
    ("POST", "/v1/organisations"): MANAGEMENT,
    ("GET", "/v1/organisations/{id}"): MEMBERS,
    ("PATCH", "/v1/organisations/{id}"): MANAGEMENT,
    ("GET", "/v1/members"): MEMBERS,
    ("GET", "/v1/members/{id}"): MEMBERS,
    ("PATCH", "/v1/members/{id}"): MANAGEMENT,
    ("DELETE", "/v1/members/{id}"): MANAGEMENT,
    ("POST", "/v1/members/{id}/reset"): OWNERS,
    ("GET", "/v1/invitations"): MANAGEMENT,
    ("POST", "/v1/invitations"): MANAGEMENT,
    ("DELETE", "/v1/invitations/{id}"): MANAGEMENT,
    ("POST", "/v1/invitations/accept"): OPEN,
    ("POST", "/v1/session"): OPEN,
    ("GET", "/v1/session"): SIGNED_IN,
    ("DELETE", "/v1/session"): SIGNED_IN,
    ("POST", "/v1/session/welcome"): OPEN,
    ("POST", "/v1/session/reset"): OPEN,
    ("POST", "/v1/session/password"): SIGNED_IN,
    ("GET", "/v1/audit"): MANAGEMENT,
    ("GET", "/v1/logs"): USAGE,
    ("GET", "/v1/logs/{id}"): USAGE,
    ("GET", "/v1/wallet"): MONEY_SEEN,
    ("PATCH", "/v1/wallet"): MANAGEMENT,
    ("POST", "/v1/wallet/grants"): MANAGEMENT,
    ("POST", "/v1/wallet/refunds"): MANAGEMENT,
    ("POST", "/v1/wallet/corrections"): MANAGEMENT,
    ("GET", "/v1/vouchers"): MANAGEMENT,
    ("POST", "/v1/vouchers"): MANAGEMENT,
    ("DELETE", "/v1/vouchers/{id}"): MANAGEMENT,
    ("POST", "/v1/vouchers/redeem"): MONEY,
    ("GET", "/v1/billing/transactions"): MONEY_SEEN,
    ("GET", "/v1/billing/statements/{month}"): MONEY_SEEN,
    ("POST", "/v1/webhooks/topup"): OPEN,  # its signature is the credential
    **{("GET", path): OPEN for path in APPLICATION},
}
