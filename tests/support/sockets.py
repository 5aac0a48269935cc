"""Servers of a few lines on real sockets, one that repeats what it is asked and a proxy, and calls to them."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable

from entrepot.catalog import Offer
from entrepot.dialects.table import CHAT
from entrepot.providers.connection import Connection
from entrepot.providers.pool import Origin, Pool
from entrepot.providers.registry import Upstream

REQUEST = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n"
USER = base64.b64encode(b"user:p@ss").decode()


@contextlib.asynccontextmanager
async def serving(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
    context: ssl.SSLContext | None = None,
) -> AsyncIterator[int]:
    """The port of a server that ends with the block, its connections too."""
    tasks: set[asyncio.Task[None]] = set()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(OSError, EOFError):
                await serve(reader, writer)
        finally:
            writer.transport.abort()

    def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.ensure_future(one(reader, writer)))

    server = await asyncio.start_server(accepted, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0.01)  # uvloop closes sockets a little later


class Echo:
    """Answers each request with its head."""

    def __init__(self) -> None:
        self.heads: list[bytes] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            self.heads.append(head)
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(head), head))


class Proxy:
    """Answers CONNECT as told, and joins the two ends when that is with 200."""

    def __init__(self, answer: bytes = b"HTTP/1.1 200 Connection established\r\n\r\n") -> None:
        self.heads: list[bytes] = []
        self.ended = asyncio.Event()
        self._answer = answer

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.heads.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(self._answer)
            port = int(self.heads[-1].split(b" ")[1].rpartition(b":")[2])
            if not self._answer.startswith(b"HTTP/1.1 200 Connection"):
                await reader.read()
                return
            other = await asyncio.open_connection("127.0.0.1", port)
            try:
                await asyncio.gather(_pump(reader, other[1]), _pump(other[0], writer))
            finally:
                other[1].transport.abort()
        finally:
            self.ended.set()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
    writer.transport.abort()


def upstream_at(port: int, *, own: bool = False) -> Upstream:
    url, offer = f"http://127.0.0.1:{port}/v1/chat/completions", Offer(provider="lab", upstream_model="m")
    headers = [("authorization", "Bearer k")]
    return Upstream(offer=offer, form=CHAT, url=url, headers=headers, secrets=("k",), own=own)


async def answered(pool: Pool, origin: Origin) -> Connection:
    """A connection that has just served a request."""
    connection = await pool.take(origin)
    connection.send(REQUEST, b"", 5)
    await connection.head(1)
    while await connection.read(1) is not None:
        pass
    return connection
