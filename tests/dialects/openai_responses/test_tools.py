from __future__ import annotations

from typing import Any

import pytest

from entrepot.conversation import Request, ServerTool, Tool, ToolChoice
from entrepot.dialects.foreign import Foreign
from entrepot.dialects.openai_responses.names import Names
from entrepot.dialects.openai_responses.tools import (
    Tools,
    echo_tools,
    emit_choice,
    emit_tools,
    offered,
    parse_choice,
    parse_tools,
    returned,
)
from entrepot.dialects.shapes import Value
from entrepot.errors import InvalidRequest

WIRE: list[dict[str, Any]] = [
    {"type": "function", "name": "tide", "parameters": None, "strict": None},
    {"type": "custom", "name": "log", "format": {"type": "text"}},
    {"type": "namespace", "name": "tugs", "description": "Tugs.", "tools": [{"type": "function", "name": "order"}]},
    {"type": "web_search", "search_context_size": "low"},
    {"type": "mcp", "server_label": "charts"},
]
TOOLS: Tools = (
    (Tool(name="tide"), Tool(name="log", custom=True), Tool(name="tugs__order", description="Tugs.")),
    (
        ServerTool(type="web_search", name="web_search", settings={"search_context_size": "low"}),
        ServerTool(type="mcp", name="charts", settings={"server_label": "charts"}),
    ),
)


def request(**fields: Any) -> Request:
    return Request(model="m", messages=(), tools=TOOLS[0], server_tools=TOOLS[1], **fields)


def test_tools_of_every_kind() -> None:
    foreign = Foreign()
    assert parse_tools(Value(WIRE, "tools"), foreign) == TOOLS
    assert foreign.fields == {}


def test_items_of_the_input_add_tools() -> None:
    items: list[dict[str, Any]] = [
        {"role": "user", "content": "Hi"},
        {"type": "additional_tools", "role": "developer", "tools": WIRE[1:]},
    ]
    body = Value({"tools": WIRE[:1], "input": items})
    assert parse_tools(offered(body), Foreign()) == TOOLS
    assert [tool.raw for tool in offered(Value({"tools": WIRE, "input": "Hi"}))] == WIRE
    items[1]["tools"] = [{"type": "function"}]
    with pytest.raises(InvalidRequest) as caught:
        parse_tools(offered(body), Foreign())
    assert caught.value.param == "input[1].tools[0].name"


def test_a_grammar_is_told_in_words_and_noted_as_a_hint() -> None:
    foreign = Foreign()
    form = {"type": "grammar", "syntax": "regex", "definition": "[a-z]+"}
    tool = {"type": "custom", "name": "log", "description": "Write.", "format": form}
    ((log,), _) = parse_tools(Value([tool], "tools"), foreign)
    assert log.description == "Write.\n\nThe input must match this regex grammar:\n[a-z]+"
    assert (foreign.fields, foreign.hints) == ({"tools[].format": form}, {"tools[].format"})


@pytest.mark.parametrize(
    ("tools", "param"),
    [
        ({}, "tools"),
        ([7], "tools[0]"),
        ([{}], "tools[0].type"),
        ([{"type": "function"}], "tools[0].name"),
        ([{"type": "function", "name": "f", "parameters": []}], "tools[0].parameters"),
        ([{"type": "namespace", "name": "n", "tools": [{"type": "mcp", "name": "x"}]}], "tools[0].tools[0].type"),
        ([{"type": "mcp", "server_label": 7}], "tools[0].server_label"),
    ],
)
def test_wrong_shapes_are_named(tools: Any, param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse_tools(Value(tools, "tools"), Foreign())
    assert caught.value.param == param


CHOICES: list[tuple[Any, ToolChoice, Any]] = [
    ("auto", ToolChoice(mode="auto"), "auto"),
    ("required", ToolChoice(mode="required"), "required"),
    ({"type": "function", "name": "tide"}, ToolChoice(mode="tool", name="tide"), {"type": "function", "name": "tide"}),
    ({"type": "custom", "name": "log"}, ToolChoice(mode="tool", name="log"), {"type": "custom", "name": "log"}),
    (
        {"type": "function", "namespace": "tugs", "name": "order"},
        ToolChoice(mode="tool", name="tugs__order"),
        {"type": "function", "name": "tugs__order"},
    ),
    ({"type": "web_search"}, ToolChoice(mode="tool", name="web_search"), {"type": "web_search"}),
    (
        {"type": "mcp", "server_label": "charts"},
        ToolChoice(mode="tool", name="charts"),
        {"type": "mcp", "server_label": "charts"},
    ),
]


@pytest.mark.parametrize(("wire", "choice", "emitted"), CHOICES)
def test_every_choice_there_and_back(wire: Any, choice: ToolChoice, emitted: Any) -> None:
    assert parse_choice(Value(wire, "tool_choice"), TOOLS) == (choice, TOOLS)
    assert emit_choice(request(tool_choice=choice)) == emitted


def test_allowed_tools_leave_no_others() -> None:
    allowed = [{"type": "function", "name": "tide"}, {"type": "web_search"}]
    wire = {"type": "allowed_tools", "mode": "required", "tools": allowed}
    choice, (own, hosted) = parse_choice(Value(wire, "tool_choice"), TOOLS)
    assert choice == ToolChoice(mode="required")
    assert ([tool.name for tool in own], [tool.type for tool in hosted]) == (["tide"], ["web_search"])


@pytest.mark.parametrize(
    ("choice", "param"),
    [
        ("sometimes", "tool_choice"),
        (7, "tool_choice"),
        ({}, "tool_choice.type"),
        ({"type": "function", "name": "absent"}, "tool_choice.name"),
        ({"type": "file_search"}, "tool_choice.type"),
        (
            {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "custom", "name": "x"}]},
            "tool_choice.tools[0].name",
        ),
    ],
)
def test_wrong_choices_are_named(choice: Any, param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse_choice(Value(choice, "tool_choice"), TOOLS)
    assert caught.value.param == param


def test_tools_written_for_an_upstream() -> None:
    assert emit_tools(request()) == [
        {"type": "function", "name": "tide", "parameters": {"type": "object", "properties": {}}, "strict": False},
        {"type": "custom", "name": "log"},
        {
            "type": "function",
            "name": "tugs__order",
            "description": "Tugs.",
            "parameters": {"type": "object", "properties": {}},
            "strict": False,
        },
        {"type": "web_search", "search_context_size": "low"},
        {"type": "mcp", "server_label": "charts"},
    ]


@pytest.mark.parametrize(
    ("server_tools", "deferred"), [((), None), ((ServerTool(type="tool_search", name="s"),), True)]
)
def test_loading_is_deferred_only_where_tools_can_be_searched(server_tools: Any, deferred: bool | None) -> None:
    asked = Request(model="m", messages=(), tools=(Tool(name="f", deferred=True),), server_tools=server_tools)
    assert emit_tools(asked)[0].get("defer_loading") == deferred


def test_an_echo_fills_in_what_was_left_out() -> None:
    function, custom, namespace, *hosted = echo_tools(WIRE)
    assert function == {"type": "function", "name": "tide", "description": None, "parameters": None, "strict": False}
    assert custom["format"] == {"type": "text"}
    assert namespace["tools"][0]["strict"] is False
    assert hosted == WIRE[3:]


def test_a_call_returns_to_its_namespace() -> None:
    names = Names(WIRE)
    assert returned("tugs__order", names) == {"name": "order", "namespace": "tugs"}
    assert returned("tide", names) == {"name": "tide"}
