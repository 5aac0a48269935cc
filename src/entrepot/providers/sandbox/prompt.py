"""What a request asks for: its newest turn, the user's words, what is attached to them."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from entrepot.conversation import Audio, Document, Image, Message, Part, Request, Text, ToolCall, ToolResult

Attachment = Image | Audio | Document

# Clues stand near the ends of a prompt; reading only so much keeps a huge one cheap.
READ_CHARS = 8_000

# A text part that is one tagged element is context an agent added, not what its user said.
_TAGGED = re.compile(r"\s*<([a-zA-Z][\w-]*)[^>]{0,200}>.*</\1>\s*", re.DOTALL)

# Where the text of a JSON object may begin, and how many such places are looked at.
_OBJECT = re.compile(r"\{\s*\"")
_MOST_OBJECTS = 16


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """A request as the sandbox reads it.

    `prompt` is the last thing the user said, `called` the tools called since, in order. `results` are the tool
    results of the newest turn, none when it is something else.
    """

    request: Request
    prompt: str
    called: tuple[str, ...] = ()
    results: tuple[ToolResult, ...] = ()
    attachments: tuple[Attachment, ...] = ()

    @property
    def results_text(self) -> str:
        return "\n".join(_result_text(result) for result in self.results)

    @property
    def reading(self) -> str:
        """What clues are sought in: results first, then the prompt, both ends of it when it is long."""
        return "\n".join(filter(None, (ends_of(self.results_text), ends_of(self.prompt))))


def read(request: Request) -> Turn:
    spoken = [message for message in request.messages if message.role in ("user", "assistant", "tool")]
    newest = _newest(spoken)
    said_at = _said_at(spoken)
    since = spoken if said_at is None else spoken[said_at:]
    results = tuple(part for message in newest for part in message.parts if isinstance(part, ToolResult))
    if not _ends_in_results(newest):
        results = ()
    return Turn(
        request=request,
        prompt="" if said_at is None else said_in(spoken[said_at]),
        called=tuple(part.name for message in since for part in message.parts if isinstance(part, ToolCall)),
        results=results,
        attachments=tuple(_attachments(newest)),
    )


def ends_of(text: str) -> str:
    if len(text) <= 2 * READ_CHARS:
        return text
    return f"{text[:READ_CHARS]}\n{text[-READ_CHARS:]}"


def schema_in(text: str) -> Mapping[str, Any] | None:
    """The first JSON Schema of an object that a text holds, as clients write it when they cannot send one."""
    if '"properties"' not in text:
        return None
    for start in itertools.islice(_OBJECT.finditer(text), _MOST_OBJECTS):
        try:
            found, _ = json.JSONDecoder().raw_decode(text, start.start())
        except (ValueError, RecursionError):
            continue
        if found.get("type") == "object" and isinstance(found.get("properties"), dict):
            return dict(found)
    return None


def said_in(message: Message) -> str:
    """The user's own words in a message: its texts but for tagged context, unless that is all there is."""
    texts = [part for part in message.parts if isinstance(part, Text)]
    own = [part for part in texts if _is_own(part)]
    return "\n".join(part.text for part in own or texts)


def _is_context(part: Part) -> bool:
    return isinstance(part, Text) and _TAGGED.fullmatch(part.text) is not None


def _newest(spoken: list[Message]) -> list[Message]:
    """The messages after the assistant's last one."""
    start = max((number for number, message in enumerate(spoken, 1) if message.role == "assistant"), default=0)
    return spoken[start:]


def _ends_in_results(newest: list[Message]) -> bool:
    """Whether tools had the last word, but for context that an agent put after them."""
    own = [message for message in newest if not all(map(_is_context, message.parts))]
    return bool(own) and any(isinstance(part, ToolResult) for part in own[-1].parts)


def _said_at(spoken: list[Message]) -> int | None:
    """Where the user spoke last. Tagged context counts only where nothing else was said."""
    said = [number for number, message in enumerate(spoken) if _is_said(message)]
    own = [number for number in said if any(_is_own(part) for part in spoken[number].parts)]
    return max(own or said, default=None)


def _is_said(message: Message) -> bool:
    return message.role == "user" and any(isinstance(part, Text) for part in message.parts)


def _is_own(part: Part) -> bool:
    return isinstance(part, Text) and not _is_context(part)


def _result_text(result: ToolResult) -> str:
    return "\n".join(part.text for part in result.parts if isinstance(part, Text))


def _attachments(messages: list[Message]) -> list[Attachment]:
    found: list[Attachment] = []
    for message in messages:
        for part in message.parts:
            inner = part.parts if isinstance(part, ToolResult) else (part,)
            found.extend(piece for piece in inner if isinstance(piece, Image | Audio | Document))
    return found
