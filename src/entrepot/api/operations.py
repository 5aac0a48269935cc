"""What each route takes and gives beyond its place in the table of permissions: the one declaration of it.

OpenAPI is made from this and from the routes. A route that is not here takes no body and answers 200 with JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from entrepot.accounts.records import (
    Acceptance,
    Credentials,
    InvitationSpec,
    MemberPatch,
    OrganisationPatch,
    OrganisationSpec,
    PasswordChange,
    Redemption,
    Welcome,
)
from entrepot.administration.vouchers import CodeSpec, VouchersSpec
from entrepot.administration.wallets import CorrectionSpec, GrantSpec, RefundSpec, TermsPatch
from entrepot.api import inference, model_lists
from entrepot.api.accepting import HTML, MARKDOWN
from entrepot.api.answers.calls import LogDetail, LogList, UsageList
from entrepot.api.answers.house import HubInfo, ProviderList, ProviderTest, SettingList, SnippetList
from entrepot.api.estimate import EstimateSpec
from entrepot.api.keys import Rotation
from entrepot.api.permissions import PERMISSIONS, Route
from entrepot.api.snippets import SnippetSpec
from entrepot.catalog.messages import DEFINITIONS
from entrepot.catalog.parameters import PARAMETERS, REQUIRED
from entrepot.catalog.records import Kind
from entrepot.keys import KeyPatch, KeySpec
from entrepot.pages.records import Cards, Page
from entrepot.rules import RuleSpec

Schema = dict[str, Any]

OBJECT: Schema = {"type": "object"}
TEXT: Schema = {"type": "string"}
BODY_TYPES: Mapping[str, tuple[str, Schema]] = {
    ".txt": ("text/plain", TEXT),
    ".md": ("text/markdown", TEXT),
    "/schema": ("application/schema+json", OBJECT),
}
"""Media types and schemas of answers that are not plain JSON, by how the path ends."""

FORMS: Mapping[str, tuple[str, ...]] = {
    "/": (HTML,),
    "/models": (MARKDOWN, HTML),
    "/models/{id:path}": (MARKDOWN, HTML),
}
"""Other forms of an answer, for whom `accept` names them."""


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """`request` and `answer` are JSON Schemas or record types; `query` names the parameters that are looked at,
    `media` the types of answer beside JSON. `by_id` says that one of the parameters is an id that may be unknown."""

    request: type | Schema | None = None
    answer: type | Schema = msgspec.field(default_factory=lambda: {"type": "object"})
    status: int = 200
    query: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    by_id: bool = False


def _list(item: Schema) -> Schema:
    return {
        "type": "object",
        "required": ["object", "data"],
        "properties": {"object": {"const": "list"}, "data": {"type": "array", "items": item}},
    }


def _typed(name: str, *required: str) -> Schema:
    return {"type": "object", "required": ["object", *required], "properties": {"object": {"const": name}}}


def _body(kind: Kind) -> Schema:
    """Any model's request: every field that some model takes, within the widest bounds."""
    fields = {name: parameter.schema for name, parameter in PARAMETERS[kind].items()}
    definitions = DEFINITIONS if kind == "chat" else {}
    return {"type": "object", "required": list(REQUIRED[kind]), "properties": fields, "$defs": definitions}


def _needs(*names: str) -> Schema:
    return {"type": "object", "required": list(names), "properties": {"model": TEXT}}


WINDOW = ("period", "start", "end", "from", "until")
MODEL = _typed("model", "id", "created", "owned_by", "kind", "aliases", "lifecycle", "available")
PREFIXED: Mapping[str, Operation] = {
    "/chat/completions": Operation(request=_body("chat"), answer=_typed("chat.completion", "id", "choices", "model")),
    "/embeddings": Operation(request=_body("embedding"), answer=_list(_typed("embedding", "index"))),
    "/messages": Operation(request=_needs("model", "messages", "max_tokens"), answer=_needs("type", "content")),
    "/messages/count_tokens": Operation(request=_needs("model", "messages"), answer=_needs("input_tokens")),
    "/responses": Operation(request=_needs("model"), answer=_typed("response", "id", "output")),
    "/responses/compact": Operation(request=_needs("model"), answer=_typed("response.compaction", "output")),
    "/responses/input_tokens": Operation(
        request=_needs("model"), answer=_typed("response.input_tokens", "input_tokens")
    ),
}
"""Inference, by how its paths end."""

