"""Requests: the full case as a golden file, and the shapes that one file cannot hold at once."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from tests.conftest import GOLDENS, Golden

from entrepot import catalog
from entrepot.conversation import OutputFormat, ToolChoice
from entrepot.dialects import fields
from entrepot.dialects.openai_chat import emit_relayed, parse_request
from entrepot.errors import InvalidRequest

FULL = (GOLDENS / "openai_chat" / "request.json").read_bytes()


def body(**more: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": "hi"}], **more}


def relayed(source: bytes | dict[str, Any], upstream_model: str = "up", **server: Any) -> bytes:
    text = source if isinstance(source, bytes) else json.dumps(source).encode()
    raw_fields, values = fields.decode(text)
    return emit_relayed(raw_fields, values, upstream_model, **server)


def test_the_full_request_in_the_neutral_form(golden: Golden) -> None:
    found = msgspec.to_builtins(parse_request(json.loads(FULL)))
    golden("openai_chat/request.neutral.json", json.dumps(found, indent=2, ensure_ascii=False) + "\n")


def test_the_full_request_passes_the_request_schema() -> None:
    catalogue = catalog.load()
    values = json.loads(FULL)
    del values["a_field_of_tomorrow"], values["top_k"], values["reasoning_effort"]
    catalog.check(catalogue, catalogue.models["gpt-4.1-mini"], values)


def test_the_least_request_asks_for_nothing() -> None:
    request = parse_request(body())
    assert (request.n, request.stream, request.include_usage, request.logprobs, request.stop) == (
        1,
        False,
        False,
        False,
        (),
    )
    assert request.output_format == OutputFormat(kind="text")
    assert request.tool_choice is None
    assert request.max_output_tokens is None


@pytest.mark.parametrize(
    "name",
    ["n", "stop", "tools", "tool_choice", "stream", "stream_options", "response_format", "logprobs", "temperature"],
)
def test_null_is_as_good_as_absent(name: str) -> None:
    assert parse_request(body(**{name: None})) == parse_request(body())


@pytest.mark.parametrize(
    ("given", "choice"),
    [
        ({"tool_choice": "auto"}, ToolChoice(mode="auto")),
        ({"tool_choice": "none"}, ToolChoice(mode="none")),
        ({"tool_choice": "required"}, ToolChoice(mode="required")),
        ({"tool_choice": {"type": "function", "function": {"name": "f"}}}, ToolChoice(mode="tool", name="f")),
        ({"tool_choice": {"type": "custom", "custom": {"name": "c"}}}, ToolChoice(mode="tool", name="c")),
        (
            {"tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": []}}},
            ToolChoice(mode="required"),
        ),
        ({"function_call": "none"}, ToolChoice(mode="none")),
        ({"function_call": {"name": "f"}}, ToolChoice(mode="tool", name="f")),
    ],
)
def test_every_form_of_tool_choice(given: dict[str, Any], choice: ToolChoice) -> None:
    assert parse_request(body(**given)).tool_choice == choice


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"stop": "END"}, {"stop": ("END",)}),
        ({"max_tokens": 5}, {"max_output_tokens": 5}),
        ({"max_completion_tokens": 6, "max_tokens": 5}, {"max_output_tokens": 6}),
        ({"response_format": {"type": "json_object"}}, {"output_format": OutputFormat(kind="json_object")}),
        ({"stream": True}, {"stream": True, "include_usage": False}),
        ({"stream_options": {"include_usage": False}}, {"include_usage": False}),
        ({"temperature": 0}, {"temperature": 0}),
        ({"seed": 0}, {"seed": 0}),
    ],
)
def test_single_fields(given: dict[str, Any], expected: dict[str, Any]) -> None:
    request = parse_request(body(**given))
    assert {name: getattr(request, name) for name in expected} == expected


def test_top_logprobs_without_logprobs_contradict_each_other() -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse_request(body(top_logprobs=2))
    assert caught.value.param == "top_logprobs"


# Relayed ------------------------------------------------------------------------------------------


def test_the_full_request_is_relayed_with_every_other_field_byte_for_byte() -> None:
    before, _ = fields.decode(FULL)
    after, values = fields.decode(relayed(FULL, "their/name"))
    assert values["model"] == "their/name"
    assert list(after) == list(before)
    changed = {name for name in before if bytes(before[name]) != bytes(after[name])}
    assert changed <= {"model", "stream_options"}
    assert values["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (b'{"messages":[],"model":"m"}', b'{"messages":[],"model":"up"}'),
        (b'{"model":"m","x":1.0,"y":1E5,"z":"\\u00e9"}', b'{"model":"up","x":1.0,"y":1E5,"z":"\\u00e9"}'),
        (b'{"model":"m","stream":false}', b'{"model":"up","stream":false}'),
        (b'{"model":"m","stream":false,"stream_options":null}', b'{"model":"up","stream":false,"stream_options":null}'),
        (b'{"model":"m","stream":true}', b'{"model":"up","stream":true,"stream_options":{"include_usage":true}}'),
        (
            b'{"model":"m","stream":true,"stream_options":{"include_usage":false,"include_obfuscation":false}}',
            b'{"model":"up","stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false}}',
        ),
        # the hub's own fields, its key above all, do not leave the hub
        (b'{"key":"ep-live-x","model_id":"m","messages":[]}', b'{"messages":[],"model":"up"}'),
    ],
)
def test_relayed_bodies(given: bytes, expected: bytes) -> None:
    assert relayed(given) == expected


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"max_completion_tokens": 6}, {"max_tokens": 6}),
        ({"max_completion_tokens": 6, "max_tokens": 5}, {"max_tokens": 6}),
        ({"max_tokens": 5}, {"max_tokens": 5}),
        ({"max_completion_tokens": None, "max_tokens": 5}, {"max_completion_tokens": None, "max_tokens": 5}),
    ],
    ids=str,
)
def test_a_server_of_the_older_name_gets_the_bound_by_it(given: dict[str, Any], sent: dict[str, Any]) -> None:
    assert json.loads(relayed(body(**given), output_limit="max_tokens")) == body(**sent) | {"model": "up"}


def test_other_servers_get_the_bound_as_it_came() -> None:
    for given in ({"max_completion_tokens": 6}, {"max_tokens": 5}):
        assert json.loads(relayed(body(**given))) == body(**given) | {"model": "up"}
