"""Members over HTTP."""

from __future__ import annotations

import pytest
from tests.conftest import MakeHub
from tests.support.people import join


async def test_members_are_listed_oldest_first_and_shown(make_hub: MakeHub) -> None:
    hub = make_hub()
    people = [join(hub, role) for role in ("owner", "viewer")]
    listed = (await people[1]("GET", "/v1/members")).json
    assert [each["id"] for each in listed["data"]] == [hub.home.owner.id, *(each.member.id for each in people)]
    shown = await people[1]("GET", f"/v1/members/{people[0].member.id}")
    assert shown.json == listed["data"][1]
    assert set(shown.json) == {
        *("id", "object", "organisation_id", "name", "email", "role", "has_password", "created_at"),
    }


async def test_a_member_can_be_changed_and_removed(make_hub: MakeHub) -> None:
    hub = make_hub()
    owner, viewer = join(hub, "owner"), join(hub, "viewer")
    path = f"/v1/members/{viewer.member.id}"
    changed = (await owner("PATCH", path, {"name": "Berta", "role": "billing", "email": "B@house.test"})).json
    assert (changed["name"], changed["role"], changed["email"]) == ("Berta", "billing", "b@house.test")
    assert (await owner("DELETE", path)).json == {"id": viewer.member.id, "object": "member", "deleted": True}
    gone = await owner("GET", path)
    assert (gone.status, gone.error["code"]) == (404, "member_not_found")


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
async def test_the_last_owner_stays(make_hub: MakeHub, method: str) -> None:
    hub = make_hub()
    answer = await hub.call(
        method,
        f"/v1/members/{hub.home.owner.id}",
        body={"role": "admin"} if method == "PATCH" else b"",
        cookie=f"entrepot_session={(owner := join(hub, 'owner')).token}",
        sec_fetch_site="same-origin",
    ).run()
    assert answer.status == 200
    last = await owner(method, f"/v1/members/{owner.member.id}", {"role": "admin"} if method == "PATCH" else b"")
    assert (last.status, last.error["code"]) == (409, "last_owner")


@pytest.mark.parametrize(
    "body",
    [{"role": "root"}, {"role": None}, {"password": "x" * 12}, {"organisation_id": "org_1"}, {"id": "x"}, {"name": ""}],
)
async def test_what_cannot_be_set_is_refused(make_hub: MakeHub, body: dict[str, object]) -> None:
    owner = join(make_hub(), "owner")
    assert (await owner("PATCH", f"/v1/members/{owner.member.id}", body)).status == 400