OPERATIONS: Mapping[Route, Operation] = {
    **{
        ("POST", path): next(PREFIXED[end] for end in sorted(PREFIXED, key=len, reverse=True) if path.endswith(end))
        for path in inference.ROUTES
    },
    **{
        (method, path): Operation(
            answer={"oneOf": [_list(MODEL), _needs("data", "has_more", "first_id", "last_id")]},
            query=(
                *(*model_lists.FILTERS, *model_lists.SYNONYMS, "search", "sort", "include", "details"),
                *("limit", "after_id", "before_id", "lifecycle", "lifecycle[]"),
            ),
        )
        for method, path in PERMISSIONS
        if path.endswith(("/models", "/models/search"))
    },
    **{
        (method, path): Operation(answer={"oneOf": [MODEL, _needs("type", "id", "display_name")]})
        for method, path in PERMISSIONS
        if path.endswith("/models/{id:path}")
    },
    ("GET", "/v1/models/pages"): Operation(
        answer=Cards, query=(*model_lists.FILTERS, *model_lists.SYNONYMS, "search", "sort")
    ),
    ("GET", "/v1/models/{id:path}/page"): Operation(answer=Page),
    ("GET", "/v1/models/deprecations"): Operation(
        answer=_list(_typed("deprecation", "id", "status", "shutdown_at", "replaced_by")), query=("status", "since")
    ),
    ("POST", "/v1/estimate"): Operation(
        request=EstimateSpec, answer=_list(_typed("estimate", "model", "input_tokens", "likely_cost_nusd"))
    ),
    ("GET", "/v1/keys"): Operation(answer=_list(_typed("key", "id", "prefix", "name", "mode", "scopes"))),
    ("POST", "/v1/keys"): Operation(request=KeySpec, answer=_typed("key", "id", "key"), status=201),
    ("GET", "/v1/keys/{id}"): Operation(answer=_typed("key", "id", "prefix")),
    ("PATCH", "/v1/keys/{id}"): Operation(request=KeyPatch, answer=_typed("key", "id", "prefix")),
    ("POST", "/v1/keys/{id}/rotate"): Operation(request=Rotation, answer=_typed("key", "id", "key")),
    ("PUT", "/v1/rules"): Operation(request=RuleSpec),
    ("POST", "/v1/organisations"): Operation(request=OrganisationSpec, status=201),
    ("PATCH", "/v1/organisations/{id}"): Operation(request=OrganisationPatch),
    ("PATCH", "/v1/members/{id}"): Operation(request=MemberPatch, answer=_typed("member", "id")),
    ("POST", "/v1/members/{id}/reset"): Operation(answer=_typed("reset", "token"), status=201),
    ("POST", "/v1/invitations"): Operation(request=InvitationSpec, status=201),
    ("POST", "/v1/invitations/accept"): Operation(request=Acceptance, answer=_typed("member", "id"), status=201),
    ("POST", "/v1/session"): Operation(request=Credentials, answer=_typed("session"), status=201),
    ("POST", "/v1/session/welcome"): Operation(request=Welcome, answer=_typed("session"), status=201),
    ("POST", "/v1/session/reset"): Operation(request=Redemption, answer=_typed("session"), status=201),
    ("POST", "/v1/session/password"): Operation(request=PasswordChange, answer=_typed("session")),
    ("GET", "/v1/audit"): Operation(
        answer=_list(OBJECT), query=("limit", "before", "actor", "action", "subject", "from", "until")
    ),
    **{
        (method, path): Operation(query=("stream", "starting_after", "include", "include[]"))
        for method, path in PERMISSIONS
        if method == "GET" and path.endswith("/responses/{id}")
    },
    **{
        (method, path): Operation(
            answer=_needs("object", "data", "has_more"), query=("limit", "order", "after", "include", "include[]")
        )
        for method, path in PERMISSIONS
        if path.endswith("/input_items")
    },
    **{
        (method, path): Operation(query=("id",), by_id=True)
        for method, path in PERMISSIONS
        if path.endswith("/generation")
    },
    ("GET", "/v1/hub"): Operation(answer=HubInfo),
    ("GET", "/v1/settings"): Operation(answer=SettingList),
    ("GET", "/v1/providers"): Operation(answer=ProviderList),
    ("POST", "/v1/providers/{id}/test"): Operation(answer=ProviderTest),
    ("POST", "/v1/snippets"): Operation(request=SnippetSpec, answer=SnippetList),
    ("GET", "/v1/usage"): Operation(
        answer=UsageList,
        query=(*WINDOW, "group_by", "format", "model", "key_id", "member_id", "project", "mode"),
        media=("text/csv",),
    ),
    ("GET", "/v1/logs"): Operation(
        answer=LogList,
        query=(
            *(*WINDOW, "limit", "cursor", "after", "status", "model", "provider", "error_code"),
            *("key_id", "member_id", "project", "mode"),
        ),
    ),
    ("GET", "/v1/logs/{id}"): Operation(answer=LogDetail),
    ("GET", "/v1/wallet"): Operation(query=("organisation_id",), by_id=True),
    ("GET", "/v1/vouchers"): Operation(answer=_list(OBJECT), query=("limit", "cursor")),
    ("GET", "/v1/billing/transactions"): Operation(
        answer=_list(OBJECT),
        query=("organisation_id", "limit", "cursor", "from", "until", "type", "direction"),
        by_id=True,
    ),
    ("GET", "/v1/billing/statements/{month}"): Operation(query=("organisation_id",), media=("text/csv", "text/html")),
    ("GET", "/v1/rules"): Operation(answer=_list(OBJECT)),
    ("GET", "/v1/organisations"): Operation(answer=_list(OBJECT)),
    ("GET", "/v1/members"): Operation(answer=_list(_typed("member", "id"))),
    ("GET", "/v1/invitations"): Operation(answer=_list(OBJECT)),
    ("PATCH", "/v1/wallet"): Operation(request=TermsPatch),
    ("POST", "/v1/wallet/grants"): Operation(request=GrantSpec, status=201),
    ("POST", "/v1/wallet/refunds"): Operation(request=RefundSpec, status=201),
    ("POST", "/v1/wallet/corrections"): Operation(request=CorrectionSpec, status=201),
    ("POST", "/v1/vouchers"): Operation(request=VouchersSpec, status=201),
    ("POST", "/v1/vouchers/redeem"): Operation(request=CodeSpec, status=201),
    ("POST", "/v1/webhooks/topup"): Operation(request=OBJECT),
}
