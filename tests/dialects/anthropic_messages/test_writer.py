"""Neutral events written as streams: the full case as a golden file, order of blocks, ends and failures."""

from __future__ import annotations

import json
from itertools import permutations
from typing import Any

import anthropic
import pytest
from tests.conftest import Golden
from tests.dialects.anthropic_messages.sdk import check_event, stream

from entrepot.collector import collect
from entrepot.conversation import (
    Ended,
    Event,
    Failed,
    Finished,
    PartEnded,
    ReasoningDelta,
    RefusalDelta,
    Started,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
)
from entrepot.dialects.anthropic_messages import StreamReader, StreamWriter
from entrepot.dialects.sse import data_of

USAGE = Usage(
    input_tokens=125, output_tokens=42, cached_tokens=100, cache_write_tokens=5, reasoning_tokens=7, tier="standard"
)
STARTED = Started(id="chatcmpl-1", model="m", created_s=1_790_000_000, usage=Usage(input_tokens=125, cached_tokens=100))
FULL: list[Event] = [
    STARTED,
    ReasoningDelta(text="Look "),
    ReasoningDelta(text="it up."),
    ReasoningDelta(signature="c2lnbmVk"),
    ReasoningDelta(text="Of another vendor."),
    ReasoningDelta(encrypted="gAAAA", id="rs_1"),
    ReasoningDelta(redacted="b3BhcXVl"),
    TextDelta(text=""),
    TextDelta(text="High é "),
    TextDelta(text="water"),
    PartEnded(),
    TextDelta(text="Two."),
    TextDelta(text="of another choice", choice=1),
    ToolCallStarted(id="call_1", name="tide", call=0),
    ToolCallDelta(arguments='{"port":', call=0),
    ToolCallStarted(id="call_2", name="log", call=1),
    ToolCallDelta(arguments='{"n":', call=1),
    TextDelta(text="Three."),
    ToolCallDelta(arguments='"Hamburg"}', call=0),
    ToolCallDelta(arguments="2}", call=1),
    Finished(reason="tool_calls"),
    Finished(reason="length", choice=1),
    Ended(usage=USAGE),
]


def written(*events: Event, request_id: str | None = None) -> bytes:
    writer = StreamWriter(request_id=request_id)
    return b"".join(map(writer.write, events))


def values(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(data_of(event + b"\n\n") or b"") for event in data.split(b"\n\n")[:-1]]


def check_grammar(found: list[dict[str, Any]]) -> None:
    """One block open at a time, indexes rising from 0, everything closed before the end."""
    assert [value["type"] for value in found[:2]] == ["message_start", "ping"]
    assert [value["type"] for value in found[-2:]] == ["message_delta", "message_stop"]
    index, is_open = 0, False
    for value in found[2:-2]:
        check_event(value)
        assert value["index"] == index
        assert is_open == (value["type"] != "content_block_start")
        is_open = value["type"] != "content_block_stop"
        index += not is_open
    assert not is_open


def test_the_full_stream(golden: Golden) -> None:
    data = written(*FULL)
    golden("anthropic_messages/stream.sse", data.decode())
    check_grammar(values(data))
    for value in values(data):
        check_event(value)


def test_the_full_stream_as_the_sdk_understands_it() -> None:
    message = stream(written(*FULL))
    assert [block.type for block in message.content] == [
        "thinking", "thinking", "redacted_thinking", "text", "text", "tool_use", "tool_use", "text",
    ]  # fmt: skip
    calls = [(block.id, block.input) for block in message.content if block.type == "tool_use"]
    assert calls == [("call_1", {"port": "Hamburg"}), ("call_2", {"n": 2})]
    assert (message.stop_reason, message.usage.input_tokens, message.usage.output_tokens) == ("tool_use", 20, 42)


def test_what_is_written_is_read_as_it_was() -> None:
    first = [event for event in FULL if getattr(event, "choice", 0) == 0]
    reader = StreamReader(limit_bytes=1 << 20)
    again = collect([*reader.feed(written(*first)), *reader.close()])
    before = collect(first)
    assert (again.choices, again.usage) == (before.choices, before.usage)


def test_every_event_is_written_as_soon_as_it_can_be() -> None:
    writer = StreamWriter()
    sizes = [bool(writer.write(event)) for event in FULL[:12]]
    assert sizes == [True, True, True, True, True, True, True, False, True, True, True, True]


def test_calls_may_interleave_in_any_way() -> None:
    pieces = {0: ['{"a":', "1}"], 1: ['{"b":', "2}"], 2: ["{}"]}
    turns = [number for number, texts in pieces.items() for _ in texts]
    for order in set(permutations(turns)):
        left = {number: list(texts) for number, texts in pieces.items()}
        started = [ToolCallStarted(id=str(number), name="f", call=number) for number in pieces]
        deltas = [ToolCallDelta(arguments=left[number].pop(0), call=number) for number in order]
        data = written(STARTED, *started, *deltas, Finished(reason="tool_calls"), Ended(usage=USAGE))
        check_grammar(values(data))
        content = stream(data).content
        assert [block.input for block in content if block.type == "tool_use"] == [{"a": 1}, {"b": 2}, {}]


@pytest.mark.parametrize(
    ("events", "stop"),
    [
        ([], ("end_turn", None)),
        ([Finished(reason="stop")], ("end_turn", None)),
        ([Finished(reason="stop", stop_sequence="END")], ("stop_sequence", "END")),
        ([Finished(reason="length")], ("max_tokens", None)),
        ([Finished(reason="content_filter")], ("refusal", None)),
        ([RefusalDelta(text="No."), Finished(reason="stop")], ("refusal", None)),
        ([ToolCallStarted(id="1", name="f", call=0), Finished(reason="stop")], ("tool_use", None)),
    ],
)
def test_ends(events: list[Event], stop: tuple[str, str | None]) -> None:
    data = written(STARTED, *events, Ended(usage=USAGE))
    check_grammar(values(data))
    message = stream(data)
    assert (message.stop_reason, message.stop_sequence) == stop


def test_the_start_tells_what_is_known_of_the_input() -> None:
    usage = values(written(STARTED))[0]["message"]["usage"]
    assert (usage["input_tokens"], usage["cache_read_input_tokens"], usage["output_tokens"]) == (25, 100, 0)
    unknown = values(written(Started(id="x", model="m", created_s=0)))[0]["message"]["usage"]
    assert unknown["input_tokens"] == 0


@pytest.mark.parametrize(
    "last", [[Failed(code="upstream_timeout", message="Too long.")], [Finished(reason="error"), Ended(usage=USAGE)]]
)
def test_a_broken_stream_ends_in_an_error_event_alone(last: list[Event]) -> None:
    data = written(STARTED, TextDelta(text="a"), *last, request_id="req_1")
    assert values(data)[-1]["type"] == "error"
    assert values(data)[-1]["request_id"] == "req_1"
    assert "message_stop" not in [value["type"] for value in values(data)]
    with pytest.raises(anthropic.APIError):
        stream(data)


def test_an_id_alone_opens_no_block() -> None:
    assert written(ReasoningDelta(id="rs_1")) == b""
