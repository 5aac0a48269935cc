"""What `parse_request` makes of every field OpenAI documents, of those it does not, and of no request at all."""

from __future__ import annotations

import copy
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import GOLDENS, Golden

from entrepot.conversation import OutputFormat, Request, ServerTool
from entrepot.dialects.openai_chat import parse_request
from entrepot.errors import InvalidRequest

EVERY_FIELD: dict[str, Any] = json.loads((GOLDENS / "openai_chat" / "request.every_field.json").read_bytes())
FULL: dict[str, Any] = json.loads((GOLDENS / "openai_chat" / "request.json").read_bytes())


def body(**more: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": "hi"}], **more}


def refused(value: Any) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        parse_request(value)
    return caught.value


def test_every_field_in_the_neutral_form(golden: Golden) -> None:
    found = msgspec.to_builtins(parse_request(EVERY_FIELD), order="sorted")
    golden("openai_chat/request.every_field.neutral.json", json.dumps(found, indent=2, ensure_ascii=False) + "\n")


@pytest.mark.parametrize("name", sorted(EVERY_FIELD.keys() - {"model", "messages", "function_call"}))
def test_null_is_as_good_as_absent(name: str) -> None:
    assert parse_request(body(**{name: None})) == parse_request(body())


@pytest.mark.parametrize("given", [{"store": False}, {"modalities": ["text"]}, {"key": "ep-live-x"}, {"model_id": "m"}])
def test_what_asks_for_nothing_is_not_noted(given: dict[str, Any]) -> None:
    assert parse_request(body(**given)) == parse_request(body())


@pytest.mark.parametrize(
    "name",
    ["prediction", "store", "prompt_cache_options", "prompt_cache_retention", "stream_options.include_obfuscation"],
)
def test_hints_are_named(name: str) -> None:
    field, _, inner = name.partition(".")
    request = parse_request(body(**{field: {inner: True} if inner else True}))
    assert (set(request.foreign), request.hints) == ({name}, frozenset({name}))


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"a_field_of_tomorrow": 1}, "a_field_of_tomorrow"),
        ({"modalities": ["text", "audio"]}, "modalities"),
        ({"audio": {"voice": "alloy"}}, "audio"),
        ({"moderation": {"model": "x"}}, "moderation"),
        ({"repetition_penalty": 1.1}, "repetition_penalty"),
        ({"reasoning_effort": "default"}, "reasoning_effort"),
        ({"response_format": {"type": "grammar", "grammar": "x"}}, "response_format"),
        ({"messages": [{"role": "assistant", "audio": {"id": "a"}}]}, "messages[0].audio"),
        ({"messages": [{"role": "user", "content": [{"type": "video_url"}]}]}, "messages[0].content[0]"),
    ],
)
def test_what_has_no_neutral_place_is_foreign_and_no_hint(given: dict[str, Any], name: str) -> None:
    request = parse_request(body() | given)
    assert (set(request.foreign), request.hints) == ({name}, frozenset())


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"user": "u"}, {"user": "u"}),
        ({"safety_identifier": "s"}, {"user": "s"}),
        ({"safety_identifier": "s", "user": "s"}, {"user": "s", "foreign": {}}),
        ({"max_tokens": 5.0}, {"max_output_tokens": 5}),
        ({"logit_bias": {}}, {"logit_bias": None}),
        ({"metadata": {}}, {"metadata": None}),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {}}}},
            {"output_format": OutputFormat(kind="json_schema", name="n")},
        ),
        (
            {"web_search_options": {}},
            {"server_tools": (ServerTool(type="web_search_options", name="web_search"),)},
        ),
    ],
)
def test_single_fields(given: dict[str, Any], expected: dict[str, Any]) -> None:
    request = parse_request(body(**given))
    assert {name: getattr(request, name) for name in expected} == expected


