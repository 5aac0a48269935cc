"""Calls whose tier is not the one they asked for: held by what was asked, charged by what the answer says."""

from __future__ import annotations

from typing import Any

import pytest
from tests.conftest import MakeHub
from tests.support.money import BUY, SELL, TOKEN_NUSD, USAGE, differences, entries, grant, priced
from tests.support.running import question
from tests.support.upstream import FaultUpstream, chunks, events, plain, sse

BATCH = {"input": "400", "output": "800"}
PRIORITY = {"input": "3000", "output": "6000"}
PRIORITY_BUY = {"input": "1500", "output": "3000"}
TOKENS = 11 + 2 * 7


def catalogue(base_url: str, **prices: Any) -> dict[str, Any]:
    tables = priced(base_url, price_priority=PRIORITY, **prices)
    tables["models"][0]["offers"][0] |= {"price": BUY, "price_priority": PRIORITY_BUY}
    tables["models"][0] |= {"features": ["service_tiers"], "price": SELL}
    return tables


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    ("asked", "served", "charged", "owed"),
    [
        ("priority", "priority", 3, 1.5),
        ("priority", "default", 1, 0.5),
        ("priority", None, 3, 1.5),  # who does not say has done as asked
        ("priority", "auto", 3, 1.5),
        ("auto", "priority", 1, 1.5),  # what nobody has asked for is the house's
        ("auto", "default", 1, 0.5),
        ("flex", "flex", 0.4, 0.5),  # the provider's discount is not on the list
        ("flex", "default", 1, 0.5),
        ("priority", "flex", 0.4, 0.5),
    ],
)
async def test_what_was_served_is_charged_and_nothing_dearer_than_was_asked(
    make_hub: MakeHub, streamed: bool, asked: str, served: str | None, charged: float, owed: float
) -> None:
    told = {"service_tier": served} if served else {}
    reply = plain(usage=USAGE, **told)
    if streamed:
        reply = events(*(sse(chunk | told) for chunk in chunks("Hel", "lo", usage=USAGE)), sse("[DONE]"))
    async with FaultUpstream(reply) as upstream:
        hub = make_hub(catalogue(upstream.base_url, price_batch=BATCH))
        assert (await hub.ask(stream=streamed, service_tier=asked)).status == 200
        row = await hub.row()
    assert (row.charge_nusd, row.debt_nusd) == (charged * TOKENS * TOKEN_NUSD, owed * TOKENS * TOKEN_NUSD)
    assert sum(line.nusd for line in row.lines) == row.charge_nusd
    assert [entry.revenue_nusd for entry in entries(hub)] == [0, row.charge_nusd]
    assert differences(hub) == []


async def test_the_dearer_tier_is_held_until_the_answer_tells(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage=USAGE, service_tier="default")) as upstream:
        hub = make_hub(catalogue(upstream.base_url))
        await grant(hub, 10**12)
        await hub.ask(service_tier="priority", max_completion_tokens=50)
    held = next(entry for entry in entries(hub) if entry.kind == "reserve")
    assert held.reserved_nusd == (9 + 2 * 50) * 3 * TOKEN_NUSD


async def test_a_discount_that_is_not_sold_is_not_passed_on(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage=USAGE, service_tier="flex")) as upstream:
        hub = make_hub(catalogue(upstream.base_url))
        await hub.ask(service_tier="flex")
        assert (await hub.row()).charge_nusd == TOKENS * TOKEN_NUSD


async def test_a_translated_answer_tells_and_charges_the_same(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage=USAGE, service_tier="default")) as upstream:
        hub = make_hub(catalogue(upstream.base_url))
        body = {"model": "harbour", "input": "Say hello", "store": False, "service_tier": "priority"}
        answer = await hub.post("/v1/responses", body)
        assert (answer.status, answer.json["service_tier"]) == (200, "default")
        assert (await hub.row()).charge_nusd == TOKENS * TOKEN_NUSD
    async with FaultUpstream(plain(usage=USAGE, service_tier="priority")) as upstream:
        hub = make_hub(catalogue(upstream.base_url))
        answer = await hub.post("/v1/messages", question(max_tokens=9))
        assert answer.json["usage"]["service_tier"] == "priority"
        assert (await hub.row()).charge_nusd == TOKENS * TOKEN_NUSD
