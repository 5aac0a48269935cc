"""What the clock does to connections, and what becomes of them when the hub stops."""

from __future__ import annotations

import asyncio
import socket
import time
from email.utils import parsedate_to_datetime

import pytest
from tests.edge.conftest import OpenDoor
from tests.support.listening import Door, body_of, echo, eventually, heedless, waiting

from entrepot.edge import Line, connection, listener

GET = b"GET /a HTTP/1.1\r\nhost: x\r\n\r\n"
POST = b"POST /a HTTP/1.1\r\nhost: x\r\n"
MUCH = b"x" * 10_000_000  # more than sockets hold


async def _pour(line: Line) -> None:
    line.start(200, [])
    line.write(MUCH, more=False)


# Time ---------------------------------------------------------------------------------------------

SLOW: dict[str, bytes] = {
    "nothing": b"",
    "empty lines": b"\r\n\r\n",
    "half a method": b"GE",
    "half a head": GET[:-2],
    "half a second head": GET + GET[:-2],
    "half a head behind an unread body": POST + b"content-length: 2\r\n\r\nab" + GET[:-2],
}


@pytest.mark.parametrize("data", SLOW.values(), ids=SLOW)
async def test_who_does_not_ask_in_time_is_cut(open_door: OpenDoor, data: bytes) -> None:
    door = await open_door(heedless, header_timeout_s=0.1)
    client = await door.client()
    await client.say(data)
    if data.startswith((GET, POST)):
        assert (await client.answer()).body == b"/a"
    assert await client.rest() == b""
    assert len(door.paths) <= 1


async def test_a_drip_of_a_head_does_not_put_its_end_off(open_door: OpenDoor) -> None:
    door = await open_door(echo, header_timeout_s=0.1)
    client = await door.client()
    await client.say(GET[:-2])
    with pytest.raises(ConnectionError):  # noqa: PT012
        for _ in range(1_000):
            await client.say(b"a: b\r\n")
            await asyncio.sleep(0.005)
    assert door.paths == []


async def test_a_kept_connection_is_closed_when_nothing_more_is_asked(
    open_door: OpenDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "IDLE_S", 0.1)
    client = await (await open_door(echo)).client()
    await client.say(GET)
    assert (await client.answer()).body == b"GET /a "
    assert await client.rest() == b""


