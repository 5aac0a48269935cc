"""Vouchers over HTTP, from making to redeeming."""

from __future__ import annotations

from typing import Any

import pytest
from tests.conftest import MakeHub
from tests.support.money import differences, treasurer
from tests.support.people import join, make_organisation


async def test_one_organisation_makes_them_and_another_redeems_them(make_hub: MakeHub) -> None:
    hub = make_hub()
    token, other = treasurer(hub), make_organisation(hub)
    billing = join(hub, "billing", organisation_id=other)
    body = {"amount_usd": "20", "count": 3, "note": "fair", "expires_at": "2999-01-01T00:00:00Z"}
    made = await hub.post("/v1/vouchers", body, token=token)
    assert made.status == 201
    first, second, third = made.json["data"]
    assert (first["amount_usd"], first["note"], first["expires_at"]) == ("20", "fair", "2999-01-01T00:00:00Z")
    redeemed = await billing("POST", "/v1/vouchers/redeem", {"code": first["code"]})
    assert (redeemed.status, redeemed.json["organisation_id"]) == (201, other)
    assert (await billing("GET", "/v1/wallet")).json["balance_usd"] == "20"
    gone = await hub.call("DELETE", f"/v1/vouchers/{second['id']}", token=token).run()
    assert gone.json == {"id": second["id"], "object": "voucher", "deleted": True}
    listed = (await hub.get("/v1/vouchers", token=token)).json
    assert [(each["id"], each["redeemed_by"]) for each in listed["data"]] == [(third["id"], None), (first["id"], other)]
    assert "code" not in listed["data"][0]
    assert differences(hub) == []


async def test_pages_follow_each_other(make_hub: MakeHub) -> None:
    hub = make_hub()
    token = treasurer(hub)
    made = (await hub.post("/v1/vouchers", {"amount_usd": "1", "count": 5}, token=token)).json["data"]
    found, cursor = [], ""
    while True:
        page = (await hub.get(f"/v1/vouchers?limit=2{cursor}", token=token)).json
        found += [each["id"] for each in page["data"]]
        if not page["has_more"]:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert found == [each["id"] for each in made[::-1]]


async def test_a_repeated_request_gets_its_codes_again(make_hub: MakeHub) -> None:
    hub = make_hub()
    token, body = treasurer(hub), {"amount_usd": "1", "count": 2}
    answers = [await hub.post("/v1/vouchers", body, token=token, idempotency_key="order") for _ in range(2)]
    assert answers[0].json == answers[1].json
    assert len((await hub.get("/v1/vouchers", token=token)).json["data"]) == 2
    code = answers[1].json["data"][1]["code"]
    for _ in range(2):
        redeemed = await hub.post("/v1/vouchers/redeem", {"code": code}, token=token, idempotency_key="redeem")
        assert redeemed.status == 201
    assert len(hub.home.store.journal.entries()) == 1


async def test_outsiders_cannot_tell_whether_there_is_a_voucher(make_hub: MakeHub) -> None:
    hub = make_hub()
    owner = join(hub, "owner", organisation_id=make_organisation(hub))
    (made,) = (await hub.post("/v1/vouchers", {"amount_usd": "1"}, token=treasurer(hub))).json["data"]
    for id in (made["id"], "voucher_0"):
        answer = await owner("DELETE", f"/v1/vouchers/{id}")
        assert (answer.status, answer.error["code"]) == (403, "role_missing")
    assert (await owner("GET", "/v1/vouchers")).status == 403
    missing = await owner("POST", "/v1/vouchers/redeem", {"code": "EP-00000-00000-00000-00000"})
    assert (missing.status, missing.error["code"]) == (404, "voucher_not_found")


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"amount_usd": "0"}, "amount_usd"),
        ({"count": 0}, "count"),
        ({"count": 1001}, "count"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2999-01-01T00:00:00"}, "expires_at"),
        ({"note": ""}, "note"),
    ],
)
async def test_a_bad_voucher_is_refused(make_hub: MakeHub, fields: dict[str, Any], param: str) -> None:
    hub = make_hub()
    answer = await hub.post("/v1/vouchers", {"amount_usd": "1"} | fields, token=treasurer(hub))
    assert (answer.status, answer.error["param"]) == (400, param)
