"""The load generator against the bench's own upstream, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from bench.bodies import image_body, plain_body
from bench.load import Pace, call_ms, closed_loop, open_streams
from bench.servers import Target
from bench.upstream import Connection


@pytest.fixture
async def target() -> AsyncIterator[Target]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(loop, "bench/paced"), "127.0.0.1", 0)
    async with server:
        yield Target(port=server.sockets[0].getsockname()[1], model="bench/paced")


async def test_a_closed_loop_counts_its_calls(target: Target) -> None:
    calls = await closed_loop(target, plain_body("m"), clients=2, warm_s=0.0, window_s=0.05)
    assert calls.errors == 0
    assert 2 <= len(calls.latencies_ms) <= calls.made


async def test_a_closed_loop_without_a_server_reports_errors() -> None:
    calls = await closed_loop(Target(port=1, model="m"), b"{}", clients=1, warm_s=0.0, window_s=0.01)
    assert (calls.made, calls.errors > 0) == (0, True)


async def test_a_large_body_is_read_to_its_end(target: Target) -> None:
    assert await call_ms(target, image_body("m", 1_000_000)) is not None


async def test_streams_give_every_event_once(target: Target) -> None:
    pace = Pace(streams=3, events=4, every_ms=1, spread_s=0.01)
    seen = await open_streams(target, pace, limit_s=5.0)
    assert (seen.events, seen.asked_events, len(seen.ttft_ms), len(seen.gaps_ms), seen.errors) == (12, 12, 3, 9, 0)
    assert min(seen.delays_ms) > 0


async def test_a_refused_stream_is_an_error_and_not_waited_for() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        target = Target(port=server.sockets[0].getsockname()[1], model="m")
        seen = await asyncio.wait_for(open_streams(target, Pace(streams=1, events=1, every_ms=1), limit_s=30), 5)
    assert (seen.errors, seen.events) == (1, 0)
