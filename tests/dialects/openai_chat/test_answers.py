"""Plain answers of the many servers of this dialect, read into the neutral form."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.chat import ChatCompletion
from tests.dialects.openai_chat.test_responses import FULL
from tests.support.upstream import MODEL, USAGE, completion

from entrepot.conversation import (
    Choice,
    FinishReason,
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
from entrepot.dialects.openai_chat import emit_response, parse_response
from entrepot.dialects.openai_chat.calls import made_up_id
from entrepot.errors import UpstreamBroken


def parsed(body: Any) -> Response:
    return parse_response(body if isinstance(body, bytes) else json.dumps(body).encode())


def choice(message: dict[str, Any], finish: Any = "stop", **fields: Any) -> Choice:
    body = completion()
    body["choices"] = [{"index": 0, "message": message, "finish_reason": finish, **fields}]
    (found,) = parsed(body).choices
    return found


def test_a_plain_answer() -> None:
    assert parsed(completion("Hello")) == Response(
        id="chatcmpl-upstream",
        model=MODEL,
        created_s=1_790_000_000,
        choices=(Choice(index=0, parts=(Text(text="Hello"),), finish="stop"),),
        usage=Usage(input_tokens=USAGE["prompt_tokens"], output_tokens=USAGE["completion_tokens"]),
    )


def test_what_the_hub_writes_it_reads_but_for_the_order_of_parts_and_signatures() -> None:
    first, *others = FULL.choices
    parts: tuple[Part, ...] = (Reasoning(text="hm yes"), Text(text="High water é"), *first.parts[-2:])
    reread = Choice(index=0, parts=parts, finish=first.finish, logprobs=first.logprobs)
    assert parsed(emit_response(FULL, None)).choices == (reread, *others)
    assert parsed(emit_response(FULL)).usage == FULL.usage


def test_what_the_hub_writes_is_a_completion_by_openais_own_types() -> None:
    found = ChatCompletion.model_validate_json(emit_response(FULL), strict=True)
    assert found.choices[0].message.content == "High water é"


THINKING = {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}
TIDE, WIND = (ToolCall(id=id, name="tide", arguments="{}") for id in "ab")


def unnamed(arguments: str) -> ToolCall:
    """A call that came without an id."""
    made_up = made_up_id("chatcmpl-upstream", 0, 0, "tide", arguments)
    return ToolCall(id=made_up, name="tide", arguments=arguments)


CALL = {"id": "a", "type": "function", "function": {"name": "tide", "arguments": "{}"}}


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        ({"content": None}, ()),
        ({"content": ""}, ()),
        ({}, ()),
        ({"content": "Hi"}, (Text(text="Hi"),)),
        ({"content": None, "refusal": "No."}, (Refusal(text="No."),)),
        ({"content": "Hi", "reasoning_content": "hm"}, (Reasoning(text="hm"), Text(text="Hi"))),
        ({"content": "Hi", "reasoning": "hm"}, (Reasoning(text="hm"), Text(text="Hi"))),
        ({"content": "Hi", "reasoning": "hm", "reasoning_content": "hm"}, (Reasoning(text="hm"), Text(text="Hi"))),
        ({"content": "Hi", "reasoning_content": None}, (Text(text="Hi"),)),
        ({"content": [{"type": "text", "text": "Hi"}, {"type": "text", "text": " ho"}]}, (Text(text="Hi ho"),)),
        (
            {"content": [THINKING, {"type": "text", "text": "Hi"}]},
            (Reasoning(text="hm"), Text(text="Hi")),
        ),
        ({"content": [{"type": "thinking", "thinking": "hm"}, 7, {"type": "x"}]}, (Reasoning(text="hm"),)),
        ({"tool_calls": [CALL]}, (TIDE,)),
        ({"tool_calls": None}, ()),
        ({"tool_calls": [CALL | {"index": 0}, CALL | {"index": 0, "id": "b"}]}, (TIDE, WIND)),
        (
            {"tool_calls": [{"id": "c", "type": "custom", "custom": {"name": "log", "input": "free"}}]},
            (ToolCall(id="c", name="log", arguments="free", custom=True),),
        ),
        (
            {"tool_calls": [{"type": "function", "function": {"name": "tide", "arguments": {"port": 1}}}]},
            (unnamed('{"port":1}'),),
        ),
        (
            {"function_call": {"name": "tide", "arguments": "{}"}},
            (unnamed("{}"),),
        ),
    ],
)
def test_what_a_message_says(message: dict[str, Any], parts: tuple[Part, ...]) -> None:
    assert choice(message).parts == parts


@pytest.mark.parametrize(
    ("said", "finish"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("tool_calls", "tool_calls"),
        ("function_call", "tool_calls"),
        ("content_filter", "content_filter"),
        ("error", "error"),
        ("model_length", "length"),
        ("eos", "stop"),
        ("a reason of tomorrow", "stop"),
        (None, "stop"),
        (7, "stop"),
    ],
)
def test_finish_reasons(said: Any, finish: FinishReason) -> None:
    assert choice({"content": "Hi"}, said).finish == finish


@pytest.mark.parametrize(("said", "finish"), [("stop", "tool_calls"), (None, "tool_calls"), ("length", "length")])
def test_who_called_a_tool_did_not_just_stop(said: Any, finish: FinishReason) -> None:
    assert choice({"tool_calls": [CALL]}, said).finish == finish


def test_the_stop_sequence_that_vllm_names() -> None:
    assert choice({"content": "Hi"}, stop_reason="END").stop_sequence == "END"
    assert choice({"content": "Hi"}, stop_reason=128009).stop_sequence is None


def test_logprobs() -> None:
    top = {"token": "Ho", "logprob": -1, "bytes": None}
    tokens = [{"token": "Hi", "logprob": -0.5, "bytes": [72], "top_logprobs": [top]}, {"token": "!"}, 7]
    assert choice({"content": "Hi!"}, logprobs={"content": tokens, "refusal": None}).logprobs == (
        TokenLogprob(token="Hi", logprob=-0.5, top=(TopLogprob(token="Ho", logprob=-1.0),)),
        TokenLogprob(token="!", logprob=0.0),
    )


@pytest.mark.parametrize("logprobs", [None, {}, {"content": None}, {"content": 7}, [], 7])
def test_no_logprobs(logprobs: Any) -> None:
    assert choice({"content": "Hi"}, logprobs=logprobs).logprobs is None


def test_usage_that_is_not_to_be_believed_counts_as_estimated() -> None:
    assert parsed(completion(usage=None)).usage == Usage(estimated=True)
    assert parsed(completion(usage={"prompt_tokens": -1, "completion_tokens": 1})).usage == Usage(estimated=True)


def test_several_choices_keep_their_indexes() -> None:
    body = completion()
    body["choices"] = [{"index": index, "message": {"content": str(index)}} for index in (1, 0)]
    assert [(each.index, each.parts) for each in parsed(body).choices] == [
        (1, (Text(text="1"),)),
        (0, (Text(text="0"),)),
    ]


@pytest.mark.parametrize("fields", [{"id": 7, "created": "now", "model": None}, {"created": 1.5}, {"created": 1 << 70}])
def test_an_answer_of_odd_fields_is_still_one(fields: dict[str, Any]) -> None:
    emit_response(parsed(completion() | fields))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": {"message": "overheated"}}, "overheated"),
        ({"error": "overheated", "choices": []}, "overheated"),
        ({}, "no choices"),
        (completion() | {"choices": []}, "no choices"),
        (completion() | {"choices": {}}, "no choices"),
        (completion() | {"choices": [7]}, "not a chat completion"),
        (completion() | {"choices": [{"message": "text"}]}, "not a chat completion"),
        (completion() | {"choices": [{"message": {"tool_calls": [{"id": "a"}]}}]}, "without naming it"),
        ([completion()], "not a chat completion"),
        (b"", "not a chat completion"),
        (b"<html>It works!</html>", "not a chat completion"),
        (b'{"id": "\xff"}', "not a chat completion"),
        (b"[" * 100_000, "not a chat completion"),
    ],
)
def test_what_is_no_answer_is_refused(body: Any, message: str) -> None:
    with pytest.raises(UpstreamBroken, match=message):
        parsed(body)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["content", "type", "text", "thinking", "function", "name", "arguments", "token", "logprob"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)
messages = st.dictionaries(
    st.sampled_from(["content", "reasoning", "reasoning_content", "refusal", "tool_calls", "function_call"]),
    json_values,
)
choices = st.fixed_dictionaries(
    {"message": messages | json_values},
    optional=dict.fromkeys(("index", "finish_reason", "logprobs", "stop_reason"), json_values),
)


@given(st.lists(choices | json_values, max_size=2) | json_values, json_values, json_values)
def test_any_object_is_an_answer_or_refused(many: Any, usage: Any, created: Any) -> None:
    try:
        response = parsed({"choices": many, "usage": usage, "created": created, "id": created})
    except UpstreamBroken:
        return
    emit_response(response)
