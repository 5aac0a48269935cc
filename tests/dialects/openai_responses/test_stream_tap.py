"""Foreign streams tapped as they pass, in every way the bytes may be cut."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from tests.dialects.openai_responses.judges import events_of
from tests.dialects.openai_responses.samples import (
    COUNTED,
    ECHO,
    MODEL,
    STREAM,
    USAGE,
    answer,
    llama_stream,
    openai_stream,
    sse,
)

from entrepot.conversation import Usage
from entrepot.dialects.openai_responses import StreamTap, StreamWriter
from entrepot.dialects.openai_responses.usage import emit_usage

ESTIMATE = Usage(input_tokens=5, output_tokens=3, estimated=True)
OPENAI = openai_stream()
LAST = sse(OPENAI[-1])
BODY = b"".join(map(sse, OPENAI[:-1]))
ERROR = {"type": "error", "code": "overheated", "message": "Too hot.", "param": None, "sequence_number": 3}
FAILED = {"type": "response.failed", "response": answer(status="failed", error={"code": "hot", "message": "Too hot."})}
NO_USAGE = OPENAI[-1] | {"response": answer(usage=None)}
COMMENT = b": still here\n\n"


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
    started: bool
    response: dict[str, Any] | None
    sequence_number: int


def tapped(*pieces: bytes, limit_bytes: int = 1 << 20) -> Result:
    tap = StreamTap(limit_bytes=limit_bytes)
    relayed = b""
    for piece in pieces:
        if tap.done or tap.failure:
            break
        relayed += tap.feed(piece)
    if not (tap.done or tap.failure):
        relayed += tap.close()
    end = tap.end(ESTIMATE) if tap.done else b""
    failure = f"{tap.failure.code}: {tap.failure.message}" if tap.failure else None
    known = {
        name: getattr(tap, name) for name in ("answered", "finish", "usage", "text", "done", "started", "response")
    }
    return Result(relayed, end, failure=failure, sequence_number=tap.sequence_number, **known)


STREAMS: dict[str, list[bytes]] = {
    "plain": [*map(sse, OPENAI)],
    "no usage": [*map(sse, OPENAI[:-1]), sse(NO_USAGE)],
    "llama.cpp": [*map(sse, llama_stream())],
    "CRLF": [sse(event, "\r\n") for event in OPENAI],
    "CR": [sse(event, "\r") for event in OPENAI],
    "BOM": [b"\xef\xbb\xbf", *map(sse, OPENAI)],
    "comments": [COMMENT, *map(sse, OPENAI[:4]), COMMENT, *map(sse, OPENAI[4:])],
    "DONE": [*map(sse, OPENAI), b"data: [DONE]\n\n"],
    "bytes after the end": [*map(sse, OPENAI), sse(ERROR), b"garbage"],
    "error first": [sse(ERROR)],
    "error after the opening": [*map(sse, OPENAI[:2]), sse(ERROR)],
    "error in the middle": [*map(sse, OPENAI[:8]), sse(ERROR), *map(sse, OPENAI[8:])],
    "failed after the opening": [*map(sse, OPENAI[:2]), sse(FAILED)],
    "failed in the middle": [*map(sse, OPENAI[:8]), sse(FAILED)],
    "cut off": [*map(sse, OPENAI[:8])],
    "cut in an event": [*map(sse, OPENAI[:8]), sse(OPENAI[8])[:-9]],
    "bad JSON": [*map(sse, OPENAI[:8]), b"data: {not json}\n\n"],
    "empty": [],
    "incomplete": [
        *map(sse, OPENAI[:-1]),
        sse({"type": "response.incomplete", "response": answer(status="incomplete")}),
    ],
}


@pytest.mark.parametrize("name", STREAMS)
class TestEverySplit:
    """However the bytes arrive, the same goes through and the same is known of it."""

    def test_byte_by_byte(self, name: str) -> None:
        data = b"".join(STREAMS[name])
        assert tapped(*(data[place : place + 1] for place in range(len(data)))) == tapped(data)

    def test_event_by_event(self, name: str) -> None:
        assert tapped(*STREAMS[name]) == tapped(b"".join(STREAMS[name]))

    def test_cut_in_two_at_many_places(self, name: str) -> None:
        data = b"".join(STREAMS[name])
        whole = tapped(data)
        for place in range(0, len(data) + 1, 7):
            assert tapped(data[:place], data[place:]) == whole, place


OPENING = b"".join(map(sse, OPENAI[:2]))
EIGHT = b"".join(map(sse, OPENAI[:8]))
TOO_HOT = "upstream_protocol_error: The upstream broke off with an error: Too hot."
BROKEN = "upstream_stream_broken: The upstream closed the stream before its end."

#        relayed  end    usage    finish  failure
FATES: dict[str, tuple[bytes, bytes, Usage | None, str | None, str | None]] = {
    "plain": (BODY, LAST, COUNTED, "tool_calls", None),
    "BOM": (BODY, LAST, COUNTED, "tool_calls", None),
    "DONE": (BODY, LAST, COUNTED, "tool_calls", None),
    "bytes after the end": (BODY, LAST, COUNTED, "tool_calls", None),
    "comments": (
        b"".join(map(sse, OPENAI[:4])) + COMMENT + b"".join(map(sse, OPENAI[4:-1])), LAST, COUNTED, "tool_calls", None,
    ),
    "error first": (b"", b"", None, None, TOO_HOT),
    "error after the opening": (OPENING, b"", None, None, TOO_HOT),
    "error in the middle": (EIGHT, b"", None, None, TOO_HOT),
    "failed after the opening": (OPENING, b"", COUNTED, "error", TOO_HOT),
    "failed in the middle": (EIGHT, sse(FAILED), COUNTED, "error", None),
    "cut off": (EIGHT, b"", None, None, BROKEN),
    "cut in an event": (EIGHT, b"", None, None, BROKEN),
    "bad JSON": (
        EIGHT, b"", None, None,
        "upstream_protocol_error: The upstream sent a stream event that is none of a response.",
    ),
    "empty": (b"", b"", None, None, BROKEN),
}  # fmt: skip


@pytest.mark.parametrize("name", FATES)
def test_what_becomes_of_a_stream(name: str) -> None:
    found = tapped(b"".join(STREAMS[name]))
    assert (found.relayed, found.end, found.usage, found.finish, found.failure) == FATES[name]


def test_usage_that_never_came_is_put_into_the_last_event() -> None:
    found = tapped(b"".join(STREAMS["no usage"]))
    (event,) = events_of(found.end)
    assert found.end.startswith(b"event: response.completed\n")
    assert event == NO_USAGE | {"response": answer(usage=emit_usage(ESTIMATE))}
    assert (found.relayed, found.usage, found.response) == (BODY, ESTIMATE, event["response"])


def test_without_an_estimate_the_last_event_goes_as_it_came() -> None:
    tap = StreamTap(limit_bytes=1 << 20)
    tap.feed(b"".join(STREAMS["no usage"]))
    assert tap.end(None) == sse(NO_USAGE)


def test_a_tap_knows_model_text_and_the_next_number() -> None:
    found = tapped(b"".join(STREAMS["plain"]))
    assert (found.answered, found.sequence_number, found.response) == (MODEL, len(OPENAI), OPENAI[-1]["response"])
    assert found.text == 'hmEntrepôt \U0001f6a2tide{"a":1}'


def test_a_response_has_not_started_with_its_opening() -> None:
    tap = StreamTap(limit_bytes=1 << 20)
    assert tap.feed(COMMENT + OPENING) == OPENING
    assert not tap.started
    assert tap.feed(sse(OPENAI[2])) == sse(OPENAI[2])
    assert tap.started
    assert tap.feed(COMMENT) == COMMENT


def test_incomplete_answers() -> None:
    found = tapped(b"".join(STREAMS["incomplete"]))
    assert (found.finish, found.done) == ("length", True)


@pytest.mark.parametrize(
    "odd",
    [
        {"type": "keepalive"},
        {"type": "response.output_text.delta", "delta": 7},
        {"type": "response.output_item.added", "item": [1]},
        {"type": "response.output_item.added", "item": {"name": 7}},
        {"type": "response.created", "response": 7},
        {"type": "response.created", "response": {"model": 7}, "sequence_number": "x"},
        {"type": "x.y", "error": None},
    ],
)
def test_odd_events_pass(odd: dict[str, Any]) -> None:
    found = tapped(sse(OPENAI[2]) + sse(odd) + LAST)
    assert (found.failure, found.relayed) == (None, sse(OPENAI[2]) + sse(odd))


@pytest.mark.parametrize(
    "event",
    [
        b"data: []\n\n",
        b"data: {}\n\n",
        b"data: <html>\n\n",
        b'data: {"type": "\xff"}\n\n',
        b"data: " + b"[" * 100_000 + b"\n\n",
        b"data: " + json.dumps({"error": {"message": "no"}}).encode() + b"\n\n",
    ],
)
def test_what_is_no_event_ends_the_stream(event: bytes) -> None:
    assert (tapped(event + BODY).failure or "").startswith("upstream_protocol_error")


def test_an_event_beyond_the_limit_ends_the_stream() -> None:
    assert "larger than 1000 bytes" in (tapped(b"data: " + b"x" * 2000, limit_bytes=1000).failure or "")


def test_what_the_hub_writes_its_tap_passes_unchanged() -> None:
    writer = StreamWriter(echo=ECHO)
    data = b"".join(map(writer.write, STREAM))
    found = tapped(data)
    assert found.relayed + found.end == data
    assert (found.usage, found.finish, found.response) == (USAGE, "tool_calls", writer.response)
    assert found.sequence_number == writer.sequence_number
