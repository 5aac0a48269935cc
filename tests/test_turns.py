"""Turns that build on one another, through the real app: what upstreams see of them and what clients are told."""

from __future__ import annotations

import json
from typing import Any

import apsw
import pytest
from tests.conftest import MakeHub
from tests.dialects.anthropic_messages import wire
from tests.dialects.openai_responses import samples
from tests.support.asgi import Call
from tests.support.running import MODEL, RunningHub, tables
from tests.support.upstream import FaultUpstream, Reply, dump, events, failure, plain, respond, stream

PATH = "/v1/responses"
CHAT, MESSAGES, RESPONSES = "openai_chat", "anthropic_messages", "openai_responses"
ENCRYPTED = "reasoning.encrypted_content"
THOUGHT = {"type": "reasoning", "id": "rs_up", "summary": [], "encrypted_content": "gAAAA"}
both_ways = pytest.mark.parametrize("streamed", [False, True], ids=["plain", "stream"])


def offered(server: FaultUpstream, dialect: str, **model: Any) -> dict[str, Any]:
    made = tables(server.base_url, **model)
    made["models"][0]["offers"][0]["dialect"] = dialect
    return made


async def ask(hub: RunningHub, given: Any = "Say hello", **fields: Any) -> Call:
    return await hub.post(PATH, {"model": MODEL, "input": given} | fields)


def answered(call: Call) -> dict[str, Any]:
    """The response, plain or at the end of a stream."""
    assert call.status == 200, call.body
    found: dict[str, Any] = (
        events_of(call)[-1]["response"] if "event-stream" in call.headers["content-type"] else call.json
    )
    return found


def events_of(call: Call) -> list[dict[str, Any]]:
    return [json.loads(event.split(b"data: ")[1]) for event in call.body.split(b"\n\n") if event]


def said(text: str, role: str = "user") -> dict[str, Any]:
    return {"type": "message", "role": role, "content": text}


def spoken(*items: Any, **fields: Any) -> Reply:
    """An answer of an upstream of the same dialect."""
    return respond(dump(samples.answer(list(items) or [samples.message("Hello")], **fields)))


def streamed_response() -> Reply:
    return events(*map(samples.sse, samples.openai_stream()))


# Turns --------------------------------------------------------------------------------------------


@both_ways
async def test_an_answer_is_kept_under_an_id_of_the_hubs(make_hub: MakeHub, streamed: bool) -> None:
    async with FaultUpstream(streamed_response() if streamed else spoken()) as server:
        hub = make_hub(offered(server, RESPONSES))
        call = await ask(hub, stream=streamed)
        response = answered(call)
        assert server.requests[0].json["store"] is False
    assert response["id"] == f"resp_{call.headers['x-request-id'].removeprefix('req_')}"
    assert (response["store"], response["previous_response_id"]) == (True, None)
    assert (await hub.get(f"{PATH}/{response['id']}", token=hub.live)).json == response


@both_ways
async def test_nothing_is_kept_where_the_client_says_so(make_hub: MakeHub, streamed: bool) -> None:
    reply = streamed_response() if streamed else spoken()
    async with FaultUpstream(reply) as server:
        hub = make_hub(offered(server, RESPONSES))
        call = await ask(hub, stream=streamed, store=False)
    assert call.body == reply.body
    assert rows(hub) == []


async def test_nothing_is_kept_where_the_operator_says_so(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain()) as server:
        hub = make_hub(tables(server.base_url), responses={"retention_days": 0})
        assert answered(await ask(hub, store=True))["store"] is False
    assert rows(hub) == []


@both_ways
async def test_a_relayed_turn_stands_on_those_before(make_hub: MakeHub, streamed: bool) -> None:
    async with FaultUpstream(spoken(), spoken(), streamed_response() if streamed else spoken()) as server:
        hub = make_hub(offered(server, RESPONSES))
        first = answered(await ask(hub, "one", instructions="Be brief."))
        second = answered(await ask(hub, [said("two")], previous_response_id=first["id"]))
        third = await ask(hub, "three", previous_response_id=second["id"], stream=streamed, instructions="Be kind.")
        *_, sent = (request.json for request in server.requests)
    hello = samples.message("Hello")
    assert sent["input"] == [said("one"), hello, said("two"), hello, said("three")]
    assert (sent["instructions"], sent["store"], "previous_response_id" in sent) == ("Be kind.", False, False)
    told = [event["response"] for event in events_of(third) if "response" in event] if streamed else [third.json]
    assert {(response["previous_response_id"], response["store"]) for response in told} == {(second["id"], True)}
    assert {response["id"] for response in told} == {answered(third)["id"]}


