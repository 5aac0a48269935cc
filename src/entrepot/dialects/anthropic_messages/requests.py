"""Messages requests, read into the neutral form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from entrepot.conversation import (
    Message,
    OutputFormat,
    Part,
    Request,
    ServerTool,
    Text,
    Tool,
    ToolChoice,
    ToolResult,
)
from entrepot.dialects.anthropic_messages.content import read_cache, read_content
from entrepot.dialects.anthropic_messages.thinking import read_thinking
from entrepot.dialects.foreign import Foreign
from entrepot.dialects.shapes import Value

# Read below, or for the hub alone (`key` and `model_id`, by which some clients authenticate in the body).
_READ = (
    "model", "max_tokens", "messages", "system", "stream", "temperature", "top_p", "top_k", "stop_sequences",
    "tools", "tool_choice", "metadata", "thinking", "output_config", "output_format", "service_tier",
    "key", "model_id",
)  # fmt: skip
# They change what a request costs or what is reported of it, never what is asked:
# https://platform.claude.com/docs/en/build-with-claude/context-editing, …/prompt-caching, …/cache-diagnostics
_HINTS = ("context_management", "cache_control", "diagnostics")
# Claude Code's first system block: for Anthropic's accounts, changing with every request, so that with it no
# other vendor's prompt cache would ever match.
_BILLING_LINE = "x-anthropic-billing-header:"


def parse_request(body: Mapping[str, Any]) -> Request:
    """The neutral form. Raises InvalidRequest that names the field of a wrong shape."""
    root, foreign = Value(body), Foreign()
    model = root["model"].text()
    max_tokens = root["max_tokens"].count_or_none()
    if max_tokens == 0:  # asks for a warm cache and no answer
        foreign.keep_value(root["max_tokens"])
    for unread in root.others(*_READ):
        foreign.keep_value(unread, hint=unread.path in _HINTS)
    effort, budget_tokens, summary = read_thinking(root, foreign)
    stream = bool(root["stream"].flag_or_none())
    return Request(
        model=model,
        messages=(*_system(root["system"], foreign), *_messages(root["messages"], foreign)),
        tools=tuple(_tool(tool, foreign) for tool in root["tools"] if not _is_server_tool(tool)),
        server_tools=tuple(_server_tool(tool) for tool in root["tools"] if _is_server_tool(tool)),
        tool_choice=_tool_choice(root["tool_choice"]),
        parallel_tool_calls=_parallel(root["tool_choice"]),
        output_format=_output_format(root, foreign),
        max_output_tokens=max_tokens or None,
        temperature=root["temperature"].fraction_or_none(),
        top_p=root["top_p"].fraction_or_none(),
        top_k=root["top_k"].count_or_none(),
        stop=tuple(item.text() for item in root["stop_sequences"]),
        reasoning_effort=effort,
        reasoning_budget_tokens=budget_tokens,
        reasoning_summary=summary,
        service_tier=_service_tier(root["service_tier"]),
        user=_user(root["metadata"], foreign),
        stream=stream,
        include_usage=stream,
        foreign=foreign.fields,
        hints=frozenset(foreign.hints),
    )


def _system(system: Value, foreign: Foreign) -> Iterator[Message]:
    parts = read_content(system, foreign)
    if isinstance(system.raw, list) and parts and isinstance(parts[0], Text):
        first = next(iter(system))
        if parts[0].text.startswith(_BILLING_LINE):
            foreign.keep_value(first, hint=True)
            del parts[0]
    if parts:
        yield Message(role="system", parts=_only_text(parts, system))


def _messages(messages: Value, foreign: Foreign) -> Iterator[Message]:
    if not messages.raw:
        raise messages.wrong("an array of at least one message")
    for message in messages:
        content = message["content"]
        if content.raw is None:
            raise content.wrong("a string or an array of blocks")
        parts = read_content(content, foreign)
        match message["role"].text():
            case "user":
                yield from _user_turn(parts)
            case "assistant":
                yield Message(role="assistant", parts=tuple(parts))
            case "system":
                yield Message(role="system", parts=_only_text(parts, content))
            case _:
                raise message["role"].wrong("'user', 'assistant' or 'system'")


def _user_turn(parts: list[Part]) -> Iterator[Message]:
    """Each tool result becomes a message of its own, before what the user says beside them."""
    results = [part for part in parts if isinstance(part, ToolResult)]
    for result in results:
        yield Message(role="tool", parts=(result,))
    said = tuple(part for part in parts if not isinstance(part, ToolResult))
    if said or not results:
        yield Message(role="user", parts=said)


def _only_text(parts: list[Part], place: Value) -> tuple[Part, ...]:
    if not all(isinstance(part, Text) for part in parts):
        raise place.wrong("a string or an array of text blocks")
    return tuple(parts)


def _is_server_tool(tool: Value) -> bool:
    return tool["type"].text_or_none() not in (None, "custom")


def _tool(tool: Value, foreign: Foreign) -> Tool:
    foreign.keep_value(tool["eager_input_streaming"], hint=True)
    foreign.keep_value(tool["input_examples"], hint=True)
    if tool["allowed_callers"].raw not in (None, ["direct"]):
        foreign.keep_value(tool["allowed_callers"])
    return Tool(
        name=tool["name"].text(),
        description=tool["description"].text_or_none() or "",
        parameters=tool["input_schema"].table(),
        strict=tool["strict"].flag_or_none(),
        deferred=bool(tool["defer_loading"].flag_or_none()),
        cache=read_cache(tool, foreign),
    )


def _server_tool(tool: Value) -> ServerTool:
    settings = {name: value for name, value in tool.table_or_none().items() if name not in ("type", "name")}
    return ServerTool(type=tool["type"].text(), name=tool["name"].text_or_none() or "", settings=settings)


def _tool_choice(choice: Value) -> ToolChoice | None:
    if choice.raw is None:
        return None
    match choice["type"].text():
        case "auto":
            return ToolChoice(mode="auto")
        case "any":
            return ToolChoice(mode="required")
        case "none":
            return ToolChoice(mode="none")
        case "tool":
            return ToolChoice(mode="tool", name=choice["name"].text())
    raise choice["type"].wrong("'auto', 'any', 'tool' or 'none'")


def _parallel(choice: Value) -> bool | None:
    disabled = choice["disable_parallel_tool_use"].flag_or_none()
    return None if disabled is None else not disabled


def _output_format(root: Value, foreign: Foreign) -> OutputFormat | None:
    """`output_config.format`, or the top-level field that it was in the beta.

    `strict` stays open: Anthropic guarantees the schema in any case, but takes schemas that OpenAI's
    strict mode refuses.
    """
    config = root["output_config"]
    for unread in config.others("effort", "format", "task_budget"):
        foreign.keep_value(unread)
    foreign.keep_value(config["task_budget"], hint=True)  # advice to the model, not a cap
    format = config["format"] if config["format"].raw is not None else root["output_format"]
    if format.raw is None:
        return None
    if format["type"].text() != "json_schema":
        foreign.keep_value(format)
        return None
    return OutputFormat(kind="json_schema", schema=format["schema"].table())


def _service_tier(tier: Value) -> str | None:
    """`standard_only` is what others call the default tier."""
    name = tier.text_or_none()
    return "default" if name == "standard_only" else name


def _user(metadata: Value, foreign: Foreign) -> str | None:
    for unread in metadata.others("user_id"):
        foreign.keep_value(unread)
    return metadata["user_id"].text_or_none()
