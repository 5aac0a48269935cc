"""The output items of an answer as they grow: what each neutral event adds, and the items it leaves.

One and the same for streams and plain answers, so that both give the same items under the same ids.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from entrepot.conversation import (
    ChoiceEvent,
    Finished,
    PartEnded,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
)
from entrepot.dialects.openai_responses.open_items import Asked, Call, Message, Payload, Status, Thought, is_empty


class Output:
    """Takes the events of one choice in an order in which no two parts overlap. `items` are those complete."""

    def __init__(self, response_id: str, asked: Asked) -> None:
        self._response_id = response_id
        self._asked = asked
        self._open: Message | Thought | Call | None = None
        self.items: list[dict[str, Any]] = []

    def add(self, event: ChoiceEvent) -> list[Payload]:
        if isinstance(event, Finished):
            return list(self._close("incomplete" if event.reason in ("length", "content_filter") else "completed"))
        if is_empty(event) and self._open is None:
            return []
        payloads = []
        if self._open is None or not self._open.takes(event):
            if isinstance(event, PartEnded | ToolCallDelta) or is_empty(event):
                return []
            payloads += [*self._close("completed"), *self._opened(event)]
        assert self._open is not None
        index = {"item_id": self._open.id, "output_index": len(self.items)}
        return payloads + [payload | index for payload in self._open.add(event)]

    def _opened(self, event: ChoiceEvent) -> Iterator[Payload]:
        id = self._derived_id(event)
        match event:
            case TextDelta() | RefusalDelta():
                self._open = Message(f"msg_{id}")
            case ReasoningDelta():
                self._open = Thought(event.id or f"rs_{id}", self._asked)
            case ToolCallStarted():
                custom = event.custom or self._asked.names.is_custom(event.name)
                self._open = Call(f"{'ctc' if custom else 'fc'}_{id}", event, self._asked, custom=custom)
        assert self._open is not None
        yield {
            "type": "response.output_item.added",
            "output_index": len(self.items),
            "item": self._open.begun(),
        }

    def _close(self, status: Status) -> Iterator[Payload]:
        """Closes lazily, so that the last item knows whether the answer was cut off."""
        if self._open is None:
            return
        index = {"item_id": self._open.id, "output_index": len(self.items)}
        for payload in self._open.close():
            yield payload | index
        item = self._open.item(status)
        yield {"type": "response.output_item.done", "output_index": len(self.items), "item": item}
        self.items.append(item)
        self._open = None

    def _derived_id(self, event: ChoiceEvent) -> str:
        return hashlib.sha256(f"{self._response_id}:{len(self.items)}".encode()).hexdigest()[:48]
