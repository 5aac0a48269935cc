"""Who says whether an answer is right: OpenAI's SDK in its strict mode, and its published document."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx2 as httpx
from openai import AsyncOpenAI
from openai.types.responses import Response as SdkResponse
from openai.types.responses import ResponseStreamEvent
from pydantic import TypeAdapter
from tests.support.openai_document import Document

from entrepot.dialects.sse import Splitter, data_of

_UNDECLARED = ("usage", "user")
_event_type: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)


def events_of(stream: bytes) -> list[dict[str, Any]]:
    return [json.loads(data_of(event) or b"") for event in Splitter().feed(stream)]


def names_of(stream: bytes) -> list[str]:
    return [event["type"] for event in events_of(stream)]


async def judged_response(body: bytes) -> SdkResponse:
    async with _client(
        lambda: httpx.Response(200, headers={"content-type": "application/json"}, content=body)
    ) as client:
        return await client.responses.create(model="m", input="hi")


async def judged_stream(stream: bytes) -> list[ResponseStreamEvent]:
    async with _client(
        lambda: httpx.Response(200, headers={"content-type": "text/event-stream"}, content=stream)
    ) as sdk:
        events = [event async for event in await sdk.responses.create(model="m", input="hi", stream=True)]
    for event in events_of(stream):
        _event_type.validate_python(event, strict=True)
    return events


async def accumulated(stream: bytes) -> SdkResponse:
    """The answer that the SDK itself puts together from the events, checking their indexes as it goes."""
    headers = {"content-type": "text/event-stream"}
    async with (
        _client(lambda: httpx.Response(200, headers=headers, content=stream)) as client,
        client.responses.stream(model="m", input="hi") as events,
    ):
        return await events.get_final_response()


def complaints(document: Document, name: str, value: dict[str, Any]) -> list[str]:
    """What the document does not allow, but for two nulls that OpenAI sends and it leaves undeclared."""
    response = value.get("response", value)
    declared = {field: inner for field, inner in response.items() if inner is not None or field not in _UNDECLARED}
    return document.complaints(name, value | {"response": declared} if response is not value else declared)


def stream_complaints(document: Document, stream: bytes) -> list[str]:
    return [
        f"{event['sequence_number']} {event['type']} {complaint}"
        for event in events_of(stream)
        for complaint in complaints(document, "ResponseStreamEvent", event)
    ]


def _client(reply: Callable[[], httpx.Response]) -> AsyncOpenAI:
    transport = httpx.MockTransport(lambda _: reply())
    return AsyncOpenAI(
        api_key="ep-test",
        base_url="http://127.0.0.1/v1",
        max_retries=0,
        http_client=httpx.AsyncClient(transport=transport),
        _strict_response_validation=True,
    )
