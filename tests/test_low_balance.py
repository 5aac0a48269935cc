"""Notices of a low balance: once for each time, signed, and repeated until they are taken."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from tests.conftest import MakeHub
from tests.support.money import treasurer
from tests.support.running import RunningHub
from tests.support.upstream import FaultUpstream, Reply, failure, plain, silence

from entrepot import low_balance
from entrepot.books import now_ms
from entrepot.low_balance import Notifier
from entrepot.webhooks import Notices, Webhooks, verify

SECRET = b"notice-canary"


def receiver(upstream: FaultUpstream) -> Webhooks:
    url = f"http://127.0.0.1:{upstream.port}/hook?a=b"
    return Webhooks(notices=Notices(url=url, secret=SECRET, threshold_nusd=5_000_000_000))


async def correct(hub: RunningHub, amount_usd: str) -> None:
    body = {"amount_usd": amount_usd, "note": "test"}
    assert (await hub.post("/v1/wallet/corrections", body, token=treasurer(hub))).status == 201


async def prepaid(hub: RunningHub, amount_usd: str) -> None:
    await hub.call("PATCH", "/v1/wallet", token=treasurer(hub), body={"payment": "prepaid"}).run()
    await correct(hub, amount_usd)


def outbox(hub: RunningHub) -> list[dict[str, Any]]:
    return hub.home.store.read("notices_due", {"now_ms": 1 << 61})


async def test_one_notice_for_each_time_it_gets_low(make_hub: MakeHub) -> None:
    async with FaultUpstream(*[plain()] * 5) as upstream:
        hub = make_hub(webhooks=receiver(upstream))
        notifier = Notifier(hub.hub)
        await prepaid(hub, "5")
        await notifier.turn()
        assert upstream.requests == []
        await correct(hub, "-0.000000001")
        for _ in range(3):
            await notifier.turn()
        await Notifier(hub.hub).turn()  # after a restart
        assert len(upstream.requests) == 1
        await correct(hub, "1")
        await notifier.turn()
        await correct(hub, "-2")
        await notifier.turn()
        assert len(upstream.requests) == 2
        first, second = upstream.requests
        assert first.path == "/hook?a=b"
        told = json.loads(first.body)
        assert told["type"] == "wallet.low_balance"
        assert told["data"] == {
            "organisation_id": hub.home.owner.organisation_id,
            "available_usd": "4.999999999",
            "threshold_usd": "5",
            "currency": "USD",
        }
        assert told["id"] != json.loads(second.body)["id"]
        verify(first.body, first.headers["x-entrepot-signature"], SECRET, time.time())
    assert outbox(hub) == []


async def test_a_wallet_without_bound_is_never_low(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain()) as upstream:
        hub = make_hub(webhooks=receiver(upstream))
        await correct(hub, "-100")
        await Notifier(hub.hub).turn()
        assert upstream.requests == []


@pytest.mark.parametrize("refusal", [failure(500), failure(404), silence(end="close")])
async def test_a_notice_that_is_not_taken_is_sent_again_later(
    make_hub: MakeHub, monkeypatch: pytest.MonkeyPatch, refusal: Reply
) -> None:
    async with FaultUpstream(refusal, refusal, plain()) as upstream:
        hub = make_hub(webhooks=receiver(upstream))
        await prepaid(hub, "1")
        clock = [now_ms()]
        monkeypatch.setattr(low_balance, "now_ms", lambda: clock[0])
        waits = []
        while True:
            await Notifier(hub.hub).turn()
            due = outbox(hub)
            if not due:
                break
            await Notifier(hub.hub).turn()  # nothing is due yet
            (waiting,) = hub.home.store.report(lambda run: run("notices_due", {"now_ms": clock[0] + 3_600_000}))
            waits.append(waiting["attempts"])
            clock[0] += 2000 * waiting["attempts"]
        assert (waits, len(upstream.requests)) == ([1, 2], 3)
        assert len({request.body for request in upstream.requests}) == 1


async def test_after_three_days_it_is_given_up(make_hub: MakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    async with FaultUpstream(*[failure(500)] * 3) as upstream:
        hub = make_hub(webhooks=receiver(upstream))
        await prepaid(hub, "1")
        await Notifier(hub.hub).turn()
        later_ms = now_ms() + low_balance.GIVEN_UP_AFTER_MS + 1
        monkeypatch.setattr(low_balance, "now_ms", lambda: later_ms)
        await Notifier(hub.hub).turn()
        assert outbox(hub) == []
        await Notifier(hub.hub).turn()
        assert len(upstream.requests) == 2


async def test_nobody_is_told_where_nobody_wants_to_know(make_hub: MakeHub) -> None:
    hub = make_hub()
    await prepaid(hub, "1")
    await Notifier(hub.hub).turn()
    assert outbox(hub) == []
