"""Tiers by the words of providers, and where each dialect tells them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.upstream import chunks, dump, sse

from entrepot.conversation import Ended, Tier
from entrepot.dialects import anthropic_messages, openai_chat, openai_responses
from entrepot.dialects.tiers import openai_name, read_tier

CHAT_USAGE = {"prompt_tokens": 2, "completion_tokens": 1}
USAGE = {"input_tokens": 2, "output_tokens": 1}


@pytest.mark.parametrize(
    ("name", "tier"),
    [
        ("default", "standard"),
        ("standard", "standard"),
        ("on_demand", "standard"),
        ("scale", "standard"),
        ("priority", "priority"),
        ("fast", "priority"),
        ("flex", "batch"),
        ("batch", "batch"),
        ("auto", None),
        ("gold", None),
        (None, None),
        (["priority"], None),
    ],
)
def test_what_providers_call_a_tier(name: Any, tier: Tier | None) -> None:
    assert read_tier(name) == tier


def test_clients_are_told_by_openais_names() -> None:
    assert [openai_name(tier) for tier in (None, "standard", "priority", "batch")] == [
        "default", "default", "priority", "flex",
    ]  # fmt: skip


def completion(tier: str) -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}
    return dump({"id": "c", "model": "m", "choices": [choice], "usage": CHAT_USAGE, "service_tier": tier})


def response(tier: str, **fields: Any) -> dict[str, Any]:
    said = {"id": "resp_1", "model": "m", "output": [], "status": "completed"}
    return said | {"usage": USAGE, "service_tier": tier} | fields


def message(tier: str) -> dict[str, Any]:
    said = {"type": "message", "id": "msg_1", "model": "m", "content": [], "stop_reason": "end_turn"}
    return said | {"usage": USAGE | {"service_tier": tier}}


@pytest.mark.parametrize(
    ("dialect", "body"),
    [
        (openai_chat, completion("priority")),
        (openai_responses, dump(response("priority"))),
        (anthropic_messages, dump(message("priority"))),
    ],
)
def test_a_plain_answer_tells_its_tier(dialect: Any, body: bytes) -> None:
    assert dialect.tap_response(body).usage.tier == "priority"
    assert dialect.parse_response(body).usage.tier == "priority"


def chat_stream(tiers: list[str | None]) -> bytes:
    told = [chunk | {"service_tier": tier} for chunk, tier in zip(chunks("Hi", usage=CHAT_USAGE), tiers, strict=True)]
    return b"".join(map(sse, told)) + sse("[DONE]")


RESPONSES_STREAM = sse({"type": "response.created", "response": response("auto", usage=None)}) + sse(
    {"type": "response.completed", "response": response("priority")}
)
MESSAGES_STREAM = b"".join(
    sse(event)
    for event in (
        {"type": "message_start", "message": message("priority")},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 1}},
        {"type": "message_stop"},
    )
)


@pytest.mark.parametrize(
    ("dialect", "data", "options"),
    [
        (openai_chat, chat_stream(["priority"] * 4), {"include_usage": True}),
        (openai_chat, chat_stream(["priority", None, None, None]), {"include_usage": False}),
        (openai_responses, RESPONSES_STREAM, {}),
        (anthropic_messages, MESSAGES_STREAM, {}),
    ],
)
def test_a_stream_tells_its_tier(dialect: Any, data: bytes, options: dict[str, Any]) -> None:
    tap = dialect.StreamTap(limit_bytes=10_000, **options)
    tap.feed(data)
    assert tap.done
    assert tap.usage.tier == "priority"
    ended = dialect.StreamReader(limit_bytes=10_000).feed(data)[-1]
    assert isinstance(ended, Ended)
    assert ended.usage.tier == "priority"
