"""The one HTTP client: pooled, timed, follows no redirect, sends a key to nobody but its own host."""

from __future__ import annotations

import time
import zlib
from typing import Protocol
from urllib.parse import urlsplit

from entrepot import errors
from entrepot.dialects.table import Form
from entrepot.providers.connection import Connection
from entrepot.providers.pool import Origin, Pool, proxy_authorization
from entrepot.providers.registry import Listing, Upstream
from entrepot.providers.retry_after import retry_after_s
from entrepot.settings import Upstream as Limits

_FINISH_S = 0.1
# 4xx that judge the caller's own input; any other is between the hub and its provider.
_CALLERS_FAULT = (400, 409, 413, 415, 422)
# zlib reads gzip and zlib alike with 32 added to its window; nothing else is asked for or understood.
_ZLIB_WINDOW = {"gzip": 32 + zlib.MAX_WBITS, "deflate": 32 + zlib.MAX_WBITS}


class Answer(Protocol):
    """An answer whose head has arrived: read it whole with `body`, or piece by piece, then `close` it."""

    @property
    def content_type(self) -> str:
        """The media type alone, in lower case."""

    async def body(self) -> bytes:
        """All of it. Raises UpstreamBroken when it is too large or breaks off."""

    async def piece(self) -> bytes | None:
        """The next bytes, None at the end. Raises UpstreamTimeout when nothing comes for too long."""

    async def finish(self) -> None:
        """Read what little may be left, so that the connection can be used again."""

    async def close(self) -> None:
        """Give the connection back, or shut it when the answer was not read to its end."""


class HttpAnswer:
    """An `Answer` that an upstream gives over HTTP."""

    def __init__(self, connection: Connection, origin: Origin, pool: Pool, limits: Limits) -> None:
        self._connection = connection
        self._origin = origin
        self._pool = pool
        self._limits = limits
        self._ended = False
        self.status = connection.status
        self._headers = connection.headers
        encoding = self._headers.get("content-encoding")
        self._unpacker = None if encoding is None else _unpacker(encoding.strip().lower())

    @property
    def content_type(self) -> str:
        return self._headers.get("content-type", "").partition(";")[0].strip().lower()

    async def body(self) -> bytes:
        pieces: list[bytes] = []
        size, most = 0, self._limits.max_response_bytes
        while (piece := await self._read(self._limits.first_byte_timeout_s)) is not None:
            pieces.append(piece)
            size += len(piece)
            if size > most:
                raise errors.UpstreamBroken("The upstream's answer is too large.")
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def piece(self) -> bytes | None:
        if self._unpacker is None:  # nearly always, and then not worth another step for each event
            return await self._connection.read(self._limits.idle_timeout_s)
        return await self._read(self._limits.idle_timeout_s)

    async def finish(self) -> None:
        until_s = time.monotonic() + _FINISH_S
        try:
            while (left_s := until_s - time.monotonic()) > 0 and await self._read(left_s) is not None:
                pass
        except errors.UpstreamError:
            return  # then the connection is shut instead

    async def close(self) -> None:
        if not self._ended:  # given back twice, a connection would serve two requests at once
            self._ended = True
            self._pool.give(self._origin, self._connection)

    async def refusal(self, form: Form) -> errors.EntrepotError:
        """The error that an answer with a status other than 200 stands for."""
        said = form.read_error(await self.body())
        wait = retry_after_s(self._headers.get, time.time())
        if self.status in _CALLERS_FAULT:
            return errors.UpstreamRefusal(said.message, status=self.status, code=said.code, param=said.param)
        if self.status in (401, 403):
            return errors.UpstreamCredentialRefused("The upstream refused the hub's credential.")
        if self.status == 429:
            return errors.UpstreamRateLimited(f"The upstream is limiting the hub: {said.message}", retry_after_s=wait)
        if self.status in (503, 529):
            return errors.UpstreamOverloaded(f"The upstream is overloaded: {said.message}", retry_after_s=wait)
        if self.status in (408, 504):
            return errors.UpstreamTimeout(f"The upstream timed out: {said.message}")
        return errors.UpstreamError(f"The upstream answered {self.status}: {said.message}")

    async def _read(self, idle_s: float) -> bytes | None:
        piece = await self._connection.read(idle_s)
        if self._unpacker is None:
            return piece
        try:
            if piece is not None:
                return self._unpacker.decompress(piece, self._limits.max_response_bytes + 1)
        except zlib.error:
            raise errors.UpstreamBroken("The upstream's answer cannot be unpacked.") from None
        if not self._unpacker.eof:
            raise errors.UpstreamBroken("The upstream's answer broke off.")
        return None


