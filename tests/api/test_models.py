"""The catalogue over HTTP, as a key may see it."""

from __future__ import annotations

import pytest
from tests.conftest import MakeHub
from tests.support.running import MODEL, tables

PREFIXES = ["/v1", "", "/api/ai", "/api/v7/llm", "/api/v7/llm/v1"]


@pytest.mark.parametrize("prefix", PREFIXES)
async def test_models_are_listed_in_openais_shape(make_hub: MakeHub, prefix: str) -> None:
    hub = make_hub(tables("http://127.0.0.1:1/v1"))
    listed = (await hub.get(f"{prefix}/models", token=hub.live)).json
    assert listed["object"] == "list"
    assert [model["id"] for model in listed["data"]] == list(hub.hub.configuration.catalogue.models)
    for model in listed["data"]:
        assert (model["object"], type(model["created"]), type(model["owned_by"])) == ("model", int, str)


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("name", [MODEL, "port/harbour", "PORT/Harbour"])
async def test_a_model_is_found_by_any_of_its_names(make_hub: MakeHub, prefix: str, name: str) -> None:
    hub = make_hub(tables("http://127.0.0.1:1/v1"))
    answer = await hub.get(f"{prefix}/models/{name}", token=hub.live)
    assert (answer.status, answer.json["id"]) == (200, MODEL)
    assert answer.json["json_request_schema"]["properties"]["messages"]


@pytest.mark.parametrize("name", ["no-such", "x" * 5000, "..%2f..%2fetc", "%00", "__proto__"])
async def test_an_unknown_model_is_not_found(make_hub: MakeHub, name: str) -> None:
    hub = make_hub()
    answer = await hub.get(f"/v1/models/{name}", token=hub.live)
    assert (answer.status, answer.error["code"], answer.error["param"]) == (404, "model_not_found", "model")
    assert len(answer.body) < 1000


async def test_a_key_for_some_models_sees_only_these(make_hub: MakeHub) -> None:
    hub = make_hub(tables("http://127.0.0.1:1/v1"))
    token = hub.key(models=("port/harbour", "gpt-4.1"))
    listed = (await hub.get("/v1/models", token=token)).json["data"]
    assert sorted(model["id"] for model in listed) == ["gpt-4.1", MODEL]
    assert (await hub.get(f"/v1/models/{MODEL}", token=token)).status == 200
    refused = await hub.get("/v1/models/gpt-4.1-mini", token=token)
    assert (refused.status, refused.error["code"]) == (403, "model_not_allowed")


async def test_what_can_be_called_now_is_said(make_hub: MakeHub) -> None:
    hub = make_hub(tables("http://127.0.0.1:1/v1"))
    own = (await hub.get(f"/v1/models/{MODEL}", token=hub.live)).body
    foreign = (await hub.get("/v1/models/gpt-4.1", token=hub.live)).body
    assert b'"available":true' in own
    assert b'"available":true' not in foreign


@pytest.mark.parametrize("prefix", PREFIXES)
async def test_anthropics_clients_get_anthropics_shape(make_hub: MakeHub, prefix: str) -> None:
    hub = make_hub(tables("http://127.0.0.1:1/v1"))
    token = hub.key(models=("port/harbour", "gpt-4.1"))
    listed = await hub.get(f"{prefix}/models", token=token, anthropic_version="2023-06-01")
    assert list(listed.json) == ["data", "has_more", "first_id", "last_id"]
    assert [info["id"] for info in listed.json["data"]] == ["gpt-4.1", MODEL]
    assert listed.headers["request-id"] == listed.headers["x-request-id"]
    one = await hub.get(f"{prefix}/models/port/harbour", token=token, anthropic_version="2023-06-01")
    assert (one.json["type"], one.json["id"], one.json["display_name"]) == ("model", MODEL, MODEL)


async def test_the_call_by_which_claude_code_discovers_models(make_hub: MakeHub) -> None:
    hub = make_hub()
    headers = {
        "user_agent": "claude-code/2.1.197",
        "anthropic_version": "2023-06-01",
        "connection": "keep-alive",
        "accept": "*/*",
        "accept_encoding": "gzip, deflate, br, zstd",
    }
    found = await hub.get("/v1/models?limit=1000", token=hub.live, **headers)
    claudes = [info["id"] for info in found.json["data"] if info["id"].startswith(("claude", "anthropic"))]
    assert sorted(claudes) == ["claude-haiku-5-5", "claude-opus-5-5", "claude-sonnet-5-5"]
    assert not found.json["has_more"]


@pytest.mark.parametrize(
    ("path", "token", "status", "kind"),
    [
        ("/v1/models?limit=0", "live", 400, "invalid_request_error"),
        ("/v1/models/no-such", "live", 404, "not_found_error"),
        ("/v1/models/no-such", None, 401, "authentication_error"),
        ("/v1/nothing", "live", 404, "not_found_error"),
        ("/v1/keys", "live", 403, "permission_error"),
    ],
)
async def test_anthropics_clients_get_anthropics_errors(
    make_hub: MakeHub, path: str, token: str | None, status: int, kind: str
) -> None:
    hub = make_hub()
    answer = await hub.get(path, token=token and hub.live, anthropic_version="2023-06-01")
    assert (answer.status, answer.json["type"], answer.error["type"]) == (status, "error", kind)
    assert answer.json["request_id"] == answer.headers["request-id"]


async def test_no_address_or_secret_of_an_upstream_is_shown(make_hub: MakeHub) -> None:
    hub = make_hub(tables("http://127.0.0.1:1/v1"))
    for path in ("/v1/models", f"/v1/models/{MODEL}"):
        body = (await hub.get(path, token=hub.live)).body
        assert b"127.0.0.1" not in body
        assert b"sk-upstream" not in body
        assert b"UP1_KEY" not in body
