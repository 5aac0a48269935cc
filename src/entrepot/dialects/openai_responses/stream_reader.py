"""A Responses stream of an upstream, read into neutral events.

Tolerant of what OpenAI's imitators leave out: indexes, ids, deltas before the whole, even all but the last event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from entrepot.conversation import (
    Choice,
    ChoiceEvent,
    Ended,
    Event,
    Failed,
    Finished,
    PartEnded,
    Reasoning,
    ReasoningDelta,
    RefusalDelta,
    Started,
    TextDelta,
    ToolCall,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
)
from entrepot.dialects import sse
from entrepot.dialects.openai_responses.failures import neutral_code, read_failure
from entrepot.dialects.openai_responses.responses import (
    events,
    parse_logprobs,
    parse_output,
    read_finish,
    read_time,
)
from entrepot.dialects.openai_responses.usage import parse_usage
from entrepot.errors import UpstreamBroken, UpstreamError

_BROKEN = "upstream_stream_broken"
_NONSENSE = "The upstream sent a stream event that is none of a response."
_BETWEEN_PARTS = "\n\n"

Key = str | int


class _Event(msgspec.Struct):
    """An event's fields, trusted no further than the first check of each."""

    type: str = ""
    response: Any = None
    item: Any = None
    item_id: Any = None
    output_index: Any = None
    summary_index: Any = None
    content_index: Any = None
    delta: Any = None
    logprobs: Any = None
    error: Any = None
    code: Any = None
    message: Any = None
    param: Any = None


_event = msgspec.json.Decoder(_Event)


class _Seen:
    """What has been read of one output item: the number of a call, the kind and part of a thought, and its text."""

    def __init__(self) -> None:
        self.call: int | None = None
        self.thought = ""
        self.part: Any = 0
        self.text = ""