# Wrong shapes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"model": None}, "model"),
        ({"model": 7}, "model"),
        ({"messages": None}, "messages"),
        ({"messages": "hi"}, "messages"),
        ({"messages": [None]}, "messages[0]"),
        ({"messages": ["hi"]}, "messages[0]"),
        ({"messages": [{}]}, "messages[0].role"),
        ({"messages": [{"role": "pilot", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": 7}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": [7]}]}, "messages[0].content[0]"),
        ({"messages": [{"role": "user", "content": [{}]}]}, "messages[0].content[0].type"),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "messages[0].content[0].text"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": "https://x"}]}]},
            "messages[0].content[0].image_url",
        ),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].tool_call_id"),
        ({"messages": [{"role": "function", "content": "x"}]}, "messages[0].name"),
        (
            {"messages": [{"role": "assistant", "tool_calls": [{"id": "c", "type": "function"}]}]},
            "messages[0].tool_calls[0].function.name",
        ),
        ({"tools": {}}, "tools"),
        ({"tools": [{"function": {"name": "f"}}]}, "tools[0].type"),
        ({"tools": [{"type": "function", "function": {}}]}, "tools[0].function.name"),
        (
            {"tools": [{"type": "function", "function": {"name": "f", "parameters": []}}]},
            "tools[0].function.parameters",
        ),
        ({"tool_choice": "any"}, "tool_choice"),
        ({"tool_choice": {"type": "function"}}, "tool_choice.function.name"),
        ({"tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "x"}}}, "tool_choice.allowed_tools.mode"),
        ({"function_call": {}}, "function_call.name"),
        ({"functions": [{}]}, "functions[0].name"),
        ({"response_format": "json"}, "response_format"),
        ({"response_format": {}}, "response_format.type"),
        ({"stop": 7}, "stop"),
        ({"stop": ["a", 7]}, "stop[1]"),
        ({"stream": "yes"}, "stream"),
        ({"stream_options": True}, "stream_options"),
        ({"max_tokens": "5"}, "max_tokens"),
        ({"max_tokens": 5.5}, "max_tokens"),
        ({"n": [2]}, "n"),
        ({"temperature": True}, "temperature"),
        ({"logit_bias": {"1": "x"}}, "logit_bias.1"),
        ({"metadata": {"a": 1}}, "metadata.a"),
        ({"top_logprobs": 1}, "top_logprobs"),
    ],
)
def test_a_wrong_shape_is_refused_by_name(given: dict[str, Any], param: str) -> None:
    assert refused(body() | given).param == param


@pytest.mark.parametrize("value", [{}, {"model": "m"}])
def test_what_is_required_is_missed(value: dict[str, Any]) -> None:
    assert refused(value).code == "missing_required_parameter"


# Whatever comes -----------------------------------------------------------------------------------

KEYS = ("role", "content", "type", "text", "function", "custom", "name", "id", "tool_calls", "image_url", "url", "mode")
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 1 << 65) | st.floats(allow_nan=False) | st.text(max_size=4)
    | st.sampled_from(["user", "tool", "text", "function", "custom", "file", "json_schema", "allowed_tools", "auto"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(KEYS) | st.text(max_size=3),
        inner,
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip
FIELDS = sorted(EVERY_FIELD.keys() | FULL.keys())


def parsed_or_refused(value: dict[str, Any]) -> None:
    """Nothing but InvalidRequest may be raised, and what was parsed holds plain values only."""
    try:
        request = parse_request(value)
    except InvalidRequest:
        return
    assert isinstance(request, Request)
    assert request.hints <= set(request.foreign)
    msgspec.json.encode(request)


@given(st.dictionaries(st.sampled_from(FIELDS), json_values))
def test_any_object_is_parsed_or_refused(value: dict[str, Any]) -> None:
    parsed_or_refused(value)


@given(st.sampled_from([FULL, EVERY_FIELD]), st.data())
def test_any_change_to_a_request_is_parsed_or_refused(whole: dict[str, Any], data: st.DataObject) -> None:
    changed: Any = copy.deepcopy(whole)
    place: Any = changed
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    if data.draw(st.booleans()):
        place[key] = data.draw(json_values)
    else:
        del place[key]
    parsed_or_refused(changed)
