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
from entrepot.dialects.anthropic_messages.cursor import Cursor, Leftovers
from entrepot.dialects.anthropic_messages.thinking import read_thinking

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
    root, left = Cursor(dict(body)), Leftovers()
    model = root.child("model").text()
    max_tokens = root.child("max_tokens").count()
    if max_tokens == 0:  # asks for a warm cache and no answer
        left.keep(root.child("max_tokens"))
    for unread in root.others(*_READ):
        (left.keep_hint if unread.path in _HINTS else left.keep)(unread)
    effort, budget_tokens, summary = read_thinking(root, left)
    stream = bool(root.child("stream").flag())
    return Request(
        model=model,
        messages=(*_system(root.child("system"), left), *_messages(root.child("messages"), left)),
        tools=tuple(_tool(tool, left) for tool in root.child("tools").items() if not _is_server_tool(tool)),
        server_tools=tuple(_server_tool(tool) for tool in root.child("tools").items() if _is_server_tool(tool)),
        tool_choice=_tool_choice(root.child("tool_choice")),
        parallel_tool_calls=_parallel(root.child("tool_choice")),
        output_format=_output_format(root, left),
        max_output_tokens=max_tokens or None,
        temperature=root.child("temperature").fraction(),
        top_p=root.child("top_p").fraction(),
        top_k=root.child("top_k").count(),
        stop=tuple(item.text() for item in root.child("stop_sequences").items()),
        reasoning_effort=effort,
        reasoning_budget_tokens=budget_tokens,
        reasoning_summary=summary,
        service_tier=_service_tier(root.child("service_tier")),
        user=_user(root.child("metadata"), left),
        stream=stream,
        include_usage=stream,
        foreign=left.values,
        hints=frozenset(left.hints),
    )


def _system(system: Cursor, left: Leftovers) -> Iterator[Message]:
    parts = read_content(system, left)
    if isinstance(system.value, list) and parts and isinstance(parts[0], Text):
        first = next(system.items())
        if parts[0].text.startswith(_BILLING_LINE):
            left.keep_hint(first)
            del parts[0]
    if parts:
        yield Message(role="system", parts=_only_text(parts, system))


def _messages(messages: Cursor, left: Leftovers) -> Iterator[Message]:
    if not messages.value:
        raise messages.wrong("an array of at least one message")
    for message in messages.items():
        content = message.child("content")
        if content.value is None:
            raise content.wrong("a string or an array of blocks")
        parts = read_content(content, left)
        match message.child("role").text():
            case "user":
                yield from _user_turn(parts)
            case "assistant":
                yield Message(role="assistant", parts=tuple(parts))
            case "system":
                yield Message(role="system", parts=_only_text(parts, content))
            case _:
                raise message.child("role").wrong("'user', 'assistant' or 'system'")


def _user_turn(parts: list[Part]) -> Iterator[Message]:
    """Each tool result becomes a message of its own, before what the user says beside them."""
    results = [part for part in parts if isinstance(part, ToolResult)]
    for result in results:
        yield Message(role="tool", parts=(result,))
    said = tuple(part for part in parts if not isinstance(part, ToolResult))
    if said or not results:
        yield Message(role="user", parts=said)


def _only_text(parts: list[Part], place: Cursor) -> tuple[Part, ...]:
    if not all(isinstance(part, Text) for part in parts):
        raise place.wrong("a string or an array of text blocks")
    return tuple(parts)


def _is_server_tool(tool: Cursor) -> bool:
    return tool.child("type").text_or_none() not in (None, "custom")


def _tool(tool: Cursor, left: Leftovers) -> Tool:
    left.keep_hint(tool.child("eager_input_streaming"))
    left.keep_hint(tool.child("input_examples"))
    if tool.child("allowed_callers").value not in (None, ["direct"]):
        left.keep(tool.child("allowed_callers"))
    schema = tool.child("input_schema")
    if schema.value is None:
        raise schema.wrong("an object")
    return Tool(
        name=tool.child("name").text(),
        description=tool.child("description").text_or_none() or "",
        parameters=schema.mapping(),
        strict=tool.child("strict").flag(),
        deferred=bool(tool.child("defer_loading").flag()),
        cache=read_cache(tool, left),
    )


def _server_tool(tool: Cursor) -> ServerTool:
    settings = {name: value for name, value in tool.mapping().items() if name not in ("type", "name")}
    return ServerTool(type=tool.child("type").text(), name=tool.child("name").text_or_none() or "", settings=settings)


def _tool_choice(choice: Cursor) -> ToolChoice | None:
    if choice.value is None:
        return None
    match choice.child("type").text():
        case "auto":
            return ToolChoice(mode="auto")
        case "any":
            return ToolChoice(mode="required")
        case "none":
            return ToolChoice(mode="none")
        case "tool":
            return ToolChoice(mode="tool", name=choice.child("name").text())
    raise choice.child("type").wrong("'auto', 'any', 'tool' or 'none'")


def _parallel(choice: Cursor) -> bool | None:
    disabled = choice.child("disable_parallel_tool_use").flag()
    return None if disabled is None else not disabled


def _output_format(root: Cursor, left: Leftovers) -> OutputFormat | None:
    """`output_config.format`, or the top-level field that it was in the beta.

    `strict` stays open: Anthropic guarantees the schema in any case, but takes schemas that OpenAI's
    strict mode refuses.
    """
    config = root.child("output_config")
    for unread in config.others("effort", "format", "task_budget"):
        left.keep(unread)
    left.keep_hint(config.child("task_budget"))  # advice to the model, not a cap
    format = config.child("format") if config.child("format").value is not None else root.child("output_format")
    if format.value is None:
        return None
    if format.child("type").text() != "json_schema":
        left.keep(format)
        return None
    if format.child("schema").value is None:
        raise format.child("schema").wrong("an object")
    return OutputFormat(kind="json_schema", schema=format.child("schema").mapping())


def _service_tier(tier: Cursor) -> str | None:
    """`standard_only` is what others call the default tier."""
    name = tier.text_or_none()
    return "default" if name == "standard_only" else name


def _user(metadata: Cursor, left: Leftovers) -> str | None:
    for unread in metadata.others("user_id"):
        left.keep(unread)
    return metadata.child("user_id").text_or_none()
