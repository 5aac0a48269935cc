"""`tools` and `tool_choice`: read, written, and echoed as OpenAI echoes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from entrepot.conversation import Request, ServerTool, Tool, ToolChoice
from entrepot.dialects.foreign import Foreign
from entrepot.dialects.openai_responses.names import Names, flat_name
from entrepot.dialects.shapes import Value

# https://developers.openai.com/api/docs/guides/tools: what OpenAI runs itself, or defines for the client to run.
HOSTED = frozenset((
    "apply_patch", "code_interpreter", "computer", "computer_use_preview", "file_search", "image_generation",
    "local_shell", "mcp", "programmatic_tool_calling", "shell", "tool_search", "web_search", "web_search_2025_08_26",
    "web_search_preview", "web_search_preview_2025_03_11",
))  # fmt: skip

_NO_PARAMETERS: Mapping[str, Any] = {"type": "object", "properties": {}}

Tools = tuple[tuple[Tool, ...], tuple[ServerTool, ...]]


# Reading ------------------------------------------------------------------------------------------


def offered(body: Value) -> Iterator[Value]:
    """The tools of a request: those in `tools` and those that items of its input add, as Codex has it."""
    yield from body["tools"]
    if isinstance(body["input"].raw, list):
        for item in body["input"]:
            if item["type"].raw == "additional_tools":
                yield from item["tools"]


def parse_tools(tools: Iterable[Value], foreign: Foreign) -> Tools:
    """The caller's tools, those of namespaces under flat names, and the tools that the upstream runs."""
    own: list[Tool] = []
    hosted: list[ServerTool] = []
    for tool in tools:
        match tool["type"].text():
            case "function" | "custom":
                own.append(_tool(tool, None, foreign))
            case "namespace":
                own += [_tool(inner, tool, foreign) for inner in tool["tools"]]
            case kind:
                settings = {name: value for name, value in tool.table().items() if name != "type"}
                name = tool["server_label"].text_or_none() if kind == "mcp" else None
                hosted.append(ServerTool(type=kind, name=name or kind, settings=settings))
    return tuple(own), tuple(hosted)


def _tool(tool: Value, namespace: Value | None, foreign: Foreign) -> Tool:
    """What describes a namespace as a whole stands at the head of each description in it."""
    described = [] if namespace is None else [namespace["description"].text_or_none()]
    described.append(tool["description"].text_or_none())
    name = flat_name(None if namespace is None else namespace["name"].text(), tool["name"].text())
    deferred = bool(tool["defer_loading"].flag_or_none())
    match tool["type"].text():
        case "custom":
            described.append(_grammar(tool["format"], foreign))
            return Tool(name=name, description=_paragraphs(described), custom=True, deferred=deferred)
        case "function":
            return Tool(
                name=name,
                description=_paragraphs(described),
                parameters=tool["parameters"].table_or_none(),
                strict=tool["strict"].flag_or_none(),
                deferred=deferred,
            )
        case _:
            raise tool["type"].unknown()


def _grammar(form: Value, foreign: Foreign) -> str | None:
    """A grammar in words for the model. That it is not enforced is said by the hint `tools[].format`.

    Agents rely on the tool and check what they get (Codex does with its patches), so refusing it would help nobody.
    """
    if form["type"].raw in (None, "text"):
        return None
    syntax, definition = form["syntax"].text_or_none() or "", form["definition"].text_or_none() or ""
    foreign.keep("tools[].format", form.raw, hint=True)
    return f"The input must match this {syntax} grammar:\n{definition}"


def _paragraphs(texts: Iterable[str | None]) -> str:
    return "\n\n".join(text for text in texts if text)


def parse_choice(choice: Value, tools: Tools) -> tuple[ToolChoice | None, Tools]:
    """The choice and the tools it leaves: `allowed_tools` lists some apart to keep a prompt cache valid."""
    if choice.raw is None:
        return None, tools
    if isinstance(choice.raw, str):
        return _mode(choice), tools
    if choice["type"].text() == "allowed_tools":
        names = {_chosen(tool, tools) for tool in choice["tools"]}
        own, hosted = tools
        left = tuple(tool for tool in own if tool.name in names), tuple(tool for tool in hosted if tool.name in names)
        return _mode(choice["mode"]), left
    return ToolChoice(mode="tool", name=_chosen(choice, tools)), tools


def _mode(mode: Value) -> ToolChoice:
    match mode.text():
        case "auto" | "none" | "required" as known:
            return ToolChoice(mode=known)
        case _:
            raise mode.unknown()


def _chosen(choice: Value, tools: Tools) -> str:
    own, hosted = tools
    kind = choice["type"].text()
    if kind in ("function", "custom"):
        name = flat_name(choice["namespace"].text_or_none(), choice["name"].text())
        if all(tool.name != name for tool in own):
            raise choice["name"].unknown()
        return name
    name = choice["server_label"].text() if kind == "mcp" else kind
    if all(tool.name != name for tool in hosted):
        raise choice["type"].unknown()
    return name


# Writing ------------------------------------------------------------------------------------------


def emit_tools(request: Request) -> list[dict[str, Any]]:
    """The tools that an upstream of this dialect gets; those it cannot run are left out by the caller."""
    own = [_emit_tool(tool, searched=searches_tools(request)) for tool in request.tools]
    return own + [{"type": tool.type, **tool.settings} for tool in request.server_tools if tool.type in HOSTED]


def searches_tools(request: Request) -> bool:
    """Whether the upstream can find tools whose loading is deferred."""
    return any(tool.type == "tool_search" for tool in request.server_tools)


def _emit_tool(tool: Tool, *, searched: bool) -> dict[str, Any]:
    """`strict` is always said: absent it means "if the schema allows" here and false in the other dialects."""
    emitted: dict[str, Any] = {"type": "custom" if tool.custom else "function", "name": tool.name}
    if tool.description:
        emitted["description"] = tool.description
    if not tool.custom:
        emitted["parameters"] = tool.parameters or _NO_PARAMETERS
        emitted["strict"] = bool(tool.strict)
    if tool.deferred and searched:
        emitted["defer_loading"] = True
    return emitted


def emit_choice(request: Request) -> str | dict[str, Any] | None:
    choice = request.tool_choice
    if choice is None or choice.mode != "tool":
        return None if choice is None else choice.mode
    for hosted in request.server_tools:
        if hosted.name == choice.name:
            return {"type": "mcp", "server_label": hosted.name} if hosted.type == "mcp" else {"type": hosted.type}
    custom = any(tool.custom and tool.name == choice.name for tool in request.tools)
    return {"type": "custom" if custom else "function", "name": choice.name}


# Echoing ------------------------------------------------------------------------------------------


def echo_tools(tools: Any) -> list[Any]:
    """The client's own tools with what OpenAI fills in."""
    return [_echo_tool(tool) for tool in tools or ()]


def _echo_tool(tool: dict[str, Any]) -> dict[str, Any]:
    match tool.get("type"):
        case "function":
            filled = {"description": None, "parameters": None, "strict": None} | tool
            return filled | {"strict": bool(filled["strict"])}
        case "custom":
            return {"format": {"type": "text"}} | {name: value for name, value in tool.items() if value is not None}
        case "namespace":
            return {"description": ""} | tool | {"tools": echo_tools(tool.get("tools"))}
        case _:
            return tool


def returned(name: str, names: Names) -> dict[str, Any]:
    """`name`, and `namespace` where the tool has one, as the client knows them."""
    namespace, own = names.home(name)
    return {"name": own} if namespace is None else {"name": own, "namespace": namespace}
