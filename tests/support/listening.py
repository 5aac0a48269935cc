"""A Listener on loopback with an application of a few lines, and clients of bytes that read only when told to."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from entrepot.edge import Line, Listener
from entrepot.errors import EntrepotError

LIMIT_S = 5.0  # for what should come at once

Handler = Callable[[Line], Awaitable[None]]


class Answer(NamedTuple):
    """One response as its framing tells it."""

    status: int
    headers: dict[str, str]
    body: bytes


class Desk:
    """The application: a handler, and the requests that it was given."""

    def __init__(self, handler: Handler) -> None:
        self.lines: list[Line] = []
        self._handler = handler

    async def __call__(self, line: Line) -> None:
        self.lines.append(line)
        await self._handler(line)

    async def refuse(self, line: Line, error: EntrepotError) -> None:
        line.start(error.status, [(b"connection", b"close")])
        line.write(error.code.encode(), more=False)


class Client:
    """One connection, which holds no more of what comes than it was told to read."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._loop = asyncio.get_running_loop()
        self._data = bytearray()

    async def say(self, *pieces: bytes) -> None:
        """Send pieces, each in a segment of its own."""
        for number, piece in enumerate(pieces):
            if number:
                await turns(3)
            await asyncio.wait_for(self._loop.sock_sendall(self._socket, piece), LIMIT_S)

    def say_what_fits(self, data: bytes) -> int:
        """Send as much as the sockets take; how much that is."""
        with contextlib.suppress(BlockingIOError):
            return self._socket.send(data)
        return 0

    async def answer(self, to: str = "GET") -> Answer:
        """The next response, to a request of that method."""
        head = await self.until(b"\r\n\r\n")
        first, *lines = head[:-4].decode("latin-1").split("\r\n")
        status = int(first.split(" ")[1])
        headers = dict(line.split(": ", 1) for line in lines)
        assert len(headers) == len(lines)
        return Answer(status, headers, b"" if to == "HEAD" or status in (100, 204, 304) else await self._body(headers))

    async def _body(self, headers: dict[str, str]) -> bytes:
        if "content-length" in headers:
            return await self.take(int(headers["content-length"]))
        if "transfer-encoding" not in headers:
            return await self.rest()
        body = b""
        while size := int(await self.until(b"\r\n"), 16):
            body += await self.take(size)
            assert await self.take(2) == b"\r\n"
        assert await self.take(2) == b"\r\n"
        return body

    async def until(self, end: bytes) -> bytes:
        while end not in self._data:
            await self._read()
        return await self.take(self._data.index(end) + len(end))

    async def take(self, size: int) -> bytes:
        while len(self._data) < size:
            await self._read()
        found = bytes(self._data[:size])
        del self._data[:size]
        return found

    async def rest(self) -> bytes:
        """All that comes until the connection ends, also with a reset."""
        with contextlib.suppress(EOFError, ConnectionError):
            while True:
                await self._read()
        return await self.take(len(self._data))

    async def _read(self) -> None:
        piece = await asyncio.wait_for(self._loop.sock_recv(self._socket, 65536), LIMIT_S)
        if not piece:
            raise EOFError
        self._data += piece

    def leave(self) -> None:
        self._socket.close()

    def finish(self) -> None:
        """Say that no more is to come."""
        self._socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()


class Door:
    """A listener that listens, its application, and who has come."""

    def __init__(self, handler: Handler, *, header_timeout_s: float = 10.0) -> None:
        self.desk = Desk(handler)
        self.listener = Listener(self.desk, header_timeout_s=header_timeout_s)
        self._clients: list[Client] = []

    async def open(self) -> None:
        await self.listener.start(socket.create_server(("127.0.0.1", 0)))

    async def client(self, receive_buffer_bytes: int | None = None) -> Client:
        connecting = socket.socket()
        connecting.setblocking(False)
        connecting.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if receive_buffer_bytes is not None:
            connecting.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        self._clients.append(Client(connecting))
        await asyncio.get_running_loop().sock_connect(connecting, self.listener.address)
        return self._clients[-1]

    async def ask(self, *pieces: bytes) -> bytes:
        """All that comes back on a connection of its own, until the listener ends it."""
        client = await self.client()
        with contextlib.suppress(ConnectionError):
            await client.say(*pieces)
        return await client.rest()

    async def close(self) -> None:
        for client in self._clients:
            client.leave()
        await turns(10)
        await self.listener.stop()

    @property
    def paths(self) -> list[str]:
        """Of the requests that were served."""
        return [line.scope["path"] for line in self.desk.lines]

    @property
    def unsent_bytes(self) -> int:
        """What the listener holds of answers that are not taken."""
        transports = [connection._transport for connection in self.listener.connections]
        return sum(transport.get_write_buffer_size() for transport in transports if transport is not None)


async def turns(count: int) -> None:
    """Let the event loop look at its sockets that often."""
    for _ in range(count):
        await asyncio.sleep(0)


async def eventually(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not holds():
            await asyncio.sleep(0.002)


def statuses(data: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", data)]


# Applications -------------------------------------------------------------------------------------


async def body_of(line: Line) -> bytes | None:
    """The whole body, None when it broke off."""
    body, more = b"", True
    while more:
        message = await line.receive()
        if message["type"] == "http.disconnect":
            return None
        body, more = body + message["body"], message["more_body"]
    return body


async def echo(line: Line) -> None:
    """Says what it was asked; 400 to a body that breaks off."""
    body = await body_of(line)
    line.start(200 if body is not None else 400, [])
    line.write(b"%b %b %b" % (line.scope["method"].encode(), line.scope["path"].encode(), body or b""), more=False)


async def heedless(line: Line) -> None:
    """Answers without a look at the body."""
    line.start(200, [])
    line.write(line.scope["path"].encode(), more=False)


def waiting(event: asyncio.Event) -> Handler:
    """Echoes, but not before the event."""

    async def handler(line: Line) -> None:
        await event.wait()
        await echo(line)

    return handler
