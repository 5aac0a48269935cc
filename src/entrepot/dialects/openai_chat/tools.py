"""`tools`, `tool_choice` and their legacy names, read into the neutral form."""

from __future__ import annotations

from collections.abc import Iterable

from entrepot.conversation import ServerTool, Tool, ToolChoice
from entrepot.dialects.openai_chat.messages import Foreign, cache_hint
from entrepot.dialects.shapes import Value

GRAMMAR = "tools[].format"
"""Foreign name, and a hint, of the grammar of a custom tool."""


def parse_tools(root: Value, foreign: Foreign) -> tuple[tuple[Tool, ...], tuple[ServerTool, ...]]:
    """The caller's tools, and those of types that only the upstream can know."""
    tools, server_tools = [], []
    for tool in root["tools"]:
        match tool["type"].text():
            case "function":
                tools.append(_function(tool["function"], tool))
            case "custom":
                tools.append(_custom(tool["custom"], tool, foreign))
            case kind:
                settings = {name: raw for name, raw in tool.table().items() if name not in ("type", "name")}
                server_tools.append(ServerTool(type=kind, name=tool["name"].text_or_none() or kind, settings=settings))
    tools += [_function(function, function) for function in root["functions"]]
    return tuple(tools), tuple(server_tools)


def allowed(tools: tuple[Tool, ...], root: Value) -> tuple[Tool, ...]:
    """The tools that an `allowed_tools` choice leaves; it lists them apart only to keep a prompt cache valid."""
    choice = root["tool_choice"]
    if not isinstance(choice.raw, dict) or choice.raw.get("type") != "allowed_tools":
        return tools
    names = set(_names(choice["allowed_tools"]["tools"]))
    return tuple(tool for tool in tools if tool.name in names)


def parse_choice(root: Value) -> ToolChoice | None:
    choice = root["function_call"] if root["tool_choice"].raw is None else root["tool_choice"]
    if choice.raw is None:
        return None
    if isinstance(choice.raw, str):
        return _mode(choice)
    if choice["type"].raw == "allowed_tools":
        return _mode(choice["allowed_tools"]["mode"])
    return ToolChoice(mode="tool", name=_named(choice).text())


def _mode(mode: Value) -> ToolChoice:
    match mode.text():
        case "auto" | "none" | "required" as known:
            return ToolChoice(mode=known)
        case _:
            raise mode.unknown()


def _names(tools: Value) -> Iterable[str]:
    return (_named(tool).text() for tool in tools)


def _named(choice: Value) -> Value:
    """The name in `{"type": "function", "function": {"name"}}`, or flat as in the legacy form."""
    kind = choice["type"].text_or_none()
    return choice[kind]["name"] if kind in ("function", "custom") else choice["name"]


def _function(function: Value, tool: Value) -> Tool:
    return Tool(
        name=function["name"].text(),
        description=function["description"].text_or_none() or "",
        parameters=function["parameters"].table_or_none(),
        strict=function["strict"].flag_or_none(),
        cache=cache_hint(tool),
    )


def _custom(custom: Value, tool: Value, foreign: Foreign) -> Tool:
    """A grammar goes to the model in words; that nobody enforces it is said by a hint."""
    description, form = custom["description"].text_or_none() or "", custom["format"]
    if form["type"].raw not in (None, "text"):
        foreign[GRAMMAR] = form.raw
        grammar = form["grammar"]
        syntax, definition = grammar["syntax"].text_or_none() or "", grammar["definition"].text_or_none() or ""
        description = f"{description}\n\nThe input must match this {syntax} grammar:\n{definition}".lstrip()
    return Tool(name=custom["name"].text(), description=description, custom=True, cache=cache_hint(tool))
