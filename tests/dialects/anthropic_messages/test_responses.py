"""Whole messages: the full case as a golden file, what is written for clients, and what is no message."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from tests.conftest import GOLDENS, Golden
from tests.dialects.anthropic_messages.sdk import receive

from entrepot.conversation import (
    Audio,
    Choice,
    Part,
    Reasoning,
    Refusal,
    Response,
    Text,
    ToolCall,
    Usage,
)
from entrepot.dialects.anthropic_messages import emit_response, parse_response, tap_response
from entrepot.dialects.openai_chat.responses import Tapped
from entrepot.errors import UpstreamBroken, UpstreamError, UpstreamOverloaded

FULL = (GOLDENS / "anthropic_messages" / "response.json").read_bytes()
USAGE = Usage(
    input_tokens=125, output_tokens=42, cached_tokens=100, cache_write_tokens=5, reasoning_tokens=7, tier="standard"
)


def message(*content: Any, **more: Any) -> bytes:
    usage = {"input_tokens": 3, "output_tokens": 2}
    value = {"type": "message", "id": "msg_1", "model": "m", "content": list(content), "usage": usage}
    return json.dumps(value | {"stop_reason": "end_turn"} | more).encode()


def response(*parts: Part, **more: Any) -> Response:
    choice = Choice(index=0, parts=parts, **{"finish": "stop"} | more)
    return Response(id="chatcmpl-7", model="m", created_s=1, choices=(choice,), usage=USAGE)


def emitted(*parts: Part, **more: Any) -> dict[str, Any]:
    body = emit_response(response(*parts, **more))
    receive(body)
    value: dict[str, Any] = json.loads(body)
    return value


def test_the_full_response_in_the_neutral_form_and_for_a_client(golden: Golden) -> None:
    read = parse_response(FULL)
    found = {"neutral": msgspec.to_builtins(read), "emitted": json.loads(emit_response(read, None))}
    golden("anthropic_messages/response.both.json", json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    assert parse_response(emit_response(read)) == read
    assert receive(emit_response(read)).usage.cache_read_input_tokens == 100


def test_the_full_response_tapped() -> None:
    assert tap_response(FULL) == Tapped(
        id=json.loads(FULL)["id"], answered="claude-sonnet-4-5-20250929", finish="tool_calls", usage=USAGE, text=""
    )


def test_text_is_kept_where_usage_is_missing() -> None:
    tapped = tap_response(
        message(
            {"type": "thinking", "thinking": "a"},
            {"type": "text", "text": "b"},
            {"type": "tool_use", "id": "1", "name": "f", "input": {"x": 1}},
            {"type": "of_tomorrow"},
            usage=None,
        )
    )
    assert (tapped.usage, tapped.text) == (None, 'abf{"x":1}')


def test_usage_that_is_missing_is_marked() -> None:
    assert parse_response(message(usage={})).usage == Usage(estimated=True)


@pytest.mark.parametrize(
    ("more", "choice"),
    [
        ({}, {"finish": "stop"}),
        ({"stop_reason": None}, {"finish": "stop"}),
        ({"stop_reason": "stop_sequence", "stop_sequence": "END"}, {"finish": "stop", "stop_sequence": "END"}),
        ({"stop_reason": "max_tokens"}, {"finish": "length"}),
        ({"stop_reason": "refusal", "stop_details": None}, {"finish": "content_filter", "parts": ()}),
        (
            {"stop_reason": "refusal", "stop_details": {"type": "refusal", "explanation": "No."}},
            {"finish": "content_filter", "parts": (Refusal(text="No."),)},
        ),
    ],
)
def test_ends(more: dict[str, Any], choice: dict[str, Any]) -> None:
    found = parse_response(message(**more)).choices[0]
    assert {name: getattr(found, name) for name in choice} == choice


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b"{}",
        b'{"type":"message"}',
        b'{"type":"completion","content":[]}',
        message(1),
        message({"type": "text"}),
        message({"type": "tool_use", "id": "1"}),
        b"[" * 5000,
    ],
)
def test_what_is_no_message_is_broken(body: bytes) -> None:
    with pytest.raises(UpstreamBroken):
        parse_response(body)


@pytest.mark.parametrize(
    ("error", "kind"),
    [({"type": "api_error", "message": "m"}, UpstreamBroken), ({"type": "overloaded_error"}, UpstreamOverloaded)],
)
def test_an_error_in_place_of_a_message(error: dict[str, Any], kind: type[UpstreamError]) -> None:
    body = json.dumps({"type": "error", "error": error}).encode()
    for read in (parse_response, tap_response):
        with pytest.raises(kind, match="broke off with an error"):
            read(body)


@pytest.mark.parametrize("value", [None, True, -1, "x", [], {}], ids=str)
def test_the_full_response_with_any_one_value_replaced_is_read_or_broken(value: Any) -> None:
    for name in json.loads(FULL):
        body = json.dumps(json.loads(FULL) | {name: value}).encode()
        for read in (parse_response, tap_response):
            try:
                read(body)
            except UpstreamError:
                continue


# For clients --------------------------------------------------------------------------------------


def test_every_kind_of_part_for_a_client() -> None:
    found = emitted(
        Reasoning(text="hm"),
        Reasoning(text="", encrypted="gAAAA", id="rs_1"),
        Reasoning(redacted="r"),
        Text(text="a"),
        ToolCall(id="call_1", name="f", arguments='{"x":1}'),
        ToolCall(id="call_2", name="f", arguments='{"x":'),
        finish="tool_calls",
    )
    assert found["id"] == "msg_7"
    assert found["stop_reason"] == "tool_use"
    assert found["content"] == [
        {"type": "thinking", "thinking": "hm", "signature": "entrepot::"},
        {"type": "thinking", "thinking": "", "signature": "entrepot:rs_1:gAAAA"},
        {"type": "redacted_thinking", "data": "r"},
        {"type": "text", "text": "a"},
        {"type": "tool_use", "id": "call_1", "name": "f", "input": {"x": 1}},
        {"type": "tool_use", "id": "call_2", "name": "f", "input": {"invalid_json": '{"x":'}},
    ]


def test_an_empty_answer_and_a_refusal_for_a_client() -> None:
    assert emitted()["content"] == []
    refused = emitted(Refusal(text="No."))
    assert (refused["stop_reason"], refused["content"][0]["text"]) == ("refusal", "No.")
    assert receive(emit_response(msgspec.structs.replace(response(), choices=()))).content == []


def test_an_answer_that_ended_in_an_error_or_in_sound_is_none() -> None:
    with pytest.raises(UpstreamBroken):
        emit_response(response(finish="error"))
    with pytest.raises(UpstreamBroken):
        emit_response(response(Audio(data="x", format="wav")))


@pytest.mark.parametrize(
    ("id", "shown"),
    [("msg_1", "msg_1"), ("chatcmpl-1", "msg_1"), ("resp_1", "msg_1"), ("gen-1-2", "msg_1-2"), ("", "msg_")],
)
def test_ids_look_like_anthropics(id: str, shown: str) -> None:
    assert json.loads(emit_response(msgspec.structs.replace(response(), id=id)))["id"] == shown
