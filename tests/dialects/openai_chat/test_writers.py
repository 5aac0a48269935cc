"""Custom tools that an upstream knew as functions: their calls go back in the form the client offered them.

The grammar of streams stands in test_streams.py.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from openai.types.chat import ChatCompletionChunk
from tests.dialects.openai_chat.test_streams import FULL

from entrepot.collector import collect
from entrepot.conversation import (
    Choice,
    Ended,
    Event,
    Failed,
    Finished,
    Message,
    ReasoningDelta,
    Request,
    Response,
    Started,
    Tool,
    ToolCall,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
)
from entrepot.dialects.openai_chat import StreamReader, StreamWriter, emit_response, emit_stream_error
from entrepot.errors import UpstreamTimeout

STARTED = Started(id="chatcmpl-1", model="m", created_s=1)
ENDED = Ended(usage=Usage(tier="standard"))


def chunks(*events: Event, custom_tools: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    writer = StreamWriter(include_usage=False, custom_tools=custom_tools)
    data = b"".join(writer.write(event) for event in (STARTED, *events, ENDED))
    return [json.loads(event.removeprefix(b"data: ")) for event in data.split(b"\n\n")[:-2]]


def calls(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [call for chunk in found for call in chunk["choices"][0]["delta"].get("tool_calls", ())]


WRAPPED: list[Event] = [
    ToolCallStarted(id="a", name="log", call=0),
    ToolCallDelta(arguments='{"inp', call=0),
    ToolCallStarted(id="b", name="tide", call=1),
    ToolCallDelta(arguments='ut": "free \\"text\\""}', call=0),
    ToolCallDelta(arguments="{}", call=1),
    Finished(reason="tool_calls"),
]


def test_a_custom_tools_call_is_turned_back_at_the_end_of_its_choice() -> None:
    found = chunks(*WRAPPED, custom_tools=("log",))
    assert calls(found) == [
        {"index": 1, "id": "b", "type": "function", "function": {"name": "tide", "arguments": ""}},
        {"index": 1, "function": {"arguments": "{}"}},
        {"index": 0, "id": "a", "type": "custom", "custom": {"name": "log", "input": 'free "text"'}},
    ]
    assert found[-1]["choices"][0]["finish_reason"] == "tool_calls"


def test_functions_are_passed_on_at_once() -> None:
    writer = StreamWriter(include_usage=False, custom_tools=("log",))
    writer.write(STARTED)
    assert writer.write(WRAPPED[0]) == b""
    assert b'"name":"tide"' in writer.write(WRAPPED[2])


def test_calls_that_are_custom_already_are_not_touched() -> None:
    opened, delta = ToolCallStarted(id="a", name="log", call=0, custom=True), ToolCallDelta(arguments="{", call=0)
    assert chunks(opened, delta, custom_tools=("log",)) == chunks(opened, delta)


def test_each_choice_has_its_own() -> None:
    events: list[Event] = []
    for choice in (0, 1):
        events += [
            ToolCallStarted(id=f"a{choice}", name="log", call=0, choice=choice),
            ToolCallDelta(arguments=f'{{"input": "{choice}"}}', call=0, choice=choice),
        ]
    found = chunks(*events, *(Finished(reason="tool_calls", choice=choice) for choice in (1, 0)), custom_tools=("log",))
    assert [(call["id"], call["custom"]["input"]) for call in calls(found)] == [("a1", "1"), ("a0", "0")]


def test_a_whole_answer_is_turned_back_too() -> None:
    wrapped = ToolCall(id="a", name="log", arguments='{"input": "free"}')
    response = Response(
        id="r", model="m", created_s=1, usage=Usage(), choices=(Choice(index=0, parts=(wrapped,), finish="tool_calls"),)
    )
    request = Request(model="m", messages=(Message(role="user", parts=()),), tools=(Tool(name="log", custom=True),))
    message = json.loads(emit_response(response, request))["choices"][0]["message"]
    assert message["tool_calls"] == [{"id": "a", "type": "custom", "custom": {"name": "log", "input": "free"}}]


def test_signatures_without_text_are_not_written() -> None:
    assert chunks(ReasoningDelta(signature="s"), ReasoningDelta(redacted="r")) == []


def test_chunks_are_such_by_openais_own_types() -> None:
    """But for custom calls, which its types of a stream leave out."""
    functions = [event for event in FULL[1:-1] if getattr(event, "call", 0) == 0]
    for chunk in chunks(*functions):
        ChatCompletionChunk.model_validate(chunk, strict=True)


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_what_is_written_is_read(size: int) -> None:
    writer, reader = StreamWriter(include_usage=True), StreamReader(limit_bytes=1 << 20)
    data = b"".join(map(writer.write, FULL))
    events = [event for place in range(0, len(data), size) for event in reader.feed(data[place : place + size])]
    assert collect([*events, *reader.close()]) == collect(FULL)


def test_a_broken_stream_ends_in_an_event_that_says_why() -> None:
    data = emit_stream_error(UpstreamTimeout("It took too long."), "req_1")
    error = json.loads(data.removeprefix(b"data: "))["error"]
    assert (error["code"], error["message"], error["request_id"]) == ("upstream_timeout", "It took too long.", "req_1")
    (failed,) = StreamReader(limit_bytes=1000).feed(data)
    assert isinstance(failed, Failed)
    assert failed.message.endswith("It took too long.")
