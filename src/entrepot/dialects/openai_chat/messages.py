"""The `messages` of a request, read into the neutral form.

Parts the neutral form has no place for (video, say) are left out and noted as foreign under their own path;
what an earlier answer was decorated with (annotations, reasoning details) as hints under `messages[]`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, get_args

import msgspec

from entrepot.conversation import (
    Audio,
    CacheHint,
    Document,
    Image,
    Message,
    Part,
    Reasoning,
    Refusal,
    Role,
    Text,
    ToolCall,
    ToolResult,
)
from entrepot.dialects.shapes import Value

DECORATION = "messages[]."
"""What begins the foreign names of decorations, all of them hints."""

Foreign = dict[str, Any]

_FIELDS = (
    "role", "content", "name", "refusal", "tool_calls", "tool_call_id", "function_call", "audio",
    "reasoning_content", "reasoning", "cache_control", "prompt_cache_breakpoint",
)  # fmt: skip
_PART_FIELDS = (
    "type", "text", "refusal", "image_url", "input_audio", "file", "cache_control", "prompt_cache_breakpoint",
)  # fmt: skip
_ROLES: tuple[Role, ...] = get_args(Role)


def parse_messages(messages: Value, foreign: Foreign) -> tuple[Message, ...]:
    """Raises InvalidRequest naming the place whose shape is wrong."""
    if messages.raw is None:
        raise messages.missing("an array")
    read = [_message(message, foreign) for message in messages]
    custom = {part.id for message in read for part in message.parts if isinstance(part, ToolCall) and part.custom}
    return tuple(_marked(message, custom) for message in read) if custom else tuple(read)


def cache_hint(value: Value) -> CacheHint | None:
    """`cache_control` is Anthropic's, which OpenRouter and LiteLLM take in this dialect; the breakpoint is OpenAI's.

    A breakpoint asks for at least 30 minutes; only one with a `ttl` is worth the dearer hour elsewhere.
    """
    control, breakpoint = value["cache_control"].table_or_none(), value["prompt_cache_breakpoint"].table_or_none()
    if not (control or breakpoint):
        return None
    return "1h" if control.get("ttl") == "1h" or breakpoint.get("ttl") else "5m"


def _marked(message: Message, custom: Collection[str]) -> Message:
    """A tool message does not say of what kind its call was."""
    result = message.parts[0] if message.role == "tool" else None
    if not isinstance(result, ToolResult) or result.call_id not in custom:
        return message
    return Message(role="tool", parts=(msgspec.structs.replace(result, custom=True),))


def _message(message: Value, foreign: Foreign) -> Message:
    _note_decorations(message, _FIELDS, foreign)
    role = message["role"].text()
    content = tuple(_parts(message["content"], foreign))
    if role in ("tool", "function"):
        return Message(role="tool", parts=(_result(message, content),))
    if role not in _ROLES:
        raise message["role"].unknown()
    parts = content if role != "assistant" else (*_thoughts(message), *content, *_said(message, foreign))
    return Message(role=role, parts=parts, name=message["name"].text_or_none())


def _result(message: Value, content: tuple[Part, ...]) -> ToolResult:
    """A `function` message answers the call of that name: the legacy form has no ids."""
    call_id = message["tool_call_id"] if message["role"].raw == "tool" else message["name"]
    parts = tuple(part for part in content if isinstance(part, Text | Image | Document))
    return ToolResult(call_id=call_id.text(), parts=parts, cache=cache_hint(message))


def _thoughts(message: Value) -> Iterable[Part]:
    text = message["reasoning_content"].raw or message["reasoning"].raw
    if isinstance(text, str):
        yield Reasoning(text=text)


def _said(message: Value, foreign: Foreign) -> Iterable[Part]:
    refusal = message["refusal"].text_or_none()
    if refusal:
        yield Refusal(text=refusal)
    for call in message["tool_calls"]:
        yield _call(call)
    if message["function_call"].raw is not None:
        call = message["function_call"]
        yield ToolCall(id=call["name"].text(), name=call["name"].text(), arguments=call["arguments"].text())
    if message["audio"].raw is not None:
        foreign[message["audio"].path] = message["audio"].raw


def _call(call: Value) -> ToolCall:
    id, kind = call["id"].text(), call["type"].text_or_none()
    if kind == "custom":
        custom = call["custom"]
        return ToolCall(id=id, name=custom["name"].text(), arguments=custom["input"].text(), custom=True)
    function = call["function"]
    return ToolCall(id=id, name=function["name"].text(), arguments=function["arguments"].text())


def _parts(content: Value, foreign: Foreign) -> Iterable[Part]:
    if isinstance(content.raw, str):
        yield Text(text=content.raw)
        return
    for value in content:
        part = _part(value)
        if part is None:
            foreign[value.path] = value.raw
        else:
            _note_decorations(value, _PART_FIELDS, foreign)
            yield part


def _part(part: Value) -> Part | None:
    cache = cache_hint(part)
    match part["type"].text():
        case "text":
            return Text(text=part["text"].text(), cache=cache)
        case "refusal":
            return Refusal(text=part["refusal"].text())
        case "image_url":
            image = part["image_url"]
            return Image(url=image["url"].text(), detail=image["detail"].text_or_none(), cache=cache)
        case "input_audio":
            audio = part["input_audio"]
            return Audio(data=audio["data"].text(), format=audio["format"].text())
        case "file":
            file = part["file"]
            return Document(
                url=file["file_data"].text_or_none(),
                file_id=file["file_id"].text_or_none(),
                filename=file["filename"].text_or_none(),
                cache=cache,
            )
        case _:
            return None


def _note_decorations(value: Value, known: Collection[str], foreign: Foreign) -> None:
    for name, raw in value.table().items():
        if name not in known and raw not in (None, "", [], {}):
            foreign[DECORATION + name] = raw
