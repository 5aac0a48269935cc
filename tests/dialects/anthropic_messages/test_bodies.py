"""Bodies for upstreams: the full case as a golden file, what cannot be carried, and relayed bodies."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from tests.conftest import GOLDENS, Golden
from tests.dialects.anthropic_messages.sdk import check_request

from entrepot.conversation import Message, OutputFormat, Request, ServerTool, Text, Tool, ToolChoice
from entrepot.dialects import fields
from entrepot.dialects.anthropic_messages import CANNOT_CARRY, FIELD_NAMES, emit_relayed, emit_request, parse_request
from entrepot.dialects.carrying import NotCarried

FULL = json.loads((GOLDENS / "anthropic_messages" / "request.json").read_bytes())
CLAUDE_CODE = json.loads((GOLDENS / "anthropic_messages" / "claude_code.json").read_bytes())
ASKED = (Message(role="user", parts=(Text(text="hi"),)),)
TOOL = Tool(name="f", parameters={"type": "object", "properties": {"x": {"type": "string"}}})


def emitted(model: str = "claude-sonnet-4-5", **asked: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(emit_request(Request(**{"model": "m", "messages": ASKED} | asked), model).body)
    check_request(body)
    return body


def dropped(model: str = "claude-sonnet-4-5", **asked: Any) -> tuple[str, ...]:
    return emit_request(Request(**{"model": "m", "messages": ASKED} | asked), model).dropped


def test_the_full_request_for_an_upstream(golden: Golden) -> None:
    found = emit_request(parse_request(FULL), "claude-sonnet-4-5-20250929")
    body = json.loads(found.body)
    check_request(body)
    golden("anthropic_messages/request.upstream.json", json.dumps(body, indent=2, ensure_ascii=False) + "\n")
    assert found.dropped == (
        "context_management",
        "cache_control",
        "system[0]",
        "messages[2].content[2].citations",
        "tools[0].eager_input_streaming",
        "output_config.task_budget",
    )


@pytest.mark.parametrize("body", [FULL, *CLAUDE_CODE.values()], ids=["full", *CLAUDE_CODE])
def test_nothing_is_lost_on_the_way_to_the_neutral_form_and_back(body: dict[str, Any]) -> None:
    request = parse_request(body)
    found = json.loads(emit_request(request, "claude-opus-4-8").body)
    check_request(found)
    again = parse_request(found)
    same: dict[str, Any] = {"foreign": {}, "hints": frozenset(), "model": "m", "max_output_tokens": None}
    assert msgspec.structs.replace(again, **same) == msgspec.structs.replace(request, **same)


def test_the_least_request() -> None:
    assert emitted("other-model") == {
        "model": "other-model",
        "max_tokens": 4096,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}],
    }


@pytest.mark.parametrize(
    ("model", "max_tokens"),
    [("claude-opus-4-20250514", 32_000), ("claude-3-5-haiku-20241022", 4096), ("kimi-k3", 4096)],
)
def test_max_tokens_are_made_up_where_they_were_not_given(model: str, max_tokens: int) -> None:
    assert emitted(model)["max_tokens"] == max_tokens


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"max_output_tokens": 5}, {"max_tokens": 5}),
        ({"temperature": 0.0}, {"temperature": 0.0}),
        ({"top_p": 0.5, "top_k": 3}, {"top_p": 0.5, "top_k": 3}),
        ({"stop": ("END", " x")}, {"stop_sequences": ["END", " x"]}),
        ({"user": "u"}, {"metadata": {"user_id": "u"}}),
        ({"service_tier": "default"}, {"service_tier": "standard_only"}),
        ({"stream": True}, {"stream": True}),
        ({"frequency_penalty": 0.0, "presence_penalty": 0}, {}),
        ({"output_format": OutputFormat(kind="text")}, {}),
        (
            {"output_format": OutputFormat(kind="json_schema", name="n", schema={"type": "object"}, strict=True)},
            {"output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}},
        ),
    ],
)
def test_single_fields(asked: dict[str, Any], expected: dict[str, Any]) -> None:
    least = emitted()
    assert emitted(**asked) == least | expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, None),
        ({"parallel_tool_calls": False}, {"type": "auto", "disable_parallel_tool_use": True}),
        ({"tool_choice": ToolChoice(mode="auto")}, {"type": "auto"}),
        ({"tool_choice": ToolChoice(mode="none"), "parallel_tool_calls": False}, {"type": "none"}),
        ({"tool_choice": ToolChoice(mode="required")}, {"type": "any"}),
        (
            {"tool_choice": ToolChoice(mode="tool", name="f"), "parallel_tool_calls": True},
            {"type": "tool", "name": "f", "disable_parallel_tool_use": False},
        ),
    ],
)
def test_every_form_of_tool_choice(asked: dict[str, Any], expected: dict[str, Any] | None) -> None:
    assert emitted(tools=(TOOL,), **asked).get("tool_choice") == expected


def test_tool_choice_is_left_out_where_there_is_no_tool() -> None:
    assert "tool_choice" not in emitted(tool_choice=ToolChoice(mode="auto"), parallel_tool_calls=True)


@pytest.mark.parametrize(
    ("tool", "expected"),
    [
        (Tool(name="f"), {"name": "f", "input_schema": {"type": "object", "properties": {}}}),
        (
            Tool(name="f", description="d", strict=True, deferred=True, cache="1h"),
            {
                "name": "f",
                "description": "d",
                "input_schema": {"type": "object", "properties": {}},
                "strict": True,
                "defer_loading": True,
                "cache_control": {"type": "ephemeral", "ttl": "1h"},
            },
        ),
        (
            Tool(name="patch", custom=True, strict=False),
            {
                "name": "patch",
                "input_schema": {"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]},
            },
        ),
    ],
)
def test_tools(tool: Tool, expected: dict[str, Any]) -> None:
    assert emitted(tools=(tool,))["tools"] == [expected]


def test_tools_that_anthropic_runs_are_carried_and_web_search_of_others_is_left_out() -> None:
    own = ServerTool(type="web_fetch_20250910", name="web_fetch", settings={"max_uses": 2})
    other = ServerTool(type="web_search", name="")
    found = emitted(server_tools=(own, other))
    assert found["tools"] == [{"type": "web_fetch_20250910", "name": "web_fetch", "max_uses": 2}]
    assert dropped(server_tools=(own, other)) == ("tools[type=web_search]",)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"frequency_penalty": 0.5}, "frequency_penalty"),
        ({"presence_penalty": -1.0}, "presence_penalty"),
        ({"n": 2}, "n"),
        ({"logprobs": True}, "logprobs"),
        ({"logit_bias": {"1": 1.0}}, "logit_bias"),
        ({"temperature": 1.5}, "temperature"),
        ({"stop": ("END", "\n")}, "stop"),
        ({"service_tier": "flex"}, "service_tier"),
        ({"output_format": OutputFormat(kind="json_object")}, "output_format"),
        ({"output_format": OutputFormat(kind="json_schema")}, "output_format"),
        ({"foreign": {"store": True, "prediction": {}}, "hints": frozenset({"store"})}, "prediction"),
        ({"server_tools": (ServerTool(type="code_interpreter", name=""),)}, "tools[type=code_interpreter]"),
        (
            {
                "server_tools": (ServerTool(type="web_search", name="web_search"),),
                "tool_choice": ToolChoice(mode="required"),
            },
            "tools[type=web_search]",
        ),
    ],
)
def test_what_cannot_be_carried_is_refused_by_name(asked: dict[str, Any], field: str) -> None:
    with pytest.raises(NotCarried) as caught:
        emit_request(Request(**{"model": "m", "messages": ASKED} | asked), "claude-opus-5")
    assert caught.value.field == field


def test_hints_are_dropped_and_listed() -> None:
    hints: dict[str, Any] = {"seed": 1, "verbosity": "low", "cache_key": "k", "metadata": {"a": "b"}}
    assert set(dropped(**hints)) == hints.keys()
    assert dropped(foreign={"store": True}, hints=frozenset({"store"})) == ("store",)


def test_every_field_has_a_name_here_or_a_verdict() -> None:
    named = {field.name for field in msgspec.structs.fields(Request)}
    assert FIELD_NAMES.keys() | CANNOT_CARRY.keys() == named - {"foreign", "hints", "include_usage"}
    assert not FIELD_NAMES.keys() & CANNOT_CARRY.keys()


# Relayed ------------------------------------------------------------------------------------------


def relayed(source: bytes) -> bytes:
    return emit_relayed(*fields.decode(source), "up")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (b'{"messages":[],"model":"m"}', b'{"messages":[],"model":"up"}'),
        (b'{"model":"m","x":1.0,"y":1E5,"stream":true}', b'{"model":"up","x":1.0,"y":1E5,"stream":true}'),
        (b'{"key":"ep-live-x","model_id":"m","messages":[]}', b'{"messages":[],"model":"up"}'),
        (b'{"model":"m","messages":[{"x":1E5}]}', b'{"model":"up","messages":[{"x":1E5}]}'),
    ],
)
def test_relayed_bodies(given: bytes, expected: bytes) -> None:
    assert relayed(given) == expected


def test_thinking_that_the_hub_signed_for_others_is_not_relayed() -> None:
    own = {"type": "thinking", "thinking": "a", "signature": "c2lnbmVk"}
    other = {"type": "thinking", "thinking": "b", "signature": "entrepot:rs_1:gAAAA"}
    said = {"type": "text", "text": "entrepot: it is"}
    messages = [
        {"role": "user", "content": "entrepot:"},
        {"role": "assistant", "content": [own, other, said]},
        {"role": "assistant", "content": [other]},
    ]
    body = json.loads(relayed(json.dumps({"model": "m", "messages": messages}).encode()))
    assert body["messages"] == [messages[0], {"role": "assistant", "content": [own, said]}]
