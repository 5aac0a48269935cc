"""Whole messages: read from an upstream, written for a client, or tapped as they pass through."""

from __future__ import annotations

import re
from collections.abc import Iterator
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
    ToolCall,
    Usage,
)
from entrepot.dialects.anthropic_messages.blocks import read_input, write_input
from entrepot.dialects.anthropic_messages.failures import read_error_value, upstream_failure
from entrepot.dialects.anthropic_messages.signatures import read_signed, sign
from entrepot.dialects.anthropic_messages.stops import emit_stop, read_stop
from entrepot.dialects.anthropic_messages.usage import emit_usage, parse_usage
from entrepot.dialects.openai_chat.responses import Tapped
from entrepot.errors import UpstreamBroken

_READ = ("text", "thinking", "redacted_thinking", "tool_use")
_FOREIGN_PREFIX = re.compile(r"^(chatcmpl|resp|gen)[-_]")


class _Message(msgspec.Struct):
    type: Any = None
    id: Any = None
    model: Any = None
    content: Any = None
    stop_reason: Any = None
    stop_sequence: Any = None
    stop_details: Any = None
    usage: Any = None
    error: Any = None


_message = msgspec.json.Decoder(_Message)


def parse_response(body: bytes) -> Response:
    """The neutral form; `created_s` is 0, as this dialect tells no time. Usage that cannot be believed is
    marked `estimated`, with zeros.

    Raises UpstreamError when the body is an error or no message.
    """
    message = _decode(body)
    finish = read_stop(_string(message.stop_reason) or "end_turn")
    parts = [part for block in message.content for part in _part(block)]
    if finish == "content_filter" and (explanation := explain(message.stop_details)):
        parts.append(Refusal(text=explanation))
    choice = Choice(index=0, parts=tuple(parts), finish=finish, stop_sequence=_string(message.stop_sequence))
    return Response(
        id=_string(message.id) or "",
        model=_string(message.model) or "",
        created_s=0,
        choices=(choice,),
        usage=parse_usage(message.usage) or Usage(estimated=True),
    )


def tap_response(body: bytes) -> Tapped:
    """Usage, finish reason and, where no usage was reported, text of an answer. Raises UpstreamError."""
    message = _decode(body)
    usage, stop_reason = parse_usage(message.usage), _string(message.stop_reason)
    return Tapped(
        id=_string(message.id),
        answered=_string(message.model),
        finish=read_stop(stop_reason) if stop_reason else None,
        usage=usage,
        text="" if usage else "".join(map(_text, message.content)),
    )


def emit_response(response: Response, request: Request | None = None) -> bytes:
    """A message made of the first choice; this dialect knows no others, and has nothing to learn from the request.

    Raises UpstreamBroken for an answer that ended in an error.
    """
    choice = response.choices[0] if response.choices else Choice(index=0, parts=(), finish="stop")
    if choice.finish == "error":
        raise UpstreamBroken("The upstream ended its answer with an error.")
    stop = emit_stop(
        choice.finish,
        stop_sequence=choice.stop_sequence,
        has_calls=any(isinstance(part, ToolCall) for part in choice.parts),
        has_refusal=any(isinstance(part, Refusal) for part in choice.parts),
    )
    return msgspec.json.encode(
        emit_head(response.id, response.model)
        | {"content": [block for part in choice.parts for block in _block(part)]}
        | stop
        | {"usage": emit_usage(response.usage)}
    )


def message_id(id: str) -> str:
    """An id of this dialect's form, always the same one for an id of another's."""
    return id if id.startswith("msg_") else f"msg_{_FOREIGN_PREFIX.sub('', id)}"


def emit_head(id: str, model: str) -> dict[str, Any]:
    """A message that has yet to be filled, as `message_start` shows it too."""
    return {
        "id": message_id(id),
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "stop_details": None,
        "container": None,
        "diagnostics": None,
    }


def explain(stop_details: Any) -> str | None:
    """The words in which an upstream explains its refusal, if it has any."""
    return _string(stop_details.get("explanation")) if isinstance(stop_details, dict) else None


def _decode(body: bytes) -> _Message:
    try:
        message = _message.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise UpstreamBroken("The upstream's answer is not a message.") from None
    if message.error is not None:
        raise upstream_failure(read_error_value({"error": message.error}))
    if message.type != "message" or not isinstance(message.content, list):
        raise UpstreamBroken("The upstream's answer is not a message.")
    return message


def _part(block: Any) -> Iterator[Part]:
    """Blocks of what Anthropic's own servers did besides are left out: only it can have been asked for them."""
    match block:
        case {"type": "text", "text": str(text)}:
            yield Text(text=text)
        case {"type": "thinking", "thinking": str(text)}:
            yield read_signed(text, _string(block.get("signature")))
        case {"type": "redacted_thinking", "data": str(data)}:
            yield Reasoning(redacted=data)
        case {"type": "tool_use", "id": str(id), "name": str(name)}:
            yield ToolCall(id=id, name=name, arguments=write_input(block.get("input")))
        case {"type": str(kind)} if kind not in _READ:
            return
        case _:
            raise UpstreamBroken("The upstream's answer holds something that is no content block.")


def _block(part: Part) -> Iterator[dict[str, Any]]:
    match part:
        case Text() | Refusal():
            yield {"type": "text", "text": part.text}  # Vercel's AI SDK refuses null citations
        case Reasoning(redacted=str(data)):
            yield {"type": "redacted_thinking", "data": data}
        case Reasoning():
            signature = sign(signature=part.signature, encrypted=part.encrypted, id=part.id)
            yield {"type": "thinking", "thinking": part.text, "signature": signature}
        case ToolCall():
            arguments = read_input(part.arguments, custom=part.custom)
            yield {"type": "tool_use", "id": part.id, "name": part.name, "input": arguments}
        case _:
            raise UpstreamBroken("The upstream answered with something that Anthropic's messages cannot hold.")


def _text(block: Any) -> str:
    match block:
        case {"type": "text", "text": str(text)} | {"type": "thinking", "thinking": str(text)}:
            return text
        case {"type": "tool_use", "name": str(name)}:
            return name + write_input(block.get("input"))
    return ""


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) else None
