"""Every route that changes something against the audit log: a declared table, and a walk over all of it."""

from __future__ import annotations

import json
import time
from typing import Any

from tests.conftest import MakeHub
from tests.support.asgi import Call
from tests.support.money import CHARGE_NUSD, USAGE, priced
from tests.support.people import PASSWORD, Person, desk_of, join, operator_of
from tests.support.running import MODEL, RunningHub
from tests.support.upstream import FaultUpstream, plain

from entrepot.administration import members
from entrepot.api import inference
from entrepot.api.permissions import Route
from entrepot.api.routes import FRAMED, HOT
from entrepot.money import usd
from entrepot.store import audit
from entrepot.webhooks import Webhooks, sign

SECRET = b"whsec_canary"
ACTIONS: dict[Route, str] = {
    ("POST", "/v1/keys"): "key.create",
    ("PATCH", "/v1/keys/{id}"): "key.change",
    ("POST", "/v1/keys/{id}/rotate"): "key.rotate",
    ("DELETE", "/v1/keys/{id}"): "key.delete",
    ("PUT", "/v1/rules"): "rule.put",
    ("DELETE", "/v1/rules/{id}"): "rule.delete",
    ("POST", "/v1/organisations"): "organisation.create",
    ("PATCH", "/v1/organisations/{id}"): "organisation.change",
    ("POST", "/v1/invitations"): "invitation.create",
    ("DELETE", "/v1/invitations/{id}"): "invitation.delete",
    ("POST", "/v1/invitations/accept"): "invitation.accept",
    ("PATCH", "/v1/members/{id}"): "member.change",
    ("POST", "/v1/members/{id}/reset"): "member.reset",
    ("DELETE", "/v1/members/{id}"): "member.remove",
    ("POST", "/v1/session"): "session.create",
    ("DELETE", "/v1/session"): "session.delete",
    ("POST", "/v1/session/welcome"): "member.password",
    ("POST", "/v1/session/reset"): "member.password",
    ("POST", "/v1/session/password"): "member.password",
    ("PATCH", "/v1/wallet"): "wallet.terms",
    ("POST", "/v1/wallet/grants"): "wallet.grant",
    ("POST", "/v1/wallet/refunds"): "wallet.refund",
    ("POST", "/v1/wallet/corrections"): "wallet.correction",
    ("POST", "/v1/vouchers"): "voucher.create",
    ("POST", "/v1/vouchers/redeem"): "voucher.redeem",
    ("DELETE", "/v1/vouchers/{id}"): "voucher.withdraw",
    ("POST", "/v1/webhooks/topup"): "wallet.topup",
}
USES: set[Route] = {
    ("POST", "/v1/estimate"),
    ("POST", "/v1/snippets"),
    ("POST", "/v1/providers/{id}/test"),
    *(("POST", path) for path in inference.ROUTES),
    *((method, path) for method, path in FRAMED if method != "GET" and "/responses/{id}" in path),
}
"""What changes nothing of the hub's, and what clients do with it and their own data: the log of calls tells of that."""


def test_every_route_that_is_not_read_or_used_is_in_the_table() -> None:
    assert {route for route in {**HOT, **FRAMED} if route[0] != "GET"} == set(ACTIONS) | USES
    assert not set(ACTIONS) & USES


