"""Tools and the choice among them, in today's form, the legacy form and the forms of other servers."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.conversation import ServerTool, Tool, ToolChoice
from entrepot.dialects.openai_chat.messages import Foreign
from entrepot.dialects.openai_chat.tools import GRAMMAR, allowed, parse_choice, parse_tools
from entrepot.dialects.shapes import Value

F = {"type": "function", "function": {"name": "f"}}
G = {"type": "custom", "custom": {"name": "g"}}


def tools(*given: dict[str, Any], **more: Any) -> tuple[tuple[Tool, ...], tuple[ServerTool, ...], Foreign]:
    foreign: Foreign = {}
    return (*parse_tools(Value({"tools": list(given), **more}), foreign), foreign)


@pytest.mark.parametrize(
    ("given", "tool"),
    [
        (F, Tool(name="f")),
        (G, Tool(name="g", custom=True)),
        (
            {
                "type": "function",
                "function": {"name": "f", "description": "d", "parameters": {"a": 1}, "strict": False},
            },
            Tool(name="f", description="d", parameters={"a": 1}, strict=False),
        ),
        (F | {"cache_control": {"type": "ephemeral", "ttl": "1h"}}, Tool(name="f", cache="1h")),
        ({"type": "custom", "custom": {"name": "g", "format": {"type": "text"}}}, Tool(name="g", custom=True)),
    ],
)
def test_tools(given: dict[str, Any], tool: Tool) -> None:
    assert tools(given) == ((tool,), (), {})


def test_legacy_functions_are_tools() -> None:
    assert tools(F, functions=[{"name": "old"}])[0] == (Tool(name="f"), Tool(name="old"))


def test_tools_of_other_types_are_the_upstreams() -> None:
    search = {"type": "openrouter:web_search", "parameters": {"max_results": 3}}
    named = {"type": "mcp", "name": "harbour", "server_url": "https://example.test"}
    assert tools(search, named)[1] == (
        ServerTool(
            type="openrouter:web_search", name="openrouter:web_search", settings={"parameters": {"max_results": 3}}
        ),
        ServerTool(type="mcp", name="harbour", settings={"server_url": "https://example.test"}),
    )


@pytest.mark.parametrize(("description", "before"), [(None, ""), ("Write.", "Write.\n\n")])
def test_a_grammar_goes_to_the_model_in_words(description: str | None, before: str) -> None:
    form = {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: WORD"}}
    (tool,), _, foreign = tools({"type": "custom", "custom": {"name": "g", "description": description, "format": form}})
    assert tool.description == f"{before}The input must match this lark grammar:\nstart: WORD"
    assert foreign == {GRAMMAR: form}


def choice(**body: Any) -> ToolChoice | None:
    return parse_choice(Value(body))


def test_choices() -> None:
    assert choice() is None
    assert choice(tool_choice="required") == ToolChoice(mode="required")
    assert choice(tool_choice={"type": "custom", "custom": {"name": "g"}}) == ToolChoice(mode="tool", name="g")
    assert choice(function_call={"name": "f"}) == ToolChoice(mode="tool", name="f")
    assert choice(tool_choice="auto", function_call="none") == ToolChoice(mode="auto")


def test_allowed_tools_leave_the_others_out() -> None:
    only_g = {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [G]}}
    everything = (Tool(name="f"), Tool(name="g", custom=True))
    assert allowed(everything, Value({"tool_choice": only_g})) == (Tool(name="g", custom=True),)
    assert allowed(everything, Value({"tool_choice": "required"})) == everything
    assert choice(tool_choice=only_g) == ToolChoice(mode="required")
