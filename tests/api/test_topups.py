"""Top-ups over HTTP: only with a signature, once, and in whole cents."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest
from tests.conftest import MakeHub
from tests.support.asgi import Call
from tests.support.money import differences, treasurer
from tests.support.people import make_organisation
from tests.support.running import RunningHub

from entrepot.webhooks import Webhooks, sign

SECRET = b"whsec_canary"


def topup(hub: RunningHub, **fields: Any) -> dict[str, Any]:
    event = {
        "id": "evt_1",
        "type": "topup",
        "organisation_id": hub.home.owner.organisation_id,
        "amount_cents": 2500,
        "currency": "usd",
    }
    return event | fields


def session(hub: RunningHub, event_id: str = "evt_1", type_: str = "checkout.session.completed", **fields: Any) -> Any:
    object_ = {
        "id": "cs_1",
        "object": "checkout.session",
        "payment_status": "paid",
        "amount_total": 1099,
        "currency": "usd",
        "client_reference_id": hub.home.owner.organisation_id,
        "metadata": {},
    }
    return {"id": event_id, "object": "event", "type": type_, "data": {"object": object_ | fields}}


async def tell(hub: RunningHub, event: Any, header: str = "x_entrepot_signature", secret: bytes = SECRET) -> Call:
    body = json.dumps(event).encode()
    signature = sign(body, secret, int(time.time()))
    return await hub.call("POST", "/v1/webhooks/topup", body=body, **{header: signature}).run()


def balance_usd(hub: RunningHub) -> float:
    return hub.hub.books.wallets.balance(hub.home.owner.organisation_id).wallet_nusd / 1e9


@pytest.fixture
async def hub(make_hub: MakeHub) -> RunningHub:
    return make_hub(webhooks=Webhooks(topup_secret=SECRET))


async def test_an_event_is_booked_once(hub: RunningHub) -> None:
    answers = [(await tell(hub, topup(hub))).json for _ in range(3)]
    assert answers == [{"received": True, "booked": True}, *[{"received": True, "booked": False}] * 2]
    assert balance_usd(hub) == 25
    await tell(hub, topup(hub, id="evt_2"))
    assert balance_usd(hub) == 50
    found = (await hub.get("/v1/billing/transactions", token=treasurer(hub))).json["data"]
    assert [(each["type"], each["direction"], each["amount_usd"], each["reference"]) for each in found] == [
        ("topup", "topup", "25", "topup_evt_2"),
        ("topup", "topup", "25", "topup_evt_1"),
    ]
    assert differences(hub) == []


async def test_at_the_same_time_it_is_booked_once_too(hub: RunningHub) -> None:
    answers = await asyncio.gather(*(tell(hub, topup(hub)) for _ in range(20)))
    assert sum(answer.json["booked"] for answer in answers) == 1
    assert balance_usd(hub) == 25


async def test_a_checkout_session_is_booked_once_whatever_tells_of_it(hub: RunningHub) -> None:
    unpaid = await tell(hub, session(hub, payment_status="unpaid"), "stripe_signature")
    assert unpaid.json == {"received": True, "booked": False}
    later = "checkout.session.async_payment_succeeded"
    assert (await tell(hub, session(hub, "evt_2", later), "stripe_signature")).json["booked"]
    assert not (await tell(hub, session(hub, "evt_3"), "stripe_signature")).json["booked"]
    assert balance_usd(hub) == 10.99


async def test_the_metadata_may_name_the_organisation(hub: RunningHub) -> None:
    other = make_organisation(hub)
    event = session(hub, client_reference_id=None, metadata={"organisation_id": other})
    assert (await tell(hub, event)).json["booked"]
    await hub.hub.refresh_books()
    assert hub.hub.books.wallets.balance(other).wallet_nusd == 10_990_000_000


async def test_other_events_are_passed_over(hub: RunningHub) -> None:
    assert (await tell(hub, {"id": "evt_1", "type": "invoice.paid"})).json == {"received": True, "booked": False}
    assert balance_usd(hub) == 0


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"amount_cents": 0}, 400),
        ({"amount_cents": -5}, 400),
        ({"amount_cents": 10.5}, 400),
        ({"amount_cents": "2500"}, 400),
        ({"amount_cents": 10**18}, 400),
        ({"currency": "eur"}, 400),
        ({"id": ""}, 400),
        ({"id": 5}, 400),
        ({"organisation_id": "org_0"}, 404),
        ({"organisation_id": None}, 400),
    ],
)
async def test_what_cannot_be_booked_is_refused(hub: RunningHub, fields: dict[str, Any], status: int) -> None:
    assert (await tell(hub, topup(hub, **fields))).status == status
    assert hub.home.store.journal.entries() == []


async def test_without_its_signature_nothing_is_read(hub: RunningHub) -> None:
    wrong = await tell(hub, topup(hub), secret=b"another")
    assert (wrong.status, wrong.error["code"]) == (400, "invalid_signature")
    bare = await hub.post("/v1/webhooks/topup", topup(hub), token=treasurer(hub))
    assert (bare.status, bare.error["code"]) == (400, "invalid_signature")
    nonsense = await hub.call("POST", "/v1/webhooks/topup", body=b"[[[", x_entrepot_signature="t=1,v1=0").run()
    assert nonsense.error["code"] == "invalid_signature"
    assert hub.home.store.journal.entries() == []


async def test_a_hub_that_has_not_switched_it_on_takes_none(make_hub: MakeHub) -> None:
    hub = make_hub()
    answer = await tell(hub, topup(hub), secret=b"")
    assert (answer.status, answer.error["code"]) == (404, "topups_off")
