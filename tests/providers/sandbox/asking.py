"""Requests in few words, and the sandbox's answers to them."""

from __future__ import annotations

from typing import Any

import msgspec

from entrepot.collector import collect
from entrepot.conversation import (
    Choice,
    Message,
    Part,
    Request,
    Response,
    Role,
    Text,
    Tool,
    ToolCall,
    ToolResult,
)
from entrepot.providers.sandbox import Script, Steering, plan


def say(text: str, *parts: Part, role: Role = "user") -> Message:
    return Message(role=role, parts=(Text(text=text), *parts))


def called(name: str, call_id: str = "call_1") -> Message:
    return Message(role="assistant", parts=(ToolCall(id=call_id, name=name, arguments="{}"),))


def returned(text: str, call_id: str = "call_1") -> Message:
    return Message(role="tool", parts=(ToolResult(call_id=call_id, parts=(Text(text=text),)),))


def tool(name: str, description: str = "", /, **properties: Any) -> Tool:
    schemas = {key: {"type": kind} if isinstance(kind, str) else kind for key, kind in properties.items()}
    return Tool(
        name=name,
        description=description,
        parameters={"type": "object", "properties": schemas, "required": list(schemas)},
    )


def request(*messages: Message | str, **fields: Any) -> Request:
    spoken = tuple(say(message) if isinstance(message, str) else message for message in messages)
    return Request(**{"model": "gpt-4.1-mini", "messages": spoken, **fields})


def script(asked: Request, header: str | None = None) -> Script:
    return plan(asked, steer=Steering.parse(header, asked.model), created_s=1_700_000_000)


def response(asked: Request, header: str | None = None) -> Response:
    return collect(script(asked, header).events)


def choice(asked: Request, header: str | None = None) -> Choice:
    return response(asked, header).choices[0]


def text(asked: Request, header: str | None = None) -> str:
    return "".join(part.text for part in choice(asked, header).parts if isinstance(part, Text))


def calls(asked: Request, header: str | None = None) -> list[tuple[str, Any]]:
    """Names and decoded arguments of the calls answered."""
    parts = choice(asked, header).parts
    return [(part.name, msgspec.json.decode(part.arguments)) for part in parts if isinstance(part, ToolCall)]
