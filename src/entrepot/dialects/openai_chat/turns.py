"""Neutral messages as an upstream of this dialect takes them.

Each call's result follows the assistant message that made the call, in the order of the calls. Tool messages
hold text only, so images and files of results go into a user message right behind, which says whose they are.
"""

from __future__ import annotations

import base64
import binascii
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote_to_bytes

import msgspec

from entrepot.conversation import (
    Audio,
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
from entrepot.dialects.openai_chat.responses import emit_call

Wire = dict[str, Any]
Turn = Message | ToolResult


def emit_messages(messages: Iterable[Message], *, replay_reasoning: bool) -> list[Wire]:
    """`replay_reasoning` keeps the text of earlier thinking as `reasoning_content`.

    Raises NotCarried for what Chat Completions has no form for.
    """
    emitted: list[Wire] = []
    attached: list[Wire] = []
    for turn in _in_order(list(_turns(messages))):
        if isinstance(turn, ToolResult):
            emitted.append({"role": "tool", "tool_call_id": turn.call_id, "content": _result_content(turn)})
            attached += _attachments(turn)
            continue
        if attached:
            emitted.append({"role": "user", "content": attached})
            attached = []
        if not _is_only_thought(turn, replay_reasoning=replay_reasoning):
            emitted.append(_message(turn, replay_reasoning=replay_reasoning))
    return [*emitted, {"role": "user", "content": attached}] if attached else emitted


# Order --------------------------------------------------------------------------------------------


def _turns(messages: Iterable[Message]) -> Iterator[Turn]:
    """Results and messages one by one; of one message, the results first."""
    for message in messages:
        results = tuple(part for part in message.parts if isinstance(part, ToolResult))
        yield from results
        if len(results) < len(message.parts) or not results:
            others = tuple(part for part in message.parts if not isinstance(part, ToolResult))
            yield msgspec.structs.replace(message, parts=others)


def _in_order(turns: list[Turn]) -> Iterator[Turn]:
    """Ids may repeat from turn to turn, so each call takes the next result of its id that comes after it."""
    waiting: defaultdict[str, deque[int]] = defaultdict(deque)
    for place, turn in enumerate(turns):
        if isinstance(turn, ToolResult):
            waiting[turn.call_id].append(place)
    taken: set[int] = set()
    for place, turn in enumerate(turns):
        if place not in taken:
            yield turn
        if isinstance(turn, Message):
            answers = list(_answers(turn, place, waiting))
            taken.update(answers)
            yield from (turns[answer] for answer in answers)


def _answers(message: Message, place: int, waiting: defaultdict[str, deque[int]]) -> Iterator[int]:
    for part in message.parts:
        if isinstance(part, ToolCall):
            places = waiting[part.id]
            while places and places[0] < place:
                places.popleft()
            if places:
                yield places.popleft()


# Messages -----------------------------------------------------------------------------------------


def _is_only_thought(message: Message, *, replay_reasoning: bool) -> bool:
    """Whether nothing is left of the message once its thinking is dropped."""
    return not replay_reasoning and bool(message.parts) and all(isinstance(part, Reasoning) for part in message.parts)


def _message(message: Message, *, replay_reasoning: bool) -> Wire:
    role = "user" if message.role == "tool" else message.role
    emitted: Wire = {"role": role, "content": None}
    if message.name is not None:
        emitted["name"] = message.name
    if role == "assistant":
        return emitted | _assistant(message.parts, replay_reasoning=replay_reasoning)
    parts = [_part(part) for part in message.parts if not isinstance(part, Reasoning | ToolCall)]
    if role != "user" and any(part["type"] != "text" for part in parts):
        raise NotCarried("messages", f"a {role} message can hold text only")
    return emitted | {"content": _content(parts)}


def _assistant(parts: tuple[Part, ...], *, replay_reasoning: bool) -> Wire:
    calls = [_call(part) for part in parts if isinstance(part, ToolCall)]
    refusal = "".join(part.text for part in parts if isinstance(part, Refusal))
    thought = "".join(part.text for part in parts if isinstance(part, Reasoning))
    content = [_part(part) for part in parts if not isinstance(part, Reasoning | Refusal | ToolCall)]
    if any(part["type"] != "text" for part in content):
        raise NotCarried("messages", "an assistant message can hold text only")
    return {
        "content": _content(content) if content or not (calls or refusal) else None,
        **({"refusal": refusal} if refusal else {}),
        **({"reasoning_content": thought} if thought and replay_reasoning else {}),
        **({"tool_calls": calls} if calls else {}),
    }


def _call(call: ToolCall) -> Wire:
    """Servers parse the arguments for their templates and fail on an empty text."""
    if not call.custom and not call.arguments.strip():
        call = msgspec.structs.replace(call, arguments="{}")
    return emit_call(call)


def _content(parts: list[Wire]) -> str | list[Wire]:
    """A plain string where there is one text or nothing, which every server takes."""
    if not parts:
        return ""
    return str(parts[0]["text"]) if len(parts) == 1 and parts[0]["type"] == "text" else parts


def _part(part: Part) -> Wire:
    match part:
        case Text() | Refusal():
            return {"type": "text", "text": part.text}
        case Image():
            detail = {} if part.detail is None else {"detail": part.detail}
            return {"type": "image_url", "image_url": {"url": part.url, **detail}}
        case Audio():
            return {"type": "input_audio", "input_audio": {"data": part.data, "format": part.format}}
        case Document():
            return _document(part)
        case ToolReference():
            return {"type": "text", "text": f"Found the tool '{part.name}'."}
        case _:
            raise AssertionError(f"{type(part).__name__} is emitted elsewhere")


# Tool results -------------------------------------------------------------------------------------


def _result_content(result: ToolResult) -> str | list[Wire]:
    """Chat Completions has no mark for a failed call, so the text says it."""
    texts = [part for part in map(_part, result.parts) if part["type"] == "text"]
    if not texts and result.parts:
        texts = [{"type": "text", "text": "The result is attached below."}]
    if result.is_error:
        texts = [{"type": "text", "text": f"Error: {_joined(texts)}"}]
    return _content(texts)


def _joined(texts: list[Wire]) -> str:
    return "\n".join(part["text"] for part in texts)


def _attachments(result: ToolResult) -> list[Wire]:
    attached = [part for part in map(_part, result.parts) if part["type"] != "text"]
    if not attached:
        return []
    return [{"type": "text", "text": f"Attached to the result of tool call {result.call_id}:"}, *attached]


# Documents ----------------------------------------------------------------------------------------


def _document(document: Document) -> Wire:
    """A text document is given as text, for every model reads that; other files as data URL or upload id.

    OpenAI refuses `file_data` without a `filename`.
    """
    if document.file_id is not None:
        return {"type": "file", "file": {"file_id": document.file_id}}
    url = document.url or ""
    text = _text_of(url)
    if text is not None:
        heading = f"{document.filename}:\n\n" if document.filename else ""
        return {"type": "text", "text": heading + text}
    if not url.startswith("data:"):
        raise NotCarried("messages", "a file must be sent as a data URL or by the id of an upload, not by address")
    filename = document.filename or ("document.pdf" if url.startswith("data:application/pdf") else "document")
    return {"type": "file", "file": {"file_data": url, "filename": filename}}


def _text_of(url: str) -> str | None:
    """The text of a `data:text/…` URL, None for any other."""
    head, comma, data = url.partition(",")
    if not comma or not head.startswith("data:text/"):
        return None
    try:
        raw = base64.b64decode(data, validate=True) if head.endswith(";base64") else unquote_to_bytes(data)
    except binascii.Error:
        return None
    return raw.decode("utf-8", "replace")
