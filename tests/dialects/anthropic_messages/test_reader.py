"""Streams read into neutral events, in every way the bytes may be cut."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from tests.conftest import Golden
from tests.dialects.anthropic_messages.wire import (
    BEGIN,
    FULL,
    SHORT,
    STOP,
    STREAMS,
    Wire,
    delta,
    ends,
    sse,
    start,
    stop,
)

from entrepot.collector import collect
from entrepot.conversation import (
    Ended,
    Event,
    Failed,
    Finished,
    PartEnded,
    Reasoning,
    ReasoningDelta,
    RefusalDelta,
    Started,
    TextDelta,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
)
from entrepot.dialects.anthropic_messages import StreamReader, parse_response

LIMIT = 1 << 20
USAGE = Usage(input_tokens=125, output_tokens=42, cached_tokens=100, cache_write_tokens=5, reasoning_tokens=7)


def read(*pieces: bytes, limit_bytes: int = LIMIT) -> list[Event]:
    reader = StreamReader(limit_bytes=limit_bytes)
    events = [event for piece in pieces for event in reader.feed(piece)]
    return [*events, *reader.close()]


def of(*values: Wire) -> list[Event]:
    return read(b"".join(map(sse, values)))


def amid(*values: Wire) -> list[Event]:
    """What is read between a message's start and its end."""
    found = of(BEGIN, *values, ends(), STOP)
    assert isinstance(found[0], Started)
    assert isinstance(found[-1], Ended)
    return found[1:-2]


def test_the_full_stream(golden: Golden) -> None:
    found = [{"event": type(event).__name__} | msgspec.to_builtins(event) for event in of(*FULL)]
    lines = [json.dumps({k: v for k, v in event.items() if v is not None and k != "type"}, ensure_ascii=False)
             for event in found]  # fmt: skip
    golden("anthropic_messages/stream.neutral.jsonl", "\n".join(lines) + "\n")


def test_the_full_stream_spells_the_message_it_was_cut_from() -> None:
    content = [
        {"type": "thinking", "thinking": "Look it up.", "signature": "c2lnbmVk"},
        {"type": "redacted_thinking", "data": "b3BhcXVl"},
        {"type": "text", "text": "Entrepôt \U0001f6a2"},
        {"type": "text", "text": "Two."},
        {"type": "tool_use", "id": "toolu_1", "name": "tide", "input": {"port": "Hamburg"}},
        {"type": "tool_use", "id": "toolu_2", "name": "log", "input": {}},
    ]
    usage = BEGIN["message"]["usage"] | FULL[-2]["usage"]
    message = BEGIN["message"] | {"content": content, "stop_reason": "tool_use", "usage": usage}
    assert collect(of(*FULL)) == parse_response(json.dumps(message).encode())


@pytest.mark.parametrize("name", STREAMS)
class TestEverySplit:
    """However the bytes arrive, the same is read."""

    def test_byte_by_byte(self, name: str) -> None:
        data = b"".join(STREAMS[name])
        assert read(*(data[place : place + 1] for place in range(len(data)))) == read(data)

    def test_event_by_event(self, name: str) -> None:
        assert read(*STREAMS[name]) == read(b"".join(STREAMS[name]))

    def test_cut_in_two_at_many_places(self, name: str) -> None:
        data = b"".join(STREAMS[name])
        for place in range(0, len(data), 7):
            assert read(data[:place], data[place:]) == read(data), place

    def test_first_comes_started_and_last_ended_or_failed(self, name: str) -> None:
        events = read(*STREAMS[name])
        assert isinstance(events[0], Started | Failed)
        assert isinstance(events[-1], Ended | Failed)
        assert not any(isinstance(event, Started | Ended | Failed) for event in events[1:-1])

    def test_cut_at_every_event_it_fails_unless_it_had_finished(self, name: str) -> None:
        whole = read(*STREAMS[name])
        for place in range(len(STREAMS[name])):
            events = read(*STREAMS[name][:place])
            assert events[:-1] == whole[: len(events) - 1]
            finished = any(isinstance(event, Finished) for event in events)
            assert isinstance(events[-1], Ended) == finished or isinstance(whole[-1], Failed)


HI: list[Event] = [TextDelta(text="Hi"), PartEnded(), Finished(reason="stop")]
KNOWN = Usage(input_tokens=125, output_tokens=1, cached_tokens=100, cache_write_tokens=5)
STARTED = Started(id="msg_1", model="claude-x", created_s=0, usage=KNOWN)
BROKEN = Failed(code="upstream_stream_broken", message="The upstream closed the stream before its end.")
OVERLOADED = Failed(code="upstream_overloaded", message="The upstream broke off with an error: Overloaded")

FATES: dict[str, list[Event]] = {
    "short": [STARTED, *HI, Ended(usage=USAGE)],
    "CRLF": [STARTED, *HI, Ended(usage=USAGE)],
    "CR": [STARTED, *HI, Ended(usage=USAGE)],
    "BOM": [STARTED, *HI, Ended(usage=USAGE)],
    "comments": [STARTED, *HI, Ended(usage=USAGE)],
    "bytes after the end": [STARTED, *HI, Ended(usage=USAGE)],
    "no message_stop": [STARTED, *HI, Ended(usage=USAGE)],
    "no message_delta": [STARTED, *HI, Ended(usage=Usage(estimated=True))],
    "no usage": [STARTED, *HI, Ended(usage=Usage(estimated=True))],
    "two message_deltas": [STARTED, *HI, Ended(usage=USAGE)],
    "unknown events": [STARTED, *HI, Ended(usage=USAGE)],
    "only a ping": [BROKEN],
    "error first": [OVERLOADED],
    "error in the middle": [STARTED, HI[0], OVERLOADED],
    "cut off": [STARTED, *HI[:2], BROKEN],
    "cut in an event": [STARTED, BROKEN],
    "bad JSON": [
        STARTED,
        Failed(code="upstream_protocol_error", message="The upstream sent a stream event that is none of a message."),
    ],
    "no beginning": [
        Failed(code="upstream_protocol_error", message="The upstream's stream does not begin with a message."),
    ],
    "empty": [BROKEN],
}


