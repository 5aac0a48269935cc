"""Usage over HTTP: one's own, or everyone's for whoever manages."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from tests.conftest import MakeHub
from tests.support.money import USAGE, priced, treasurer
from tests.support.people import join
from tests.support.running import CHAT, MODEL, question, tables
from tests.support.upstream import FaultUpstream, failure, plain


async def test_usage_sums_what_was_used(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(), plain(), failure(400)) as upstream:
        hub = make_hub(tables(upstream.base_url))
        for _ in range(3):
            await hub.ask()
        await hub.post(CHAT, question() | {"model": "sandbox/echo"}, token=hub.test)
        await hub.rows(4)
        own = (await hub.get("/v1/usage", token=hub.live)).json
        everyones = (await hub.get("/v1/usage", token=hub.key(scopes=("usage", "management")))).json
    (row,) = own["data"]
    assert own["object"] == "list"
    assert {name: row[name] for name in ("model", "mode", "requests", "failed", "input_tokens", "output_tokens")} == {
        "model": MODEL,
        "mode": "live",
        "requests": 3,
        "failed": 1,
        "input_tokens": 22,
        "output_tokens": 14,
    }
    assert {(each["model"], each["mode"]) for each in everyones["data"]} == {(MODEL, "live"), ("sandbox/echo", "test")}


async def test_a_call_key_cannot_look_at_another(make_hub: MakeHub) -> None:
    hub = make_hub()
    await hub.post(CHAT, question() | {"model": "sandbox/echo"}, token=hub.test)
    await hub.rows(1)
    other = hub.test.split("-")[2]
    assert (await hub.get(f"/v1/usage?key_id={other}", token=hub.live)).json["data"] == []
    manager = hub.key(scopes=("usage", "management"))
    for named in (other, f"ep-live-{other}"):
        assert len((await hub.get(f"/v1/usage?key_id={named}", token=manager)).json["data"]) == 1
    assert (await hub.get("/v1/usage?key_id=nobody", token=manager)).json["data"] == []


async def test_a_developer_sees_the_usage_of_own_keys(make_hub: MakeHub) -> None:
    hub = make_hub()
    developer, viewer = join(hub, "developer"), join(hub, "viewer")
    own = (await developer("POST", "/v1/keys", {"name": "own"})).json
    for token in (own["key"], hub.test):
        await hub.post(CHAT, question() | {"model": "sandbox/echo"}, token=token)
    await hub.rows(2)
    assert [row["key_id"] for row in (await developer("GET", "/v1/usage")).json["data"]] == [own["id"]]
    assert len((await viewer("GET", "/v1/usage")).json["data"]) == 2
    other = hub.test.split("-")[2]
    assert (await developer("GET", f"/v1/usage?key_id={other}")).json["data"] == []


async def test_what_a_deleted_key_used_is_still_told(make_hub: MakeHub) -> None:
    hub = make_hub()
    await hub.post(CHAT, question() | {"model": "sandbox/echo"}, token=hub.test)
    await hub.rows(1)
    manager = hub.key(scopes=("usage", "management"))
    await hub.call("DELETE", f"/v1/keys/{hub.test.split('-')[2]}", token=manager).run()
    assert len((await hub.get("/v1/usage", token=manager)).json["data"]) == 1


async def test_usage_needs_its_scope(make_hub: MakeHub) -> None:
    hub = make_hub()
    answer = await hub.get("/v1/usage", token=hub.key(scopes=("inference",)))
    assert (answer.status, answer.error["code"]) == (403, "scope_missing")


async def test_a_window_can_be_given(make_hub: MakeHub) -> None:
    hub = make_hub()
    await hub.post(CHAT, question() | {"model": "sandbox/echo"}, token=hub.test)
    await hub.rows(1)
    day_after_tomorrow = (datetime.now(UTC) + timedelta(days=2)).date()

    async def found(query: str) -> int:
        answer = await hub.get(f"/v1/usage?{query}", token=hub.test)
        assert answer.status == 200
        return len(answer.json["data"])

    assert await found("from=2026-01-01") == 1
    assert await found(f"from=2026-01-01T00:00:00Z&until={day_after_tomorrow}T00:00:00%2B02:00") == 1
    assert await found("from=2020-01-01&until=2021-01-01") == 0
    window = (await hub.get("/v1/usage?from=2020-01-01&until=2021-01-01T02:00:00%2B02:00", token=hub.test)).json
    assert (window["from"], window["until"]) == ("2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z")


async def test_the_default_window_is_thirty_days(make_hub: MakeHub) -> None:
    window = (await (hub := make_hub()).get("/v1/usage", token=hub.test)).json
    begin, end = (datetime.fromisoformat(window[name]) for name in ("from", "until"))
    assert end - begin == timedelta(days=30)
    assert abs(datetime.now(UTC) - end) < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("from=yesterday", "from"),
        ("until=", "until"),
        ("until=2026-13-01", "until"),
        ("from=2026-02-01&until=2026-01-01", "from"),
        ("from=2026-01-01&until=2026-01-01", "from"),
        ("until=0001-01-01", "from"),
        ("from=1e9", "from"),
        ("from=%00", "from"),
    ],
)
async def test_a_bad_window_is_refused(make_hub: MakeHub, query: str, param: str) -> None:
    hub = make_hub()
    answer = await hub.get(f"/v1/usage?{query}", token=hub.live)
    assert (answer.status, answer.error["code"], answer.error["param"]) == (400, "invalid_value", param)


# Cost and grouping --------------------------------------------------------------------------------


async def test_usage_says_what_it_cost_where_it_is_known(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage=USAGE), plain(usage=USAGE), failure(400)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        for _ in range(3):
            await hub.ask()
        await hub.post(CHAT, question() | {"model": "sandbox/echo"}, token=hub.test)
        await hub.rows(4)
    found = (await hub.get("/v1/usage", token=treasurer(hub))).json
    assert {row["mode"]: row["cost_usd"] for row in found["data"]} == {"live": "0.05", "test": "0"}
    assert (found["cost_usd"], found["currency"]) == ("0.05", "USD")
    async with FaultUpstream(plain(usage=USAGE)) as upstream:
        hub = make_hub(tables(upstream.base_url))
        await hub.ask()
        await hub.rows(1)
    found = (await hub.get("/v1/usage", token=hub.live)).json
    assert (found["cost_usd"], found["data"][0]["cost_usd"]) == (None, None)


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("model", {"model"}),
        ("key,member", {"key_id", "member_id"}),
        ("project", {"project"}),
        ("day,model", {"day", "model"}),
        ("hour", {"hour"}),
        ("minute", {"minute"}),
        ("mode", {"mode"}),
    ],
)
async def test_usage_is_grouped_by_what_is_asked_for(make_hub: MakeHub, by: str, names: set[str]) -> None:
    hub, began = make_hub(), datetime.now(UTC)
    token = hub.key(mode="test", project="harbour")
    for _ in range(2):
        await hub.post(CHAT, question() | {"model": "sandbox/echo"}, token=token)
    await hub.rows(2)
    rows = (await hub.get(f"/v1/usage?group_by={by}&period=24h", token=token)).json["data"]
    assert sum(row["requests"] for row in rows) == 2
    times = (began, datetime.now(UTC))  # an hour may end between them
    expected = {
        "day": {f"{each:%Y-%m-%d}" for each in times},
        "hour": {f"{each:%Y-%m-%dT%H}:00:00Z" for each in times},
        "project": {"harbour"},
    }
    assert len(rows) == 1 or names & {"day", "hour"}
    for row in rows:
        assert names == set(row) & {"model", "key_id", "mode", "member_id", "project", "day", "hour", "minute"}
        for name in names & expected.keys():
            assert row[name] in expected[name]


@pytest.mark.parametrize("by", ["", "keys", "key,key", "model,", "model, key", "minute"])
async def test_a_bad_grouping_is_refused(make_hub: MakeHub, by: str) -> None:
    hub = make_hub()
    answer = await hub.get(f"/v1/usage?group_by={by.replace(' ', '%20')}", token=hub.live)
    assert (answer.status, answer.error["param"]) == (400, "group_by")


# What charts need ---------------------------------------------------------------------------------


async def test_the_total_is_that_of_all_groups(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain(usage=USAGE), plain(usage=USAGE), failure(400)) as upstream:
        hub = make_hub(priced(upstream.base_url))
        for _ in range(3):
            await hub.ask()
        await hub.post(CHAT, question() | {"model": "sandbox/echo"}, token=hub.test)
        rows = await hub.rows(4)
    found = (await hub.get("/v1/usage", token=treasurer(hub))).json
    total = found["total"]
    assert (total["requests"], total["failed"], total["cost_usd"]) == (4, 1, "0.05")
    assert total["input_tokens"] == sum(row.usage.input_tokens for row in rows)
    durations = sorted(row.duration_ms for row in rows)
    assert durations[0] <= total["p50_duration_ms"] <= total["p95_duration_ms"] <= durations[-1]
    assert set(total) == set(found["data"][0]) - {"model", "key_id", "mode"}
    nothing = (await hub.get("/v1/usage?until=2026-01-01", token=hub.live)).json
    assert (nothing["total"]["requests"], nothing["total"]["cost_usd"], nothing["data"]) == (0, None, [])


@pytest.mark.parametrize(
    ("query", "count"),
    [("mode=test", 2), ("mode=live", 0), ("model=sandbox/echo", 2), ("model=x", 0), ("project=p", 2), ("project=q", 0)],
)
async def test_usage_is_filtered(make_hub: MakeHub, query: str, count: int) -> None:
    hub = make_hub()
    token = hub.key(mode="test", project="p")
    for _ in range(2):
        await hub.post(CHAT, question() | {"model": "sandbox/echo"}, token=token)
    await hub.rows(2)
    assert (await hub.get(f"/v1/usage?{query}", token=token)).json["total"]["requests"] == count


async def test_usage_is_filtered_by_member(make_hub: MakeHub) -> None:
    hub = make_hub()
    developer, viewer = join(hub, "developer"), join(hub, "viewer")
    own = (await developer("POST", "/v1/keys", {"name": "own"})).json
    for token in (own["key"], hub.test):
        await hub.post(CHAT, question() | {"model": "sandbox/echo"}, token=token)
    await hub.rows(2)
    path = f"/v1/usage?member_id={developer.member.id}"
    assert (await viewer("GET", path)).json["total"]["requests"] == 1
    assert (await developer("GET", f"/v1/usage?member_id={viewer.member.id}")).json["total"]["requests"] == 1


@pytest.mark.parametrize(
    ("query", "accept"), [("&format=csv", "*/*"), ("", "text/csv"), ("", "application/json;q=0.5, text/csv")]
)
async def test_usage_comes_as_a_sheet(make_hub: MakeHub, query: str, accept: str) -> None:
    hub = make_hub()
    await hub.post(CHAT, question() | {"model": "=cmd()"}, token=hub.test)
    await hub.post(CHAT, question() | {"model": "sandbox/echo"}, token=hub.test)
    await hub.rows(2)
    answer = await hub.get(f"/v1/usage?group_by=model,day{query}", token=hub.test, accept=accept)
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.body.decode())))
    assert {row["model"] for row in rows} == {"'=cmd()", "sandbox/echo"}
    plainly = (await hub.get("/v1/usage?group_by=model,day&format=json", token=hub.test, accept="text/csv")).json[
        "data"
    ]
    assert list(rows[0])[:3] == ["model", "day", "requests"]
    assert set(rows[0]) == set(plainly[0])


async def test_no_other_format_is_known(make_hub: MakeHub) -> None:
    hub = make_hub()
    answer = await hub.get("/v1/usage?format=xml", token=hub.test)
    assert (answer.status, answer.error["param"]) == (400, "format")
