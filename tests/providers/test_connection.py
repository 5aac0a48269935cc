"""One connection's reading of what an upstream sends: whole, byte by byte and with more behind it; then its limits."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import cast

import pytest

from entrepot.errors import UpstreamBroken, UpstreamTimeout
from entrepot.providers.connection import HIGH_WATER_BYTES, MOST_HEAD_BYTES, STALE_S, Connection

OK = b"HTTP/1.1 200 OK\r\n"
HELLO = OK + b"content-length: 5\r\n\r\nhello"


class Wire:
    """The least of a transport. As uvloop's, it takes no order any more once it is closing."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.unsent_bytes = 0
        self.reading = True
        self.closing = False

    def writelines(self, pieces: list[bytes]) -> None:
        assert not self.closing
        self.sent += pieces

    def get_write_buffer_size(self) -> int:
        return self.unsent_bytes

    def pause_reading(self) -> None:
        assert not self.closing
        self.reading = False

    def resume_reading(self) -> None:
        assert not self.closing
        self.reading = True

    def is_closing(self) -> bool:
        return self.closing

    def abort(self) -> None:
        self.closing = True


def connected() -> tuple[Connection, Wire]:
    connection, wire = Connection(asyncio.get_running_loop()), Wire()
    connection.connection_made(cast(asyncio.Transport, wire))
    return connection, wire


def asked(within_s: float = 5.0) -> tuple[Connection, Wire]:
    connection, wire = connected()
    connection.send(b"head", b"body", within_s)
    return connection, wire


def lose(connection: Connection, wire: Wire, error: Exception | None = None) -> None:
    wire.closing = True
    connection.connection_lost(error)


async def body_of(connection: Connection) -> bytes:
    await connection.head(1)
    found = b""
    while (piece := await connection.read(1)) is not None:
        found += piece
    return found


Feed = Callable[[Connection, Wire, bytes], None]


def whole(connection: Connection, wire: Wire, data: bytes) -> None:
    connection.data_received(data)


def byte_by_byte(connection: Connection, wire: Wire, data: bytes) -> None:
    for value in data:
        if not wire.closing:
            connection.data_received(bytes([value]))


feeds = pytest.mark.parametrize("feed", [whole, byte_by_byte])


def named(cases: dict[str, tuple[object, ...]]) -> list[object]:
    return [pytest.param(*case, id=name) for name, case in cases.items()]


# Answers that are whole ---------------------------------------------------------------------------

# What came, its status, its body, whether the connection can be used again.
WHOLE: dict[str, tuple[object, ...]] = {
    "a length": (HELLO, 200, b"hello", True),
    "no body": (OK + b"content-length: 0\r\n\r\n", 200, b"", True),
    "chunks": (OK + b"transfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", 200, b"hello", True),
    "chunks with extensions": (
        OK + b"transfer-encoding: chunked\r\n\r\n5;a=b;c\r\nhello\r\n0;d\r\n\r\n", 200, b"hello", True,
    ),
    "trailers": (
        OK + b"transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\ncontent-type: b\r\nx: y\r\n\r\n",
        200, b"hello", True,
    ),
    "100 and 103 before": (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + HELLO, 200, b"hello", True,
    ),
    "204": (b"HTTP/1.1 204 None\r\n\r\n", 204, b"", True),
    "304 with a length": (b"HTTP/1.1 304 Same\r\ncontent-length: 5\r\n\r\n", 304, b"", True),
    "no reason": (b"HTTP/1.1 200\r\ncontent-length: 5\r\n\r\nhello", 200, b"hello", True),
    "the other side will close": (OK + b"connection: close\r\ncontent-length: 5\r\n\r\nhello", 200, b"hello", False),
    "HTTP/1.0": (b"HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\nhello", 200, b"hello", False),
    "HTTP/1.0 kept": (
        b"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 5\r\n\r\nhello", 200, b"hello", True,
    ),
}  # fmt: skip


@feeds
@pytest.mark.parametrize(("data", "status", "body", "reusable"), named(WHOLE))
async def test_a_whole_answer(feed: Feed, data: bytes, status: int, body: bytes, reusable: bool) -> None:
    connection, wire = asked()
    feed(connection, wire, data)
    assert await body_of(connection) == body
    assert (connection.status, connection.reusable, wire.closing) == (status, reusable, False)


