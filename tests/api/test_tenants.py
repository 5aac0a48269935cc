"""Two organisations and the house in one hub: with every id of the other's on every route, nothing leaks or changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from tests.api.test_permissions import ROUTES, body, target
from tests.conftest import MakeHub
from tests.support.asgi import Call
from tests.support.money import USAGE, priced, treasurer
from tests.support.people import Person, desk_of, join, make_organisation, operator_of
from tests.support.running import CHAT, RunningHub, question
from tests.support.upstream import FaultUpstream, plain

from entrepot.accounts.records import InvitationSpec
from entrepot.administration import invitations, keys, rules
from entrepot.api import inference
from entrepot.keys import SCOPES, KeySpec
from entrepot.rules import LimitsSpec, RuleSpec

CANARY = "Zanzibar"
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("PATCH", "/v1/keys/{id}"): {"name": "mine", "disabled": True},
    ("POST", "/v1/keys/{id}/rotate"): {},
    ("PATCH", "/v1/organisations/{id}"): {"name": "mine"},
    ("PATCH", "/v1/members/{id}"): {"name": "mine", "role": "viewer"},
    ("POST", "/v1/organisations"): {"name": "mine", "owner_email": "a@mine.test"},
    ("POST", "/v1/keys"): {"name": "mine"},
    ("POST", "/v1/invitations"): {"email": "new@mine.test"},
}


class Tenant:
    """An organisation with an owner who has signed in, a management key, a member, an invitation and a used key."""

    def __init__(self, hub: RunningHub, name: str) -> None:
        self.id = make_organisation(hub, name)
        self.owner: Person = join(hub, "owner", organisation_id=self.id, name=f"{name} owner", email=f"o@{name}.test")
        member = join(hub, "developer", organisation_id=self.id, name=f"{name} member", email=f"m@{name}.test").member
        desk, operator = desk_of(hub), operator_of(hub, self.id)
        spec = KeySpec(name=f"{name} key", mode="live", scopes=SCOPES, project=f"{name} project")
        key, self.token = keys.create(desk, operator, spec)
        invitation, _ = invitations.invite(desk, operator, InvitationSpec(email=f"i@{name}.test"))
        rule = rules.put(
            desk, operator, RuleSpec(subject="member", subject_id=member.id, limits=LimitsSpec(requests_per_day=99))
        )
        hub.hub.refresh_keys()
        hub.hub.books.refresh()
        self.ids = {
            "rule": rule.id,
            "organisation": self.id,
            "member": member.id,
            "owner": self.owner.member.id,
            "key": key.id,
            "prefix": key.prefix,
            "invitation": invitation.id,
        }


def state(hub: RunningHub, organisation_id: str) -> bytes:
    """All that the store has of an organisation but its audit log's newest refusals."""
    names = ("members", "invitations", "keys_of_organisation")
    found = {name: hub.home.store.read(name, {"organisation_id": organisation_id}) for name in names}
    found["rules"] = hub.home.store.read("rules", {})
    found["organisation"] = hub.home.store.read("organisation", {"id": organisation_id})
    return msgspec.msgpack.encode(found)


def callers(hub: RunningHub, tenant: Tenant) -> Iterator[Any]:
    async def by_key(method: str, target: str, body: Any = b"") -> Call:
        return await hub.call(method, target, body=body, token=tenant.token).run()

    yield tenant.owner
    yield by_key


@pytest.fixture
async def hub(make_hub: MakeHub) -> RunningHub:
    return make_hub()


async def test_with_the_ids_of_another_nothing_is_seen_or_changed(hub: RunningHub) -> None:
    mine, theirs = Tenant(hub, "Mine"), Tenant(hub, CANARY)
    await hub.post(CHAT, question() | {"model": "sandbox/echo"}, token=theirs.token)
    before = state(hub, theirs.id)
    swapped = 0
    for caller in callers(hub, mine):
        for method, path in ROUTES:
            if "{id}" not in path or path in inference.ROUTES:
                continue
            for id in theirs.ids.values():
                mine.owner.sign_in()
                answer = await caller(method, path.replace("{id}", id), BODIES.get((method, path), {}))
                assert answer.status in (400, 401, 403, 404), (method, path, id)
                assert CANARY.encode() not in answer.body.replace(id.encode(), b""), (method, path)
                swapped += 1
    assert swapped > 100
    assert state(hub, theirs.id) == before
    assert (await hub.post(CHAT, question() | {"model": "sandbox/echo"}, token=theirs.token)).status == 200


async def test_what_is_listed_is_ones_own(hub: RunningHub) -> None:
    mine, theirs = Tenant(hub, "Mine"), Tenant(hub, CANARY)
    house = join(hub, "owner", name="The house")
    for token in (mine.token, theirs.token):
        await hub.post(CHAT, question() | {"model": "sandbox/echo"}, token=token)
    await hub.rows(2)
    for caller in (*callers(hub, mine), house):
        for method, path in ROUTES:
            if method == "GET" and "{id" not in path:
                answer = await caller(method, target(path))
                shown = answer.body.decode()
                if caller is house and path in ("/v1/organisations", "/v1/audit"):
                    continue  # who runs the hub knows which organisations it has made, and nothing more of them
                assert not [id for id in (*theirs.ids.values(), CANARY) if id in shown], path


