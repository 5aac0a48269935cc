"""Each dialect of clients against each dialect of upstreams, through the real app: what is sent, told and recorded."""

from __future__ import annotations

from typing import Any

import pytest
from tests.conftest import MakeHub
from tests.support.pairs import (
    ANSWER,
    CHAT,
    CLIENTS,
    COUNTED,
    MESSAGES,
    PROMPT,
    RESPONSES,
    SYSTEM,
    UPSTREAMS,
    ask,
    data_of,
    every_client,
    every_crossing,
    every_pair,
    finish_of,
    message_pieces,
    named,
    offered,
    said_to,
    streamed_counts,
    streamed_text,
    streaming,
)
from tests.support.running import question
from tests.support.upstream import FaultUpstream, dump, events, failure, plain, respond

from entrepot.api.inference import ROUTES
from entrepot.conversation import Usage

# Every client and every upstream ------------------------------------------------------------------


@every_pair
async def test_plain_answer(make_hub: MakeHub, client: str, upstream: str) -> None:
    wanted = UPSTREAMS[upstream]
    async with FaultUpstream(wanted.plain()) as server:
        hub = make_hub(offered((server, upstream)))
        answer = await ask(hub, client)
        row = await hub.row()
        (request,) = server.requests
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert CLIENTS[client].text(answer.json) == ANSWER
    assert (finish_of(answer.json), CLIENTS[client].counts(answer.json)) == (CLIENTS[client].finish, (11, 7))
    assert request.path == wanted.path
    assert ("anthropic-version" in request.headers) is (upstream == MESSAGES)
    assert (answer.headers.get("request-id") == answer.headers["x-request-id"]) is (client == MESSAGES)
    assert said_to(request.json) == {"model": "up1-model", "told": SYSTEM, "asked": PROMPT, "limit": 64}
    assert (row.dialect, row.stream, row.status, row.finish) == (client, False, 200, "stop")
    assert (row.usage, row.answered, row.offered) == (COUNTED, wanted.answered, "up1-model")


@every_pair
async def test_streamed_answer(make_hub: MakeHub, client: str, upstream: str) -> None:
    wanted = UPSTREAMS[upstream]
    async with FaultUpstream(wanted.streamed()) as server:
        hub = make_hub(offered((server, upstream)))
        answer = await ask(hub, client, **streaming(client))
        row = await hub.row()
        (request,) = server.requests
    data = data_of(client, answer)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    assert (streamed_text(client, data), streamed_counts(client, data)) == (ANSWER, (11, 7))
    assert (request.path, request.json["stream"]) == (wanted.path, True)
    assert (row.dialect, row.stream, row.status, row.finish) == (client, True, 200, "stop")
    assert (row.usage, row.answered, row.error_code) == (COUNTED, wanted.answered, None)


@every_client
async def test_own_dialect_passes_unread(make_hub: MakeHub, client: str) -> None:
    wanted = UPSTREAMS[client]
    strange = respond(dump(wanted.answer(wanted.usage) | {"of_tomorrow": {"x": [1.50]}}))
    async with FaultUpstream(strange, wanted.streamed()) as server:
        hub = make_hub(offered((server, client)))
        unstored = {"store": False} if client == RESPONSES else {}
        whole = await ask(hub, client, metadata={}, **unstored)
        streamed = await ask(hub, client, **streaming(client), **unstored)
    assert whole.body == strange.body
    assert streamed.body == wanted.streamed().body
    sent = {**CLIENTS[client].body, "model": "up1-model", "metadata": {}}
    assert server.requests[0].json == sent | unstored


@pytest.mark.parametrize(
    "path", [path for path in ROUTES if path.endswith(("v1/chat/completions", "messages", "responses"))]
)
async def test_every_route_speaks_its_dialect(make_hub: MakeHub, path: str) -> None:
    hub = make_hub()
    client = MESSAGES if path.endswith("messages") else RESPONSES if path.endswith("responses") else CHAT
    body = {**CLIENTS[client].body, "model": "gpt-4.1-mini"}
    answer = await hub.post(path, body, token=hub.test)
    assert (answer.status, CLIENTS[client].text(answer.json)) == (200, "hello")
    assert (await hub.row()).dialect == client


# What cannot be carried ---------------------------------------------------------------------------

