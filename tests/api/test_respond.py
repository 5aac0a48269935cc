"""What all handlers share: who calls, bodies read strictly, errors written in one shape."""

from __future__ import annotations

from typing import Any

import pytest
from tests.conftest import MakeHub

PROTECTED = ["/v1/models", "/models", "/api/ai/models", "/v1/models/gpt-4.1", "/v1/keys", "/v1/keys/x", "/v1/usage"]


@pytest.mark.parametrize("path", PROTECTED)
async def test_without_a_key_nothing_is_shown(make_hub: MakeHub, path: str) -> None:
    hub = make_hub()
    missing, wrong = await hub.get(path), await hub.get(path, token="sk-1")
    assert (missing.status, missing.error["code"]) == (401, "missing_api_key")
    assert (wrong.status, wrong.error["code"]) == (401, "invalid_api_key")
    assert missing.error["request_id"] == missing.headers["x-request-id"]


async def test_credentials_that_disagree_are_refused_here_too(make_hub: MakeHub) -> None:
    hub = make_hub()
    answer = await hub.get("/v1/models", token=hub.live, x_api_key=hub.test)
    assert (answer.status, answer.error["code"]) == (400, "conflicting_credentials")


@pytest.mark.parametrize("path", ["/v1/keys", "/v1/keys/x"])
async def test_a_scope_that_is_missing_is_named(make_hub: MakeHub, path: str) -> None:
    hub = make_hub()
    answer = await hub.get(path, token=hub.live)
    assert (answer.status, answer.error["code"], answer.error["type"]) == (403, "scope_missing", "permission_error")
    assert "management" in answer.error["message"]


@pytest.mark.parametrize(
    ("body", "status", "code", "param"),
    [
        (b"{", 400, "invalid_json", None),
        (b'{"name": "\xff"}', 400, "invalid_json", None),
        (b"[" * 100_000, 400, "invalid_request", None),
        (b"[]", 400, "invalid_request", None),
        (b"", 400, "invalid_request", None),
        ({"name": 7}, 400, "invalid_request", "name"),
        ({"name": "a", "scopes": ["usage", "root"]}, 400, "invalid_request", "scopes[1]"),
        ({"name": "a", "nmae": 1}, 400, "invalid_request", None),
        ({"name": "x" * 300_000}, 413, "request_too_large", None),
    ],
)
async def test_a_body_is_read_strictly(make_hub: MakeHub, body: Any, status: int, code: str, param: str | None) -> None:
    hub = make_hub()
    answer = await hub.post("/v1/keys", body, token=hub.key(scopes=("management",)))
    assert (answer.status, answer.error["code"], answer.error["param"]) == (status, code, param)
