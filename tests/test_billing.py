"""What exchanges cost, through the real app: held, charged once, given back, and added up in the ledger."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from tests.conftest import MakeHub
from tests.support.money import (
    CHARGE_NUSD,
    DEBT_NUSD,
    SELL,
    TOKEN_NUSD,
    USAGE,
    balance_nusd,
    differences,
    entries,
    grant,
    kinds,
    priced,
    rule,
)
from tests.support.running import MODEL, question, tables
from tests.support.upstream import FaultUpstream, Reply, chunks, events, failure, plain, refusing, sse, stream

from entrepot import money
from entrepot.conversation import Usage

# Charges ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_call_is_held_then_charged_for_what_it_used(make_hub: MakeHub, streamed: bool) -> None:
    reply = stream("Hel", "lo", usage=USAGE) if streamed else plain(usage=USAGE)
    async with FaultUpstream(reply) as upstream:
        hub = make_hub(priced(upstream.base_url))
        answer = await hub.ask(stream=streamed)
        assert answer.status == 200
        held, charged = entries(hub)  # both are written before the answer has ended
    row = await hub.row()
    assert (row.charge_nusd, row.debt_nusd, row.organisation_id) == (
        CHARGE_NUSD, DEBT_NUSD, hub.home.owner.organisation_id,
    )  # fmt: skip
    assert (held.kind, charged.kind) == ("reserve", "settle")
    assert held.reference == charged.reference == row.request_id
    assert held.reserved_nusd == -charged.reserved_nusd >= CHARGE_NUSD
    assert (charged.revenue_nusd, charged.cost_nusd, charged.payable_nusd, charged.provider) == (
        CHARGE_NUSD, -DEBT_NUSD, DEBT_NUSD, "up1",
    )  # fmt: skip
    assert balance_nusd(hub) == -CHARGE_NUSD
    assert hub.home.store.journal.open_reservations() == []


async def test_the_reservation_is_written_before_the_first_byte(make_hub: MakeHub) -> None:
    async with FaultUpstream(stream("Hel", "lo", usage=USAGE).slowly(0.1)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        call = hub.call("POST", "/v1/chat/completions", token=hub.live, body=question(stream=True))
        running = asyncio.create_task(call.run())
        while not call.pieces:
            await asyncio.sleep(0.005)
        assert kinds(entries(hub)) == ["reserve"]
        (left,) = hub.home.store.journal.open_reservations()
        assert left.reservation.amount_nusd == entries(hub)[0].reserved_nusd
        await running
    assert kinds(entries(hub)) == ["reserve", "settle"]


async def test_an_answer_longer_than_likely_first_holds_what_it_needs(make_hub: MakeHub) -> None:
    long = {"prompt_tokens": 11, "completion_tokens": 9000}
    async with FaultUpstream(plain(usage=long)) as upstream:
        hub = make_hub(priced(upstream.base_url, max_output_tokens=10_000))
        await hub.ask()
    assert kinds(entries(hub)) == ["reserve", "reserve", "settle"]
    assert balance_nusd(hub) == -(11 + 2 * 9000) * TOKEN_NUSD
    assert (await hub.row()).charge_nusd == (11 + 2 * 9000) * TOKEN_NUSD


@pytest.mark.parametrize("reply", [failure(500), failure(400), failure(429)])
async def test_a_call_that_fails_costs_nothing(make_hub: MakeHub, reply: Reply) -> None:
    async with FaultUpstream(reply) as upstream:
        hub = make_hub(priced(upstream.base_url))
        assert (await hub.ask()).status >= 400
        row = await hub.row()
    assert kinds(entries(hub)) == ["reserve", "void"]
    assert (balance_nusd(hub), row.charge_nusd) == (0, None)


async def test_attempts_that_a_provider_may_bill_are_owed_and_charged_to_nobody(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain().cut(40)) as broken, FaultUpstream(plain(usage=USAGE)) as sound:
        hub = make_hub(priced(broken.base_url, sound.base_url))
        assert (await hub.ask()).status == 200
        row = await hub.row()
    *_, held, failed, charged = entries(hub)
    assert (held.kind, failed.kind, charged.kind) == ("reserve", "attempt", "settle")
    assert (failed.provider, failed.payable_nusd, failed.cost_nusd) == (
        "up1",
        9 * TOKEN_NUSD // 2,
        -9 * TOKEN_NUSD // 2,
    )
    assert (failed.wallet_nusd, failed.revenue_nusd) == (0, 0)
    assert (row.charge_nusd, row.debt_nusd) == (CHARGE_NUSD, DEBT_NUSD + failed.payable_nusd)
    assert balance_nusd(hub) == -CHARGE_NUSD


async def test_an_attempt_that_reached_no_provider_is_owed_to_none(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage=USAGE)) as sound:
        with refusing() as nobody:
            hub = make_hub(priced(nobody, sound.base_url))
            assert (await hub.ask()).status == 200
    assert kinds(entries(hub)) == ["reserve", "settle"]


async def test_a_call_that_fails_at_last_leaves_what_its_attempts_may_have_cost(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain().cut(40)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        assert (await hub.ask()).status == 502
        row = await hub.row()
    *attempts, closed = entries(hub)[1:]
    assert {entry.kind for entry in attempts} == {"attempt"}
    assert len(attempts) == row.attempts
    assert (closed.kind, row.charge_nusd) == ("void", None)
    assert row.debt_nusd == sum(entry.payable_nusd for entry in attempts)
    assert balance_nusd(hub) == 0


async def test_a_stream_that_breaks_is_charged_as_far_as_it_came(make_hub: MakeHub) -> None:
    reply = stream("Once", " upon", " a", " time", usage=USAGE)
    async with FaultUpstream(reply.cut(len(reply.body) - 200)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        await hub.ask(stream=True)
        row = await hub.row()
    assert row.status == 502
    assert row.usage.estimated
    assert row.usage.output_tokens > 0
    assert row.charge_nusd == (row.usage.input_tokens + 2 * row.usage.output_tokens) * TOKEN_NUSD
    assert balance_nusd(hub) == -row.charge_nusd


@pytest.mark.parametrize("pieces", [0, 1, 5])
async def test_who_leaves_pays_for_what_was_delivered(make_hub: MakeHub, pieces: int) -> None:
    async with FaultUpstream(stream(*["word "] * 50, usage=USAGE).slowly(0.03)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        call = hub.call("POST", "/v1/chat/completions", token=hub.live, body=question(stream=True))
        running = asyncio.create_task(call.run())
        await upstream.received(1)
        while len(call.pieces) < pieces:
            await asyncio.sleep(0.005)
        call.leave()
        await running
        row = await hub.row()
    assert row.status == 499
    assert (row.charge_nusd or 0) == (row.usage.input_tokens + 2 * row.usage.output_tokens) * TOKEN_NUSD
    assert balance_nusd(hub) == -(row.charge_nusd or 0)
    assert hub.home.store.journal.open_reservations() == []


@pytest.mark.parametrize(
    "usage",
    [None, {"prompt_tokens": -5, "completion_tokens": 7}, {"prompt_tokens": 2**63, "completion_tokens": 1}, "many"],
)
async def test_usage_that_cannot_be_believed_is_counted(make_hub: MakeHub, usage: Any) -> None:
    async with FaultUpstream(plain("Hello there", usage=usage)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        await hub.ask()
        row = await hub.row()
    assert row.usage.estimated
    assert row.charge_nusd is not None
    assert 0 < row.charge_nusd < 100 * TOKEN_NUSD
    assert balance_nusd(hub) == -row.charge_nusd


def usages(*given: Any) -> Reply:
    """A stream that tells usage with these chunks, after its words and before its end."""
    head, *others = chunks("Hello ", "there ", usage=None)
    told = [{**head, "choices": [], "usage": usage} for usage in given]
    return events(*map(sse, [head, *others, *told]), sse("[DONE]"))


@pytest.mark.parametrize(
    ("reply", "charged_tokens"),
    [
        (usages(), None),
        (usages({"prompt_tokens": -5, "completion_tokens": 7}), None),
        (usages({"prompt_tokens": 2**63, "completion_tokens": 7}), None),
        (usages({"prompt_tokens": 11, "completion_tokens": 7.5}), None),
        (usages(USAGE), 11 + 2 * 7),
        (usages({"prompt_tokens": 11, "completion_tokens": 3}, USAGE), 11 + 2 * 7),
        (usages(USAGE, USAGE), 11 + 2 * 7),
    ],
    ids=["missing", "negative", "huge", "fraction", "last", "growing", "repeated"],
)
async def test_a_streams_usage_is_believed_once_and_only_when_it_can_be(
    make_hub: MakeHub, reply: Reply, charged_tokens: int | None
) -> None:
    async with FaultUpstream(reply) as upstream:
        hub = make_hub(priced(upstream.base_url))
        assert (await hub.ask(stream=True)).status == 200
        row = await hub.row()
    assert row.usage.estimated == (charged_tokens is None)
    expected = charged_tokens or row.usage.input_tokens + 2 * row.usage.output_tokens
    assert 0 < expected < 100
    assert row.charge_nusd == expected * TOKEN_NUSD
    assert balance_nusd(hub) == -row.charge_nusd


async def test_usage_that_is_no_json_breaks_the_stream_and_is_not_charged_beyond_its_words(make_hub: MakeHub) -> None:
    reply = stream("Hello ", "there ", usage=USAGE)
    spoilt = events(*(piece.replace(b'"prompt_tokens":11', b'"prompt_tokens":NaN') for piece in reply.pieces))
    async with FaultUpstream(spoilt) as upstream:
        hub = make_hub(priced(upstream.base_url))
        await hub.ask(stream=True)
        row = await hub.row()
    assert row.usage.estimated
    assert 0 < (row.charge_nusd or 0) < 100 * TOKEN_NUSD
    assert balance_nusd(hub) == -(row.charge_nusd or 0)


@pytest.mark.parametrize("jump_s", [-3600, 3600, 10 * 365 * 86400])
async def test_a_clock_that_jumps_while_a_call_is_under_way_changes_no_sum(
    make_hub: MakeHub, monkeypatch: pytest.MonkeyPatch, jump_s: int
) -> None:
    async with FaultUpstream(plain(usage=USAGE).late(0.2)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        await grant(hub, 10**12)
        rule(hub, requests_per_minute=2, concurrency=1)
        running = asyncio.create_task(hub.ask())
        await upstream.received(1)
        time_ns = time.time_ns
        monkeypatch.setattr(time, "time_ns", lambda: time_ns() + jump_s * 10**9)
        assert (await running).status == 200
        assert [(await hub.ask()).status for _ in range(2)] == [200, 429]  # a minute is not over
        rows = await hub.rows(3)
    assert all(0 <= row.duration_ms < 60_000 for row in rows)
    assert balance_nusd(hub) == 10**12 - 2 * CHARGE_NUSD


async def test_test_mode_moves_no_money(make_hub: MakeHub) -> None:
    hub = make_hub(priced("http://127.0.0.1:1/v1"))
    await grant(hub, 0)
    assert (await hub.post("/v1/chat/completions", question(), token=hub.test)).status == 200
    assert kinds(entries(hub)) == ["grant"]
    assert (await hub.row()).charge_nusd == 0


async def test_a_model_without_a_price_is_free_to_call_until_money_is_bounded(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage=USAGE)) as upstream:
        hub = make_hub(tables(upstream.base_url))
        assert (await hub.ask()).status == 200
        row = await hub.row()
        assert (entries(hub), row.charge_nusd, row.debt_nusd) == ([], None, None)
        await grant(hub, 10**12)
        refused = await hub.ask()
    assert (refused.status, refused.error["code"]) == (503, "price_unknown")
    assert len(upstream.requests) == 1


# Tariff -------------------------------------------------------------------------------------------


async def test_the_plan_of_the_organisation_and_the_providers_own_price_decide(make_hub: MakeHub) -> None:
    prices = {
        "plans": {"team": {"rules": [{"percent": 100}]}},
        "prices": [{"model": MODEL, "provider": "up1", "price": SELL}],
    }
    async with FaultUpstream(plain(usage=USAGE)) as upstream:
        hub = make_hub(priced(upstream.base_url), prices=prices)
        hub.put_on_plan("team")
        await hub.ask()
    row = await hub.row()
    assert (row.charge_nusd, row.debt_nusd) == (2 * CHARGE_NUSD, CHARGE_NUSD)


async def test_a_tier_that_is_not_sold_is_refused(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage=USAGE)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        refused = await hub.ask(service_tier="priority")
        assert (refused.status, refused.json["error"]["param"]) == (400, "service_tier")
        assert upstream.requests == []
    assert entries(hub) == []


async def test_a_list_that_cannot_charge_for_every_call_is_an_unknown_price(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage=USAGE)) as upstream:
        catalogue = priced(upstream.base_url)
        catalogue["models"][0]["price"] = {"input": "1"}
        hub = make_hub(catalogue)
        assert (await hub.ask()).status == 200
        assert (await hub.row()).charge_nusd is None


# Shares -------------------------------------------------------------------------------------------


async def test_a_row_says_what_each_meter_had_its_share_in(make_hub: MakeHub) -> None:
    details = {"prompt_tokens_details": {"cached_tokens": 4}}
    async with FaultUpstream(plain(usage=USAGE | details), failure(500)) as upstream:
        catalogue = priced(upstream.base_url)
        catalogue["models"][0]["price"] = SELL | {"cached_input": "100"}
        hub = make_hub(catalogue)
        await hub.ask()
        row = await hub.row()
    assert {(line.meter, line.units, line.nusd) for line in row.lines} == {
        ("cached_input", 4, 400_000), ("input", 7, 7_000_000), ("output", 7, 14_000_000),
    }  # fmt: skip
    assert sum(line.nusd for line in row.lines) == row.charge_nusd


async def test_shares_are_cut_with_the_charge(make_hub: MakeHub) -> None:
    """An upstream that reports more than it was allowed is charged as far as the money goes."""
    async with FaultUpstream(plain(usage={"prompt_tokens": 11, "completion_tokens": 9000})) as upstream:
        hub = make_hub(priced(upstream.base_url, max_output_tokens=10_000))
        await grant(hub, 100 * TOKEN_NUSD)
        await hub.ask()
        row = await hub.row()
    assert row.charge_nusd == 100 * TOKEN_NUSD == sum(line.nusd for line in row.lines)
    assert differences(hub) == []


async def test_after_a_mix_of_endings_the_books_hold(make_hub: MakeHub) -> None:
    replies = (
        plain(usage=USAGE),
        failure(500),
        stream("Hel", "lo", usage=USAGE),
        stream("Hel", "lo").cut(60),
        plain(usage={"prompt_tokens": 1 << 40, "completion_tokens": 3}),
        plain().cut(30),
    )
    async with FaultUpstream(*replies * 3) as upstream:
        hub = make_hub(priced(upstream.base_url))
        await asyncio.gather(*(hub.ask(stream=number % 2 == 0) for number in range(12)))
        await hub.rows(12)
    assert balance_nusd(hub) == -sum(row.charge_nusd or 0 for row in hub.home.store.exchanges())
    assert differences(hub) == []


def test_the_price_used_here() -> None:
    price = money.Price(money.parse_price(SELL))
    assert money.cost(Usage(input_tokens=11, output_tokens=7), price) == CHARGE_NUSD
