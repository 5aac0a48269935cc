"""Requests: the full case and Claude Code's as golden files, single fields, and shapes that are wrong."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import GOLDENS, Golden

from entrepot.conversation import Message, Request, Text, ToolChoice
from entrepot.dialects.anthropic_messages import emit_request, parse_request
from entrepot.errors import InvalidRequest

FULL = json.loads((GOLDENS / "anthropic_messages" / "request.json").read_bytes())
CLAUDE_CODE = json.loads((GOLDENS / "anthropic_messages" / "claude_code.json").read_bytes())


def body(**more: Any) -> dict[str, Any]:
    return {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}], **more}


def neutral(request: Request) -> dict[str, Any]:
    """The request without what it does not say, as a golden file shows it."""
    value = msgspec.to_builtins(request)
    defaults = msgspec.to_builtins(Request(model="", messages=()))
    shown = {name: item for name, item in value.items() if item != defaults[name]}
    return shown | ({"hints": sorted(request.hints)} if request.hints else {})


def pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def test_the_full_request_in_the_neutral_form(golden: Golden) -> None:
    golden("anthropic_messages/request.neutral.json", pretty(neutral(parse_request(FULL))))


def test_the_requests_of_claude_code_in_the_neutral_form(golden: Golden) -> None:
    found = {name: neutral(parse_request(case)) for name, case in CLAUDE_CODE.items()}
    golden("anthropic_messages/claude_code.neutral.json", pretty(found))


@pytest.mark.parametrize("name", CLAUDE_CODE)
def test_nothing_of_claude_code_is_foreign_but_hints(name: str) -> None:
    request = parse_request(CLAUDE_CODE[name])
    assert set(request.foreign) == request.hints


@pytest.mark.parametrize(
    "name",
    [
        "max_tokens", "system", "stream", "temperature", "top_p", "top_k", "stop_sequences", "tools", "tool_choice",
        "metadata", "thinking", "output_config", "service_tier", "context_management", "container", "mcp_servers",
    ],
)  # fmt: skip
def test_null_is_as_good_as_absent(name: str) -> None:
    absent = {key: value for key, value in body().items() if key != name}
    assert parse_request(absent | {name: None}) == parse_request(absent)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"max_tokens": 7}, {"max_output_tokens": 7}),
        ({"max_tokens": 0}, {"max_output_tokens": None, "foreign": {"max_tokens": 0}}),
        ({"stream": True}, {"stream": True, "include_usage": True}),
        ({"service_tier": "auto"}, {"service_tier": "auto"}),
        ({"service_tier": "standard_only"}, {"service_tier": "default"}),
        ({"metadata": {"user_id": "u"}}, {"user": "u"}),
        ({"metadata": {"trace": 1}}, {"user": None, "foreign": {"metadata.trace": 1}}),
        ({"container": "c1"}, {"foreign": {"container": "c1"}, "hints": frozenset()}),
        ({"mcp_servers": [{"url": "x"}]}, {"foreign": {"mcp_servers": [{"url": "x"}]}, "hints": frozenset()}),
        ({"context_management": {}}, {"foreign": {"context_management": {}}, "hints": {"context_management"}}),
        ({"key": "secret", "model_id": "m"}, {"foreign": {}}),
        ({"tool_choice": {"type": "auto"}}, {"tool_choice": ToolChoice(mode="auto"), "parallel_tool_calls": None}),
        ({"tool_choice": {"type": "any"}}, {"tool_choice": ToolChoice(mode="required")}),
        ({"tool_choice": {"type": "none"}}, {"tool_choice": ToolChoice(mode="none")}),
        ({"tool_choice": {"type": "tool", "name": "f"}}, {"tool_choice": ToolChoice(mode="tool", name="f")}),
        ({"tool_choice": {"type": "any", "disable_parallel_tool_use": True}}, {"parallel_tool_calls": False}),
        ({"tool_choice": {"type": "any", "disable_parallel_tool_use": False}}, {"parallel_tool_calls": True}),
        ({"output_config": {"tomorrow": 1}}, {"foreign": {"output_config.tomorrow": 1}}),
        ({"output_config": {"format": {"type": "xml"}}}, {"output_format": None}),
    ],
)
def test_single_fields(given: dict[str, Any], expected: dict[str, Any]) -> None:
    request = parse_request(body(**given))
    assert {name: getattr(request, name) for name in expected} == expected


def test_the_format_may_stand_where_the_beta_had_it() -> None:
    format = {"type": "json_schema", "schema": {"type": "object"}}
    nested, flat = body(output_config={"format": format}), body(output_format=format)
    assert parse_request(flat) == parse_request(nested)


def test_results_come_before_what_the_user_says_beside_them() -> None:
    blocks = [
        {"type": "text", "text": "see"},
        {"type": "tool_result", "tool_use_id": "b"},
        {"type": "tool_result", "tool_use_id": "a", "content": "1"},
    ]
    request = parse_request(body(messages=[{"role": "user", "content": blocks}]))
    assert [message.role for message in request.messages] == ["tool", "tool", "user"]
    assert request.messages[-1] == Message(role="user", parts=(Text(text="see"),))


def test_a_billing_line_is_left_out_only_where_it_stands_first() -> None:
    line = {"type": "text", "text": "x-anthropic-billing-header: v=1"}
    request = parse_request(body(system=[line, {"type": "text", "text": "Be brief."}, line]))
    assert [part.text for part in request.messages[0].parts if isinstance(part, Text)] == ["Be brief.", line["text"]]
    assert request.hints == {"system[0]"}
    assert parse_request(body(system=[line])).messages[0].role == "user"


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"model": None}, "model"),
        ({"model": 1}, "model"),
        ({"messages": None}, "messages"),
        ({"messages": []}, "messages"),
        ({"messages": {}}, "messages"),
        ({"messages": {"role": "user"}}, "messages"),
        ({"messages": ["hi"]}, "messages[0]"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": ["x"]}]}, "messages[0].content[0]"),
        ({"messages": [{"role": "user", "content": [{}]}]}, "messages[0].content[0].type"),
        ({"messages": [{"role": "system", "content": [{"type": "image", "source": {"type": "url", "url": "u"}}]}]},
         "messages[0].content"),
        ({"system": 1}, "system"),
        ({"max_tokens": -1}, "max_tokens"),
        ({"max_tokens": True}, "max_tokens"),
        ({"max_tokens": "9"}, "max_tokens"),
        ({"temperature": 1.1}, "temperature"),
        ({"temperature": "1"}, "temperature"),
        ({"top_k": 1.5}, "top_k"),
        ({"stop_sequences": "END"}, "stop_sequences"),
        ({"stop_sequences": [1]}, "stop_sequences[0]"),
        ({"stream": "yes"}, "stream"),
        ({"tools": {}}, "tools"),
        ({"tools": [{"name": "f"}]}, "tools[0].input_schema"),
        ({"tools": [{"input_schema": {}}]}, "tools[0].name"),
        ({"tool_choice": "auto"}, "tool_choice"),
        ({"tool_choice": {"type": "some"}}, "tool_choice.type"),
        ({"tool_choice": {"type": "tool"}}, "tool_choice.name"),
        ({"metadata": "u"}, "metadata"),
        ({"thinking": "on"}, "thinking"),
        ({"thinking": {"type": "enabled"}}, "thinking.budget_tokens"),
        ({"output_config": {"format": {"type": "json_schema"}}}, "output_config.format.schema"),
    ],
)  # fmt: skip
def test_a_wrong_shape_is_named(given: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse_request(body(**given))
    assert caught.value.param == param
    assert param in caught.value.message


# Any JSON -----------------------------------------------------------------------------------------

WORDS = sorted(
    {word for text in (json.dumps(FULL), json.dumps(CLAUDE_CODE)) for word in text.split('"') if word.isidentifier()}
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.sampled_from(WORDS)
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS), inner))


def is_refused_or_carried(value: dict[str, Any]) -> bool:
    """Whether a request is read and written again, or refused with a reason, and nothing else."""
    try:
        return bool(emit_request(parse_request(value), "claude-sonnet-4-5").body)
    except InvalidRequest as error:
        return bool(error.param)


@given(st.dictionaries(st.sampled_from(WORDS), JSON))
def test_any_json_is_carried_or_refused(value: dict[str, Any]) -> None:
    assert is_refused_or_carried(body() | value)


@given(st.lists(st.dictionaries(st.sampled_from(WORDS), JSON)), st.sampled_from(["user", "assistant", "system"]))
def test_any_blocks_are_carried_or_refused(blocks: list[dict[str, Any]], role: str) -> None:
    assert is_refused_or_carried(body(messages=[{"role": role, "content": blocks}]))


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for name, item in inner for place in places(item, (*path, name)))]


@pytest.mark.parametrize("wrong", [None, True, -1, 0.5, "x", [], ["x"], [[]], {}, {"type": "x"}], ids=str)
def test_the_full_request_with_any_one_value_replaced_is_carried_or_refused(wrong: Any) -> None:
    for place in places(FULL)[1:]:
        value = json.loads(json.dumps(FULL))
        target = value
        for name in place[:-1]:
            target = target[name]
        target[place[-1]] = wrong
        assert is_refused_or_carried(value), place
