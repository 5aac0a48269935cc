"""One request and its response: how answers are framed, bodies taken, and what an application leaves undone."""

from __future__ import annotations

import asyncio
import logging

import pytest
from tests.edge.conftest import OpenDoor
from tests.support.listening import Answer, Handler, body_of, echo, eventually, heedless, statuses

from entrepot.edge import Headers, Line, connection
from entrepot.edge.cycle import HIGH_WATER_BYTES

GET = b"GET /a HTTP/1.1\r\nhost: x\r\n\r\n"
NEXT = b"GET /next HTTP/1.1\r\nhost: x\r\n\r\n"
POST = b"POST /a HTTP/1.1\r\nhost: x\r\n"
EXPECTING = POST + b"expect: 100-continue\r\ncontent-length: 5\r\n\r\n"
LENGTH_5 = (b"content-length", b"5")
MUCH = b"x" * 10_000_000  # more than sockets hold


def named(cases: dict[str, tuple[object, ...]]) -> list[object]:
    return [pytest.param(*case, id=name) for name, case in cases.items()]


class Saying:
    """Answers with these pieces, the last of which is known to be the last."""

    def __init__(self, status: int, headers: Headers, *pieces: bytes) -> None:
        self._status = status
        self._headers = headers
        self._pieces = pieces

    async def __call__(self, line: Line) -> None:
        await line.send({"type": "http.response.start", "status": self._status, "headers": self._headers})
        for number, piece in enumerate(self._pieces, 1):
            more = number < len(self._pieces)
            await line.send({"type": "http.response.body", "body": piece, "more_body": more})


# How answers are framed ---------------------------------------------------------------------------

# The request's method and version, the answer's status, headers and pieces; then what says where it ends, and its body.
FRAMED: dict[str, tuple[object, ...]] = {
    "at once": ("GET", "1.1", 200, [], [b"hello"], {"content-length": "5"}, b"hello"),
    "nothing": ("GET", "1.1", 200, [], [b""], {"content-length": "0"}, b""),
    "at once with its length": ("GET", "1.1", 200, [LENGTH_5], [b"hello"], {"content-length": "5"}, b"hello"),
    "in pieces": ("GET", "1.1", 200, [], [b"he", b"", b"llo"], {"transfer-encoding": "chunked"}, b"hello"),
    "in pieces with an empty end": ("GET", "1.1", 200, [], [b"hello", b""], {"transfer-encoding": "chunked"}, b"hello"),
    "in empty pieces": ("GET", "1.1", 200, [], [b"", b"", b""], {"transfer-encoding": "chunked"}, b""),
    "in pieces with its length": ("GET", "1.1", 200, [LENGTH_5], [b"he", b"llo"], {"content-length": "5"}, b"hello"),
    "HTTP/1.0 at once": ("GET", "1.0", 200, [], [b"hello"], {"content-length": "5"}, b"hello"),
    "HTTP/1.0 in pieces": ("GET", "1.0", 200, [], [b"he", b"llo"], {}, b"hello"),
    "HTTP/1.0 in pieces with its length": (
        "GET", "1.0", 200, [LENGTH_5], [b"he", b"llo"], {"content-length": "5"}, b"hello",
    ),
    "HEAD at once": ("HEAD", "1.1", 200, [], [b"hello"], {}, b""),
    "HEAD with a length": ("HEAD", "1.1", 200, [LENGTH_5], [b""], {"content-length": "5"}, b""),
    "HEAD in pieces": ("HEAD", "1.1", 200, [], [b"he", b"llo"], {}, b""),
    "HEAD in HTTP/1.0": ("HEAD", "1.0", 200, [], [b"he", b"llo"], {}, b""),
    "204": ("GET", "1.1", 204, [], [b""], {}, b""),
    "204 with a length": ("GET", "1.1", 204, [(b"content-length", b"0")], [b""], {}, b""),
    "204 with a body": ("GET", "1.1", 204, [], [b"he", b"llo"], {}, b""),
    "304 with a length": ("GET", "1.1", 304, [LENGTH_5], [b""], {"content-length": "5"}, b""),
    "404": ("GET", "1.1", 404, [], [b"hello"], {"content-length": "5"}, b"hello"),
    "a status without a phrase": ("GET", "1.1", 299, [], [b"hello"], {"content-length": "5"}, b"hello"),
}  # fmt: skip


