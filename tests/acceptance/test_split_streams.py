"""However the upstream's bytes arrive, the client gets the same events; where they stop, it is told."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.support.hub import Hub
from tests.support.threaded_upstream import ThreadedUpstream
from tests.support.upstream import Received, Reply, chunks, events, sse
from tests.support.wire import Wire

LINE_ENDS = {"LF": "\n", "CRLF": "\r\n", "CR": "\r"}
GAP_S = 0.003  # long enough for the pieces to travel apart


def _stream(line_end: str) -> Reply:
    """A short stream that holds letters of one to four bytes."""
    written = [sse(chunk, line_end) for chunk in chunks("Grüße ", "an ⚓ 🚢")]
    return events(b"".join([b": hello" + line_end.encode() * 2, *written, sse("[DONE]", line_end)]))


def _ask(hub: Hub, position: int) -> Wire:
    client = Wire(
        hub,
        hub.tokens.live,
        stream=True,
        stream_options={"include_usage": True},
        messages=[{"role": "user", "content": str(position)}],
    )
    client.read_all()
    client.leave()
    return client


def _position(request: Received) -> int:
    return int(request.json["messages"][0]["content"])


def _data(client: Wire) -> list[str]:
    lines = re.split("\r\n|\n|\r", client.body.decode())
    return [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]


@pytest.mark.parametrize("name", LINE_ENDS)
def test_split_at_every_byte(hub: Hub, upstream: ThreadedUpstream, name: str) -> None:
    whole = _stream(LINE_ENDS[name])
    upstream.play(lambda request: whole.in_pieces(_position(request)).slowly(GAP_S))
    expected = _data(_ask(hub, 0))
    assert expected[-1] == "[DONE]"
    assert "".join(json.loads(data)["choices"][0]["delta"].get("content") or "" for data in expected[:-2]) == (
        "Grüße an ⚓ 🚢"
    )
    with ThreadPoolExecutor(16) as pool:
        asked = pool.map(lambda position: _ask(hub, position), range(1, len(whole.body)))
        different = [position for position, client in enumerate(asked, 1) if _data(client) != expected]
    assert different == []


def test_byte_by_byte(hub: Hub, upstream: ThreadedUpstream) -> None:
    whole = _stream("\n")
    upstream.play(whole)
    expected = _data(_ask(hub, 0))
    upstream.play(whole.in_pieces_of(1))
    assert _data(_ask(hub, 0)) == expected


@pytest.mark.parametrize("framing", ["chunked", "until close"])
def test_cut_off_at_every_byte_after_the_first_event(hub: Hub, upstream: ThreadedUpstream, framing: str) -> None:
    whole = _stream("\n") if framing == "chunked" else _stream("\n").until_close()
    upstream.play(whole)
    expected = _data(_ask(hub, 0))
    first = whole.body.index(b"\n\n", whole.body.index(b"data: ")) + 2
    finished = whole.body.index(b"\n\n", whole.body.index(b'"finish_reason":"stop"')) + 2
    upstream.play(lambda request: whole.cut(_position(request)))
    positions = range(first, len(whole.body))
    with ThreadPoolExecutor(16) as pool:
        asked = list(pool.map(lambda position: _ask(hub, position), positions))
    for position, client in zip(positions, asked, strict=True):
        *delivered, last = _data(client)
        if framing == "until close" and position >= finished:  # the end of the connection is as good as [DONE]
            assert last == "[DONE]"
            assert delivered[: len(expected) - 2] == expected[:-2]
            assert json.loads(delivered[-1])["usage"]["total_tokens"] > 0
        else:
            arrived = whole.body[:position].count(b"\n\n") - 1  # the first is a comment
            assert delivered == expected[:-2][:arrived]  # usage is told with its cost, when the stream has ended
            assert json.loads(last)["error"]["code"] in ("upstream_stream_broken", "upstream_protocol_error")
