"""Streams of upstreams read into neutral events, in every way the bytes may be cut."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.dialects.openai_responses.samples import (
    COUNTED,
    CUT_OFF,
    ECHO,
    FAILED,
    HEAD,
    MODEL,
    RESPONSE,
    STREAM,
    USAGE,
    answer,
    call,
    llama_stream,
    message,
    openai_stream,
    sse,
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
    Started,
    Text,
    TextDelta,
    ToolCall,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
)
from entrepot.dialects.openai_responses import StreamReader, StreamWriter
from entrepot.dialects.openai_responses.envelope import response_id

BROKEN = Failed(code="upstream_stream_broken", message="The upstream closed the stream before its end.")
OPENAI = openai_stream()
ERROR = {"type": "error", "code": "overheated", "message": "Too hot.", "param": None, "sequence_number": 3}
FAILURE = {"type": "response.failed", "response": answer(status="failed", error={"code": "hot", "message": "Too hot."})}


def read(*pieces: bytes, limit_bytes: int = 1 << 20) -> list[Event]:
    reader = StreamReader(limit_bytes=limit_bytes)
    return [*(event for piece in pieces for event in reader.feed(piece)), *reader.close()]


def written(events: list[Event]) -> bytes:
    writer = StreamWriter(echo=ECHO)
    return b"".join(map(writer.write, events))


STREAMS: dict[str, list[bytes]] = {
    "openai": [*map(sse, OPENAI)],
    "llama.cpp": [*map(sse, llama_stream())],
    "our own": [written(STREAM)],
    "our own, cut off": [written(CUT_OFF)],
    "our own, failed": [written(FAILED)],
    "CRLF": [sse(event, "\r\n") for event in OPENAI],
    "CR": [sse(event, "\r") for event in OPENAI],
    "comments": [b": hi\n\n", *(sse(event) + b": still here\n\n" for event in OPENAI)],
    "DONE": [*map(sse, OPENAI), b"data: [DONE]\n\n"],
    "trailing bytes": [*map(sse, OPENAI), sse(ERROR), b"garbage"],
    "error": [*map(sse, OPENAI[:8]), sse(ERROR), sse(FAILURE)],
    "failed": [*map(sse, OPENAI[:8]), sse(FAILURE)],
    "overloaded": [sse({"type": "error", "code": "server_is_overloaded", "message": "Too many.", "param": None})],
    "bad JSON": [*map(sse, OPENAI[:8]), b"data: {not json}\n\n"],
    "empty": [],
}


@pytest.mark.parametrize("name", STREAMS)
class TestEverySplit:
    def test_byte_by_byte(self, name: str) -> None:
        data = b"".join(STREAMS[name])
        assert read(*(data[place : place + 1] for place in range(len(data)))) == read(data)

    def test_event_by_event(self, name: str) -> None:
        assert read(*STREAMS[name]) == read(b"".join(STREAMS[name]))

    def test_cut_off_after_every_event_it_ends_in_a_failure(self, name: str) -> None:
        for count in range(len(STREAMS[name])):
            found = read(*STREAMS[name][:count])
            assert isinstance(found[-1], Failed | Ended)
            assert [event for event in found[:-1] if isinstance(event, Failed | Ended)] == []


@pytest.mark.parametrize("name", ["openai", "CRLF", "CR", "comments", "DONE", "trailing bytes"])
def test_an_answer_of_openais(name: str) -> None:
    assert read(*STREAMS[name]) == [
        Started(id="resp_up", model=MODEL, created_s=1_790_000_001),
        ReasoningDelta(text="hm", id="rs_up"),
        ReasoningDelta(encrypted="gAAAA", id="rs_up"),
        PartEnded(),
        TextDelta(text="Entre"),
        TextDelta(text="pôt \U0001f6a2"),
        PartEnded(),
        ToolCallStarted(id="call_up", name="tide", call=0),
        ToolCallDelta(arguments='{"a"', call=0),
        ToolCallDelta(arguments=":1}", call=0),
        PartEnded(),
        Finished(reason="tool_calls"),
        Ended(usage=COUNTED),
    ]


def test_an_answer_of_llama_cpps() -> None:
    response = collect(read(*STREAMS["llama.cpp"]))
    assert (response.id, response.choices[0].finish) == ("resp_up", "tool_calls")
    parts = (Text(text="Entrepôt"), ToolCall(id="call_up", name="tide", arguments='{"a":1}'))
    assert response.choices[0].parts == parts


def test_what_the_hub_writes_it_reads() -> None:
    response = collect(read(*STREAMS["our own"]))
    assert (response.id, response.model, response.usage) == (response_id(HEAD["id"]), HEAD["model"], USAGE)
    assert response.choices[0].logprobs == RESPONSE.choices[0].logprobs
    reasoning, redacted, *others = response.choices[0].parts
    assert isinstance(reasoning, Reasoning)
    assert isinstance(redacted, Reasoning)
    assert (reasoning.text, reasoning.signature, redacted.redacted) == ("hm yes", "sig", "opaque")
    assert tuple(others[:3]) == RESPONSE.choices[0].parts[2:5]
    assert read(*STREAMS["our own, cut off"])[-2:] == [Finished(reason="length"), Ended(usage=USAGE)]


@pytest.mark.parametrize(
    ("name", "failed"),
    [
        ("error", Failed(code="overheated", message="Too hot.")),
        ("failed", Failed(code="hot", message="Too hot.")),
        ("overloaded", Failed(code="upstream_overloaded", message="Too many.")),
        ("our own, failed", Failed(code="upstream_timeout", message="It took too long.")),
        ("empty", BROKEN),
    ],
)
def test_failures(name: str, failed: Failed) -> None:
    assert read(*STREAMS[name])[-1] == failed


@pytest.mark.parametrize(
    "event",
    [
        b"data: []\n\n",
        b"data: 7\n\n",
        b"data: {}\n\n",
        b'data: {"choices": []}\n\n',
        b'data: {"type": 7}\n\n',
        b"data: {\n\n",
        b"data: " + b"[" * 100_000 + b"\n\n",
        sse({"type": "response.output_item.done", "item": {"type": "function_call"}}),
        sse({"type": "response.output_item.added", "item": {"type": "function_call", "call_id": 7, "name": "f"}}),
    ],
)
def test_nonsense_ends_the_stream(event: bytes) -> None:
    last = read(sse(OPENAI[0]), event, *map(sse, OPENAI[1:]))[-1]
    assert isinstance(last, Failed)
    assert last.code == "upstream_protocol_error"


def test_an_event_beyond_the_limit_ends_the_stream() -> None:
    last = read(b"data: " + b"x" * 2000, limit_bytes=1000)[-1]
    assert isinstance(last, Failed)
    assert "larger than 1000 bytes" in last.message


@pytest.mark.parametrize(
    ("usage", "known"), [(None, False), ({"input_tokens": -1}, False), ({"input_tokens": 1, "output_tokens": 2}, True)]
)
def test_whether_usage_was_reported(usage: Any, known: bool) -> None:
    reader = StreamReader(limit_bytes=1 << 20)
    *_, ended = reader.feed(sse({"type": "response.completed", "response": answer(usage=usage)}))
    assert reader.usage_known is known
    assert ended == Ended(usage=Usage(input_tokens=1, output_tokens=2) if known else Usage(estimated=True))


@pytest.mark.parametrize("start", [0, 1])
def test_items_that_come_whole_or_only_at_the_end(start: int) -> None:
    """Without deltas the items count, and without those the last response."""
    output = [message("a"), call(), call(id="fc_2", call_id="call_2")]
    items = [
        {"type": "response.output_item.done", "output_index": place, "item": item} for place, item in enumerate(output)
    ]
    events = [OPENAI[0], *(items if start else []), {"type": "response.completed", "response": answer(output)}]
    response = collect(read(*map(sse, events)))
    calls = [ToolCall(id=id, name="tide", arguments='{"a":1}') for id in ("call_up", "call_2")]
    assert response.choices[0].parts == (Text(text="a"), *calls)
    assert response.choices[0].finish == "tool_calls"


def test_what_deltas_left_out_comes_with_the_item() -> None:
    events = [*OPENAI[:1], *OPENAI[11:13], OPENAI[15], OPENAI[16]]
    (tide,) = collect(read(*map(sse, events))).choices[0].parts
    assert tide == ToolCall(id="call_up", name="tide", arguments='{"a":1}')


def test_parts_of_a_summary_stand_apart() -> None:
    deltas = [
        {"type": "response.reasoning_summary_text.delta", "item_id": "rs", "summary_index": index, "delta": text}
        for index, text in ((0, "a"), (0, "b"), (1, "c"))
    ]
    raw = {"type": "response.reasoning_text.delta", "item_id": "rs", "content_index": 0, "delta": "the same again"}
    events = [OPENAI[0], *deltas, raw, OPENAI[-1]]
    assert collect(read(*map(sse, events))).choices[0].parts == (Reasoning(text="ab\n\nc", id="rs"),)


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["type", "id", "text"]), inner),
    max_leaves=4,
)
_FIELDS = [(number, field) for number, event in enumerate(OPENAI) for field in event]


@settings(max_examples=600)
@given(place=st.sampled_from(_FIELDS), value=_values)
def test_any_json_in_any_field_is_read_or_ends_the_stream(place: tuple[int, str], value: Any) -> None:
    number, field = place
    events = [*OPENAI[:number], OPENAI[number] | {field: value}, *OPENAI[number + 1 :]]
    found = read(*(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events))
    assert isinstance(found[0], Started | Failed)
    assert isinstance(found[-1], Ended | Failed)
