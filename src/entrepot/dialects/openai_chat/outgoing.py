"""Neutral requests written for an upstream of this dialect, and what becomes of each of their fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from entrepot.catalog import OutputLimit
from entrepot.conversation import OutputFormat, Part, Reasoning, Request, Tool, ToolChoice, ToolResult
from entrepot.dialects.carrying import Emitted, NotCarried, Verdict, effort_of, left_behind, offered_only
from entrepot.dialects.openai_chat.requests import WEB_SEARCH
from entrepot.dialects.openai_chat.turns import emit_messages

FIELD_NAMES: Mapping[str, str] = {
    "model": "model",
    "messages": "messages",
    "tools": "tools",
    "server_tools": WEB_SEARCH,
    "tool_choice": "tool_choice",
    "parallel_tool_calls": "parallel_tool_calls",
    "output_format": "response_format",
    "max_output_tokens": "max_completion_tokens",
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "frequency_penalty": "frequency_penalty",
    "presence_penalty": "presence_penalty",
    "stop": "stop",
    "seed": "seed",
    "n": "n",
    "logprobs": "logprobs",
    "top_logprobs": "top_logprobs",
    "logit_bias": "logit_bias",
    "reasoning_effort": "reasoning_effort",
    "reasoning_budget_tokens": "reasoning_effort",
    "verbosity": "verbosity",
    "service_tier": "service_tier",
    "user": "user",
    "cache_key": "prompt_cache_key",
    "metadata": "metadata",
    "stream": "stream",
    "include_usage": "stream_options.include_usage",
}

CANNOT_CARRY: Mapping[str, Verdict] = {
    # Only tells how much of the thinking to show; Chat Completions shows what the server gives.
    "reasoning_summary": "dropped",
    # A label for the vendor's own records. OpenAI refuses it here unless the answer is stored.
    "metadata": "dropped",
}

_PLAIN = (
    "max_output_tokens", "temperature", "top_p", "top_k", "frequency_penalty", "presence_penalty", "seed", "logit_bias",
    "verbosity", "service_tier", "user", "cache_key",
)  # fmt: skip
_DEFAULT_FORMAT_NAME = "answer"


def emit_request(
    request: Request,
    model: str,
    *,
    output_limit: OutputLimit = "max_completion_tokens",
    replay_reasoning: bool = False,
) -> Emitted:
    """The body for an upstream; streams ask for usage. Raises NotCarried.

    `output_limit` is the server's name for the bound of the answer. `replay_reasoning` is for servers that want
    the text of earlier thinking back (`reasoning_content`).
    """
    dropped = (
        *left_behind(request, CANNOT_CARRY),
        *offered_only(request, runs=(WEB_SEARCH,)),
        *_inner_hints(request, replay_reasoning=replay_reasoning),
    )
    names = {**FIELD_NAMES, "max_output_tokens": output_limit}
    body = {
        "model": model,
        "messages": emit_messages(request.messages, replay_reasoning=replay_reasoning),
        **_tools(request),
        **_output_format(request.output_format),
        **{names[name]: getattr(request, name) for name in _PLAIN if getattr(request, name) is not None},
        **_sampling(request),
        **_reasoning(request),
    }
    if request.stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    return Emitted(msgspec.json.encode(body), dropped)


def _inner_hints(request: Request, *, replay_reasoning: bool) -> Iterator[str]:
    """Names of hints that stand inside messages and tools."""
    parts = [part for message in request.messages for part in _parts(message.parts)]
    if any(getattr(part, "cache", None) for part in parts):
        yield "messages[].cache"
    if not replay_reasoning and any(isinstance(part, Reasoning) for part in parts):
        yield "messages[].reasoning"
    if any(tool.cache for tool in request.tools):
        yield "tools[].cache"
    if any(tool.deferred for tool in request.tools):
        yield "tools[].deferred"


def _parts(parts: tuple[Part, ...]) -> Iterator[Part]:
    for part in parts:
        yield part
        if isinstance(part, ToolResult):
            yield from part.parts


# Tools --------------------------------------------------------------------------------------------


def _tools(request: Request) -> dict[str, Any]:
    """Choice and parallelism may be given only beside tools."""
    search = next((tool for tool in request.server_tools if tool.type == WEB_SEARCH), None)
    searches = {} if search is None else {WEB_SEARCH: search.settings}
    if not request.tools:
        if request.tool_choice is not None and request.tool_choice.mode in ("required", "tool"):
            raise NotCarried("tool_choice", "there are no tools to call")
        return searches
    choice, parallel = request.tool_choice, request.parallel_tool_calls
    return {
        "tools": [_tool(tool) for tool in request.tools],
        **({} if choice is None else {"tool_choice": _choice(choice, request.tools)}),
        **({} if parallel is None else {"parallel_tool_calls": parallel}),
        **searches,
    }


def _tool(tool: Tool) -> dict[str, Any]:
    named = {"name": tool.name, **({"description": tool.description} if tool.description else {})}
    if tool.custom:
        return {"type": "custom", "custom": named}
    parameters = {"parameters": tool.parameters} if tool.parameters else {}
    strict = {} if tool.strict is None else {"strict": tool.strict}
    return {"type": "function", "function": named | parameters | strict}


def _choice(choice: ToolChoice, tools: tuple[Tool, ...]) -> str | dict[str, Any]:
    if choice.mode != "tool":
        return choice.mode
    kind = "custom" if any(tool.custom and tool.name == choice.name for tool in tools) else "function"
    return {"type": kind, kind: {"name": choice.name}}


# Single fields ------------------------------------------------------------------------------------


def _output_format(form: OutputFormat | None) -> dict[str, Any]:
    if form is None or form.kind == "text":
        return {}
    if form.kind == "json_object":
        return {"response_format": {"type": "json_object"}}
    named = {"name": form.name or _DEFAULT_FORMAT_NAME, "schema": form.schema or {}}
    strict = {} if form.strict is None else {"strict": form.strict}
    return {"response_format": {"type": "json_schema", "json_schema": named | strict}}


def _sampling(request: Request) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if request.stop:
        fields["stop"] = request.stop
    if request.n != 1:
        fields["n"] = request.n
    if request.logprobs:
        fields |= {"logprobs": True, **({"top_logprobs": request.top_logprobs} if request.top_logprobs else {})}
    return fields


def _reasoning(request: Request) -> dict[str, Any]:
    """A budget of tokens becomes the effort it pays for, unless an effort is named as well."""
    effort = request.reasoning_effort
    if effort is None and request.reasoning_budget_tokens is not None:
        effort = effort_of(request.reasoning_budget_tokens)
    return {} if effort is None else {"reasoning_effort": effort}
