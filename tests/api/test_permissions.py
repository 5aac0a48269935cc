"""Who may call what, against the application: every route, every role, every scope, and no credential at all."""

from __future__ import annotations

from typing import Any

import pytest
from tests.conftest import MakeHub
from tests.support.asgi import Call
from tests.support.people import join
from tests.support.running import question

from entrepot.accounts.records import ROLES
from entrepot.api import inference
from entrepot.api.permissions import OPEN, OWN_PAGE, PAGE
from entrepot.api.routes import APPLICATION, FRAMED, HOT
from entrepot.keys import SCOPES

GATE = {"missing_api_key", "session_required", "scope_missing", "role_missing"}


PAGES = {
    ("GET", "/openapi.json"),
    ("GET", "/llms.txt"),
    ("GET", "/llms-full.txt"),
    ("GET", "/models/{id:path}.md"),
    ("GET", "/models/{id:path}/llms.txt"),
    ("GET", "/v1/models/deprecations"),
    ("GET", "/v1/models/pages"),
    ("GET", "/v1/models/{id:path}/page"),
    ("GET", "/v1/models/{id:path}/schema"),
    ("POST", "/v1/snippets"),
}
"""Open as long as `server.pages` is public."""


PERMISSIONS = {route: access for route, (access, _) in {**HOT, **FRAMED, **APPLICATION}.items()}
ROUTES = sorted(PERMISSIONS)


def is_let_in(answer: Call) -> bool:
    """Whatever became of the call then. Anthropic's errors have no code, only a status; OpenRouter's code is that."""
    if answer.status in (401, 403):
        error = answer.error.get("metadata", {"error_code": answer.error.get("code")})
        return error["error_code"] is not None and error["error_code"] not in GATE
    return True


def body(path: str) -> Any:
    """One that is read whole before a key is looked for, where the key may be in it."""
    return question() | {"model": "sandbox/echo"} if path in inference.ROUTES else {}


def target(path: str) -> str:
    return path.replace("{id}", "unknown").replace("{id:path}", "unknown").replace("{month}", "2026-11")


def test_what_is_open_to_everyone_is_this() -> None:
    """A reviewed list: a route that joins it needs a reason."""
    assert {route for route, access in PERMISSIONS.items() if access.open} == {
        ("GET", "/"),
        ("GET", "/health"),
        ("GET", "/ready"),
        ("GET", "/version"),
        ("POST", "/v1/session"),
        ("POST", "/v1/session/welcome"),
        ("POST", "/v1/session/reset"),
        ("POST", "/v1/invitations/accept"),
        ("POST", "/v1/webhooks/topup"),
        ("GET", "/v1/hub"),
    } | PAGES | set(APPLICATION)


def test_pages_are_these() -> None:
    assert {route for route, access in PERMISSIONS.items() if access in (PAGE, OWN_PAGE)} == PAGES


def test_nothing_is_both_open_and_restricted() -> None:
    for access in PERMISSIONS.values():
        assert access in (OPEN, PAGE, OWN_PAGE) or not access.open
        assert access.open or access.key or access.roles


async def test_private_pages_ask_for_a_key(make_hub: MakeHub) -> None:
    hub = make_hub(server={"pages": "private"})
    for method, path in sorted(PAGES):
        content = {} if method == "POST" else b""
        assert (await hub.call(method, target(path), body=content).run()).status == 401
        assert (await hub.call(method, target(path), body=content, token=hub.key(scopes=())).run()).status in (
            200,
            400,
            404,
        )


async def test_without_a_credential_only_open_routes_answer(make_hub: MakeHub) -> None:
    hub = make_hub()
    found = {}
    for method, path in ROUTES:
        answer = await hub.call(method, target(path), body=body(path)).run()
        found[method, path] = is_let_in(answer)
    assert found == {route: access.open for route, access in PERMISSIONS.items()}


@pytest.mark.parametrize("scope", [*SCOPES, None])
async def test_keys_are_let_in_by_their_scope(make_hub: MakeHub, scope: str | None) -> None:
    hub = make_hub()
    found = {}
    for method, path in ROUTES:
        token = hub.key(scopes=(scope,) if scope else ())
        found[method, path] = is_let_in(await hub.call(method, target(path), body=body(path), token=token).run())
    assert found == {
        route: access.open or access.key == "any" or (access.key is not None and access.key == scope)
        for route, access in PERMISSIONS.items()
    }


@pytest.mark.parametrize("role", ROLES)
async def test_members_are_let_in_by_their_role(make_hub: MakeHub, role: str) -> None:
    hub = make_hub()
    person = join(hub, role)  # type: ignore[arg-type]
    found = {}
    for method, path in ROUTES:
        person.sign_in()
        found[method, path] = is_let_in(await person(method, target(path), body(path)))
    assert found == {route: access.open or role in access.roles for route, access in PERMISSIONS.items()}


@pytest.mark.parametrize("header", ["authorization", "x_api_key", "api_key"])
async def test_a_key_is_the_same_in_every_header(make_hub: MakeHub, header: str) -> None:
    hub = make_hub()
    value = f"Bearer {hub.live}" if header == "authorization" else hub.live
    for method, path in ROUTES:
        access = PERMISSIONS[method, path]
        answer = await hub.call(method, target(path), body=body(path), **{header: value}).run()
        assert is_let_in(answer) == (access.open or access.key in ("any", "inference", "usage")), path


@pytest.mark.parametrize("host", ["a/?x=", "a/#", "a?", "x@hub.test"])
async def test_a_host_header_opens_nothing(make_hub: MakeHub, host: str) -> None:
    hub = make_hub()
    for method, path in ROUTES:
        answer = await hub.call(method, target(path), body=body(path), host=host).run()
        assert answer.status == 400, path


async def test_head_needs_what_get_needs(make_hub: MakeHub) -> None:
    hub = make_hub()
    for method, path in ROUTES:
        if method == "GET":
            answer = await hub.call("HEAD", target(path)).run()
            assert (answer.status == 401) is not PERMISSIONS[method, path].open


async def test_a_key_goes_before_a_cookie(make_hub: MakeHub) -> None:
    """A member's cookie lends nothing to a key, nor the other way round."""
    hub = make_hub()
    owner = join(hub, "owner")
    answer = await owner("GET", "/v1/members", authorization=f"Bearer {hub.live}")
    assert (answer.status, answer.error["code"]) == (403, "scope_missing")
    answer = await owner("GET", "/v1/members", authorization="Bearer wrong")
    assert (answer.status, answer.error["code"]) == (401, "invalid_api_key")


async def test_a_refusal_is_in_the_audit_log(make_hub: MakeHub) -> None:
    hub = make_hub()
    developer, owner = join(hub, "developer"), join(hub, "owner")
    await developer("PATCH", f"/v1/members/{developer.member.id}", {"role": "owner"})
    (entry,) = (await owner("GET", "/v1/audit?action=request.refuse")).json["data"]
    assert (entry["actor"], entry["subject"], entry["after"]) == (
        f"member:{developer.member.id}",
        "PATCH /v1/members/{id}",
        {"code": "role_missing"},
    )
