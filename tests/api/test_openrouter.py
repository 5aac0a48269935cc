"""What calls, keys and accounts have cost, as OpenRouter's clients ask for it."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from tests.conftest import MakeHub
from tests.support.money import CHARGE_NUSD, USAGE, grant, priced, rule
from tests.support.running import MODEL, RunningHub, question
from tests.support.upstream import FaultUpstream, plain, stream

from entrepot.dialects import sse
from entrepot.money import NUSD_PER_USD, usd

COST = CHARGE_NUSD / NUSD_PER_USD
PREFIXES = ("/v1", "/api/v1")


async def generation(hub: RunningHub, id: str, **options: Any) -> dict[str, Any]:
    found = await hub.get(f"/v1/generation?id={id}", **{"token": hub.live} | options)
    assert found.status == 200
    data: dict[str, Any] = found.json["data"]
    return data


@pytest.mark.parametrize("prefix", PREFIXES)
async def test_a_call_is_found_by_the_answers_id_and_by_the_requests(make_hub: MakeHub, prefix: str) -> None:
    async with FaultUpstream(plain(usage=USAGE)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        answer = await hub.post(f"{prefix}/chat/completions", question())
    by_answer = await generation(hub, answer.json["id"])
    assert by_answer == await generation(hub, answer.headers["x-request-id"])
    assert by_answer["id"] == answer.json["id"]
    assert (by_answer["total_cost"], by_answer["usage"], by_answer["estimated"]) == (COST, COST, False)
    assert (by_answer["tokens_prompt"], by_answer["native_tokens_completion"]) == (11, 7)
    assert (by_answer["model"], by_answer["provider_name"], by_answer["finish_reason"]) == (MODEL, "up1", "stop")
    assert (by_answer["streamed"], by_answer["cancelled"], by_answer["status"]) == (False, False, 200)
    assert by_answer["latency"] + by_answer["generation_time"] == (await hub.row()).duration_ms


async def test_a_call_that_was_left_is_called_cancelled(make_hub: MakeHub) -> None:
    async with FaultUpstream(stream(*["word "] * 50, usage=USAGE).slowly(0.03)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        call = hub.call("POST", "/v1/chat/completions", token=hub.live, body=question(stream=True))
        running = asyncio.create_task(call.run())
        while not call.pieces:
            await asyncio.sleep(0.005)
        call.leave()
        await running
        row = await hub.row()
    found = await generation(hub, row.request_id)
    assert (found["cancelled"], found["streamed"], found["estimated"]) == (True, True, True)


async def test_what_has_no_price_has_no_cost(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage=USAGE)) as upstream:
        catalogue = priced(upstream.base_url)
        del catalogue["models"][0]["price"]
        del catalogue["models"][0]["offers"][0]["price"]
        hub = make_hub(catalogue)
        await hub.ask()
        row = await hub.row()
    assert (await generation(hub, row.request_id))["total_cost"] is None


async def test_a_call_is_shown_to_whom_it_belongs(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage=USAGE)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        answer = await hub.ask()
    other, manager = hub.key(), hub.key(scopes=("usage", "management"))
    stranger = msgspec.structs.replace(await hub.row(), request_id="req_x", organisation_id="org_x", answer_id="a_x")
    hub.home.store.record(stranger)
    await hub.rows(2)
    for id in (answer.json["id"], answer.headers["x-request-id"]):
        assert (await generation(hub, id, token=manager))["id"] == answer.json["id"]
        missing = await hub.get(f"/v1/generation?id={id}", token=other)
        assert (missing.status, missing.error["code"]) == (404, "not_found")
    for id in ("req_x", "a_x", "unknown"):
        assert (await hub.get(f"/v1/generation?id={id}", token=manager)).status == 404
    assert (await hub.get("/v1/generation", token=manager)).status == 400


@pytest.mark.parametrize("prefix", PREFIXES)
async def test_a_key_knows_its_tightest_budget_and_what_it_has_spent(make_hub: MakeHub, prefix: str) -> None:
    async with FaultUpstream(plain(usage=USAGE)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        unbounded = (await hub.get(f"{prefix}/key", token=hub.live)).json["data"]
        rule(hub, week_nusd=50 * NUSD_PER_USD, total_nusd=900 * NUSD_PER_USD, requests_per_minute=9)
        await hub.ask()
        data = (await hub.get(f"{prefix}/key", token=hub.live)).json["data"]
    assert (unbounded["limit"], unbounded["limit_remaining"], unbounded["usage"]) == (None, None, 0)
    assert unbounded["rate_limit"]["requests"] == -1
    assert (data["limit"], data["limit_remaining"], data["limit_reset"]) == (50, 50 - COST, "weekly")
    assert [data[f"usage{of}"] for of in ("", "_daily", "_weekly", "_monthly")] == [COST] * 4
    assert (data["rate_limit"]["requests"], data["is_management_key"], data["is_free_tier"]) == (9, False, False)
    assert hub.live not in str(data)
    assert hub.live.startswith(data["label"].removesuffix("…"))


async def test_credits_are_what_was_paid_in_and_what_was_spent(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage=USAGE)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        manager = hub.key(scopes=("management",))
        await grant(hub, 0)
        assert (await hub.get("/v1/key", token=manager)).json["data"]["is_free_tier"]
        await grant(hub, 40 * NUSD_PER_USD)
        await hub.ask()
        found = await hub.get("/api/v1/credits", token=manager)
    assert found.json == {"data": {"total_credits": 40, "total_usage": COST}}
    assert usd(CHARGE_NUSD).encode() in found.body
    assert (await hub.get("/v1/credits", token=hub.live)).status == 403


async def test_openrouters_clients_are_told_usage_unasked_and_by_its_own_names(make_hub: MakeHub) -> None:
    async with FaultUpstream(stream("Hel", "lo", usage=USAGE)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        answer = await hub.post("/api/v1/chat/completions", question(stream=True))
    *_, last, done = sse.Splitter().feed(answer.body)
    assert done == b"data: [DONE]\n\n"
    details = msgspec.json.decode(sse.data_of(last) or b"")["usage"]["cost_details"]
    assert details["upstream_inference_prompt_cost"] == details["input"] == 0.011
    assert details["upstream_inference_completions_cost"] == details["output"] == 0.014


async def test_openrouters_clients_are_told_of_a_lack_of_money_by_402(make_hub: MakeHub) -> None:
    hub = make_hub(priced("http://127.0.0.1:1/v1"))
    rule(hub, total_nusd=1)
    theirs = await hub.post("/api/v1/chat/completions", question())
    assert (theirs.status, theirs.error["code"]) == (402, 402)
    assert theirs.error["metadata"]["error_code"] == "insufficient_quota"
    assert (await hub.ask()).status == 429
    assert [row.status for row in await hub.rows(2)] == [402, 429]
    unknown = await hub.post("/api/v1/chat/completions", question() | {"model": "none"})
    assert (unknown.status, unknown.error["code"], unknown.error["metadata"]["param"]) == (404, 404, "model")


@pytest.mark.parametrize("end", ["close", "stall"])
async def test_a_stream_that_breaks_ends_as_openrouters_do(make_hub: MakeHub, end: Any) -> None:
    async with FaultUpstream(stream("Hel", "lo", usage=None).cut(600, end)) as upstream:
        hub = make_hub(priced(upstream.base_url), upstream={"idle_timeout_s": 0.3})
        answer = await hub.post("/api/v1/chat/completions", question(stream=True))
    events = [data for event in sse.Splitter().feed(answer.body) if (data := sse.data_of(event))]
    first, last = msgspec.json.decode(events[0]), msgspec.json.decode(events[-1])
    assert answer.status == 200
    assert (last["id"], last["object"], last["provider"]) == (first["id"], "chat.completion.chunk", "up1")
    assert last["choices"] == [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}]
    row = await hub.row()
    assert (last["error"]["code"], last["error"]["metadata"]["error_code"]) == (row.status, row.error_code)
