"""Neutral requests written for an upstream of this dialect, and what becomes of each of their fields."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from entrepot.conversation import ReasoningEffort, Request
from entrepot.dialects.carrying import Emitted, NotCarried, Verdict, effort_of, left_behind, offered_only
from entrepot.dialects.openai_responses.items import emit_input, left_out
from entrepot.dialects.openai_responses.requests import ENCRYPTED, LOGPROBS
from entrepot.dialects.openai_responses.tools import HOSTED, emit_choice, emit_tools, searches_tools

FIELD_NAMES: Mapping[str, str] = {
    "model": "model",
    "messages": "input",
    "tools": "tools",
    "server_tools": "tools",
    "tool_choice": "tool_choice",
    "parallel_tool_calls": "parallel_tool_calls",
    "output_format": "text.format",
    "max_output_tokens": "max_output_tokens",
    "temperature": "temperature",
    "top_p": "top_p",
    "frequency_penalty": "frequency_penalty",
    "presence_penalty": "presence_penalty",
    "logprobs": "include",
    "top_logprobs": "top_logprobs",
    "reasoning_effort": "reasoning.effort",
    "reasoning_budget_tokens": "reasoning.effort",
    "reasoning_summary": "reasoning.summary",
    "verbosity": "text.verbosity",
    "service_tier": "service_tier",
    "user": "safety_identifier",
    "cache_key": "prompt_cache_key",
    "metadata": "metadata",
    "stream": "stream",
}

# Chat Completions' reference calls `seed` a best effort without guarantee. The others change the answer.
CANNOT_CARRY: Mapping[str, Verdict] = {
    "n": "refused",
    "stop": "refused",
    "frequency_penalty": "refused",
    "presence_penalty": "refused",
    "logit_bias": "refused",
    "top_k": "refused",
    "seed": "dropped",
}

_LONGEST_IDENTIFIER = 64


def emit_request(request: Request, model: str) -> Emitted:
    """The body for an upstream, which is to keep nothing. Raises NotCarried for what it has no place for."""
    request = msgspec.structs.replace(
        request,  # a penalty of zero is none
        frequency_penalty=request.frequency_penalty or None,
        presence_penalty=request.presence_penalty or None,
    )
    lost = left_behind(request, CANNOT_CARRY)
    unrun = offered_only(request, runs=HOSTED)
    tools = emit_tools(request)
    if not tools and request.tool_choice is not None and request.tool_choice.mode in ("required", "tool"):
        raise NotCarried("tool_choice", "there are no tools to call")
    optional = {
        "tools": tools or None,
        "tool_choice": emit_choice(request) if tools else None,
        "parallel_tool_calls": request.parallel_tool_calls,
        "text": _text(request),
        "reasoning": _emit_reasoning(request),
        "include": _include(request),
        "max_output_tokens": request.max_output_tokens,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "top_logprobs": request.top_logprobs or None,
        "service_tier": "default" if request.service_tier == "standard_only" else request.service_tier,
        "safety_identifier": _identifier(request.user),
        "prompt_cache_key": request.cache_key,
        "metadata": request.metadata,
        "stream": request.stream or None,
    }
    body = {"model": model, "input": emit_input(request.messages), "store": False}
    body |= {name: value for name, value in optional.items() if value is not None}
    return Emitted(msgspec.json.encode(body), tuple(dict.fromkeys((*lost, *unrun, *_inner_hints(request)))))


def _inner_hints(request: Request) -> Iterator[str]:
    """Names of hints that stand inside messages and tools."""
    yield from left_out(request.messages)
    if any(tool.cache for tool in request.tools):
        yield "tools[].cache"
    if any(tool.deferred for tool in request.tools) and not searches_tools(request):
        yield "tools[].deferred"


def _text(request: Request) -> dict[str, Any] | None:
    form = request.output_format
    text: dict[str, Any] = {}
    if form is not None and form.kind == "json_schema":
        text["format"] = {
            "type": "json_schema",
            "name": form.name or "answer",
            "schema": form.schema or {},
            "strict": bool(form.strict),
        }
    elif form is not None and form.kind == "json_object":
        text["format"] = {"type": "json_object"}
    if request.verbosity is not None:
        text["verbosity"] = request.verbosity
    return text or None


def _effort(request: Request) -> ReasoningEffort | None:
    if request.reasoning_effort is not None or request.reasoning_budget_tokens is None:
        return request.reasoning_effort
    return effort_of(request.reasoning_budget_tokens)


def _emit_reasoning(request: Request) -> dict[str, str] | None:
    asked = {"effort": _effort(request), "summary": request.reasoning_summary}
    return {name: value for name, value in asked.items() if value is not None} or None


def _include(request: Request) -> list[str] | None:
    """Encrypted reasoning is the only kind that can be replayed; models that do not reason refuse to give it."""
    included = [LOGPROBS] if request.logprobs else []
    if _effort(request) not in (None, "none") or request.reasoning_summary is not None:
        included.append(ENCRYPTED)
    return included or None


def _identifier(user: str | None) -> str | None:
    """OpenAI takes 64 characters and advises hashing; Claude Code sends a longer one."""
    if user is None or len(user) <= _LONGEST_IDENTIFIER:
        return user
    return hashlib.sha256(user.encode()).hexdigest()
