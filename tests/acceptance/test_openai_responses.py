"""Responses by OpenAI's own Python SDK, in its strict mode: a test key's sandbox, and llama.cpp behind a live key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import openai
import pydantic
import pytest
from tests.support.hub import Hub
from tests.support.threaded_upstream import ThreadedUpstream
from tests.support.upstream import plain, stream

MODEL, TINY = "gpt-4.1-mini", "local/tiny"
CITY = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
WEATHER: Any = {
    "type": "function",
    "name": "get_weather",
    "description": "Current weather of a city.",
    "parameters": CITY,
    "strict": True,
}
POPULATION: Any = WEATHER | {"name": "get_population", "description": "How many people live in a city."}
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
STATUS_ERRORS: dict[int, type[openai.APIStatusError]] = {
    400: openai.BadRequestError,
    401: openai.AuthenticationError,
    403: openai.PermissionDeniedError,
    404: openai.NotFoundError,
    409: openai.ConflictError,
    413: openai.APIStatusError,
    422: openai.UnprocessableEntityError,
    429: openai.RateLimitError,
    500: openai.InternalServerError,
    502: openai.InternalServerError,
    503: openai.InternalServerError,
    504: openai.InternalServerError,
    529: openai.InternalServerError,
}


class Ship(pydantic.BaseModel):
    name: str
    tons: int


def connected(hub: Hub, token: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=hub.api, api_key=token, max_retries=0, _strict_response_validation=True)


@pytest.fixture
def client(hub: Hub) -> Iterator[openai.OpenAI]:
    with connected(hub, hub.tokens.test) as made:
        yield made


@pytest.fixture
def live(hub: Hub) -> Iterator[openai.OpenAI]:
    with connected(hub, hub.tokens.live) as made:
        yield made


@pytest.fixture
def engine(local_hub: Hub) -> Iterator[openai.OpenAI]:
    with connected(local_hub, local_hub.tokens.live) as made:
        yield made


def said(prompt: Any, **fields: Any) -> dict[str, Any]:
    return {"model": MODEL, "input": prompt, **fields}


def asked(**fields: Any) -> dict[str, Any]:
    return said("What is in the harbour?", model=TINY, temperature=0, **fields)


def answer_of(client: openai.OpenAI, request: dict[str, Any], *, streamed: bool) -> Any:
    """The response, plain or as the SDK gathers it from a stream."""
    if not streamed:
        return client.responses.create(**request)
    with client.responses.stream(**request) as events:
        return events.get_final_response()


def calls_of(response: Any) -> list[Any]:
    return [item for item in response.output if item.type == "function_call"]


both_ways = pytest.mark.parametrize("streamed", [False, True], ids=["plain", "stream"])


# The sandbox --------------------------------------------------------------------------------------


@both_ways
def test_answer(client: openai.OpenAI, streamed: bool) -> None:
    response = answer_of(client, said("Count to 9", instructions="Be brief."), streamed=streamed)
    assert (response.output_text, response.status) == ("1, 2, 3, 4, 5, 6, 7, 8, 9", "completed")
    assert (response.model, response.instructions, response.store) == (MODEL, "Be brief.", True)
    assert response.usage.total_tokens == response.usage.input_tokens + response.usage.output_tokens > 10


def test_events_are_numbered_and_in_order(client: openai.OpenAI) -> None:
    events: list[Any] = list(client.responses.create(**said("Say hello"), stream=True))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert [event.type for event in events][:2] == ["response.created", "response.in_progress"]
    assert events[-1].type == "response.completed"
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert "".join(deltas) == events[-1].response.output_text == "hello"


async def test_asynchronous_client(hub: Hub) -> None:
    async with openai.AsyncOpenAI(
        base_url=hub.api, api_key=hub.tokens.test, _strict_response_validation=True
    ) as client:
        whole: Any = await client.responses.create(**said("Say hello"))
        async with client.responses.stream(**said("Say hello")) as events:
            streamed = await events.get_final_response()
    assert whole.output_text == streamed.output_text == "hello"


@both_ways
def test_limit_makes_the_answer_incomplete(client: openai.OpenAI, streamed: bool) -> None:
    request = said("Count to 100", max_output_tokens=16, stream=streamed)
    answer: Any = client.responses.create(**request)
    if streamed:
        (answer,) = (event.response for event in answer if event.type == "response.incomplete")
    assert (answer.status, answer.incomplete_details.reason) == ("incomplete", "max_output_tokens")
    assert answer.usage.output_tokens == 16


@both_ways
def test_reasoning(client: openai.OpenAI, streamed: bool) -> None:
    response = answer_of(client, said("Say hello", model="sandbox/reasoning"), streamed=streamed)
    assert [item.type for item in response.output] == ["reasoning", "message"]
    assert response.output_text == "hello"
    assert response.usage.output_tokens_details.reasoning_tokens > 0


@both_ways
def test_tool_loop(client: openai.OpenAI, streamed: bool) -> None:
    request = said([{"role": "user", "content": "What is the weather in Paris?"}], tools=[WEATHER])
    (call,) = calls_of(answer_of(client, request, streamed=streamed))
    assert (call.name, json.loads(call.arguments)) == ("get_weather", {"city": "Paris"})
    made = call.model_dump(include={"type", "id", "call_id", "name", "arguments"})
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "18 degrees and rain"}
    request["input"] += [made, result]
    assert answer_of(client, request, streamed=streamed).output_text == "18 degrees and rain"


@both_ways
def test_parallel_and_forced_tools(client: openai.OpenAI, streamed: bool) -> None:
    prompt = "Call get_weather for Paris and get_population for Lyon."
    request = said(prompt, tools=[WEATHER, POPULATION])
    both = calls_of(answer_of(client, request, streamed=streamed))
    assert [(call.name, json.loads(call.arguments)["city"]) for call in both] == [
        ("get_weather", "Paris"),
        ("get_population", "Lyon"),
    ]
    one = answer_of(client, request | {"parallel_tool_calls": False}, streamed=streamed)
    assert len(calls_of(one)) == 1
    forced = {"type": "function", "name": "get_population"}
    request = said("Hello", tools=[WEATHER, POPULATION], tool_choice=forced)
    assert [call.name for call in calls_of(answer_of(client, request, streamed=streamed))] == ["get_population"]


@pytest.mark.parametrize(
    ("part", "seen"),
    [
        ({"type": "input_image", "image_url": f"data:image/png;base64,{PIXEL}", "detail": "auto"}, "1 image (1 × 1)"),
        ({"type": "input_image", "image_url": "https://example.com/harbour.png", "detail": "high"}, "1 image"),
        (
            {"type": "input_file", "filename": "manifest.pdf", "file_data": "data:application/pdf;base64,JVBERi0="},
            "1 file (manifest.pdf)",
        ),
    ],
    ids=["image", "image-url", "file"],
)
def test_attachments_are_seen(client: openai.OpenAI, part: Any, seen: str) -> None:
    content = [{"type": "input_text", "text": "What is it?"}, part]
    assert seen in client.responses.create(**said([{"role": "user", "content": content}])).output_text


def test_reasoning_is_taken_back(client: openai.OpenAI) -> None:
    include = ["reasoning.encrypted_content"]
    asking = [{"role": "user", "content": "Say hello"}]
    first = client.responses.create(**said(asking, reasoning={"effort": "low", "summary": "auto"}, include=include))
    thought, message = first.output
    assert thought.type == "reasoning"
    assert thought.encrypted_content
    again = [*asking, thought.model_dump(), message.model_dump(), {"role": "user", "content": "Count to 3"}]
    assert client.responses.create(**said(again)).output_text == "1, 2, 3"


def test_stored_responses(client: openai.OpenAI) -> None:
    first = client.responses.create(**said("My name is Ada."))
    assert client.responses.retrieve(first.id) == first
    second = client.responses.create(**said("What is my name?", previous_response_id=first.id))
    assert "Ada" in second.output_text
    items: list[Any] = list(client.responses.input_items.list(second.id, limit=1, order="asc"))
    assert [item.role for item in items] == ["user", "assistant", "user"]
    assert items[0].content[0].text == "My name is Ada."
    with client.responses.stream(response_id=second.id) as events:
        assert events.get_final_response().output_text == second.output_text
    client.responses.delete(first.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(first.id)
    unkept = client.responses.create(**said("Say hello", store=False))
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(unkept.id)


def test_compaction(hub: Hub) -> None:
    # Not strict: the user's messages, which the SDK documents in the output, are not in the type it has for it.
    with openai.OpenAI(base_url=hub.api, api_key=hub.tokens.test, max_retries=0) as client:
        compacted = client.responses.compact(model=MODEL, input="My name is Ada.")
        assert (compacted.object, compacted.output[-1].type) == ("response.compaction", "compaction")
        kept = [item.to_dict(warnings=False) for item in compacted.output]
        again = client.responses.create(**said([*kept, {"role": "user", "content": "What is my name?"}]))
        assert "Ada" in again.output_text


def test_custom_tool_takes_free_text(client: openai.OpenAI) -> None:
    request = said('Call run_script with "print(1)"', tools=[{"type": "custom", "name": "run_script"}])
    (call,) = client.responses.create(**request).output
    assert (call.type, call.name, call.input) == ("custom_tool_call", "run_script", "print(1)")


def test_parse_gives_the_model(client: openai.OpenAI) -> None:
    request = said('The "Alma" carries 4200 tons.', text_format=Ship)
    assert client.responses.parse(**request).output_parsed == Ship(name="Alma", tons=4200)
    with client.responses.stream(**request) as events:
        assert events.get_final_response().output_parsed == Ship(name="Alma", tons=4200)


# Errors -------------------------------------------------------------------------------------------


@both_ways
@pytest.mark.parametrize("status", STATUS_ERRORS)
def test_each_status_raises_its_class(client: openai.OpenAI, status: int, streamed: bool) -> None:
    with pytest.raises(STATUS_ERRORS[status]) as caught:
        answer_of(client, said("Hello", model=f"sandbox/error-{status}"), streamed=streamed)
    assert caught.value.status_code == status
    assert (caught.value.request_id or "").startswith("req_")
    assert isinstance(caught.value.body, dict)
    assert {"message", "type", "param", "code"} <= set(caught.value.body)


def test_errors_of_the_hub_itself(hub: Hub, client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as bad:
        client.responses.create(**said([{"type": "message", "role": "robot", "content": "Hello"}]))
    assert (bad.value.param or "").startswith("input[0]")
    with pytest.raises(openai.BadRequestError) as unknown:
        client.responses.create(**said("Hello", previous_response_id="resp_0"))
    assert (unknown.value.param, unknown.value.code) == ("previous_response_id", "previous_response_not_found")
    with pytest.raises(openai.NotFoundError) as missing:
        client.responses.create(**said("Hello", model="gpt-0"))
    assert missing.value.code == "model_not_found"
    with connected(hub, "ep-test-wrong") as stranger, pytest.raises(openai.AuthenticationError):
        stranger.responses.create(**said("Hello"))


def test_cut_stream_ends_in_an_error_event(client: openai.OpenAI) -> None:
    request = said("Count to 50", model="sandbox/cut-stream", stream=True)
    events: list[Any] = list(client.responses.create(**request))
    assert (events[-1].type, events[-1].code) == ("error", "upstream_stream_broken")
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert "response.completed" not in {event.type for event in events}
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert "".join(deltas) == "1, 2,"


def test_request_id_names_the_exchange(hub: Hub, client: openai.OpenAI) -> None:
    response = client.responses.create(**said("Say hello"))
    assert response._request_id is not None
    assert response.usage is not None
    row = hub.exchange(response._request_id)
    assert (row["dialect"], row["asked"], row["mode"], row["finish"]) == ("openai_responses", MODEL, "test", "stop")
    assert (row["input_tokens"], row["output_tokens"]) == (response.usage.input_tokens, response.usage.output_tokens)


# An upstream of another dialect -------------------------------------------------------------------


@both_ways
def test_chat_upstream(live: openai.OpenAI, upstream: ThreadedUpstream, streamed: bool) -> None:
    upstream.play(stream("Hel", "lo") if streamed else plain("Hello"))
    response = answer_of(live, said("Say hello", model="fault", instructions="Be brief."), streamed=streamed)
    assert (response.output_text, response.status) == ("Hello", "completed")
    assert (response.usage.input_tokens, response.usage.output_tokens) == (11, 7)
    sent = upstream.server.requests[0].json
    assert [turn["content"] for turn in sent["messages"]] == ["Be brief.", "Say hello"]


# llama.cpp ----------------------------------------------------------------------------------------


def test_engine_answers(local_hub: Hub, engine: openai.OpenAI) -> None:
    whole = answer_of(engine, asked(), streamed=False)
    streamed = answer_of(engine, asked(), streamed=True)
    assert len(whole.output_text.split()) > 3
    assert (streamed.output_text, streamed.status) == (whole.output_text, "completed")
    assert streamed.usage.output_tokens == whole.usage.output_tokens
    row = local_hub.exchange(whole._request_id)
    assert (row["output_tokens"], row["estimated"]) == (whole.usage.output_tokens, 0)


@both_ways
def test_engine_is_forced_to_call_a_tool(engine: openai.OpenAI, streamed: bool) -> None:
    asking = [{"role": "user", "content": "What is in the harbour?"}]
    request = asked(tools=[WEATHER], tool_choice="required") | {"input": asking}
    (call,) = calls_of(answer_of(engine, request, streamed=streamed))
    assert call.name == "get_weather"
    jsonschema_rs.validate(CITY, json.loads(call.arguments))
    made = call.model_dump(include={"type", "id", "call_id", "name", "arguments"})
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "18 degrees"}
    request |= {"input": [*asking, made, result], "tool_choice": "none"}
    assert answer_of(engine, request, streamed=streamed).output_text


def test_engine_keeps_to_a_schema(engine: openai.OpenAI) -> None:
    wanted = {"format": {"type": "json_schema", "name": "city", "schema": CITY, "strict": True}}
    response = engine.responses.create(**asked(text=wanted))
    jsonschema_rs.validate(CITY, json.loads(response.output_text))


def test_engine_stops_at_the_limit(engine: openai.OpenAI) -> None:
    response = engine.responses.create(**asked(max_output_tokens=2))
    assert (response.status, response.usage and response.usage.output_tokens) == ("incomplete", 2)