REFUSED: list[tuple[str, str, dict[str, Any], str]] = [
    (CHAT, MESSAGES, {"n": 2}, "n"),
    (CHAT, MESSAGES, {"logit_bias": {"7": 5}}, "logit_bias"),
    (CHAT, RESPONSES, {"stop": ["END"]}, "stop"),
    (CHAT, RESPONSES, {"of_tomorrow": True}, "of_tomorrow"),
    (MESSAGES, RESPONSES, {"stop_sequences": ["END"]}, "stop_sequences"),
    (MESSAGES, CHAT, {"mcp_servers": [{"type": "url", "url": "https://mcp.test", "name": "m"}]}, "mcp_servers"),
    (RESPONSES, CHAT, {"truncation": "auto"}, "truncation"),
    (RESPONSES, MESSAGES, {"include": ["message.output_text.logprobs"]}, "include"),
]


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
@pytest.mark.parametrize(("client", "upstream", "fields", "param"), REFUSED, ids=[f"{r[3]}-{r[1]}" for r in REFUSED])
async def test_a_field_without_a_place_is_refused_by_its_own_name(
    make_hub: MakeHub, client: str, upstream: str, fields: dict[str, Any], param: str, stream: bool
) -> None:
    async with FaultUpstream(UPSTREAMS[upstream].plain()) as server:
        hub = make_hub(offered((server, upstream)))
        answer = await ask(hub, client, **fields, stream=stream)
        assert server.requests == []
        row = await hub.row()
    assert (answer.status, answer.error["type"]) == (400, "invalid_request_error")
    assert f"'{param}'" in answer.error["message"]
    assert answer.error.get("param") == (None if client == MESSAGES else param)
    assert (row.status, row.error_code, row.usage) == (400, "unsupported_by_upstream", Usage())


async def test_an_effort_that_the_model_has_no_name_for_becomes_the_nearest(make_hub: MakeHub) -> None:
    async with FaultUpstream(UPSTREAMS[CHAT].plain()) as server:
        catalogue = offered((server, CHAT))
        catalogue["models"][0] |= {
            "features": ["reasoning"],
            "parameters": {"reasoning_effort": {"enum": ["low", "high"]}},
        }
        hub = make_hub(catalogue)
        await ask(hub, MESSAGES, output_config={"effort": "max"})
        await ask(hub, MESSAGES, thinking={"type": "disabled"})
    assert [request.json["reasoning_effort"] for request in server.requests] == ["high", "low"]


DROPPED: list[tuple[str, str, dict[str, Any], str]] = [
    (CHAT, MESSAGES, {"seed": 7, "prompt_cache_key": "k"}, "seed, prompt_cache_key"),
    (CHAT, RESPONSES, {"seed": 7}, "seed"),
    (MESSAGES, CHAT, {"context_management": {"edits": []}}, "context_management"),
    (RESPONSES, CHAT, {"metadata": {"ship": "Anna"}}, "metadata"),
    (RESPONSES, MESSAGES, {"tools": [{"type": "web_search"}]}, "tools[type=web_search]"),
]


@pytest.mark.parametrize(("client", "upstream", "fields", "names"), DROPPED, ids=[f"{r[0]}-{r[1]}" for r in DROPPED])
async def test_dropped_hints_are_told(
    make_hub: MakeHub, client: str, upstream: str, fields: dict[str, Any], names: str
) -> None:
    async with FaultUpstream(UPSTREAMS[upstream].plain(), UPSTREAMS[upstream].streamed()) as server:
        hub = make_hub(offered((server, upstream)))
        whole = await ask(hub, client, **fields)
        streamed = await ask(hub, client, **fields, **streaming(client))
        sent = server.requests[0].json
    assert (whole.status, whole.headers["x-entrepot-dropped"]) == (200, names)
    assert (streamed.status, streamed.headers["x-entrepot-dropped"]) == (200, names)
    assert sent.keys().isdisjoint(fields)


@every_crossing
async def test_nothing_dropped_is_not_mentioned(make_hub: MakeHub, client: str, upstream: str) -> None:
    async with FaultUpstream(UPSTREAMS[upstream].plain()) as server:
        answer = await ask(make_hub(offered((server, upstream))), client)
    assert "x-entrepot-dropped" not in answer.headers


@every_crossing
async def test_output_limit_is_kept_to_what_the_model_gives(make_hub: MakeHub, client: str, upstream: str) -> None:
    async with FaultUpstream(UPSTREAMS[upstream].plain()) as server:
        hub = make_hub(offered((server, upstream), max_output_tokens=32))
        answer = await ask(hub, client)
        assert (answer.status, said_to(server.requests[0].json)["limit"]) == (200, 32)


REASONING: dict[str, tuple[dict[str, Any], str]] = {
    CHAT: ({"reasoning_effort": "high"}, "reasoning_effort"),
    MESSAGES: ({"output_config": {"effort": "high"}}, "output_config.effort"),
    RESPONSES: ({"reasoning": {"effort": "high"}}, "reasoning.effort"),
}


