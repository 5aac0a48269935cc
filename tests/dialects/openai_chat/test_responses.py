"""Plain answers: the full case as a golden file, and what the hub reads of answers passing through."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.conftest import Golden
from tests.support.upstream import MODEL, USAGE, completion

from entrepot.conversation import (
    Choice,
    Part,
    Reasoning,
    Refusal,
    Response,
    Text,
    TokenLogprob,
    ToolCall,
    TopLogprob,
    Usage,
)
from entrepot.dialects.openai_chat import emit_response, tap_response
from entrepot.errors import UpstreamBroken

FULL = Response(
    id="chatcmpl-1",
    model="gpt-4.1-mini-2025-04-14",
    created_s=1_790_000_000,
    fingerprint="fp_1",
    usage=Usage(input_tokens=30, output_tokens=20, cached_tokens=8, reasoning_tokens=5, tier="standard"),
    choices=(
        Choice(
            index=0,
            parts=(
                Reasoning(text="hm ", signature="s"),
                Text(text="High "),
                Reasoning(text="yes"),
                Text(text="water é"),
                ToolCall(id="call_1", name="tide", arguments='{"port": "Hamburg"}'),
                ToolCall(id="call_2", name="log", arguments="free text", custom=True),
            ),
            finish="tool_calls",
            logprobs=(
                TokenLogprob(token="High", logprob=-0.25, top=(TopLogprob(token="Low", logprob=-1.5),)),
                TokenLogprob(token="é", logprob=-2.0),
            ),
        ),
        Choice(index=1, parts=(Refusal(text="I will not."),), finish="content_filter"),
        Choice(index=2, parts=(), finish="length"),
    ),
)


def test_the_full_response(golden: Golden) -> None:
    found = json.dumps(json.loads(emit_response(FULL)), indent=2, ensure_ascii=False)
    golden("openai_chat/response.json", found + "\n")


@pytest.mark.parametrize(
    ("parts", "content"),
    [
        ((), ""),
        ((Text(text=""),), ""),
        ((Text(text="a"), Text(text="b")), "ab"),
        ((Refusal(text="no"),), None),
        ((ToolCall(id="c", name="f", arguments="{}"),), None),
        ((Text(text="a"), ToolCall(id="c", name="f", arguments="{}")), "a"),
    ],
)
def test_content_is_null_only_beside_something_else(parts: tuple[Part, ...], content: str | None) -> None:
    response = Response(
        id="r", model="m", created_s=1, usage=Usage(), choices=(Choice(index=0, parts=parts, finish="stop"),)
    )
    message = json.loads(emit_response(response))["choices"][0]["message"]
    assert message["content"] == content
    assert ("tool_calls" in message) == any(isinstance(part, ToolCall) for part in parts)


# Passing through ----------------------------------------------------------------------------------


def tap(body: Any) -> Any:
    return tap_response(body if isinstance(body, bytes) else json.dumps(body).encode())


def test_a_tap_reads_model_finish_and_usage() -> None:
    tapped = tap(completion("Hello"))
    assert (tapped.answered, tapped.finish) == (MODEL, "stop")
    assert tapped.usage == Usage(input_tokens=USAGE["prompt_tokens"], output_tokens=USAGE["completion_tokens"])


def test_what_the_hub_writes_its_tap_reads() -> None:
    tapped = tap(emit_response(FULL))
    assert (tapped.answered, tapped.finish, tapped.usage) == (FULL.model, "tool_calls", FULL.usage)


@pytest.mark.parametrize("usage", [None, "none", {}, {"prompt_tokens": -5, "completion_tokens": 1}])
def test_without_usage_to_believe_it_gathers_the_text_to_be_counted(usage: Any) -> None:
    call = {"id": "c", "type": "function", "function": {"name": "tide", "arguments": "{}"}}
    body = completion("Hello ", usage=usage)
    body["choices"][0]["message"] |= {"reasoning_content": "hm ", "refusal": "no ", "tool_calls": [call]}
    body["choices"].append({"index": 1, "message": {"role": "assistant", "content": "Ahoy"}, "finish_reason": "stop"})
    tapped = tap(body)
    assert tapped.usage is None
    for text in ("Hello ", "hm ", "no ", "tide", "{}", "Ahoy"):
        assert text in tapped.text


@pytest.mark.parametrize(
    "fields",
    [
        {"error": None},
        {"error": {"message": "a warning beside an answer"}},
        {"id": 7, "created": "now", "object": None, "service_tier": []},
        {"choices": [{"finish_reason": "stop", "message": {"content": ["parts"], "tool_calls": {}}}]},
        {"choices": [{"finish_reason": None}]},
        {"model": None},
    ],
)
def test_an_answer_of_odd_fields_is_still_one(fields: dict[str, Any]) -> None:
    tap(completion() | fields)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": {"message": "overheated"}}, "overheated"),
        ({"error": "overheated", "choices": []}, "overheated"),
        ({"object": "error", "message": "overheated", "code": 400}, "no choices"),
        ({}, "no choices"),
        (completion() | {"choices": []}, "no choices"),
        (completion() | {"choices": None}, "not a chat completion"),
        (completion() | {"choices": [7]}, "not a chat completion"),
        (completion() | {"choices": [{"message": "text"}]}, "not a chat completion"),
        (completion() | {"model": 7}, "not a chat completion"),
        ([completion()], "not a chat completion"),
        (b"", "not a chat completion"),
        (b"<html>It works!</html>", "not a chat completion"),
        (b'{"choices": [', "not a chat completion"),
        (b'{"choices": [{"finish_reason": "\xff"}]}', "not a chat completion"),
        (b'{"choices": [' + b"[" * 100_000, "not a chat completion"),
        (b"\x1f\x8b\x08\x00", "not a chat completion"),
    ],
)
def test_what_is_no_answer_is_refused(body: Any, message: str) -> None:
    with pytest.raises(UpstreamBroken, match=message):
        tap(body)
