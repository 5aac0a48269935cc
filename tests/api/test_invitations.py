"""Invitations over HTTP."""

from __future__ import annotations

from tests.conftest import MakeHub
from tests.support.people import PASSWORD, join


async def test_an_invitation_is_made_listed_accepted(make_hub: MakeHub) -> None:
    hub = make_hub()
    admin = join(hub, "admin")
    made = await admin("POST", "/v1/invitations", {"email": "New@house.test", "role": "developer"})
    assert (made.status, made.json["email"], made.json["role"]) == (201, "new@house.test", "developer")
    token = made.json.pop("token")
    listed = await admin("GET", "/v1/invitations")
    assert listed.json["data"] == [{name: value for name, value in made.json.items() if name != "token"}]
    assert token not in listed.body.decode()
    body = {"token": token, "name": "Anna", "password": PASSWORD}
    accepted = await hub.call("POST", "/v1/invitations/accept", body=body).run()
    assert (accepted.status, accepted.json["name"], accepted.json["email"]) == (201, "Anna", "new@house.test")
    assert (await admin("GET", "/v1/invitations")).json["data"] == []
    again = await hub.call("POST", "/v1/invitations/accept", body=body).run()
    assert (again.status, again.error["code"]) == (404, "link_not_found")


async def test_an_invitation_can_be_withdrawn(make_hub: MakeHub) -> None:
    admin = join(make_hub(), "admin")
    id = (await admin("POST", "/v1/invitations", {"email": "new@house.test"})).json["id"]
    assert (await admin("DELETE", f"/v1/invitations/{id}")).json == {"id": id, "object": "invitation", "deleted": True}
    assert (await admin("DELETE", f"/v1/invitations/{id}")).error["code"] == "invitation_not_found"


async def test_an_admin_invites_no_owner(make_hub: MakeHub) -> None:
    admin = join(make_hub(), "admin")
    answer = await admin("POST", "/v1/invitations", {"email": "new@house.test", "role": "owner"})
    assert (answer.status, answer.error["code"]) == (403, "role_missing")
