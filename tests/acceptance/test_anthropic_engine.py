"""Anthropic's own Python SDK, in its strict mode, with llama.cpp behind a live key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import anthropic
import jsonschema_rs
import pytest
from tests.acceptance.test_anthropic_python import CITY, WEATHER, answer_of, both_ways, connected, said, text_of
from tests.support.hub import Hub

TINY = "local/tiny"


@pytest.fixture
def engine(local_hub: Hub) -> Iterator[anthropic.Anthropic]:
    with connected(local_hub, local_hub.tokens.live) as made:
        yield made


def asked(**fields: Any) -> dict[str, Any]:
    return said("What is in the harbour?", model=TINY, extra_body={"temperature": 0}, **fields)


def test_answer(local_hub: Hub, engine: anthropic.Anthropic) -> None:
    whole = answer_of(engine, asked(), streamed=False)
    streamed = answer_of(engine, asked(), streamed=True)
    assert len(text_of(whole).split()) > 3
    assert (text_of(streamed), streamed.stop_reason) == (text_of(whole), "end_turn")
    assert streamed.usage.output_tokens == whole.usage.output_tokens
    row = local_hub.exchange(whole._request_id)
    assert (row["output_tokens"], row["estimated"]) == (whole.usage.output_tokens, 0)


@both_ways
def test_it_is_forced_to_call_a_tool(engine: anthropic.Anthropic, streamed: bool) -> None:
    request = asked(tools=[WEATHER], tool_choice={"type": "any"})
    message = answer_of(engine, request, streamed=streamed)
    (call,) = (block for block in message.content if block.type == "tool_use")
    assert (message.stop_reason, call.name) == ("tool_use", "get_weather")
    jsonschema_rs.validate(CITY, call.input)
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "18 degrees"}
    request["messages"] += [{"role": "assistant", "content": message.content}, {"role": "user", "content": [result]}]
    request["tool_choice"] = {"type": "none"}
    assert text_of(answer_of(engine, request, streamed=streamed))


def test_it_keeps_to_a_schema(engine: anthropic.Anthropic) -> None:
    output = {"format": {"type": "json_schema", "schema": CITY | {"additionalProperties": False}}}
    message = engine.messages.create(**asked(output_config=output))
    jsonschema_rs.validate(CITY, json.loads(text_of(message)))


@both_ways
def test_it_stops_at_the_limit(engine: anthropic.Anthropic, streamed: bool) -> None:
    message = answer_of(engine, asked() | {"max_tokens": 2}, streamed=streamed)
    assert (message.stop_reason, message.usage.output_tokens) == ("max_tokens", 2)
