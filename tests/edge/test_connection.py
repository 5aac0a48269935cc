"""Requests as bytes: cut anywhere, one behind the other, offered to other protocols, and those that are none."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Callable

import pytest
from tests.edge.conftest import OpenDoor
from tests.support.listening import Client, Handler, body_of, echo, eventually, heedless, statuses, waiting

from entrepot.edge import MOST_HEADERS, Line, connection
from entrepot.edge.connection import MOST_HEAD_BYTES, MOST_TARGET_BYTES, MOST_WAITING

GET = b"GET /a HTTP/1.1\r\nhost: x\r\n\r\n"
NEXT = b"GET /next HTTP/1.1\r\nhost: x\r\n\r\n"
POST = b"POST /a HTTP/1.1\r\nhost: x\r\n"
CHUNKED = POST + b"transfer-encoding: chunked\r\n\r\n"
OFFER = b"connection: upgrade\r\nupgrade: "


def named(cases: dict[str, tuple[object, ...]]) -> list[object]:
    return [pytest.param(*case, id=name) for name, case in cases.items()]


# Requests that are whole --------------------------------------------------------------------------

WHOLE: dict[str, tuple[object, ...]] = {
    "no body": (GET, b"GET /a "),
    "empty lines before": (b"\r\n\r\n" + GET, b"GET /a "),
    "a length": (POST + b"content-length: 5\r\n\r\nhello", b"POST /a hello"),
    "chunks": (CHUNKED + b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", b"POST /a hello"),
    "an extension and trailers": (CHUNKED + b"5;a=b\r\nhello\r\n0;c\r\nx-a: b\r\nhost: y\r\n\r\n", b"POST /a hello"),
    "h2c": (GET[:-2] + OFFER + b"h2c\r\nhttp2-settings: AAMAAABk\r\n\r\n", b"GET /a "),
    "websocket": (GET[:-2] + OFFER + b"websocket\r\nsec-websocket-version: 13\r\n\r\n", b"GET /a "),
    "h2c and a length": (POST + OFFER + b"h2c\r\ncontent-length: 5\r\n\r\nhello", b"POST /a hello"),
    "h2c and chunks": (CHUNKED[:-2] + OFFER + b"h2c\r\n\r\n5\r\nhello\r\n0\r\n\r\n", b"POST /a hello"),
    "two offers": (GET[:-2] + OFFER + b"h2c\r\nUpgrade: websocket\r\n\r\n", b"GET /a "),
    "another known method": (b"PROPFIND /a HTTP/1.1\r\nhost: x\r\n\r\n", b"PROPFIND /a "),
}  # fmt: skip


@pytest.mark.parametrize(("data", "said"), named(WHOLE))
async def test_a_request_is_served_wherever_it_is_cut(open_door: OpenDoor, data: bytes, said: bytes) -> None:
    door = await open_door(echo)
    client = await door.client()
    for cut in range(len(data) + len(NEXT)):
        both = data + NEXT
        await client.say(both[:cut], both[cut:])
        assert [(await client.answer()).body for _ in range(2)] == [said, b"GET /next "]


@pytest.mark.parametrize(("data", "said"), named(WHOLE))
async def test_a_request_is_served_byte_by_byte(open_door: OpenDoor, data: bytes, said: bytes) -> None:
    client = await (await open_door(echo)).client()
    await client.say(*(bytes([value]) for value in data + NEXT))
    assert [(await client.answer()).body for _ in range(2)] == [said, b"GET /next "]


async def test_a_trailer_is_nobodys_header(open_door: OpenDoor) -> None:
    door = await open_door(echo)
    client = await door.client()
    await client.say(CHUNKED + b"0\r\nx-evil: a\r\nauthorization: b\r\n\r\n" + NEXT)
    assert [(await client.answer()).status for _ in range(2)] == [200, 200]
    assert [dict(line.scope["headers"]) for line in door.desk.lines] == [
        {b"host": b"x", b"transfer-encoding": b"chunked"},
        {b"host": b"x"},
    ]


async def test_headers_come_in_lower_case_and_without_the_space_around_them(open_door: OpenDoor) -> None:
    door = await open_door(echo)
    await (client := await door.client()).say(
        b"GET / HTTP/1.1\r\nHost: \t x \t\r\nX-A:b\r\nX-Empty:\r\nx-a: \xe9\r\n\r\n"
    )
    await client.answer()
    (line,) = door.desk.lines
    assert line.scope["headers"] == [(b"host", b"x"), (b"x-a", b"b"), (b"x-empty", b""), (b"x-a", b"\xe9")]


TARGETS: list[tuple[bytes, bytes, str, bytes, bytes]] = [
    (b"GET", b"/a/b?c=d?e", "/a/b", b"/a/b", b"c=d?e"),
    (b"GET", b"/a%20b%C3%A9%2F%25", "/a bé/%", b"/a%20b%C3%A9%2F%25", b""),
    (b"GET", b"/%ff%", "/\ufffd%", b"/%ff%", b""),
    (b"GET", b"//a/../b", "//a/../b", b"//a/../b", b""),
    (b"GET", b"http://x:8080/a?b", "/a", b"/a", b"b"),
    (b"GET", b"https://x?b", "/", b"/", b"b"),
    (b"GET", b"http://x", "/", b"/", b""),
    (b"OPTIONS", b"*", "*", b"*", b""),
]


@pytest.mark.parametrize(("method", "target", "path", "raw", "query"), TARGETS)
async def test_a_target_is_read(
    open_door: OpenDoor, method: bytes, target: bytes, path: str, raw: bytes, query: bytes
) -> None:
    door = await open_door(echo)
    await (client := await door.client()).say(b"%b %b HTTP/1.1\r\nhost: x\r\n\r\n" % (method, target))
    assert (await client.answer()).status == 200
    scope = door.desk.lines[0].scope
    assert (scope["path"], scope["raw_path"], scope["query_string"]) == (path, raw, query)
    assert (scope["server"], scope["client"][0]) == (door.listener.address, "127.0.0.1")


# One behind the other -----------------------------------------------------------------------------

KEPT: list[tuple[bytes, bytes, str | None]] = [
    (b"1.1", b"", None),
    (b"1.1", b"connection: keep-alive\r\n", None),
    (b"1.1", b"connection: close\r\n", "close"),
    (b"1.1", b"Connection: x, Close\r\n", "close"),
    (b"1.0", b"", "close"),
    (b"1.0", b"connection: keep-alive\r\n", "keep-alive"),
    (b"1.0", b"connection: close\r\n", "close"),
]


@pytest.mark.parametrize(("version", "header", "told"), KEPT)
async def test_a_connection_is_kept_as_its_version_has_it(
    open_door: OpenDoor, version: bytes, header: bytes, told: str | None
) -> None:
    client = await (await open_door(echo)).client()
    await client.say(b"GET /a HTTP/%b\r\nhost: x\r\n%b\r\n" % (version, header))
    answer = await client.answer()
    assert (answer.body, answer.headers.get("connection")) == (b"GET /a ", told)
    if told == "close":
        assert await client.rest() == b""
    else:
        await client.say(NEXT)
        assert (await client.answer()).body == b"GET /next "


@pytest.mark.parametrize("count", [2, MOST_WAITING, MOST_WAITING + 2, 4 * MOST_WAITING])
async def test_requests_are_answered_one_after_the_other_in_their_order(open_door: OpenDoor, count: int) -> None:
    begin, serving = asyncio.Event(), 0

    async def handler(line: Line) -> None:
        nonlocal serving
        serving += 1
        assert serving == 1
        await begin.wait()
        await asyncio.sleep(0)
        await echo(line)
        serving -= 1

    client = await (await open_door(handler)).client()
    sent = [b"POST /%d HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n%02d" % (n, n % 100) for n in range(count)]
    await client.say(b"".join(sent[: count // 2]), b"".join(sent[count // 2 :]))
    begin.set()
    answers = [(await client.answer()).body for _ in range(count)]
    assert answers == [b"POST /%d %02d" % (n, n % 100) for n in range(count)]
    await client.say(NEXT)
    assert (await client.answer()).body == b"GET /next "


async def test_what_follows_the_last_request_is_not_served(open_door: OpenDoor) -> None:
    door = await open_door(echo)
    data = await door.ask(GET[:-2] + b"connection: close\r\n\r\n" + NEXT * 3)
    assert (statuses(data), door.paths) == ([200], ["/a"])


async def test_a_flood_of_requests_is_not_held(open_door: OpenDoor) -> None:
    begin = asyncio.Event()
    door = await open_door(waiting(begin))
    client = await door.client()
    asking = asyncio.create_task(client.say(b"GET / HTTP/1.1\r\n\r\n" * 100_000))
    await eventually(lambda: door.desk.lines)
    await asyncio.sleep(0.05)
    (held,) = door.listener.connections
    assert len(held._cycles) <= connection.MOST_HELD
    asking.cancel()
    begin.set()


async def test_headers_that_wait_are_not_held(open_door: OpenDoor) -> None:
    begin = asyncio.Event()
    door = await open_door(waiting(begin))
    client = await door.client()
    await client.say(GET)
    await client.say(*[GET[:-2] + b"a:\r\n" * 10_000 + b"\r\n"] * 10)
    (held,) = door.listener.connections
    assert [len(cycle.scope["headers"]) for cycle in held._cycles] == [1, MOST_HEADERS + 1]
    begin.set()
    assert statuses(await client.rest()) == [200, 431]


async def test_answers_nobody_takes_are_not_gathered(open_door: OpenDoor) -> None:
    async def handler(line: Line) -> None:
        line.start(200, [])
        line.write(b"x" * 1_000_000, more=False)

    door = await open_door(handler)
    client = await door.client()
    for _ in range(100):
        client.say_what_fits(GET * 10)
        await asyncio.sleep(0.001)
    assert door.unsent_bytes < 2_000_000
    assert len(door.desk.lines) < 20
    for _ in range(100):
        assert len((await client.answer()).body) == 1_000_000


# Requests that are none ---------------------------------------------------------------------------

NONE: dict[str, tuple[object, ...]] = {
    "HTTP/0.9": (b"GET /a\r\n\r\n", 400),
    "HTTP/0.9 by number": (b"GET /a HTTP/0.9\r\n\r\n", 400),
    "HTTP/2's preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "HTTP/2 by number": (b"GET /a HTTP/2.0\r\nhost: x\r\n\r\n", 400),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64), 400),
    "a response": (b"HTTP/1.1 200 OK\r\n\r\n", 400),
    "a tab in the target": (b"GET /a\tb HTTP/1.1\r\nhost: x\r\n\r\n", 400),
    "a target that is none": (b"GET a HTTP/1.1\r\nhost: x\r\n\r\n", 400),
    "line ends of one character": (b"GET /a HTTP/1.1\nhost: x\n\n", 400),
    "a last line end of one character": (GET[:-2] + b"\n", 400),
    "a space behind a header's name": (GET[:-2] + b"a : b\r\n\r\n", 400),
    "a header without a colon": (GET[:-2] + b"abc\r\n\r\n", 400),
    "a header without a name": (GET[:-2] + b": b\r\n\r\n", 400),
    "a folded header": (GET[:-2] + b"a: b\r\n c\r\n\r\n", 400),
    "a null in a header": (GET[:-2] + b"a: b\0c\r\n\r\n", 400),
    "a lonely CR in a header": (GET[:-2] + b"a: b\rc: d\r\n\r\n", 400),
    "two lengths": (POST + b"content-length: 1\r\ncontent-length: 2\r\n\r\nab", 400),
    "a negative length": (POST + b"content-length: -1\r\n\r\n", 400),
    "a length beyond all": (POST + b"content-length: 99999999999999999999\r\n\r\n", 400),
    "a length and chunks": (CHUNKED[:-2] + b"content-length: 5\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 400),
    "an offer, a length and chunks": (CHUNKED[:-2] + OFFER + b"h2c\r\ncontent-length: 5\r\n\r\n0\r\n\r\n", 400),
    "an unknown method": (b"BREW /a HTTP/1.1\r\nhost: x\r\n\r\n", 405),
    "an unknown method of small letters": (b"get /a HTTP/1.1\r\nhost: x\r\n\r\n", 405),
    "CONNECT": (b"CONNECT a:443 HTTP/1.1\r\nhost: x\r\n\r\n", 405),
    "CONNECT with an offer": (b"CONNECT a:443 HTTP/1.1\r\nhost: x\r\n" + OFFER + b"h2c\r\n\r\n", 405),
    "an address too long": (b"GET /" + b"a" * MOST_TARGET_BYTES + b" HTTP/1.1\r\nhost: x\r\n\r\n", 414),
    "an address too long with an offer": (
        b"GET /" + b"a" * MOST_TARGET_BYTES + b" HTTP/1.1\r\nhost: x\r\n" + OFFER + b"h2c\r\n\r\n", 414,
    ),
}  # fmt: skip


@pytest.mark.parametrize("before", [b"", GET], ids=["first", "second"])
@pytest.mark.parametrize(("data", "status"), named(NONE))
async def test_what_is_no_request_is_refused_and_nothing_after_it_served(
    open_door: OpenDoor, before: bytes, data: bytes, status: int
) -> None:
    door = await open_door(echo)
    answered = await door.ask(before, data + NEXT)
    assert statuses(answered) == [200] * bool(before) + [status]
    assert door.paths == ["/a"] * bool(before)


CHUNKS: dict[str, tuple[object, ...]] = {
    "no size": (b"\r\nhello\r\n0\r\n\r\n",),
    "a size that is none": (b"zz\r\nhello\r\n0\r\n\r\n",),
    "a negative size": (b"-5\r\nhello\r\n0\r\n\r\n",),
    "a size beyond all": (b"fffffffffffffffff\r\n",),
    "a hexadecimal prefix": (b"0x5\r\nhello\r\n0\r\n\r\n",),
    "a space before the size": (b" 5\r\nhello\r\n0\r\n\r\n",),
    "a line end of one character": (b"5\nhello\r\n0\r\n\r\n",),
    "an extension's line end of one character": (b"5;a\nhello\r\n0\r\n\r\n",),
    "a piece's line end of one character": (b"5\r\nhello\n0\r\n\r\n",),
    "the last line end of one character": (b"5\r\nhello\r\n0\r\n\n",),
    "more than the size": (b"5\r\nhello!\r\n0\r\n\r\n",),
    "a trailer without a colon": (b"5\r\nhello\r\n0\r\nabc\r\n\r\n",),
    "a lonely CR in an extension": (b"5;a\rb\r\nhello\r\n0\r\n\r\n",),
    "an extension of 20 KB": (b"5;" + b"a" * 20_000 + b"\r\nhello\r\n0\r\n\r\n",),
    "a trailer of 20 KB": (b"5\r\nhello\r\n0\r\na: " + b"a" * 20_000 + b"\r\n\r\n",),
    "an extension that never ends": (b"5;" + b"a" * (MOST_HEAD_BYTES + 10),),
    "a trailer that never ends": (b"0\r\na: " + b"a" * (MOST_HEAD_BYTES + 10) + b"\0",),
}


@pytest.mark.parametrize("handler", [echo, heedless])
@pytest.mark.parametrize("cut", [0, 3])
@pytest.mark.parametrize("data", named(CHUNKS))
async def test_malformed_chunks_end_the_connection(
    open_door: OpenDoor, data: bytes, cut: int, handler: Handler
) -> None:
    """Whether the application reads them or has long answered."""
    door = await open_door(handler)
    answered = await door.ask(CHUNKED + data[:cut], data[cut:] + NEXT)
    assert statuses(answered) == [400 if handler is echo else 200]
    assert door.paths == ["/a"]


TOO_MUCH: dict[str, tuple[object, ...]] = {
    "one header": (b"GET / HTTP/1.1\r\na: ", 431),
    "many headers": (b"GET / HTTP/1.1\r\n" + b"a:\r\n" * (MOST_HEADERS + 1), 431),
    "a name": (b"GET / HTTP/1.1\r\n", 431),
    "an address": (b"GET /", 414),
}


@pytest.mark.parametrize(("begun", "status"), named(TOO_MUCH))
@pytest.mark.parametrize("segment", [1460, 1_000_000])
async def test_who_sends_too_large_a_head_can_read_that_it_is(
    open_door: OpenDoor, begun: bytes, status: int, segment: int
) -> None:
    client = await (await open_door(echo)).client()
    rest = b"x" * 1_000_000
    await client.say(begun)
    for start in range(0, len(rest), segment):
        await client.say(rest[start : start + segment])
    assert (await client.answer()).status == status
    await client.say(b"y" * 1_000)  # no reset yet
    assert await client.rest() == b""


async def test_who_sends_on_and_on_after_a_refusal_is_cut(open_door: OpenDoor) -> None:
    door = await open_door(echo)
    client = await door.client()
    await client.say(b"\0")
    assert (await client.answer()).status == 400
    with pytest.raises(ConnectionError):
        await client.say(*[b"x" * 65536] * 1_000)
    assert door.paths == []


async def test_a_thousand_offers_at_once_are_a_thousand_requests(open_door: OpenDoor) -> None:
    client = await (await open_door(echo)).client()
    await client.say((GET[:-2] + OFFER + b"h2c\r\n\r\n") * 900)
    assert [(await client.answer()).body for _ in range(900)] == [b"GET /a "] * 900


# Clients that leave -------------------------------------------------------------------------------

STOPS: list[bytes] = [b"", GET[:5], GET, POST + b"content-length: 9\r\n\r\nabc", CHUNKED + b"zz", b"\0", GET * 3]


@pytest.mark.parametrize("leave", [Client.leave, Client.reset, Client.finish])
@pytest.mark.parametrize("data", STOPS)
async def test_a_client_can_leave_at_any_moment(
    open_door: OpenDoor, data: bytes, leave: Callable[[Client], None]
) -> None:
    door = await open_door(echo)
    for wait in range(4):
        client = await door.client()
        await client.say(data)
        for _ in range(wait):
            await asyncio.sleep(0)
        leave(client)
    await eventually(lambda: not door.listener.connections)
    await (client := await door.client()).say(GET)
    assert (await client.answer()).body == b"GET /a "


@pytest.mark.parametrize("data", [*STOPS[1:], CHUNKED + b"1\r\na\r\n" + b"zz"])
async def test_a_connection_leaves_nothing_for_the_garbage_collector(open_door: OpenDoor, data: bytes) -> None:
    begin = asyncio.Event()

    async def handler(line: Line) -> None:
        line.on_leave = begin.set
        await body_of(line)
        await begin.wait()

    door = await open_door(handler)
    client = await door.client()
    gc.disable()
    try:
        await client.say(data)
        await eventually(lambda: door.listener.connections)
        (gone,) = [weakref.ref(each) for each in door.listener.connections]
        await asyncio.sleep(0.01)
        client.reset()
        await eventually(lambda: not door.listener.connections)
        door.desk.lines.clear()
        await eventually(lambda: gone() is None)
    finally:
        gc.enable()


async def test_a_client_that_says_its_last_and_takes_no_answer_is_cut(
    open_door: OpenDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "FLUSH_S", 0.1)

    async def handler(line: Line) -> None:
        line.start(200, [])
        line.write(b"x" * 20_000_000, more=True)
        await line.drained()

    door = await open_door(handler)
    client = await door.client()
    await client.say(GET)
    await eventually(lambda: door.unsent_bytes)
    client.finish()
    await eventually(lambda: not door.listener.connections)
