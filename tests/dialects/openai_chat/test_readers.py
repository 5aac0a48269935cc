"""Streams of the many servers of this dialect, read into neutral events in every way the bytes may be cut."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.dialects.openai_chat.test_streams import FULL, USAGE_CHUNK, written
from tests.support.upstream import MODEL, USAGE, sse

from entrepot.collector import collect
from entrepot.conversation import (
    Choice,
    Ended,
    Event,
    Failed,
    Finished,
    Part,
    Reasoning,
    ReasoningDelta,
    Refusal,
    Response,
    Started,
    Text,
    TextDelta,
    TokenLogprob,
    ToolCall,
    ToolCallDelta,
    ToolCallStarted,
    Usage,
)
from entrepot.dialects.openai_chat import StreamReader, StreamTap
from entrepot.dialects.openai_chat.calls import made_up_id

DONE = sse("[DONE]")
COUNTED = Usage(input_tokens=11, output_tokens=7)
UNKNOWN = Usage(estimated=True)


class Result(msgspec.Struct, frozen=True):
    events: list[Event]
    usage_known: bool

    @property
    def response(self) -> Response:
        return collect(self.events)

    @property
    def parts(self) -> tuple[Part, ...]:
        (choice,) = self.response.choices
        return choice.parts


def read(*pieces: bytes, limit_bytes: int = 1 << 20) -> Result:
    reader = StreamReader(limit_bytes=limit_bytes)
    events = [event for piece in pieces for event in reader.feed(piece)]
    return Result([*events, *reader.close()], reader.usage_known)


def delta(delta: Any, finish: str | None = None, *, index: int = 0, **fields: Any) -> dict[str, Any]:
    head = {"id": "chatcmpl-upstream", "object": "chat.completion.chunk", "created": 1_790_000_000, "model": MODEL}
    return head | {"choices": [{"index": index, "delta": delta, "finish_reason": finish}]} | fields


def usage(**counts: Any) -> dict[str, Any]:
    return delta({}) | {"choices": [], "usage": USAGE | counts}


def call(index: int, **function: Any) -> dict[str, Any]:
    id = {"id": function.pop("id")} if "id" in function else {}
    return delta({"tool_calls": [{"index": index, **id, "type": "function", "function": function}]})


def stream(*values: Any, done: bool = True) -> list[bytes]:
    return [*map(sse, values), *([DONE] if done else [])]


ROLE = delta({"role": "assistant", "content": ""})
STOP = delta({}, "stop")
TEXT = [delta({"content": "Entre"}), delta({"content": "pôt \U0001f6a2"})]
SAID = (Text(text="Entrepôt \U0001f6a2"),)
ERROR = {"error": {"message": "overheated", "code": 502}}
TIDE = ToolCall(id="a", name="tide", arguments='{"port":1}')

# Streams that end well: what they say, how they finish, and the usage they report.
GOOD: dict[str, tuple[list[bytes], tuple[Part, ...], str, Usage]] = {
    "as OpenAI sends it": (stream(ROLE, *TEXT, STOP, USAGE_CHUNK), SAID, "stop", COUNTED),
    "no role": (stream(*TEXT, STOP, USAGE_CHUNK), SAID, "stop", COUNTED),
    "role with every chunk": (
        stream(*(delta({"role": "assistant"} | each["choices"][0]["delta"]) for each in TEXT), STOP),
        SAID, "stop", UNKNOWN,
    ),
    "content null": (stream(delta({"content": None}), *TEXT, delta({"content": None}, "stop")), SAID, "stop", UNKNOWN),
    "delta null": (stream(delta(None), *TEXT, delta(None, "stop")), SAID, "stop", UNKNOWN),
    "nothing said": (stream(ROLE, STOP), (), "stop", UNKNOWN),
    "finish with the last text": (
        stream(TEXT[0], delta({"content": "pôt \U0001f6a2"}, "length")), SAID, "length", UNKNOWN,
    ),
    "finish with every chunk": (
        stream(delta({"content": "Entre"}, "stop"), delta({"content": "pôt \U0001f6a2"}, "length")),
        SAID, "length", UNKNOWN,
    ),
    "no finish but DONE": (stream(*TEXT), SAID, "stop", UNKNOWN),
    "finish but no DONE": (stream(*TEXT, STOP, done=False), SAID, "stop", UNKNOWN),
    "comments and retries": (
        [b": hi\n\n", sse(TEXT[0]), b"retry: 5\n\n", *stream(TEXT[1], STOP)], SAID, "stop", UNKNOWN,
    ),
    "CRLF": ([sse(value, "\r\n") for value in (*TEXT, STOP, USAGE_CHUNK, "[DONE]")], SAID, "stop", COUNTED),
    "CR": ([sse(value, "\r") for value in (*TEXT, STOP, USAGE_CHUNK, "[DONE]")], SAID, "stop", COUNTED),
    "CR and no DONE": ([sse(value, "\r") for value in (*TEXT, STOP)], SAID, "stop", UNKNOWN),
    "BOM": ([b"\xef\xbb\xbf", *stream(*TEXT, STOP)], SAID, "stop", UNKNOWN),
    "bytes after DONE": ([*stream(*TEXT, STOP), sse(ERROR), b"garbage"], SAID, "stop", UNKNOWN),
    "Azure's first chunk": (
        stream({"id": "", "choices": [], "model": "", "prompt_filter_results": []}, *TEXT, STOP), SAID, "stop", UNKNOWN,
    ),
    # thinking
    "reasoning_content": (
        stream(delta({"reasoning_content": "h"}), delta({"reasoning_content": "m"}), *TEXT, STOP),
        (Reasoning(text="hm"), *SAID), "stop", UNKNOWN,
    ),
    "reasoning": (
        stream(delta({"reasoning": "hm", "content": ""}), *TEXT, STOP), (Reasoning(text="hm"), *SAID), "stop", UNKNOWN,
    ),
    "both names for it": (
        stream(delta({"reasoning": "hm", "reasoning_content": "hm"}), *TEXT, STOP),
        (Reasoning(text="hm"), *SAID), "stop", UNKNOWN,
    ),
    "refusal": (
        stream(delta({"refusal": "No"}), delta({"refusal": "."}, "stop")), (Refusal(text="No."),), "stop", UNKNOWN,
    ),
    # calls
    "a call": (
        stream(call(0, id="a", name="tide", arguments=""), call(0, arguments='{"port":1}'), delta({}, "tool_calls")),
        (TIDE,), "tool_calls", UNKNOWN,
    ),
    "a call, and stop": (
        stream(call(0, id="a", name="tide", arguments='{"port":1}'), STOP), (TIDE,), "tool_calls", UNKNOWN,
    ),
    "a call, and nothing": (
        stream(call(0, id="a", name="tide", arguments='{"port":1}')), (TIDE,), "tool_calls", UNKNOWN,
    ),
    "a call cut short": (
        stream(call(0, id="a", name="tide", arguments='{"port'), delta({}, "length")),
        (ToolCall(id="a", name="tide", arguments='{"port'),), "length", UNKNOWN,
    ),
    "text, then calls between each other": (
        stream(
            *TEXT, call(0, id="a", name="tide"), call(1, id="b", name="wind"), call(1, arguments="{"),
            call(0, arguments='{"port":1}'), call(1, arguments="}"), delta({}, "tool_calls"),
        ),
        (*SAID, TIDE, ToolCall(id="b", name="wind", arguments="{}")), "tool_calls", UNKNOWN,
    ),
    "a call without an id": (
        stream(call(0, name="tide", arguments="{}"), STOP),
        (ToolCall(id=made_up_id("chatcmpl-upstream", 0, 0, "tide", "{}"), name="tide", arguments="{}"),),
        "tool_calls", UNKNOWN,
    ),
    "the legacy form": (
        stream(
            delta({"function_call": {"name": "tide", "arguments": ""}}), delta({"function_call": {"arguments": "{}"}}),
            delta({}, "function_call"),
        ),
        (ToolCall(id=made_up_id("chatcmpl-upstream", 0, 0, "tide", "{}"), name="tide", arguments="{}"),),
        "tool_calls", UNKNOWN,
    ),
    # usage
    "usage with the last chunk": (stream(*TEXT, STOP | {"usage": USAGE}), SAID, "stop", COUNTED),
    "usage with every chunk": (
        stream(*(each | {"usage": USAGE | {"completion_tokens": n}} for n, each in enumerate([*TEXT, STOP]))),
        SAID, "stop", Usage(input_tokens=11, output_tokens=2),
    ),
    "usage null until the last": (
        stream(*(each | {"usage": None} for each in (*TEXT, STOP)), USAGE_CHUNK), SAID, "stop", COUNTED,
    ),
    "usage twice": (stream(*TEXT, STOP, usage(prompt_tokens=1), USAGE_CHUNK), SAID, "stop", COUNTED),
    "usage that grows": (
        stream(*TEXT, STOP, usage(completion_tokens=3), USAGE_CHUNK), SAID, "stop", COUNTED,
    ),
    "usage not to be believed": (stream(*TEXT, STOP, usage(prompt_tokens=-5)), SAID, "stop", UNKNOWN),
    "usage before the end": (stream(USAGE_CHUNK, *TEXT, STOP), SAID, "stop", COUNTED),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_a_stream_that_ends_well(name: str) -> None:
    pieces, parts, finish, counted = GOOD[name]
    found = read(b"".join(pieces))
    assert isinstance(found.events[0], Started)
    assert found.events[-1] == Ended(usage=counted)
    assert found.parts == parts
    assert found.response.choices[0].finish == finish
    assert found.usage_known == (counted != UNKNOWN)
    assert (found.response.id, found.response.model) == ("chatcmpl-upstream", MODEL)


BROKEN = ("upstream_stream_broken", "The upstream closed the stream before its end.")
OVERHEATED = ("upstream_protocol_error", "The upstream broke off with an error: overheated")
NO_CHUNK = ("upstream_protocol_error", "The upstream sent a stream event that is not a chat completion chunk.")
NO_CHOICES = ("upstream_protocol_error", "The upstream's stream holds no choices.")

BAD: dict[str, tuple[list[bytes], int, tuple[str, str]]] = {
    "error first": ([sse(ERROR)], 0, OVERHEATED),
    "error in the middle": ([*stream(*TEXT, done=False), sse(ERROR), *stream(STOP)], 3, OVERHEATED),
    "error beside a chunk": ([*stream(TEXT[0], TEXT[1] | ERROR)], 2, OVERHEATED),
    "cut off": (stream(*TEXT, done=False), 3, BROKEN),
    "cut off in an event": ([*stream(*TEXT, done=False), sse(STOP)[:-1]], 3, BROKEN),
    "cut off after a call": (stream(call(0, id="a", name="tide"), done=False), 2, BROKEN),
    "one choice of two cut off": (stream(delta({}, "stop"), delta({}, index=1), done=False), 1, BROKEN),
    "empty": ([], 0, BROKEN),
    "only comments": ([b": hi\n\n"], 0, BROKEN),
    "only DONE": ([DONE], 0, NO_CHOICES),
    "only usage": (stream(USAGE_CHUNK), 1, NO_CHOICES),
    "bad JSON": ([*stream(*TEXT, done=False), b"data: {not json}\n\n", *stream(STOP)], 3, NO_CHUNK),
    "bad UTF-8": ([b'data: {"id": "\xff"}\n\n'], 0, NO_CHUNK),
    "no object": ([b"data: 7\n\n"], 0, NO_CHUNK),
    "no data": ([b"data:\n\n"], 0, NO_CHUNK),
    "nested beyond reason": ([b"data: " + b"[" * 5000 + b"\n\n"], 0, NO_CHUNK),
    "choices of another type": ([sse({"choices": 7})], 0, NO_CHUNK),
    "a choice of another type": ([sse({"choices": [7]})], 1, NO_CHUNK),
    "a nameless call": (
        stream(call(0, id="a", arguments="{}"), STOP), 1,
        ("upstream_protocol_error", "The upstream called a tool without naming it."),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_stream_that_breaks_ends_in_one_failure(name: str) -> None:
    pieces, events_before, (code, message) = BAD[name]
    found = read(b"".join(pieces))
    assert found.events[events_before:] == [Failed(code=code, message=message)]


STREAMS = {name: case[0] for name, case in (GOOD | BAD).items()}


@pytest.mark.parametrize("name", STREAMS)
class TestEverySplit:
    """However the bytes arrive, the same events come of them."""

    def test_byte_by_byte(self, name: str) -> None:
        data = b"".join(STREAMS[name])
        assert read(*(data[place : place + 1] for place in range(len(data)))) == read(data)

    def test_event_by_event(self, name: str) -> None:
        assert read(*STREAMS[name]) == read(b"".join(STREAMS[name]))

    def test_with_an_unterminated_tail(self, name: str) -> None:
        data = b"".join(STREAMS[name])
        assert read(data + b"data: {") == read(data)

    def test_cut_off_at_every_event(self, name: str) -> None:
        """What was read until then is what the whole stream begins with, and then it fails or ends."""
        whole = read(b"".join(STREAMS[name])).events
        for count in range(len(STREAMS[name])):
            *before, last = read(*STREAMS[name][:count]).events
            assert isinstance(last, Ended | Failed)
            said = [event for event in before if not isinstance(event, Finished)]
            assert said == whole[: len(said)]


# More than one choice -----------------------------------------------------------------------------

BOTH = [delta({"content": "A"}), delta({"content": "B"}, index=1)]
FINISHED = [delta({}, "length", index=1), delta({}, "stop")]


def test_choices_run_side_by_side_and_finish_at_the_end() -> None:
    found = read(*stream(*BOTH, *FINISHED, delta({"content": "!"}), USAGE_CHUNK))
    assert found.response.choices == (
        Choice(index=0, parts=(Text(text="A!"),), finish="stop"),
        Choice(index=1, parts=(Text(text="B"),), finish="length"),
    )
    assert found.events[-3:] == [Finished(reason="stop"), Finished(reason="length", choice=1), Ended(usage=COUNTED)]


THOUGHT = {"reasoning_tokens": 1}
USAGES: dict[str, tuple[list[dict[str, Any]], Usage]] = {
    "one for all": ([USAGE_CHUNK], COUNTED),
    "one for each choice": ([usage(completion_tokens=3), usage(completion_tokens=4)], COUNTED),
    "the same twice": ([USAGE_CHUNK, USAGE_CHUNK], COUNTED),
    "of other prompts": ([usage(prompt_tokens=5), USAGE_CHUNK], COUNTED),
    "the rest is summed, too": (
        [
            usage(completion_tokens=3, completion_tokens_details=THOUGHT),
            usage(completion_tokens=4, completion_tokens_details=THOUGHT),
        ],
        Usage(input_tokens=11, output_tokens=7, reasoning_tokens=2),
    ),
}


@pytest.mark.parametrize("name", USAGES)
def test_usage_of_several_choices(name: str) -> None:
    """llama.cpp reports each choice in a chunk of its own."""
    reports, expected = USAGES[name]
    data = b"".join(stream(*BOTH, *FINISHED, *reports))
    assert read(data).events[-1] == Ended(usage=expected)
    tap = StreamTap(include_usage=False, limit_bytes=1 << 20)
    tap.feed(data)
    assert tap.usage == expected


# Single matters -----------------------------------------------------------------------------------


def test_the_first_chunk_names_id_model_and_time() -> None:
    first = delta({"content": "x"}, system_fingerprint="fp_1")
    assert read(*stream(first)).events[0] == Started(
        id="chatcmpl-upstream", model=MODEL, created_s=1_790_000_000, fingerprint="fp_1"
    )


@pytest.mark.parametrize("fields", [{"id": None}, {"id": 7, "model": [], "created": "now"}, {"created": 1 << 70}])
def test_a_chunk_of_odd_fields_is_still_one(fields: dict[str, Any]) -> None:
    found = read(*stream(*(each | fields for each in (*TEXT, STOP))))
    assert found.parts == SAID


def test_events_come_as_soon_as_their_bytes_do() -> None:
    reader = StreamReader(limit_bytes=1 << 20)
    started, said = reader.feed(sse(TEXT[0]))
    assert isinstance(started, Started)
    assert said == TextDelta(text="Entre")
    assert reader.feed(sse(delta({"reasoning_content": "hm"}))) == [ReasoningDelta(text="hm")]
    assert reader.feed(sse(call(0, id="a", name="tide"))) == [ToolCallStarted(id="a", name="tide", call=0)]
    assert reader.feed(sse(call(0, arguments="{}"))) == [ToolCallDelta(arguments="{}", call=0)]
    assert reader.feed(sse(STOP)) == []
    assert reader.feed(DONE) == [Finished(reason="tool_calls"), Ended(usage=UNKNOWN)]
    assert reader.feed(sse(TEXT[0])) == []
    assert reader.close() == []


def test_logprobs_come_with_their_text() -> None:
    first = delta({"content": "Hi"})
    first["choices"][0]["logprobs"] = {"content": [{"token": "Hi", "logprob": -0.5, "top_logprobs": []}]}
    assert read(*stream(first)).events[1] == TextDelta(text="Hi", logprobs=(TokenLogprob(token="Hi", logprob=-0.5),))


def test_the_stop_sequence_that_vllm_names() -> None:
    last = delta({}, "stop")
    last["choices"][0]["stop_reason"] = "END"
    assert read(*stream(*TEXT, last)).events[-2] == Finished(reason="stop", stop_sequence="END")


def test_an_event_beyond_the_limit_ends_the_stream() -> None:
    found = read(sse(TEXT[0]), b"data: " + b"x" * 2000, limit_bytes=1000)
    assert isinstance(found.events[-1], Failed)
    assert "larger than 1000 bytes" in found.events[-1].message


def test_what_the_hub_writes_it_reads() -> None:
    data = written(FULL, include_usage=True)
    assert read(data).response == collect(FULL)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["index", "id", "function", "custom", "name", "arguments", "type"]), inner)
    ),
    max_leaves=8,
)
deltas = st.dictionaries(
    st.sampled_from(["content", "reasoning", "tool_calls", "function_call", "refusal"]), json_values
)
fuzzed_chunks = st.builds(
    lambda inner, finish, index, counts: delta(inner, finish, index=index, usage=counts),
    deltas | json_values,
    json_values,
    json_values,
    json_values,
)


@given(st.lists(fuzzed_chunks, max_size=4), st.booleans())
def test_any_chunks_end_or_fail(values: list[Any], done: bool) -> None:
    found = read(*stream(*values, done=done)).events
    assert isinstance(found[-1], Ended | Failed)
    assert not any(isinstance(event, Ended | Failed) for event in found[:-1])
    if isinstance(found[-1], Ended):
        assert isinstance(found[0], Started)
        collect(found)


@given(st.binary(max_size=60))
def test_any_bytes_fail(data: bytes) -> None:
    assert isinstance(read(b"data: " + data + b"\n\n").events[-1], Failed)
