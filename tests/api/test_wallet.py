"""Wallets over HTTP: who sees, fills and bounds them, and that money moves once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.conftest import MakeHub
from tests.support.money import CHARGE_USD, USAGE, differences, priced, treasurer
from tests.support.people import join, make_organisation
from tests.support.running import RunningHub
from tests.support.upstream import FaultUpstream, plain


async def wallet(hub: RunningHub, token: str, query: str = "") -> dict[str, Any]:
    answer = await hub.get(f"/v1/wallet{query}", token=token)
    assert answer.status == 200
    found: dict[str, Any] = answer.json
    return found


async def test_a_newcomers_wallet_has_no_bound(make_hub: MakeHub) -> None:
    hub = make_hub()
    assert await wallet(hub, treasurer(hub)) == {
        "object": "wallet",
        "organisation_id": hub.home.owner.organisation_id,
        "currency": "USD",
        "balance_usd": "0",
        "reserved_usd": "0",
        "available_usd": None,
        "terms": {"payment": "postpaid", "credit_usd": None},
    }


async def test_terms_are_in_force_when_the_answer_comes(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage=USAGE)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        token = treasurer(hub)
        changed = await hub.call("PATCH", "/v1/wallet", token=token, body={"payment": "prepaid"}).run()
        assert (changed.json["terms"], changed.json["available_usd"]) == (
            {"payment": "prepaid", "credit_usd": None}, "0",
        )  # fmt: skip
        assert (await hub.ask()).error["code"] == "insufficient_quota"
        granted = await hub.post("/v1/wallet/grants", {"amount_usd": "10.000000001", "note": "a start"}, token=token)
        assert granted.status == 201
        assert (await hub.ask()).status == 200
        assert (await wallet(hub, token))["balance_usd"] == "9.975000001"
    assert differences(hub) == []


async def test_a_credit_bounds_a_postpaid_wallet(make_hub: MakeHub) -> None:
    hub = make_hub()
    token = treasurer(hub)
    await hub.call("PATCH", "/v1/wallet", token=token, body={"credit_usd": "2.5"}).run()
    assert (await wallet(hub, token))["available_usd"] == "2.5"
    await hub.call("PATCH", "/v1/wallet", token=token, body={"credit_usd": None}).run()
    assert (await wallet(hub, token))["available_usd"] is None
    refused = await hub.call("PATCH", "/v1/wallet", token=token, body={"payment": "prepaid", "credit_usd": "1"}).run()
    assert (refused.status, refused.error["param"]) == (400, "credit_usd")


async def test_an_entry_says_what_moved_and_who_moved_it(make_hub: MakeHub) -> None:
    hub = make_hub()
    owner = join(hub, "owner")
    made = await owner("POST", "/v1/wallet/corrections", {"amount_usd": "-1.5", "note": "booked twice"})
    assert made.json | {"id": "", "created_at": ""} == {
        "id": "",
        "object": "wallet_entry",
        "type": "correction",
        "organisation_id": hub.home.owner.organisation_id,
        "amount_usd": "-1.5",
        "actor": f"member:{owner.member.id}",
        "note": "booked twice",
        "created_at": "",
    }
    (entry,) = hub.home.store.journal.entries()
    assert (entry.reference, entry.wallet_nusd, entry.actor) == (made.json["id"], -1_500_000_000, made.json["actor"])
    (logged,) = (await owner("GET", "/v1/audit?action=wallet.correction")).json["data"]
    assert logged["after"] == made.json


async def test_a_charge_is_given_back_once_and_no_more_than_it_was(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage=USAGE)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        token = treasurer(hub)
        await hub.ask()
        request_id = (await hub.row()).request_id
    more = await hub.post("/v1/wallet/refunds", {"request_id": request_id, "amount_usd": "0.026"}, token=token)
    assert (more.status, more.error["param"]) == (400, "amount_usd")
    unknown = await hub.post("/v1/wallet/refunds", {"request_id": "req_0"}, token=token)
    assert (unknown.status, unknown.error["param"]) == (404, "request_id")
    made = await hub.post("/v1/wallet/refunds", {"request_id": request_id}, token=token)
    assert (made.status, made.json["amount_usd"]) == (201, CHARGE_USD)
    again = await hub.post("/v1/wallet/refunds", {"request_id": request_id, "amount_usd": "0.001"}, token=token)
    assert (again.status, again.error["code"]) == (409, "already_refunded")
    assert (await wallet(hub, token))["balance_usd"] == "0"
    assert differences(hub) == []


@pytest.mark.parametrize(
    "amount", ["0", "-1", "0.0", "1e3", "NaN", "Infinity", "0.0000000001", "10000000", "1_0", "١", " 1", "1\n", 1, None]
)
async def test_an_amount_is_a_positive_decimal_text(make_hub: MakeHub, amount: Any) -> None:
    hub = make_hub()
    answer = await hub.post("/v1/wallet/grants", {"amount_usd": amount}, token=treasurer(hub))
    assert (answer.status, answer.error["param"]) == (400, "amount_usd")
    assert hub.home.store.journal.entries() == []


@pytest.mark.parametrize("path", ["grants", "refunds", "corrections"])
async def test_only_who_runs_the_hub_makes_money(make_hub: MakeHub, path: str) -> None:
    hub = make_hub()
    other = make_organisation(hub)
    people = [join(hub, "owner", organisation_id=other), join(hub, "billing"), join(hub, "developer")]
    for person in people:
        answer = await person("POST", f"/v1/wallet/{path}", {"amount_usd": "1", "note": "for me"})
        assert (answer.status, answer.error["code"]) == (403, "role_missing")
        assert (await person("PATCH", "/v1/wallet", {"payment": "postpaid"})).status == 403
    test_key = hub.key(mode="test", scopes=("management",))
    answer = await hub.post(f"/v1/wallet/{path}", {"amount_usd": "1", "note": "for me"}, token=test_key)
    assert (answer.status, answer.error["code"]) == (403, "live_key_required")
    assert hub.home.store.journal.entries() == []


async def test_the_house_fills_the_wallets_of_others(make_hub: MakeHub) -> None:
    hub = make_hub()
    other, token = make_organisation(hub), treasurer(hub)
    owner = join(hub, "owner", organisation_id=other)
    await hub.post("/v1/wallet/grants", {"amount_usd": "3", "organisation_id": other}, token=token)
    assert (await owner("GET", "/v1/wallet")).json["balance_usd"] == "3"
    assert (await wallet(hub, token, f"?organisation_id={other}"))["balance_usd"] == "3"
    assert (await wallet(hub, token))["balance_usd"] == "0"
    missing = await hub.post("/v1/wallet/grants", {"amount_usd": "3", "organisation_id": "org_0"}, token=token)
    assert (missing.status, missing.error["code"]) == (404, "organisation_not_found")


# Idempotency --------------------------------------------------------------------------------------


async def test_the_same_request_under_one_key_is_done_once(make_hub: MakeHub) -> None:
    hub = make_hub()
    token, body = treasurer(hub), {"amount_usd": "2"}
    first = await hub.post("/v1/wallet/grants", body, token=token, idempotency_key="one")
    again = await hub.post("/v1/wallet/grants", body, token=token, idempotency_key="one")
    other = await hub.post("/v1/wallet/grants", body, token=token, idempotency_key="two")
    assert (first.status, first.body) == (again.status, again.body) == (201, first.body)
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert other.json["id"] != first.json["id"]
    assert (await wallet(hub, token))["balance_usd"] == "4"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/wallet/grants", {"amount_usd": "3"}),
        ("/v1/wallet/corrections", {"amount_usd": "2", "note": "x"}),
        ("/v1/wallet/refunds", {"amount_usd": "2"}),
        ("/v1/vouchers", {"amount_usd": "2"}),
        ("/v1/vouchers/redeem", {"code": "EP-0"}),
    ],
)
async def test_another_request_under_the_key_is_refused(make_hub: MakeHub, path: str, body: Any) -> None:
    hub = make_hub()
    token = treasurer(hub)
    await hub.post("/v1/wallet/grants", {"amount_usd": "2"}, token=token, idempotency_key="one")
    answer = await hub.post(path, body, token=token, idempotency_key="one")
    assert (answer.status, answer.error["code"]) == (422, "idempotency_key_reused")
    assert len(hub.home.store.journal.entries()) == 1


async def test_at_the_same_time_it_is_done_once_too(make_hub: MakeHub) -> None:
    hub = make_hub()
    token, body = treasurer(hub), {"amount_usd": "2"}
    calls = [hub.post("/v1/wallet/grants", body, token=token, idempotency_key="one") for _ in range(20)]
    found = await asyncio.gather(*calls)
    assert {answer.status for answer in found} == {201}
    assert len({answer.body for answer in found}) == 1
    assert len(hub.home.store.journal.entries()) == 1


async def test_what_was_refused_is_not_kept(make_hub: MakeHub) -> None:
    hub = make_hub()
    token = treasurer(hub)
    body = {"amount_usd": "2", "organisation_id": "org_0"}
    assert (await hub.post("/v1/wallet/grants", body, token=token, idempotency_key="one")).status == 404
    answer = await hub.post("/v1/wallet/grants", {"amount_usd": "2"}, token=token, idempotency_key="one")
    assert answer.status == 201


async def test_keys_of_one_organisation_are_nothing_to_another(make_hub: MakeHub) -> None:
    hub = make_hub()
    token = treasurer(hub)
    owner = join(hub, "owner", organisation_id=make_organisation(hub))
    codes = (await hub.post("/v1/vouchers", {"amount_usd": "1", "count": 2}, token=token)).json["data"]
    body = {"code": codes[0]["code"]}
    assert (await hub.post("/v1/vouchers/redeem", body, token=token, idempotency_key="one")).status == 201
    answer = await owner("POST", "/v1/vouchers/redeem", body, idempotency_key="one")
    assert (answer.status, answer.error["code"]) == (409, "voucher_redeemed")


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "é"])
async def test_a_key_is_visible_and_not_too_long(make_hub: MakeHub, key: str) -> None:
    hub = make_hub()
    answer = await hub.post("/v1/wallet/grants", {"amount_usd": "2"}, token=treasurer(hub), idempotency_key=key)
    assert (answer.status, answer.error["code"]) == (400, "invalid_idempotency_key")
