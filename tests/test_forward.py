"""What goes to an upstream, and who answers where there is none."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from typing import Any

from tests.conftest import MakeHub
from tests.support.running import CHAT, MODEL, UPSTREAM_KEY, RunningHub, question, tables
from tests.support.upstream import (
    FaultUpstream,
    failure,
    html,
    plain,
    respond,
    stream,
)

# The upstream's request ---------------------------------------------------------------------------


async def test_the_upstream_gets_the_clients_body_with_its_own_model_name(make_hub: MakeHub) -> None:
    given = b'{ "model":"port/harbour", "messages":[{"role":"user","content":"\\u0041\xc3\xa9"}],"temperature":1.0 }'
    async with FaultUpstream(plain()) as upstream:
        hub = make_hub(tables(upstream.base_url))
        answer = await hub.post(CHAT, given)
        (request,) = upstream.requests
    assert answer.status == 200
    sent = b'{"model":"up1-model","messages":[{"role":"user","content":"\\u0041\xc3\xa9"}],"temperature":1.0}'
    assert request.body == sent


async def test_a_bound_goes_by_the_name_the_provider_knows(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(), plain()) as upstream:
        made = tables(upstream.base_url)
        made["providers"]["up1"]["output_limit"] = "max_tokens"
        hub = make_hub(made)
        await hub.ask(max_completion_tokens=9)
        await hub.post("/v1/messages", question(max_tokens=9))
        bounds = [
            (request.json["max_tokens"], "max_completion_tokens" in request.json) for request in upstream.requests
        ]
    assert bounds == [(9, False), (9, False)]


async def test_no_header_of_the_clients_reaches_the_upstream(make_hub: MakeHub) -> None:
    spoofed = {
        "x_forwarded_for": "1.2.3.4",
        "cookie": "a=b",
        "openai_organization": "org-client",
        "x_client_request_id": "mine",
        "user_agent": "client/1",
        "connection": "authorization",
        "x_entrepot_sandbox": "fault=timeout",
        "anthropic_beta": "context-management-2025-06-27",
    }
    async with FaultUpstream(plain()) as upstream:
        hub = make_hub(tables(upstream.base_url))
        await hub.post(CHAT, question(), **spoofed)
        (request,) = upstream.requests
    assert set(request.headers) == {
        *("host", "authorization", "content-type", "content-length", "accept", "accept-encoding", "user-agent")
    }
    assert request.headers["authorization"] == f"Bearer {UPSTREAM_KEY}-1"
    assert hub.live not in str(request)


async def test_a_messages_upstream_sees_which_betas_the_client_writes_for(make_hub: MakeHub) -> None:
    catalogue = tables("http://unused/v1")
    async with FaultUpstream(respond(b"{}")) as upstream:
        catalogue["providers"]["up1"]["base_url"] = upstream.base_url
        catalogue["models"][0]["offers"][0]["dialect"] = "anthropic_messages"
        hub = make_hub(catalogue)
        betas = "interleaved-thinking-2025-05-14,effort-2025-11-24"
        await hub.post("/v1/messages", question(max_tokens=9), anthropic_beta=betas, anthropic_version="2023-06-01")
        await hub.post(CHAT, question(), anthropic_beta=betas)
        relayed, *_, translated = upstream.requests
    assert relayed.headers["anthropic-beta"] == betas
    assert relayed.headers["anthropic-version"] == "2023-06-01"
    assert "anthropic-beta" not in translated.headers


async def test_nothing_in_the_body_redirects_the_call(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain()) as upstream, FaultUpstream(plain()) as evil:
        hub = make_hub(tables(upstream.base_url))
        tricks: dict[str, Any] = {"api_base": evil.base_url, "base_url": evil.base_url, "url": evil.base_url}
        await hub.ask(**tricks, extra_headers={"authorization": "x"}, metadata={"base_url": evil.base_url})
        assert evil.requests == []
        assert [request.headers["authorization"] for request in upstream.requests] == [f"Bearer {UPSTREAM_KEY}-1"]


async def test_a_stream_asks_for_usage_whether_the_client_did_or_not(make_hub: MakeHub) -> None:
    async with FaultUpstream(stream("a")) as upstream:
        hub = make_hub(tables(upstream.base_url))
        await hub.ask(stream=True)
        await hub.ask(stream=True, stream_options={"include_usage": False})
        assert [request.json["stream_options"] for request in upstream.requests] == [{"include_usage": True}] * 2


# Nobody to ask ------------------------------------------------------------------------------------


async def test_a_model_nobody_offers_says_what_to_do(make_hub: MakeHub) -> None:
    catalogue = tables("http://127.0.0.1:1/v1")
    catalogue["providers"]["up1"]["api_key_env"] = "NOT_SET"
    hub = make_hub(catalogue)
    answer = await hub.ask()
    row = await hub.row()
    assert (answer.status, answer.error["code"]) == (503, "no_upstream_configured")
    assert "set NOT_SET for up1" in answer.error["message"]
    assert answer.headers["x-should-retry"] == "false"
    assert (row.status, row.error_code, row.attempts, row.provider) == (503, "no_upstream_configured", 0, None)


async def simulated(hub: RunningHub, **options: Any) -> Any:
    return await hub.post(CHAT, question("Repeat: tide", model=options.pop("model", MODEL)), **options)


async def test_a_test_key_never_reaches_an_upstream(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain()) as upstream:
        hub = make_hub(tables(upstream.base_url))
        answer = await simulated(hub, token=hub.test)
        row = await hub.row()
        assert upstream.requests == []
    assert (answer.status, answer.json["system_fingerprint"]) == (200, "fp_sandbox")
    assert (answer.headers["x-entrepot-mode"], answer.headers["x-entrepot-provider"]) == ("test", "sandbox")
    assert (row.mode, row.provider, row.offered, row.attempts) == ("test", "sandbox", None, 1)
    assert row.usage.input_tokens > 0
    assert not row.usage.estimated


async def test_a_sandbox_model_is_simulated_for_a_live_key_too(make_hub: MakeHub) -> None:
    hub = make_hub()
    answer = await simulated(hub, model="sandbox/echo")
    assert json.loads(answer.body)["choices"][0]["message"]["content"] == "Repeat: tide"
    assert (await hub.row()).mode == "test"


async def test_a_test_key_can_ask_for_a_fault(make_hub: MakeHub) -> None:
    hub = make_hub()
    answer = await simulated(hub, model="gpt-4.1-mini", token=hub.test, x_entrepot_sandbox="fault=cut-after:0")
    assert answer.status == 502
    assert (await hub.row()).error_code == answer.error["code"]


async def test_every_connection_is_given_back(make_hub: MakeHub) -> None:
    """Successes, refusals, breaks and failovers: afterwards no more is open than the pool keeps."""
    replies = [plain(), failure(500), stream("a"), failure(400), html(), plain(usage=None)]
    async with AsyncExitStack() as stack:
        upstream = await stack.enter_async_context(FaultUpstream(*replies * 10))
        hub = make_hub(tables(upstream.base_url))
        for number in range(20):
            await hub.ask(stream=bool(number % 3))
        await asyncio.sleep(0.05)
        assert upstream.open_connections <= 2
        assert hub.hub.active == set()