@feeds
@pytest.mark.parametrize("more", [b"x", HELLO, b"HTTP/1.1 100 Continue\r\n\r\n", b"\x00\xff"])
@pytest.mark.parametrize(("data", "status", "body", "reusable"), named(WHOLE))
async def test_more_behind_an_answer_does_not_spoil_it_but_ends_the_connection(
    feed: Feed, more: bytes, data: bytes, status: int, body: bytes, reusable: bool
) -> None:
    connection, wire = asked()
    feed(connection, wire, data + more)
    assert await body_of(connection) == body
    assert (connection.status, connection.reusable, wire.closing) == (status, False, True)


@feeds
async def test_headers_are_the_answers_own(feed: Feed) -> None:
    connection, wire = asked()
    head = b"HTTP/1.1 103 Hints\r\nlink: x\r\n\r\n" + OK + b"Content-Type:  a \r\nx-empty:\r\nX-Latin: \xe9\r\n"
    feed(connection, wire, head + b"transfer-encoding: chunked\r\n\r\n0\r\ncontent-type: b\r\nlate: x\r\n\r\n")
    await connection.head(1)
    assert connection.headers == {
        "content-type": "a",
        "x-empty": "",
        "x-latin": "é",
        "transfer-encoding": "chunked",
    }


@feeds
async def test_a_body_without_a_length_ends_with_its_connection(feed: Feed) -> None:
    connection, wire = asked()
    feed(connection, wire, OK + b"\r\nhello")
    lose(connection, wire)
    assert await body_of(connection) == b"hello"
    assert not connection.reusable


async def test_a_body_without_a_length_that_ends_with_an_error_is_broken() -> None:
    connection, wire = asked()
    connection.data_received(OK + b"\r\nhello")
    lose(connection, wire, ConnectionResetError())
    await connection.head(1)
    assert await connection.read(1) == b"hello"
    with pytest.raises(UpstreamBroken):
        await connection.read(1)


# Answers that are none ----------------------------------------------------------------------------

