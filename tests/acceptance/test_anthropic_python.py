"""Anthropic's own Python SDK, in its strict mode: a test key's sandbox, and an upstream of another dialect."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import anthropic
import httpx2
import pydantic
import pytest
from anthropic import beta_async_tool, beta_tool
from anthropic._exceptions import (
    ContentTooLargeError,
    GatewayTimeoutError,
    OverloadedError,
    RequestTimeoutError,
    ServiceUnavailableError,
)
from tests.support.hub import Hub
from tests.support.threaded_upstream import ThreadedUpstream
from tests.support.upstream import plain, stream

MODEL = "gpt-4.1-mini"
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER: Any = {"name": "get_weather", "description": "Current weather of a city.", "input_schema": CITY}
POPULATION: Any = {"name": "get_population", "description": "How many people live in a city.", "input_schema": CITY}
STATUS_ERRORS: dict[int, tuple[type[anthropic.APIStatusError], str]] = {
    400: (anthropic.BadRequestError, "invalid_request_error"),
    401: (anthropic.AuthenticationError, "authentication_error"),
    403: (anthropic.PermissionDeniedError, "permission_error"),
    404: (anthropic.NotFoundError, "not_found_error"),
    408: (RequestTimeoutError, "timeout_error"),
    409: (anthropic.ConflictError, "conflict_error"),
    413: (ContentTooLargeError, "request_too_large"),
    422: (anthropic.UnprocessableEntityError, "invalid_request_error"),
    429: (anthropic.RateLimitError, "rate_limit_error"),
    500: (anthropic.InternalServerError, "api_error"),
    502: (anthropic.InternalServerError, "api_error"),
    503: (ServiceUnavailableError, "overloaded_error"),
    504: (GatewayTimeoutError, "timeout_error"),
    529: (OverloadedError, "overloaded_error"),
}
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PDF = b64encode(b"%PDF-1.4\n%%EOF\n").decode()
ALMA = 'The "Alma" carries 4200 tons.'


class Ship(pydantic.BaseModel):
    name: str
    tons: int


def connected(hub: Hub, token: str) -> anthropic.Anthropic:
    return anthropic.Anthropic(base_url=hub.url, api_key=token, max_retries=0, _strict_response_validation=True)


@pytest.fixture
def client(hub: Hub) -> Iterator[anthropic.Anthropic]:
    with connected(hub, hub.tokens.test) as made:
        yield made


@pytest.fixture
def live(hub: Hub) -> Iterator[anthropic.Anthropic]:
    with connected(hub, hub.tokens.live) as made:
        yield made


def said(text: Any, **fields: Any) -> dict[str, Any]:
    return {"model": MODEL, "max_tokens": 256, "messages": [{"role": "user", "content": text}], **fields}


def answer_of(client: anthropic.Anthropic, request: dict[str, Any], *, streamed: bool) -> Any:
    """The message, plain or as the SDK gathers it from a stream."""
    if not streamed:
        return client.messages.create(**request)
    with client.messages.stream(**request) as events:
        return events.get_final_message()


def text_of(message: Any) -> str:
    return "".join(block.text for block in message.content if block.type == "text")


both_ways = pytest.mark.parametrize("streamed", [False, True], ids=["plain", "stream"])


# The sandbox --------------------------------------------------------------------------------------


@both_ways
def test_answer(client: anthropic.Anthropic, streamed: bool) -> None:
    message = answer_of(client, said("Count to 9", system="Be brief."), streamed=streamed)
    assert (text_of(message), message.stop_reason) == ("1, 2, 3, 4, 5, 6, 7, 8, 9", "end_turn")
    assert (message.role, message.model) == ("assistant", MODEL)
    assert message.usage.input_tokens > 0
    assert message.usage.output_tokens > 9


def test_events_come_in_their_order(client: anthropic.Anthropic) -> None:
    kinds = [event.type for event in client.messages.create(**said("Say hello"), stream=True)]
    assert kinds[:2] == ["message_start", "content_block_start"]
    assert set(kinds[2:-3]) == {"content_block_delta"}
    assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"]


def test_stream_helpers(client: anthropic.Anthropic) -> None:
    request = said("Count to 9", model="sandbox/reasoning")
    with client.messages.stream(**request) as events:
        seen = list(events)
        final: Any = events.get_final_message()
    assert (events.request_id or "").startswith("req_")
    assert "".join(event.text for event in seen if event.type == "text") == text_of(final)
    assert [event.snapshot for event in seen if event.type == "text"][-1] == text_of(final)
    assert "".join(event.thinking for event in seen if event.type == "thinking") == final.content[0].thinking
    with client.messages.stream(**request) as events:
        assert "".join(events.text_stream) == events.get_final_text() == "1, 2, 3, 4, 5, 6, 7, 8, 9"


async def test_asynchronous_client(hub: Hub) -> None:
    async with anthropic.AsyncAnthropic(
        base_url=hub.url, api_key=hub.tokens.test, _strict_response_validation=True
    ) as client:
        plain_message: Any = await client.messages.create(**said("Say hello"))
        async with client.messages.stream(**said("Say hello")) as events:
            texts = [text async for text in events.text_stream]
    assert text_of(plain_message) == "".join(texts) == "hello"


def test_bearer_token_instead_of_a_key(hub: Hub) -> None:
    with anthropic.Anthropic(base_url=hub.url, auth_token=hub.tokens.test, max_retries=0) as client:
        assert text_of(client.messages.create(**said("Say hello"))) == "hello"


@both_ways
def test_stop_sequence_and_limit(client: anthropic.Anthropic, streamed: bool) -> None:
    stopped = answer_of(client, said("Count to 10", stop_sequences=["never", ", 5"]), streamed=streamed)
    assert (text_of(stopped), stopped.stop_reason) == ("1, 2, 3, 4", "stop_sequence")
    assert stopped.stop_sequence == ", 5"
    short = answer_of(client, said("Count to 100") | {"max_tokens": 5}, streamed=streamed)
    assert (text_of(short), short.stop_reason, short.usage.output_tokens) == ("1, 2,", "max_tokens", 5)


@both_ways
def test_refusal(client: anthropic.Anthropic, streamed: bool) -> None:
    message = answer_of(client, said("Say hello", model="sandbox/refusal"), streamed=streamed)
    assert (message.stop_reason, message.stop_details.type) == ("refusal", "refusal")


@both_ways
def test_thinking(client: anthropic.Anthropic, streamed: bool) -> None:
    budgeted = said("Say hello", thinking={"type": "enabled", "budget_tokens": 1024}) | {"max_tokens": 4096}
    for request in (said("Say hello", thinking={"type": "adaptive"}), budgeted):
        message = answer_of(client, request, streamed=streamed)
        assert [block.type for block in message.content] == ["thinking", "text"]
        assert message.content[0].thinking
        assert message.content[0].signature
        request["messages"] += [{"role": "assistant", "content": message.content}, *said("Count to 3")["messages"]]
        assert text_of(answer_of(client, request, streamed=streamed)) == "1, 2, 3"


@both_ways
def test_tool_loop(client: anthropic.Anthropic, streamed: bool) -> None:
    request = said("What is the weather in Paris?", tools=[WEATHER])
    first = answer_of(client, request, streamed=streamed)
    assert first.stop_reason == "tool_use"
    (call,) = (block for block in first.content if block.type == "tool_use")
    assert (call.name, call.input) == ("get_weather", {"city": "Paris"})
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "18 degrees and rain"}
    request["messages"] += [{"role": "assistant", "content": first.content}, {"role": "user", "content": [result]}]
    second = answer_of(client, request, streamed=streamed)
    assert (text_of(second), second.stop_reason) == ("18 degrees and rain", "end_turn")


@both_ways
def test_parallel_and_forced_tools(client: anthropic.Anthropic, streamed: bool) -> None:
    prompt = "Call get_weather for Paris and get_population for Lyon."
    request = said(prompt, tools=[WEATHER, POPULATION])
    both = [block for block in answer_of(client, request, streamed=streamed).content if block.type == "tool_use"]
    assert [(call.name, call.input["city"]) for call in both] == [("get_weather", "Paris"), ("get_population", "Lyon")]
    single = {"type": "auto", "disable_parallel_tool_use": True}
    one = answer_of(client, request | {"tool_choice": single}, streamed=streamed)
    assert [block.type for block in one.content].count("tool_use") == 1
    forced = {"type": "tool", "name": "get_population"}
    request = said("Hello", tools=[WEATHER, POPULATION], tool_choice=forced)
    (call,) = answer_of(client, request, streamed=streamed).content
    assert (call.type, call.name) == ("tool_use", "get_population")


def test_count_is_what_the_answer_counts(client: anthropic.Anthropic) -> None:
    request = said("What is the weather in Paris?", system="Be brief.", tools=[WEATHER])
    counted = client.messages.count_tokens(**{name: value for name, value in request.items() if name != "max_tokens"})
    assert counted.input_tokens == client.messages.create(**request).usage.input_tokens
    bare: Any = {"model": MODEL, "messages": request["messages"]}
    fewer = client.messages.count_tokens(**bare).input_tokens
    assert client.beta.messages.count_tokens(**bare).input_tokens == fewer < counted.input_tokens
    with pytest.raises(anthropic.NotFoundError):
        client.messages.count_tokens(**bare | {"model": "gpt-0"})
    with pytest.raises(anthropic.BadRequestError, match="messages"):
        client.messages.count_tokens(model=MODEL, messages=[])


def test_tool_runner(client: anthropic.Anthropic) -> None:
    asked: list[str] = []

    @beta_tool
    def get_weather(city: str) -> str:
        """Current weather of a city."""
        asked.append(city)
        return f"18 degrees in {city}"

    request: Any = said("What is the weather in Paris?", tools=[get_weather])
    assert text_of(client.beta.messages.tool_runner(**request).until_done()) == "18 degrees in Paris"
    streams = client.beta.messages.tool_runner(**request, stream=True)
    messages = [events.get_final_message() for events in streams]
    assert [message.stop_reason for message in messages] == ["tool_use", "end_turn"]
    assert text_of(messages[-1]) == "18 degrees in Paris"
    assert asked == ["Paris", "Paris"]


async def test_asynchronous_tool_runner(hub: Hub) -> None:
    @beta_async_tool
    async def get_weather(city: str) -> str:
        """Current weather of a city."""
        return f"18 degrees in {city}"

    request: Any = said("What is the weather in Paris?", tools=[get_weather])
    async with anthropic.AsyncAnthropic(base_url=hub.url, api_key=hub.tokens.test) as client:
        last = await client.beta.messages.tool_runner(**request).until_done()
    assert text_of(last) == "18 degrees in Paris"


def test_parse_gives_the_model(client: anthropic.Anthropic) -> None:
    request = said(ALMA, output_format=Ship)
    found = [client.messages.parse(**request).parsed_output, client.beta.messages.parse(**request).parsed_output]
    found.append(answer_of(client, request, streamed=True).parsed_output)
    assert found == [Ship(name="Alma", tons=4200)] * 3


@both_ways
def test_schema_without_a_class(client: anthropic.Anthropic, streamed: bool) -> None:
    schema = Ship.model_json_schema() | {"additionalProperties": False}
    request = said(ALMA, output_config={"format": {"type": "json_schema", "schema": schema}})
    assert json.loads(text_of(answer_of(client, request, streamed=streamed))) == {"name": "Alma", "tons": 4200}


@pytest.mark.parametrize(
    ("kind", "source", "seen"),
    [
        ("image", {"type": "base64", "media_type": "image/png", "data": PIXEL}, "1 image (1 × 1)"),
        ("image", {"type": "url", "url": "https://example.com/harbour.png"}, "1 image"),
        ("document", {"type": "base64", "media_type": "application/pdf", "data": PDF}, "1 file"),
        ("document", {"type": "url", "url": "https://example.com/manifest.pdf"}, "1 file"),
        ("document", {"type": "text", "media_type": "text/plain", "data": "4200 tons of tea"}, "4200 tons of tea"),
    ],
    ids=["image", "image-url", "pdf", "pdf-url", "text"],
)
def test_attachments_are_seen(client: anthropic.Anthropic, kind: str, source: Any, seen: str) -> None:
    content = [{"type": kind, "source": source}, {"type": "text", "text": "What is it?"}]
    assert seen in text_of(client.messages.create(**said(content)))


def test_image_in_a_tool_result(client: anthropic.Anthropic) -> None:
    call = {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {"city": "Paris"}}
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}}
    content = [{"type": "text", "text": "A picture of it."}, image]
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": content}
    request = said("What is the weather in Paris?", tools=[WEATHER])
    request["messages"] += [{"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}]
    assert text_of(client.messages.create(**request)) == "A picture of it. I see 1 image (1 × 1)."


def test_everything_else_a_request_may_say(client: anthropic.Anthropic) -> None:
    cached = {"cache_control": {"type": "ephemeral"}}
    request = said(
        [{"type": "text", "text": "Say hello", **cached}],
        system=[{"type": "text", "text": "Be brief.", **cached}],
        tools=[WEATHER | cached],
        metadata={"user_id": "harbour-master"},
        service_tier="auto",
        extra_headers={"anthropic-beta": "interleaved-thinking-2025-05-14"},
        extra_body={"temperature": 0.2, "top_p": 0.9, "top_k": 5},
    )
    message: Any = client.messages.create(**request)
    assert text_of(message) == "hello"
    assert (message.usage.cache_read_input_tokens, message.usage.cache_creation_input_tokens) == (0, 0)


# Errors -------------------------------------------------------------------------------------------


@both_ways
@pytest.mark.parametrize("status", STATUS_ERRORS)
def test_each_status_raises_its_class(client: anthropic.Anthropic, status: int, streamed: bool) -> None:
    kind, name = STATUS_ERRORS[status]
    with pytest.raises(kind) as caught:
        answer_of(client, said("Hello", model=f"sandbox/error-{status}"), streamed=streamed)
    assert caught.value.status_code == status
    assert (caught.value.request_id or "").startswith("req_")
    body: Any = caught.value.body
    assert (body["type"], body["error"]["type"]) == ("error", name)
    assert body["request_id"] == caught.value.request_id


def test_errors_of_the_hub_itself(hub: Hub, client: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.BadRequestError, match=r"messages\[0\]\.role"):
        client.messages.create(**said("Hello") | {"messages": [{"role": "robot", "content": "Hello"}]})
    with pytest.raises(anthropic.NotFoundError, match="gpt-0"):
        client.messages.create(**said("Hello", model="gpt-0"))
    with pytest.raises(anthropic.BadRequestError, match="prompt is too long"):
        client.messages.create(**said("tea " * 150_000, model="gpt-oss-20b"))
    with pytest.raises(ContentTooLargeError) as caught:
        client.messages.create(**said("x" * (33 << 20)))
    assert (caught.value.request_id or "").startswith("req_")
    with connected(hub, "ep-test-wrong") as stranger, pytest.raises(anthropic.AuthenticationError):
        stranger.messages.create(**said("Hello"))


def test_rate_limit_is_tried_again_by_the_sdk(hub: Hub) -> None:
    statuses: list[int] = []
    counting = httpx2.Client(event_hooks={"response": [lambda response: statuses.append(response.status_code)]})
    with (
        anthropic.Anthropic(base_url=hub.url, api_key=hub.tokens.test, max_retries=1, http_client=counting) as client,
        pytest.raises(anthropic.RateLimitError) as caught,
    ):
        client.messages.create(**said("Hello", model="sandbox/error-429"))
    assert statuses == [429, 429]
    assert float(caught.value.response.headers["retry-after"]) >= 1


def test_cut_stream_raises(client: anthropic.Anthropic) -> None:
    texts: list[str] = []

    def read() -> None:
        with client.messages.stream(**said("Count to 50", model="sandbox/cut-stream")) as events:
            texts.extend(events.text_stream)

    with pytest.raises(anthropic.APIStatusError, match="broke off"):
        read()
    assert "".join(texts) == "1, 2,"


def test_request_id_names_the_exchange(hub: Hub, client: anthropic.Anthropic) -> None:
    message = client.messages.create(**said("Say hello"))
    assert message._request_id is not None
    row = hub.exchange(message._request_id)
    assert (row["dialect"], row["asked"], row["mode"], row["finish"]) == ("anthropic_messages", MODEL, "test", "stop")
    assert (row["input_tokens"], row["output_tokens"]) == (message.usage.input_tokens, message.usage.output_tokens)


# An upstream of another dialect -------------------------------------------------------------------


@both_ways
def test_chat_upstream(live: anthropic.Anthropic, upstream: ThreadedUpstream, streamed: bool) -> None:
    upstream.play(stream("Hel", "lo") if streamed else plain("Hello"))
    message = answer_of(live, said("Say hello", model="fault", system="Be brief."), streamed=streamed)
    assert (text_of(message), message.stop_reason) == ("Hello", "end_turn")
    assert (message.usage.input_tokens, message.usage.output_tokens) == (11, 7)
    sent = upstream.server.requests[0].json
    assert [turn["content"] for turn in sent["messages"]] == ["Be brief.", "Say hello"]


# Models -------------------------------------------------------------------------------------------


def test_models_are_listed_page_by_page(client: anthropic.Anthropic) -> None:
    everything = [model.id for model in client.models.list(limit=1000)]
    assert {"claude-sonnet-5-5", MODEL} <= set(everything)
    assert [model.id for model in client.models.list(limit=3)] == everything
    last_first = client.models.list(limit=3, before_id=everything[-1])
    assert sorted(model.id for model in last_first) == sorted(everything[:-1])
    assert "gpt-4.1-nano" in [model.id for model in client.models.list(lifecycle=["retired"])]


def test_a_model_is_retrieved_by_id_or_alias(client: anthropic.Anthropic) -> None:
    model = client.models.retrieve("anthropic/claude-haiku-5.5")
    assert (model.id, model.line, model.max_tokens) == ("claude-haiku-5-5", "haiku", 128_000)
    assert model.capabilities is not None
    assert model.capabilities.effort.supported


def test_a_model_that_is_not_there(client: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.NotFoundError) as caught:
        client.models.retrieve("no-such")
    assert caught.value.type == "not_found_error"
    assert caught.value.request_id
