"""Chat Completions streams: written from neutral events, or tapped as they pass through."""

from __future__ import annotations

from typing import Any, assert_never

import msgspec

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
from entrepot.dialects.openai_chat.failures import read_error
from entrepot.dialects.openai_chat.responses import emit_logprobs
from entrepot.dialects.openai_chat.usage import emit_usage, parse_usage
from entrepot.errors import UpstreamBroken, UpstreamError

DONE = sse.event(b"[DONE]")


class _Delta(msgspec.Struct):
    content: Any = None
    reasoning_content: Any = None
    refusal: Any = None
    tool_calls: Any = None


class _Choice(msgspec.Struct):
    delta: _Delta | None = None
    finish_reason: str | None = None


class _Chunk(msgspec.Struct):
    choices: list[_Choice] | None = None
    id: str | None = None
    created: int | None = None
    model: str | None = None
    usage: Any = None
    error: Any = None


_chunk = msgspec.json.Decoder(_Chunk)


class StreamTap:
    """Watches a stream go by: `feed` and `close` return what to relay of it, `end` its last bytes.

    After each call `failure` tells whether the upstream reported an error or spoke nonsense; events
    before it have been relayed. `done` is true once nothing more is expected. The usage chunk is taken
    out unless the client asked for it, and made up by the hub's own count where the upstream sent none.
    """

    def __init__(self, *, include_usage: bool, limit_bytes: int) -> None:
        self._include_usage = include_usage
        self._splitter = sse.Splitter(limit_bytes)
        self._last: _Chunk | None = None
        self._texts: list[str] = []
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
        if self.failure is None and not self.done and self.finish is None:
            message = "The upstream closed the stream before its end."
            self.failure = UpstreamBroken(message, code="upstream_stream_broken")
        self.done = self.failure is None
        return relayed

    def end(self, estimate: Usage | None) -> bytes:
        """The last bytes of a stream that is done; `estimate` stands in for usage that never came."""
        if self.usage is None and estimate is not None:
            self.usage = estimate
            if self._include_usage:
                return self._usage_chunk(estimate) + DONE
        return DONE

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
            self.done = True
            return False
        try:
            chunk = _chunk.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self.failure = UpstreamBroken("The upstream sent a stream event that is not a chat completion chunk.")
            return False
        if chunk.error is not None:
            self.failure = UpstreamBroken(f"The upstream broke off with an error: {read_error(data).message}")
            return False
        self.started = True
        return self._read(chunk)

    def _read(self, chunk: _Chunk) -> bool:
        if chunk.usage is not None:
            self.usage = parse_usage(chunk.usage) or self.usage
            if not chunk.choices:
                return self._include_usage
        if self._last is None:
            self._last = chunk
            self.answered = chunk.model
        for choice in chunk.choices or ():
            self.finish = choice.finish_reason or self.finish
            if choice.delta is not None:
                self._gather(choice.delta)
        return True

    def _gather(self, delta: _Delta) -> None:
        for piece in (delta.content, delta.reasoning_content, delta.refusal):
            if piece and isinstance(piece, str):
                self._texts.append(piece)
        if delta.tool_calls:
            self._texts.append(_call_text(delta.tool_calls))

    def _usage_chunk(self, usage: Usage) -> bytes:
        first = self._last or _Chunk()
        return _event(
            {
                "id": first.id or "",
                "object": "chat.completion.chunk",
                "created": first.created or 0,
                "model": first.model or "",
                "choices": [],
                "usage": emit_usage(usage),
            }
        )


class StreamWriter:
    """Neutral events to Chat Completions chunks, each call giving the bytes of one event (maybe none)."""

    def __init__(self, *, include_usage: bool) -> None:
        self._include_usage = include_usage
        self._head: dict[str, Any] = {}
        self._opened: set[int] = set()
        self._custom: set[tuple[int, int]] = set()

    def write(self, event: Event) -> bytes:
        match event:
            case Started():
                self._head = {
                    "id": event.id,
                    "object": "chat.completion.chunk",
                    "created": event.created_s,
                    "model": event.model,
                    "service_tier": "default",
                    "system_fingerprint": event.fingerprint,
                }
                return b""
            case TextDelta():
                return self._delta(event.choice, {"content": event.text}, logprobs=emit_logprobs(event.logprobs))
            case RefusalDelta():
                return self._delta(event.choice, {"refusal": event.text})
            case ReasoningDelta():
                return self._delta(event.choice, {"reasoning_content": event.text})
            case ToolCallStarted():
                return self._delta(event.choice, {"tool_calls": [self._call_opened(event)]})
            case ToolCallDelta():
                return self._delta(event.choice, {"tool_calls": [self._call_continued(event)]})
            case PartEnded():
                return b""
            case Finished():
                return self._delta(event.choice, {}, finish=event.reason)
            case Ended():
                usage = self._chunk([], usage=emit_usage(event.usage)) if self._include_usage else b""
                return usage + DONE
            case Failed():
                error = {"message": event.message, "type": "server_error", "param": None, "code": event.code}
                return _event({"error": error})
            case _:
                assert_never(event)

    def _call_opened(self, event: ToolCallStarted) -> dict[str, Any]:
        opened: dict[str, Any] = {"index": event.call, "id": event.id}
        if event.custom:
            self._custom.add((event.choice, event.call))
            return opened | {"type": "custom", "custom": {"name": event.name, "input": ""}}
        return opened | {"type": "function", "function": {"name": event.name, "arguments": ""}}

    def _call_continued(self, event: ToolCallDelta) -> dict[str, Any]:
        if (event.choice, event.call) in self._custom:
            return {"index": event.call, "custom": {"input": event.arguments}}
        return {"index": event.call, "function": {"arguments": event.arguments}}

    def _delta(
        self, index: int, delta: dict[str, Any], *, logprobs: dict[str, Any] | None = None, finish: str | None = None
    ) -> bytes:
        choice = {"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": finish}
        opening = b""
        if index not in self._opened:
            self._opened.add(index)
            first = {"role": "assistant", "content": "", "refusal": None}
            opening = self._chunk([choice | {"delta": first, "logprobs": None, "finish_reason": None}])
        return opening + self._chunk([choice])

    def _chunk(self, choices: list[dict[str, Any]], *, usage: dict[str, Any] | None = None) -> bytes:
        chunk = self._head | {"choices": choices}
        if self._include_usage:
            chunk["usage"] = usage
        return _event(chunk)


def _event(value: dict[str, Any]) -> bytes:
    return sse.event(msgspec.json.encode(value))


def _call_text(calls: Any) -> str:
    pieces = []
    for call in calls if isinstance(calls, list) else ():
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict):
            pieces += [piece for piece in (function.get("name"), function.get("arguments")) if isinstance(piece, str)]
    return "".join(pieces)
