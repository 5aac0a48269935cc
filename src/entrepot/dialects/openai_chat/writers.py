"""Chat Completions streams for clients, written from neutral events."""

from __future__ import annotations

from collections.abc import Collection
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
)
from entrepot.dialects import sse
from entrepot.dialects.carrying import unwrapped
from entrepot.dialects.openai_chat.responses import emit_logprobs
from entrepot.dialects.openai_chat.usage import emit_usage
from entrepot.dialects.tiers import openai_name

DONE = sse.event(b"[DONE]")


class StreamWriter:
    """Neutral events to Chat Completions chunks, each call giving the bytes of one event (maybe none).

    `custom_tools` names the client's custom tools: their calls that an upstream makes as functions' wait for
    the end of the choice, to be turned back whole.
    """

    def __init__(self, *, include_usage: bool, custom_tools: Collection[str] = ()) -> None:
        self._include_usage = include_usage
        self._custom_tools = frozenset(custom_tools)
        self._wrapped: dict[tuple[int, int], _Wrapped] = {}
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
                    "service_tier": openai_name(None),
                    "system_fingerprint": event.fingerprint,
                }
                return b""
            case TextDelta():
                return self._delta(event.choice, {"content": event.text}, logprobs=emit_logprobs(event.logprobs))
            case RefusalDelta():
                return self._delta(event.choice, {"refusal": event.text})
            case ReasoningDelta():  # a signature, say, has no text
                return self._delta(event.choice, {"reasoning_content": event.text}) if event.text else b""
            case ToolCallStarted() if event.name in self._custom_tools and not event.custom:
                self._wrapped[event.choice, event.call] = _Wrapped(event)
                return b""
            case ToolCallStarted():
                return self._delta(event.choice, {"tool_calls": [self._call_opened(event)]})
            case ToolCallDelta() if (event.choice, event.call) in self._wrapped:
                self._wrapped[event.choice, event.call].arguments.append(event.arguments)
                return b""
            case ToolCallDelta():
                return self._delta(event.choice, {"tool_calls": [self._call_continued(event)]})
            case PartEnded():
                return b""
            case Finished():
                return self._turned_back(event.choice) + self._delta(event.choice, {}, finish=event.reason)
            case Ended():
                self._head["service_tier"] = openai_name(event.usage.tier)
                usage = self._chunk([], usage=emit_usage(event.usage)) if self._include_usage else b""
                return usage + DONE
            case Failed():
                error = {"message": event.message, "type": "server_error", "param": None, "code": event.code}
                return _event({"error": error})
            case _:
                assert_never(event)

    def _turned_back(self, choice: int) -> bytes:
        calls = [wrapped.turned_back() for (of, _), wrapped in self._wrapped.items() if of == choice]
        return b"".join(self._delta(choice, {"tool_calls": [call]}) for call in calls)

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


class _Wrapped:
    """A custom tool's call on its way as a function's."""

    def __init__(self, event: ToolCallStarted) -> None:
        self._event = event
        self.arguments: list[str] = []

    def turned_back(self) -> dict[str, Any]:
        custom = {"name": self._event.name, "input": unwrapped("".join(self.arguments))}
        return {"index": self._event.call, "id": self._event.id, "type": "custom", "custom": custom}


def _event(value: dict[str, Any]) -> bytes:
    return sse.event(msgspec.json.encode(value))
