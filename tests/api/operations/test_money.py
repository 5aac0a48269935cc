"""Use and money: every answer is as declared."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import msgspec
from tests.conftest import MakeHub
from tests.support.contract import contract_of, require_all
from tests.support.money import USAGE, priced, treasurer
from tests.support.people import join
from tests.support.running import RunningHub
from tests.support.upstream import FaultUpstream, plain

from entrepot.api.operations.money import USE
from entrepot.webhooks import Webhooks, sign

SECRET = b"a secret of the payment service"


async def called_once(make_hub: MakeHub) -> RunningHub:
    """A hub with one call that was charged."""
    async with FaultUpstream(plain(usage=USAGE)) as upstream:
        hub = make_hub(priced(upstream.base_url), webhooks=Webhooks(topup_secret=SECRET))
        await hub.ask()
        await hub.rows(1)
    return hub


async def test_what_was_used_is_told_as_declared(make_hub: MakeHub) -> None:
    hub = await called_once(make_hub)
    contract, token = await contract_of(hub), treasurer(hub)
    id = (await hub.row()).request_id
    for method, path in USE:
        query = f"?id={id}" if path.endswith("/generation") else ""
        contract.check(method, path, await hub.get(path.replace("{id}", id) + query, token=token))
    for query in ("group_by=day,mode", "group_by=key,member,project,hour", "start=2026-01-01&end=2026-02-01"):
        contract.check("GET", "/v1/usage", await hub.get(f"/v1/usage?{query}", token=token))
    contract.check("GET", "/v1/usage", await hub.get("/v1/usage?format=csv", token=token))
    require_all(contract, "Usage")


async def test_what_moves_money_is_told_as_declared(make_hub: MakeHub) -> None:
    hub = await called_once(make_hub)
    contract = await contract_of(hub)
    owner, month = join(hub, "admin"), f"{datetime.now(UTC):%Y-%m}"
    (call,) = (await owner("GET", "/v1/logs?mode=live")).json["data"]
    for method, path, body in (
        ("POST", "/v1/wallet/grants", {"amount_usd": "5"}),
        ("POST", "/v1/wallet/refunds", {"request_id": call["request_id"]}),
        ("POST", "/v1/wallet/corrections", {"amount_usd": "-1", "note": "counted twice"}),
        ("PATCH", "/v1/wallet", {"payment": "prepaid"}),
        ("GET", "/v1/wallet", b""),
        ("POST", "/v1/vouchers", {"amount_usd": "1", "count": 2}),
    ):
        answer = await owner(method, path, body, idempotency_key=path)
        contract.check(method, path, answer)
    first, second = answer.json["data"]
    redeemed = await owner("POST", "/v1/vouchers/redeem", {"code": first["code"]})
    contract.check("POST", "/v1/vouchers/redeem", redeemed)
    contract.check("DELETE", "/v1/vouchers/{id}", await owner("DELETE", f"/v1/vouchers/{second['id']}"))
    contract.check("GET", "/v1/vouchers", await owner("GET", "/v1/vouchers?limit=1"))
    contract.check("GET", "/v1/billing/transactions", await owner("GET", "/v1/billing/transactions"))
    for form in ("", ".csv", ".html"):
        answer = await owner("GET", f"/v1/billing/statements/{month}{form}")
        contract.check("GET", "/v1/billing/statements/{month}", answer)
    event = msgspec.json.encode(
        {
            "id": "evt_1",
            "type": "topup",
            "organisation_id": hub.home.owner.organisation_id,
            "amount_cents": 5,
            "currency": "usd",
        }
    )
    signature = sign(event, SECRET, int(time.time()))
    told = await hub.call("POST", "/v1/webhooks/topup", body=event, x_entrepot_signature=signature).run()
    contract.check("POST", "/v1/webhooks/topup", told)
    require_all(contract, "Money")
