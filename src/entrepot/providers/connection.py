"""One HTTP/1.1 connection to an upstream: a request goes out, its answer comes in, once at a time.

Parsing is llhttp's (httptools). Every wait has a limit and can be cancelled; either shuts the connection.
Knows no pool, no credential, no dialect.
"""

from __future__ import annotations

import asyncio
import math
import ssl
from typing import cast

import httptools

from entrepot.errors import UpstreamBroken, UpstreamError, UpstreamTimeout

HIGH_WATER_BYTES = 64 * 1024  # of an answer nobody has read yet; then the socket is left alone
MOST_HEAD_BYTES = 64 * 1024  # also of chunk sizes and trailers without a byte of the body between them
STALE_S = 1.0


class Connection(asyncio.Protocol):
    """After `send`, wait for `head`; then `read` pieces until None. `reusable` tells whether another may follow."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._due_s = math.inf
        self._last_s = math.inf
        self._limit_s = math.inf
        self._sent_s = 0.0
        self._requests = 0
        self._paused = False
        self._lost = False
        self.idle_since_s = 0.0
        self._begin()

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._pieces: list[bytes] = []
        self._waiting_bytes = 0
        self._loose_bytes = 0  # since the last of the body: head, chunk sizes, trailers
        self._complete = False
        self._keep = False
        self._failure: UpstreamError | None = None
        self.status = 0
        self.headers: dict[str, str] = {}

    # The request ----------------------------------------------------------------------------------

    def send(self, head: bytes, body: bytes, within_s: float) -> None:
        """Write a whole request, whose answer must be complete in `within_s`."""
        assert self._transport is not None
        self._begin()
        self._requests += 1
        self._sent_s = self._loop.time()
        self._last_s = self._sent_s + within_s
        if self._transport.is_closing():  # it may break between being made and being used
            self._fail(UpstreamBroken("The connection to the upstream broke."))
        else:
            self._transport.writelines([head, body])

    # The answer -----------------------------------------------------------------------------------

    @property
    def stale(self) -> bool:
        """A kept connection that the other side was just shutting: the request was never looked at."""
        silent = self._loose_bytes == 0 and not self.status
        return self._requests > 1 and silent and self._loop.time() - self._sent_s < STALE_S

    @property
    def reusable(self) -> bool:
        return self._complete and self._keep and not self._lost and not self._paused

    async def head(self, within_s: float) -> None:
        """Until `status` and `headers` are there. Raises UpstreamError."""
        while not self.status:
            await self._wait(within_s)

    async def read(self, idle_s: float) -> bytes | None:
        """What has come of the body, None at its end. Raises UpstreamError."""
        while not self._pieces:
            if self._complete:
                return None
            await self._wait(idle_s)
        pieces, self._pieces = self._pieces, []
        self._waiting_bytes = 0
        if self._paused and self._transport is not None:
            self._paused = False
            if not self._transport.is_closing():  # uvloop raises otherwise
                self._transport.resume_reading()
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def shut(self) -> None:
        """Cut the connection, whatever its state."""
        self._disarm()
        if self._transport is not None:
            self._transport.abort()

    async def encrypt(self, context: ssl.SSLContext, host: str) -> Connection:
        """The connection to `host` inside this one, which a proxy has led there."""
        assert self._transport is not None
        if self._transport.is_closing():
            raise UpstreamBroken("The connection to the proxy broke.")
        self._disarm()
        inner = Connection(self._loop)
        transport = await self._loop.start_tls(self._transport, inner, context, server_hostname=host)
        assert transport is not None
        inner.connection_made(transport)
        return inner

    async def _wait(self, limit_s: float) -> None:
        """Until there is more of the answer, or a failure."""
        if self._failure is not None:
            raise self._failure
        self._limit_s = limit_s
        self._due_s = min(self._loop.time() + limit_s, self._last_s)
        if self._timer is None or self._timer.when() > self._due_s:
            self._arm()
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None
            self._due_s = math.inf
        if self._failure is not None and not self._pieces:
            raise self._failure

    def _arm(self) -> None:
        self._disarm()
        self._timer = self._loop.call_at(self._due_s, self._look)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        """The timer's turn. One timer serves many waits: it moves on when the wait it was set for is over."""
        self._timer = None
        if self._due_s == math.inf:
            return
        if self._loop.time() < self._due_s:
            self._arm()
            return
        self._fail(UpstreamTimeout(self._overdue()))
        self.shut()

    def _overdue(self) -> str:
        if self._due_s == self._last_s:
            return "The upstream took too long for its whole answer."
        if not self.status:
            return f"The upstream did not begin to answer within {self._limit_s:g} s."
        return f"The upstream sent nothing for {self._limit_s:g} s."

    def _fail(self, failure: UpstreamError) -> None:
        self._failure = self._failure or failure
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # asyncio.Protocol -----------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are not subclasses

    def data_received(self, data: bytes) -> None:
        self._loose_bytes += len(data)
        try:
            self._parser.feed_data(data)
            if self._loose_bytes > MOST_HEAD_BYTES:  # httptools itself gathers a header of any length
                raise httptools.HttpParserError("more head than body")
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._keep = False
            if not self._complete:  # what comes after a whole answer does not spoil it
                self._fail(UpstreamBroken("The upstream did not answer in HTTP."))
            self.shut()
        if self._pieces or self._complete:  # or else the wait, and its limit, go on
            self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = True
        self._disarm()
        if self._complete:
            return
        framed = "content-length" in self.headers or "transfer-encoding" in self.headers
        if self.status and not framed and exc is None and self._failure is None:
            self._complete = True  # a body that ends with its connection
            self._wake()
        else:
            self._fail(UpstreamBroken("The connection to the upstream broke."))

    # httptools' callbacks -------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        if self._complete:
            raise httptools.HttpParserError("more came than was asked for")

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.status:  # a trailer overrules nothing
            self.headers[name.decode("latin-1").lower()] = value.rstrip(b" \t").decode("latin-1")

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status >= 200:
            self.status = status
            self._wake()
        else:
            self.headers.clear()  # 100 Continue and its like announce the real answer

    def on_body(self, body: bytes) -> None:
        self._pieces.append(body)
        self._loose_bytes = 0
        self._waiting_bytes += len(body)
        if self._waiting_bytes > HIGH_WATER_BYTES and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        if self.status and self._transport is not None:
            self._complete = True
            # An answer that comes before all of its request is sent leaves a connection nobody else should get.
            self._keep = self._parser.should_keep_alive() and not self._transport.get_write_buffer_size()
