"""Why an answer ended, in Anthropic's words and in neutral ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from entrepot.conversation import FinishReason

_FINISHES: Mapping[str, FinishReason] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}
_STOPS: Mapping[FinishReason, str] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
}


def read_stop(stop_reason: str) -> FinishReason:
    """Reasons this dialect adds later count as an ordinary end."""
    return _FINISHES.get(stop_reason, "stop")


def emit_stop(finish: FinishReason, *, stop_sequence: str | None, has_calls: bool, has_refusal: bool) -> dict[str, Any]:
    """`stop_reason` with the fields that explain it.

    Clients run tools only after `tool_use`, which some servers call an ordinary stop; and only here
    a refusal is a reason of its own.
    """
    if finish == "stop" and has_calls:
        reason = "tool_use"
    elif has_refusal:
        reason = "refusal"
    elif finish == "stop" and stop_sequence is not None:
        reason = "stop_sequence"
    elif finish == "tool_calls" and not has_calls:
        reason = "end_turn"
    else:
        reason = _STOPS.get(finish, "end_turn")
    refused = {"type": "refusal", "category": None, "explanation": None}
    return {
        "stop_reason": reason,
        "stop_sequence": stop_sequence if reason == "stop_sequence" else None,
        "stop_details": refused if reason == "refusal" else None,
    }
