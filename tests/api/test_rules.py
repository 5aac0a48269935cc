"""Rules and keys' limits over HTTP: set, in force at once, shown with what is left, taken away."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.test_keys import ECHO, Managed
from tests.conftest import MakeHub
from tests.support.running import CHAT


@pytest.fixture
async def managed(make_hub: MakeHub) -> Managed:
    return Managed(make_hub())


async def ask(managed: Managed, token: str) -> int:
    return (await managed.hub.post(CHAT, ECHO, token=token)).status


async def test_a_keys_limits_are_in_force_at_once_and_shown(managed: Managed) -> None:
    made = await managed.create(limits={"requests_per_minute": 2}, budget={"day_usd": "1.50"})
    assert made["limits"]["requests_per_minute"] == 2
    assert made["budget"] == {"day_usd": "1.5", "week_usd": None, "month_usd": None, "total_usd": None}
    assert [await ask(managed, made["key"]) for _ in range(3)] == [200, 200, 429]
    shown = (await managed("GET", f"/v1/keys/{made['id']}")).json
    assert shown["standing"]["requests_per_minute"].items() >= {"used": 2, "left": 0}.items()
    assert shown["standing"]["day_usd"] == {"used": "0", "left": "1.5", "resets_at": None}
    (listed,) = [key for key in (await managed("GET", "/v1/keys")).json["data"] if key["id"] == made["id"]]
    assert listed["standing"].keys() == {"requests_per_minute", "day_usd"}
    changed = await managed("PATCH", f"/v1/keys/{made['id']}", {"limits": {"requests_per_minute": 3}})
    assert (changed.json["limits"]["requests_per_minute"], changed.json["budget"]["day_usd"]) == (3, "1.5")
    assert [await ask(managed, made["key"]) for _ in range(2)] == [200, 429]
    freed = await managed("PATCH", f"/v1/keys/{made['id']}", {"limits": None, "budget": None})
    assert freed.json["standing"] == {}
    assert await ask(managed, made["key"]) == 200


async def test_a_child_uses_up_its_makers_limits(managed: Managed) -> None:
    maker = await managed.create(
        scopes=["management", "inference", "usage"], mode="live", limits={"requests_per_minute": 3}
    )
    body = {"name": "child", "limits": {"requests_per_minute": 4}}
    refused = await managed.hub.post("/v1/keys", body, token=maker["key"])
    assert (refused.status, refused.error["code"], refused.error["param"]) == (403, "beyond_maker", "limits")
    child = (await managed.hub.post("/v1/keys", {"name": "child"}, token=maker["key"])).json
    assert [await ask(managed, child["key"]) for _ in range(4)] == [200, 200, 200, 429]
    assert await ask(managed, maker["key"]) == 429


async def test_rules_are_put_listed_and_deleted(managed: Managed) -> None:
    house = managed.hub.home.owner.organisation_id
    body = {"subject": "organisation", "subject_id": house, "limits": {"requests_per_day": 1}}
    rule = (await managed("PUT", "/v1/rules", body)).json
    assert (rule["object"], rule["limits"]["requests_per_day"]) == ("rule", 1)
    assert [await ask(managed, managed.hub.test) for _ in range(2)] == [200, 429]
    (shown,) = (await managed("GET", "/v1/rules")).json["data"]
    assert (shown["id"], shown["standing"]["requests_per_day"]["used"]) == (rule["id"], 1)
    raised = (await managed("PUT", "/v1/rules", body | {"limits": {"requests_per_day": 2}})).json
    assert (raised["id"], raised["standing"]["requests_per_day"]["left"]) == (rule["id"], 1)
    assert [await ask(managed, managed.hub.test) for _ in range(2)] == [200, 429]
    deleted = await managed("DELETE", f"/v1/rules/{rule['id']}")
    assert deleted.json == {"id": rule["id"], "object": "rule", "deleted": True}
    assert await ask(managed, managed.hub.test) == 200
    assert (await managed("DELETE", f"/v1/rules/{rule['id']}")).error["code"] == "rule_not_found"


async def test_models_are_known_by_all_their_names(managed: Managed) -> None:
    body = {"subject": "model", "subject_id": "SANDBOX/echo", "limits": {"requests_per_minute": 1}}
    rule = (await managed("PUT", "/v1/rules", body)).json
    assert rule["subject_id"] == "sandbox/echo"
    assert [await ask(managed, managed.hub.test) for _ in range(2)] == [200, 429]
    other = await managed.hub.post(CHAT, ECHO | {"model": "gpt-4.1"}, token=managed.hub.test)
    assert other.status == 200


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        ({"subject": "model", "subject_id": "nope"}, 404, "subject_id"),
        ({"subject": "member", "subject_id": "nope"}, 404, "id"),
        ({"subject": "key", "subject_id": "nope"}, 404, "subject_id"),
        ({"subject": "key", "subject_id": "nope", "model": "nope"}, 404, "model"),
        ({"subject": "everything", "subject_id": "x"}, 400, "subject"),
        ({"subject": "model", "subject_id": "gpt-4.1", "budget": {"day_usd": "much"}}, 400, "budget.day_usd"),
        ({"subject": "model", "subject_id": "gpt-4.1", "limits": {}}, 400, "limits"),
    ],
)
async def test_what_cannot_be_is_refused_by_name(
    managed: Managed, body: dict[str, Any], status: int, param: str
) -> None:
    answer = await managed("PUT", "/v1/rules", {"limits": {"concurrency": 1}} | body)
    assert (answer.status, answer.error["param"]) == (status, param)
    assert (await managed("GET", "/v1/rules")).json["data"] == []
