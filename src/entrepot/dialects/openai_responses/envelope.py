"""The Response object around an answer: the settings of the request in full, as OpenAI repeats them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from entrepot.conversation import FinishReason, Usage
from entrepot.dialects.openai_responses.failures import failed_error
from entrepot.dialects.openai_responses.tools import echo_tools
from entrepot.dialects.openai_responses.usage import emit_usage
from entrepot.dialects.tiers import openai_name

Echo = Mapping[str, Any]

_INCOMPLETE = {"length": "max_output_tokens", "content_filter": "content_filter"}
_PREFIX = "resp_"


def response_id(id: str) -> str:
    """An id of this dialect's form, always the same one for an id of another's."""
    return id if id.startswith(_PREFIX) else _PREFIX + hashlib.sha256(id.encode()).hexdigest()[:48]


class Envelope:
    """The Response of one exchange in its states. `echo` is the request's body."""

    def __init__(self, echo: Echo, *, id: str, model: str, created_s: int) -> None:
        self._fields = _echoed(echo)
        self._fields |= {"id": response_id(id), "model": model, "created_at": created_s}

    def begun(self) -> dict[str, Any]:
        return self._fields | {"status": "in_progress"}

    def ended(self, finish: FinishReason, output: list[dict[str, Any]], usage: Usage) -> dict[str, Any]:
        if finish == "error":
            return self.failed("server_error", "The model failed to answer.", output) | _counted(usage)
        reason = _INCOMPLETE.get(finish)
        return self._fields | {
            "status": "incomplete" if reason else "completed",
            "incomplete_details": {"reason": reason} if reason else None,
            "output": output,
            **_counted(usage),
        }

    def failed(self, code: str, message: str, output: list[dict[str, Any]]) -> dict[str, Any]:
        return self._fields | {"status": "failed", "error": failed_error(code, message), "output": output}


def _counted(usage: Usage) -> dict[str, Any]:
    return {"service_tier": openai_name(usage.tier), "usage": emit_usage(usage)}


def _echoed(echo: Echo) -> dict[str, Any]:
    """Every field of a Response in its order, with OpenAI's defaults.

    The penalties stand in the Open Responses specification and in OpenAI's answers, not in its document.
    """
    given = {name: value for name, value in echo.items() if value is not None}
    return {
        "id": "",
        "object": "response",
        "created_at": 0,
        "status": "in_progress",
        "background": False,
        "completed_at": None,
        "conversation": None,
        "error": None,
        "frequency_penalty": given.get("frequency_penalty", 0.0),
        "incomplete_details": None,
        "instructions": given.get("instructions"),
        "max_output_tokens": given.get("max_output_tokens"),
        "max_tool_calls": given.get("max_tool_calls"),
        "metadata": given.get("metadata", {}),
        "model": "",
        "moderation": None,
        "output": [],
        "parallel_tool_calls": given.get("parallel_tool_calls", True),
        "presence_penalty": given.get("presence_penalty", 0.0),
        "previous_response_id": given.get("previous_response_id"),
        "prompt": given.get("prompt"),
        "prompt_cache_key": given.get("prompt_cache_key"),
        "prompt_cache_retention": given.get("prompt_cache_retention"),
        "reasoning": {"effort": None, "summary": None} | given.get("reasoning", {}),
        "safety_identifier": given.get("safety_identifier"),
        "service_tier": openai_name(None),
        "store": given.get("store", True),
        "temperature": given.get("temperature", 1.0),
        "text": _text(given.get("text", {})),
        "tool_choice": given.get("tool_choice", "auto"),
        "tools": echo_tools(given.get("tools")),
        "top_logprobs": given.get("top_logprobs", 0),
        "top_p": given.get("top_p", 1.0),
        "truncation": given.get("truncation", "disabled"),
        "usage": None,
        "user": given.get("user"),
    }


def _text(text: Echo) -> dict[str, Any]:
    form = text.get("format") or {"type": "text"}
    if form.get("type") == "json_schema":
        form = {name: value for name, value in form.items() if value is not None}
        form = {"strict": False, **form}
    return {"format": form, "verbosity": text.get("verbosity") or "medium"}