class StreamReader:
    """Bytes in, neutral events out; the last is `Ended`, or `Failed` for a stream that broke.

    `usage_known` is false where the upstream reported no usage that can be believed.
    """

    def __init__(self, *, limit_bytes: int) -> None:
        self._splitter = sse.Splitter(limit_bytes)
        self._items: dict[Key, _Seen] = {}
        self._calls = 0
        self._started = False
        self._said = False
        self._done = False
        self.usage_known = False

    def feed(self, data: bytes) -> list[Event]:
        return self._read(lambda: self._splitter.feed(data))

    def close(self) -> list[Event]:
        """What the upstream's closing completes."""
        read = self._read(self._splitter.end)
        if not self._done:
            read += self._failed(_BROKEN, "The upstream closed the stream before its end.")
        return read

    def _read(self, split: Callable[[], list[bytes]]) -> list[Event]:
        read: list[Event] = []
        try:
            for event in split():
                if not self._done:
                    read += self._events(event)
        except UpstreamError as error:
            read += self._failed(error.code, error.message)
        return read

    def _events(self, event: bytes) -> Iterator[Event]:
        data = sse.data_of(event)
        if data is None or data == b"[DONE]":
            return
        try:
            decoded = _event.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise UpstreamBroken(_NONSENSE) from None
        if decoded.type == "error" or decoded.error is not None:
            error = read_failure(decoded.error or {"message": decoded.message, "code": decoded.code})
            yield from self._failed(neutral_code(error.code) or _BROKEN, error.message)
            return
        if not decoded.type:
            raise UpstreamBroken(_NONSENSE)
        if not self._started:
            self._started = True
            yield _started(decoded.response)
        if decoded.type in ("response.completed", "response.incomplete", "response.failed"):
            yield from self._ended(decoded.response if isinstance(decoded.response, dict) else {})
            return
        for neutral in self._choice_events(decoded):
            self._said = True
            yield neutral

    def _choice_events(self, event: _Event) -> Iterator[ChoiceEvent]:
        delta = event.delta if isinstance(event.delta, str) else ""
        match event.type:
            case "response.output_text.delta":
                self._seen(event).text += delta
                yield TextDelta(text=delta, logprobs=parse_logprobs(event.logprobs) or None)
            case "response.refusal.delta":
                self._seen(event).text += delta
                yield RefusalDelta(text=delta)
            case "response.reasoning_text.delta" | "response.reasoning_summary_text.delta":
                yield from self._thought(event, delta)
            case "response.function_call_arguments.delta" | "response.custom_tool_call_input.delta":
                seen = self._seen(event)
                if seen.call is not None:
                    seen.text += delta
                    yield ToolCallDelta(arguments=delta, call=seen.call)
            case "response.content_part.done" if not self._seen(event).thought:
                yield PartEnded()
            case "response.output_item.added" if _type_of(event.item) in ("function_call", "custom_tool_call"):
                yield from self._opened(event)
            case "response.output_item.done":
                yield from self._completed(event)

    def _thought(self, event: _Event, delta: str) -> Iterator[ChoiceEvent]:
        """Text and summary of one item would say the same twice: the kind that comes first is read."""
        seen = self._seen(event)
        seen.thought = seen.thought or event.type
        if event.type != seen.thought:
            return
        part = event.summary_index or event.content_index or 0
        between = _BETWEEN_PARTS if seen.text and part != seen.part else ""
        id = event.item_id if not seen.text and isinstance(event.item_id, str) else None
        seen.text += between + delta
        seen.part = part
        yield ReasoningDelta(text=between + delta, id=id)

    def _opened(self, event: _Event) -> Iterator[ChoiceEvent]:
        """A call begins. Arguments it has already come when it is complete, if not before."""
        (call,) = parse_output([event.item | {"arguments": "", "input": ""}])
        assert isinstance(call, ToolCall)
        seen = self._seen(event)
        seen.call = self._calls
        self._calls += 1
        yield ToolCallStarted(id=call.id, name=call.name, call=seen.call, custom=call.custom)

    def _completed(self, event: _Event) -> Iterator[ChoiceEvent]:
        """What the whole item has beyond its deltas."""
        seen = self._seen(event)
        for part in parse_output([event.item]):
            if isinstance(part, ToolCall):
                if seen.call is None:
                    yield from self._opened(event)
                if part.arguments.startswith(seen.text) and part.arguments != seen.text and seen.call is not None:
                    yield ToolCallDelta(arguments=part.arguments[len(seen.text) :], call=seen.call)
                yield PartEnded()
            elif isinstance(part, Reasoning):
                rest = part if not seen.text else msgspec.structs.replace(part, text="")
                yield from _spelled(rest)
            elif not seen.text:
                yield from _spelled(part)

    def _ended(self, response: dict[str, Any]) -> Iterator[Event]:
        if not self._said:
            for part in parse_output(response.get("output")):
                self._calls += isinstance(part, ToolCall)
                yield from _spelled(part, call=self._calls - 1)
        status = response.get("status")
        if status in ("failed", "cancelled") or response.get("error") is not None:
            error = read_failure(response.get("error"))
            yield from self._failed(neutral_code(error.code) or _BROKEN, error.message)
            return
        usage = parse_usage(response.get("usage"), response.get("service_tier"))
        self.usage_known = usage is not None
        self._done = True
        yield Finished(reason=read_finish(status, response.get("incomplete_details"), calls=self._calls > 0))
        yield Ended(usage=usage or Usage(estimated=True))

    def _failed(self, code: str, message: str) -> list[Event]:
        self._done = True
        return [Failed(code=code, message=message)]

    def _seen(self, event: _Event) -> _Seen:
        """The item an event is about: by id where one is given, else by place, else the only one there is."""
        id = event.item.get("id") if isinstance(event.item, dict) else event.item_id
        key: Key = next((key for key in (id, event.output_index) if isinstance(key, str | int)), "")
        return self._items.setdefault(key, _Seen())


def _started(response: Any) -> Started:
    response = response if isinstance(response, dict) else {}
    id, model, created = (response.get(name) for name in ("id", "model", "created_at"))
    return Started(
        id=id if isinstance(id, str) else "",
        model=model if isinstance(model, str) else "",
        created_s=read_time(created),
    )


def _spelled(part: Any, *, call: int = 0) -> Iterator[ChoiceEvent]:
    """The events of one part, its end included."""
    for event in events(Choice(index=0, parts=(part,), finish="stop")):
        if isinstance(event, ToolCallStarted | ToolCallDelta):
            yield msgspec.structs.replace(event, call=call)
        elif not isinstance(event, Finished):
            yield event


def _type_of(item: Any) -> Any:
    return item.get("type") if isinstance(item, dict) else None
