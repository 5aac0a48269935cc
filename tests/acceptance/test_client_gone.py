"""The client leaves: the upstream is let go within a second, what was delivered is recorded, nothing stays behind."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.support.hub import Hub, Hubs, eventually
from tests.support.threaded_upstream import PROVIDER_ENVIRON, ThreadedUpstream
from tests.support.upstream import Received, plain, stream
from tests.support.wire import Wire

from entrepot import tokens

WORDS = [f"word{number} " for number in range(40)]
SLOW_STREAM = stream(*WORDS).slowly(0.05)
CLIENT_LEFT = 499


@pytest.fixture(scope="module")
def left_hub(hubs: Hubs, _shared_upstream: ThreadedUpstream) -> Hub:
    return hubs("left", _shared_upstream.provider, environ=PROVIDER_ENVIRON)


def _sees_the_close(upstream: ThreadedUpstream, number: int = 0) -> float:
    """Seconds from now until the upstream's connection is closed by the hub."""
    began = time.monotonic()
    eventually(upstream.server.requests[number].left.is_set, 1.5)
    return time.monotonic() - began


def _newest(hub: Hub, count: int) -> list[dict[str, Any]]:
    """The rows after the first `count`, once there is one."""
    return eventually(lambda: hub.exchanges()[count:])


@pytest.mark.parametrize("chunks", [0, 1, 5])
def test_stream_left_after_some_chunks(left_hub: Hub, upstream: ThreadedUpstream, chunks: int) -> None:
    upstream.play(SLOW_STREAM if chunks else SLOW_STREAM.cut(0, "stall"))
    before = len(left_hub.exchanges())
    client = Wire(left_hub, left_hub.tokens.live, stream=True)
    client.read_events(chunks + 1 if chunks else 0)  # the first event has no text, only the role
    eventually(lambda: upstream.server.requests)
    time.sleep(0.1)
    client.leave()
    assert _sees_the_close(upstream) < 1
    (row,) = _newest(left_hub, before)
    assert (row["status"], row["error_code"], row["stream"]) == (CLIENT_LEFT, "client_left", 1)
    sent = _texts_sent(upstream.server.requests[0])
    assert tokens.count(client.text if chunks else "") <= row["output_tokens"] <= tokens.count(sent)
    assert (row["output_tokens"] > 0) is bool(chunks)
    assert row["input_tokens"] > 0 or not chunks


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "plain"])
def test_call_left_before_the_upstreams_head_is_recorded(
    left_hub: Hub, upstream: ThreadedUpstream, stream: bool
) -> None:
    upstream.play(plain().late(1))
    before = len(left_hub.exchanges())
    client = Wire(left_hub, left_hub.tokens.live, stream=stream)
    eventually(lambda: upstream.server.requests)
    client.leave()
    (row,) = _newest(left_hub, before)
    assert (row["status"], row["error_code"], row["output_tokens"]) == (CLIENT_LEFT, "client_left", 0)
    assert row["duration_ms"] < 1000


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "plain"])
def test_call_left_before_the_upstreams_head_lets_the_upstream_go(
    left_hub: Hub, upstream: ThreadedUpstream, stream: bool
) -> None:
    upstream.play(plain().late(2))
    before = len(left_hub.exchanges())
    client = Wire(left_hub, left_hub.tokens.live, stream=stream)
    eventually(lambda: upstream.server.requests)
    client.leave()
    assert _sees_the_close(upstream) < 1
    assert len(_newest(left_hub, before)) == 1


def test_plain_call_left_in_the_middle_of_the_upstreams_answer(left_hub: Hub, upstream: ThreadedUpstream) -> None:
    upstream.play(plain("x" * 4_000).in_pieces_of(100).slowly(0.05))
    before = len(left_hub.exchanges())
    client = Wire(left_hub, left_hub.tokens.live)
    eventually(lambda: upstream.server.requests and upstream.server.requests[0].sent_bytes)
    client.leave()
    assert _sees_the_close(upstream) < 1
    assert len(_newest(left_hub, before)) == 1


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "plain"])
def test_sandbox_call_left(left_hub: Hub, stream: bool) -> None:
    before = len(left_hub.exchanges())
    client = Wire(left_hub, left_hub.tokens.test, model="sandbox/stall", stream=stream)
    if stream:
        client.read_events(4)
    time.sleep(0.1)
    client.leave()
    (row,) = _newest(left_hub, before)
    assert (row["status"], row["output_tokens"]) == (CLIENT_LEFT, 3 if stream else 0)


def test_two_hundred_left_calls_leave_nothing_behind(hubs: Hubs, upstream: ThreadedUpstream) -> None:
    hub = hubs("many-left", upstream.provider, environ=PROVIDER_ENVIRON)

    def leave(number: int) -> None:
        chunks = (None, 0, 1, 5)[number % 4]
        if chunks is None:
            client = Wire(hub, hub.tokens.test, model="sandbox/stall")
        else:
            client = Wire(hub, hub.tokens.live, stream=True)
            client.read_events(chunks)
        client.leave()

    _answer(hub)
    before = hub.open_files
    upstream.play(SLOW_STREAM)
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(leave, range(200)))
    eventually(lambda: all(request.left.is_set() for request in upstream.server.requests))
    eventually(lambda: hub.open_files <= before)
    upstream.play(plain())
    began = time.monotonic()
    _answer(hub)
    assert time.monotonic() - began < 1
    began = time.monotonic()
    assert hub.stop() == 0  # were an exchange left, the hub would wait for it for 30 s
    assert time.monotonic() - began < 2
    first, *left, last = hub.exchanges()
    assert (first["status"], last["status"]) == (200, 200)
    assert {row["status"] for row in left} == {CLIENT_LEFT}
    # A client that leaves at once may not have been noticed at all.
    assert 100 <= sum(row["stream"] for row in left) <= len(left) <= 200


def _answer(hub: Hub) -> None:
    client = Wire(hub, hub.tokens.live)
    client.read_all()
    client.leave()
    assert client.status == 200


def _texts_sent(request: Received) -> str:
    """The words of which the upstream has handed the first byte to its socket."""
    length, texts = 0, []
    for piece, text in zip(SLOW_STREAM.pieces, ["", *WORDS, "", "", ""], strict=False):
        if length < request.sent_bytes:
            texts.append(text)
        length += len(piece)
    return "".join(texts)
