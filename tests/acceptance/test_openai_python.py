"""OpenAI's own Python SDK, in its strict mode, plain and asynchronous, against a hub with a test key."""

from __future__ import annotations

import asyncio
import json
import struct
import zlib
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import openai
import pydantic
import pytest
from openai.lib.streaming.chat import ChatCompletionStreamEvent
from openai.types.chat import ChatCompletion, ChatCompletionChunk, ParsedChatCompletion
from tests.support.hub import Hub, eventually, make_key
from tests.support.threaded_upstream import ThreadedUpstream
from tests.support.upstream import failure

MODEL = "gpt-4.1-mini"
WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Current weather of a city.",
        "strict": True,
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["c", "f"]}},
            "required": ["city", "unit"],
            "additionalProperties": False,
        },
    },
}
POPULATION: Any = {
    "type": "function",
    "function": {
        "name": "get_population",
        "description": "How many people live in a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
STATUS_ERRORS: dict[int, type[openai.APIStatusError]] = {
    400: openai.BadRequestError,
    401: openai.AuthenticationError,
    403: openai.PermissionDeniedError,
    404: openai.NotFoundError,
    408: openai.APIStatusError,
    409: openai.ConflictError,
    413: openai.APIStatusError,
    415: openai.APIStatusError,
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


class SyncCaller:
    """The SDK's plain client."""

    def __init__(self, hub: Hub) -> None:
        self._options: Any = {
            "base_url": hub.api,
            "api_key": hub.tokens.test,
            "max_retries": 0,
            "_strict_response_validation": True,
        }

    def create(self, **request: Any) -> ChatCompletion:
        with openai.OpenAI(**self._options) as client:
            answer: ChatCompletion = client.chat.completions.create(**request)
            return answer

    def chunks(self, **request: Any) -> list[ChatCompletionChunk]:
        with openai.OpenAI(**self._options) as client:
            return list(client.chat.completions.create(stream=True, **request))

    def events(self, **request: Any) -> tuple[list[ChatCompletionStreamEvent[Any]], ParsedChatCompletion[Any]]:
        with openai.OpenAI(**self._options) as client, client.chat.completions.stream(**request) as stream:
            return list(stream), stream.get_final_completion()

    def parse(self, **request: Any) -> ParsedChatCompletion[Any]:
        with openai.OpenAI(**self._options) as client:
            return client.chat.completions.parse(**request)

    def models(self) -> list[str]:
        with openai.OpenAI(**self._options) as client:
            return [model.id for model in client.models.list()]

    def model(self, name: str) -> str:
        with openai.OpenAI(**self._options) as client:
            return client.models.retrieve(name).id


class AsyncCaller(SyncCaller):
    """The SDK's asynchronous client, behind the same methods."""

    def create(self, **request: Any) -> ChatCompletion:
        async def work(client: openai.AsyncOpenAI) -> ChatCompletion:
            answer: ChatCompletion = await client.chat.completions.create(**request)
            return answer

        made: ChatCompletion = self._run(work)
        return made

    def chunks(self, **request: Any) -> list[ChatCompletionChunk]:
        async def work(client: openai.AsyncOpenAI) -> list[ChatCompletionChunk]:
            return [chunk async for chunk in await client.chat.completions.create(stream=True, **request)]

        found: list[ChatCompletionChunk] = self._run(work)
        return found

    def events(self, **request: Any) -> tuple[list[ChatCompletionStreamEvent[Any]], ParsedChatCompletion[Any]]:
        async def work(client: openai.AsyncOpenAI) -> Any:
            async with client.chat.completions.stream(**request) as stream:
                return [event async for event in stream], await stream.get_final_completion()

        found: tuple[list[ChatCompletionStreamEvent[Any]], ParsedChatCompletion[Any]] = self._run(work)
        return found

    def parse(self, **request: Any) -> ParsedChatCompletion[Any]:
        async def work(client: openai.AsyncOpenAI) -> ParsedChatCompletion[Any]:
            return await client.chat.completions.parse(**request)

        parsed: ParsedChatCompletion[Any] = self._run(work)
        return parsed

    def models(self) -> list[str]:
        async def work(client: openai.AsyncOpenAI) -> list[str]:
            return [model.id async for model in client.models.list()]

        names: list[str] = self._run(work)
        return names

    def model(self, name: str) -> str:
        async def work(client: openai.AsyncOpenAI) -> str:
            return (await client.models.retrieve(name)).id

        found: str = self._run(work)
        return found

    def _run(self, work: Callable[[openai.AsyncOpenAI], Awaitable[Any]]) -> Any:
        async def main() -> Any:
            async with openai.AsyncOpenAI(**self._options) as client:
                return await work(client)

        return asyncio.run(main())


@pytest.fixture(params=[SyncCaller, AsyncCaller], ids=["sync", "async"])
def caller(request: pytest.FixtureRequest, hub: Hub) -> SyncCaller:
    kind: type[SyncCaller] = request.param
    return kind(hub)


def said(text: Any) -> Any:
    return [{"role": "user", "content": text}]


# Answers ------------------------------------------------------------------------------------------


def test_plain_answer(caller: SyncCaller) -> None:
    answer = caller.create(model=MODEL, messages=said("Say hello"))
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == ("hello", "stop")
    assert (answer.model, answer.system_fingerprint) == (MODEL, "fp_sandbox")
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 1


def test_stream_says_what_the_plain_answer_says(caller: SyncCaller) -> None:
    request = {"model": MODEL, "messages": said("Count to 20")}
    chunks = caller.chunks(**request, stream_options={"include_usage": True})
    texts = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices and chunk.choices[0].delta.content]
    plain = caller.create(**request)
    assert len(texts) > 20
    assert "".join(texts) == plain.choices[0].message.content
    assert chunks[-1].usage == plain.usage
    assert len({chunk.id for chunk in chunks}) == 1


def test_stream_without_usage_asked_has_none(caller: SyncCaller) -> None:
    chunks = caller.chunks(model=MODEL, messages=said("Say hello"))
    assert all(chunk.choices and chunk.usage is None for chunk in chunks)


def test_several_choices(caller: SyncCaller) -> None:
    request = {"model": MODEL, "messages": said("Say hello"), "n": 3}
    plain = [choice.message.content for choice in caller.create(**request).choices]
    streamed = ["", "", ""]
    for chunk in caller.chunks(**request):
        streamed[chunk.choices[0].index] += chunk.choices[0].delta.content or ""
    assert plain == streamed == ["hello", "hello (choice 2)", "hello (choice 3)"]


def test_log_probabilities(caller: SyncCaller) -> None:
    request = {"model": MODEL, "messages": said("Count to 5"), "logprobs": True, "top_logprobs": 3}
    answer = caller.create(**request)
    assert answer.choices[0].logprobs is not None
    tokens = answer.choices[0].logprobs.content or []
    assert "".join(token.token for token in tokens) == answer.choices[0].message.content
    assert all(len(token.top_logprobs) == 3 and token.logprob <= 0 for token in tokens)
    streamed = [chunk.choices[0].logprobs for chunk in caller.chunks(**request)]
    assert [token for logprobs in streamed if logprobs for token in logprobs.content or []] == tokens


def test_stop_sequence(caller: SyncCaller) -> None:
    answer = caller.create(model=MODEL, messages=said("Count to 10"), stop=["never", ", 5"])
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == ("1, 2, 3, 4", "stop")


@pytest.mark.parametrize("field", ["max_tokens", "max_completion_tokens"])
def test_token_limit_ends_with_length(caller: SyncCaller, field: str) -> None:
    answer = caller.create(model=MODEL, messages=said("Count to 100"), **{field: 5})
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == ("1, 2,", "length")
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 5
    with pytest.raises(openai.LengthFinishReasonError):
        caller.parse(model=MODEL, messages=said("A ship"), response_format=Ship, **{field: 2})


def test_image_is_seen(caller: SyncCaller) -> None:
    url = "data:image/png;base64," + b64encode(_png(7, 5)).decode()
    parts = [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": url, "detail": "low"}}]
    answer = caller.create(model=MODEL, messages=said(parts))
    assert "1 image (7 × 5)" in (answer.choices[0].message.content or "")


# Structure ----------------------------------------------------------------------------------------


def test_json_object(caller: SyncCaller) -> None:
    asked = said('JSON with the keys "ship" and "tons"; tons is 12')
    answer = caller.create(model=MODEL, messages=asked, response_format={"type": "json_object"})
    assert json.loads(answer.choices[0].message.content or "") == {"ship": "simulated ship", "tons": 12}


def test_parse_gives_the_model(caller: SyncCaller) -> None:
    answer = caller.parse(model=MODEL, messages=said('The "Alma" carries 4200 tons.'), response_format=Ship)
    assert answer.choices[0].message.parsed == Ship(name="Alma", tons=4200)


def test_parse_gives_the_tool_arguments(caller: SyncCaller) -> None:
    tool = openai.pydantic_function_tool(Ship, name="register_ship")
    answer = caller.parse(model=MODEL, messages=said('Register the ship "Alma" of 4200 tons.'), tools=[tool])
    (call,) = answer.choices[0].message.tool_calls or []
    assert call.function.parsed_arguments == Ship(name="Alma", tons=4200)


def test_stream_helper_gathers_text(caller: SyncCaller) -> None:
    events, final = caller.events(model=MODEL, messages=said("Count to 9"))
    assert [event.type for event in events][-1] == "content.done"
    assert "".join(event.delta for event in events if event.type == "content.delta") == "1, 2, 3, 4, 5, 6, 7, 8, 9"
    assert final.choices[0].message.content == "1, 2, 3, 4, 5, 6, 7, 8, 9"


def test_stream_helper_parses_the_model(caller: SyncCaller) -> None:
    events, final = caller.events(model=MODEL, messages=said('The "Alma" carries 4200 tons.'), response_format=Ship)
    assert final.choices[0].message.parsed == Ship(name="Alma", tons=4200)
    assert [event.parsed for event in events if event.type == "content.done"] == [Ship(name="Alma", tons=4200)]


def test_stream_helper_gathers_tool_calls(caller: SyncCaller) -> None:
    events, final = caller.events(model=MODEL, messages=said("What is the weather in Paris?"), tools=[WEATHER])
    assert [event.name for event in events if event.type == "tool_calls.function.arguments.done"] == ["get_weather"]
    (call,) = final.choices[0].message.tool_calls or []
    assert json.loads(call.function.arguments) == {"city": "Paris", "unit": "c"}


def test_refusal(caller: SyncCaller) -> None:
    answer = caller.parse(model="sandbox/refusal", messages=said("A ship"), response_format=Ship)
    assert answer.choices[0].message.refusal
    assert answer.choices[0].message.parsed is None


# Tools --------------------------------------------------------------------------------------------


def test_tool_loop(caller: SyncCaller) -> None:
    messages = said("What is the weather in Paris?")
    first = caller.create(model=MODEL, messages=messages, tools=[WEATHER])
    assert first.choices[0].finish_reason == "tool_calls"
    (call,) = first.choices[0].message.tool_calls or []
    assert call.type == "function"
    assert (call.function.name, json.loads(call.function.arguments)) == ("get_weather", {"city": "Paris", "unit": "c"})
    result = {"role": "tool", "tool_call_id": call.id, "content": "18 degrees and rain"}
    messages += [first.choices[0].message.model_dump(exclude_none=True), result]
    second = caller.create(model=MODEL, messages=messages, tools=[WEATHER])
    assert (second.choices[0].message.content, second.choices[0].finish_reason) == ("18 degrees and rain", "stop")


def test_parallel_tool_calls(caller: SyncCaller) -> None:
    request = {"model": MODEL, "messages": said("Call get_weather for Paris and get_population for Lyon."),
               "tools": [WEATHER, POPULATION]}  # fmt: skip
    answer = caller.create(**request)
    plain = [call.function for call in answer.choices[0].message.tool_calls or [] if call.type == "function"]
    assert [(call.name, json.loads(call.arguments)["city"]) for call in plain] == [
        ("get_weather", "Paris"),
        ("get_population", "Lyon"),
    ]
    single = caller.create(**request, parallel_tool_calls=False)
    assert len(single.choices[0].message.tool_calls or []) == 1
    _, streamed = caller.events(**request)
    assert streamed.choices[0].message.tool_calls is not None
    assert [call.function.arguments for call in streamed.choices[0].message.tool_calls] == [
        call.arguments for call in plain
    ]


def test_forced_tool(caller: SyncCaller) -> None:
    choice = {"type": "function", "function": {"name": "get_population"}}
    answer = caller.create(model=MODEL, messages=said("Hello"), tools=[WEATHER, POPULATION], tool_choice=choice)
    (call,) = answer.choices[0].message.tool_calls or []
    assert call.type == "function"
    assert call.function.name == "get_population"


# Models -------------------------------------------------------------------------------------------


def test_models_are_listed_and_found_by_every_name(caller: SyncCaller) -> None:
    listed = caller.models()
    assert MODEL in listed
    for name in (MODEL, "openai/gpt-4.1-mini-2025-04-14", "gpt-4-1-mini-2025-04-14", "openai-gpt-4.1-mini"):
        assert caller.model(name) == MODEL
    assert caller.model("sandbox/echo") == "sandbox/echo"
    with pytest.raises(openai.NotFoundError) as caught:
        caller.model("openai/gpt-0")
    assert (caught.value.code, caught.value.param) == ("model_not_found", "model")


# Errors -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
@pytest.mark.parametrize(("status", "kind"), STATUS_ERRORS.items(), ids=map(str, STATUS_ERRORS))
def test_each_status_raises_its_class(hub: Hub, status: int, kind: type[openai.APIStatusError], stream: bool) -> None:
    call = SyncCaller(hub).chunks if stream else SyncCaller(hub).create
    with pytest.raises(kind) as caught:
        call(model=f"sandbox/error-{status}", messages=said("Hello"))
    assert caught.value.status_code == status
    assert (caught.value.request_id or "").startswith("req_")
    assert isinstance(caught.value.body, dict)
    assert {"message", "type", "param", "code"} <= set(caught.value.body)


def test_errors_of_the_hub_itself(hub: Hub, caller: SyncCaller) -> None:
    with pytest.raises(openai.BadRequestError) as bad:
        caller.create(model=MODEL, messages=said("Hello"), temperature=9)
    assert bad.value.param == "temperature"
    with pytest.raises(openai.NotFoundError) as missing:
        caller.create(model="gpt-0", messages=said("Hello"))
    assert missing.value.code == "model_not_found"
    with openai.OpenAI(base_url=hub.api, api_key="ep-test-wrong", max_retries=0) as stranger:
        with pytest.raises(openai.AuthenticationError) as refused:
            stranger.chat.completions.create(model=MODEL, messages=said("Hello"))
        with pytest.raises(openai.AuthenticationError):
            stranger.models.list()
    assert refused.value.code == "invalid_api_key"


def test_cut_stream_raises(caller: SyncCaller) -> None:
    with pytest.raises(openai.APIError) as cut:
        caller.chunks(model="sandbox/cut-stream", messages=said("Count to 50"))
    assert not isinstance(cut.value, openai.APIStatusError)
    assert cut.value.code == "upstream_stream_broken"


def test_what_came_before_the_cut_is_delivered(hub: Hub) -> None:
    texts: list[str] = []

    def read() -> None:
        request: Any = {"model": "sandbox/cut-stream", "messages": said("Count to 50")}
        with openai.OpenAI(base_url=hub.api, api_key=hub.tokens.test) as client:
            for chunk in client.chat.completions.create(**request, stream=True):
                texts.append(chunk.choices[0].delta.content or "")

    with pytest.raises(openai.APIError, match="broke off"):
        read()
    assert "".join(texts) == "1, 2,"


# Retries ------------------------------------------------------------------------------------------


@contextmanager
def _counting(hub: Hub, token: str) -> Iterator[tuple[openai.OpenAI, list[httpx2.Response]]]:
    """A client with its default two retries, and the responses it gets."""
    responses: list[httpx2.Response] = []
    transport = httpx2.Client(event_hooks={"response": [responses.append]})
    with openai.OpenAI(base_url=hub.api, api_key=token, http_client=transport) as client:
        yield client, responses


def test_rate_limit_is_retried_after_the_wait(hub: Hub) -> None:
    with _counting(hub, hub.tokens.test) as (client, responses):
        with pytest.raises(openai.RateLimitError):
            client.with_options(max_retries=1).chat.completions.create(
                model="sandbox/error-429", messages=said("Hello")
            )
        assert [response.headers["retry-after"] for response in responses] == ["1", "1"]


def test_no_retry_where_it_cannot_help(hub: Hub) -> None:
    """A model without a provider stays without one: the hub says so with x-should-retry."""
    with _counting(hub, hub.tokens.live) as (client, responses):
        with pytest.raises(openai.InternalServerError) as caught:
            client.chat.completions.create(model=MODEL, messages=said("Hello"))
        assert caught.value.code == "no_upstream_configured"
        assert [response.headers["x-should-retry"] for response in responses] == ["false"]


def test_no_retry_on_top_of_the_hubs_own(hub: Hub, upstream: ThreadedUpstream) -> None:
    upstream.play(failure(500))
    with _counting(hub, hub.tokens.live) as (client, responses):
        with pytest.raises(openai.InternalServerError):
            client.chat.completions.create(model="fault", messages=said("Hello"))
        assert [response.headers["x-should-retry"] for response in responses] == ["false"]
    assert len(upstream.server.requests) == int(responses[0].headers["x-entrepot-attempts"]) == 3


# Request ids --------------------------------------------------------------------------------------


def test_request_id_names_the_exchange(hub: Hub) -> None:
    with openai.OpenAI(base_url=hub.api, api_key=hub.tokens.test) as client:
        raw = client.chat.completions.with_raw_response.create(
            model=MODEL, messages=said("Hello"), extra_headers={"x-client-request-id": "mine-1"}
        )
        assert raw.request_id
        assert raw.parse()._request_id == raw.request_id
        assert raw.headers["x-client-request-id"] == "mine-1"
    row = hub.exchange(raw.request_id)
    assert (row["asked"], row["status"], row["mode"]) == (MODEL, 200, "test")


def test_key_bound_to_models_may_call_no_other(hub: Hub) -> None:
    token = make_key(hub.home, "--model", "gpt-4.1")
    eventually(lambda: hub.get("/v1/models", token)[0] == 200)
    with openai.OpenAI(base_url=hub.api, api_key=token) as client:
        answer = client.chat.completions.create(model="openai/gpt-4.1", messages=said("Say hello"))
        assert answer.choices[0].message.content == "hello"
        with pytest.raises(openai.PermissionDeniedError) as caught:
            client.chat.completions.create(model=MODEL, messages=said("Hello"))
        assert caught.value.code == "model_not_allowed"
        assert [model.id for model in client.models.list()] == ["gpt-4.1"]


def _png(width_px: int, height_px: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width_px, height_px, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + bytes(width_px)) * height_px)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
