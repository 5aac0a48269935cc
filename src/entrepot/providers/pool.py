"""Connections to upstreams, kept open between calls: dialling, TLS, the proxy if there is one."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections import defaultdict, deque
from functools import cached_property
from urllib.parse import unquote, urlsplit

import msgspec

from entrepot.errors import UpstreamBroken, UpstreamTimeout, UpstreamUnreachable
from entrepot.providers.connection import Connection

KEEP_S = 60.0  # an idle connection is not used again after this: the other side may be about to shut it
MOST_IDLE = 512  # for each origin


class Origin(msgspec.Struct, frozen=True):
    """Where connections lead; `direct` ones past any proxy."""

    host: str
    port: int
    tls: bool
    direct: bool = False

    @classmethod
    def of(cls, url: str, *, direct: bool = False) -> Origin:
        """Raises ValueError for a port or a name that cannot be."""
        parts = urlsplit(url)
        tls, host = parts.scheme == "https", parts.hostname or ""
        host = host if host.isascii() else host.encode("idna").decode()
        return cls(host, parts.port or (443 if tls else 80), tls, direct)

    @property
    def address(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def authority(self) -> str:
        """The Host header: the address without its scheme's own port."""
        return self.address.removesuffix(":443" if self.tls else ":80")


class Pool:
    """`take` a connection for one request; `give` it back after its answer's end, or shut it."""

    def __init__(self, *, connect_timeout_s: float, proxy: str = "") -> None:
        self._loop = asyncio.get_running_loop()
        self._connect_timeout_s = connect_timeout_s
        self._proxy = proxy
        self._idle: defaultdict[Origin, deque[Connection]] = defaultdict(deque)  # the one used last at the end
        self._closed = False

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
        idle, now_s = self._idle[origin], self._loop.time()
        while idle and now_s - idle[0].idle_since_s > KEEP_S:
            idle.popleft().shut()
        if connection.reusable and len(idle) < MOST_IDLE and not self._closed:
            connection.idle_since_s = now_s
            idle.append(connection)
        else:
            connection.shut()

    def close(self) -> None:
        """Shut what is idle now, and later whatever is given back."""
        self._closed = True
        for idle in self._idle.values():
            for connection in idle:
                connection.shut()
        self._idle.clear()

    async def dial(self, origin: Origin) -> Connection:
        """A new connection. Raises UpstreamUnreachable or UpstreamTimeout; nothing has been sent then."""
        try:
            async with asyncio.timeout(self._connect_timeout_s):
                if self._proxy and not origin.direct:
                    return await self._through_proxy(origin, Origin.of(self._proxy))
                return await self._direct(origin)
        except TimeoutError:
            late = UpstreamTimeout("The upstream could not be reached in time.")
            late.sent = False
            raise late from None
        except ssl.SSLError as error:
            raise UpstreamUnreachable(f"The upstream cannot be reached over TLS ({error.reason}).") from error
        except UpstreamBroken as error:
            raise UpstreamUnreachable("The proxy did not connect to the upstream.") from error
        except (OSError, ValueError) as error:  # a name or a port that cannot be is a ValueError
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

    async def _through_proxy(self, origin: Origin, proxy: Origin) -> Connection:
        connection = await self._direct(proxy)
        if not origin.tls:
            return connection  # plain requests name their target in full, see `Http`
        head = f"CONNECT {origin.address} HTTP/1.1\r\nhost: {origin.address}\r\n"
        try:
            connection.send(f"{head}{proxy_authorization(self._proxy)}\r\n".encode(), b"", self._connect_timeout_s)
            await connection.head(self._connect_timeout_s)
            if connection.status != 200:
                raise UpstreamUnreachable(f"The proxy answered {connection.status} instead of connecting.")
            return await connection.encrypt(self._tls, origin.host)
        except BaseException:
            connection.shut()
            raise


def proxy_authorization(proxy: str) -> str:
    """The header line that a user and password in the proxy's URL make; "" without them."""
    parts = urlsplit(proxy)
    if parts.username is None:
        return ""
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return f"proxy-authorization: Basic {base64.b64encode(pair.encode()).decode()}\r\n"
