"""Input items to messages and back.

Items of one assistant turn (its messages, calls and reasoning) become one message; each tool result is a
message of its own. What only records that a hosted tool ran is a hint: the answer that follows it says more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from entrepot.conversation import (
    Document,
    Image,
    Message,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolReference,
    ToolResult,
)
from entrepot.dialects.carrying import NotCarried
from entrepot.dialects.foreign import Foreign
from entrepot.dialects.openai_responses import compaction
from entrepot.dialects.openai_responses.content import emit_content, parse_content
from entrepot.dialects.openai_responses.names import flat_name
from entrepot.dialects.openai_responses.reasoning import emit_reasoning, parse_reasoning
from entrepot.dialects.shapes import Value
from entrepot.errors import InvalidRequest

_RECORDS = frozenset(("file_search_call", "mcp_list_tools", "web_search_call"))
_RESULT_PARTS = (Text, Image, Document, ToolReference)


# Reading ------------------------------------------------------------------------------------------


def parse_input(value: Value, foreign: Foreign) -> tuple[Message, ...]:
    """Raises InvalidRequest naming the place whose shape is wrong."""
    if isinstance(value.raw, str):
        return (Message(role="user", parts=(Text(text=value.raw),)),)
    if value.raw is None:
        value.text()
    messages: list[Message] = []
    turn: list[Part] = []
    for item in value:
        parts = parse_output_item(item, foreign)
        if parts is not None:
            turn += parts
            continue
        message = _message(item, foreign)
        if message is not None:
            messages += [*_closed(turn), message]
            turn = []
    return (*messages, *_closed(turn))


def parse_output_item(item: Value, foreign: Foreign) -> tuple[Part, ...] | None:
    """Parts of what an assistant said, thought or called; None for an item of any other kind."""
    match _kind(item):
        case "message" if item["role"].raw == "assistant":
            if item["phase"].raw is not None:
                foreign.keep("input[].phase", item["phase"].raw, hint=True)
            return parse_content(item["content"], foreign)
        case "function_call":
            return (_call(item, item["arguments"].text(), custom=False),)
        case "custom_tool_call":
            return (_call(item, item["input"].text(), custom=True),)
        case "reasoning":
            return (parse_reasoning(item),)
        case _:
            return None


def _closed(turn: list[Part]) -> Iterator[Message]:
    if turn:
        yield Message(role="assistant", parts=tuple(turn))


def _message(item: Value, foreign: Foreign) -> Message | None:
    match _kind(item):
        case "message":
            match item["role"].text():
                case "user" | "system" | "developer" as role:
                    return Message(role=role, parts=parse_content(item["content"], foreign))
                case _:
                    raise item["role"].unknown()
        case "function_call_output" | "custom_tool_call_output" as kind:
            parts = tuple(part for part in parse_content(item["output"], foreign) if isinstance(part, _RESULT_PARTS))
            custom = kind == "custom_tool_call_output"
            result = ToolResult(call_id=item["call_id"].text(), parts=parts, custom=custom)
            return Message(role="tool", parts=(result,))
        case "additional_tools":  # read beside the request's own tools
            return None
        case "item_reference":
            message = f"'{item.path}' refers to an item that the hub does not keep. Send the item itself."
            raise InvalidRequest(message, param=item.path, code="item_not_found")
        case "compaction" if compaction.is_own(item.raw):
            return Message(role="user", parts=(Text(text=compaction.opened(item)["content"]),))
        case kind:
            foreign.keep(f"input[type={kind}]", item.raw, hint=kind in _RECORDS)
            return None


def _kind(item: Value) -> str:
    """The item's type, which a message and a reference may leave out."""
    kind = item["type"].text_or_none()
    if kind is None and item["role"].raw is not None:
        return "message"
    return "item_reference" if kind is None and item["id"].raw is not None else item["type"].text()


def _call(item: Value, arguments: str, *, custom: bool) -> ToolCall:
    name = flat_name(item["namespace"].text_or_none(), item["name"].text())
    return ToolCall(id=item["call_id"].text(), name=name, arguments=arguments, custom=custom)


# Writing ------------------------------------------------------------------------------------------


def emit_input(messages: Iterable[Message]) -> list[dict[str, Any]]:
    """Items in the order of the messages' parts; the results in a user's turn come before what else it says.

    Reasoning that OpenAI has not encrypted is left out: it would be refused, or taken for the answer. Raises
    NotCarried for what a message cannot hold.
    """
    items: list[dict[str, Any]] = []
    for message in messages:
        if message.role == "assistant":
            _emit_turn(message, items)
        else:
            items += [_emit_result(part) for part in message.parts if isinstance(part, ToolResult)]
            rest = [part for part in message.parts if not isinstance(part, ToolResult)]
            if rest or not message.parts:
                role = "user" if message.role == "tool" else message.role
                items.append({"type": "message", "role": role, "content": emit_content(rest or [Text(text="")])})
    return items


def left_out(messages: Iterable[Message]) -> Iterator[str]:
    """What `emit_input` leaves out of each message, by name."""
    for message in messages:
        if message.name is not None:
            yield "messages[].name"
        for part in message.parts:
            if isinstance(part, Reasoning) and not part.encrypted:
                yield "messages[].reasoning"
            # OpenAI caches prompts unasked, and only its newest models take breakpoints.
            if getattr(part, "cache", None) is not None:
                yield "messages[].cache"


def _emit_turn(message: Message, items: list[dict[str, Any]]) -> None:
    said: list[dict[str, Any]] = []
    for part in message.parts:
        if isinstance(part, Text | Refusal):
            if not said:
                # Ids are required of an output message, and mean nothing where nothing is stored.
                items.append(_said(f"msg_{len(items)}", said))
            said.append(_emit_said(part))
            continue
        said = []
        if isinstance(part, ToolCall):
            items.append(_emit_call(part))
        elif isinstance(part, Reasoning) and part.encrypted:
            items.append(emit_reasoning(part, part.id or f"rs_{len(items)}"))
        elif not isinstance(part, Reasoning):
            raise NotCarried("messages", "an assistant message can hold text only")


def _said(id: str, content: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "message", "id": id, "role": "assistant", "status": "completed", "content": content}


def _emit_said(part: Text | Refusal) -> dict[str, Any]:
    if isinstance(part, Refusal):
        return {"type": "refusal", "refusal": part.text}
    return {"type": "output_text", "text": part.text, "annotations": [], "logprobs": []}


def _emit_call(call: ToolCall) -> dict[str, Any]:
    if call.custom:
        return {"type": "custom_tool_call", "call_id": call.id, "name": call.name, "input": call.arguments}
    return {"type": "function_call", "call_id": call.id, "name": call.name, "arguments": call.arguments}


def _emit_result(result: ToolResult) -> dict[str, Any]:
    """Plain text where the output is text alone, which every server takes. There is no mark for a failed call."""
    kind = "custom_tool_call_output" if result.custom else "function_call_output"
    parts = (Text(text="Error:"), *result.parts) if result.is_error else result.parts
    if all(isinstance(part, Text) for part in parts):
        output: Any = "\n".join(part.text for part in parts if isinstance(part, Text))
    else:
        output = emit_content(parts)
    return {"type": kind, "call_id": result.call_id, "output": output}
