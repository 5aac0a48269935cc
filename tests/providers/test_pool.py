"""Dialling, TLS, proxies and the keeping of connections, on real sockets."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator

import pytest
from tests.support.sockets import REQUEST, USER, Echo, answered, serving, upstream_at
from tests.support.upstream import FaultUpstream, plain, silence

from entrepot import errors
from entrepot.providers import pool as pool_module
from entrepot.providers.http import Http
from entrepot.providers.pool import Origin, Pool, proxy_authorization
from entrepot.settings import Upstream as Limits

# Origins ------------------------------------------------------------------------------------------

ORIGINS = [
    ("http://Example.test/v1", Origin("example.test", 80, False), "example.test"),
    ("https://example.test/v1", Origin("example.test", 443, True), "example.test"),
    ("https://example.test:80/v1", Origin("example.test", 80, True), "example.test:80"),
    ("http://example.test:10080", Origin("example.test", 10080, False), "example.test:10080"),
    ("http://[::1]:8080/v1", Origin("::1", 8080, False), "[::1]:8080"),
    ("https://[2001:db8::443]/v1", Origin("2001:db8::443", 443, True), "[2001:db8::443]"),
    ("https://bücher.test/v1", Origin("xn--bcher-kva.test", 443, True), "xn--bcher-kva.test"),
]


@pytest.mark.parametrize(("url", "origin", "authority"), ORIGINS)
def test_an_origin_is_read_from_a_url(url: str, origin: Origin, authority: str) -> None:
    assert (Origin.of(url), origin.authority) == (origin, authority)


@pytest.mark.parametrize("url", ["http://x:70000", "http://x:y", "http://[::1", f"http://{'é' * 70}.test"])
def test_a_port_or_name_that_cannot_be_is_no_origin(url: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Origin.of(url)


@pytest.mark.parametrize(
    ("proxy", "line"),
    [
        ("http://proxy.test:3128", ""),
        ("http://user:p%40ss@proxy.test", f"proxy-authorization: Basic {USER}\r\n"),
        ("http://user@proxy.test", f"proxy-authorization: Basic {base64.b64encode(b'user:').decode()}\r\n"),
    ],
)
def test_a_proxys_credential_becomes_its_header(proxy: str, line: str) -> None:
    assert proxy_authorization(proxy) == line


def test_a_line_break_in_a_proxys_credential_stays_within_it() -> None:
    assert proxy_authorization("http://a%0D%0Ax:b@proxy.test").count("\r\n") == 1


# Keeping ------------------------------------------------------------------------------------------


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    made = Pool(connect_timeout_s=2)
    yield made
    made.close()
    await asyncio.sleep(0.01)  # uvloop closes sockets a little later


async def open_connections(upstream: FaultUpstream, count: int) -> None:
    async with asyncio.timeout(1):
        while upstream.open_connections != count:
            await asyncio.sleep(0.005)


async def test_the_connection_used_last_is_taken_first(pool: Pool) -> None:
    async with FaultUpstream(plain()) as upstream:
        origin = Origin("127.0.0.1", upstream.port, False)
        first, second = await answered(pool, origin), await answered(pool, origin)
        pool.give(origin, first)
        pool.give(origin, second)
        taken = [await pool.take(origin) for _ in range(2)]
        for connection in taken:
            pool.give(origin, connection)
        assert taken == [second, first]
        assert upstream.connections == 2


async def test_a_connection_is_kept_for_its_own_origin_only(pool: Pool) -> None:
    async with FaultUpstream(plain()) as one, FaultUpstream(plain()) as other:
        for upstream in (one, other, one):
            origin = Origin("127.0.0.1", upstream.port, False)
            pool.give(origin, await answered(pool, origin))
        assert (one.connections, other.connections) == (1, 1)


async def test_a_connection_whose_answer_was_not_read_is_not_kept(pool: Pool) -> None:
    async with FaultUpstream(silence()) as upstream:
        origin = Origin("127.0.0.1", upstream.port, False)
        connection = await pool.take(origin)
        connection.send(REQUEST, b"", 5)
        await upstream.received(1)
        pool.give(origin, connection)
        await open_connections(upstream, 0)


async def test_idle_connections_are_shut_in_time(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    async with FaultUpstream(plain()) as upstream:
        origin = Origin("127.0.0.1", upstream.port, False)
        held = [await answered(pool, origin) for _ in range(4)]
        for connection in held[:3]:
            pool.give(origin, connection)
        monkeypatch.setattr(pool_module, "KEEP_S", 0.0)
        await asyncio.sleep(0.01)
        pool.give(origin, held[3])  # the others are too old by now
        await open_connections(upstream, 1)
        last = await pool.take(origin)
        await open_connections(upstream, 1)
        last.shut()
        assert upstream.connections == 5  # and so was the last, once it was to be taken


async def test_only_so_many_are_kept(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "MOST_IDLE", 1)
    async with FaultUpstream(plain()) as upstream:
        origin = Origin("127.0.0.1", upstream.port, False)
        for connection in [await answered(pool, origin) for _ in range(3)]:
            pool.give(origin, connection)
        await open_connections(upstream, 1)


async def test_a_closed_pool_keeps_nothing(pool: Pool) -> None:
    async with FaultUpstream(plain()) as upstream:
        origin = Origin("127.0.0.1", upstream.port, False)
        kept, held = await answered(pool, origin), await answered(pool, origin)
        pool.give(origin, kept)
        pool.close()
        await open_connections(upstream, 1)
        pool.give(origin, held)
        await open_connections(upstream, 0)


# TLS ----------------------------------------------------------------------------------------------


async def test_a_certificate_that_nobody_vouches_for_is_refused(pool: Pool, tls: ssl.SSLContext) -> None:
    echo = Echo()
    async with serving(echo, tls) as port:
        with pytest.raises(errors.UpstreamUnreachable, match="TLS"):
            await pool.take(Origin("localhost", port, True))
    assert echo.heads == []


@pytest.mark.usefixtures("trusted")
async def test_a_certificate_of_another_name_is_refused(pool: Pool, tls: ssl.SSLContext) -> None:
    echo = Echo()
    async with serving(echo, tls) as port:
        with pytest.raises(errors.UpstreamUnreachable, match="TLS"):
            await pool.take(Origin("127.0.0.1", port, True))
    assert echo.heads == []


@pytest.mark.usefixtures("trusted")
async def test_a_certificate_that_is_vouched_for_is_taken(pool: Pool, tls: ssl.SSLContext) -> None:
    echo = Echo()
    async with serving(echo, tls) as port:
        origin = Origin("localhost", port, True)
        for _ in range(2):
            pool.give(origin, await answered(pool, origin))
    assert echo.heads == [REQUEST, REQUEST]


async def test_a_handshake_that_never_ends_is_a_timeout_and_shut() -> None:
    ended = asyncio.Event()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        ended.set()

    async with serving(mute) as port:
        with pytest.raises(errors.UpstreamTimeout):
            await Pool(connect_timeout_s=0.1).dial(Origin("localhost", port, True))
        await asyncio.wait_for(ended.wait(), 1)


# Calls over kept connections ----------------------------------------------------------------------


async def test_an_answer_closed_twice_gives_its_connection_back_once() -> None:
    async with FaultUpstream(plain()) as upstream:
        http = Http(Limits())
        answer = await http.post(upstream_at(upstream.port), b"", within_s=5)
        await answer.body()
        await answer.close()
        await answer.close()
        both = [await http.post(upstream_at(upstream.port), b"", within_s=5) for _ in range(2)]
        assert upstream.connections == 2
        for answer in both:
            await answer.close()
        http.close()


async def test_a_call_cancelled_on_its_second_connection_shuts_that_one() -> None:
    connections = 0
    ended = asyncio.Event()

    async def shy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await reader.readuntil(b"\r\n\r\n")
        if connections == 1:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            await reader.readuntil(b"\r\n\r\n")  # and closes instead of answering
        else:
            await reader.read()
            ended.set()

    async with serving(shy) as port:
        http = Http(Limits())
        answer = await http.post(upstream_at(port), b"", within_s=5)
        assert await answer.body() == b""
        await answer.close()
        calling = asyncio.create_task(http.post(upstream_at(port), b"", within_s=5))
        while connections < 2:
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.05)
        calling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await calling
        await asyncio.wait_for(ended.wait(), 1)
        http.close()


async def test_a_large_body_may_be_refused_before_it_is_read() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Large\r\ncontent-length: 8\r\n\r\ntoo much")
        await writer.drain()

    async with serving(refuse) as port:
        http = Http(Limits())
        with pytest.raises(errors.UpstreamRefusal) as caught:
            await http.post(upstream_at(port), b"x" * 5_000_000, within_s=5)
        assert caught.value.status == 413
        http.close()


async def test_a_large_body_reaches_one_who_reads_slowly() -> None:
    async def sip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        left = 5_000_000
        while left:
            left -= len(await reader.read(min(left, 200_000)))
            await asyncio.sleep(0.002)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nread")

    async with serving(sip) as port:
        http = Http(Limits())
        answer = await http.post(upstream_at(port), b"x" * 5_000_000, within_s=5)
        assert await answer.body() == b"read"
        await answer.close()
        http.close()


async def test_one_who_does_not_read_a_large_body_is_given_up() -> None:
    async def stare(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(5)

    async with serving(stare) as port:
        http = Http(Limits(first_byte_timeout_s=0.1))
        with pytest.raises(errors.UpstreamTimeout):
            await http.post(upstream_at(port), b"x" * 5_000_000, within_s=5)
        http.close()


async def test_what_follows_an_answer_without_end_is_not_waited_for() -> None:
    async def drone(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"1\r\nx\r\n")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with serving(drone) as port:
        http = Http(Limits())
        answer = await http.post(upstream_at(port), b"", within_s=5)
        await asyncio.wait_for(answer.finish(), 0.5)
        await answer.close()
        http.close()
