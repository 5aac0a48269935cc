"""What clients are told of the charge: the same in the answer, in its header, in the row and in the ledger."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from tests.conftest import MakeHub
from tests.support.asgi import Call
from tests.support.money import CHARGE_NUSD, DEBT_NUSD, USAGE, entries, grant, priced
from tests.support.running import MODEL, RunningHub, question
from tests.support.upstream import FaultUpstream, Reply, plain, stream

from entrepot.dialects import sse
from entrepot.money import NUSD_PER_USD, usd

PATHS = {"chat": "/v1/chat/completions", "messages": "/v1/messages", "responses": "/v1/responses"}
DETAILS = {"input": 0.011, "output": 0.014}


def asked(dialect: str, **fields: Any) -> dict[str, Any]:
    match dialect:
        case "messages":
            return question(max_tokens=100, **fields)
        case "responses":
            return {"model": MODEL, "input": "Say hello", "store": False, **fields}
        case _:
            options = {"include_usage": True} if fields.get("stream") else None
            return question(stream_options=options, **fields)


def usage_of(answer: Call) -> dict[str, Any]:
    """The last that the answer says of usage, its numbers as they are written."""
    bodies = [answer.body]
    if answer.headers["content-type"].startswith("text/event-stream"):
        bodies = [data for event in sse.Splitter().feed(answer.body) if (data := sse.data_of(event))]
    told = [numbers(body) for body in bodies if b'"usage"' in body]
    return next(found for each in reversed(told) if isinstance(found := each.get("response", each).get("usage"), dict))


def numbers(body: bytes) -> dict[str, Any]:
    return msgspec.json.Decoder(dict[str, Any], float_hook=Decimal).decode(body)


async def charged_nusd(hub: RunningHub) -> int:
    """By the ledger, which the row agrees with."""
    row = await hub.row()
    posted = sum(entry.revenue_nusd for entry in entries(hub) if entry.reference == row.request_id)
    assert row.charge_nusd == posted
    return posted


@pytest.mark.parametrize("dialect", PATHS)
@pytest.mark.parametrize("streamed", [False, True])
async def test_every_dialect_says_what_the_answer_costs(make_hub: MakeHub, dialect: str, streamed: bool) -> None:
    reply = stream("Hel", "lo", usage=USAGE) if streamed else plain(usage=USAGE)
    async with FaultUpstream(reply) as upstream:
        hub = make_hub(priced(upstream.base_url))
        answer = await hub.post(PATHS[dialect], asked(dialect, stream=streamed))
    usage = usage_of(answer)
    assert usage["cost"] * NUSD_PER_USD == await charged_nusd(hub) == CHARGE_NUSD
    assert {meter: float(cost) for meter, cost in usage["cost_details"].items()} == DETAILS
    assert usage["estimated"] is False
    assert answer.headers.get("x-entrepot-cost-usd") == (None if streamed else usd(CHARGE_NUSD))
    assert usd(DEBT_NUSD).encode() not in answer.body  # what the hub pays is its own affair


@pytest.mark.parametrize("reply", [plain(usage=None), stream("Hel", "lo", usage=None)])
async def test_what_the_hub_counted_itself_is_called_estimated(make_hub: MakeHub, reply: Reply) -> None:
    async with FaultUpstream(reply) as upstream:
        hub = make_hub(priced(upstream.base_url))
        answer = await hub.post(PATHS["chat"], asked("chat", stream=b"data:" in reply.body))
    usage = usage_of(answer)
    assert usage["estimated"] is True
    assert usage["cost"] * NUSD_PER_USD == await charged_nusd(hub) > 0


async def test_a_charge_that_was_capped_is_told_as_capped(make_hub: MakeHub) -> None:
    long = {"prompt_tokens": 11, "completion_tokens": 9000}
    async with FaultUpstream(plain(usage=long)) as upstream:
        hub = make_hub(priced(upstream.base_url, max_output_tokens=1000))
        await grant(hub, 3 * NUSD_PER_USD)
        answer = await hub.ask()
    usage = usage_of(answer)
    assert usage["cost"] == 3
    assert await charged_nusd(hub) == 3 * NUSD_PER_USD
    assert sum(usage["cost_details"].values()) == 3


@pytest.mark.parametrize("streamed", [False, True])
async def test_without_a_price_the_answer_passes_as_it_came(make_hub: MakeHub, streamed: bool) -> None:
    reply = stream("Hel", "lo", usage=USAGE) if streamed else plain(usage=USAGE)
    async with FaultUpstream(reply) as upstream:
        catalogue = priced(upstream.base_url)
        del catalogue["models"][0]["price"]
        del catalogue["models"][0]["offers"][0]["price"]
        hub = make_hub(catalogue)
        answer = await hub.post(PATHS["chat"], asked("chat", stream=streamed))
    assert answer.body == reply.body
    assert "x-entrepot-cost-usd" not in answer.headers
    assert (await hub.row()).charge_nusd is None


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("dialect", PATHS)
async def test_test_mode_costs_nothing_and_says_so(make_hub: MakeHub, dialect: str, streamed: bool) -> None:
    hub = make_hub(priced("http://127.0.0.1:1/v1"))
    answer = await hub.post(PATHS[dialect], asked(dialect, stream=streamed), token=hub.test)
    usage = usage_of(answer)
    assert (usage["cost"], usage["cost_details"], usage["estimated"]) == (0, {}, False)


async def test_a_compaction_has_its_cost(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage=USAGE)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        answer = await hub.post("/v1/responses/compact", {"model": MODEL, "input": "Remember the tide."})
    assert usage_of(answer)["cost"] * NUSD_PER_USD == await charged_nusd(hub)
    assert (await hub.row()).answer_id == answer.json["id"]


@pytest.mark.parametrize("streamed", [False, True])
async def test_who_asks_gets_credits_as_well(make_hub: MakeHub, streamed: bool) -> None:
    reply = stream("Hel", "lo", usage=USAGE) if streamed else plain(usage=USAGE)
    async with FaultUpstream(reply) as upstream:
        hub = make_hub(priced(upstream.base_url))
        answer = await hub.post(PATHS["chat"], question(stream=streamed), x_entrepot_meta="usage")
        without = await hub.post(PATHS["chat"], question())
    events = [data for event in sse.Splitter().feed(answer.body) if (data := sse.data_of(event))]
    told = numbers(events[-2] if streamed else answer.body)
    assert told["meta"] == {"usage": {"credits_used": 50_000, "usd_spent": Decimal("0.025")}}
    assert b'"meta"' not in without.body


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("dialect", PATHS)
async def test_the_row_has_the_id_that_the_client_got(make_hub: MakeHub, dialect: str, streamed: bool) -> None:
    reply = stream("Hel", "lo", usage=USAGE) if streamed else plain(usage=USAGE)
    async with FaultUpstream(reply) as upstream:
        hub = make_hub(priced(upstream.base_url))
        answer = await hub.post(PATHS[dialect], asked(dialect, stream=streamed))
    id = (await hub.row()).answer_id
    assert id is not None
    assert b'"id":"%b"' % id.encode() in answer.body.replace(b'": "', b'":"')
