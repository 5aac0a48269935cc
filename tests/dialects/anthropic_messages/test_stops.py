"""Reasons for an end, both ways."""

from __future__ import annotations

import typing
from typing import Any

import pytest
from anthropic.types import StopReason

from entrepot.conversation import FinishReason
from entrepot.dialects.anthropic_messages.stops import emit_stop, read_stop


@pytest.mark.parametrize(
    ("stop_reason", "finish"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("pause_turn", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("tool_use", "tool_calls"),
        ("refusal", "content_filter"),
        ("of_tomorrow", "stop"),
    ],
)
def test_reading(stop_reason: str, finish: str) -> None:
    assert read_stop(stop_reason) == finish


@pytest.mark.parametrize(
    ("finish", "more", "stop_reason"),
    [
        ("stop", {}, "end_turn"),
        ("stop", {"stop_sequence": "END"}, "stop_sequence"),
        ("stop", {"has_calls": True}, "tool_use"),
        ("stop", {"has_refusal": True}, "refusal"),
        ("tool_calls", {"has_calls": True}, "tool_use"),
        ("tool_calls", {}, "end_turn"),
        ("length", {"has_calls": True, "stop_sequence": "END"}, "max_tokens"),
        ("content_filter", {}, "refusal"),
        ("error", {}, "end_turn"),
    ],
)
def test_writing(finish: FinishReason, more: dict[str, Any], stop_reason: str) -> None:
    stop = emit_stop(finish, **{"stop_sequence": None, "has_calls": False, "has_refusal": False} | more)
    assert stop["stop_reason"] == stop_reason
    assert stop_reason in typing.get_args(StopReason)
    assert (stop["stop_sequence"] is not None) == (stop_reason == "stop_sequence")
    assert (stop["stop_details"] is not None) == (stop_reason == "refusal")
