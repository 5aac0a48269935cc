"""Messages read: parts with their hints, decorations of earlier answers, legacy calls."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.conversation import (
    Document,
    Image,
    Message,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
)
from entrepot.dialects.openai_chat.messages import Foreign, parse_messages
from entrepot.dialects.shapes import Value


def parsed(*messages: dict[str, Any]) -> tuple[tuple[Message, ...], Foreign]:
    foreign: Foreign = {}
    return parse_messages(Value(list(messages), "messages"), foreign), foreign


def parts(message: dict[str, Any]) -> tuple[Part, ...]:
    (found,), _ = parsed(message)
    return found.parts


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"content": "hi"}, (Text(text="hi"),)),
        ({"content": ""}, (Text(text=""),)),
        ({"content": None}, ()),
        ({}, ()),
        ({"content": []}, ()),
        ({"content": [{"type": "text", "text": "hi"}]}, (Text(text="hi"),)),
        ({"content": None, "refusal": "No."}, (Refusal(text="No."),)),
        ({"content": [{"type": "refusal", "refusal": "No."}]}, (Refusal(text="No."),)),
        ({"content": "hi", "reasoning_content": "hm"}, (Reasoning(text="hm"), Text(text="hi"))),
        ({"content": "hi", "reasoning": "hm"}, (Reasoning(text="hm"), Text(text="hi"))),
        ({"content": "hi", "reasoning": {"effort": "high"}}, (Text(text="hi"),)),
        ({"function_call": {"name": "f", "arguments": "{}"}}, (ToolCall(id="f", name="f", arguments="{}"),)),
    ],
)
def test_what_an_assistant_said(fields: dict[str, Any], expected: tuple[Part, ...]) -> None:
    assert parts({"role": "assistant", **fields}) == expected


@pytest.mark.parametrize(
    ("control", "cache"),
    [
        ({"cache_control": {"type": "ephemeral"}}, "5m"),
        ({"cache_control": {"type": "ephemeral", "ttl": "5m"}}, "5m"),
        ({"cache_control": {"type": "ephemeral", "ttl": "1h"}}, "1h"),
        ({"prompt_cache_breakpoint": {"mode": "explicit"}}, "5m"),
        ({"prompt_cache_breakpoint": {"mode": "explicit", "ttl": "30m"}}, "1h"),
        ({"cache_control": None, "prompt_cache_breakpoint": {}}, None),
    ],
)
def test_cache_hints(control: dict[str, Any], cache: Any) -> None:
    content = [
        {"type": "text", "text": "x", **control},
        {"type": "image_url", "image_url": {"url": "u"}, **control},
        {"type": "file", "file": {"file_id": "f"}, **control},
    ]
    expected = (Text(text="x", cache=cache), Image(url="u", cache=cache), Document(file_id="f", cache=cache))
    assert parts({"role": "user", "content": content}) == expected


def test_results_know_of_what_kind_their_calls_were() -> None:
    calls = [
        {"id": "a", "type": "custom", "custom": {"name": "log", "input": "x"}},
        {"id": "b", "type": "function", "function": {"name": "f", "arguments": "{}"}},
    ]
    messages, _ = parsed(
        {"role": "assistant", "tool_calls": calls},
        {"role": "tool", "tool_call_id": "a", "content": "done"},
        {"role": "tool", "tool_call_id": "b", "content": [{"type": "text", "text": "done"}]},
    )
    done = (Text(text="done"),)
    assert [each.parts[0] for each in messages[1:]] == [
        ToolResult(call_id="a", parts=done, custom=True),
        ToolResult(call_id="b", parts=done),
    ]


def test_a_function_message_answers_the_call_of_its_name() -> None:
    (message,), _ = parsed({"role": "function", "name": "f", "content": "7"})
    assert message == Message(role="tool", parts=(ToolResult(call_id="f", parts=(Text(text="7"),)),))


def test_decorations_of_an_earlier_answer_are_noted_once_and_empty_ones_not_at_all() -> None:
    said = {"role": "assistant", "content": "x", "function_call": None, "audio": None, "tool_calls": None}
    _, foreign = parsed(said | {"annotations": [], "provider_specific_fields": {}}, said | {"annotations": [1]}, said)
    assert foreign == {"messages[].annotations": [1]}


def test_parts_of_an_unknown_kind_are_left_out_and_noted_by_their_place() -> None:
    video = {"type": "video_url", "video_url": {"url": "https://example.test/v"}}
    (message,), foreign = parsed({"role": "user", "content": [{"type": "text", "text": "x"}, video]})
    assert message.parts == (Text(text="x"),)
    assert foreign == {"messages[0].content[1]": video}
