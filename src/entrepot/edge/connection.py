"""One client's connection: requests are parsed as they come, and answered one after the other.

Parsing is llhttp's (httptools), which takes neither a message whose length is declared in two ways nor loose line ends.
What it lets through is `client.guard`'s to refuse; how much may have to be held, and for how long, is this module's.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import re
from collections import deque
from http import HTTPMethod
from typing import Protocol, cast
from urllib.parse import unquote

import httptools

from entrepot.edge.asgi import Application, Headers, Scope
from entrepot.edge.client import MOST_HEADERS
from entrepot.edge.cycle import Cycle
from entrepot.errors import AddressTooLong, EntrepotError, HeadersTooLarge, InvalidRequest, MethodNotAllowed

IDLE_S = 75.0  # between two requests; as long as nginx, and longer than balancers in front of it
LINGER_S = 2.0  # for what a client still sends when it has its answer: a reset would take that from it
FLUSH_S = 60.0  # for a client to take something of what is written for it
MOST_LINGERING_BYTES = 2 * 1024 * 1024
MOST_HEAD_BYTES = 64 * 1024  # of a head
MOST_FRAMING_BYTES = 8 * 1024  # of trailers, or of what stands around a chunk, without a byte of a body between them
STEP_BYTES = 4 * 1024  # in which large segments are read where their framing is to be counted
MOST_TARGET_BYTES = 32 * 1024
MOST_WAITING = 64  # requests sent before those in front of them are answered
MOST_HELD = 1024  # of them, where more come in one segment

_REQUEST_LINE = re.compile(rb"[\r\n]*([A-Za-z]{1,32}) [!-~]+ HTTP/1\.[01]\r\n")
_METHODS = frozenset(method.encode() for method in HTTPMethod)
_ABSOLUTE = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://[^/?]*")


class Server(Protocol):
    """What all connections have in common."""

    application: Application
    header_timeout_s: float
    address: tuple[str, int]
    date: bytes
    connections: set[Connection]


class Connection(asyncio.Protocol):
    """A client that has come. `due_s`, by the loop's clock, is when it is to be cut unless something happens."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._parser: httptools.HttpRequestParser | None = httptools.HttpRequestParser(self)
        self._peer: tuple[str, int] | None = None
        self._target = b""
        self._lines: Headers = []
        self._in_head = False
        self._loose_bytes = 0  # since the last of a body
        self._lingering_bytes = 0
        self._unsent_bytes = 0  # when it was last looked at
        self._is_deaf = False  # nothing that comes is a request any more
        self._is_held_back = False
        self._cycles: deque[Cycle] = deque()  # the first is being answered
        self._arriving: Cycle | None = None  # its body is still on its way
        self._drained: asyncio.Future[None] | None = None
        self.is_lost = False
        self.is_congested = False
        self.due_s = math.inf

    # asyncio.Protocol -----------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are not subclasses
        peer = transport.get_extra_info("peername")
        self._peer = (peer[0], peer[1]) if peer else None
        self.due_s = self._loop.time() + self._server.header_timeout_s
        self._server.connections.add(self)

    def data_received(self, data: bytes) -> None:
        if self._is_deaf or self._parser is None:
            self._lingering_bytes += len(data)
            if self._lingering_bytes > MOST_LINGERING_BYTES:
                self.abort()
            return
        if len(data) <= STEP_BYTES:
            self._read(data)
            return
        rest = memoryview(data)
        while rest and not self._is_deaf:
            step = len(rest) if self._has_length() else STEP_BYTES
            self._read(rest[:step])
            rest = rest[step:]

    def _has_length(self) -> bool:
        """Whether a body is on its way whose end is known by its length."""
        cycle = self._arriving
        return cycle is not None and all(name != b"transfer-encoding" for name, _ in cycle.scope["headers"])

    def _read(self, data: bytes | memoryview) -> None:
        self._loose_bytes += len(data)
        while True:
            assert self._parser is not None
            try:
                self._parser.feed_data(data)
            except httptools.HttpParserUpgrade as upgrade:
                data = self._head_without_offer() + data[upgrade.args[0] :]
                self._parser = httptools.HttpRequestParser(self)
            except httptools.HttpParserError as error:
                self._refuse(self._error_of(error, data))
                return
            else:
                if self._loose_bytes and (excess := self._excess()) is not None:
                    self._refuse(excess)
                return

    def eof_received(self) -> None:
        """A client that will send no more has left: nothing else tells that it has, as long as nothing is written."""
        self._lose()
        self.due_s = self._loop.time() + FLUSH_S

    def connection_lost(self, exc: Exception | None) -> None:
        self._lose()
        self._parser = self._arriving = None  # which refer back to this, as do all cycles
        self._cycles.clear()
        self._server.connections.discard(self)

    def pause_writing(self) -> None:
        self.is_congested = True

    def resume_writing(self) -> None:
        self.is_congested = False
        self._wake_writer()

    # httptools' callbacks -------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._in_head = True
        self._target, self._lines = b"", []
        if not self._cycles:
            self.due_s = self._loop.time() + self._server.header_timeout_s

    def on_url(self, url: bytes) -> None:
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:  # a trailer says nothing
            self._lines.append((name.lower(), value.rstrip(b" \t")))

    def on_headers_complete(self) -> None:
        assert self._parser is not None
        if self._parser.should_upgrade():
            if self._parser.get_method() == b"CONNECT":
                raise httptools.HttpParserError
            return  # it comes again, without the offer
        self._in_head = False
        self._loose_bytes = 0
        version = self._parser.get_http_version()
        if len(self._target) > MOST_TARGET_BYTES or version not in ("1.1", "1.0"):
            raise httptools.HttpParserError
        scope = self._scope(self._parser.get_method().decode(), version)
        self._arriving = Cycle(self, scope, self._parser.should_keep_alive())
        self._add(self._arriving)

    def on_body(self, body: bytes) -> None:
        self._loose_bytes = 0
        if self._arriving is not None:
            self._arriving.feed(body)

    def on_message_complete(self) -> None:
        cycle, self._arriving = self._arriving, None
        self._loose_bytes = 0
        if cycle is not None:
            cycle.complete()
            if cycle.ended:
                self._next()

    def _head_without_offer(self) -> bytes:
        """The head of a request whose client offers to speak another protocol, which needs no answer."""
        assert self._parser is not None
        method, version = self._parser.get_method(), self._parser.get_http_version().encode()
        lines = [b"%b: %b\r\n" % line for line in self._lines if line[0] != b"upgrade"]
        return b"%b %b HTTP/%b\r\n%b\r\n" % (method, self._target, version, b"".join(lines))

    # What is no request ---------------------------------------------------------------------------

    def _error_of(self, error: httptools.HttpParserError, data: bytes | memoryview) -> EntrepotError:
        assert self._parser is not None
        excess = self._excess()
        if excess is not None:
            return excess
        line = _REQUEST_LINE.match(data) if isinstance(error, httptools.HttpParserInvalidMethodError) else None
        is_unknown = line is not None and line[1] not in _METHODS
        if is_unknown or (self._in_head and self._parser.get_method() == b"CONNECT"):
            return MethodNotAllowed("This method is not allowed here.")
        return InvalidRequest("What was sent is not a valid HTTP/1.1 request.", code="malformed_request")

    def _excess(self) -> EntrepotError | None:
        """What is too much of a head or a framing that has yet to end.

        A short header takes thirty times its bytes to hold.
        """
        if len(self._target) > MOST_TARGET_BYTES:
            return AddressTooLong(f"The request's address is longer than {MOST_TARGET_BYTES} bytes.")
        if len(self._lines) > MOST_HEADERS:
            return HeadersTooLarge(f"The request has more than {MOST_HEADERS} headers.")
        most_bytes = MOST_HEAD_BYTES if self._arriving is None else MOST_FRAMING_BYTES
        if self._loose_bytes > most_bytes:
            return HeadersTooLarge(f"The request's head or framing is larger than {most_bytes} bytes.")
        return None

    def _refuse(self, error: EntrepotError) -> None:
        """Nothing that follows can be told apart any more: whatever is answered now is the last."""
        self._is_deaf = True
        del self._lines[MOST_HEADERS + 1 :]
        cycle, self._arriving = self._arriving, None
        if cycle is None:
            self._add(Cycle(self, self._scope("GET", "1.1"), keeps=False, refusal=error))
        elif cycle.ended:
            self._finish()
        else:
            cycle.break_off()

    def _scope(self, method: str, version: str) -> Scope:
        path, _, query = self._target.partition(b"?")
        if not path.startswith(b"/") and (absolute := _ABSOLUTE.match(path)):
            path = path[absolute.end() :] or b"/"
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": version,
            "method": method,
            "scheme": "http",
            "path": unquote(path.decode("latin-1")) if b"%" in path else path.decode("latin-1"),
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": self._lines,
            "client": self._peer,
            "server": self._server.address,
        }

    # One after the other --------------------------------------------------------------------------

    def _add(self, cycle: Cycle) -> None:
        self._cycles.append(cycle)
        if len(self._cycles) == 1:
            self._start(cycle)
            return
        if len(self._cycles) > MOST_WAITING:
            self.hold_back()
        if not self._is_deaf and (len(self._cycles) >= MOST_HELD or len(self._lines) > MOST_HEADERS):
            raise httptools.HttpParserError

    def _start(self, cycle: Cycle) -> None:
        self.due_s = math.inf
        self._loop.create_task(cycle.run(self._server.application))

    def ended(self, cycle: Cycle) -> None:
        """Its response is out: on to the next, once all of its request is in."""
        self._cycles.popleft()
        if self._is_held_back:
            self.read_on()
        if not cycle.keeps:
            self._finish()
        elif cycle.is_complete:
            self._next()
        else:
            self.due_s = self._loop.time() + LINGER_S

    def _next(self) -> None:
        if self._cycles:
            self._start(self._cycles[0])
        else:
            self.due_s = self._loop.time() + (self._server.header_timeout_s if self._in_head else IDLE_S)

    def _finish(self) -> None:
        """Close, in a way that lets the client read what was sent to it."""
        assert self._transport is not None
        self._cycles.clear()
        if self._arriving is None and not self._is_deaf:
            self.due_s = self._loop.time() + FLUSH_S
            self._transport.close()
        elif not self._transport.is_closing():
            self.due_s = self._loop.time() + LINGER_S
            with contextlib.suppress(OSError):  # asyncio's own, when the client has just reset the connection
                self._transport.write_eof()
        self._is_deaf = True

    def retire(self) -> None:
        """Serve what is being answered, and nothing more."""
        if self._cycles:
            self._cycles[0].keeps = False
        else:
            self._finish()

    def overdue(self) -> None:
        """Its time is up: cut it, unless its client has taken something of what is written for it."""
        assert self._transport is not None
        before_bytes, self._unsent_bytes = self._unsent_bytes, self._transport.get_write_buffer_size()
        if self._unsent_bytes in (0, before_bytes):
            self.abort()
        else:
            self.due_s = self._loop.time() + FLUSH_S

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _lose(self) -> None:
        if self.is_lost:
            return
        self.is_lost = True
        for cycle in tuple(self._cycles):
            cycle.leave()
        self._wake_writer()

    # The wire, for the cycle that is being answered -----------------------------------------------

    @property
    def date(self) -> bytes:
        return self._server.date

    def write(self, pieces: list[bytes]) -> None:
        assert self._transport is not None
        if not self._transport.is_closing():  # uvloop raises otherwise
            self._transport.writelines(pieces)

    async def drained(self) -> None:
        """Until the client has read most of what was written, or has left."""
        assert self._transport is not None
        self.due_s = self._loop.time() + FLUSH_S
        self._unsent_bytes = self._transport.get_write_buffer_size()
        try:
            while self.is_congested and not self.is_lost:
                self._drained = self._loop.create_future()
                await self._drained
        finally:
            if not self.is_lost:
                self.due_s = math.inf

    def _wake_writer(self) -> None:
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)

    def hold_back(self) -> None:
        assert self._transport is not None
        if not self._is_held_back and not self._transport.is_closing():
            self._is_held_back = True
            self._transport.pause_reading()

    def read_on(self) -> None:
        assert self._transport is not None
        if self._is_held_back and not self._transport.is_closing():
            self._is_held_back = False
            self._transport.resume_reading()