class Walk:
    """Calls routes as an owner, and keeps which actions each has left in the log."""

    def __init__(self, hub: RunningHub) -> None:
        self.hub = hub
        self.owner = join(hub, "owner")
        self.found: dict[Route, list[str]] = {}

    async def __call__(
        self, method: str, path: str, body: Any = b"", *, by: Person | None = None, **values: str
    ) -> dict[str, Any]:
        seen = len(self.entries())
        target = path.replace("{id}", values.pop("id", ""))
        answer: Call = await (by or self.owner)(method, target, body, **values)
        assert answer.status < 300, answer.body
        self.found[method, path] = [entry.action for entry in self.entries()[seen:]]
        return dict(answer.json) if answer.body else {}

    def entries(self) -> list[Any]:
        wanted = audit.Filter(limit=1000)
        return audit.entries(self.hub.home.store.read, self.hub.home.owner.organisation_id, wanted)[::-1]

    async def keys_and_rules(self) -> None:
        key = await self("POST", "/v1/keys", {"name": "k", "mode": "live"})
        await self("PATCH", "/v1/keys/{id}", {"name": "other"}, id=key["id"])
        await self("POST", "/v1/keys/{id}/rotate", {}, id=key["id"])
        bounds = {"subject": "key", "subject_id": key["id"], "model": MODEL, "limits": {"concurrency": 1}}
        rule = await self("PUT", "/v1/rules", bounds)
        await self("DELETE", "/v1/rules/{id}", id=rule["id"])
        await self("DELETE", "/v1/keys/{id}", id=key["id"])

    async def people(self) -> None:
        made = await self("POST", "/v1/organisations", {"name": "Quay", "owner_email": "o@quay.test"})
        await self("PATCH", "/v1/organisations/{id}", {"name": "Pier"}, id=made["id"])
        invited = await self("POST", "/v1/invitations", {"email": "d@house.test", "role": "developer"})
        acceptance = {"token": invited["token"], "name": "D", "password": PASSWORD}
        member = await self("POST", "/v1/invitations/accept", acceptance)
        other = await self("POST", "/v1/invitations", {"email": "e@house.test", "role": "viewer"})
        await self("DELETE", "/v1/invitations/{id}", id=other["id"])
        id = member.get("member", member)["id"]
        await self("PATCH", "/v1/members/{id}", {"role": "viewer"}, id=id)
        reset = await self("POST", "/v1/members/{id}/reset", id=id)
        await self("POST", "/v1/session/reset", {"token": reset["token"], "password": PASSWORD})
        await self("DELETE", "/v1/members/{id}", id=id)

    async def sessions(self) -> None:
        home = self.hub.home
        token = members.link(desk_of(self.hub), operator_of(self.hub), home.owner.id, "welcome")
        introduced = {"token": token, "name": "W", "email": "w@house.test", "password": PASSWORD}
        await self("POST", "/v1/session/welcome", introduced)
        someone = join(self.hub, "viewer")
        await self("POST", "/v1/session", {"email": "viewer@house.test", "password": PASSWORD})
        changed = {"password": PASSWORD, "new_password": f"{PASSWORD}!"}
        await self("POST", "/v1/session/password", changed, by=someone)
        someone.sign_in()
        await self("DELETE", "/v1/session", by=someone)

    async def money(self) -> None:
        request_id = (await self.hub.ask()).headers["x-request-id"]
        await self.hub.rows(1)
        await self("PATCH", "/v1/wallet", {"payment": "prepaid"})
        await self("POST", "/v1/wallet/grants", {"amount_usd": "5"})
        await self("POST", "/v1/wallet/refunds", {"request_id": request_id, "amount_usd": usd(CHARGE_NUSD)})
        await self("POST", "/v1/wallet/corrections", {"amount_usd": "-1", "note": "twice"})
        first, second = (await self("POST", "/v1/vouchers", {"amount_usd": "1", "count": 2}))["data"]
        await self("POST", "/v1/vouchers/redeem", {"code": first["code"]})
        await self("DELETE", "/v1/vouchers/{id}", id=second["id"])
        event = {"id": "evt_1", "type": "topup", "amount_cents": 5, "currency": "usd"}
        body = json.dumps(event | {"organisation_id": self.hub.home.owner.organisation_id}).encode()
        signature = sign(body, SECRET, int(time.time()))
        await self("POST", "/v1/webhooks/topup", body, x_entrepot_signature=signature)


async def test_every_change_leaves_its_entry(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage=USAGE)) as upstream:
        walk = Walk(make_hub(priced(upstream.base_url), webhooks=Webhooks(topup_secret=SECRET)))
        await walk.keys_and_rules()
        await walk.people()
        await walk.sessions()
        await walk.money()
    assert {route: action in walk.found.get(route, ()) for route, action in ACTIONS.items()} == dict.fromkeys(
        ACTIONS, True
    ), walk.found
