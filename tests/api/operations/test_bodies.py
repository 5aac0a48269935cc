"""Bodies without a record: real ones of every vendor fit, and what the hub refuses by itself does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from tests.support.running import question

from entrepot.api.operations.bodies import BODIES

GOLDENS = Path(__file__).parents[2] / "goldens"


def fits(name: str, body: Any) -> bool:
    schema = BODIES[name] | {"components": {"schemas": BODIES}}
    return jsonschema_rs.Draft202012Validator(schema).is_valid(body)


@pytest.mark.parametrize(
    ("name", "golden"),
    [
        ("ChatRequest", "openai_chat/request.json"),
        ("MessagesRequest", "anthropic_messages/request.json"),
        ("MessagesCountRequest", "anthropic_messages/request.json"),
        ("ResponsesRequest", "openai_responses/request.json"),
    ],
)
def test_real_bodies_fit(name: str, golden: str) -> None:
    assert fits(name, json.loads((GOLDENS / golden).read_text("utf-8")))


def test_what_claude_code_sends_fits() -> None:
    cases = json.loads((GOLDENS / "anthropic_messages" / "claude_code.json").read_text("utf-8"))
    counted = cases.pop("count_tokens")
    assert cases
    assert all(fits("MessagesRequest", body) for body in cases.values())
    assert fits("MessagesCountRequest", counted)
    assert not fits("MessagesRequest", counted)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("ChatRequest", {"messages": []}),
        ("ChatRequest", question() | {"messages": [{"content": "no role"}]}),
        ("MessagesRequest", question()),
        ("ResponsesRequest", {"input": "x"}),
        ("EmbeddingsRequest", {"model": "m"}),
    ],
)
def test_what_lacks_something_does_not(name: str, body: Any) -> None:
    assert not fits(name, body)


def test_a_key_and_a_model_may_be_in_the_body_where_they_may() -> None:
    body = question() | {"key": "ep-test-x", "model_id": "m"}
    del body["model"]
    assert fits("ChatRequestWithKey", body)
    assert not fits("ChatRequest", body)
