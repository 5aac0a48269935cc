"""Messages streams of an upstream, read into neutral events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from entrepot.conversation import (
    Ended,
    Event,
    Failed,
    Finished,
    PartEnded,
    ReasoningDelta,
    RefusalDelta,
    Started,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
)
from entrepot.dialects import sse
from entrepot.dialects.anthropic_messages.blocks import write_input
from entrepot.dialects.anthropic_messages.events import WireEvent, read_event, string, table
from entrepot.dialects.anthropic_messages.failures import read_error_value, upstream_failure
from entrepot.dialects.anthropic_messages.responses import explain
from entrepot.dialects.anthropic_messages.signatures import read_signed
from entrepot.dialects.anthropic_messages.stops import read_stop
from entrepot.dialects.anthropic_messages.usage import Tally
from entrepot.errors import UpstreamBroken, UpstreamError


class _Call:
    """A tool call on its way: its number, and its whole input where the upstream gave that at the start."""

    def __init__(self, number: int, given: Any) -> None:
        self.number = number
        self.given = given
        self.has_arguments = False


class StreamReader:
    """Bytes in, events out: Started first; Ended or Failed last, after which nothing more comes.

    `usage_known` tells whether the usage of Ended is the upstream's; otherwise it is zeros marked
    `estimated`. Started has no creation time, as this dialect tells none.
    """

    def __init__(self, *, limit_bytes: int) -> None:
        self._splitter = sse.Splitter(limit_bytes)
        self._tally = Tally()
        self._calls: dict[int, _Call] = {}
        self._started = False
        self._finished = False
        self._done = False

    @property
    def usage_known(self) -> bool:
        return self._tally.final is not None

    def feed(self, data: bytes) -> list[Event]:
        return list(self._read_all(data))

    def close(self) -> list[Event]:
        """What the upstream's closing completes: a stream that had not come to its end has failed."""
        return list(self._read_end())

    def _read_all(self, data: bytes) -> Iterator[Event]:
        try:
            for event in self._splitter.feed(data):
                yield from self._read(event)
        except UpstreamError as error:
            yield from self._fail(error)

    def _read_end(self) -> Iterator[Event]:
        try:
            for event in self._splitter.end():
                yield from self._read(event)
        except UpstreamError as error:
            yield from self._fail(error)
        if self._finished:
            yield from self._end()
        else:
            message = "The upstream closed the stream before its end."
            yield from self._fail(UpstreamBroken(message, code="upstream_stream_broken"))

    def _fail(self, error: UpstreamError) -> Iterator[Event]:
        if not self._done:
            self._done = True
            yield Failed(code=error.code, message=error.message)

    def _end(self) -> Iterator[Event]:
        if not self._done:
            self._done = True
            yield Ended(usage=self._tally.final or Usage(estimated=True))

    def _read(self, data: bytes) -> Iterator[Event]:
        event = None if self._done else read_event(data)
        if event is None or event.type == "ping":
            return
        if event.type == "error":
            raise upstream_failure(read_error_value({"error": event.error}))
        if not self._started and event.type != "message_start":
            raise UpstreamBroken("The upstream's stream does not begin with a message.")
        match event.type:
            case "message_start":
                yield self._start(table(event.message))
            case "content_block_start":
                yield from self._open(event.index, table(event.content_block))
            case "content_block_delta":
                yield from self._continue(event.index, table(event.delta))
            case "content_block_stop":
                yield from self._close(event.index)
            case "message_delta":
                yield from self._finish(event)
            case "message_stop":
                if not self._finished:
                    yield Finished(reason="tool_calls" if self._calls else "stop")
                yield from self._end()

    def _start(self, message: dict[str, Any]) -> Started:
        self._started = True
        self._tally.start(message.get("usage"))
        return Started(
            id=string(message.get("id")),
            model=string(message.get("model")),
            created_s=0,
            usage=self._tally.known,
        )

    def _open(self, index: int, block: dict[str, Any]) -> Iterator[Event]:
        match block:
            case {"type": "text", "text": str(text)} if text:
                yield TextDelta(text=text)
            case {"type": "thinking", "thinking": str(text)} if text:
                yield ReasoningDelta(text=text)
            case {"type": "redacted_thinking", "data": str(data)}:
                yield ReasoningDelta(redacted=data)
            case {"type": "tool_use", "id": str(id), "name": str(name)}:
                call = self._calls[index] = _Call(len(self._calls), block.get("input"))
                yield ToolCallStarted(id=id, name=name, call=call.number)
            case {"type": "tool_use"}:
                raise UpstreamBroken("The upstream's stream holds a tool call without an id or a name.")

    def _continue(self, index: int, delta: dict[str, Any]) -> Iterator[Event]:
        match delta:
            case {"type": "text_delta", "text": str(text)} if text:
                yield TextDelta(text=text)
            case {"type": "thinking_delta", "thinking": str(text)} if text:
                yield ReasoningDelta(text=text)
            case {"type": "signature_delta", "signature": str(signature)} if signature:
                signed = read_signed("", signature)
                yield ReasoningDelta(signature=signed.signature, encrypted=signed.encrypted, id=signed.id)
            case {"type": "input_json_delta", "partial_json": str(text)} if text and index in self._calls:
                call = self._calls[index]
                call.has_arguments = True
                yield ToolCallDelta(arguments=text, call=call.number)

    def _close(self, index: int) -> Iterator[Event]:
        call = self._calls.get(index)
        if call is not None and not call.has_arguments:  # a tool without arguments gets none in deltas
            yield ToolCallDelta(arguments=write_input(call.given), call=call.number)
        yield PartEnded()

    def _finish(self, event: WireEvent) -> Iterator[Event]:
        self._tally.update(event.usage)
        delta = table(event.delta)
        stop_reason = string(delta.get("stop_reason"))
        if not stop_reason or self._finished:
            return
        self._finished = True
        reason = read_stop(stop_reason)
        if reason == "content_filter" and (explanation := explain(delta.get("stop_details"))):
            yield RefusalDelta(text=explanation)
        yield Finished(reason=reason, stop_sequence=string(delta.get("stop_sequence")) or None)
