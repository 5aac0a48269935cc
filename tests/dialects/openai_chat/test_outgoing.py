"""Requests for an upstream: the full case as a golden file judged by OpenAI's own types, and each field alone."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import msgspec
import pytest
from openai.types.chat.completion_create_params import CompletionCreateParamsStreaming
from pydantic import TypeAdapter
from tests.conftest import Golden

from entrepot.conversation import (
    Audio,
    Document,
    Image,
    Message,
    OutputFormat,
    Reasoning,
    Refusal,
    Request,
    ServerTool,
    Text,
    Tool,
    ToolCall,
    ToolChoice,
    ToolReference,
    ToolResult,
)
from entrepot.dialects.carrying import Emitted, NotCarried
from entrepot.dialects.openai_chat import CANNOT_CARRY, FIELD_NAMES, emit_request

TIDE = Tool(
    name="tide",
    description="Height of the tide.",
    parameters={"type": "object", "properties": {"port": {"type": "string"}}},
    strict=True,
    deferred=True,
    cache="1h",
)
FULL = Request(
    model="asked",
    messages=(
        Message(role="system", parts=(Text(text="Be brief.", cache="5m"), Text(text="Be kind."))),
        Message(role="developer", parts=(Text(text="Answer as a pilot."),), name="operator"),
        Message(
            role="user",
            name="anna",
            parts=(
                Text(text="What is on these?"),
                Image(url="https://example.test/quay.png", detail="low"),
                Image(url="data:image/png;base64,AAAA"),
                Audio(data="UklGRg==", format="wav"),
                Document(url="data:application/pdf;base64,JVBERi0=", filename="manifest.pdf"),
                Document(url="data:text/plain;base64,Y2FyZ28=", filename="cargo.txt"),
                Document(file_id="file-1"),
            ),
        ),
        Message(role="assistant", parts=(Text(text="Cargo."), Refusal(text="Not that."))),
        Message(
            role="assistant",
            parts=(
                Reasoning(text="Two tides, then.", signature="sealed"),
                Text(text="Let me look."),
                ToolCall(id="call_1", name="tide", arguments='{"port": "Hamburg"}'),
                ToolCall(id="call_2", name="tide", arguments="not json"),
                ToolCall(id="call_3", name="log", arguments="free text", custom=True),
            ),
        ),
        Message(
            role="user",
            parts=(
                ToolResult(call_id="call_2", parts=(Text(text="no port"),), is_error=True),
                Text(text="Go on."),
                ToolResult(call_id="call_1", parts=(Text(text="3.1"), Image(url="data:image/png;base64,BBBB"))),
            ),
        ),
        Message(role="tool", parts=(ToolResult(call_id="call_3", parts=(ToolReference(name="tide"),), custom=True),)),
    ),
    tools=(TIDE, Tool(name="bare"), Tool(name="log", description="Write it down.", custom=True)),
    server_tools=(ServerTool(type="web_search", name="web_search"),),
    tool_choice=ToolChoice(mode="tool", name="log"),
    parallel_tool_calls=False,
    output_format=OutputFormat(kind="json_schema", schema={"type": "object"}, strict=True),
    max_output_tokens=200,
    temperature=0.5,
    top_p=0.9,
    top_k=40,
    frequency_penalty=0.25,
    presence_penalty=-0.25,
    stop=("END", "\n\n"),
    seed=-7,
    n=2,
    logprobs=True,
    top_logprobs=3,
    logit_bias={"50256": -100},
    reasoning_budget_tokens=10_000,
    reasoning_summary="auto",
    verbosity="low",
    service_tier="flex",
    user="somebody",
    cache_key="harbour",
    metadata={"ship": "Anna"},
    stream=True,
    include_usage=False,
    foreign={"prediction": {"type": "content", "content": "x"}},
    hints=frozenset({"prediction"}),
)
DROPPED = (
    "reasoning_summary",
    "metadata",
    "prediction",
    "tools[type=web_search]",
    "messages[].cache",
    "messages[].reasoning",
    "tools[].cache",
    "tools[].deferred",
)


def request(**fields: Any) -> Request:
    return Request(model="asked", messages=(Message(role="user", parts=(Text(text="hi"),)),), **fields)


def body(emitted: Emitted) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(emitted.body)
    return found


def added(**fields: Any) -> dict[str, Any]:
    """What the fields add to the least body."""
    found = body(emit_request(request(**fields), "up"))
    assert found.pop("model") == "up"
    assert found.pop("messages") == [{"role": "user", "content": "hi"}]
    return found


def test_the_full_request(golden: Golden) -> None:
    emitted = emit_request(FULL, "their/name")
    golden("openai_chat/emitted.json", json.dumps(body(emitted), indent=2, ensure_ascii=False) + "\n")
    assert emitted.dropped == DROPPED


def consumed(value: Any) -> Any:
    """A validated value, all its lazily validated parts included."""
    if isinstance(value, dict):
        return {name: consumed(each) for name, each in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return [consumed(each) for each in value]
    return value


def test_the_full_request_is_one_by_openais_own_types() -> None:
    found = body(emit_request(FULL, "their/name"))
    adapter = TypeAdapter(CompletionCreateParamsStreaming)
    validated = consumed(adapter.validate_python(found))
    assert validated["messages"][2] == found["messages"][2]
    assert found.keys() - validated.keys() == {"top_k"}  # other servers' field


def test_the_least_request_holds_nothing_else() -> None:
    assert added() == {}
    assert emit_request(request(), "up").dropped == ()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"max_output_tokens": 5}, {"max_completion_tokens": 5}),
        ({"temperature": 0}, {"temperature": 0}),
        ({"seed": 0}, {"seed": 0}),
        ({"cache_key": "k", "user": "u"}, {"prompt_cache_key": "k", "user": "u"}),
        ({"logprobs": True}, {"logprobs": True}),
        ({"stream": True}, {"stream": True, "stream_options": {"include_usage": True}}),
        ({"include_usage": True}, {}),
        ({"output_format": OutputFormat(kind="text")}, {}),
        ({"output_format": OutputFormat(kind="json_object")}, {"response_format": {"type": "json_object"}}),
        (
            {"output_format": OutputFormat(kind="json_schema", name="n")},
            {"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {}}}},
        ),
        # effort
        ({"reasoning_effort": "xhigh"}, {"reasoning_effort": "xhigh"}),
        ({"reasoning_effort": "low", "reasoning_budget_tokens": 31_999}, {"reasoning_effort": "low"}),
        ({"reasoning_budget_tokens": 31_999}, {"reasoning_effort": "high"}),
        ({"reasoning_budget_tokens": 0}, {"reasoning_effort": "none"}),
        # only beside tools
        ({"parallel_tool_calls": False}, {}),
        ({"tool_choice": ToolChoice(mode="auto")}, {}),
        ({"tool_choice": ToolChoice(mode="none")}, {}),
        (
            {"tools": (Tool(name="f"),), "tool_choice": ToolChoice(mode="required"), "parallel_tool_calls": True},
            {
                "tools": [{"type": "function", "function": {"name": "f"}}],
                "tool_choice": "required",
                "parallel_tool_calls": True,
            },
        ),
        (
            {"tools": (Tool(name="f"),), "tool_choice": ToolChoice(mode="tool", name="f")},
            {
                "tools": [{"type": "function", "function": {"name": "f"}}],
                "tool_choice": {"type": "function", "function": {"name": "f"}},
            },
        ),
        (
            {"server_tools": (ServerTool(type="web_search_options", name="web_search", settings={"a": 1}),)},
            {"web_search_options": {"a": 1}},
        ),
    ],
)
def test_single_fields(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    assert added(**fields) == expected


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"foreign": {"grammar": "x"}}, "grammar"),
        ({"tool_choice": ToolChoice(mode="required")}, "tool_choice"),
        ({"tool_choice": ToolChoice(mode="tool", name="f")}, "tool_choice"),
        ({"server_tools": (ServerTool(type="mcp", name="m"),)}, "tools[type=mcp]"),
        (
            {
                "server_tools": (ServerTool(type="web_search", name="web_search"),),
                "tool_choice": ToolChoice(mode="tool", name="web_search"),
            },
            "tools[type=web_search]",
        ),
    ],
)
def test_what_cannot_be_carried_is_refused_by_name(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(NotCarried) as caught:
        emit_request(request(**fields), "up")
    assert caught.value.param == param


def test_replayed_reasoning_is_not_listed_as_dropped() -> None:
    emitted = emit_request(FULL, "up", replay_reasoning=True)
    assert "messages[].reasoning" not in emitted.dropped
    assert body(emitted)["messages"][4]["reasoning_content"] == "Two tides, then."


def test_every_field_of_a_request_has_a_name_or_a_verdict() -> None:
    fields = {field.name for field in msgspec.structs.fields(Request)} - {"foreign", "hints"}
    assert fields == set(FIELD_NAMES) | set(CANNOT_CARRY)


def test_the_bound_of_the_answer_goes_by_the_servers_name_for_it() -> None:
    request = Request(model="m", messages=(Message(role="user", parts=(Text(text="hi"),)),), max_output_tokens=5)
    body = json.loads(emit_request(request, "up", output_limit="max_tokens").body)
    assert (body["max_tokens"], "max_completion_tokens" in body) == (5, False)
