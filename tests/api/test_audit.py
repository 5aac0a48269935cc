"""The audit log over HTTP: newest first, page by page, filtered."""

from __future__ import annotations

from typing import Any

import pytest
from tests.conftest import MakeHub
from tests.support.people import Person, join


@pytest.fixture
async def owner(make_hub: MakeHub) -> Person:
    """Who has made five keys, the first and last two of them renamed later."""
    person = join(make_hub(), "owner")
    made = [(await person("POST", "/v1/keys", {"name": f"key {number}"})).json["id"] for number in range(5)]
    for id in (made[0], made[4]):
        await person("PATCH", f"/v1/keys/{id}", {"name": "renamed"})
    return person


async def entries(owner: Person, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await owner("GET", f"/v1/audit?{query}")).json["data"]
    return found


async def test_a_change_is_told_with_its_request(owner: Person) -> None:
    answer = await owner("POST", "/v1/keys", {"name": "told"})
    (entry,) = await entries(owner, "limit=1")
    assert entry["actor"] == f"member:{owner.member.id}"
    assert (entry["action"], entry["subject"]) == ("key.create", f"key:{answer.json['id']}")
    assert entry["request_id"] == answer.headers["x-request-id"]
    assert (entry["before"], entry["after"]["name"]) == (None, "told")
    assert answer.json["key"] not in str(entry)


async def test_pages_follow_each_other_and_end(owner: Person) -> None:
    everything = await entries(owner, "limit=1000")
    found: list[dict[str, Any]] = []
    cursor, more = "", True
    while more:
        page = (await owner("GET", f"/v1/audit?limit=3{cursor}")).json
        found += page["data"]
        more, cursor = page["has_more"], f"&before={page['data'][-1]['id']}"
    assert found == everything
    assert [entry["id"] for entry in found] == sorted((entry["id"] for entry in found), reverse=True)


async def test_entries_are_filtered(owner: Person) -> None:
    assert len(await entries(owner, "action=key.create")) == 5
    renamed = await entries(owner, "action=key.change")
    assert [entry["after"] for entry in renamed] == [{"name": "renamed"}] * 2
    assert len(await entries(owner, f"subject={renamed[0]['subject']}")) == 2
    assert await entries(owner, "actor=operator&action=key.create") == []
    assert await entries(owner, "until=2020-01-01") == []
    assert len(await entries(owner, "from=2020-01-01&action=key.create")) == 5
    assert await entries(owner, "action=%25") == []


@pytest.mark.parametrize("query", ["limit=0", "limit=-1", "limit=x", "limit=", "before=0", "before=1e9", "from=soon"])
async def test_a_bad_query_is_refused(owner: Person, query: str) -> None:
    answer = await owner("GET", f"/v1/audit?{query}")
    assert (answer.status, answer.error["code"]) == (400, "invalid_value")
    assert answer.error["param"] == query.partition("=")[0]


async def test_a_page_has_its_bound(owner: Person) -> None:
    assert (await owner("GET", "/v1/audit?limit=999999999999999999")).status == 200
