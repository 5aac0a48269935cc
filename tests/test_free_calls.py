"""Calls of the free tier, through the real app: what they cost nobody, and where it ends."""

from __future__ import annotations

import asyncio

from tests.conftest import MakeHub
from tests.support.money import (
    CHARGE_NUSD,
    DEBT_NUSD,
    USAGE,
    balance_nusd,
    entries,
    grant,
    priced,
    rule,
)
from tests.support.running import MODEL
from tests.support.upstream import FaultUpstream, failure, plain

from entrepot.books import Books, now

FREE = {"plans": {"default": {"free_tier": {"models": [MODEL], "requests_per_day": 2}}}}


async def test_the_free_tier_costs_nothing_and_then_the_price_holds(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage=USAGE)) as upstream:
        hub = make_hub(priced(upstream.base_url), prices=FREE)
        for _ in range(3):
            assert (await hub.ask()).status == 200
        charges = [row.charge_nusd for row in await hub.rows(3)]
        assert sorted(charge or 0 for charge in charges) == [0, 0, CHARGE_NUSD]
        settled = [entry for entry in entries(hub) if entry.kind == "settle"]
        assert [(entry.grants_nusd, entry.cost_nusd, entry.payable_nusd) for entry in settled] == [
            (-DEBT_NUSD, 0, DEBT_NUSD), (-DEBT_NUSD, 0, DEBT_NUSD), (0, -DEBT_NUSD, DEBT_NUSD),
        ]  # fmt: skip
        assert balance_nusd(hub) == -CHARGE_NUSD
        again = Books(hub.home.store)  # a start gives none of it back
        tier = hub.hub.configuration.tariff.free_tier(None)
        assert tier is not None
        assert not again.free_days.fits(hub.home.owner.organisation_id, tier, 1, now())


async def test_an_empty_wallet_has_its_free_tier_and_no_more(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage=USAGE).late(0.2)) as upstream:
        hub = make_hub(priced(upstream.base_url), prices=FREE)
        await grant(hub, 0)
        rule(hub, day_nusd=0)  # nor does it need a budget
        answers = await asyncio.gather(*(hub.ask() for _ in range(20)))
        assert sorted(answer.status for answer in answers) == [200] * 2 + [429] * 18
        assert len(upstream.requests) == 2
    assert balance_nusd(hub) == 0
    assert hub.home.store.journal.open_reservations() == []


async def test_a_free_call_that_fails_is_given_back(make_hub: MakeHub) -> None:
    async with FaultUpstream(failure(400), plain(usage=USAGE)) as upstream:
        hub = make_hub(priced(upstream.base_url), prices=FREE)
        await grant(hub, 0)
        statuses = [(await hub.ask()).status for _ in range(4)]
    assert statuses == [400, 200, 200, 429]


async def test_the_free_tier_ends_with_its_tokens(make_hub: MakeHub) -> None:
    prices = {"plans": {"default": {"free_tier": {"models": [MODEL], "tokens_per_day": 2 * 18 + 58}}}}
    async with FaultUpstream(plain(usage=USAGE)) as upstream:
        hub = make_hub(priced(upstream.base_url), prices=prices)
        await grant(hub, 0)
        statuses = [(await hub.ask(max_completion_tokens=50)).status for _ in range(3)]
    assert statuses == [200, 200, 429]  # each takes 59 before it is corrected to 18