@both_ways
async def test_a_translated_turn_stands_on_those_before(make_hub: MakeHub, streamed: bool) -> None:
    last = stream("Hel", "lo") if streamed else plain()
    async with FaultUpstream(plain("Hi"), last) as server:
        hub = make_hub(tables(server.base_url))
        first = answered(await ask(hub, "one", instructions="Be brief."))
        second = await ask(hub, "two", previous_response_id=first["id"], stream=streamed)
        sent = server.requests[1].json
    assert [(turn["role"], turn["content"]) for turn in sent["messages"]] == [
        ("user", "one"),
        ("assistant", "Hi"),
        ("user", "two"),
    ]
    assert answered(second)["previous_response_id"] == first["id"]
    ids = [answered(second)["output"][0]["id"], first["output"][0]["id"]]
    assert ids[0] != ids[1]  # although the upstream gives every answer the same id


@both_ways
async def test_a_turn_that_is_not_kept_may_stand_on_one_that_is(make_hub: MakeHub, streamed: bool) -> None:
    async with FaultUpstream(spoken(), streamed_response() if streamed else spoken()) as server:
        hub = make_hub(offered(server, RESPONSES))
        first = answered(await ask(hub))
        second = answered(await ask(hub, previous_response_id=first["id"], store=False, stream=streamed))
        missing = await ask(hub, previous_response_id=second["id"])
    assert (second["id"], second["store"], second["previous_response_id"]) == ("resp_up", False, first["id"])
    assert (missing.status, missing.error["code"]) == (400, "previous_response_not_found")
    assert rows(hub) == [first["id"]]


async def test_input_may_be_left_out_of_a_later_turn(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain()) as server:
        hub = make_hub(tables(server.base_url))
        first = answered(await ask(hub, "one"))
        body = {"model": MODEL, "previous_response_id": first["id"]}
        assert answered(await hub.post(PATH, body))["status"] == "completed"
        assert (await hub.post(PATH, {"model": MODEL})).error["param"] == "input"


async def test_an_unknown_turn_is_refused_in_openais_words(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain()) as server:
        hub = make_hub(tables(server.base_url))
        mine = answered(await ask(hub))["id"]
        for fields in ({"previous_response_id": "resp_0"}, {"previous_response_id": ""}):
            call = await ask(hub, **fields)
            assert (call.status, call.error["code"]) == (400, "previous_response_not_found")
            assert call.error["param"] == "previous_response_id"
        body = {"model": MODEL, "input": "x", "previous_response_id": mine}
        other = await hub.post(PATH, body, token=hub.key(mode="live"))
        assert other.error["code"] == "previous_response_not_found"
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"store": "yes"}, "store"),
        ({"previous_response_id": 7}, "previous_response_id"),
        ({"include": 7}, "include"),
        ({"include": [7]}, "include[0]"),
        ({"input": 7}, "input"),
        ({"input": [said("a", role="robot")]}, "input[0].role"),
    ],
)
async def test_what_is_wrong_is_named_as_the_client_knows_it(
    make_hub: MakeHub, fields: dict[str, Any], param: str
) -> None:
    async with FaultUpstream(plain()) as server:
        hub = make_hub(tables(server.base_url))
        first = answered(await ask(hub, [said("one"), said("two")]))
        call = await ask(hub, **{"previous_response_id": first["id"]} | fields)
    assert (call.status, call.error["param"]) == (400, param)


async def test_earlier_turns_count_for_the_context(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain()) as server:
        hub = make_hub(tables(server.base_url, context_tokens=128))
        first = answered(await ask(hub, "word " * 80))
        call = await ask(hub, "word " * 80, previous_response_id=first["id"])
    assert (call.status, call.error["code"]) == (400, "context_length_exceeded")


async def test_what_an_upstream_may_leave_out_is_not_too_long(make_hub: MakeHub) -> None:
    async with FaultUpstream(spoken()) as server:
        hub = make_hub(offered(server, RESPONSES, context_tokens=128))
        call = await ask(hub, "word " * 200, truncation="auto")
        (request,) = server.requests
    assert (call.status, request.json["truncation"]) == (200, "auto")


