"""Organisations over HTTP, from the making of one to its first owner at work."""

from __future__ import annotations

import pytest
from tests.conftest import MakeHub
from tests.support.people import PASSWORD, join


async def test_an_organisation_is_made_and_its_owner_moves_in(make_hub: MakeHub) -> None:
    hub = make_hub()
    house = join(hub, "admin")
    made = await house("POST", "/v1/organisations", {"name": "Quay", "owner_email": "first@quay.test"})
    assert (made.status, made.json["object"], made.json["house"]) == (201, "organisation", False)
    invitation = made.json["invitation"]
    assert (invitation["role"], invitation["email"]) == ("owner", "first@quay.test")
    body = {"token": invitation["token"], "name": "Anna", "password": PASSWORD}
    member = (await hub.call("POST", "/v1/invitations/accept", body=body).run()).json
    assert (member["organisation_id"], member["role"]) == (made.json["id"], "owner")
    signed_in = await hub.call("POST", "/v1/session", body={"email": "first@quay.test", "password": PASSWORD}).run()
    cookie = signed_in.headers["set-cookie"].partition(";")[0]
    seen = await hub.call("GET", "/v1/organisations", cookie=cookie).run()
    assert [each["id"] for each in seen.json["data"]] == [made.json["id"]]
    assert (await house("GET", f"/v1/organisations/{made.json['id']}")).json["name"] == "Quay"


async def test_an_organisation_can_be_renamed(make_hub: MakeHub) -> None:
    hub = make_hub()
    owner, id = join(hub, "owner"), hub.home.owner.organisation_id
    assert (await owner("PATCH", f"/v1/organisations/{id}", {"name": "Harbour"})).json["name"] == "Harbour"
    assert (await owner("GET", "/v1/session")).json["organisation"]["name"] == "Harbour"


@pytest.mark.parametrize(
    "body", [{}, {"name": ""}, {"name": "x" * 201}, {"name": "x", "house": True}, {"name": "x", "payment": "prepaid"}]
)
async def test_only_the_name_can_be_changed(make_hub: MakeHub, body: dict[str, object]) -> None:
    hub = make_hub()
    owner, id = join(hub, "owner"), hub.home.owner.organisation_id
    assert (await owner("PATCH", f"/v1/organisations/{id}", body)).status == 400
