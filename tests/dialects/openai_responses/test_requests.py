"""Requests: the full case as a golden file, and the shapes that one file cannot hold at once."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import GOLDENS, Golden

from entrepot.conversation import OutputFormat, Reasoning
from entrepot.dialects import fields
from entrepot.dialects.openai_responses import emit_relayed, parse_request
from entrepot.dialects.openai_responses.reasoning import encrypted_content
from entrepot.errors import InvalidRequest

FULL = (GOLDENS / "openai_responses" / "request.json").read_bytes()


def body(**more: Any) -> dict[str, Any]:
    return {"model": "m", "input": "hi", **more}


def test_the_full_request_in_the_neutral_form(golden: Golden) -> None:
    found = msgspec.to_builtins(parse_request(json.loads(FULL)), order="sorted")
    golden("openai_responses/request.neutral.json", json.dumps(found, indent=2, ensure_ascii=False) + "\n")


def test_the_least_request_asks_for_nothing() -> None:
    request = parse_request(body())
    assert request.output_format == OutputFormat(kind="text")
    assert (request.tool_choice, request.max_output_tokens, request.stream, request.foreign) == (None, None, False, {})


@pytest.mark.parametrize("name", [name for name in json.loads(FULL) if name not in ("model", "input")])
def test_null_is_as_good_as_absent(name: str) -> None:
    assert parse_request(body(**{name: None})) == parse_request(body())


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"instructions": ""}, {"foreign": {}}),
        ({"text": {}}, {"output_format": OutputFormat(kind="text"), "verbosity": None}),
        ({"text": {"format": {"type": "json_object"}}}, {"output_format": OutputFormat(kind="json_object")}),
        ({"top_logprobs": 2}, {"logprobs": True, "top_logprobs": 2}),
        ({"include": ["message.output_text.logprobs"]}, {"logprobs": True, "top_logprobs": 0, "foreign": {}}),
        ({"reasoning": {"generate_summary": "auto"}}, {"reasoning_summary": "auto", "foreign": {}}),
        (
            {"reasoning": {"context": "all_turns"}},
            {"foreign": {"reasoning.context": "all_turns"}, "hints": frozenset({"reasoning.context"})},
        ),
        ({"reasoning": {"mode": "pro"}}, {"foreign": {"reasoning.mode": "pro"}, "hints": frozenset()}),
        ({"user": "u"}, {"user": "u", "foreign": {}}),
        ({"stream": True}, {"stream": True, "include_usage": True}),
        ({"stream": True, "stream_options": {"include_obfuscation": False}}, {"foreign": {}}),
        ({"truncation": "disabled", "store": False, "previous_response_id": "r", "background": False}, {"foreign": {}}),
        ({"truncation": "auto"}, {"foreign": {"truncation": "auto"}, "hints": frozenset()}),
        ({"prompt": {"id": "p"}}, {"foreign": {"prompt": {"id": "p"}}, "hints": frozenset()}),
        ({"client_metadata": {"a": "b"}}, {"hints": frozenset({"client_metadata"})}),
    ],
)
def test_single_fields(given: dict[str, Any], expected: dict[str, Any]) -> None:
    request = parse_request(body(**given))
    assert {name: getattr(request, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"input": None}, "input"),
        ({"model": None}, "model"),
        ({"instructions": ["a"]}, "instructions"),
        ({"background": True}, "background"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"text": "json"}, "text"),
        ({"text": {"format": {"type": "xml"}}}, "text.format.type"),
        ({"text": {"format": {"type": "json_schema", "name": "a"}}}, "text.format.schema"),
        ({"reasoning": {"effort": "huge"}}, "reasoning.effort"),
        ({"reasoning": "high"}, "reasoning"),
        ({"include": "x"}, "include"),
        ({"max_output_tokens": "5"}, "max_output_tokens"),
        ({"temperature": True}, "temperature"),
        ({"metadata": {"a": 1}}, "metadata.a"),
        ({"stream": "yes"}, "stream"),
    ],
)
def test_wrong_shapes_are_named(given: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse_request(body(**given))
    assert caught.value.param == param


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.sampled_from(["auto", "x", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "name", "text", "a"]), inner),
    max_leaves=8,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, each in inner for place in _places(each, (*path, key)))]


PLACES = [place for place in _places(json.loads(FULL)) if place]


@settings(max_examples=1500)
@given(place=st.sampled_from(PLACES), value=_json)
def test_any_json_in_any_place_is_read_or_refused(place: tuple[Any, ...], value: Any) -> None:
    found: Any = json.loads(FULL)
    target = found
    for key in place[:-1]:
        target = target[key]
    target[place[-1]] = value
    with contextlib.suppress(InvalidRequest):
        parse_request(found)


# Relayed ------------------------------------------------------------------------------------------


def relayed(source: bytes, upstream_model: str = "up") -> bytes:
    raw_fields, values = fields.decode(source)
    return emit_relayed(raw_fields, values, upstream_model)


def test_the_full_request_is_relayed_with_every_other_field_byte_for_byte() -> None:
    before, _ = fields.decode(FULL)
    after, values = fields.decode(relayed(FULL, "their/name"))
    assert (values["model"], values["store"]) == ("their/name", False)
    assert list(after) == [name for name in before if name != "previous_response_id"]
    assert {name for name in after if bytes(before[name]) != bytes(after[name])} == {"model", "store"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (b'{"input":"a","model":"m"}', b'{"input":"a","model":"up","store":false}'),
        (b'{"key":"ep-live-x","model_id":"m","input":[1.0]}', b'{"input":[1.0],"model":"up","store":false}'),
    ],
)
def test_relayed_bodies(given: bytes, expected: bytes) -> None:
    assert relayed(given) == expected


def test_reasoning_that_the_hub_sealed_stays_with_it() -> None:
    sealed = encrypted_content(Reasoning(text="hm", signature="s"), asked=False)
    items = [{"role": "user", "content": "a"}, {"type": "reasoning", "summary": [], "encrypted_content": sealed}]
    assert json.loads(relayed(json.dumps(body(input=items)).encode()))["input"] == items[:1]


@pytest.mark.parametrize("name", ["background", "conversation"])
def test_what_would_live_in_the_upstreams_store_is_not_relayed(name: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        relayed(json.dumps(body(**{name: True})).encode())
    assert caught.value.param == name
