"""A Responses stream watched as it passes through unchanged."""

from __future__ import annotations

from typing import Any

import msgspec

from entrepot.conversation import Usage
from entrepot.dialects import sse
from entrepot.dialects.openai_responses.failures import upstream_failure
from entrepot.dialects.openai_responses.responses import read_finish
from entrepot.dialects.openai_responses.usage import emit_usage, parse_usage
from entrepot.dialects.taps import Tap
from entrepot.errors import UpstreamBroken

OPENING = ("response.created", "response.in_progress", "response.queued")
ENDS = ("response.completed", "response.incomplete", "response.failed")
_CALLS = ("response.function_call_arguments.done", "response.custom_tool_call_input.done")


class _Event(msgspec.Struct):
    type: str = ""
    delta: Any = None
    item: Any = None
    response: Any = None
    sequence_number: Any = None
    error: Any = None
    code: Any = None
    message: Any = None


_event = msgspec.json.Decoder(_Event)


class StreamTap(Tap):
    """The response's opening does not count as begun, and the event that ends it is given by `end`.

    `response` is the Response object last seen, for a store to keep; `sequence_number` is that of the next event.
    """

    def __init__(self, *, limit_bytes: int) -> None:
        super().__init__(limit_bytes=limit_bytes)
        self._calls = False
        self.response: dict[str, Any] | None = None
        self.sequence_number = 0

    def end(self, estimate: Usage | None) -> bytes:
        if self.usage is None and estimate is not None and self.response is not None:
            self.usage = estimate
            return self._with_usage(self.response, estimate)
        return self._held

    def _relayed(self, event: bytes) -> bytes:
        data = sse.data_of(event)
        if data is None:
            return event if self.started else b""
        if data == b"[DONE]":
            return b""
        self._read(_decoded(data))
        if not self.done:
            return event
        return self._hold(event)

    def _read(self, event: _Event) -> None:
        if isinstance(event.sequence_number, int):
            self.sequence_number = event.sequence_number + 1
        if isinstance(event.response, dict):
            self._note(event.type, event.response)
        if event.type in OPENING:
            return
        self.started = True
        self._calls = self._calls or event.type in _CALLS
        if isinstance(event.delta, str):
            self._texts.append(event.delta)
        if event.type == "response.output_item.added" and isinstance(event.item, dict):
            name = event.item.get("name")
            self._texts.append(name if isinstance(name, str) else "")

    def _note(self, kind: str, response: dict[str, Any]) -> None:
        self.response = response
        model = response.get("model")
        id = response.get("id")
        self.id = self.id or (id if isinstance(id, str) else None)
        self.answered = self.answered or (model if isinstance(model, str) else None)
        if kind not in ENDS:
            return
        self.usage = parse_usage(response.get("usage"), response.get("service_tier"))
        status = response.get("status") or kind.removeprefix("response.")
        self.finish = read_finish(status, response.get("incomplete_details"), calls=self._calls)
        if self.finish == "error" and not self.started:
            raise upstream_failure(response.get("error"))
        self.done = True

    def _with_usage(self, response: dict[str, Any], usage: Usage) -> bytes:
        self.response = response | {"usage": emit_usage(usage)}
        event = msgspec.json.decode(sse.data_of(self._held) or b"{}") | {"response": self.response}
        return sse.event(msgspec.json.encode(event), event["type"].encode())


def _decoded(data: bytes) -> _Event:
    """Raises UpstreamError for an error event, and for what is no event."""
    try:
        event = _event.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        event = _Event()
    if event.type == "error" or event.error is not None:
        raise upstream_failure(event.error or {"message": event.message, "code": event.code})
    if not event.type:
        raise UpstreamBroken("The upstream sent a stream event that is none of a response.")
    return event
