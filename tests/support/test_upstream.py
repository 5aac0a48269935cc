"""The fault upstream keeps its word: what it sends, when it closes, what it writes down."""

from __future__ import annotations

import asyncio
import socket

import pytest
from tests.support.upstream import FaultUpstream, Reply, black_hole, plain, raw, refusing, silence, stream

REQUEST = b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nX-A: b\r\nContent-Length: 2\r\n\r\n{}"


async def exchanged(upstream: FaultUpstream, within_s: float = 0.3) -> tuple[bytes, str]:
    """All bytes that come back, and how it ended: closed, reset or open."""
    reader, writer = await asyncio.open_connection("127.0.0.1", upstream.port)
    writer.write(REQUEST)
    data = b""
    try:
        async with asyncio.timeout(within_s):
            while piece := await reader.read(65536):
                data += piece
        return data, "closed"
    except TimeoutError:
        return data, "open"
    except ConnectionResetError:
        return data, "reset"
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("reply", "tail", "end"),
    [
        (plain("a"), plain("a").body, "open"),
        (plain("a").cut(5), plain("a").body[:5], "closed"),
        (plain("a").cut(5, "reset"), plain("a").body[:5], "reset"),
        (plain("a").cut(5, "stall"), plain("a").body[:5], "open"),
        (plain("a").until_close(), plain("a").body, "closed"),
        (stream("a"), b"\r\n0\r\n\r\n", "open"),
        (stream("a").cut(5), b"5\r\ndata:\r\n", "closed"),
        (silence(), b"", "open"),
        (silence("close"), b"", "closed"),
        (silence("reset"), b"", "reset"),
        (raw(b"junk"), b"junk", "closed"),
    ],
)
async def test_a_reply_ends_as_it_says(reply: Reply, tail: bytes, end: str) -> None:
    async with FaultUpstream(reply) as upstream:
        data, found = await exchanged(upstream)
        assert (data[len(data) - len(tail) :], found) == (tail, end)
        assert upstream.requests[0].sent_bytes == len(reply.body)


async def test_requests_are_written_down() -> None:
    async with FaultUpstream(plain("one"), lambda request: plain(request.headers["x-a"])) as upstream:
        first, _ = await exchanged(upstream, 0.05)
        second, _ = await exchanged(upstream, 0.05)
        request = upstream.requests[0]
    assert (request.method, request.path, request.body, request.json) == ("POST", "/v1/chat/completions", b"{}", {})
    assert request.headers == {"host": "x", "x-a": "b", "content-length": "2"}
    assert b'"one"' in first
    assert b'"b"' in second


async def test_a_peer_that_closes_is_noticed_and_one_that_stays_is_not() -> None:
    async with FaultUpstream(silence()) as upstream:
        _, writer = await asyncio.open_connection("127.0.0.1", upstream.port)
        writer.write(REQUEST)
        with pytest.raises(TimeoutError):
            await upstream.closed(0, within_s=0.05)
        writer.close()
        await upstream.closed(0)
        assert upstream.open_connections == 0


def test_bodies_can_be_cut_anywhere() -> None:
    whole = plain("abc")
    assert [len(piece) for piece in whole.in_pieces(1, 3).pieces] == [1, 2, len(whole.body) - 3]
    assert set(map(len, whole.in_pieces_of(1).pieces)) == {1}
    assert whole.in_pieces_of(7).body == whole.body


def test_ports_that_are_no_server() -> None:
    with refusing() as base_url, socket.socket() as client, pytest.raises(ConnectionRefusedError):
        client.connect(("127.0.0.1", int(base_url.split(":")[2].partition("/")[0])))
    with black_hole() as base_url, socket.socket() as client:
        client.settimeout(0.1)
        with pytest.raises(TimeoutError):
            client.connect(("127.0.0.1", int(base_url.split(":")[2].partition("/")[0])))


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("10.0.0.1", 80), ("0.0.0.0", 80)])
def test_nothing_beyond_loopback_is_reached(address: tuple[str, int]) -> None:
    with socket.socket() as client, pytest.raises(PermissionError):
        client.connect(address)
