"""Counting tokens through the real app: by the upstream that can, else by the hub, and recorded nowhere."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.conftest import MakeHub
from tests.support.running import MODEL, RunningHub, tables
from tests.support.upstream import FaultUpstream, dump, failure, respond

COUNTED = respond(dump({"input_tokens": 41}))
MESSAGES = {
    "/v1/messages/count_tokens",
    "/messages/count_tokens",
    "/api/v7/llm/v1/messages/count_tokens",
}
RESPONSES = {"/v1/responses/input_tokens", "/responses/input_tokens"}
MESSAGE = {"model": MODEL, "messages": [{"role": "user", "content": "Say hello"}]}
INPUT = {"model": MODEL, "input": "Say hello"}
TOOL = {"name": "sail", "description": "Sails away", "input_schema": {"type": "object", "properties": {"to": {}}}}


def served(url: str, dialect: str) -> dict[str, Any]:
    catalogue = tables(url)
    catalogue["models"][0]["offers"][0]["dialect"] = dialect
    return catalogue


@pytest.fixture
async def offline(make_hub: MakeHub) -> RunningHub:
    """A hub whose only upstream is never to be reached."""
    return make_hub(tables("http://127.0.0.1:1/v1"))


async def counted(hub: RunningHub, path: str, body: Any, **options: Any) -> int:
    call = await hub.post(path, body, **options)
    assert call.status == 200, call.body
    return int(call.json["input_tokens"])


@pytest.mark.parametrize("path", sorted(MESSAGES | RESPONSES))
async def test_the_hub_counts_where_no_upstream_does(offline: RunningHub, path: str) -> None:
    body = MESSAGE if path in MESSAGES else INPUT
    live = await offline.post(path, body)
    assert live.json["input_tokens"] == await counted(offline, path, body, token=offline.test) > 5
    assert "x-entrepot-provider" not in live.headers
    assert ("object" in live.json) == (path in RESPONSES)


async def test_images_count_by_the_models_own_rule(make_hub: MakeHub) -> None:
    rules = ({"method": "tiles", "base_tokens": base, "tile_tokens": 1} for base in (100, 300))
    hubs = [make_hub(tables("http://127.0.0.1:1/v1", image_tokens=rule)) for rule in rules]
    image = {"type": "image", "source": {"type": "url", "url": "https://img.test/ship.png"}}
    body = {"model": MODEL, "messages": [{"role": "user", "content": [image]}]}
    few, many = [await counted(hub, "/v1/messages/count_tokens", body) for hub in hubs]
    assert many - few == 200


async def test_everything_that_is_sent_counts(offline: RunningHub) -> None:
    path = "/v1/messages/count_tokens"
    bare = await counted(offline, path, MESSAGE)
    png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": png}}
    for more in (
        {"system": "Be brief."},
        {"tools": [TOOL]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "Say hello"}, image]}]},
    ):
        assert await counted(offline, path, MESSAGE | more) > bare


@pytest.mark.parametrize(
    ("dialect", "asked_at"),
    [("anthropic_messages", "/v1/messages/count_tokens"), ("openai_responses", "/v1/responses/input_tokens")],
)
@pytest.mark.parametrize("path", ["/v1/messages/count_tokens", "/v1/responses/input_tokens"])
async def test_the_upstream_counts_where_it_can_whatever_the_client_speaks(
    make_hub: MakeHub, dialect: str, asked_at: str, path: str
) -> None:
    body = {**MESSAGE, "tools": [TOOL]} if "messages" in path else {**INPUT, "instructions": "Be brief."}
    async with FaultUpstream(COUNTED) as upstream:
        hub = make_hub(served(upstream.base_url, dialect))
        call = await hub.post(path, body)
        (sent,) = upstream.requests
    assert (call.json["input_tokens"], call.headers["x-entrepot-provider"]) == (41, "up1")
    assert sent.path == asked_at
    assert sent.json["model"] == "up1-model"
    assert {"max_tokens", "stream", "store"}.isdisjoint(sent.json)


@pytest.mark.parametrize("reply", [failure(404), failure(500), failure(401), respond(b"{}")])
async def test_an_upstream_that_fails_to_count_leaves_it_to_the_hub_and_stays_in_favour(
    make_hub: MakeHub, reply: Any
) -> None:
    async with FaultUpstream(reply) as upstream:
        hub = make_hub(served(upstream.base_url, "anthropic_messages"))
        for _ in range(8):
            call = await hub.post("/v1/messages/count_tokens", MESSAGE)
            assert (call.status, "x-entrepot-provider" in call.headers) == (200, False)
        assert len(upstream.requests) == 8


async def test_what_the_upstream_finds_wrong_is_the_callers_to_mend(make_hub: MakeHub) -> None:
    async with FaultUpstream(failure(400, "a tool without a name")) as upstream:
        hub = make_hub(served(upstream.base_url, "anthropic_messages"))
        call = await hub.post("/v1/messages/count_tokens", MESSAGE)
    assert (call.status, call.json["type"], call.json["error"]["message"]) == (400, "error", "a tool without a name")


async def test_more_than_the_context_holds_is_counted_too(make_hub: MakeHub) -> None:
    hub = make_hub(tables("http://127.0.0.1:1/v1", context_tokens=16))
    body = {"model": MODEL, "messages": [{"role": "user", "content": "ahoy " * 400}]}
    assert await counted(hub, "/v1/messages/count_tokens", body) > 400
    assert (await hub.post("/v1/messages", {**body, "max_tokens": 5})).status == 400


async def test_a_count_is_no_exchange(offline: RunningHub) -> None:
    await counted(offline, "/v1/messages/count_tokens", MESSAGE)
    assert (await offline.post("/v1/messages/count_tokens", {"model": MODEL})).status == 400
    await asyncio.sleep(0.1)
    assert offline.home.store.exchanges() == []


async def test_a_count_needs_a_key_that_may_call_the_model(offline: RunningHub) -> None:
    refused = await offline.post("/v1/messages/count_tokens", MESSAGE, token=None)
    assert (refused.status, refused.json["error"]["type"]) == (401, "authentication_error")
    other = offline.key(mode="live", models=("gpt-4.1",))
    assert (await offline.post("/v1/messages/count_tokens", MESSAGE, token=other)).status == 403
