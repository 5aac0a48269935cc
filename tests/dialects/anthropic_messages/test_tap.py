"""Streams tapped as they pass, in every way the bytes may be cut."""

from __future__ import annotations

import json

import msgspec
import pytest
from tests.dialects.anthropic_messages.sdk import stream
from tests.dialects.anthropic_messages.wire import COMMENT, FULL, PING, SHORT, STREAMS, sse

from entrepot.conversation import Usage
from entrepot.dialects.anthropic_messages import StreamTap

USAGE = Usage(input_tokens=125, output_tokens=42, cached_tokens=100, cache_write_tokens=5, reasoning_tokens=7)
ESTIMATE = Usage(input_tokens=5, output_tokens=3, estimated=True)
END = b'event: message_stop\ndata: {"type":"message_stop"}\n\n'


class Result(msgspec.Struct, frozen=True):
    """Everything a tap says of a stream, and what it let through."""

    relayed: bytes
    end: bytes
    id: str | None
    answered: str | None
    finish: str | None
    usage: Usage | None
    text: str
    failure: str | None
    done: bool
    started: bool


def tapped(*pieces: bytes, limit_bytes: int = 1 << 20) -> Result:
    tap = StreamTap(limit_bytes=limit_bytes)
    relayed = b""
    for piece in pieces:
        if tap.done or tap.failure:
            break
        relayed += tap.feed(piece)
    if not (tap.done or tap.failure):
        relayed += tap.close()
    return Result(
        relayed=relayed,
        id=tap.id,
        end=tap.end(ESTIMATE) if tap.done else b"",
        answered=tap.answered,
        finish=tap.finish,
        usage=tap.usage,
        text=tap.text,
        failure=f"{tap.failure.code}: {tap.failure.message}" if tap.failure else None,
        done=tap.done,
        started=tap.started,
    )


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
        for place in range(0, len(data), 7):
            assert tapped(data[:place], data[place:]) == tapped(data), place

    def test_cut_at_every_event_it_breaks_unless_it_had_finished(self, name: str) -> None:
        for place in range(len(STREAMS[name])):
            found = tapped(*STREAMS[name][:place])
            assert found.done == (found.failure is None)
            assert found.done == (found.finish is not None)


def test_the_full_stream() -> None:
    found = tapped(*STREAMS["full"])
    assert found.relayed == sse(FULL[0]) + sse(PING) + b"".join(map(sse, FULL[2:-2]))
    assert (found.answered, found.finish, found.usage) == ("claude-x", "tool_calls", USAGE)
    assert found.end == sse(FULL[-2]) + END  # usage waits for the end: what the answer costs belongs into it
    assert found.text == 'Look it up.Entrepôt \U0001f6a2Two.tide{"port":"Hamburg"}log'
    assert stream(found.relayed + found.end).usage.cache_read_input_tokens == 100


BODY = b"".join(map(sse, SHORT[:-2]))
BROKEN = "upstream_stream_broken: The upstream closed the stream before its end."
OVERLOADED = "upstream_overloaded: The upstream broke off with an error: Overloaded"

#        relayed, usage, finish, failure
FATES: dict[str, tuple[bytes, Usage | None, str | None, str | None]] = {
    "short": (BODY, USAGE, "stop", None),
    "CRLF": (b"".join(STREAMS["CRLF"][:-2]), USAGE, "stop", None),
    "BOM": (BODY, USAGE, "stop", None),
    "comments": (BODY.replace(sse(SHORT[3]), COMMENT + sse(SHORT[3])), USAGE, "stop", None),
    "bytes after the end": (BODY, USAGE, "stop", None),
    "no message_stop": (BODY, USAGE, "stop", None),
    "no message_delta": (b"".join(map(sse, SHORT[:-2])), ESTIMATE, None, None),
    "only a ping": (b"", None, None, BROKEN),
    "error first": (b"", None, None, OVERLOADED),
    "error in the middle": (b"".join(map(sse, SHORT[:3])), None, None, OVERLOADED),
    "cut off": (b"".join(map(sse, SHORT[:4])), None, None, BROKEN),
    "cut in an event": (b"".join(map(sse, SHORT[:2])), None, None, BROKEN),
    "bad JSON": (
        b"".join(map(sse, SHORT[:2])), None, None,
        "upstream_protocol_error: The upstream sent a stream event that is none of a message.",
    ),
    "no beginning": (
        b"", None, None, "upstream_protocol_error: The upstream's stream does not begin with a message.",
    ),
    "empty": (b"", None, None, BROKEN),
}  # fmt: skip


@pytest.mark.parametrize("name", FATES)
def test_fates(name: str) -> None:
    found = tapped(*STREAMS[name])
    assert (found.relayed, found.usage, found.finish, found.failure) == FATES[name]
    assert found.done == (found.failure is None)


def test_usage_that_never_came_is_made_up_for_before_the_end() -> None:
    found = tapped(*STREAMS["no usage"])
    theirs, delta, end = found.end.split(b"\n\n", 2)
    assert end == END
    assert b'"stop_reason"' in theirs
    assert json.loads(delta.split(b"data: ")[1]) == {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn", "stop_sequence": None},
        "usage": {
            "input_tokens": 5,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": 3,
            "output_tokens_details": {"thinking_tokens": 0},
            "server_tool_use": None,
            "estimated": True,
        },
    }
    message = stream(found.relayed + found.end.replace(b'"usage": {}', b'"usage": {"output_tokens": 0}'))
    assert (message.usage.output_tokens, message.stop_reason) == (3, "end_turn")


def test_nothing_starts_before_the_message_does() -> None:
    tap = StreamTap(limit_bytes=1 << 20)
    assert tap.feed(COMMENT + sse(PING)) == b""
    assert not tap.started
    assert tap.feed(sse(SHORT[0]) + sse(PING)) == sse(SHORT[0]) + sse(PING)
    assert tap.started


def test_an_endless_event_breaks() -> None:
    assert tapped(sse(SHORT[0]), b"data: " + b"x" * 2000, limit_bytes=1000).failure
