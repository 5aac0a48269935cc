"""Chat Completions streams watched as they pass through."""

from __future__ import annotations

from typing import Any

import msgspec

from entrepot.conversation import Usage
from entrepot.dialects import sse
from entrepot.dialects.openai_chat.failures import read_error
from entrepot.dialects.openai_chat.repairs import completed
from entrepot.dialects.openai_chat.usage import Reported, emit_usage
from entrepot.dialects.openai_chat.writers import DONE
from entrepot.dialects.taps import Tap
from entrepot.errors import UpstreamBroken


class _Delta(msgspec.Struct, gc=False):
    content: Any = None
    reasoning_content: Any = None
    reasoning: Any = None
    refusal: Any = None
    tool_calls: Any = None


class _Choice(msgspec.Struct, gc=False):
    index: Any = 0
    delta: _Delta | None = None
    finish_reason: str | None = None


class _Chunk(msgspec.Struct, gc=False):
    choices: list[_Choice] | None = None
    id: str | None = None
    created: int | None = None
    model: str | None = None
    usage: Any = None
    service_tier: Any = None
    error: Any = None


_chunk = msgspec.json.Decoder(_Chunk)


class StreamTap(Tap):
    """The usage chunk is taken out unless the client asked for it, and made up where the upstream sent none for the
    whole answer, by the hub's own count if need be.

    `is_llama` is for llama.cpp: it fills in nulls that are left out (see `repairs`) and adds up usage (see `Reported`).
    """

    def __init__(self, *, include_usage: bool, limit_bytes: int, is_llama: bool = False) -> None:
        super().__init__(limit_bytes=limit_bytes)
        self._include_usage = include_usage
        self._is_llama = is_llama
        self._last: _Chunk | None = None
        self._choices: set[int] = set()
        self._tier: Any = None
        self._reported = Reported(per_choice=is_llama)

    def end(self, estimate: Usage | None) -> bytes:
        is_told = bool(self._held) and self.usage is not None and not self._reported.is_sum
        self.usage = self.usage or estimate
        if is_told or self.usage is None or not self._include_usage:
            return self._held + DONE
        return self._held + self._usage_chunk(self.usage) + DONE

    def _relayed(self, event: bytes) -> bytes:
        data = sse.data_of(event)
        if data is None:
            return event if self.started else b""
        if data == b"[DONE]":
            self.done = True
            return b""
        try:
            chunk = _chunk.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise UpstreamBroken("The upstream sent a stream event that is not a chat completion chunk.") from None
        if chunk.error is not None:
            raise UpstreamBroken(f"The upstream broke off with an error: {read_error(data).message}")
        self.started = True
        if not self._read(chunk):
            return b""
        if self._is_llama and b'"logprobs":{' in data:
            event = sse.event(completed(data))
        return self._hold(event) if chunk.usage is not None and _may_be_last(chunk) else event

    def _read(self, chunk: _Chunk) -> bool:
        """Note what the chunk says; whether the client is to see it."""
        if chunk.usage is not None:
            tier = chunk.service_tier or self._tier
            self._reported.add(chunk.usage, tier, is_apart=not chunk.choices, choices=len(self._choices))
            self.usage = self._reported.usage
            if not chunk.choices:
                return self._include_usage
        if self._last is None:
            self._last = chunk
            self._tier = chunk.service_tier
            self.id, self.answered = chunk.id, chunk.model
        for choice in chunk.choices or ():
            delta = choice.delta
            self._choices.add(choice.index if choice.index.__class__ is int else 0)
            if choice.finish_reason:
                self.finish = choice.finish_reason
            if delta is None:
                continue
            if delta.content and delta.content.__class__ is str:
                self._texts.append(delta.content)
            if delta.tool_calls or delta.reasoning_content or delta.reasoning or delta.refusal:
                self._gather(delta)
        return True

    def _gather(self, delta: _Delta) -> None:
        pieces = (delta.reasoning_content or delta.reasoning, delta.refusal)
        self._texts += [piece for piece in pieces if isinstance(piece, str)]
        if delta.tool_calls:
            self._texts.append(_call_text(delta.tool_calls))

    def _usage_chunk(self, usage: Usage) -> bytes:
        first = self._last or _Chunk()
        chunk = {
            "id": first.id or "",
            "object": "chat.completion.chunk",
            "created": first.created or 0,
            "model": first.model or "",
            "choices": [],
            "usage": emit_usage(usage),
        }
        return sse.event(msgspec.json.encode(chunk))


def _may_be_last(chunk: _Chunk) -> bool:
    """Some servers tell usage all along, of what has been said so far: that is not to be held up."""
    choices = chunk.choices or ()
    return any(choice.finish_reason for choice in choices) or not any(
        choice.delta and (choice.delta.content or choice.delta.reasoning_content or choice.delta.tool_calls)
        for choice in choices
    )


def _call_text(calls: Any) -> str:
    pieces = []
    for call in calls if isinstance(calls, list) else ():
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict):
            pieces += [piece for piece in (function.get("name"), function.get("arguments")) if isinstance(piece, str)]
    return "".join(pieces)