async def test_an_exchange_under_way_has_all_the_time_it_takes(
    open_door: OpenDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("IDLE_S", "LINGER_S", "FLUSH_S"):
        monkeypatch.setattr(connection, name, 0.05)
    begin = asyncio.Event()

    async def handler(line: Line) -> None:
        body = await body_of(line)
        await begin.wait()
        line.start(200, [])
        line.write(body or b"", more=True)
        await asyncio.sleep(0.1)
        line.write(b"!", more=False)

    client = await (await open_door(handler, header_timeout_s=0.05)).client()
    await client.say(POST + b"content-length: 5\r\n\r\nhel")
    await asyncio.sleep(0.1)
    await client.say(b"lo")
    await asyncio.sleep(0.1)
    begin.set()
    assert (await client.answer()).body == b"hello!"


async def test_who_takes_a_large_answer_slowly_gets_all_of_it(
    open_door: OpenDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "IDLE_S", 0.05)
    monkeypatch.setattr(connection, "FLUSH_S", 0.5)
    door = await open_door(_pour)
    client = await door.client()
    await client.say(GET)
    await client.until(b"\r\n\r\n")
    taken = b""
    while len(taken) < len(MUCH):
        taken += await client.take(1_000_000)
        await asyncio.sleep(0.05)
    assert taken == MUCH


@pytest.mark.parametrize("asking", [GET, GET * 3, GET[:-2] + b"connection: close\r\n\r\n", GET + b"\0"])
async def test_who_takes_nothing_of_an_answer_is_cut(
    open_door: OpenDoor, monkeypatch: pytest.MonkeyPatch, asking: bytes
) -> None:
    for name in ("IDLE_S", "FLUSH_S", "LINGER_S"):
        monkeypatch.setattr(connection, name, 0.05)
    door = await open_door(_pour)
    await (await door.client()).say(asking)
    await eventually(lambda: door.unsent_bytes)
    await eventually(lambda: not door.listener.connections)
    assert door.paths == ["/a"]


async def test_each_answer_has_the_time_of_day(open_door: OpenDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await (await open_door(echo)).client()
    await client.say(GET)
    told = (await client.answer()).headers["date"]
    assert told.endswith(" GMT")
    assert abs(parsedate_to_datetime(told).timestamp() - time.time()) < 3
    later = "Fri, 31 Dec 2100 23:59:59 GMT"
    monkeypatch.setattr(listener, "formatdate", lambda *, usegmt: later)
    while told != later:
        await client.say(GET)
        told = (await client.answer()).headers["date"]


async def test_small_pieces_are_not_held_back(open_door: OpenDoor) -> None:
    door = await open_door(echo)
    await (await door.client()).say(GET)
    await eventually(lambda: door.desk.lines)
    (held,) = door.listener.connections
    assert held._transport is not None
    accepted = held._transport.get_extra_info("socket")
    assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


# The end ------------------------------------------------------------------------------------------


async def _ended(door: Door) -> None:
    async with asyncio.timeout(1):
        await door.listener.stop()
    assert not door.listener.connections


async def test_nobody_can_come_any_more(open_door: OpenDoor) -> None:
    door = await open_door(echo)
    await _ended(door)
    with pytest.raises(ConnectionRefusedError):
        await door.client()


QUIET: dict[str, tuple[bytes, int]] = {
    "new": (b"", 0),
    "in its first head": (GET[:-2], 0),
    "kept": (GET, 1),
    "in its second head": (GET + GET[:-2], 1),
    "in a body nobody reads": (POST + b"content-length: 5\r\n\r\nhel", 1),
    "refused": (b"\0", 1),
}


@pytest.mark.parametrize(("data", "answers"), QUIET.values(), ids=QUIET)
async def test_connections_without_an_exchange_are_closed(open_door: OpenDoor, data: bytes, answers: int) -> None:
    door = await open_door(heedless)
    client = await door.client()
    await client.say(data)
    for _ in range(answers):
        await client.answer()
    await eventually(lambda: door.listener.connections)
    stopping = asyncio.create_task(_ended(door))
    assert await client.rest() == b""
    client.leave()
    await stopping


async def test_an_exchange_under_way_is_finished_and_no_other_begun(open_door: OpenDoor) -> None:
    begin = asyncio.Event()
    door = await open_door(waiting(begin))
    client = await door.client()
    await client.say(GET + b"GET /next HTTP/1.1\r\nhost: x\r\n\r\n")
    await eventually(lambda: door.desk.lines)
    stopping = asyncio.create_task(_ended(door))
    await asyncio.sleep(0.01)
    begin.set()
    answer = await client.answer()
    assert (answer.body, answer.headers["connection"]) == (b"GET /a ", "close")
    assert await client.rest() == b""
    await stopping
    assert door.paths == ["/a"]


async def test_an_answer_that_is_written_still_goes_out(open_door: OpenDoor) -> None:
    door = await open_door(_pour)
    client = await door.client()
    await client.say(GET)
    await eventually(lambda: door.unsent_bytes)
    stopping = asyncio.create_task(_ended(door))
    await asyncio.sleep(0.01)
    assert len((await client.answer()).body) == len(MUCH)
    await stopping


async def test_an_exchange_that_does_not_end_is_cut(open_door: OpenDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "STOP_S", 0.1)
    begin = asyncio.Event()
    door = await open_door(waiting(begin))
    client = await door.client()
    await client.say(GET)
    await eventually(lambda: door.desk.lines)
    await door.listener.stop()
    assert await client.rest() == b""
    begin.set()
    await eventually(lambda: not door.listener.connections)
