"""Providers over HTTP: what they need, how they are doing, and a test that shows nothing secret."""

from __future__ import annotations

from typing import Any

import pytest
from tests.conftest import MakeHub
from tests.support.asgi import Call
from tests.support.people import Person, join
from tests.support.running import MODEL, UPSTREAM_KEY, RunningHub, tables
from tests.support.upstream import FaultUpstream, Reply, failure, plain, redirect, refusing, respond, silence

from entrepot.api import providers
from entrepot.health import FAILURES_IN_A_ROW


async def found(hub: RunningHub) -> dict[str, Any]:
    answer = await hub.get("/v1/providers", token=hub.key(scopes=("management",)))
    assert answer.status == 200
    return {row["id"]: row for row in answer.json["data"]}


async def probed(hub: RunningHub, id: str = "up1") -> Any:
    answer = await hub.post(f"/v1/providers/{id}/test", b"", token=hub.key(scopes=("management",)))
    assert answer.status == 200, answer.body
    return answer.json


async def test_providers_are_told_with_what_they_need(make_hub: MakeHub) -> None:
    catalogue = tables("http://up.example/v1")
    catalogue["providers"]["files"] = {"base_url": "http://files.example/v1", "api_key_file": "no-such-file"}
    catalogue["providers"]["bare"] = {"base_url": "http://bare.example/v1", "auth": "none"}
    rows = await found(make_hub(catalogue))
    up, openai, files, bare = (rows[id] for id in ("up1", "openai", "files", "bare"))
    assert (up["base_url"], up["declared"], up["available"]) == ("http://up.example/v1", True, True)
    assert up["credential"] == {"status": "present", "variable": "UP1_KEY", "file": None}
    assert openai["credential"] == {"status": "missing", "variable": "OPENAI_API_KEY", "file": None}
    assert (openai["available"], openai["todo"]) == (False, "set OPENAI_API_KEY")
    assert files["credential"] == {"status": "missing", "variable": None, "file": "no-such-file"}
    assert bare["credential"]["status"] == rows["sandbox"]["credential"]["status"] == "not_needed"
    assert [offer["model"] for offer in up["offers"]] == [MODEL]
    assert UPSTREAM_KEY not in str(rows)


async def test_offers_tell_how_they_have_been_doing(make_hub: MakeHub) -> None:
    script = [plain(), *[failure(500)] * FAILURES_IN_A_ROW]
    async with FaultUpstream(*script) as upstream:
        hub = make_hub(tables(upstream.base_url))
        await hub.ask()
        await hub.row()
        (offer,) = (await found(hub))["up1"]["offers"]
        assert (offer["state"], offer["since"], offer["failures"]) == ("closed", None, 0)
        assert (offer["requests"], offer["failed"]) == (1, 0)
        assert offer["p50_duration_ms"] is not None
        while hub.hub.health.standing("up1", "up1-model").state == "closed":
            await hub.ask()
        (offer,) = (await found(hub))["up1"]["offers"]
    assert offer["state"] == "open"
    assert offer["failures"] >= FAILURES_IN_A_ROW
    assert offer["since"] < offer["rests_until"]


async def test_a_test_asks_for_the_models_with_the_credential(make_hub: MakeHub) -> None:
    async with FaultUpstream(respond(b'{"data": []}')) as upstream:
        hub = make_hub(tables(upstream.base_url))
        answer = await probed(hub)
        (request,) = upstream.requests
    assert {name: answer[name] for name in ("provider", "ok", "status", "error")} == {
        "provider": "up1",
        "ok": True,
        "status": 200,
        "error": None,
    }
    assert (request.method, request.path) == ("GET", "/v1/models")
    assert request.headers["authorization"] == f"Bearer {UPSTREAM_KEY}-1"


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (failure(401, f"no such key: {UPSTREAM_KEY}-1"), "upstream_credential_refused"),
        (failure(403), "upstream_credential_refused"),
        (failure(404), "models_not_listed"),
        (failure(500, UPSTREAM_KEY), "upstream_error"),
        (redirect("http://127.0.0.1:1/"), "upstream_error"),
        (silence("close"), "upstream_protocol_error"),
    ],
)
async def test_a_test_tells_what_is_wrong_in_the_hubs_words(make_hub: MakeHub, reply: Reply, code: str) -> None:
    async with FaultUpstream(reply) as upstream:
        answer = await probed(make_hub(tables(upstream.base_url)))
    assert (answer["ok"], answer["error"]["code"]) == (False, code)
    assert UPSTREAM_KEY not in str(answer)


async def test_nobody_is_asked_where_nobody_can_be(make_hub: MakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    with refusing() as url:
        hub = make_hub(tables(url))
        assert (await probed(hub))["error"]["code"] == "upstream_unreachable"
    missing = await probed(hub, "openai")
    assert missing["error"] == {"code": "not_configured", "message": "To do: set OPENAI_API_KEY."}
    assert (missing["ok"], missing["status"]) == (False, None)
    assert (await probed(hub, "sandbox"))["ok"] is True
    monkeypatch.setattr(providers, "WITHIN_S", 0.05)
    async with FaultUpstream(silence()) as upstream:
        assert (await probed(make_hub(tables(upstream.base_url))))["error"]["code"] == "upstream_timeout"


async def test_a_test_is_logged_and_cannot_be_repeated_at_once(make_hub: MakeHub) -> None:
    async with FaultUpstream(failure(401)) as upstream:
        hub = make_hub(tables(upstream.base_url))
        owner = join(hub, "owner")
        await owner("POST", "/v1/providers/up1/test")
        again = await owner("POST", "/v1/providers/up1/test")
        assert len(upstream.requests) == 1
    assert (again.status, again.error["code"]) == (429, "rate_limit_exceeded")
    assert int(again.headers["retry-after"]) >= 1
    (entry,) = (await owner("GET", "/v1/audit?action=provider.test")).json["data"]
    assert (entry["subject"], entry["after"]) == (
        "provider:up1",
        {"ok": False, "status": 401, "code": "upstream_credential_refused"},
    )


async def test_who_may_test(make_hub: MakeHub) -> None:
    hub = make_hub()

    async def status(person: Person) -> Call:
        return await person("POST", "/v1/providers/nobody/test")

    assert (await status(join(hub, "viewer"))).status == 403
    answer = await status(join(hub, "admin"))
    assert (answer.status, answer.error["code"]) == (404, "provider_not_found")
