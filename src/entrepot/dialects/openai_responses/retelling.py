"""An answer told otherwise than its upstream told it: under the hub's id, as stored, on top of an earlier one.

Only what holds a whole response, or reasoning to be hidden, is written anew; all else keeps its bytes.
"""

from __future__ import annotations

from typing import Any

import msgspec

from entrepot.dialects import sse
from entrepot.dialects.openai_responses.history import is_reasoning, shown, without_secrets
from entrepot.dialects.openai_responses.stream_tap import ENDS, OPENING

_ITEMS = ("response.output_item.added", "response.output_item.done")
_MARKS = (b'"response"', b"response.output_item.")  # the words of a delta cannot hold the first: quotes are escaped


class Retelling:
    """`fields` replace those of every response. `response` is the whole of it once it is there, nothing hidden."""

    def __init__(self, fields: dict[str, Any], *, hides_reasoning: bool) -> None:
        self._fields = fields
        self._hides = hides_reasoning
        self._splitter = sse.Splitter()
        self.response: dict[str, Any] | None = None

    def whole(self, body: bytes) -> bytes:
        """A plain answer."""
        self.response = self._retold(msgspec.json.decode(body))
        return msgspec.json.encode(self._shown(self.response))

    def feed(self, data: bytes) -> bytes:
        """Any number of whole events of a stream."""
        return b"".join(map(self._told, self._splitter.feed(data)))

    def end(self) -> bytes:
        """An event whose last line end might have been half of a longer one."""
        return b"".join(map(self._told, self._splitter.end()))

    def _told(self, event: bytes) -> bytes:
        if not any(mark in event for mark in _MARKS):
            return event
        payload = msgspec.json.decode(sse.data_of(event) or b"{}")
        kind = payload.get("type")
        if (kind in OPENING or kind in ENDS) and isinstance(payload.get("response"), dict):
            whole = self._retold(payload["response"])
            self.response = whole if kind in ENDS else None
            payload |= {"response": self._shown(whole)}
        elif kind in _ITEMS and self._hides and is_reasoning(payload.get("item")):
            payload |= {"item": shown(payload["item"])}
        else:
            return event
        return sse.event(msgspec.json.encode(payload), kind.encode())

    def _retold(self, response: dict[str, Any]) -> dict[str, Any]:
        """An upstream may send anything for items; what is none could not be replayed."""
        output = response.get("output")
        items = [item for item in output if isinstance(item, dict)] if isinstance(output, list) else []
        return response | self._fields | {"output": items}

    def _shown(self, response: dict[str, Any]) -> dict[str, Any]:
        return response | {"output": without_secrets(response["output"])} if self._hides else response
