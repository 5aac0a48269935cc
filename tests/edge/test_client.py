"""What is let in: headers by table, bodies by limit and deadline; and how a client's leaving is noticed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from entrepot.edge import Client, Headers, Scope, guard, new_request_id
from entrepot.edge.client import CLIENT_REQUEST_ID
from entrepot.errors import EntrepotError

HOST = (b"host", b"hub.test")


def scope(*headers: tuple[bytes, bytes], http_version: str = "1.1") -> dict[str, Any]:
    return {"type": "http", "http_version": http_version, "headers": list(headers)}


# Headers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        b"hub.test",
        b"hub.test:8080",
        b"127.0.0.1:1",
        b"[::1]",
        b"[::1]:8080",
        b"localhost",
        b"a_b-c.test",
        b"xn--e-1ga.test",
    ],
)
def test_valid_hosts_are_let_in(host: bytes) -> None:
    assert guard(scope((b"host", host)))[b"host"] == host


REFUSED: list[tuple[str, list[tuple[bytes, bytes]], int, str]] = [
    ("no host", [], 400, "invalid_host"),
    ("empty host", [(b"host", b"")], 400, "invalid_host"),
    ("host with path", [(b"host", b"hub.test/admin")], 400, "invalid_host"),
    ("host with user", [(b"host", b"a@hub.test")], 400, "invalid_host"),
    ("host with space", [(b"host", b"hub.test evil")], 400, "invalid_host"),
    ("host with line end", [(b"host", b"hub.test\n")], 400, "invalid_host"),
    ("host with letters for a port", [(b"host", b"hub.test:http")], 400, "invalid_host"),
    ("two hosts", [HOST, (b"host", b"evil.test")], 400, "duplicate_header"),
    ("two equal hosts", [HOST, HOST], 400, "duplicate_header"),
    ("two lengths", [HOST, (b"content-length", b"1"), (b"content-length", b"1")], 400, "duplicate_header"),
    ("two types", [HOST, (b"content-type", b"a"), (b"content-type", b"b")], 400, "duplicate_header"),
    ("two authorizations", [HOST, (b"authorization", b"a"), (b"authorization", b"b")], 400, "duplicate_header"),
    ("two x-api-keys", [HOST, (b"x-api-key", b"a"), (b"x-api-key", b"b")], 400, "duplicate_header"),
    ("two api-keys", [HOST, (b"api-key", b"a"), (b"api-key", b"b")], 400, "duplicate_header"),
    (
        "length and chunks",
        [HOST, (b"content-length", b"1"), (b"transfer-encoding", b"chunked")],
        400,
        "ambiguous_length",
    ),
    ("too many", [HOST, *[(b"x-%d" % number, b"") for number in range(100)]], 431, "headers_too_large"),
    ("too large", [HOST, (b"x-a", b"x" * 32 * 1024)], 431, "headers_too_large"),
    (
        "too large together",
        [HOST, *[(b"x-%d" % number, b"x" * 1024) for number in range(32)]],
        431,
        "headers_too_large",
    ),
]


@pytest.mark.parametrize(("headers", "status", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_unsafe_headers_are_refused(headers: list[tuple[bytes, bytes]], status: int, code: str) -> None:
    with pytest.raises(EntrepotError) as caught:
        guard(scope(*headers))
    assert (caught.value.status, caught.value.code) == (status, code)


def test_chunks_are_not_for_http_1_0() -> None:
    chunked = (HOST, (b"transfer-encoding", b"chunked"))
    guard(scope(*chunked))
    with pytest.raises(EntrepotError, match="two ways"):
        guard(scope(*chunked, http_version="1.0"))


def test_as_much_as_is_allowed_is_let_in() -> None:
    guard(scope(HOST, *[(b"x-%d" % number, b"x" * 100) for number in range(99)]))
    guard(scope(HOST, (b"accept", b"a"), (b"accept", b"b"), (b"x-a", b"x" * 32_000)))


def test_a_list_that_comes_in_two_headers_is_one() -> None:
    assert (
        guard(scope(HOST, (b"anthropic-beta", b"a-1"), (b"anthropic-beta", b"b-2,c-3")))[b"anthropic-beta"]
        == b"a-1, b-2,c-3"
    )


def test_request_ids_differ_and_sort_by_time() -> None:
    made = [new_request_id()]
    for _ in range(300):
        time.sleep(1e-6)
        made.append(new_request_id())
    assert made == sorted(set(made))
    assert all(each.startswith("req_") and len(each) == 32 for each in made)


# Bodies -------------------------------------------------------------------------------------------


class Wire:
    """The messages a client sends, each after a pause; afterwards nothing more comes."""

    def __init__(self, *messages: tuple[float, dict[str, Any]], is_complete: bool = False) -> None:
        self.scope: Scope = {}
        self.is_complete = is_complete
        self.is_congested = False
        self.is_lost = False
        self.on_leave: Callable[[], None] | None = None
        self._messages = list(messages)
        self.received = 0
        self.status = 0
        self.headers: Headers = []
        self.written: list[tuple[bytes, bool]] = []
        self.waited = 0

    async def receive(self) -> dict[str, Any]:
        if not self._messages:
            await asyncio.Event().wait()
        pause_s, message = self._messages.pop(0)
        await asyncio.sleep(pause_s)
        self.received += 1
        return message

    async def send(self, message: Any) -> None:
        raise AssertionError("a client is written to without ASGI's messages")

    def start(self, status: int, headers: Headers) -> None:
        self.status, self.headers = status, headers

    def write(self, data: bytes, *, more: bool) -> None:
        self.written.append((data, more))

    async def drained(self) -> None:
        self.waited += 1

    def leave(self) -> None:
        self.is_lost = True
        if self.on_leave is not None:
            self.on_leave()


def piece(body: bytes, *, more: bool = True, after_s: float = 0.0) -> tuple[float, dict[str, Any]]:
    return after_s, {"type": "http.request", "body": body, "more_body": more}


LEFT: tuple[float, dict[str, Any]] = (0.0, {"type": "http.disconnect"})


async def read(wire: Wire, *, limit_bytes: int = 100, timeout_s: float = 1.0, **headers: str) -> bytes:
    lines = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    lines = lines or {b"transfer-encoding": b"chunked"}
    client = Client(lines, wire, "req_1")
    try:
        return await client.read_body(limit_bytes, timeout_s)
    finally:
        client.unwatch()


@pytest.mark.parametrize(
    ("messages", "body"),
    [
        ([piece(b"abc", more=False)], b"abc"),
        ([piece(b"", more=False)], b""),
        ([piece(b"a"), piece(b""), piece(b"bc"), piece(b"", more=False)], b"abc"),
        ([piece(b"x" * 60), piece(b"x" * 40, more=False)], b"x" * 100),
    ],
)
async def test_a_body_is_read_whole(messages: list[tuple[float, dict[str, Any]]], body: bytes) -> None:
    assert await read(Wire(*messages)) == body
    assert await read(Wire(*messages), content_length=str(len(body))) == body
    assert await read(Wire(*messages, is_complete=True)) == body


async def refused(wire: Wire, **options: Any) -> tuple[int, str]:
    with pytest.raises(EntrepotError) as caught:
        await read(wire, **options)
    return caught.value.status, caught.value.code


@pytest.mark.parametrize("length", ["101", "9" * 18, "9" * 400])
async def test_a_declared_excess_is_refused_unread(length: str) -> None:
    wire = Wire(piece(b"x" * 200, more=False))
    assert await refused(wire, content_length=length) == (413, "request_too_large")
    assert wire.received == 0


async def test_an_undeclared_excess_is_refused_as_soon_as_it_shows() -> None:
    wire = Wire(piece(b"x" * 100), piece(b"x"), piece(b"x" * 100), piece(b"", more=False))
    assert await refused(wire) == (413, "request_too_large")
    assert wire.received == 2
    assert await refused(Wire(piece(b"x" * 101, more=False))) == (413, "request_too_large")


@pytest.mark.parametrize("length", ["-1", "+1", "1.0", "1e3", "", " ", "0x10", "1,1", "１"])
async def test_a_length_that_is_no_number_is_refused(length: str) -> None:
    assert await refused(Wire(piece(b"x", more=False)), content_length=length) == (400, "invalid_content_length")


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd", "deflate", "gzip, gzip", "x"])
async def test_a_compressed_body_is_refused_unread(encoding: str) -> None:
    wire = Wire(piece(b"x", more=False))
    assert await refused(wire, content_encoding=encoding, content_length="1") == (415, "unsupported_media_type")
    assert wire.received == 0


@pytest.mark.parametrize("encoding", ["identity", " Identity ", ""])
async def test_an_uncompressed_body_may_say_so(encoding: str) -> None:
    assert await read(Wire(piece(b"x", more=False)), content_encoding=encoding, content_length="1") == b"x"


@pytest.mark.parametrize("messages", [[LEFT], [piece(b"x"), LEFT]])
async def test_a_client_that_leaves_in_the_middle_is_noticed(messages: list[tuple[float, dict[str, Any]]]) -> None:
    assert await refused(Wire(*messages)) == (400, "incomplete_body")


@pytest.mark.parametrize(
    "messages", [[], [piece(b"x")], [piece(b"x", after_s=0.04) for _ in range(20)]], ids=["none", "stalled", "trickled"]
)
async def test_a_body_that_comes_too_slowly_is_given_up(messages: list[tuple[float, dict[str, Any]]]) -> None:
    began = time.monotonic()
    assert await refused(Wire(*messages), timeout_s=0.1) == (408, "request_timeout")
    assert 0.05 < time.monotonic() - began < 0.5
    await asyncio.sleep(0)  # the task goes on: nothing of the timeout is left in it


async def test_every_64_kib_earn_another_second() -> None:
    half = b"x" * 32 * 1024
    messages = [piece(half, after_s=0.15), piece(half, after_s=0.15), piece(half, after_s=0.15, more=False)]
    assert len(await read(Wire(*messages), limit_bytes=1 << 20, timeout_s=0.2)) == 3 * len(half)


async def test_a_cancellation_from_elsewhere_is_not_taken_for_slowness() -> None:
    task = asyncio.create_task(read(Wire(), timeout_s=5))
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


# Leaving ------------------------------------------------------------------------------------------


async def served(wire: Wire, seen: list[Client]) -> None:
    client = Client({}, wire, "req_1")
    seen.append(client)
    client.watch()
    try:
        await asyncio.sleep(5)
    finally:
        client.unwatch()


async def test_the_task_is_cancelled_when_the_client_leaves() -> None:
    wire, seen = Wire(), list[Client]()
    task = asyncio.create_task(served(wire, seen))
    await asyncio.sleep(0)
    wire.leave()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen[0].gone


async def test_a_client_that_has_left_before_is_noticed() -> None:
    wire, seen = Wire(), list[Client]()
    wire.leave()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(served(wire, seen))
    assert seen[0].gone


@pytest.mark.parametrize("answer", ["whole", "streamed", "none"])
async def test_nobody_watches_after_the_end(answer: str) -> None:
    wire = Wire()
    client = Client({}, wire, "req_1")
    client.watch()
    if answer == "whole":
        await client.send(200, [], b"x")
    elif answer == "streamed":
        await client.start(200, [])
        await client.end()
    else:
        client.unwatch()
    wire.leave()
    await asyncio.sleep(0)
    assert not client.gone


# Answers ------------------------------------------------------------------------------------------


async def test_a_whole_answer_is_written_at_once() -> None:
    wire = Wire()
    client = Client({}, wire, "req_1")
    client.extra_headers = [(b"vary", b"origin")]
    await client.send(200, [(b"a", b"b")], b"body")
    assert (wire.status, wire.headers) == (200, [(b"a", b"b"), (b"vary", b"origin")])
    assert wire.written == [(b"body", False)]
    assert client.started


async def test_a_streamed_answer_goes_piece_by_piece() -> None:
    wire = Wire()
    client = Client({}, wire, "req_1")
    client.extra_headers = [(b"vary", b"origin")]
    await client.start(200, [(b"a", b"b")])
    await client.write(b"one")
    await client.end(b"two")
    assert wire.headers == [(b"a", b"b"), (b"vary", b"origin")]
    assert wire.written == [(b"one", True), (b"two", False)]


async def test_a_client_that_does_not_read_is_waited_for() -> None:
    wire = Wire()
    client = Client({}, wire, "req_1")
    await client.start(200, [])
    for congested, waited in ((False, 0), (True, 1)):
        wire.is_congested = congested
        await client.write(b"one")
        assert wire.waited == waited


@pytest.mark.parametrize(
    ("given", "echoed"),
    [
        (b"abc-1.2:3_4", True),
        (b"x" * 128, True),
        (None, False),
        (b"", False),
        (b"x" * 129, False),
        (b"a b", False),
        (b"a\r\nset-cookie: x", False),
        ("é".encode(), False),
    ],
)
async def test_a_callers_own_id_is_echoed_when_it_is_safe(given: bytes | None, echoed: bool) -> None:
    wire = Wire()
    headers = {} if given is None else {CLIENT_REQUEST_ID: given}
    client = Client(headers, wire, "req_1")
    assert client.client_request_id == (given if echoed else None)
