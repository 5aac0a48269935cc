"""One model as Anthropic's ModelInfo: what `/v1/models` lists for callers that send `anthropic-version`.

Written from the catalogue alone. ModelInfo has no null for a single capability, so one is supported where the
model's features name it; where the features are unknown, all capabilities are null.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, get_args

from entrepot.catalog.parameters import PARAMETERS
from entrepot.catalog.records import Model, Status

InfoLifecycle = Literal["active", "deprecated", "retired"]

LIFECYCLES: tuple[InfoLifecycle, ...] = get_args(InfoLifecycle)
EPOCH = date(1970, 1, 1)  # what Anthropic's reference names for an unknown day of release
EFFORTS = ("low", "medium", "high", "xhigh", "max")

_LIFECYCLES: Mapping[Status, InfoLifecycle] = {
    "active": "active",
    "preview": "active",
    "deprecated": "deprecated",
    "shut_down": "retired",
}

Support = dict[str, Any]


def info_lifecycle(model: Model) -> InfoLifecycle:
    return _LIFECYCLES[model.lifecycle.status]


def model_info(model: Model) -> dict[str, Any]:
    """The model as plain JSON values. Days become their first second in UTC; `retires_at` may lie in the past."""
    lifecycle = info_lifecycle(model)
    is_leaving = lifecycle != "active"
    return {
        "type": "model",
        "id": model.id,
        "display_name": model.name,
        "line": model.line,
        "created_at": _instant(model.released or EPOCH),
        "lifecycle": lifecycle,
        "deprecated_at": _instant(model.lifecycle.deprecated_at) if is_leaving else None,
        "retires_at": _instant(model.lifecycle.shutdown_at) if is_leaving else None,
        "max_input_tokens": model.context_tokens,
        "max_tokens": model.max_output_tokens,
        "capabilities": _capabilities(model) if model.features else None,
    }


def _capabilities(model: Model) -> dict[str, Support]:
    features = frozenset(model.features)
    efforts = _efforts(model)
    edits = _support("context_editing" in features)
    tools = _support("server_tools" in features)
    return {
        "batch": _support("batch" in features),
        "citations": _support("citations" in features),
        "code_execution": _support("programmatic_tools" in features),
        "context_management": {
            **edits,
            "clear_thinking_20251015": edits,
            "clear_tool_uses_20250919": edits,
            "compact_20260112": None,
        },
        "effort": {**_support(bool(efforts)), **{effort: _support(effort in efforts) for effort in EFFORTS}},
        "image_input": _support("image" in model.input_modalities),
        "pdf_input": _support("file" in model.input_modalities),
        "server_tools": {**tools, "code_execution": tools, "web_search": tools},
        "structured_outputs": _support("structured_outputs" in features),
        "thinking": {
            **_support(bool(efforts)),
            "types": {
                "adaptive": _support(bool(efforts)),
                "between_tools": _support("reasoning_between_tools" in features),
                "disabled": _support(not efforts or "none" in efforts),
                "enabled": _support("reasoning_budget" in features),
            },
        },
    }


def _efforts(model: Model) -> frozenset[str]:
    """The efforts that requests may ask for; none where the model does not reason."""
    if "reasoning" not in model.features:
        return frozenset()
    any_model = PARAMETERS["chat"]["reasoning_effort"].schema
    effort = any_model | model.parameters.get("reasoning_effort", {})
    return frozenset(value for value in effort["enum"] if value is not None)


def _support(supported: bool) -> Support:
    return {"supported": supported}


def _instant(day: date | None) -> str | None:
    return f"{day.isoformat()}T00:00:00Z" if day else None