async def test_tokens_are_counted_with_the_turns_before(make_hub: MakeHub) -> None:
    hub = make_hub()
    body = {"model": "gpt-4.1-mini", "input": "word " * 50}
    first = (await hub.post(PATH, body, token=hub.test)).json
    more = body | {"input": "two", "previous_response_id": first["id"]}
    count = await hub.post(f"{PATH}/input_tokens", more, token=hub.test)
    second = (await hub.post(PATH, more, token=hub.test)).json
    assert count.json["input_tokens"] == second["usage"]["input_tokens"] > 50


# Reasoning ----------------------------------------------------------------------------------------


@both_ways
async def test_encrypted_reasoning_is_replayed_and_shown_only_on_request(make_hub: MakeHub, streamed: bool) -> None:
    first_reply = streamed_response() if streamed else spoken(THOUGHT, samples.message("Hello"))
    async with FaultUpstream(first_reply, spoken()) as server:
        hub = make_hub(offered(server, RESPONSES, features=["reasoning"]))
        call = await ask(hub, stream=streamed)
        await ask(hub, previous_response_id=answered(call)["id"])
        first, second = (request.json for request in server.requests)
    assert first["include"] == [ENCRYPTED]
    assert b"gAAAA" not in call.body
    assert [item["encrypted_content"] for item in second["input"] if item["type"] == "reasoning"] == ["gAAAA"]
    stored = f"{PATH}/{answered(call)['id']}"
    assert "gAAAA" not in (await hub.get(stored, token=hub.live)).body.decode()
    assert "gAAAA" in (await hub.get(f"{stored}?include[]={ENCRYPTED}", token=hub.live)).body.decode()


async def test_reasoning_that_was_asked_for_is_shown(make_hub: MakeHub) -> None:
    async with FaultUpstream(spoken(THOUGHT)) as server:
        hub = make_hub(offered(server, RESPONSES, features=["reasoning"]))
        call = await ask(hub, include=[ENCRYPTED])
        assert server.requests[0].json["include"] == [ENCRYPTED]
    assert answered(call)["output"] == [THOUGHT]


async def test_a_model_that_does_not_reason_gets_no_reasoning(make_hub: MakeHub) -> None:
    async with FaultUpstream(spoken(THOUGHT, samples.message("Hello")), spoken()) as server:
        hub = make_hub(offered(server, RESPONSES))
        first = answered(await ask(hub, "one"))
        await ask(hub, "two", previous_response_id=first["id"])
        sent = [request.json for request in server.requests]
    assert "include" not in sent[0]
    assert [item["type"] for item in sent[1]["input"]] == ["message"] * 3


@both_ways
async def test_signed_thinking_goes_back_to_its_vendor(make_hub: MakeHub, streamed: bool) -> None:
    blocks = [{"type": "thinking", "thinking": "hm", "signature": "sig"}, {"type": "text", "text": "Hi"}]
    message: dict[str, Any] = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude"}
    message |= {"content": blocks}
    message |= {"stop_reason": "end_turn", "stop_sequence": None, "usage": {"input_tokens": 3, "output_tokens": 2}}
    pieces = [
        {"type": "message_start", "message": message | {"content": [], "stop_reason": None}},
        wire.start(0, {"type": "thinking", "thinking": "", "signature": ""}),
        wire.delta(0, "thinking_delta", thinking="hm"),
        wire.delta(0, "signature_delta", signature="sig"),
        wire.stop(0),
        wire.start(1, {"type": "text", "text": ""}),
        wire.delta(1, "text_delta", text="Hi"),
        wire.stop(1),
        wire.ends("end_turn", usage={"output_tokens": 2}),
        wire.STOP,
    ]
    reply = events(*map(wire.sse, pieces)) if streamed else respond(dump(message))
    async with FaultUpstream(reply) as server:
        hub = make_hub(offered(server, MESSAGES, features=["reasoning"]))
        call = await ask(hub, stream=streamed, reasoning={"effort": "high"})
        first = answered(call)
        await ask(hub, previous_response_id=first["id"])
        sent = server.requests[1].json
    assert [item["type"] for item in first["output"]] == ["reasoning", "message"]
    assert b"entrepot:" not in call.body
    assert sent["messages"][1]["content"][0] == blocks[0]


