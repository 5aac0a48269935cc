"""Request bodies for upstreams: made from the neutral form, or relayed from a client of the same dialect."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from entrepot.conversation import OutputFormat, Request, ServerTool, Tool
from entrepot.dialects.anthropic_messages.blocks import emit_cache
from entrepot.dialects.anthropic_messages.signatures import OWN, is_foreign
from entrepot.dialects.anthropic_messages.thinking import claude_version, emit_thinking
from entrepot.dialects.anthropic_messages.turns import Turns
from entrepot.dialects.carrying import Emitted, NotCarried, Verdict, left_behind, offered_only
from entrepot.dialects.fields import RawFields, encode, raw

MAX_TOKENS = 4096
"""`max_tokens` is required here: what a request without one gets from a model that may know no more."""
MAX_TOKENS_OF_CLAUDE_4 = 32_000
"""The same for Claude 4 and later, of which none allows less: an agent's answers must not be cut short."""

FIELD_NAMES: Mapping[str, str] = {
    "model": "model",
    "messages": "messages",
    "tools": "tools",
    "server_tools": "tools",
    "tool_choice": "tool_choice",
    "parallel_tool_calls": "tool_choice.disable_parallel_tool_use",
    "output_format": "output_config.format",
    "max_output_tokens": "max_tokens",
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "stop": "stop_sequences",
    "reasoning_effort": "output_config.effort",
    "reasoning_budget_tokens": "thinking.budget_tokens",
    "reasoning_summary": "thinking.display",
    "service_tier": "service_tier",
    "user": "metadata.user_id",
    "stream": "stream",
}

CANNOT_CARRY: Mapping[str, Verdict] = {
    "frequency_penalty": "refused",
    "presence_penalty": "refused",
    "n": "refused",
    "logprobs": "refused",
    "top_logprobs": "refused",
    "logit_bias": "refused",
    "seed": "dropped",  # OpenAI promises a best effort only
    "verbosity": "dropped",  # a matter of taste, like the prompt's own words
    "cache_key": "dropped",
    "metadata": "dropped",  # kept beside the answer, never shown to the model
}

_TIERS = {"auto": "auto", "default": "standard_only"}
_OWN_SERVER_TOOL = re.compile(r"_\d{8}$")  # Anthropic dates the types of its tools
_CUSTOM_TOOL_SCHEMA = {"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]}


def emit_request(request: Request, model: str) -> Emitted:
    """The body for `model`. Raises NotCarried."""
    request = _without_defaults(request)
    dropped = left_behind(request, CANNOT_CARRY)
    turns = Turns(orders_in_place=claude_version(model) >= (4, 8))
    for message in request.messages:
        turns.add(message)
    system, messages, unsaid = turns.emit()
    own_tools = [tool for tool in request.server_tools if _OWN_SERVER_TOOL.search(tool.type)]
    unoffered = offered_only(request, runs=[tool.type for tool in own_tools])
    tools = [*map(_tool, request.tools), *map(_server_tool, own_tools)]
    max_tokens = request.max_output_tokens or _max_tokens(model)
    thought = emit_thinking(request, model, max_tokens)
    config = {"effort": thought.effort, "format": _format(request.output_format)}
    body = {
        "model": model,
        "max_tokens": max_tokens,
        "system": system,
        "messages": messages,
        "tools": tools,
        "tool_choice": _tool_choice(request) if tools else None,
        "temperature": _temperature(request.temperature),
        "top_p": request.top_p,
        "top_k": request.top_k,
        "stop_sequences": _stop(request.stop),
        "thinking": thought.thinking,
        "output_config": _present(config),
        "metadata": _present({"user_id": request.user}),
        "service_tier": _service_tier(request.service_tier),
        "stream": request.stream or None,
    }
    return Emitted(msgspec.json.encode(_present(body)), (*dropped, *unsaid, *unoffered, *thought.dropped))


def emit_relayed(fields: RawFields, body: Mapping[str, Any], upstream_model: str) -> bytes:
    """The client's own body with the model's upstream name in it; all other fields keep their bytes.

    Thinking that the hub signed for another vendor is taken out: Anthropic would refuse the conversation.
    """
    relayed = {name: value for name, value in fields.items() if name not in ("key", "model_id")}
    relayed["model"] = raw(upstream_model)
    if "messages" in relayed and OWN.encode() in bytes(relayed["messages"]):
        relayed["messages"] = raw([kept for message in body["messages"] for kept in _without_foreign_thinking(message)])
    return encode(relayed)


def _present(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is None, empty text or an empty collection: all of them mean nothing was asked."""
    return {name: value for name, value in fields.items() if value is not None and value not in ("", [], {}, ())}


def _without_defaults(request: Request) -> Request:
    """A penalty of 0 is none."""
    return msgspec.structs.replace(
        request,
        frequency_penalty=request.frequency_penalty or None,
        presence_penalty=request.presence_penalty or None,
    )


def _max_tokens(model: str) -> int:
    return MAX_TOKENS_OF_CLAUDE_4 if claude_version(model) >= (4, 0) else MAX_TOKENS


def _tool(tool: Tool) -> dict[str, Any]:
    return {
        "name": tool.name,
        **({"description": tool.description} if tool.description else {}),
        "input_schema": _CUSTOM_TOOL_SCHEMA if tool.custom else {"type": "object", "properties": {}, **tool.parameters},
        **({"strict": True} if tool.strict else {}),
        **({"defer_loading": True} if tool.deferred else {}),
        **emit_cache(tool.cache),
    }


def _server_tool(tool: ServerTool) -> dict[str, Any]:
    return {"type": tool.type, **({"name": tool.name} if tool.name else {}), **tool.settings}


def _tool_choice(request: Request) -> dict[str, Any] | None:
    choice, parallel = request.tool_choice, request.parallel_tool_calls
    single = {} if parallel is None else {"disable_parallel_tool_use": not parallel}
    if choice is None:
        return {"type": "auto", **single} if single else None
    match choice.mode:
        case "auto":
            return {"type": "auto", **single}
        case "required":
            return {"type": "any", **single}
        case "tool":
            return {"type": "tool", "name": choice.name, **single}
        case "none":
            return {"type": "none"}


def _format(format: OutputFormat | None) -> dict[str, Any] | None:
    if format is None or format.kind == "text":
        return None
    if format.kind == "json_object" or format.schema is None:
        raise NotCarried("output_format", "Anthropic gives JSON by a schema only")
    return {"type": "json_schema", "schema": format.schema}


def _temperature(temperature: float | None) -> float | None:
    if temperature is not None and temperature > 1:
        raise NotCarried("temperature", "Anthropic takes 0 to 1")
    return temperature


def _stop(stop: tuple[str, ...]) -> tuple[str, ...]:
    if any(not text.strip() for text in stop):
        raise NotCarried("stop", "Anthropic takes no stop sequence of white space alone")
    return stop


def _service_tier(tier: str | None) -> str | None:
    if tier is not None and tier not in _TIERS:
        raise NotCarried("service_tier", f"Anthropic has no tier '{tier}'")
    return _TIERS[tier] if tier else None


def _without_foreign_thinking(message: Any) -> Iterator[Any]:
    """The message, or nothing when it was thinking alone."""
    if not isinstance(message, dict) or not isinstance(message.get("content"), list):
        yield message
    elif kept := [block for block in message["content"] if not is_foreign(block)]:
        yield message | {"content": kept}