@every_crossing
async def test_reasoning_is_asked_of_models_that_reason(make_hub: MakeHub, client: str, upstream: str) -> None:
    fields, name = REASONING[client]
    async with FaultUpstream(UPSTREAMS[upstream].plain()) as server:
        catalogue = offered((server, upstream), features=["reasoning"])
        catalogue["models"][0]["offers"][0]["upstream_model"] = "claude-opus-4-8"  # takes an effort in every dialect
        without = await ask(make_hub(offered((server, upstream))), client, **fields)
        able = await ask(make_hub(catalogue), client, **fields)
    assert (without.status, without.headers["x-entrepot-dropped"]) == (200, name)
    assert (able.status, able.headers.get("x-entrepot-dropped")) == (200, None)
    assert ["high" in request.body.decode() for request in server.requests] == [False, True]


@pytest.mark.parametrize(("client", "param"), [(CHAT, "messages"), (MESSAGES, "messages"), (RESPONSES, "input")])
async def test_a_context_that_is_too_long(make_hub: MakeHub, client: str, param: str) -> None:
    async with FaultUpstream(plain()) as server:
        hub = make_hub(offered((server, CHAT), context_tokens=128))
        given = "word " * 400 if client == RESPONSES else question("word " * 400)["messages"]
        answer = await ask(hub, client, **{param: given})
        assert server.requests == []
    assert answer.status == 400
    if client == MESSAGES:  # by these words Claude Code knows that it must compact
        assert answer.error["message"].startswith("prompt is too long")
    else:
        assert (answer.error["code"], answer.error["param"]) == ("context_length_exceeded", param)


# What goes wrong ----------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["keep", "close", "reset"])
@every_pair
async def test_a_broken_stream_ends_in_an_error(make_hub: MakeHub, client: str, upstream: str, end: Any) -> None:
    wanted = UPSTREAMS[upstream]
    broken = events(*wanted.begun).slowly(0.01)
    broken = broken if end == "keep" else broken.cut(len(broken.body), end)
    async with FaultUpstream(broken) as server:
        hub = make_hub(offered((server, upstream)))
        answer = await ask(hub, client, **streaming(client))
        row = await hub.row()
    data = data_of(client, answer)
    assert answer.status == 200
    assert streamed_text(client, [event for event in data if event != "[DONE]"]) == ANSWER
    _check_broken(client, data, answer.headers["x-request-id"])
    assert (row.status, row.error_code, row.stream) == (
        502,
        "upstream_stream_broken" if end == "keep" else "upstream_protocol_error",
        True,
    )
    assert row.usage.output_tokens > 0


@every_crossing
async def test_what_came_with_the_error_is_delivered(make_hub: MakeHub, client: str, upstream: str) -> None:
    """Text and the error that ends it may arrive in one piece."""
    wanted = UPSTREAMS[upstream]
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    last = named(error) if upstream == MESSAGES else named(error | {"message": "Overloaded", "code": None})
    last = b'data: {"error": {"message": "Overloaded"}}\n\n' if upstream == CHAT else last
    async with FaultUpstream(events(b"".join([*wanted.begun, last]))) as server:
        answer = await ask(make_hub(offered((server, upstream))), client, **streaming(client))
    data = data_of(client, answer)
    assert streamed_text(client, data) == ANSWER
    _check_broken(client, data, answer.headers["x-request-id"])
    assert "Overloaded" in answer.body.decode()


def _check_broken(client: str, data: list[Any], request_id: str) -> None:
    """The dialect's own error event is the last, and nothing before it says that the answer is whole."""
    last = data[-1]
    if client == CHAT:
        assert last["error"]["request_id"] == request_id
        assert "[DONE]" not in data
        assert all(choice["finish_reason"] is None for event in data[:-1] for choice in event["choices"])
        return
    kinds = [event["type"] for event in data]
    assert (last["type"], last["request_id"]) == ("error", request_id)
    assert kinds.count("error") == 1
    assert {"message_stop", "message_delta", "response.completed"}.isdisjoint(kinds)
    if client == RESPONSES:
        assert [event["sequence_number"] for event in data] == list(range(len(data)))


@every_client
async def test_an_error_before_the_first_event_fails_over(make_hub: MakeHub, client: str) -> None:
    other = next(name for name in UPSTREAMS if name != client)
    broken = events(b'data: {"error": {"message": "Overloaded", "type": "overloaded_error"}, "type": "error"}\n\n')
    async with FaultUpstream(broken) as first, FaultUpstream(UPSTREAMS[other].streamed()) as second:
        hub = make_hub(offered((first, MESSAGES), (second, other)))
        answer = await ask(hub, client, **streaming(client))
        row = await hub.row()
    data = data_of(client, answer)
    assert (answer.status, answer.headers["x-entrepot-provider"]) == (200, "up2")
    assert (streamed_text(client, data), streamed_counts(client, data)) == (ANSWER, (11, 7))
    assert (row.provider, row.attempts > 1, row.usage) == ("up2", True, COUNTED)


