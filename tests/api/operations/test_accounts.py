"""Keys, rules, people and sessions: every answer is as declared."""

from __future__ import annotations

from typing import Any

from tests.conftest import MakeHub
from tests.support.contract import contract_of, require_all
from tests.support.people import PASSWORD, desk_of, join, operator_of
from tests.support.running import MODEL, tables

from entrepot.administration import members


async def test_every_answer_is_as_declared(make_hub: MakeHub) -> None:
    hub = make_hub(tables("http://127.0.0.1:1/v1"))
    contract = await contract_of(hub)
    owner = join(hub, "owner")

    async def act(method: str, path: str, body: Any = b"", id: str = "") -> Any:
        answer = await owner(method, path.replace("{id}", id), body)
        assert answer.status < 300, (method, path, answer.body)
        contract.check(method, path, answer)
        return answer.json

    key = await act(
        "POST", "/v1/keys", {"name": "ci", "budget": {"day_usd": "1"}, "expires_at": "2099-01-01T00:00:00Z"}
    )
    for method, path, body in (
        ("GET", "/v1/keys/{id}", b""),
        ("PATCH", "/v1/keys/{id}", {"name": "new", "limits": {"concurrency": 2}}),
        ("POST", "/v1/keys/{id}/rotate", {}),
        ("GET", "/v1/keys", b""),
        ("DELETE", "/v1/keys/{id}", b""),
    ):
        await act(method, path, body, key["id"])
    rule = await act("PUT", "/v1/rules", {"subject": "model", "subject_id": MODEL, "limits": {"requests_per_day": 9}})
    await act("GET", "/v1/rules")
    await act("DELETE", "/v1/rules/{id}", id=rule["id"])
    made = await act("POST", "/v1/organisations", {"name": "Other", "owner_email": "o@other.test"})
    await act("GET", "/v1/organisations")
    await act("GET", "/v1/organisations/{id}", id=made["id"])
    await act("PATCH", "/v1/organisations/{id}", {"name": "Others"}, made["id"])
    invitation = await act("POST", "/v1/invitations", {"email": "a@house.test"})
    await act("GET", "/v1/invitations")
    password = {"password": PASSWORD}
    member = await act("POST", "/v1/invitations/accept", {"token": invitation["token"], "name": "Anna"} | password)
    await act(
        "DELETE", "/v1/invitations/{id}", id=(await act("POST", "/v1/invitations", {"email": "b@house.test"}))["id"]
    )
    await act("GET", "/v1/members")
    await act("GET", "/v1/members/{id}", id=member["id"])
    await act("PATCH", "/v1/members/{id}", {"name": "Ann"}, member["id"])
    link = await act("POST", "/v1/members/{id}/reset", id=member["id"])
    await act("POST", "/v1/session/reset", {"token": link["token"]} | password)
    await act("DELETE", "/v1/members/{id}", id=member["id"])
    welcome = members.link(desk_of(hub), operator_of(hub), hub.home.owner.id, "welcome")
    await act("POST", "/v1/session/welcome", {"token": welcome, "email": "first@house.test"} | password)
    await act("POST", "/v1/session", {"email": "first@house.test"} | password)
    await act("GET", "/v1/audit")
    await act("GET", "/v1/session")
    changed = await owner("POST", "/v1/session/password", {"new_password": PASSWORD[::-1]} | password)
    contract.check("POST", "/v1/session/password", changed)
    owner.sign_in()
    await act("DELETE", "/v1/session")
    for area in ("Keys", "People", "Sessions"):
        require_all(contract, area)
