"""Single events of the wire."""

from __future__ import annotations

import pytest

from entrepot.dialects.anthropic_messages.events import WireEvent, emit_event, read_event, string, table
from entrepot.errors import UpstreamBroken


def test_an_event_is_named_after_its_type() -> None:
    data = emit_event({"type": "ping"})
    assert data == b'event: ping\ndata: {"type":"ping"}\n\n'
    assert read_event(data) == WireEvent(type="ping")


def test_a_comment_is_no_event() -> None:
    assert read_event(b": still here\n\n") is None


@pytest.mark.parametrize(
    "data", [b"{}", b"[]", b"[DONE]", b'{"type":1}', b'{"type":"x","index":"1"}', b"[" * 5000, b"\xff"]
)
def test_nonsense_is_broken(data: bytes) -> None:
    with pytest.raises(UpstreamBroken):
        read_event(b"data: " + data + b"\n\n")


def test_wrong_shapes_read_as_nothing() -> None:
    assert (table([]), table({"a": 1}), string(1), string("a")) == ({}, {"a": 1}, "", "a")
