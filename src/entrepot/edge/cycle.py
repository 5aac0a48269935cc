"""One request on a connection and the response to it: ASGI's messages on one side, HTTP/1.1's bytes on the other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Protocol

import msgspec

from entrepot.edge.asgi import Application, Headers, Message, Scope
from entrepot.errors import EntrepotError

log = logging.getLogger(__name__)

HIGH_WATER_BYTES = 64 * 1024  # of a body nobody has read yet; then the socket is left alone
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_DISCONNECT: Message = {"type": "http.disconnect"}
_STATUS_LINES = {status.value: b"HTTP/1.1 %d %b\r\n" % (status, status.phrase.encode()) for status in HTTPStatus}


class Wire(Protocol):
    """What a cycle needs of its connection."""

    is_lost: bool
    is_congested: bool

    @property
    def date(self) -> bytes:
        """The value of the header of that name."""

    def write(self, pieces: list[bytes]) -> None: ...

    async def drained(self) -> None: ...

    def hold_back(self) -> None: ...

    def read_on(self) -> None: ...

    def ended(self, cycle: Cycle) -> None: ...

    def abort(self) -> None: ...


class Cycle(msgspec.Struct, eq=False):
    """A `Line` to the application; the connection tells it by `feed`, `complete`, `break_off` and `leave` what comes.

    `keeps` tells whether the connection can serve another request afterwards, `is_complete` whether all of this one
    has come, `is_sent_for` that the client knows it is wanted. `refusal` answers what could not be read.
    """

    _connection: Wire
    scope: Scope
    keeps: bool
    refusal: EntrepotError | None = None
    is_complete: bool = False
    begun: bool = False
    ended: bool = False
    is_sent_for: bool = False
    on_leave: Callable[[], None] | None = None
    _pieces: list[bytes] = []
    _buffered_bytes: int = 0
    _given: bool = False  # all of the body, to the application
    _broken: bool = False
    _waiter: asyncio.Future[None] | None = None
    _status: int = 0
    _headers: Headers = []
    _is_chunked: bool = False
    _is_silent: bool = False  # a response without a body, whatever the application gives for one
    _left: int | None = None  # of the length that the response has declared

    async def run(self, application: Application) -> None:
        """Have it answered. Raises nothing: what the application leaves open becomes a 500, or a cut connection."""
        try:
            if self._connection.is_congested:  # by the answer before
                await self._connection.drained()
                if self._connection.is_lost:
                    return
            if self.refusal is None:
                await application(self)
            else:
                await application.refuse(self, self.refusal)
        except Exception:
            log.exception("a request to %s failed beyond the application", self.scope["path"])
        finally:
            if not self.ended and not self._connection.is_lost:
                self._give_up()

    def _give_up(self) -> None:
        if self.begun:
            self._connection.abort()
        else:
            self._status, self._headers, self.keeps = 500, [], False
            self._connection.write([self._head(0)])
            self._end()

    # The request ----------------------------------------------------------------------------------

    def feed(self, data: bytes) -> None:
        self.is_sent_for = True
        if self.ended:
            return  # nobody will ask for it
        self._pieces.append(data)
        self._buffered_bytes += len(data)
        if self._buffered_bytes > HIGH_WATER_BYTES:
            self._connection.hold_back()
        self.wake()

    def complete(self) -> None:
        self.is_complete = True
        self.wake()

    def break_off(self) -> None:
        """What comes is no body; the answer to it is the last on the connection."""
        self._broken, self.keeps = True, False
        self.wake()

    def leave(self) -> None:
        """The client has left."""
        self.wake()
        on_leave, self.on_leave = self.on_leave, None  # the application's, which refers back to this
        if on_leave is not None:
            on_leave()

    @property
    def is_lost(self) -> bool:
        return self._connection.is_lost

    def wake(self) -> None:
        """Have the application look again, where it waits for something."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def receive(self) -> Message:
        """The next of the body; `http.disconnect` when the client has left, is answered, or has sent no valid body."""
        if not self.begun and self._is_withheld():
            self.is_sent_for = True
            self._connection.write([_CONTINUE])
        while not (self._connection.is_lost or self._broken or self.ended):
            if self._pieces or (self.is_complete and not self._given):
                return self._take()
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        return _DISCONNECT

    def _is_withheld(self) -> bool:
        """Whether the client waits for a word before it sends its body (RFC 9110, 10.1.1)."""
        if self.is_complete or self.is_sent_for or self.scope["http_version"] != "1.1":
            return False
        return any(name == b"expect" for name, _ in self.scope["headers"])

    def _take(self) -> Message:
        body = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces.clear()
        self._given = self.is_complete
        if self._buffered_bytes > HIGH_WATER_BYTES:
            self._connection.read_on()
        self._buffered_bytes = 0
        return {"type": "http.request", "body": body, "more_body": not self.is_complete}

    # The response ---------------------------------------------------------------------------------

    async def send(self, message: Message) -> None:
        """As `start` and `write`, and wait while the client does not read."""
        if message["type"] == "http.response.start":
            self.start(message["status"], message.get("headers", []))
            return
        self.write(message.get("body", b""), more=message.get("more_body", False))
        if self.is_congested:
            await self.drained()

    def start(self, status: int, headers: Headers) -> None:
        """The head, which goes out with the first of the body."""
        self._status, self._headers = status, headers

    def write(self, data: bytes, *, more: bool) -> None:
        """The next of the body; of no effect once the client has left.

        Raises RuntimeError for a body that is not as long as declared, ValueError for a header that would be two.
        """
        connection = self._connection
        if connection.is_lost or self.ended:
            return
        pieces = [] if self.begun else [self._head(None if more else len(data))]
        if self._is_chunked:
            if data:
                pieces.append(b"%x\r\n%b\r\n" % (len(data), data))
            if not more:
                pieces.append(b"0\r\n\r\n")
        elif not self._is_silent:
            self._count(len(data), more=more)
            pieces.append(data)
        connection.write(pieces)
        if not more:
            self._end()

    @property
    def is_congested(self) -> bool:
        return self._connection.is_congested and not self.ended

    async def drained(self) -> None:
        await self._connection.drained()

    def _head(self, length: int | None) -> bytes:
        """The status line and headers; `length` is that of the body, where it comes as one."""
        lines = [*self._headers, (b"date", self._connection.date)]
        self._choose_framing(lines, dict(lines), length)
        text = b"\r\n".join(map(b": ".join, lines))
        if not text.count(b"\n") == text.count(b"\r") == len(lines) - 1:
            raise ValueError(f"a header of the response holds a line end: {text!r}")
        self.begun = True
        status_line = _STATUS_LINES.get(self._status) or b"HTTP/1.1 %d \r\n" % self._status
        return b"%b%b\r\n\r\n" % (status_line, text)

    def _choose_framing(self, lines: Headers, given: dict[bytes, bytes], length: int | None) -> None:
        """How the client finds the end of the body, and whether the connection lives on: told by further lines."""
        version = self.scope["http_version"]
        declared = given.get(b"content-length")
        self._is_silent = self._status in (204, 304) or self.scope["method"] == "HEAD"
        if declared is not None:
            self._left = int(declared)
            if self._status == 204:
                lines.remove((b"content-length", declared))
        elif not self._is_silent and length is not None:
            self._left = length
            lines.append((b"content-length", b"%d" % length))
        elif not self._is_silent and version == "1.1":
            self._is_chunked = True
            lines.append((b"transfer-encoding", b"chunked"))
        elif not self._is_silent:
            self.keeps = False  # the body ends with the connection
        if given.get(b"connection") == b"close" or (not self.is_complete and self._is_withheld()):
            self.keeps = False
        if not self.keeps and b"connection" not in given:
            lines.append((b"connection", b"close"))
        elif self.keeps and version == "1.0":
            lines.append((b"connection", b"keep-alive"))

    def _count(self, size: int, *, more: bool) -> None:
        if self._left is not None:
            self._left -= size
            if self._left < 0 or (self._left and not more):
                raise RuntimeError("the response is not as long as it has declared")

    def _end(self) -> None:
        self.ended = True
        self._pieces.clear()
        self.wake()
        self._connection.ended(self)
