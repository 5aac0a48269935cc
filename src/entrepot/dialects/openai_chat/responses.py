"""Plain Chat Completions answers: written from the neutral form, or tapped as they pass through."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec

from entrepot.conversation import (
    Choice,
    Part,
    Reasoning,
    Refusal,
    Request,
    Response,
    Text,
    TokenLogprob,
    ToolCall,
    Usage,
)
from entrepot.dialects.carrying import unwrapped
from entrepot.dialects.openai_chat.failures import read_error
from entrepot.dialects.openai_chat.usage import emit_usage, parse_usage
from entrepot.dialects.tiers import openai_name
from entrepot.errors import UpstreamBroken


class Tapped(msgspec.Struct, frozen=True, kw_only=True):
    """What the hub needs to know of a relayed answer. `usage` is None when none was reported."""

    id: str | None = None
    answered: str | None
    finish: str | None
    usage: Usage | None
    text: str


class _Message(msgspec.Struct):
    content: Any = None
    reasoning_content: Any = None
    reasoning: Any = None
    refusal: Any = None
    tool_calls: Any = None


class _Choice(msgspec.Struct):
    message: _Message = msgspec.field(default_factory=_Message)
    finish_reason: str | None = None


class _Completion(msgspec.Struct):
    choices: list[_Choice] = []
    id: Any = None
    model: str | None = None
    usage: Any = None
    service_tier: Any = None
    error: Any = None


_completion = msgspec.json.Decoder(_Completion)


def tap_response(body: bytes) -> Tapped:
    """Usage, finish reason and text of an answer. Raises UpstreamBroken when it is not a completion."""
    try:
        answer = _completion.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise UpstreamBroken("The upstream's answer is not a chat completion.") from None
    if answer.error is not None and not answer.choices:
        raise UpstreamBroken(f"The upstream answered with an error: {read_error(body).message}")
    if not answer.choices:
        raise UpstreamBroken("The upstream's answer holds no choices.")
    usage = parse_usage(answer.usage, answer.service_tier)
    return Tapped(
        id=answer.id if isinstance(answer.id, str) else None,
        answered=answer.model,
        finish=answer.choices[0].finish_reason,
        usage=usage,
        text="" if usage else "".join(_text(choice.message) for choice in answer.choices),
    )


def emit_response(response: Response, request: Request | None = None) -> bytes:
    """`request` tells which tools are custom ones, whose calls some upstreams make as functions'."""
    custom = frozenset(tool.name for tool in request.tools if tool.custom) if request else frozenset()
    return msgspec.json.encode(
        {
            "id": response.id,
            "object": "chat.completion",
            "created": response.created_s,
            "model": response.model,
            "choices": [_choice(choice, custom) for choice in response.choices],
            "usage": emit_usage(response.usage),
            "service_tier": openai_name(response.usage.tier),
            "system_fingerprint": response.fingerprint,
        }
    )


def emit_logprobs(tokens: tuple[TokenLogprob, ...] | None) -> dict[str, Any] | None:
    if tokens is None:
        return None
    return {"content": [_logprob(token) for token in tokens], "refusal": None}


def emit_call(call: ToolCall) -> dict[str, Any]:
    if call.custom:
        return {"id": call.id, "type": "custom", "custom": {"name": call.name, "input": call.arguments}}
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def _choice(choice: Choice, custom: Collection[str]) -> dict[str, Any]:
    return {
        "index": choice.index,
        "message": _message(choice.parts, custom),
        "logprobs": emit_logprobs(choice.logprobs),
        "finish_reason": choice.finish,
    }


def _message(parts: tuple[Part, ...], custom: Collection[str]) -> dict[str, Any]:
    text = "".join(part.text for part in parts if isinstance(part, Text))
    refusal = "".join(part.text for part in parts if isinstance(part, Refusal))
    reasoning = "".join(part.text for part in parts if isinstance(part, Reasoning))
    calls = [emit_call(_own(part, custom)) for part in parts if isinstance(part, ToolCall)]
    message: dict[str, Any] = {
        "role": "assistant",
        "content": text if text or not (calls or refusal) else None,
        "refusal": refusal or None,
        "annotations": [],
    }
    if reasoning:
        message["reasoning_content"] = reasoning
    if calls:
        message["tool_calls"] = calls
    return message


def _own(call: ToolCall, custom: Collection[str]) -> ToolCall:
    """The call in the form the client offered its tool."""
    if call.custom or call.name not in custom:
        return call
    return msgspec.structs.replace(call, arguments=unwrapped(call.arguments), custom=True)


def _logprob(token: TokenLogprob) -> dict[str, Any]:
    return {
        "token": token.token,
        "logprob": token.logprob,
        "bytes": list(token.token.encode()),
        "top_logprobs": [
            {"token": top.token, "logprob": top.logprob, "bytes": list(top.token.encode())} for top in token.top
        ],
    }


def _text(message: _Message) -> str:
    spoken = (message.content, message.reasoning_content or message.reasoning, message.refusal)
    pieces = [piece for piece in spoken if isinstance(piece, str)]
    if message.tool_calls:
        pieces.append(msgspec.json.encode(message.tool_calls).decode())
    return "".join(pieces)