@pytest.mark.parametrize(("method", "version", "status", "headers", "pieces", "framing", "body"), named(FRAMED))
async def test_an_answer_says_where_it_ends(
    open_door: OpenDoor,
    method: str,
    version: str,
    status: int,
    headers: Headers,
    pieces: list[bytes],
    framing: dict[str, str],
    body: bytes,
) -> None:
    asking = f"{method} / HTTP/{version}\r\nhost: x\r\nconnection: keep-alive\r\n\r\n".encode()
    client = await (await open_door(Saying(status, headers, *pieces))).client()
    await client.say(asking)
    answer = await client.answer(method)
    told = {name: value for name, value in answer.headers.items() if name not in ("date", "connection")}
    assert (answer.status, told, answer.body) == (status, framing, body)
    if version == "1.0" and not framing and method == "GET":
        assert (answer.headers["connection"], await client.rest()) == ("close", b"")
        return
    assert answer.headers.get("connection") == ("keep-alive" if version == "1.0" else None)
    await client.say(asking)
    again = await client.answer(method)
    assert (again.status, again.body) == (status, body)


async def test_headers_go_out_as_they_are_and_in_their_order(open_door: OpenDoor) -> None:
    given = [(b"x-b", b"1"), (b"set-cookie", b"a"), (b"set-cookie", b"b"), (b"x-a", b"\xe9")]
    data = await (await open_door(Saying(200, given, b"hello"))).ask(GET[:-2] + b"connection: close\r\n\r\n")
    first, *lines = data.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert first == b"HTTP/1.1 200 OK"
    assert lines[:4] == [b"x-b: 1", b"set-cookie: a", b"set-cookie: b", b"x-a: \xe9"]
    assert data.endswith(b"\r\n\r\nhello")


async def test_an_answer_can_end_its_connection(open_door: OpenDoor) -> None:
    door = await open_door(Saying(200, [(b"connection", b"close")], b"hello"))
    data = await door.ask(GET + NEXT)
    assert (statuses(data), data.count(b"connection: close"), len(door.paths)) == ([200], 1, 1)


SPLITTING: list[tuple[bytes, bytes]] = [
    (b"x", b"a\r\nx-evil: b"),
    (b"x", b"a\nx-evil: b"),
    (b"x", b"a\rx-evil: b"),
    (b"x", b"a\n\rx-evil: b"),
    (b"x", b"a\r\n\r\nHTTP/1.1 200 OK\r\nx-evil: b"),
    (b"x\r\nx-evil", b"b"),
]


@pytest.mark.parametrize("header", SPLITTING)
@pytest.mark.parametrize("pieces", [[b"hello"], [b"he", b"llo"]])
async def test_a_header_that_would_be_two_is_not_sent(
    open_door: OpenDoor, caplog: pytest.LogCaptureFixture, header: tuple[bytes, bytes], pieces: list[bytes]
) -> None:
    data = await (await open_door(Saying(200, [header], *pieces))).ask(GET)
    assert (statuses(data), b"evil" in data) == ([500], False)
    assert "holds a line end" in caplog.text


# What an application leaves undone ----------------------------------------------------------------


async def _raises(line: Line) -> None:
    raise LookupError("no such thing")


async def _says_nothing(line: Line) -> None:
    return


async def _only_starts(line: Line) -> None:
    line.start(200, [])


async def _is_cancelled(line: Line) -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    await asyncio.sleep(0)


@pytest.mark.parametrize("handler", [_raises, _says_nothing, _only_starts, _is_cancelled])
async def test_a_request_without_an_answer_is_a_500(
    open_door: OpenDoor, caplog: pytest.LogCaptureFixture, handler: Handler
) -> None:
    door = await open_door(handler)
    data = await door.ask(POST + b"content-length: 5\r\n\r\nhello" + NEXT)
    assert data.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
    assert b"content-length: 0\r\n" in data
    assert b"connection: close\r\n" in data
    assert (statuses(data), door.paths) == ([500], ["/a"])
    assert ("no such thing" in caplog.text) is (handler is _raises)


