"""What a request asks for: its newest turn, the user's words, what is attached to them."""

from __future__ import annotations

import re

import msgspec

from entrepot.conversation import Audio, Document, Image, Message, Request, Text, ToolCall, ToolResult

Attachment = Image | Audio | Document

# Clues stand near the ends of a prompt; reading only so much keeps a huge one cheap.
READ_CHARS = 8_000

# A text part that is one tagged element is context an agent added, not what its user said.
_TAGGED = re.compile(r"\s*<([a-zA-Z][\w-]*)[^>]{0,200}>.*</\1>\s*", re.DOTALL)


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """A request as the sandbox reads it.

    `prompt` is the last thing the user said, `called` the tools called since. `results` are the tool
    results of the newest turn, none when it is something else.
    """

    request: Request
    prompt: str
    called: frozenset[str] = frozenset()
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
    said_at = max((number for number, message in enumerate(spoken) if _is_said(message)), default=None)
    since = spoken if said_at is None else spoken[said_at:]
    results = tuple(part for message in newest for part in message.parts if isinstance(part, ToolResult))
    if newest and not any(isinstance(part, ToolResult) for part in newest[-1].parts):
        results = ()
    return Turn(
        request=request,
        prompt="" if said_at is None else said_in(spoken[said_at]),
        called=frozenset(part.name for message in since for part in message.parts if isinstance(part, ToolCall)),
        results=results,
        attachments=tuple(_attachments(newest)),
    )


def ends_of(text: str) -> str:
    if len(text) <= 2 * READ_CHARS:
        return text
    return f"{text[:READ_CHARS]}\n{text[-READ_CHARS:]}"


def said_in(message: Message) -> str:
    """The user's own words in a message: its texts but for tagged context, unless that is all there is."""
    texts = [part.text for part in message.parts if isinstance(part, Text)]
    own = [text for text in texts if not _TAGGED.fullmatch(text)]
    return "\n".join(own or texts)


def _newest(spoken: list[Message]) -> list[Message]:
    """The messages after the assistant's last one."""
    start = max((number for number, message in enumerate(spoken, 1) if message.role == "assistant"), default=0)
    return spoken[start:]


def _is_said(message: Message) -> bool:
    return message.role == "user" and any(isinstance(part, Text) for part in message.parts)


def _result_text(result: ToolResult) -> str:
    return "\n".join(part.text for part in result.parts if isinstance(part, Text))


def _attachments(messages: list[Message]) -> list[Attachment]:
    found: list[Attachment] = []
    for message in messages:
        for part in message.parts:
            inner = part.parts if isinstance(part, ToolResult) else (part,)
            found.extend(piece for piece in inner if isinstance(piece, Image | Audio | Document))
    return found
