"""A Responses stream watched as it passes through unchanged."""

from __future__ import annotations

from typing import Any

import msgspec

from entrepot.conversation import Usage
from entrepot.dialects import sse
from entrepot.dialects.openai_responses.failures import upstream_failure
from entrepot.dialects.openai_responses.responses import read_finish
from entrepot.dialects.openai_responses.usage import emit_usage, parse_usage
from entrepot.errors import UpstreamBroken, UpstreamError

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


class StreamTap:
    """Watches a stream go by: `feed` and `close` return what to relay of it, `end` its last bytes.

    After each call `failure` tells whether the upstream reported an error or spoke nonsense; events
    before it have been relayed. `started` is false while only the response's opening has been seen, so that a
    failure up to there can still be answered by another upstream. `done` is true once the event that ends the
    response is there, which `end` gives. `response` is the Response object last seen, for a store to keep;
    `sequence_number` is that of the next event.
    """

    def __init__(self, *, include_usage: bool = True, limit_bytes: int) -> None:
        """`include_usage` is for likeness with other dialects: here the last event always has it."""
        self._splitter = sse.Splitter(limit_bytes)
        self._texts: list[str] = []
        self._calls = False
        self._last = b""
        self.response: dict[str, Any] | None = None
        self.sequence_number = 0
        self.answered: str | None = None
        self.finish: str | None = None
        self.usage: Usage | None = None
        self.failure: UpstreamError | None = None
        self.done = False
        self.started = False

    @property
    def text(self) -> str:
        """All the text and tool arguments that went by."""
        return "".join(self._texts)

    def feed(self, data: bytes) -> bytes:
        try:
            events = self._splitter.feed(data)
        except UpstreamError as error:
            self.failure = error
            return b""
        return self._relay(events)

    def close(self) -> bytes:
        """What the upstream's closing completes. Sets `failure` when the stream was not at its end."""
        relayed = self._relay(self._splitter.end())
        if self.failure is None and not self.done:
            message = "The upstream closed the stream before its end."
            self.failure = UpstreamBroken(message, code="upstream_stream_broken")
        return relayed

    def end(self, estimate: Usage | None) -> bytes:
        """The last event of a stream that is done; `estimate` stands in for usage that never came."""
        if self.usage is None and estimate is not None and self.response is not None:
            self.usage = estimate
            return self._with_usage(self.response, estimate)
        return self._last

    def _relay(self, events: list[bytes]) -> bytes:
        relayed = []
        for event in events:
            if self.done or self.failure is not None:
                break
            if self._passes(event):
                relayed.append(event)
        return relayed[0] if len(relayed) == 1 else b"".join(relayed)

    def _passes(self, event: bytes) -> bool:
        data = sse.data_of(event)
        if data is None:
            return self.started
        if data == b"[DONE]":
            return False
        try:
            decoded = _event.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            decoded = _Event()
        if decoded.type == "error" or decoded.error is not None:
            self.failure = upstream_failure(decoded.error or {"message": decoded.message, "code": decoded.code})
        elif not decoded.type:
            self.failure = UpstreamBroken("The upstream sent a stream event that is none of a response.")
        else:
            self._read(decoded)
        if not self.done:
            return self.failure is None
        self._last = event
        return False

    def _read(self, event: _Event) -> None:
        if isinstance(event.sequence_number, int):
            self.sequence_number = event.sequence_number + 1
        if isinstance(event.response, dict):
            self._note(event.type, event.response)
        if event.type in OPENING or self.failure is not None:
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
        self.answered = self.answered or (model if isinstance(model, str) else None)
        if kind not in ENDS:
            return
        self.usage = parse_usage(response.get("usage"))
        status = response.get("status") or kind.removeprefix("response.")
        self.finish = read_finish(status, response.get("incomplete_details"), calls=self._calls)
        if self.finish == "error" and not self.started:
            self.failure = upstream_failure(response.get("error"))
        else:
            self.done = True

    def _with_usage(self, response: dict[str, Any], usage: Usage) -> bytes:
        self.response = response | {"usage": emit_usage(usage)}
        event = msgspec.json.decode(sse.data_of(self._last) or b"{}") | {"response": self.response}
        return sse.event(msgspec.json.encode(event), event["type"].encode())