@pytest.mark.parametrize("name", FATES)
def test_fates(name: str) -> None:
    assert read(*STREAMS[name]) == FATES[name]


@pytest.mark.parametrize(("name", "known"), [("short", True), ("no usage", False), ("cut off", False)])
def test_whether_the_usage_is_the_upstreams(name: str, known: bool) -> None:
    reader = StreamReader(limit_bytes=LIMIT)
    reader.feed(b"".join(STREAMS[name]))
    reader.close()
    assert reader.usage_known == known


CALL: Wire = start(0, {"type": "tool_use", "id": "a", "name": "f", "input": {}})


@pytest.mark.parametrize(
    ("values", "events"),
    [
        (
            [CALL, stop(0)],
            [ToolCallStarted(id="a", name="f", call=0), ToolCallDelta(arguments="{}", call=0), PartEnded()],
        ),
        (
            [start(0, CALL["content_block"] | {"input": {"x": 1}}), stop(0)],
            [ToolCallStarted(id="a", name="f", call=0), ToolCallDelta(arguments='{"x":1}', call=0), PartEnded()],
        ),
        (  # blocks of an imitator that interleave
            [
                CALL,
                start(1, {"type": "tool_use", "id": "b", "name": "g"}),
                delta(1, "input_json_delta", partial_json='{"y":'),
                delta(0, "input_json_delta", partial_json="{}"),
                delta(1, "input_json_delta", partial_json="2}"),
            ],
            [
                ToolCallStarted(id="a", name="f", call=0),
                ToolCallStarted(id="b", name="g", call=1),
                ToolCallDelta(arguments='{"y":', call=1),
                ToolCallDelta(arguments="{}", call=0),
                ToolCallDelta(arguments="2}", call=1),
            ],
        ),
        ([start(0, {"type": "text", "text": "at once"}), stop(0)], [TextDelta(text="at once"), PartEnded()]),
        ([start(0, {"type": "thinking", "thinking": "hm"})], [ReasoningDelta(text="hm")]),
        (
            [delta(0, "signature_delta", signature="entrepot:rs_1:gAAAA")],
            [ReasoningDelta(encrypted="gAAAA", id="rs_1")],
        ),
        ([delta(9, "input_json_delta", partial_json="{}"), delta(0, "text_delta")], []),
        ([start(0, {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}})], []),
    ],
)  # fmt: skip
def test_blocks(values: list[Wire], events: list[Event]) -> None:
    assert amid(*values) == events


def test_a_refusal_is_explained() -> None:
    details = {"type": "refusal", "explanation": "No."}
    events = of(BEGIN, ends("refusal", stop_details=details), STOP)
    assert events[1:-1] == [RefusalDelta(text="No."), Finished(reason="content_filter")]


def test_a_stop_sequence_is_named() -> None:
    assert of(BEGIN, ends("stop_sequence", stop_sequence="END"), STOP)[1] == Finished(
        reason="stop", stop_sequence="END"
    )


def test_reasoning_of_another_vendor_comes_back_whole() -> None:
    blocks = [
        start(0, {"type": "thinking", "thinking": ""}),
        delta(0, "thinking_delta", thinking="hm"),
        delta(0, "signature_delta", signature="entrepot:rs_1:gAAAA"),
        stop(0),
    ]
    parts = collect(of(BEGIN, *blocks, ends("end_turn"), STOP)).choices[0].parts
    assert parts == (Reasoning(text="hm", encrypted="gAAAA", id="rs_1"),)


@pytest.mark.parametrize(
    "value",
    [
        start(0, {"type": "tool_use", "id": "a"}),
        {"type": "content_block_delta", "index": None, "delta": {}},
        {"type": 7},
    ],
)
def test_nonsense_fails(value: Any) -> None:
    events = read(sse(BEGIN), b"data: " + json.dumps(value).encode() + b"\n\n", *map(sse, SHORT[1:]))
    assert isinstance(events[-1], Failed)
    assert events[-1].code == "upstream_protocol_error"


@pytest.mark.parametrize("field", ["message", "content_block", "delta", "usage"])
@pytest.mark.parametrize("wrong", [None, 1, "x", [], {}, {"type": 1}], ids=str)
def test_a_wrong_shape_never_raises(field: str, wrong: Any) -> None:
    events = of(*(value | {field: wrong} if field in value else value for value in FULL))
    assert isinstance(events[-1], Ended | Failed)


def test_an_endless_event_fails() -> None:
    events = read(sse(BEGIN), b"data: " + b"x" * 2000, limit_bytes=1000)
    assert isinstance(events[-1], Failed)
    assert [type(a) for a, _ in pairwise(events)] == [Started]


def test_nothing_comes_after_the_end() -> None:
    reader = StreamReader(limit_bytes=LIMIT)
    assert isinstance(reader.feed(b"".join(map(sse, SHORT)))[-1], Ended)
    assert (reader.feed(b"".join(map(sse, SHORT))), reader.close(), reader.close()) == ([], [], [])