@every_pair
@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
async def test_an_upstream_that_fails_is_told_of_in_the_clients_words(
    make_hub: MakeHub, client: str, upstream: str, stream: bool
) -> None:
    async with FaultUpstream(failure(500, "Boom")) as server:
        hub = make_hub(offered((server, upstream)))
        answer = await ask(hub, client, stream=stream)
        row = await hub.row()
    assert (answer.status, answer.error["type"]) == (502, "api_error" if client == MESSAGES else "server_error")
    assert (answer.json.get("type"), row.status) == ("error" if client == MESSAGES else None, 502)


@every_pair
@pytest.mark.parametrize(
    "nothing", [b"{}", b"not JSON", b"[]", b'{"choices": []}', b'{"error": {"message": "no luck"}}']
)
async def test_what_is_no_answer_is_an_upstreams_failure(
    make_hub: MakeHub, client: str, upstream: str, nothing: bytes
) -> None:
    async with FaultUpstream(respond(nothing)) as server:
        answer = await ask(make_hub(offered((server, upstream))), client)
    assert (answer.status, "error" in answer.json) == (502, True)


@every_crossing
@pytest.mark.parametrize("streams", [False, True], ids=["plain", "stream"])
async def test_missing_usage_is_counted_here(make_hub: MakeHub, client: str, upstream: str, streams: bool) -> None:
    wanted = UPSTREAMS[upstream]
    begun = message_pieces(None)[:5] if upstream == MESSAGES else wanted.begun
    silent = events(*begun, *wanted.ending(None)) if streams else respond(dump(wanted.answer(None)))
    async with FaultUpstream(silent) as server:
        hub = make_hub(offered((server, upstream)))
        answer = await ask(hub, client, **(streaming(client) if streams else {}))
        usage = (await hub.row()).usage
    assert usage.estimated
    assert usage.input_tokens > 4
    assert usage.output_tokens == 1
    told = streamed_counts(client, data_of(client, answer)) if streams else CLIENTS[client].counts(answer.json)
    assert told == (usage.input_tokens, usage.output_tokens)


# What the model refuses ---------------------------------------------------------------------------

THINKS = ["streaming", "tools", "reasoning"]
SAMPLING: list[tuple[str, str, dict[str, Any], str]] = [
    (CHAT, MESSAGES, {"temperature": 0.7}, "temperature"),
    (CHAT, RESPONSES, {"top_p": 0.9}, "top_p"),
    (MESSAGES, CHAT, {"top_k": 40}, "top_k"),
    (RESPONSES, MESSAGES, {"temperature": 0}, "temperature"),
]


@pytest.mark.parametrize(("client", "upstream", "fields", "param"), SAMPLING, ids=[f"{r[3]}-{r[1]}" for r in SAMPLING])
async def test_sampling_is_refused_for_models_that_decide_it_themselves(
    make_hub: MakeHub, client: str, upstream: str, fields: dict[str, Any], param: str
) -> None:
    async with FaultUpstream(UPSTREAMS[upstream].plain()) as server:
        hub = make_hub(offered((server, upstream), features=THINKS))
        answer = await ask(hub, client, **fields)
        assert server.requests == []
    assert (answer.status, answer.error["type"]) == (400, "invalid_request_error")
    assert f"'{param}'" in answer.error["message"]


@every_crossing
async def test_the_defaults_of_sampling_ask_for_nothing(make_hub: MakeHub, client: str, upstream: str) -> None:
    async with FaultUpstream(UPSTREAMS[upstream].plain()) as server:
        hub = make_hub(offered((server, upstream), features=THINKS))
        answer = await ask(hub, client, temperature=1, top_p=1.0)
        (request,) = server.requests
    assert (answer.status, "x-entrepot-dropped" in answer.headers) == (200, False)
    assert not {"temperature", "top_p"} & set(request.json)


async def test_some_models_take_sampling_as_long_as_they_do_not_think(make_hub: MakeHub) -> None:
    features = [*THINKS, "sampling_unless_thinking"]
    async with FaultUpstream(UPSTREAMS[RESPONSES].plain(), UPSTREAMS[RESPONSES].plain()) as server:
        hub = make_hub(offered((server, RESPONSES), features=features))
        thinking = await ask(hub, CHAT, temperature=0.5)
        not_thinking = await ask(hub, CHAT, temperature=0.5, reasoning_effort="none")
        (request,) = server.requests
    assert (thinking.status, not_thinking.status) == (400, 200)
    assert request.json["temperature"] == 0.5
