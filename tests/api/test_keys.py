"""Keys over HTTP: made, shown, changed, rotated, deleted, and in force at once."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.conftest import MakeHub
from tests.support.asgi import Call
from tests.support.running import CHAT, RunningHub, question
from tests.support.stored import put_key

ECHO = question() | {"model": "sandbox/echo"}


class Managed:
    """A hub and a management key of its own."""

    def __init__(self, hub: RunningHub) -> None:
        self.hub = hub
        self.token = hub.key(name="boss", scopes=("management", "inference", "usage"))

    async def __call__(self, method: str, target: str, body: Any = b"") -> Call:
        return await self.hub.call(method, target, body=body, token=self.token).run()

    async def create(self, **spec: Any) -> dict[str, Any]:
        made = await self("POST", "/v1/keys", {"name": "made"} | spec)
        assert made.status == 201
        key: dict[str, Any] = made.json
        return key

    async def works(self, token: str) -> bool:
        return (await self.hub.post(CHAT, ECHO, token=token)).status == 200


@pytest.fixture
async def managed(make_hub: MakeHub) -> Managed:
    return Managed(make_hub())


async def test_a_key_is_made_and_works_at_once(managed: Managed) -> None:
    made = await managed.create(name="ci é", mode="live", models=["gpt-4.1"], expires_at="2030-01-01T00:00:00+02:00")
    assert made["key"].startswith(made["prefix"] + "-")
    assert {name: made[name] for name in ("object", "name", "mode", "models", "scopes", "expires_at", "disabled")} == {
        "object": "key",
        "name": "ci é",
        "mode": "live",
        "models": ["gpt-4.1"],
        "scopes": ["inference", "usage"],
        "expires_at": "2029-12-31T22:00:00Z",
        "disabled": False,
    }
    assert await managed.works((await managed.create())["key"])


async def test_a_new_key_is_a_test_key_unless_it_is_asked_for_otherwise(managed: Managed) -> None:
    assert (await managed.create())["mode"] == "test"


async def test_a_token_is_shown_only_once(managed: Managed) -> None:
    made = await managed.create()
    for path in ("/v1/keys", f"/v1/keys/{made['id']}", f"/v1/keys/{made['prefix']}"):
        shown = await managed("GET", path)
        assert shown.status == 200
        assert made["key"] not in shown.body.decode()
        assert b"digest" not in shown.body
    assert (await managed("GET", f"/v1/keys/{made['id']}")).json == {
        name: value for name, value in made.items() if name != "key"
    }


async def test_keys_are_listed_oldest_first(managed: Managed) -> None:
    made = [(await managed.create(name=name))["id"] for name in "abc"]
    listed = (await managed("GET", "/v1/keys")).json
    assert listed["object"] == "list"
    assert sorted(key["id"] for key in listed["data"][-3:]) == sorted(made)
    assert len(listed["data"]) == 6


async def test_a_change_is_in_force_at_once(managed: Managed) -> None:
    made = await managed.create()
    path = f"/v1/keys/{made['id']}"
    assert (await managed("PATCH", path, {"disabled": True, "name": "off"})).json["disabled"] is True
    assert not await managed.works(made["key"])
    assert (await managed("PATCH", path, {"disabled": False})).json["name"] == "off"
    assert await managed.works(made["key"])
    assert (await managed("PATCH", path, {"models": ["gpt-4.1"]})).status == 200
    assert not await managed.works(made["key"])
    assert (await managed("PATCH", path, {"models": None, "scopes": ["usage"]})).status == 200
    assert not await managed.works(made["key"])


async def test_a_key_can_expire_and_be_given_time_again(managed: Managed) -> None:
    made = await managed.create()
    path = f"/v1/keys/{made['id']}"
    await managed("PATCH", path, {"expires_at": "2020-01-01T00:00:00Z"})
    refused = await managed.hub.post(CHAT, ECHO, token=made["key"])
    assert refused.error["code"] == "key_expired"
    await managed("PATCH", path, {"expires_at": None})
    assert await managed.works(made["key"])


@pytest.mark.parametrize(("body", "old_works"), [(b"", False), ({}, False), ({"grace_s": 60}, True)])
async def test_a_rotation_gives_a_new_token_and_the_old_one_its_grace(
    managed: Managed, body: Any, old_works: bool
) -> None:
    made = await managed.create()
    rotated = (await managed("POST", f"/v1/keys/{made['id']}/rotate", body)).json
    assert rotated["id"] == made["id"]
    assert rotated["key"] != made["key"]
    assert await managed.works(rotated["key"])
    assert await managed.works(made["key"]) is old_works


@pytest.mark.parametrize("grace_s", [-1, 30 * 86_400 + 1, 1.5, "1", None])
async def test_a_grace_is_a_number_of_seconds(managed: Managed, grace_s: Any) -> None:
    made = await managed.create()
    answer = await managed("POST", f"/v1/keys/{made['id']}/rotate", {"grace_s": grace_s})
    assert (answer.status, answer.error["param"]) == (400, "grace_s")
    assert await managed.works(made["key"])


async def test_a_deleted_key_is_gone_and_its_exchanges_stay(managed: Managed) -> None:
    made = await managed.create()
    assert await managed.works(made["key"])
    deleted = await managed("DELETE", f"/v1/keys/{made['id']}")
    assert deleted.json == {"id": made["id"], "object": "key", "deleted": True}
    assert not await managed.works(made["key"])
    assert (await managed("GET", f"/v1/keys/{made['id']}")).error["code"] == "key_not_found"
    assert (await managed.hub.rows(1))[0].key_id == made["id"]


@pytest.mark.parametrize(("method", "suffix"), [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/rotate")])
@pytest.mark.parametrize("key_id", ["000000000000", "ep-live-000000000000", "%27%20OR%201=1", "%00"])
async def test_an_unknown_key_is_not_found(managed: Managed, method: str, suffix: str, key_id: str) -> None:
    answer = await managed(method, f"/v1/keys/{key_id}{suffix}", {} if method in ("PATCH", "POST") else b"")
    assert (answer.status, answer.error["code"], answer.error["param"]) == (404, "key_not_found", "id")


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_another_organisations_key_does_not_exist(managed: Managed, method: str) -> None:
    store = managed.hub.home.store
    store.write(
        lambda run: run("insert_organisation", {"id": "org_other", "name": "Other", "created_at_ms": 1, "house": False})
    ).result()
    mine = managed.hub.hub.keys.authenticate(managed.hub.live, 0)
    theirs = msgspec.structs.replace(mine, id="theirs000000", organisation_id="org_other")
    put_key(store, theirs)
    answer = await managed(method, "/v1/keys/theirs000000", {"disabled": True} if method == "PATCH" else b"")
    assert (answer.status, answer.error["code"]) == (404, "key_not_found")
    assert "theirs000000" not in (await managed("GET", "/v1/keys")).body.decode()
    assert theirs in store.all_keys()


async def test_names_are_kept_literally(managed: Managed) -> None:
    for name in ("'; DROP TABLE keys; --", "<script>alert(1)</script>", "\0\r\n\x1b[31m", "\u202e\U0001f6a2"):
        made = await managed.create(name=name)
        assert (await managed("GET", f"/v1/keys/{made['id']}")).json["name"] == name
