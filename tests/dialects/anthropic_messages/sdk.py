"""Anthropic's own SDK as the judge of what is written here: strict for answers, exact for requests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import anthropic
import httpx2
import pydantic
from anthropic.types import (
    Message,
    MessageParam,
    RawMessageStreamEvent,
    message_create_params,
)

_REQUEST: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(message_create_params.MessageCreateParamsNonStreaming)
_EVENT: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(RawMessageStreamEvent)
# `stream` makes another type of it; the others are for models older than the SDK cares for.
_NOT_TYPED = ("stream", "temperature", "top_p", "top_k")
_ASKED: list[MessageParam] = [{"role": "user", "content": "?"}]


def check_request(body: dict[str, Any]) -> None:
    """Fails unless the SDK's types know every field of the body."""
    value = {name: item for name, item in body.items() if name not in _NOT_TYPED}
    assert _exhausted(_REQUEST.validate_python(value)) == value


def check_event(value: dict[str, Any]) -> None:
    if value["type"] != "ping":  # the SDK knows pings by their event name only
        _EVENT.validate_python(value, strict=True)


def receive(body: bytes) -> Message:
    """The message as the SDK understands it."""
    return _client("application/json", body).messages.create(model="m", max_tokens=9, messages=_ASKED)


def stream(data: bytes) -> Message:
    """The message that the SDK gathers from a stream. Raises what it raises for an error event."""
    client = _client("text/event-stream", data)
    with client.messages.stream(model="m", max_tokens=9, messages=_ASKED) as events:
        return events.get_final_message()


def _client(content_type: str, body: bytes) -> anthropic.Anthropic:
    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": content_type}, content=body)

    return anthropic.Anthropic(
        api_key="none",
        base_url="http://127.0.0.1:1",
        max_retries=0,
        _strict_response_validation=True,
        http_client=httpx2.Client(transport=httpx2.MockTransport(answer)),
    )


def _exhausted(value: Any) -> Any:
    """Pydantic checks iterables only as they are walked."""
    if isinstance(value, dict):
        return {name: _exhausted(item) for name, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_exhausted(item) for item in value]
    return value