@pytest.mark.parametrize("last", [_raises, _says_nothing, _is_cancelled])
async def test_an_answer_without_its_end_is_cut(open_door: OpenDoor, last: Handler) -> None:
    async def handler(line: Line) -> None:
        line.start(200, [])
        line.write(b"hello", more=True)
        await last(line)

    data = await (await open_door(handler)).ask(GET + NEXT)
    assert statuses(data) == [200]
    assert data.endswith(b"\r\n\r\n5\r\nhello\r\n")


@pytest.mark.parametrize("pieces", [[b"hell"], [b"hello!"], [b"he", b"ll"], [b"hello", b"!"]])
async def test_an_answer_that_is_not_as_long_as_declared_is_cut(
    open_door: OpenDoor, caplog: pytest.LogCaptureFixture, pieces: list[bytes]
) -> None:
    door = await open_door(Saying(200, [LENGTH_5], *pieces))
    body = (await door.ask(GET + NEXT)).partition(b"\r\n\r\n")[2]
    assert b"".join(pieces).startswith(body)
    assert (len(body) <= 5, door.paths) == (True, ["/a"])
    assert "not as long as it has declared" in caplog.text


async def test_what_is_said_after_the_end_goes_nowhere(open_door: OpenDoor) -> None:
    async def handler(line: Line) -> None:
        await heedless(line)
        line.write(b"more", more=True)
        await line.send({"type": "http.response.body", "body": b"more"})
        assert await line.receive() == {"type": "http.disconnect"}

    client = await (await open_door(handler)).client()
    await client.say(GET + NEXT)
    assert [(await client.answer()).body for _ in range(2)] == [b"/a", b"/next"]


# Bodies -------------------------------------------------------------------------------------------


async def test_a_large_body_comes_whole_and_no_faster_than_it_is_taken(open_door: OpenDoor) -> None:
    begin = asyncio.Event()

    async def handler(line: Line) -> None:
        await begin.wait()
        body = await body_of(line)
        line.start(200, [])
        line.write(b"%d" % len(body or b""), more=False)

    door = await open_door(handler)
    client = await door.client()
    saying = asyncio.create_task(client.say(POST + b"content-length: %d\r\n\r\n" % len(MUCH) + MUCH))
    await eventually(lambda: door.desk.lines)
    await asyncio.sleep(0.05)
    (held,) = door.listener.connections
    assert held._cycles[0]._buffered_bytes < HIGH_WATER_BYTES + 1_000_000
    assert not saying.done()
    begin.set()
    assert (await client.answer()).body == b"%d" % len(MUCH)
    await saying


@pytest.mark.parametrize("body", [b"content-length: 500000\r\n\r\n", b"transfer-encoding: chunked\r\n\r\n7a120\r\n"])
async def test_a_body_nobody_reads_is_read_over(open_door: OpenDoor, body: bytes) -> None:
    door = await open_door(heedless)
    client = await door.client()
    await client.say(POST + body)
    assert (await client.answer()).body == b"/a"
    await client.say(b"x" * 250_000, b"x" * 250_000)
    await client.say((b"\r\n0\r\n\r\n" if b"chunked" in body else b"") + NEXT)
    assert (await client.answer()).body == b"/next"


async def test_a_body_nobody_reads_is_not_waited_for_long(open_door: OpenDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "LINGER_S", 0.1)
    client = await (await open_door(heedless)).client()
    await client.say(POST + b"content-length: 500000\r\n\r\nhello")
    assert (await client.answer()).body == b"/a"
    assert await client.rest() == b""


# Expect: 100-continue -----------------------------------------------------------------------------


async def test_a_client_that_waits_for_a_word_gets_it_when_its_body_is_wanted(open_door: OpenDoor) -> None:
    client = await (await open_door(echo)).client()
    await client.say(EXPECTING)
    assert await client.answer() == Answer(100, {}, b"")
    await client.say(b"hello" + NEXT)
    answers = [await client.answer() for _ in range(2)]
    assert [answer.body for answer in answers] == [b"POST /a hello", b"GET /next "]


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
async def test_no_word_is_said_to_a_client_that_does_not_wait(open_door: OpenDoor, version: bytes) -> None:
    data = EXPECTING.replace(b"1.1", version)[:-2] + b"connection: close\r\n\r\n"
    pieces = [data + b"hello"] if version == b"1.1" else [data, b"hello"]
    assert statuses(await (await open_door(echo)).ask(*pieces)) == [200]


