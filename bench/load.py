"""The load generator: closed-loop calls and paced streams over keep-alive connections, timed to the nanosecond.

One Python process on uvloop. Its own cost per call (about 30 µs) is the same for every gateway.
"""

from __future__ import annotations

import asyncio
import time
from typing import cast

import msgspec

from bench.bodies import stream_body
from bench.dialects import Dialect
from bench.servers import Target
from bench.wire import Inbox, is_ok

DRAIN_LIMIT_S = 5.0
NS_PER_S = 1_000_000_000


# Closed loop --------------------------------------------------------------------------------------


class Calls(msgspec.Struct):
    """What a closed loop saw. `made` counts every call; the latencies only those inside the window."""

    latencies_ms: list[float]
    window_s: float
    made: int = 0
    errors: int = 0

    @property
    def per_s(self) -> float:
        return len(self.latencies_ms) / self.window_s


class _Loop:
    """Shared by the callers of one run: the request, the window, and the tally."""

    def __init__(self, target: Target, body: bytes, warm_s: float, window_s: float) -> None:
        self.port = target.port
        self.request = target.request(body)
        self.opens_ns = time.monotonic_ns() + int(warm_s * NS_PER_S)
        self.closes_ns = self.opens_ns + int(window_s * NS_PER_S)
        self.calls = Calls([], window_s)

    def record(self, sent_ns: int, now_ns: int, message: bytes) -> None:
        self.calls.made += 1
        if not is_ok(message):
            self.calls.errors += 1
        elif self.opens_ns <= now_ns < self.closes_ns:
            self.calls.latencies_ms.append((now_ns - sent_ns) / 1e6)


class _Caller(asyncio.Protocol):
    """One client: sends the next call when the last one is answered, until the window closes."""

    def __init__(self, loop: _Loop) -> None:
        self._loop = loop
        self._inbox = Inbox()
        self._sent_ns = 0
        self.closed = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._send(time.monotonic_ns())

    def _send(self, now_ns: int) -> None:
        self._sent_ns = now_ns
        self._transport.write(self._loop.request)

    def data_received(self, data: bytes) -> None:
        message = self._inbox.feed(data)
        if message is None:
            return
        now_ns = time.monotonic_ns()
        self._loop.record(self._sent_ns, now_ns, message)
        self._sent_ns = 0
        if now_ns < self._loop.closes_ns:
            self._send(now_ns)
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._sent_ns:
            self._loop.calls.errors += 1
        if not self.closed.done():
            self.closed.set_result(None)


async def closed_loop(target: Target, body: bytes, *, clients: int, warm_s: float, window_s: float) -> Calls:
    """Keeps `clients` calls in flight for the window; calls still open 5 s after it are dropped."""
    loop = _Loop(target, body, warm_s, window_s)
    tasks = [asyncio.create_task(_client(loop)) for _ in range(clients)]
    _, late = await asyncio.wait(tasks, timeout=warm_s + window_s + DRAIN_LIMIT_S)
    for task in late:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return loop.calls


async def _client(loop: _Loop) -> None:
    while time.monotonic_ns() < loop.closes_ns:
        try:
            transport, caller = await asyncio.get_running_loop().create_connection(
                lambda: _Caller(loop), "127.0.0.1", loop.port
            )
        except OSError:
            loop.calls.errors += 1
            await asyncio.sleep(0.05)
            continue
        try:
            await caller.closed
        finally:
            transport.abort()


class _Once(asyncio.Protocol):
    def __init__(self) -> None:
        self._inbox = Inbox()
        self.message: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        message = self._inbox.feed(data)
        if message is not None and not self.message.done():
            self.message.set_result(message)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.message.done():
            self.message.set_result(b"")


async def call_ms(target: Target, body: bytes) -> float | None:
    """Milliseconds from the first byte written to the last one read, or None when the call failed."""
    request = target.request(body)
    transport, once = await asyncio.get_running_loop().create_connection(_Once, "127.0.0.1", target.port)
    start_ns = time.monotonic_ns()
    transport.write(request)
    message = await once.message
    transport.close()
    return (time.monotonic_ns() - start_ns) / 1e6 if is_ok(message) else None


# Streams ------------------------------------------------------------------------------------------


class Streams(msgspec.Struct):
    """What a run of streams saw. A delay is from the upstream's write to the client's read of one event."""

    asked_events: int
    ttft_ms: list[float]
    gaps_ms: list[float]
    delays_ms: list[float]
    errors: int = 0

    @property
    def events(self) -> int:
        return len(self.delays_ms)


class _Reader(asyncio.Protocol):
    """One stream, from its request to the event that ends it."""

    def __init__(self, request: bytes, dialect: Dialect, streams: Streams) -> None:
        self._request = request
        self._dialect = dialect
        self._streams = streams
        self._start_ns = 0
        self._rest = b""
        self._last_ns = 0
        self._answered = False
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def start(self) -> None:
        self._start_ns = time.monotonic_ns()
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        now_ns = time.monotonic_ns()
        if not self._answered:
            self._answered = True
            if not is_ok(data):
                self._streams.errors += 1
                self._transport.close()
        data = self._rest + data
        end = data.rfind(b"\n\n") + 1
        self._rest = data[end:]
        for sent in self._dialect.stamp.findall(data, 0, end):
            self._event(int(sent), now_ns)
        if self._dialect.end in data[:end]:
            self._transport.close()

    def _event(self, sent_ns: int, now_ns: int) -> None:
        streams = self._streams
        if self._last_ns:
            streams.gaps_ms.append((now_ns - self._last_ns) / 1e6)
        else:
            streams.ttft_ms.append((now_ns - self._start_ns) / 1e6)
        streams.delays_ms.append((now_ns - sent_ns) / 1e6)
        self._last_ns = now_ns

    def abort(self) -> None:
        self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How many streams of how many events, one each `every_ms`, their starts spread evenly over `spread_s`."""

    streams: int
    events: int
    every_ms: int
    spread_s: float = 0.0

    @property
    def span_s(self) -> float:
        return self.spread_s + self.events * self.every_ms / 1000


async def open_streams(target: Target, pace: Pace, *, limit_s: float) -> Streams:
    """Connects all, then starts the streams, and reads them to their end or until `limit_s` after it was due."""
    seen = Streams(pace.streams * pace.events, [], [], [])
    request = target.request(stream_body(target.model, pace.events, pace.every_ms, target.dialect))
    loop = asyncio.get_running_loop()
    readers = []
    for _ in range(pace.streams):
        _, reader = await loop.create_connection(
            lambda: _Reader(request, target.dialect, seen), "127.0.0.1", target.port
        )
        readers.append(reader)
    for number, reader in enumerate(readers):
        loop.call_later(pace.spread_s * number / pace.streams, reader.start)
    try:
        await asyncio.wait([reader.done for reader in readers], timeout=pace.span_s + limit_s)
    finally:
        for reader in readers:
            reader.abort()
    return seen
