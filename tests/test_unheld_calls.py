"""Calls that hold no money, since they are free or nobody knows their price: what they cost the house is posted."""

from __future__ import annotations

import msgspec
import pytest
from tests.conftest import MakeHub
from tests.support.money import DEBT_NUSD, TOKEN_NUSD, USAGE, differences, entries, priced
from tests.support.running import MODEL
from tests.support.upstream import FaultUpstream, plain, stream

FREE = {"plans": {"default": {"free": [MODEL]}}}


@pytest.mark.parametrize("streamed", [False, True])
async def test_what_a_free_model_costs_the_house_is_posted(make_hub: MakeHub, streamed: bool) -> None:
    reply = stream("Hel", "lo", usage=USAGE) if streamed else plain(usage=USAGE)
    async with FaultUpstream(reply) as upstream:
        hub = make_hub(priced(upstream.base_url), prices=FREE)
        await hub.ask(stream=streamed)
        row = await hub.row()
    (owed,) = entries(hub)
    assert (owed.kind, owed.reference, owed.provider) == ("attempt", row.request_id, "up1")
    assert (owed.cost_nusd, owed.payable_nusd, row.charge_nusd) == (-DEBT_NUSD, DEBT_NUSD, 0)
    assert row.debt_nusd == DEBT_NUSD
    assert differences(hub) == []


async def test_an_answer_whose_selling_price_is_unknown_is_owed_all_the_same(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage=USAGE)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        hub.put_on_plan("forgotten")  # a plan that is not in the settings
        await hub.ask()
        row = await hub.row()
    assert (row.charge_nusd, row.debt_nusd) == (None, DEBT_NUSD)
    assert [(entry.kind, entry.payable_nusd) for entry in entries(hub)] == [("attempt", DEBT_NUSD)]
    assert differences(hub) == []


async def test_a_free_answer_that_breaks_is_owed_as_far_as_it_came(make_hub: MakeHub) -> None:
    reply = stream("Once", " upon", " a", " time", usage=USAGE)
    async with FaultUpstream(reply.cut(len(reply.body) - 200)) as upstream:
        hub = make_hub(priced(upstream.base_url), prices=FREE)
        await hub.ask(stream=True)
        row = await hub.row()
    assert row.usage.estimated
    assert row.usage.output_tokens > 0
    assert row.debt_nusd == (row.usage.input_tokens + 2 * row.usage.output_tokens) * TOKEN_NUSD // 2
    assert [entry.payable_nusd for entry in entries(hub)] == [row.debt_nusd]
    assert differences(hub) == []


async def test_attempts_for_a_free_answer_are_owed_to_each_provider(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain().cut(40)) as broken, FaultUpstream(plain(usage=USAGE)) as sound:
        hub = make_hub(priced(broken.base_url, sound.base_url), prices=FREE)
        assert (await hub.ask()).status == 200
        row = await hub.row()
    owed = {entry.provider: entry.payable_nusd for entry in entries(hub)}
    assert owed == {"up1": 9 * TOKEN_NUSD // 2, "up2": DEBT_NUSD}
    assert row.debt_nusd == sum(owed.values())
    assert differences(hub) == []


async def test_a_debt_that_stands_in_one_book_only_is_found(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage=USAGE)) as upstream:
        hub = make_hub(priced(upstream.base_url), prices=FREE)
        await hub.ask()
        row = await hub.row()
    hub.home.store.record(msgspec.structs.replace(row, request_id="req_unposted"))
    await hub.rows(2)
    found = {(each.check, each.subject, each.expected, each.found) for each in differences(hub)}
    assert found == {
        ("wrong_debts", "req_unposted", DEBT_NUSD, 0),
        ("wrong_debts_of_organisations", hub.home.owner.organisation_id, 2 * DEBT_NUSD, DEBT_NUSD),
    }
