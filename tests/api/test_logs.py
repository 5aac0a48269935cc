"""Single calls over HTTP: who sees which, page by page."""

from __future__ import annotations

import asyncio

import pytest
from tests.conftest import MakeHub
from tests.support.money import CHARGE_USD, USAGE, priced, treasurer
from tests.support.people import join, make_organisation
from tests.support.running import CHAT, MODEL, RunningHub, question
from tests.support.upstream import FaultUpstream, failure, plain, stream

from entrepot.api import logs


async def test_a_call_is_told_with_its_time_tokens_and_cost(make_hub: MakeHub) -> None:
    async with FaultUpstream(failure(503), plain(usage=USAGE)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        await hub.ask()
        row = await hub.row()
    answer = (await hub.get("/v1/logs", token=hub.live)).json
    (found,) = answer["data"]
    told = {
        name: found[name] for name in ("request_id", "status", "outcome", "model", "attempts", "cost_usd", "key_id")
    }
    assert told == {
        "request_id": row.request_id,
        "status": 200,
        "outcome": "succeeded",
        "model": MODEL,
        "attempts": 2,
        "cost_usd": CHARGE_USD,
        "key_id": row.key_id,
    }
    assert (found["input_tokens"], found["output_tokens"], found["duration_ms"]) == (11, 7, row.duration_ms)
    assert found["cost_details"] == {
        "input": {"units": 11, "cost_usd": "0.011"},
        "output": {"units": 7, "cost_usd": "0.014"},
    }
    assert "debt" not in str(answer)


async def simulated(hub: RunningHub, count: int, model: str = "sandbox/echo", token: str = "") -> None:
    for _ in range(count):
        await hub.post(CHAT, question() | {"model": model}, token=token or hub.test)


async def test_pages_follow_each_other_without_gap(make_hub: MakeHub) -> None:
    hub = make_hub()
    await simulated(hub, 5)
    rows = await hub.rows(5)
    found, cursor = [], ""
    while True:
        page = (await hub.get(f"/v1/logs?limit=2{cursor}", token=hub.test)).json
        found += [each["request_id"] for each in page["data"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert sorted(found) == sorted(row.request_id for row in rows)
    assert len(found) == 5


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("model=sandbox/echo", 2),
        ("model=sandbox/echo&model=sandbox/error-429", 3),
        ("model=nothing", 0),
        ("status=succeeded", 2),
        ("status=failed", 1),
        ("status=429", 1),
        ("status=200", 2),
        ("from=2026-01-01", 3),
        ("until=2026-01-01", 0),
        ("period=1h", 3),
        ("mode=test", 3),
        ("mode=live", 0),
        ("provider=sandbox", 3),
        ("error_code=upstream_rate_limited", 1),
    ],
)
async def test_logs_are_filtered(make_hub: MakeHub, query: str, count: int) -> None:
    hub = make_hub()
    await simulated(hub, 2)
    await simulated(hub, 1, "sandbox/error-429")
    await hub.rows(3)
    assert len((await hub.get(f"/v1/logs?{query}", token=hub.test)).json["data"]) == count


@pytest.mark.parametrize(
    "query", ["cursor=x", "cursor=1", "status=odd", "after=x", "after=1.a&cursor=1.a", "limit=0", "period=0d", "from=x"]
)
async def test_a_bad_question_is_refused(make_hub: MakeHub, query: str) -> None:
    hub = make_hub()
    answer = await hub.get(f"/v1/logs?{query}", token=hub.test)
    assert (answer.status, answer.error["param"]) == (400, query.partition("=")[0])


async def test_each_sees_what_is_theirs(make_hub: MakeHub) -> None:
    hub = make_hub()
    developer, viewer = join(hub, "developer"), join(hub, "viewer")
    outsider = join(hub, "owner", organisation_id=make_organisation(hub))
    own = (await developer("POST", "/v1/keys", {"name": "own"})).json
    await simulated(hub, 1)
    await simulated(hub, 1, token=own["key"])
    await hub.rows(2)
    other = hub.test.split("-")[2]
    assert [row["key_id"] for row in (await developer("GET", "/v1/logs")).json["data"]] == [own["id"]]
    assert (await developer("GET", f"/v1/logs?key_id={other}&member_id=x")).json["data"] == []
    assert len((await viewer("GET", "/v1/logs")).json["data"]) == 2
    assert len((await viewer("GET", f"/v1/logs?member_id={developer.member.id}")).json["data"]) == 1
    assert len((await hub.get("/v1/logs", token=treasurer(hub))).json["data"]) == 2
    assert (await hub.get(f"/v1/logs?key_id={other}", token=own["key"])).json["data"][0]["key_id"] == own["id"]
    for query in ("", f"?key_id={other}", f"?member_id={developer.member.id}", "?cursor=99999999999999.z"):
        assert (await outsider("GET", f"/v1/logs{query}")).json["data"] == []


# As they come -------------------------------------------------------------------------------------


async def test_the_tail_brings_what_has_ended_since(make_hub: MakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that began before others and ends after them is among them, and nothing is left out."""
    monkeypatch.setattr(logs, "SETTLED_MS", 200)
    seen = set[str]()
    hub = make_hub()
    first = (await hub.get("/v1/logs", token=hub.test)).json
    assert (first["data"], first["next_cursor"]) == ([], None)
    slow = asyncio.create_task(hub.post(CHAT, question() | {"model": "sandbox/slow"}, token=hub.test))
    await simulated(hub, 3)
    cursor = first["tail_cursor"]
    async with asyncio.timeout(30):
        while len(seen) < 4 or not slow.done():
            page = (await hub.get(f"/v1/logs?after={cursor}&limit=2", token=hub.test)).json
            ends = [(each["created_at"], each["request_id"]) for each in page["data"]]
            assert len(ends) <= 2
            seen |= {id for _, id in ends}
            cursor = page["tail_cursor"]
            await asyncio.sleep(0.02)
    assert seen == {row.request_id for row in await hub.rows(4)}


# One ----------------------------------------------------------------------------------------------


async def test_a_call_is_told_with_its_story(make_hub: MakeHub) -> None:
    async with FaultUpstream(failure(503), stream("Hel", "lo", usage=USAGE)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        await hub.ask(stream=True)
        row = await hub.row()
        await hub.post(
            "/v1/wallet/refunds",
            {"request_id": row.request_id, "note": "Sorry", "amount_usd": "0.01"},
            token=treasurer(hub),
        )
    listed = (await hub.get("/v1/logs", token=hub.live)).json["data"][0]
    story = (await hub.get(f"/v1/logs/{row.request_id}", token=hub.live)).json
    assert {name: story[name] for name in listed} == listed
    kinds = {entry["kind"]: entry for entry in story["entries"]}
    assert [entry["kind"] for entry in story["entries"]] == ["reserve", "settle", "refund"]
    assert kinds["settle"]["charged_usd"] == story["cost_usd"] == CHARGE_USD
    assert kinds["reserve"]["reserved_usd"] == story["reserved_usd"]
    assert (kinds["refund"]["wallet_usd"], kinds["refund"]["note"]) == ("0.01", "Sorry")
    assert kinds["settle"]["after_ms"] >= kinds["reserve"]["after_ms"] >= 0
    assert story["created_at"][:19] <= story["first_byte_at"][:19] <= story["ended_at"]
    assert not [name for name in story if "debt" in name or "payable" in name]


async def test_a_story_is_for_who_sees_the_call_in_the_list(make_hub: MakeHub) -> None:
    hub = make_hub()
    developer, viewer = join(hub, "developer"), join(hub, "viewer")
    outsider = join(hub, "owner", organisation_id=make_organisation(hub))
    await simulated(hub, 1)
    id = (await hub.row()).request_id
    assert (await viewer("GET", f"/v1/logs/{id}")).json["entries"] == []
    assert (await hub.get(f"/v1/logs/{id}", token=hub.test)).json["reserved_usd"] is None
    for hidden in (developer("GET", f"/v1/logs/{id}"), outsider("GET", f"/v1/logs/{id}"), viewer("GET", "/v1/logs/x")):
        answer = await hidden
        assert (answer.status, answer.error["code"]) == (404, "log_not_found")
    assert (await hub.get(f"/v1/logs/{id}", token=hub.live)).status == 404
