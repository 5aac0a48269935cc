"""One client as the application sees it: what of its request is let in, and how an answer goes out.

Refused are requests with no Host or two, too many headers, a body that is declared twice, too large, too slow or cut
off.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from typing import Any

from entrepot.edge.asgi import Headers, Message, Receive, Scope, Send
from entrepot.errors import HeadersTooLarge, InvalidRequest, RequestTimeout, RequestTooLarge, UnsupportedMediaType

MOST_HEADERS = 100
MOST_HEADER_BYTES = 32 * 1024
MOST_LENGTH_DIGITS = 18
BODY_BYTES_PER_S = 64 * 1024
WATCH_AFTER_S = 0.05
CLIENT_REQUEST_ID = b"x-client-request-id"
JSON = b"application/json"

_HOST = re.compile(rb"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:-]{1,128}")
# Given twice, the hub and whatever stands in front of it might each believe another one.
_SINGLE = frozenset((
    b"host", b"content-length", b"transfer-encoding", b"content-type", b"authorization", b"x-api-key", b"api-key",
))  # fmt: skip


def guard(scope: Scope) -> dict[bytes, bytes]:
    """The request's headers by lower-case name. Raises HeadersTooLarge or InvalidRequest for unsafe ones."""
    lines: Headers = scope["headers"]
    if len(lines) > MOST_HEADERS:
        raise HeadersTooLarge(f"The request has more than {MOST_HEADERS} headers.")
    headers: dict[bytes, bytes] = {}
    size = 0
    for name, value in lines:
        size += len(name) + len(value)
        if name in headers and name in _SINGLE:
            raise InvalidRequest(f"The header '{name.decode('latin-1')}' is given twice.", code="duplicate_header")
        headers[name] = headers[name] + b", " + value if name in headers else value  # RFC 9110, 5.3
    if size > MOST_HEADER_BYTES:
        raise HeadersTooLarge(f"The request's headers are larger than {MOST_HEADER_BYTES} bytes.")
    if not _HOST.fullmatch(headers.get(b"host", b"")):
        raise InvalidRequest("The request must have exactly one valid Host header.", code="invalid_host")
    if b"transfer-encoding" in headers and (b"content-length" in headers or scope["http_version"] == "1.0"):
        raise InvalidRequest("The request's length is declared in two ways.", code="ambiguous_length")
    if headers.get(b"transfer-encoding", b"chunked").lower() != b"chunked":
        raise InvalidRequest("The only transfer encoding accepted is 'chunked'.", code="ambiguous_length")
    return headers


def new_request_id() -> str:
    """Ids sort by time, so that the store appends instead of inserting in the middle."""
    return f"req_{time.time_ns() // 1_000_000:012x}{random.getrandbits(64):016x}"


