"""Connections to upstreams, kept open between calls: dialling, TLS, the proxy if there is one."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections import defaultdict
from functools import cached_property
from urllib.parse import unquote, urlsplit

import msgspec

from entrepot.errors import UpstreamTimeout, UpstreamUnreachable
from entrepot.providers.connection import Connection

KEEP_S = 60.0  # an idle connection is not used again after this: the other side may be about to shut it
MOST_IDLE = 512  # for each origin


class Origin(msgspec.Struct, frozen=True):
    """Where connections lead."""

    host: str
    port: int
    tls: bool

    @classmethod
    def of(cls, url: str) -> Origin:
        parts = urlsplit(url)
        tls = parts.scheme == "https"
        return cls(parts.hostname or "", parts.port or (443 if tls else 80), tls)

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"


class Pool:
    """`take` a connection for one request; `give` it back after its answer's end, or shut it."""

    def __init__(self, *, connect_timeout_s: float, proxy: str = "") -> None:
        self._loop = asyncio.get_running_loop()
        self._connect_timeout_s = connect_timeout_s
        self._proxy = proxy
        self._idle: defaultdict[Origin, list[Connection]] = defaultdict(list)

    async def take(self, origin: Origin) -> Connection:
        """An idle connection, or a new one. Raises UpstreamUnreachable or UpstreamTimeout."""
        idle = self._idle[origin]
        while idle:
            connection = idle.pop()
            if connection.reusable and self._loop.time() - connection.idle_since_s < KEEP_S:
                return connection
            connection.shut()
        return await self.dial(origin)

    def give(self, origin: Origin, connection: Connection) -> None:
        idle = self._idle[origin]
        if connection.reusable and len(idle) < MOST_IDLE:
            connection.idle_since_s = self._loop.time()
            idle.append(connection)
        else:
            connection.shut()

    def close(self) -> None:
        for idle in self._idle.values():
            for connection in idle:
                connection.shut()
        self._idle.clear()

    async def dial(self, origin: Origin) -> Connection:
        """A new connection. Raises UpstreamUnreachable or UpstreamTimeout; nothing has been sent then."""
        try:
            async with asyncio.timeout(self._connect_timeout_s):
                return await (self._through_proxy(origin) if self._proxy else self._direct(origin))
        except TimeoutError:
            raise UpstreamTimeout("The upstream could not be reached in time.") from None
        except ssl.SSLError as error:
            raise UpstreamUnreachable(f"The upstream cannot be reached over TLS ({error.reason}).") from error
        except (OSError, UnicodeError, EOFError) as error:
            raise UpstreamUnreachable("The upstream cannot be reached.") from error

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context()

    async def _direct(self, origin: Origin) -> Connection:
        tls = self._tls if origin.tls else None
        _, connection = await self._loop.create_connection(
            lambda: Connection(self._loop), origin.host, origin.port, ssl=tls
        )
        return connection

    async def _through_proxy(self, origin: Origin) -> Connection:
        proxy = Origin.of(self._proxy)
        if not origin.tls:
            return await self._direct(proxy)  # plain requests name their target in full, see `Http`
        reader, writer = await asyncio.open_connection(proxy.host, proxy.port, ssl=self._tls if proxy.tls else None)
        target = f"{origin.host}:{origin.port}"
        head = f"CONNECT {target} HTTP/1.1\r\nhost: {target}\r\n"
        writer.write(f"{head}{proxy_authorization(self._proxy)}\r\n".encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        if answer.split(b" ", 2)[1:2] != [b"200"]:
            writer.close()
            raise UpstreamUnreachable("The proxy refused to connect to the upstream.")
        connection = Connection(self._loop)
        transport = await self._loop.start_tls(writer.transport, connection, self._tls, server_hostname=origin.host)
        assert transport is not None
        connection.connection_made(transport)
        return connection


def proxy_authorization(proxy: str) -> str:
    """The header line that a user and password in the proxy's URL make; "" without them."""
    parts = urlsplit(proxy)
    if parts.username is None:
        return ""
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return f"proxy-authorization: Basic {base64.b64encode(pair.encode()).decode()}\r\n"
