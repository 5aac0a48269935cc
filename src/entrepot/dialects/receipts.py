"""What an answer says of its cost, put into bytes that are finished: of every dialect, relayed or written by the hub.

The usage object is written anew, and of a stream the one event that holds it; all else keeps its bytes.
"""

from __future__ import annotations

import msgspec

from entrepot.dialects import sse
from entrepot.dialects.fields import Fields, RawFields, encode

USAGE_FIELDS = ("cost", "cost_details", "estimated")
# What an upstream that is a hub itself says it takes from this one. That is nobody else's concern.
_FOREIGN = frozenset((*USAGE_FIELDS, "is_byok"))

_fields = msgspec.json.Decoder(RawFields)


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """`usage` are fields for the usage object, `beside` for the object that holds it.

    `counts` stand in the place of what the upstream says of usage, where that is nothing to go by.
    """

    usage: Fields = {}
    beside: Fields = {}
    counts: Fields | None = None


def in_answer(body: bytes, receipt: Receipt) -> bytes:
    """A whole answer."""
    fields: Fields = _fields.decode(body)
    return encode(fields) if _put(fields, receipt) else body


def in_events(data: bytes, receipt: Receipt) -> bytes:
    """Any number of whole events, of which the last that tells usage has it told for good."""
    if not receipt.usage and b'"cost' not in data:
        return data
    splitter = sse.Splitter()
    events = [*splitter.feed(data), *splitter.end()]
    for place in reversed(range(len(events))):
        told = _told(events[place], receipt) if b'"usage"' in events[place] else None
        if told is not None:
            events[place] = told
            return b"".join(events)
    return data


def _told(event: bytes, receipt: Receipt) -> bytes | None:
    """The event with the receipt in it; None for one that tells no usage."""
    data = sse.data_of(event)
    fields: Fields = _fields.decode(data or b"{}")
    inner = _table(fields.get("response"))
    if not _put(fields if inner is None else inner, receipt):
        return None
    if inner is not None:
        fields["response"] = inner
    is_named = event.startswith(b"event:") and "type" in fields
    return sse.event(encode(fields), msgspec.json.decode(fields["type"]).encode() if is_named else None)


def _put(fields: Fields, receipt: Receipt) -> bool:
    """Whether there was anything to put in or to take out."""
    given = _table(fields.get("usage"))
    usage = given if receipt.counts is None else receipt.counts
    if not usage or (not receipt.usage and _FOREIGN.isdisjoint(usage)):
        return False
    fields["usage"] = {name: usage[name] for name in usage if name not in _FOREIGN} | receipt.usage
    fields |= receipt.beside
    return True


def _table(value: msgspec.Raw | None) -> Fields | None:
    if value is None:
        return None
    try:
        return _fields.decode(value)
    except msgspec.ValidationError:  # no object
        return None