class Client:
    """One client and its request. `gone` turns true when it has left.

    Timers stand in for `asyncio.timeout` and for a task beside each call: most calls are over before
    any of them is due, and then they cost next to nothing.
    """

    __slots__ = (
        "_loop", "_receive", "_send", "_task", "_timer", "_too_slow", "_watcher",
        "extra_headers", "gone", "headers", "request_id", "started",
    )  # fmt: skip

    def __init__(self, headers: dict[bytes, bytes], receive: Receive, send: Send, request_id: str) -> None:
        self.headers = headers
        self.request_id = request_id
        self.extra_headers: Headers = []
        self.started = False
        self.gone = False
        self._receive = receive
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task(self._loop)
        self._timer: asyncio.TimerHandle | None = None
        self._too_slow = False
        self._watcher: asyncio.Task[None] | None = None

    @property
    def task(self) -> asyncio.Task[Any]:
        """The task that serves this client."""
        assert self._task is not None
        return self._task

    @property
    def client_request_id(self) -> bytes | None:
        """The caller's own correlation id, when it is one that can be echoed safely."""
        given = self.headers.get(CLIENT_REQUEST_ID)
        return given if given is not None and _REQUEST_ID.fullmatch(given) else None

    async def read_body(self, limit_bytes: int, timeout_s: float) -> bytes:
        """The whole request body.

        Raises RequestTooLarge before reading a declared excess, RequestTimeout when it comes slower than
        `timeout_s` plus a second for each BODY_BYTES_PER_S, UnsupportedMediaType for a compressed body,
        InvalidRequest when the client breaks it off or its framing is malformed.
        """
        declared = self._declared(limit_bytes)
        self._timer = self._loop.call_later(timeout_s, self._cancel_slow)
        try:
            return await self._whole_body(declared, limit_bytes)
        except asyncio.CancelledError:
            if not self._too_slow:
                raise
            self.task.uncancel()
            raise RequestTimeout("The request body came too slowly.") from None
        finally:
            self._timer.cancel()

    async def _whole_body(self, declared: int | None, limit_bytes: int) -> bytes:
        pieces: list[bytes] = []
        size, more = 0, True
        while more and size != declared:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                # Malformed chunks are told in the same way; whoever sent them still waits for an answer.
                raise InvalidRequest("The request body is malformed or broke off.", code="incomplete_body")
            piece = message.get("body", b"")
            more = message.get("more_body", False)
            pieces.append(piece)
            size += len(piece)
            if size > limit_bytes:
                raise _too_large(limit_bytes)
            if more and self._timer is not None:
                due = self._timer.when() + len(piece) / BODY_BYTES_PER_S
                self._timer.cancel()
                self._timer = self._loop.call_at(due, self._cancel_slow)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _cancel_slow(self) -> None:
        self._too_slow = True
        self.task.cancel()

    def _declared(self, limit_bytes: int) -> int | None:
        """The body's declared length, None when it comes in chunks."""
        encoding = self.headers.get(b"content-encoding")
        if encoding is not None and encoding.strip().lower() not in (b"", b"identity"):
            raise UnsupportedMediaType("Compressed request bodies are not accepted.")
        media_type = self.headers.get(b"content-type", JSON).partition(b";")[0].strip().lower()
        if media_type != JSON:
            raise UnsupportedMediaType("Send the body with 'Content-Type: application/json'.")
        length = self.headers.get(b"content-length")
        if length is None:
            return None if b"transfer-encoding" in self.headers else 0
        if not length.isdigit():
            raise InvalidRequest("The Content-Length is not a number.", code="invalid_content_length")
        if len(length) > MOST_LENGTH_DIGITS or int(length) > limit_bytes:
            raise _too_large(limit_bytes)
        return int(length)

    def watch(self) -> None:
        """Soon begin to watch for the client's leaving, and then cancel the task that serves it."""
        self._timer = self._loop.call_later(WATCH_AFTER_S, self._begin_to_watch)

    def _begin_to_watch(self) -> None:
        self._watcher = self._loop.create_task(self._wait_for_disconnect())

    async def _wait_for_disconnect(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.gone = True
        self.task.cancel()

    def unwatch(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._watcher is not None:
            self._watcher.cancel()

    async def receive(self) -> Message:
        """The next ASGI message, for the framework's own handlers."""
        return await self._receive()

    async def relay(self, message: Message) -> None:
        """An ASGI message of the framework's own."""
        await self._send(message)

    async def send(self, status: int, headers: Headers, body: bytes) -> None:
        """A whole response."""
        self.unwatch()
        self.started = True
        lines = [*headers, *self.extra_headers, (b"content-length", str(len(body)).encode())]
        await self._send({"type": "http.response.start", "status": status, "headers": lines})
        await self._send({"type": "http.response.body", "body": body})

    async def start(self, status: int, headers: Headers) -> None:
        """The head of a streamed response."""
        self.started = True
        lines = [*headers, *self.extra_headers]
        await self._send({"type": "http.response.start", "status": status, "headers": lines})

    async def write(self, data: bytes) -> None:
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def end(self, data: bytes = b"") -> None:
        """The last of a streamed response: from here on, a client that leaves has not left too early."""
        self.unwatch()
        await self._send({"type": "http.response.body", "body": data, "more_body": False})


def _too_large(limit_bytes: int) -> RequestTooLarge:
    return RequestTooLarge(f"The request body is larger than {limit_bytes} bytes.")
