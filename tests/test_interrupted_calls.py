"""Calls that a disk does not take or the end of a hub cuts off, and what its next start makes of them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

import apsw
import msgspec
import pytest
from tests.conftest import MakeHub
from tests.support.money import (
    CHARGE_NUSD,
    DEBT_NUSD,
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
from tests.support.running import MODEL, question
from tests.support.upstream import FaultUpstream, Reply, plain, silence, stream

from entrepot import books
from entrepot.books import Books, now
from entrepot.conversation import Usage
from entrepot.store import Post, posts


@pytest.mark.parametrize("late_s", [0.0, 0.05], ids=["whole", "begun before"])
async def test_a_call_that_the_disk_does_not_take_is_refused_and_given_back(
    make_hub: MakeHub, monkeypatch: pytest.MonkeyPatch, late_s: float
) -> None:
    def refuse(*_: object) -> None:
        raise apsw.FullError("disk full")

    async with FaultUpstream(plain(usage=USAGE).late(late_s)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        await grant(hub, 10_000 * TOKEN_NUSD)
        rule(hub, day_nusd=10_000 * TOKEN_NUSD)
        with monkeypatch.context() as patch:
            patch.setattr(posts, "insert", refuse)
            answer = await hub.ask()
            await asyncio.sleep(0.05)
        assert (answer.status, answer.error["code"]) == (503, "store_unavailable")
        assert "x-entrepot-cost-usd" not in answer.headers
        row = await hub.row()
    assert (row.status, row.charge_nusd, row.debt_nusd) == (503, None, DEBT_NUSD)
    assert kinds(entries(hub)) == ["grant", "attempt"]
    assert balance_nusd(hub) == 10_000 * TOKEN_NUSD
    assert [bound.left(now()).used for gate in hub.hub.books.limiter for bound in gate.bounds] == [0]
    assert hub.home.store.journal.open_reservations() == []


@pytest.mark.parametrize("late_s", [0.0, 0.05], ids=["whole", "begun before"])
async def test_who_leaves_while_the_end_is_written_is_charged_once(
    make_hub: MakeHub, monkeypatch: pytest.MonkeyPatch, late_s: float
) -> None:
    ends, go_on = threading.Event(), threading.Event()
    write = posts._write

    def held_up(connection: Any, group: Sequence[Post]) -> None:
        if any(post.reservation is None for post in group):
            ends.set()
            go_on.wait(5)
        write(connection, group)

    monkeypatch.setattr(posts, "_write", held_up)
    async with FaultUpstream(plain(usage=USAGE).late(late_s)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        call = hub.call("POST", "/v1/chat/completions", token=hub.live, body=question())
        running = asyncio.create_task(call.run())
        await asyncio.to_thread(ends.wait, 5)
        await asyncio.sleep(0.1)  # by then the hub watches for the client's leaving
        call.leave()
        await running
        assert hub.hub.books.wallets.balance(hub.home.owner.organisation_id).reserved_nusd > 0
        go_on.set()
        row = await hub.row()
    assert kinds(entries(hub)) == ["reserve", "settle"]
    assert row.charge_nusd == CHARGE_NUSD
    assert balance_nusd(hub) == -CHARGE_NUSD
    assert hub.home.store.journal.open_reservations() == []


async def test_what_a_crash_cut_off_is_closed_once(make_hub: MakeHub) -> None:
    async with FaultUpstream(silence()) as upstream:
        hub = make_hub(priced(upstream.base_url))
        call = hub.call("POST", "/v1/chat/completions", token=hub.live, body=question(stream=True))
        running = asyncio.create_task(call.run())
        await upstream.received(1)
        while not entries(hub):
            await asyncio.sleep(0.005)
        store, (left,) = hub.home.store, hub.home.store.journal.open_reservations()
        usage = Usage(input_tokens=2, output_tokens=3, estimated=True)
        so_far = msgspec.structs.replace(left.row, usage=usage, ttft_ms=1, charge_nusd=5, debt_nusd=9)
        store.journal.progress([so_far]).result()
        again = Books(store)  # as a start does, with the exchange as the crash left it
        (closed,) = again.recovered
        assert (closed.kind, closed.revenue_nusd, closed.losses_nusd, closed.payable_nusd) == ("recover", 5, -4, 9)
        assert Books(store).recovered == []
        row = await hub.row()
        assert (row.error_code, row.charge_nusd, row.usage.output_tokens) == ("hub_stopped", 5, 3)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert sum(entry.reserved_nusd for entry in entries(hub)) == 0


async def test_what_was_delivered_is_journalled_while_it_goes_on(make_hub: MakeHub, monkeypatch: Any) -> None:
    monkeypatch.setattr(books, "PROGRESS_S", 0.02)
    words = ["Once ", "upon ", "a ", "time "]
    async with FaultUpstream(stream(*words, usage=USAGE).cut(700, "stall")) as upstream:
        hub = make_hub(priced(upstream.base_url))
        following = asyncio.create_task(hub.hub.books.follow_progress())
        call = hub.call("POST", "/v1/chat/completions", token=hub.live, body=question(stream=True))
        running = asyncio.create_task(call.run())
        journal = hub.home.store.journal
        async with asyncio.timeout(5):
            while not any(left.row.usage.output_tokens for left in journal.open_reservations()):
                await asyncio.sleep(0.01)
        (left,) = journal.open_reservations()
        following.cancel()
        (closed,) = Books(hub.home.store).recovered
        running.cancel()
        await asyncio.gather(running, following, return_exceptions=True)
    row = await hub.row()
    assert (row.usage.input_tokens, row.provider, row.error_code) == (9, "up1", "hub_stopped")
    assert closed.revenue_nusd == row.charge_nusd == (9 + 2 * row.usage.output_tokens) * TOKEN_NUSD
    assert (closed.payable_nusd, closed.provider) == (row.debt_nusd, "up1")
    assert left.row.usage == row.usage


@pytest.mark.parametrize(
    ("streamed", "reply", "status"),
    [
        (True, stream("Once", " upon").cut(600), 502),
        (True, stream("Once", " upon", usage=None), 200),
        (False, plain(usage=None), 200),
        (False, plain().cut(40), 502),
    ],
    ids=["broken", "stream", "plain", "failed"],
)
async def test_a_request_that_only_its_upstream_can_read_is_written_down_too(
    make_hub: MakeHub, streamed: bool, reply: Reply, status: int
) -> None:
    async with FaultUpstream(reply) as upstream:
        hub = make_hub(priced(upstream.base_url))
        await hub.ask(stream=streamed, top_logprobs=2)  # which is nothing without `logprobs`
        row = await hub.row()
    assert row.status == status
    assert row.debt_nusd
    assert hub.home.store.journal.open_reservations() == []
    assert differences(hub) == []


async def test_a_stream_that_breaks_after_its_usage_is_owed_though_it_is_free(make_hub: MakeHub) -> None:
    reply = stream("Once", " upon", usage=USAGE)
    async with FaultUpstream(reply.cut(len(reply.body) - 4)) as upstream:
        free = {"plans": {"default": {"free": [MODEL]}}}
        hub = make_hub(priced(upstream.base_url), prices=free)
        await hub.ask(stream=True)
        row = await hub.row()
    assert (row.status, row.charge_nusd, row.debt_nusd) == (502, 0, DEBT_NUSD)
    assert [entry.payable_nusd for entry in entries(hub)] == [DEBT_NUSD]


@pytest.mark.parametrize("streamed", [False, True])
async def test_wherever_a_call_is_cut_off_nothing_stays_held(make_hub: MakeHub, streamed: bool) -> None:
    reply = stream("Once", " upon", " a", " time", usage=USAGE).slowly(0.002) if streamed else plain(usage=USAGE)
    async with FaultUpstream(reply) as upstream:
        hub = make_hub(priced(upstream.base_url))
        await grant(hub, 10**12)
        rule(hub, day_nusd=10**12, concurrency=1)
        for turns in range(60):
            running = asyncio.create_task(hub.ask(stream=streamed))
            for turn in range(turns):
                await asyncio.sleep(0.001 * (turn % 2))
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            while hub.hub.books._writing:
                await asyncio.sleep(0.001)
    rows = hub.home.store.exchanges()
    assert 503 in {row.status for row in rows}
    assert balance_nusd(hub) == 10**12 - sum(row.charge_nusd or 0 for row in rows)
    assert [(gate.running, gate.bounds[0].left(now()).held) for gate in hub.hub.books.limiter] == [(0, 0)]
    assert differences(hub) == []


async def test_balances_are_those_of_the_ledger_after_every_start(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage=USAGE)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        for number in range(3):
            await hub.ask()
            await Books(hub.home.store).finish(1)
            books = Books(hub.home.store)
            assert books.wallets.balance(hub.home.owner.organisation_id).wallet_nusd == -(number + 1) * CHARGE_NUSD
