"""Content blocks that grow while they are streamed, each kind with what it sends and when it is complete."""

from __future__ import annotations

from typing import Any

import msgspec

from entrepot.conversation import ReasoningDelta, ToolCallStarted
from entrepot.dialects.anthropic_messages.blocks import read_input
from entrepot.dialects.anthropic_messages.signatures import sign

Delta = dict[str, Any]


class GrowingBlock:
    """`opening` is the block as `content_block_start` shows it, `waiting` its deltas that are not written yet."""

    def __init__(self, opening: dict[str, Any]) -> None:
        self.opening = opening
        self.waiting: list[Delta] = []
        self.is_sealed = False

    def is_complete(self, *, is_followed: bool) -> bool:
        """Whether nothing more can come, given whether another block has begun since."""
        return self.is_sealed or is_followed

    def close(self) -> None:
        """Adds what belongs at the end of the block."""


class TextBlock(GrowingBlock):
    def __init__(self) -> None:
        super().__init__({"type": "text", "text": ""})

    def add(self, text: str) -> None:
        self.waiting.append({"type": "text_delta", "text": text})


class ThinkingBlock(GrowingBlock):
    """Ends in a signature, the hub's own where the vendor gave none; a signature seals it."""

    def __init__(self) -> None:
        super().__init__({"type": "thinking", "thinking": "", "signature": ""})
        self._signature: str | None = None
        self._encrypted: str | None = None
        self._id: str | None = None

    def add(self, event: ReasoningDelta) -> None:
        if event.text:
            self.waiting.append({"type": "thinking_delta", "thinking": event.text})
        self._signature = event.signature or self._signature
        self._encrypted = event.encrypted or self._encrypted
        self._id = event.id or self._id
        self.is_sealed = bool(event.signature or event.encrypted)

    def close(self) -> None:
        signature = sign(signature=self._signature, encrypted=self._encrypted, id=self._id)
        self.waiting.append({"type": "signature_delta", "signature": signature})


class RedactedBlock(GrowingBlock):
    def __init__(self, data: str) -> None:
        super().__init__({"type": "redacted_thinking", "data": data})
        self.is_sealed = True


class CallBlock(GrowingBlock):
    """A tool call. Arguments of several calls may interleave, so only whole JSON tells that one is complete."""

    def __init__(self, event: ToolCallStarted) -> None:
        super().__init__({"type": "tool_use", "id": event.id, "name": event.name, "input": {}})
        self._is_custom = event.custom
        self._arguments: list[str] = []

    def add(self, arguments: str) -> None:
        self._arguments.append(arguments)
        if not self._is_custom:
            self.waiting.append({"type": "input_json_delta", "partial_json": arguments})

    def is_complete(self, *, is_followed: bool) -> bool:
        return is_followed and not self._is_custom and self._is_whole()

    def close(self) -> None:
        if self._is_custom:
            text = msgspec.json.encode(read_input("".join(self._arguments), custom=True)).decode()
            self.waiting.append({"type": "input_json_delta", "partial_json": text})

    def _is_whole(self) -> bool:
        if not (self._arguments and self._arguments[-1].rstrip().endswith("}")):
            return False
        try:
            msgspec.json.decode("".join(self._arguments))
        except (msgspec.DecodeError, RecursionError):
            return False
        return True
