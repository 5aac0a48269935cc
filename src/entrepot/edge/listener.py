"""The sockets that clients come to, and the clock that all their connections go by."""

from __future__ import annotations

import asyncio
import socket
import time
from email.utils import formatdate

from entrepot.edge.asgi import Application
from entrepot.edge.connection import Connection

BACKLOG = 2048
SWEEP_S = 0.25  # between two looks for connections that are due
STOP_S = 2.0  # for the last bytes of answers, when the hub stops


class Listener:
    """Serves an application over HTTP/1.1 on one socket, in the event loop that it is started in."""

    def __init__(self, application: Application, *, header_timeout_s: float) -> None:
        self.application = application
        self.header_timeout_s = header_timeout_s
        self.connections: set[Connection] = set()
        self.address = ("", 0)
        self.date = b""
        self._server: asyncio.Server | None = None
        self._sweeper: asyncio.Task[None] | None = None

    async def start(self, listening: socket.socket) -> None:
        """Accept whoever comes to this socket, which is bound."""
        loop = asyncio.get_running_loop()
        host, port = listening.getsockname()[:2]
        self.address = (host, port)
        # Connections inherit it: asyncio, other than uvloop, sets it only where the socket was made with a protocol.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sweep()
        self._server = await loop.create_server(lambda: Connection(self), sock=listening, backlog=BACKLOG)
        self._sweeper = loop.create_task(self._follow_time())

    async def stop(self) -> None:
        """Accept nobody any more; answers that are on their way still get a moment to reach their clients."""
        assert self._server is not None
        assert self._sweeper is not None
        self._server.close()
        for connection in tuple(self.connections):
            connection.retire()
        until_s = time.monotonic() + STOP_S
        while self.connections and time.monotonic() < until_s:
            await asyncio.sleep(0.01)
        self._sweeper.cancel()
        for connection in tuple(self.connections):
            connection.abort()

    async def _follow_time(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            self._sweep()

    def _sweep(self) -> None:
        self.date = formatdate(usegmt=True).encode()
        now_s = asyncio.get_running_loop().time()
        for connection in [each for each in self.connections if each.due_s <= now_s]:
            connection.overdue()