BROKEN: dict[str, tuple[object, ...]] = {
    "another protocol": (b"SSH-2.0-OpenSSH_9\r\n",),
    "a version that is none": (b"HTTP/7.0 200 OK\r\n\r\n",),
    "a length and chunks": (OK + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",),
    "two lengths": (OK + b"content-length: 1\r\ncontent-length: 2\r\n\r\nab",),
    "a negative length": (OK + b"content-length: -1\r\n\r\n",),
    "a length beyond all": (OK + b"content-length: 99999999999999999999\r\n\r\n",),
    "a chunk beyond all": (OK + b"transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n",),
    "a header without a name": (OK + b": x\r\n\r\n",),
    "a header with a null": (OK + b"x: a\x00b\r\n\r\n",),
    "a header with a lonely CR": (OK + b"x: a\rb\r\n\r\n",),
    "another protocol from here on": (b"HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nabc",),
    "a flood of headers": (OK + b"".join(b"x%d: y\r\n" % number for number in range(20_000)),),
    "a header that never ends": (OK + b"x: " + b"y" * (MOST_HEAD_BYTES + 1),),
    "a reason that never ends": (OK[:-2] + b"y" * (MOST_HEAD_BYTES + 1),),
    "a flood of 100 Continue": (b"HTTP/1.1 100 Continue\r\n\r\n" * 4_000,),
}


def in_segments(connection: Connection, wire: Wire, data: bytes) -> None:
    """As a socket gives much data."""
    for begin in range(0, len(data), 1460):
        if not wire.closing:
            connection.data_received(data[begin : begin + 1460])


@pytest.mark.parametrize("feed", [whole, in_segments, byte_by_byte])
@pytest.mark.parametrize("data", named(BROKEN))
async def test_what_is_no_answer_ends_the_connection_at_once(feed: Feed, data: bytes) -> None:
    connection, wire = asked()
    feed(connection, wire, data)
    assert wire.closing
    with pytest.raises(UpstreamBroken, match="did not answer in HTTP"):
        await body_of(connection)
    assert not connection.reusable


@pytest.mark.parametrize("begun", [b"1;", b"0\r\nx: "], ids=["extension", "trailer"])
async def test_what_never_ends_within_a_body_ends_the_connection(begun: bytes) -> None:
    connection, wire = asked()
    connection.data_received(OK + b"transfer-encoding: chunked\r\n\r\n1\r\nx\r\n" + begun)
    in_segments(connection, wire, b"y" * (MOST_HEAD_BYTES + 1460))
    assert wire.closing
    assert await connection.read(1) == b"x"
    with pytest.raises(UpstreamBroken, match="did not answer in HTTP"):
        await connection.read(1)


CUT: list[bytes] = [
    b"",
    b"HTTP/1.1 2",
    OK,
    OK + b"content-le",
    HELLO[:-1],
    OK + b"transfer-encoding: chunked\r\n\r\n5\r\n",
]


@pytest.mark.parametrize("data", CUT)
async def test_an_answer_that_breaks_off_is_broken(data: bytes) -> None:
    connection, wire = asked()
    if data:
        connection.data_received(data)
    lose(connection, wire)
    with pytest.raises(UpstreamBroken, match="broke"):
        await body_of(connection)


# Use after use ------------------------------------------------------------------------------------


async def test_an_answer_leaves_nothing_to_the_next() -> None:
    connection, wire = asked()
    connection.data_received(HELLO[:-5] + b"first")
    assert await body_of(connection) == b"first"
    connection.send(b"head", b"", 5)
    assert (connection.status, connection.headers, connection.reusable) == (0, {}, False)
    connection.data_received(b"HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n")
    assert await body_of(connection) == b""
    assert (connection.status, connection.reusable) == (500, True)
    assert wire.sent == [b"head", b"body", b"head", b""]


async def test_an_answer_nobody_has_read_leaves_nothing_to_the_next() -> None:
    connection, _ = asked()
    connection.data_received(HELLO)
    assert connection.reusable
    connection.send(b"head", b"", 5)
    connection.data_received(OK + b"content-length: 2\r\n\r\nno")
    assert await body_of(connection) == b"no"


async def test_a_word_out_of_turn_ends_a_kept_connection() -> None:
    connection, wire = asked()
    connection.data_received(HELLO)
    await body_of(connection)
    connection.data_received(b"HTTP/1.1 408 Slow\r\ncontent-length: 0\r\n\r\n")
    assert (connection.reusable, wire.closing) == (False, True)


async def test_an_answer_before_the_request_is_sent_ends_the_connection() -> None:
    connection, wire = asked()
    wire.unsent_bytes = 1
    connection.data_received(b"HTTP/1.1 413 Large\r\ncontent-length: 5\r\n\r\nhello")
    assert await body_of(connection) == b"hello"
    assert not connection.reusable


async def test_a_connection_that_broke_before_its_use_fails_at_once() -> None:
    connection, wire = connected()
    lose(connection, wire)
    connection.send(b"head", b"body", 5)
    with pytest.raises(UpstreamBroken):
        await asyncio.wait_for(connection.head(5), 0.5)
    assert not connection.stale  # a new one: nobody was about to shut it


async def test_only_a_kept_connection_that_breaks_soon_without_a_word_is_stale() -> None:
    connection, wire = asked()
    assert not connection.stale
    connection.data_received(HELLO)
    connection.send(b"head", b"", 5)
    lose(connection, wire)
    assert connection.stale
    connection._sent_s -= STALE_S
    assert not connection.stale


@pytest.mark.parametrize("said", [b"H", b"HTTP/1.1 100 Continue\r\n\r\n", OK, HELLO])
async def test_a_connection_that_has_said_a_word_is_not_stale(said: bytes) -> None:
    connection, wire = asked()
    connection.data_received(HELLO)
    connection.send(b"head", b"", 5)
    connection.data_received(said)
    lose(connection, wire)
    assert not connection.stale


# Much at once -------------------------------------------------------------------------------------

MUCH = OK + b"content-length: %d\r\n\r\n" % (3 * HIGH_WATER_BYTES)


async def test_the_socket_is_left_alone_while_nobody_reads() -> None:
    connection, wire = asked()
    connection.data_received(MUCH + b"x" * HIGH_WATER_BYTES)
    assert wire.reading
    connection.data_received(b"x")
    assert not wire.reading
    await connection.head(1)
    assert await connection.read(1) == b"x" * (HIGH_WATER_BYTES + 1)
    assert wire.reading


async def test_a_connection_that_is_left_alone_is_not_used_again() -> None:
    connection, wire = asked()
    connection.data_received(
        OK + b"content-length: %d\r\n\r\n" % (HIGH_WATER_BYTES + 1) + b"x" * (HIGH_WATER_BYTES + 1)
    )
    assert (wire.reading, connection.reusable) == (False, False)
    await body_of(connection)
    assert (wire.reading, connection.reusable) == (True, True)


async def test_what_came_before_a_break_can_be_read_after_it() -> None:
    connection, wire = asked()
    connection.data_received(MUCH + b"x" * (HIGH_WATER_BYTES + 1))
    lose(connection, wire, ConnectionResetError())
    await connection.head(1)
    assert len(await connection.read(1) or b"") == HIGH_WATER_BYTES + 1
    with pytest.raises(UpstreamBroken):
        await connection.read(1)


# Waiting ------------------------------------------------------------------------------------------


async def test_cancelling_a_wait_leaves_a_connection_that_can_be_shut() -> None:
    connection, wire = asked()
    for wait in (connection.head(5), connection.read(5)):
        task = asyncio.create_task(wait)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    connection.data_received(HELLO)
    lose(connection, wire)
    assert not connection.reusable


@pytest.mark.parametrize(
    ("said", "message"),
    [(b"", "did not begin"), (b"HTTP/1.1 100 Continue\r\n\r\n", "did not begin"), (MUCH, "sent nothing")],
)
async def test_silence_has_a_limit(said: bytes, message: str) -> None:
    connection, wire = asked()
    if said:
        connection.data_received(said)
    with pytest.raises(UpstreamTimeout, match=message):
        await (connection.read(0.03) if connection.status else connection.head(0.03))
    assert wire.closing


async def drip(connection: Connection, wire: Wire, data: bytes) -> None:
    for value in data:
        await asyncio.sleep(0.01)
        if wire.closing:
            return
        connection.data_received(bytes([value]))


async def test_a_drip_of_the_head_does_not_put_its_limit_off() -> None:
    connection, wire = asked()
    dripping = asyncio.create_task(drip(connection, wire, OK[:-2] + b"x" * 100))
    with pytest.raises(UpstreamTimeout):
        await connection.head(0.1)
    await dripping


async def test_a_drip_between_two_pieces_of_the_body_does_not_put_the_limit_off() -> None:
    connection, wire = asked()
    connection.data_received(OK + b"transfer-encoding: chunked\r\n\r\n1\r\nx\r\n1;")
    assert await connection.read(1) == b"x"
    dripping = asyncio.create_task(drip(connection, wire, b"y" * 100))
    with pytest.raises(UpstreamTimeout):
        await connection.read(0.1)
    await dripping


async def test_a_drip_of_the_body_puts_the_idle_limit_off_but_not_the_whole() -> None:
    connection, wire = asked(within_s=0.2)
    connection.data_received(MUCH)
    dripping = asyncio.create_task(drip(connection, wire, b"x" * 100))
    with pytest.raises(UpstreamTimeout, match="too long for its whole answer"):
        await _drained(connection, 0.1)
    await dripping


async def test_a_shorter_wait_after_a_longer_one_is_kept_to() -> None:
    connection, _ = asked()
    connection.data_received(MUCH)
    reading = asyncio.create_task(connection.read(5))
    await asyncio.sleep(0)
    connection.data_received(b"x")
    assert await reading == b"x"
    with pytest.raises(UpstreamTimeout):
        await asyncio.wait_for(connection.read(0.05), 1)


async def test_a_timer_of_an_earlier_wait_does_not_end_a_later_one() -> None:
    connection, wire = asked()
    connection.data_received(HELLO[:-1])
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(_drained(connection, 0.1), 0.05)
    connection.data_received(b"o")
    assert await connection.read(1) == b"o"
    connection.send(b"head", b"", 5)
    waiting = asyncio.create_task(connection.head(5))
    await asyncio.sleep(0.15)
    assert (wire.closing, waiting.done()) == (False, False)
    connection.data_received(HELLO)
    await waiting


async def _drained(connection: Connection, idle_s: float) -> None:
    while await connection.read(idle_s):
        pass


@pytest.mark.parametrize("end", [Connection.shut, lambda connection: connection.connection_lost(None)])
async def test_no_timer_is_left_behind(end: Callable[[Connection], None]) -> None:
    connection, _ = asked()
    waiting = asyncio.create_task(connection.head(5))
    await asyncio.sleep(0)
    timer = connection._timer
    assert timer is not None
    end(connection)
    assert timer.cancelled()
    assert connection._due_s < math.inf  # the wait itself goes on, until the loss is known
    waiting.cancel()
