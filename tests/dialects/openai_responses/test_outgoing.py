"""Requests written for an upstream: the full case as a golden file, and what is dropped, refused or changed."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from tests.conftest import GOLDENS, Golden
from tests.support import openai_document

from entrepot.conversation import Audio, Message, OutputFormat, Request, ServerTool, Text, Tool, ToolChoice
from entrepot.dialects.carrying import NotCarried
from entrepot.dialects.openai_responses import CANNOT_CARRY, FIELD_NAMES, emit_request, parse_request

FULL = json.loads((GOLDENS / "openai_responses" / "request.json").read_bytes())
USER = Message(role="user", parts=(Text(text="hi"),))


def full() -> Request:
    """The full request as the neutral form of it can be carried: without audio and foreign fields that are no hints."""
    request = parse_request(FULL)
    foreign = {name: value for name, value in request.foreign.items() if name in request.hints}
    messages = [
        msgspec.structs.replace(message, parts=tuple(part for part in message.parts if not isinstance(part, Audio)))
        for message in request.messages
    ]
    return msgspec.structs.replace(request, messages=tuple(messages), foreign=foreign)


def emitted(**fields: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(emit_request(Request(model="m", messages=(USER,), **fields), "up").body)
    return body


def refused(**fields: Any) -> str:
    with pytest.raises(NotCarried) as caught:
        emitted(**fields)
    return caught.value.field


def test_the_full_request(golden: Golden) -> None:
    found = emit_request(full(), "their/name")
    text = json.dumps({"dropped": found.dropped, "body": json.loads(found.body)}, indent=2, ensure_ascii=False)
    golden("openai_responses/emitted.json", text + "\n")


@pytest.mark.skipif(openai_document.find() is None, reason="OpenAI's document is not at hand")
def test_the_full_request_is_what_openai_documents() -> None:
    path = openai_document.find()
    assert path is not None
    document = openai_document.Document(path)
    body = json.loads(emit_request(full(), "gpt-4.1-mini").body)
    # The document takes a message for two kinds of input at once, of which it allows one: so each is judged alone.
    assert [document.complaints("Item", item) for item in body["input"]] == [[] for _ in body["input"]]
    assert document.complaints("CreateResponse", body | {"input": "hi"}) == []


def test_the_least_request_keeps_nothing_upstream() -> None:
    said = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]}
    assert emitted() == {"model": "up", "input": [said], "store": False}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"stream": True}, {"stream": True}),
        ({"output_format": OutputFormat(kind="text")}, {}),
        ({"output_format": OutputFormat(kind="json_object")}, {"text": {"format": {"type": "json_object"}}}),
        (
            {"output_format": OutputFormat(kind="json_schema", schema={"type": "object"}), "verbosity": "low"},
            {
                "text": {
                    "format": {"type": "json_schema", "name": "answer", "schema": {"type": "object"}, "strict": False},
                    "verbosity": "low",
                }
            },
        ),
        (
            {"reasoning_effort": "high"},
            {"reasoning": {"effort": "high"}, "include": ["reasoning.encrypted_content"]},
        ),
        (
            {"reasoning_budget_tokens": 31_999},
            {"reasoning": {"effort": "high"}, "include": ["reasoning.encrypted_content"]},
        ),
        ({"reasoning_effort": "none"}, {"reasoning": {"effort": "none"}}),
        ({"logprobs": True, "top_logprobs": 2}, {"include": ["message.output_text.logprobs"], "top_logprobs": 2}),
        ({"service_tier": "standard_only"}, {"service_tier": "default"}),
        ({"user": "u" * 64}, {"safety_identifier": "u" * 64}),
        ({"frequency_penalty": 0.0, "presence_penalty": 0}, {}),
        ({"tool_choice": ToolChoice(mode="auto"), "parallel_tool_calls": True}, {"parallel_tool_calls": True}),
    ],
)
def test_single_fields(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    assert {
        name: value for name, value in emitted(**fields).items() if name not in ("model", "input", "store")
    } == expected


def test_a_long_user_is_hashed_as_openai_advises() -> None:
    assert len(emitted(user='{"device_id": "' + "d" * 64 + '"}')["safety_identifier"]) == 64


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"n": 2}, "n"),
        ({"stop": ("END",)}, "stop"),
        ({"frequency_penalty": 0.5}, "frequency_penalty"),
        ({"presence_penalty": -0.5}, "presence_penalty"),
        ({"logit_bias": {"1": 1.0}}, "logit_bias"),
        ({"top_k": 5}, "top_k"),
        ({"foreign": {"x": 1}}, "x"),
        ({"tool_choice": ToolChoice(mode="required")}, "tool_choice"),
        ({"server_tools": (ServerTool(type="bash_20250124", name="bash"),)}, "tools[type=bash_20250124]"),
        (
            {
                "server_tools": (ServerTool(type="web_search_20250305", name="web_search"),),
                "tool_choice": ToolChoice(mode="tool", name="web_search"),
            },
            "tools[type=web_search_20250305]",
        ),
    ],
)
def test_what_has_no_place_is_refused_by_name(fields: dict[str, Any], name: str) -> None:
    assert refused(**fields) == name


def test_hints_are_dropped_and_named() -> None:
    request = Request(
        model="m",
        messages=(USER,),
        seed=7,
        tools=(Tool(name="f", deferred=True, cache="5m"),),
        server_tools=(ServerTool(type="web_search_20250305", name="web_search"),),
        foreign={"prediction": {}},
        hints=frozenset({"prediction"}),
    )
    names = ("seed", "prediction", "tools[type=web_search_20250305]", "tools[].cache", "tools[].deferred")
    assert emit_request(request, "up").dropped == names


def test_every_neutral_field_has_a_name_here_or_a_verdict() -> None:
    neutral = {field.name for field in msgspec.structs.fields(Request)} - {"foreign", "hints", "include_usage"}
    assert neutral == FIELD_NAMES.keys() | CANNOT_CARRY.keys()
