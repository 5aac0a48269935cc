"""Who is let in is tested in `test_permissions`; here, what a change means for who is in already."""

from __future__ import annotations

import pytest
from tests.conftest import MakeHub
from tests.support.people import PASSWORD, join
from tests.support.running import CHAT, question

ECHO = question() | {"model": "sandbox/echo"}


async def test_a_new_role_counts_from_the_next_call(make_hub: MakeHub) -> None:
    hub = make_hub()
    owner, admin = join(hub, "owner"), join(hub, "admin")
    assert (await admin("GET", "/v1/audit")).status == 200
    assert (await owner("PATCH", f"/v1/members/{admin.member.id}", {"role": "viewer"})).status == 200
    assert (await admin("GET", "/v1/audit")).error["code"] == "role_missing"


async def test_a_removed_member_is_out_with_its_keys_at_once(make_hub: MakeHub) -> None:
    hub = make_hub()
    owner, developer = join(hub, "owner"), join(hub, "developer")
    made = (await developer("POST", "/v1/keys", {"name": "mine"})).json
    assert made["member_id"] == developer.member.id
    assert (await hub.post(CHAT, ECHO, token=made["key"])).status == 200
    assert (await owner("DELETE", f"/v1/members/{developer.member.id}")).json["deleted"] is True
    assert (await hub.post(CHAT, ECHO, token=made["key"])).error["code"] == "key_disabled"
    assert (await developer("GET", "/v1/session")).error["code"] == "session_ended"


@pytest.mark.parametrize("role", ["owner", "admin"])
async def test_members_and_keys_reach_the_same(make_hub: MakeHub, role: str) -> None:
    """What one makes, the other sees: there is one way, whoever calls."""
    hub = make_hub()
    person = join(hub, role)  # type: ignore[arg-type]
    token = hub.key(scopes=("management", "inference", "usage"))
    by_person = (await person("POST", "/v1/keys", {"name": "by a person"})).json["id"]
    by_key = (await hub.post("/v1/keys", {"name": "by a key"}, token=token)).json["id"]
    for listed in ((await person("GET", "/v1/keys")).json, (await hub.get("/v1/keys", token=token)).json):
        assert {by_person, by_key} <= {key["id"] for key in listed["data"]}


async def test_inference_takes_no_cookie(make_hub: MakeHub) -> None:
    owner = join(make_hub(), "owner")
    assert (await owner("POST", CHAT, ECHO)).error["code"] == "missing_api_key"


async def test_a_session_is_no_key_and_a_key_is_no_session(make_hub: MakeHub) -> None:
    hub = make_hub()
    owner = join(hub, "owner")
    assert (await hub.get("/v1/keys", token=owner.token)).error["code"] == "invalid_api_key"
    answer = await owner("GET", "/v1/session", cookie=f"entrepot_session={hub.live}")
    assert answer.error["code"] == "session_ended"
    assert (await hub.get("/v1/session", token=hub.live)).error["code"] == "session_required"
    assert PASSWORD not in str(answer.json)