async def test_ids_in_bodies_and_queries_are_ones_own_too(hub: RunningHub) -> None:
    mine, theirs = Tenant(hub, "Mine"), Tenant(hub, CANARY)
    await hub.post(CHAT, question() | {"model": "sandbox/echo"}, token=theirs.token)
    await hub.rows(1)
    before = state(hub, theirs.id)
    for caller in callers(hub, mine):
        made = await caller("POST", "/v1/keys", {"name": "x", "member_id": theirs.ids["member"]})
        assert (made.status, made.error["code"]) == (404, "member_not_found")
        for subject in ("organisation", "member", "key"):
            bound = {"subject": subject, "subject_id": theirs.ids[subject], "limits": {"concurrency": 0}}
            assert (await caller("PUT", "/v1/rules", bound)).status == 404
        for extra in ({"organisation_id": theirs.id}, {"parent_id": theirs.ids["key"]}, {"id": theirs.ids["key"]}):
            assert (await caller("POST", "/v1/keys", {"name": "x"} | extra)).status == 400
        assert (await caller("GET", f"/v1/usage?key_id={theirs.ids['key']}")).json["data"] == []
        for query in (f"subject=key:{theirs.ids['key']}", f"actor=member:{theirs.ids['owner']}", "before=999999"):
            assert CANARY not in (await caller("GET", f"/v1/audit?{query}")).body.decode()
    assert state(hub, theirs.id) == before


async def test_the_money_of_another_is_neither_seen_nor_moved(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage=USAGE)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        mine, theirs = Tenant(hub, "Mine"), Tenant(hub, CANARY)
        await hub.post(CHAT, question(), token=theirs.token)
        request_id = (await hub.row()).request_id
    treasury = treasurer(hub)
    await hub.post(
        "/v1/wallet/grants", {"amount_usd": "7123.4567", "organisation_id": theirs.id, "note": CANARY}, token=treasury
    )
    (voucher,) = (await hub.post("/v1/vouchers", {"amount_usd": "1", "note": CANARY}, token=treasury)).json["data"]
    before = hub.home.store.journal.entries()
    ids = {**theirs.ids, "request": request_id, "voucher": voucher["id"]}
    month = f"{datetime.now(UTC):%Y-%m}"
    seen = [f"/v1/billing/statements/{month}{form}" for form in ("", ".json", ".csv", ".html")]
    seen += ["/v1/wallet", "/v1/billing/transactions", "/v1/logs", "/v1/usage"]
    moves = {
        "/v1/wallet/grants": {"amount_usd": "1"},
        "/v1/wallet/refunds": {"request_id": request_id},
        "/v1/wallet/corrections": {"amount_usd": "-1", "note": "mine"},
    }
    for caller in callers(hub, mine):
        for path in seen:
            for name in ("organisation_id", "key_id", "member_id", "project", "cursor"):
                for id in ids.values():
                    shown = (await caller("GET", f"{path}?{name}={id}")).body.decode().replace(id, "")
                    assert not [each for each in (*ids.values(), CANARY, "7123.4567") if each in shown], (path, name)
        for path, content in moves.items():
            for extra in ({}, {"organisation_id": theirs.id}):
                assert (await caller("POST", path, content | extra)).status == 403
        assert (await caller("PATCH", "/v1/wallet", {"payment": "prepaid", "organisation_id": theirs.id})).status == 403
        assert (await caller("DELETE", f"/v1/vouchers/{voucher['id']}")).status == 403
    assert hub.home.store.journal.entries() == before
    assert hub.home.store.journal.terms()[theirs.id].payment == "postpaid"


async def test_an_address_says_nothing_of_other_organisations(hub: RunningHub) -> None:
    mine, theirs = Tenant(hub, "Mine"), Tenant(hub, CANARY)
    for caller in callers(hub, mine):
        answer = await caller("POST", "/v1/invitations", {"email": f"o@{CANARY}.test"})
        assert answer.status == 201
    assert theirs.owner.member.email == f"o@{CANARY}.test".lower()


async def test_no_answer_holds_a_hash(hub: RunningHub) -> None:
    mine = Tenant(hub, "Mine")
    rows = hub.home.store.read("keys_of_organisation", {"organisation_id": mine.id})
    password = hub.home.store.read("password", {"id": mine.owner.member.id})[0]["password"]
    secrets = [password, password.split("$")[-1], hub.home.pepper.hex(), *(row["digest"].hex() for row in rows)]
    answers = []
    for caller in callers(hub, mine):
        for method, path in ROUTES:
            for id in mine.ids.values():
                target = path.replace("{id}", id).replace("{id:path}", "gpt-4.1")
                content = BODIES.get((method, path), body(path))
                if method == "DELETE" or path.endswith("/reset") or path in inference.ROUTES:
                    continue
                answers.append((await caller(method, target, content)).body.decode())
    assert len(answers) > 100
    assert not [secret for secret in secrets for answer in answers if secret in answer or "argon2" in answer]