# References ---------------------------------------------------------------------------------------


async def test_items_are_named_instead_of_sent(make_hub: MakeHub) -> None:
    async with FaultUpstream(spoken(samples.call()), spoken()) as server:
        hub = make_hub(offered(server, RESPONSES))
        await ask(hub)
        result = {"type": "function_call_output", "call_id": "call_up", "output": "7"}
        given = [said("Say hello"), {"type": "item_reference", "id": "fc_up"}, result]
        second = answered(await ask(hub, given))
        await ask(hub, "three", previous_response_id=second["id"])
        called = {name: value for name, value in samples.call().items() if name != "id"}
        assert server.requests[1].json["input"] == [said("Say hello"), called, result]
        assert server.requests[2].json["input"][:3] == [said("Say hello"), called, result]


async def test_an_item_that_stands_there_already_is_not_put_in_twice(make_hub: MakeHub) -> None:
    async with FaultUpstream(spoken()) as server:
        hub = make_hub(offered(server, RESPONSES))
        first = answered(await ask(hub, "one"))
        given = [{"type": "item_reference", "id": "msg_up"}, said("two")]
        await ask(hub, given, previous_response_id=first["id"])
        assert server.requests[1].json["input"] == [said("one"), samples.message("Hello"), said("two")]


async def test_an_item_that_nobody_kept_is_refused_by_its_place(make_hub: MakeHub) -> None:
    hub = make_hub()
    body = {"model": "gpt-4.1-mini", "input": [said("a"), {"type": "item_reference", "id": "msg_0"}]}
    call = await hub.post(PATH, body, token=hub.test)
    assert (call.status, call.error["param"], call.error["code"]) == (400, "input[1]", "item_not_found")


# The store ----------------------------------------------------------------------------------------


def rows(hub: RunningHub) -> list[str]:
    connection = apsw.Connection(str(hub.home.store.path))
    return [str(id) for (id,) in connection.execute("SELECT id FROM responses ORDER BY id")]


@both_ways
async def test_a_store_that_refuses_is_told_before_the_last_byte(make_hub: MakeHub, streamed: bool) -> None:
    async with FaultUpstream(stream("Hel", "lo") if streamed else plain()) as server:
        hub = make_hub(tables(server.base_url))
        hub.home.store._writer.execute(
            "CREATE TEMP TRIGGER full BEFORE INSERT ON responses BEGIN SELECT raise(ABORT, ''); END"
        )
        call = await ask(hub, stream=streamed)
    if streamed:
        assert (call.status, events_of(call)[-1]["code"]) == (200, "store_unavailable")
        assert "response.completed" not in {event["type"] for event in events_of(call)}
    else:
        assert (call.status, call.error["code"]) == (503, "store_unavailable")
    assert (await hub.row()).error_code == "store_unavailable"


@both_ways
async def test_an_answer_that_broke_off_is_not_kept(make_hub: MakeHub, streamed: bool) -> None:
    reply = stream("Hel", done=False).cut(150) if streamed else failure(500)
    async with FaultUpstream(reply) as server:
        hub = make_hub(tables(server.base_url))
        await ask(hub, stream=streamed)
    assert rows(hub) == []


async def test_a_response_expires_as_the_settings_say(make_hub: MakeHub) -> None:
    async with FaultUpstream(plain()) as server:
        hub = make_hub(tables(server.base_url), responses={"retention_days": 2, "max_bytes_per_key": 0})
        first = answered(await ask(hub))
    connection = apsw.Connection(str(hub.home.store.path))
    lives_ms = connection.execute("SELECT expires_at_ms - created_at_ms FROM responses").get
    assert lives_ms == 2 * 86_400_000
    hub.home.store.write(lambda run: hub.home.store.responses.prune(run, 0)).result(5)
    assert (await hub.get(f"{PATH}/{first['id']}", token=hub.live)).status == 404  # the key has no room for it


async def test_a_request_that_stands_alone_does_not_read_the_store(
    make_hub: MakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with FaultUpstream(plain()) as server:
        hub = make_hub(tables(server.base_url))

        def refuse(*_: Any) -> Any:
            raise AssertionError("the store was read")

        monkeypatch.setattr(hub.home.store.responses, "_read", refuse)
        assert (await ask(hub)).status == (await ask(hub, store=False)).status == 200