class Http:
    """The client. Make it inside a running event loop; close it at the end."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._pool = Pool(connect_timeout_s=limits.connect_timeout_s, proxy=limits.proxy)
        self._proxied = f"\r\n{proxy_authorization(limits.proxy)}".encode() if limits.proxy else None

    async def post(self, upstream: Upstream, body: bytes, *, within_s: float, lines: bytes = b"") -> HttpAnswer:
        """POST `body` and wait for the answer's head; the caller closes the answer.

        `lines` are further header lines, each with its line end.

        Raises the error that the upstream's failure, or its status other than 200, stands for, and
        UpstreamTimeout when the whole answer takes longer than `within_s`.
        """
        head = b"%b%d\r\n%b\r\n" % (self._head(upstream), len(body), lines)
        connection = await self._pool.take(upstream.origin)
        try:
            try:
                await self._ask(connection, head, body, within_s)
            except errors.UpstreamBroken:
                if not connection.stale:
                    raise
                connection = await self._pool.dial(upstream.origin)
                await self._ask(connection, head, body, within_s)
            answer = HttpAnswer(connection, upstream.origin, self._pool, self._limits)
            if answer.status == 200:
                return answer
            raise await answer.refusal(upstream.form)
        except BaseException:
            self._pool.give(upstream.origin, connection)
            raise

    async def tell(self, url: str, lines: bytes, body: bytes, *, within_s: float) -> int:
        """POST JSON to an address that is no provider's, and read nothing but the status. Raises UpstreamError.

        Only TLS goes through the proxy: it is a tunnel there, and asks for no form of its own.
        """
        origin = Origin.of(url, direct=urlsplit(url).scheme != "https")
        opening = (
            f"POST {_target(url)} HTTP/1.1\r\nhost: {origin.authority}\r\nuser-agent: entrepot\r\nconnection: close"
        )
        rest = b"\r\ncontent-type: application/json\r\n%bcontent-length: %d\r\n\r\n" % (lines, len(body))
        return await self._status(origin, opening.encode("latin-1") + rest, body, within_s)

    async def look(self, listing: Listing, *, within_s: float) -> int:
        """GET a provider's list of models, and read nothing but the status. Raises UpstreamError."""
        origin, target = Origin.of(listing.url, direct=listing.own), _target(listing.url)
        lines = [f"host: {origin.authority}", "user-agent: entrepot", "accept: */*", "connection: close"]
        if self._limits.proxy and not origin.tls and not listing.own:
            target = f"http://{origin.authority}{target}"
            lines += proxy_authorization(self._limits.proxy).splitlines()
        lines += [f"{name}: {value}" for name, value in listing.headers]
        head = "\r\n".join([f"GET {target} HTTP/1.1", *lines, "", ""]).encode("latin-1")
        return await self._status(origin, head, b"", within_s)

    async def _status(self, origin: Origin, head: bytes, body: bytes, within_s: float) -> int:
        """That of an answer of which no more is wanted, over a connection of its own."""
        connection = await self._pool.dial(origin)
        try:
            connection.send(head, body, within_s)
            await connection.head(within_s)
            return connection.status
        finally:
            connection.shut()

    def close(self) -> None:
        """Keep no connection any more; answers under way can still be read."""
        self._pool.close()

    async def _ask(self, connection: Connection, head: bytes, body: bytes, within_s: float) -> None:
        connection.send(head, body, within_s)
        await connection.head(self._limits.first_byte_timeout_s)

    def _head(self, upstream: Upstream) -> bytes:
        if self._proxied is None or upstream.origin.tls or upstream.own:
            return upstream.head
        target = f"POST http://{upstream.origin.authority}/".encode()
        return target + upstream.head.removeprefix(b"POST /").replace(b"\r\n", self._proxied, 1)


def _target(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


def _unpacker(encoding: str) -> zlib._Decompress | None:
    if encoding in ("", "identity"):
        return None
    window = _ZLIB_WINDOW.get(encoding)
    if window is None:
        raise errors.UpstreamBroken("The upstream packed its answer in a way that nobody asked for.")
    return zlib.decompressobj(window)
