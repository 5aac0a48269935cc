"""Stored responses over HTTP: read, replayed, listed and deleted by the key that made them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.conftest import MakeHub
from tests.support.asgi import Call
from tests.support.running import RunningHub

PATH = "/v1/responses"
MODEL = "gpt-4.1-mini"


async def created(hub: RunningHub, given: Any = "Say hello", **fields: Any) -> dict[str, Any]:
    call = await hub.post(PATH, {"model": MODEL, "input": given} | fields, token=hub.test)
    assert call.status == 200, call.body
    response: dict[str, Any] = call.json
    return response


async def get(hub: RunningHub, target: str) -> Call:
    return await hub.get(f"{PATH}/{target}", token=hub.test)


@pytest.fixture
async def hub(make_hub: MakeHub) -> RunningHub:
    return make_hub()


@pytest.mark.parametrize("prefix", ["/v1", ""])
async def test_a_response_is_read_listed_and_deleted(hub: RunningHub, prefix: str) -> None:
    response = await created(hub)
    place = f"{prefix}/responses/{response['id']}"
    assert (await hub.get(place, token=hub.test)).json == response
    assert len((await hub.get(f"{place}/input_items", token=hub.test)).json["data"]) == 1
    gone = await hub.call("DELETE", place, token=hub.test).run()
    assert gone.json == {"id": response["id"], "object": "response", "deleted": True}
    assert (await hub.get(place, token=hub.test)).status == 404


@pytest.mark.parametrize(
    ("method", "ending"), [("GET", ""), ("DELETE", ""), ("GET", "/input_items"), ("POST", "/cancel")]
)
async def test_no_other_key_gets_near_it(hub: RunningHub, method: str, ending: str) -> None:
    response = await created(hub)
    place = f"{PATH}/{response['id']}{ending}"
    for token in (hub.live, hub.key(mode="test")):
        call = await hub.call(method, place, token=token).run()
        assert (call.status, call.error["code"], call.error["param"]) == (404, "response_not_found", "response_id")
    assert (await hub.call(method, place).run()).status == 401
    assert (await hub.call(method, place, token=hub.key(scopes=("usage",))).run()).status == 403
    assert (await get(hub, response["id"])).status == 200


async def test_nothing_runs_in_the_background(hub: RunningHub) -> None:
    response = await created(hub)
    call = await hub.post(f"{PATH}/{response['id']}/cancel", {}, token=hub.test)
    assert (call.status, call.error["param"]) == (400, "background")


async def test_a_response_is_replayed_as_a_stream(hub: RunningHub) -> None:
    response = await created(hub)
    stream = await get(hub, f"{response['id']}?stream=true")
    assert (stream.status, stream.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    events = stream.body.split(b"\n\n")
    assert events[0].startswith(b"event: response.created\n")
    rest = await get(hub, f"{response['id']}?stream=1&starting_after=2")
    assert rest.body.split(b"\n\n") == events[3:]
    assert (await get(hub, f"{response['id']}?stream=false")).json == response


async def test_input_items_are_all_that_the_response_was_made_from(hub: RunningHub) -> None:
    first = await created(hub, "one")
    second = await created(hub, [{"role": "user", "content": "two"}], previous_response_id=first["id"])
    whole = (await get(hub, f"{second['id']}/input_items?order=asc")).json
    assert [item["content"][0]["text"] for item in whole["data"]] == [
        "one",
        first["output"][0]["content"][0]["text"],
        "two",
    ]
    ids = [item["id"] for item in whole["data"]]
    assert (whole["object"], whole["first_id"], whole["last_id"], whole["has_more"]) == ("list", ids[0], ids[2], False)
    newest_first = (await get(hub, f"{second['id']}/input_items")).json
    assert [item["id"] for item in newest_first["data"]] == ids[::-1]


async def test_input_items_come_in_pages(hub: RunningHub) -> None:
    response = await created(hub, [{"role": "user", "content": str(number)} for number in range(25)])
    place, after, pages = f"{response['id']}/input_items?order=asc", "", []
    while True:
        page = (await get(hub, f"{place}&limit=10{after}")).json
        pages.append([int(item["content"][0]["text"]) for item in page["data"]])
        after = f"&after={page['last_id']}"
        if not page["has_more"]:
            break
    assert pages == [list(range(10)), list(range(10, 20)), list(range(20, 25))]
    assert len((await get(hub, place)).json["data"]) == 20
    empty = (await get(hub, place + after)).json
    assert (empty["data"], empty["first_id"], empty["has_more"]) == ([], "", False)


async def test_input_items_remain_when_an_earlier_turn_is_gone(hub: RunningHub) -> None:
    first = await created(hub, "one")
    second = await created(hub, "two", previous_response_id=first["id"])
    await hub.call("DELETE", f"{PATH}/{first['id']}", token=hub.test).run()
    items = (await get(hub, f"{second['id']}/input_items")).json["data"]
    assert [item["content"][0]["text"] for item in items] == ["two"]


async def test_encrypted_reasoning_is_listed_on_request(hub: RunningHub) -> None:
    thought = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAAA"}
    response = await created(hub, [thought, {"role": "user", "content": "a"}])
    place = f"{response['id']}/input_items"
    assert (await get(hub, place)).json["data"][1]["encrypted_content"] is None
    for name in ("include", "include[]"):
        asked = await get(hub, f"{place}?{name}=reasoning.encrypted_content")
        assert asked.json["data"][1]["encrypted_content"] == "gAAAA"


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("input_items?limit=0", "limit"),
        ("input_items?limit=101", "limit"),
        ("input_items?limit=x", "limit"),
        ("input_items?limit=99999999999", "limit"),
        ("input_items?order=up", "order"),
        ("input_items?after=msg_0", "after"),
        ("?stream=maybe", "stream"),
        ("?stream=true&starting_after=-1", "starting_after"),
    ],
)
async def test_wrong_parameters_are_named(hub: RunningHub, query: str, param: str) -> None:
    response = await created(hub)
    call = await get(hub, f"{response['id']}{'' if query.startswith('?') else '/'}{query}")
    assert (call.status, call.error["param"]) == (400, param)