async def test_a_refusal_spares_the_client_its_body(open_door: OpenDoor) -> None:
    """Whether it sends it all the same nobody can tell: the connection ends."""
    door = await open_door(Saying(413, [], b"no"))
    client = await door.client()
    await client.say(EXPECTING)
    answer = await client.answer()
    assert (answer.status, answer.body, answer.headers["connection"]) == (413, b"no", "close")
    await client.say(NEXT)
    assert (await client.rest(), door.paths) == (b"", ["/a"])


# Clients that leave, and those that do not read ---------------------------------------------------


@pytest.mark.parametrize("begun", [POST + b"content-length: 5\r\n\r\nhel", POST + b"expect: 100-continue\r\n"
                                   b"transfer-encoding: chunked\r\n\r\n"])  # fmt: skip
async def test_a_body_breaks_off_when_the_client_leaves(open_door: OpenDoor, begun: bytes) -> None:
    told: list[bytes | None] = []

    async def handler(line: Line) -> None:
        told.append(await body_of(line))
        await echo(line)

    door = await open_door(handler)
    client = await door.client()
    await client.say(begun)
    await eventually(lambda: door.desk.lines)
    client.leave()
    await eventually(lambda: told)
    assert told == [None]


async def test_an_application_is_told_once_that_its_client_leaves(
    open_door: OpenDoor, caplog: pytest.LogCaptureFixture
) -> None:
    left: list[str] = []
    ended = asyncio.Event()

    async def handler(line: Line) -> None:
        line.on_leave = lambda: left.append("left")
        line.start(200, [])
        line.write(b"hello", more=True)
        while await line.receive() != {"type": "http.disconnect"}:
            pass
        line.write(b"more", more=True)
        await line.send({"type": "http.response.body", "body": b"last"})
        assert line.is_lost
        ended.set()

    door = await open_door(handler)
    client = await door.client()
    await client.say(GET)
    await client.until(b"hello")
    client.leave()
    await asyncio.wait_for(ended.wait(), 5)
    await eventually(lambda: not door.listener.connections)
    assert (left, caplog.records) == (["left"], [])


class Pouring:
    """Answers with more than sockets hold, in pieces, as fast as it is let."""

    def __init__(self) -> None:
        self.said_bytes = 0
        self.ended = asyncio.Event()

    async def __call__(self, line: Line) -> None:
        line.start(200, [])
        for _ in range(len(MUCH) // 10_000):
            await line.send({"type": "http.response.body", "body": MUCH[:10_000], "more_body": True})
            self.said_bytes += 10_000
            if line.is_lost:
                break
        await line.send({"type": "http.response.body"})
        self.ended.set()


async def test_a_client_that_does_not_read_stops_the_application(open_door: OpenDoor) -> None:
    pouring = Pouring()
    door = await open_door(pouring)
    client = await door.client(receive_buffer_bytes=262144)
    await client.say(GET)
    await eventually(lambda: door.unsent_bytes)
    await asyncio.sleep(0.05)
    said_bytes = pouring.said_bytes
    await asyncio.sleep(0.05)
    assert said_bytes == pouring.said_bytes < len(MUCH)
    assert door.unsent_bytes < 1_000_000
    assert len((await client.answer()).body) == len(MUCH)
    assert pouring.ended.is_set()


async def test_a_client_that_leaves_without_having_read_frees_the_application(open_door: OpenDoor) -> None:
    pouring = Pouring()
    door = await open_door(pouring)
    client = await door.client()
    await client.say(GET)
    await eventually(lambda: door.unsent_bytes)
    client.leave()
    await asyncio.wait_for(pouring.ended.wait(), 5)
    await eventually(lambda: not door.listener.connections)


async def test_a_client_that_never_reads_is_cut(open_door: OpenDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "FLUSH_S", 0.1)
    pouring = Pouring()
    door = await open_door(pouring)
    await (await door.client()).say(GET)
    await asyncio.wait_for(pouring.ended.wait(), 5)
    assert pouring.said_bytes < len(MUCH)


async def test_no_problem_is_made_of_a_client_that_resets(
    open_door: OpenDoor, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "entrepot"):
        door = await open_door(Pouring())
        for _ in range(20):
            client = await door.client()
            await client.say(GET * 3)
            client.reset()
        await eventually(lambda: not door.listener.connections)
    assert caplog.records == []
