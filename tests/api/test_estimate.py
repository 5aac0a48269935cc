"""POST /v1/estimate through the real app."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from tests.conftest import MakeHub
from tests.support.running import MODEL, RunningHub, tables
from tests.support.stored import set_terms
from tests.support.upstream import FaultUpstream, plain

from entrepot.api import respond
from entrepot.estimates import LIKELY_OUTPUT_TOKENS, UNKNOWN_OUTPUT_TOKENS
from entrepot.money import ceiling, usd
from entrepot.wallets import Terms

PATH = "/v1/estimate"
PRICE = {"input": "1", "cache_write": "1.25", "output": "4"}
HELLO = {"messages": [{"role": "user", "content": "Say hello"}]}
CHAT = {"model": MODEL, "max_completion_tokens": 64, **HELLO}
PNG = base64.b64encode(
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (1024).to_bytes(4, "big") + (1024).to_bytes(4, "big") + b"\x08\x06\0\0\0"
).decode()
IMAGE = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}


@pytest.fixture
async def hub(make_hub: MakeHub) -> RunningHub:
    """Its only upstream is never to be reached."""
    catalogue = tables("http://127.0.0.1:1/v1", price=PRICE, context_tokens=4096, max_output_tokens=2048)
    catalogue["models"].append({"id": "unpriced", "offers": [{"provider": "up1", "upstream_model": "x"}]})
    plans = {"team": {"rules": [{"percent": 50, "model": MODEL}]}}
    return make_hub(catalogue, prices={"plans": plans})


async def estimated(hub: RunningHub, request: dict[str, Any], **fields: Any) -> list[dict[str, Any]]:
    call = await hub.post(PATH, {"request": request, **fields})
    assert call.status == 200, call.body
    assert call.json["object"] == "list"
    data: list[dict[str, Any]] = call.json["data"]
    return data


async def test_an_estimate_has_tokens_cost_and_the_price_that_applied(hub: RunningHub) -> None:
    (found,) = await estimated(hub, CHAT)
    input_tokens = found["input_tokens"]
    assert input_tokens > 5
    assert found == {
        "object": "estimate",
        "model": MODEL,
        "input_tokens": input_tokens,
        "likely_output_tokens": 64,
        "most_output_tokens": 64,
        "fits_context": True,
        "likely_cost_nusd": input_tokens * 1000 + 64 * 4000,
        "likely_cost_usd": usd(input_tokens * 1000 + 64 * 4000),
        "most_cost_nusd": input_tokens * 1250 + 64 * 4000,
        "most_cost_usd": usd(input_tokens * 1250 + 64 * 4000),
        "price": {
            "source": "list",
            "plan": None,
            "tier": "standard",
            "pricing": {"prompt": "0.000001", "completion": "0.000004", "input_cache_write": "0.00000125"},
        },
    }
    price = hub.hub.configuration.catalogue.models[MODEL].price
    assert price is not None
    assert found["most_cost_nusd"] == ceiling(input_tokens, 64, price)


@pytest.mark.parametrize(
    ("request_", "protocol"),
    [
        ({"model": MODEL, **HELLO}, "openai_chat"),
        ({"model_id": MODEL, **HELLO}, "openai_chat"),
        ({"model": MODEL, "system": "Be brief.", "max_tokens": 64, **HELLO}, "anthropic_messages"),
        ({"model": MODEL, "input": "Say hello"}, "openai_responses"),
        ({"model": "text-embedding-3-small", "input": ["Say hello", "again"]}, "openai_embeddings"),
    ],
)
@pytest.mark.parametrize("is_named", [False, True])
async def test_a_body_of_any_protocol_is_taken(
    hub: RunningHub, request_: dict[str, Any], protocol: str, is_named: bool
) -> None:
    call = await hub.post(PATH, {"request": request_, **({"protocol": protocol} if is_named else {})})
    assert (call.status, call.json["protocol"]) == (200, protocol), call.body
    assert call.json["data"][0]["input_tokens"] >= 3
    assert call.json["data"][0]["likely_cost_nusd"] > 0


async def test_models_are_compared_in_the_order_asked(hub: RunningHub) -> None:
    found = await estimated(hub, HELLO, models=["gpt-4.1-nano", "unpriced", "port/harbour", "sandbox/echo"])
    assert [row["model"] for row in found] == ["gpt-4.1-nano", "unpriced", MODEL, "sandbox/echo"]
    assert found[0]["likely_cost_nusd"] > 0
    assert (found[2]["likely_output_tokens"], found[2]["most_output_tokens"]) == (LIKELY_OUTPUT_TOKENS, 2048)
    assert found[1]["most_output_tokens"] == UNKNOWN_OUTPUT_TOKENS


async def test_what_is_unknown_is_null(hub: RunningHub) -> None:
    (found,) = await estimated(hub, CHAT, models=["unpriced"])
    assert found["input_tokens"] > 5
    for name in ("likely_cost_nusd", "likely_cost_usd", "most_cost_nusd", "most_cost_usd", "price", "fits_context"):
        assert found[name] is None


async def test_images_and_tools_count_and_each_model_has_its_own_rule(hub: RunningHub) -> None:
    models = ["gpt-4.1", "gpt-4.1-mini", "gpt-4.1-nano"]
    bare = await estimated(hub, {**HELLO}, models=models)
    picture = {"messages": [{"role": "user", "content": [{"type": "text", "text": "Say hello"}, IMAGE]}]}
    shown = await estimated(hub, picture, models=models)
    added = [after["input_tokens"] - before["input_tokens"] for before, after in zip(bare, shown, strict=True)]
    assert added == [85 + 170 * 4, -(-1024 * 162 // 100), -(-1024 * 246 // 100)]
    tool = {"type": "function", "function": {"name": "sail", "parameters": {"type": "object"}}}
    (armed,) = await estimated(hub, {**HELLO, "tools": [tool]}, models=["gpt-4.1"])
    assert armed["input_tokens"] > bare[0]["input_tokens"]


async def test_more_than_the_context_holds_is_estimated_and_said(
    hub: RunningHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(respond, "LARGE_BODY_BYTES", 1000)
    body = {"model": MODEL, "messages": [{"role": "user", "content": "word " * 60_000}]}
    (found,) = await estimated(hub, body)
    assert found["fits_context"] is False
    assert found["input_tokens"] > 60_000


async def test_the_plan_of_the_keys_organisation_decides(hub: RunningHub) -> None:
    before = (await estimated(hub, CHAT))[0]
    hub.put_on_plan("team")
    after = (await estimated(hub, CHAT))[0]
    assert after["likely_cost_nusd"] * 2 == before["likely_cost_nusd"] * 3
    assert (after["price"]["source"], after["price"]["plan"]) == ("rule", "team")
    listed = (await hub.get(f"/v1/models/{MODEL}", token=hub.live)).json
    assert listed["pricing"] == after["price"]["pricing"]


async def test_a_test_key_is_told_what_a_live_one_is(hub: RunningHub) -> None:
    tested = await hub.post(PATH, {"request": CHAT}, token=hub.test)
    assert tested.json["data"] == await estimated(hub, CHAT)


@pytest.mark.parametrize(
    ("body", "status", "code", "param"),
    [
        ({}, 400, "invalid_request", None),
        ({"request": {}, "x": 1}, 400, "invalid_request", None),
        ({"request": []}, 400, "invalid_request", "request"),
        ({"request": HELLO}, 400, "missing_required_parameter", "request.model"),
        ({"request": {**HELLO, "model": 3}}, 400, "invalid_type", "request.model"),
        ({"request": {"model": MODEL}}, 400, "invalid_value", "request"),
        ({"request": {"model": MODEL, "messages": 3}}, 400, "invalid_type", "request.messages"),
        ({"request": HELLO, "models": []}, 400, "invalid_request", "models"),
        ({"request": HELLO, "models": [MODEL] * 65}, 400, "invalid_request", "models"),
        ({"request": HELLO, "models": [MODEL, "gone"]}, 404, "model_not_found", "models[1]"),
        ({"request": HELLO, "models": [MODEL, "text-embedding-3-small"]}, 400, "unsupported_value", "models"),
        ({"request": CHAT, "protocol": "grpc"}, 400, "invalid_request", "protocol"),
        ({"request": CHAT, "protocol": "openai_embeddings"}, 400, "unsupported_value", "models"),
    ],
)  # fmt: skip
async def test_what_cannot_be_estimated_is_refused(
    hub: RunningHub, body: Any, status: int, code: str, param: str | None
) -> None:
    call = await hub.post(PATH, body)
    error = call.json["error"]
    assert (call.status, error["code"], error["param"]) == (status, code, param)


async def test_only_keys_that_may_call_the_model_may_ask(hub: RunningHub) -> None:
    assert (await hub.post(PATH, {"request": CHAT}, token=None)).status == 401
    watching = hub.key(scopes=("usage",))
    assert (await hub.post(PATH, {"request": CHAT}, token=watching)).json["error"]["code"] == "scope_missing"
    narrow = hub.key(models=(MODEL,))
    assert (await hub.post(PATH, {"request": CHAT}, token=narrow)).status == 200
    other = await hub.post(PATH, {"request": HELLO, "models": [MODEL, "gpt-4.1"]}, token=narrow)
    assert (other.json["error"]["code"], other.json["error"]["param"]) == ("model_not_allowed", "models[1]")


async def test_nothing_is_recorded(hub: RunningHub) -> None:
    await estimated(hub, CHAT)
    await hub.ask()
    assert [row.dialect for row in await hub.rows(1)] == ["openai_chat"]
    assert (await hub.row()).status != 200


@pytest.mark.parametrize("content", ["Say hello", [IMAGE, {"type": "text", "text": "What is it?"}]])
async def test_a_call_that_bounds_its_answer_is_reserved_for_its_highest_cost(make_hub: MakeHub, content: Any) -> None:
    asked = {"model": MODEL, "max_completion_tokens": 64, "messages": [{"role": "user", "content": content}]}
    async with FaultUpstream(plain()) as upstream:
        hub = make_hub(tables(upstream.base_url, price=PRICE | {"image_input": "9"}))
        set_terms(hub.home.store, hub.home.owner.organisation_id, Terms(credit_nusd=10**9))
        hub.hub.books.refresh()
        (found,) = await estimated(hub, asked)
        assert (await hub.post("/v1/chat/completions", asked)).status == 200
        assert hub.home.store.journal.entries()[0].reserved_nusd == found["most_cost_nusd"]
