"""Streams: events written to chunks, and foreign chunks tapped, in every way the bytes may be cut."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from tests.conftest import Golden
from tests.support.upstream import MODEL, USAGE, chunks, dump, sse

from entrepot.conversation import (
    Ended,
    Event,
    Failed,
    Finished,
    ReasoningDelta,
    RefusalDelta,
    Started,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
    ToolCallStarted,
    TopLogprob,
    Usage,
)
from entrepot.dialects.openai_chat import StreamTap, StreamWriter
from entrepot.dialects.sse import data_of

DONE = sse("[DONE]")
COUNTED = Usage(input_tokens=11, output_tokens=7)
ESTIMATE = Usage(input_tokens=5, output_tokens=3, estimated=True)

# Writing ------------------------------------------------------------------------------------------

FULL: list[Event] = [
    Started(id="chatcmpl-1", model="m", created_s=1_790_000_000, fingerprint="fp_1"),
    ReasoningDelta(text="hm"),
    TextDelta(
        text="High é",
        logprobs=(TokenLogprob(token="High", logprob=-0.5, top=(TopLogprob(token="Low", logprob=-1.5),)),),
    ),
    TextDelta(text="Low", choice=1),
    RefusalDelta(text="No.", choice=2),
    ToolCallStarted(id="call_1", name="tide", call=0),
    ToolCallDelta(arguments='{"port":', call=0),
    ToolCallStarted(id="call_2", name="log", call=1, custom=True),
    ToolCallDelta(arguments="free", call=1),
    ToolCallDelta(arguments=' "Hamburg"}', call=0),
    Finished(reason="stop", choice=1),
    Finished(reason="content_filter", choice=2),
    Finished(reason="tool_calls"),
    Ended(usage=Usage(input_tokens=30, output_tokens=20, cached_tokens=8, reasoning_tokens=5, tier="standard")),
]
FAILED: list[Event] = [*FULL[:3], Failed(code="upstream_timeout", message="It took too long.")]


def written(events: list[Event], *, include_usage: bool) -> bytes:
    writer = StreamWriter(include_usage=include_usage)
    return b"".join(map(writer.write, events))


@pytest.mark.parametrize(
    ("name", "events", "include_usage"),
    [("stream", FULL, False), ("stream.usage", FULL, True), ("stream.failed", FAILED, False)],
)
def test_the_full_stream(golden: Golden, name: str, events: list[Event], include_usage: bool) -> None:
    golden(f"openai_chat/{name}.sse", written(events, include_usage=include_usage).decode())


def test_a_stream_of_nothing_still_ends() -> None:
    assert written([FULL[0], Ended(usage=Usage())], include_usage=False) == DONE


# Tapping ------------------------------------------------------------------------------------------


class Result(msgspec.Struct, frozen=True):
    """Everything a tap says of a stream, and what it let through."""

    relayed: bytes
    end: bytes
    answered: str | None
    finish: str | None
    usage: Usage | None
    text: str
    failure: str | None
    done: bool


def tapped(*pieces: bytes, include_usage: bool = False, limit_bytes: int = 1 << 20) -> Result:
    tap = StreamTap(include_usage=include_usage, limit_bytes=limit_bytes)
    relayed = b""
    for piece in pieces:
        if tap.done or tap.failure:
            break
        relayed += tap.feed(piece)
    if not (tap.done or tap.failure):
        relayed += tap.close()
    return Result(
        relayed=relayed,
        end=tap.end(ESTIMATE) if tap.done else b"",
        answered=tap.answered,
        finish=tap.finish,
        usage=tap.usage,
        text=tap.text,
        failure=f"{tap.failure.code}: {tap.failure.message}" if tap.failure else None,
        done=tap.done,
    )


CHUNKS = chunks("Entre", "pôt \U0001f6a2", usage=None)
USAGE_CHUNK = chunks()[-1]
COMMENT = b": still here\n\n"
ERROR = {"error": {"message": "overheated", "code": 502}}

STREAMS: dict[str, list[bytes]] = {
    "plain": [*map(sse, CHUNKS), sse(USAGE_CHUNK), DONE],
    "no usage": [*map(sse, CHUNKS), DONE],
    "no DONE": [*map(sse, CHUNKS), sse(USAGE_CHUNK)],
    "no DONE, no usage": [*map(sse, CHUNKS)],
    "comments": [COMMENT, sse(CHUNKS[0]), COMMENT, *map(sse, CHUNKS[1:]), COMMENT, sse(USAGE_CHUNK), DONE],
    "CRLF": [sse(value, "\r\n") for value in (*CHUNKS, USAGE_CHUNK, "[DONE]")],
    "CR": [sse(value, "\r") for value in (*CHUNKS, USAGE_CHUNK, "[DONE]")],
    "BOM": [b"\xef\xbb\xbf", *map(sse, CHUNKS), DONE],
    "error first": [sse(ERROR)],
    "error in the middle": [*map(sse, CHUNKS[:2]), sse(ERROR), *map(sse, CHUNKS[2:]), DONE],
    "cut off": [*map(sse, CHUNKS[:3])],
    "cut in an event": [*map(sse, CHUNKS[:2]), sse(CHUNKS[2])[:-9]],
    "bad JSON": [*map(sse, CHUNKS[:2]), b"data: {not json}\n\n", *map(sse, CHUNKS[2:])],
    "empty": [],
    "only DONE": [DONE],
    "bytes after DONE": [*map(sse, CHUNKS), DONE, sse(ERROR), b"garbage"],
    "named events": [b"event: chunk\nid: 7\n" + sse(chunk) for chunk in CHUNKS] + [DONE],
    "usage in the last choice": [*map(sse, CHUNKS[:-1]), sse(CHUNKS[-1] | {"usage": USAGE}), DONE],
    "usage twice": [
        *map(sse, CHUNKS),
        sse(USAGE_CHUNK | {"usage": USAGE | {"prompt_tokens": 1}}),
        sse(USAGE_CHUNK),
        DONE,
    ],
}


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("include_usage", [False, True])
class TestEverySplit:
    """However the bytes arrive, the same goes through and the same is known of it."""

    def test_byte_by_byte(self, name: str, include_usage: bool) -> None:
        data = b"".join(STREAMS[name])
        pieces = (data[place : place + 1] for place in range(len(data)))
        assert tapped(*pieces, include_usage=include_usage) == tapped(data, include_usage=include_usage)

    def test_event_by_event(self, name: str, include_usage: bool) -> None:
        whole = tapped(b"".join(STREAMS[name]), include_usage=include_usage)
        assert tapped(*STREAMS[name], include_usage=include_usage) == whole

    def test_cut_in_two_at_every_place(self, name: str, include_usage: bool) -> None:
        data = b"".join(STREAMS[name])
        whole = tapped(data, include_usage=include_usage)
        for place in range(len(data) + 1):
            assert tapped(data[:place], data[place:], include_usage=include_usage) == whole, place


BODY = b"".join(map(sse, CHUNKS))
BROKEN = "upstream_stream_broken: The upstream closed the stream before its end."

#        relayed         end is made up   usage     finish  failure
FATES: dict[str, tuple[bytes, bool, Usage | None, str | None, str | None]] = {
    "plain": (BODY, False, COUNTED, "stop", None),
    "no usage": (BODY, True, ESTIMATE, "stop", None),
    "no DONE": (BODY, False, COUNTED, "stop", None),
    "no DONE, no usage": (BODY, True, ESTIMATE, "stop", None),
    "comments": (
        sse(CHUNKS[0]) + COMMENT + b"".join(map(sse, CHUNKS[1:])) + COMMENT, False, COUNTED, "stop", None,
    ),
    "BOM": (BODY, True, ESTIMATE, "stop", None),
    "error first": (
        b"", False, None, None, "upstream_protocol_error: The upstream broke off with an error: overheated",
    ),
    "error in the middle": (
        b"".join(map(sse, CHUNKS[:2])), False, None, None,
        "upstream_protocol_error: The upstream broke off with an error: overheated",
    ),
    "cut off": (b"".join(map(sse, CHUNKS[:3])), False, None, None, BROKEN),
    "cut in an event": (b"".join(map(sse, CHUNKS[:2])), False, None, None, BROKEN),
    "bad JSON": (
        b"".join(map(sse, CHUNKS[:2])), False, None, None,
        "upstream_protocol_error: The upstream sent a stream event that is not a chat completion chunk.",
    ),
    "empty": (b"", False, None, None, BROKEN),
    "bytes after DONE": (BODY, True, ESTIMATE, "stop", None),
    "usage in the last choice": (b"".join(map(sse, CHUNKS[:-1])), False, COUNTED, "stop", None),
    "usage twice": (BODY, False, COUNTED, "stop", None),
}  # fmt: skip


@pytest.mark.parametrize("name", FATES)
def test_what_becomes_of_a_stream_whose_client_asked_for_no_usage(name: str) -> None:
    relayed, _, usage, finish, failure = FATES[name]
    found = tapped(b"".join(STREAMS[name]))
    assert found.relayed == relayed
    assert (found.usage, found.finish, found.failure) == (usage, finish, failure)
    last = sse(CHUNKS[-1] | {"usage": USAGE}) if name == "usage in the last choice" else b""
    assert found.end == (last + DONE if failure is None else b"")


@pytest.mark.parametrize("name", [name for name, fate in FATES.items() if fate[4] is None])
def test_a_client_that_asked_for_usage_gets_it_reported_or_estimated(name: str) -> None:
    _, is_made_up, usage, _, _ = FATES[name]
    found = tapped(b"".join(STREAMS[name]), include_usage=True)
    made_up, *done = [event + b"\n\n" for event in found.end.split(b"\n\n")[:-1]]
    assert [made_up, *done][-1] == DONE
    if is_made_up:
        assert usage == ESTIMATE
        chunk = json.loads(data_of(made_up) or b"")
        assert (chunk["id"], chunk["model"], chunk["choices"]) == ("chatcmpl-upstream", MODEL, [])
        assert (chunk["usage"]["prompt_tokens"], chunk["usage"]["completion_tokens"]) == (5, 3)
    else:
        assert done  # usage waits for the end: what the answer costs belongs into it
        assert dump(USAGE) in made_up


def test_a_tap_knows_model_and_text() -> None:
    found = tapped(b"".join(STREAMS["plain"]))
    assert (found.answered, found.text) == (MODEL, "Entrepôt \U0001f6a2")


def chunk(delta: Any, finish: str | None = None, **fields: Any) -> dict[str, Any]:
    return CHUNKS[0] | {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]} | fields


def test_text_to_be_counted_holds_reasoning_refusals_and_calls() -> None:
    call = {"index": 0, "id": "c", "type": "function", "function": {"name": "tide", "arguments": ""}}
    deltas = [
        {"reasoning_content": "hm"},
        {"refusal": "no"},
        {"tool_calls": [call]},
        {"tool_calls": [{"index": 0, "function": {"arguments": '{"port":1}'}}]},
    ]
    assert tapped(b"".join(sse(chunk(delta)) for delta in deltas)).text == 'hmnotide{"port":1}'


@pytest.mark.parametrize(
    "odd",
    [
        chunk({"content": 7, "tool_calls": "x"}),
        chunk({"tool_calls": [None, {}, {"function": None}, {"function": {"name": 7}}]}),
        chunk(None),
        chunk({}, error=None, usage=None),
        CHUNKS[0] | {"choices": []},
        CHUNKS[0] | {"choices": None},
        {"prompt_filter_results": []},
    ],
)
def test_odd_chunks_pass(odd: dict[str, Any]) -> None:
    found = tapped(sse(odd) + b"".join(STREAMS["no usage"]))
    assert found.failure is None
    assert found.relayed == sse(odd) + BODY


@pytest.mark.parametrize(
    "event",
    [
        b"data: []\n\n",
        b"data: 7\n\n",
        b"data: {\n\n",
        b'data: {"choices": [{"delta": {"content": "\xff"}}]}\n\n',
        b"data:\n\n",
        b"data: " + b"[" * 100_000 + b"\n\n",
        b'data: {"choices": 7}\n\n',
        b"data: <html>\n\n",
    ],
)
def test_what_is_no_chunk_ends_the_stream(event: bytes) -> None:
    assert (tapped(event + BODY).failure or "").startswith("upstream_protocol_error")


def test_usage_that_cannot_be_believed_is_estimated() -> None:
    found = tapped(BODY + sse(USAGE_CHUNK | {"usage": {"prompt_tokens": -5, "completion_tokens": 1 << 63}}) + DONE)
    assert (found.usage, found.relayed) == (ESTIMATE, BODY)


def test_running_usage_counts_what_came_last() -> None:
    running = [item | {"usage": USAGE | {"completion_tokens": count}} for count, item in enumerate(CHUNKS)]
    found = tapped(b"".join(map(sse, running)) + DONE)
    assert found.usage == Usage(input_tokens=11, output_tokens=len(CHUNKS) - 1)


def test_an_event_beyond_the_limit_ends_the_stream() -> None:
    found = tapped(sse(CHUNKS[0]), b"data: " + b"x" * 2000, limit_bytes=1000)
    assert found.relayed == sse(CHUNKS[0])
    assert "larger than 1000 bytes" in (found.failure or "")


def test_nothing_goes_out_before_the_first_chunk() -> None:
    tap = StreamTap(include_usage=False, limit_bytes=1000)
    assert tap.feed(COMMENT + b"retry: 5\n\n") == b""
    assert not tap.started
    assert tap.feed(sse(CHUNKS[0])) == sse(CHUNKS[0])
    assert tap.started
    assert tap.feed(COMMENT) == COMMENT


@pytest.mark.parametrize("include_usage", [False, True])
def test_what_the_hub_writes_its_tap_passes_unchanged(include_usage: bool) -> None:
    data = written(FULL, include_usage=include_usage)
    found = tapped(data, include_usage=include_usage)
    assert found.relayed + found.end == data if include_usage else data.startswith(found.relayed)
    assert found.finish == "tool_calls"


def test_usage_told_all_along_holds_nothing_up_and_is_told_once_more_at_the_end() -> None:
    tap = StreamTap(include_usage=True, limit_bytes=1 << 20)
    said = [sse(chunk({"content": word}, usage=USAGE)) for word in ("one", "two")]
    assert [tap.feed(event) for event in said] == said
    assert tap.feed(sse(chunk({}, "stop")) + DONE) == sse(chunk({}, "stop"))
    last, done, _ = tap.end(None).split(b"\n\n")
    assert json.loads(last[6:])["usage"]["total_tokens"] == USAGE["total_tokens"]
    assert done + b"\n\n" == DONE


def test_usage_told_by_choice_is_told_as_a_sum_at_the_end() -> None:
    tap = StreamTap(include_usage=True, limit_bytes=1 << 20, is_llama=True)
    for index in (0, 1):
        tap.feed(sse(CHUNKS[0] | {"choices": [{"index": index, "delta": {"content": "a"}, "finish_reason": "stop"}]}))
    assert tap.feed(sse(USAGE_CHUNK)) == b""
    assert tap.feed(sse(USAGE_CHUNK) + DONE) == sse(USAGE_CHUNK)
    theirs, last, _, _ = tap.end(None).split(b"\n\n")
    assert theirs + b"\n\n" == sse(USAGE_CHUNK)
    assert json.loads(last[6:])["usage"]["completion_tokens"] == 2 * USAGE_CHUNK["usage"]["completion_tokens"]
