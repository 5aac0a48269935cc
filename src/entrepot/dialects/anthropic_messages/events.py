"""One event of a Messages stream as decoded JSON, for all who read such streams."""

from __future__ import annotations

from typing import Any

import msgspec

from entrepot.dialects import sse
from entrepot.errors import UpstreamBroken


class WireEvent(msgspec.Struct):
    """The fields of every event type together; `type` tells which of them are there."""

    type: str
    index: int = 0
    message: Any = None
    content_block: Any = None
    delta: Any = None
    usage: Any = None
    error: Any = None


_event = msgspec.json.Decoder(WireEvent)


def read_event(event: bytes) -> WireEvent | None:
    """The event, or None for a comment. Raises UpstreamBroken when it is no event of this dialect."""
    data = sse.data_of(event)
    if data is None:
        return None
    try:
        return _event.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise UpstreamBroken("The upstream sent a stream event that is none of a message.") from None


def table(value: Any) -> dict[str, Any]:
    """The object that should stand here, or an empty one."""
    return value if isinstance(value, dict) else {}


def string(value: Any) -> str:
    """The text that should stand here, or none."""
    return value if isinstance(value, str) else ""


def emit_event(value: dict[str, Any]) -> bytes:
    """An event named after its `type`."""
    return sse.event(msgspec.json.encode(value), value["type"].encode())
