"""The client's side of an exchange: what is let in, and how bytes go out. No dialect, no model.

Granian parses HTTP/1.1; what it lets through and this module does not: requests with no Host or two,
too many headers, a body that is declared twice, too large, too slow or cut off.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from entrepot.errors import HeadersTooLarge, InvalidRequest, RequestTimeout, RequestTooLarge, UnsupportedMediaType

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

MOST_HEADERS = 100
MOST_HEADER_BYTES = 32 * 1024
BODY_BYTES_PER_S = 64 * 1024
CLIENT_REQUEST_ID = b"x-client-request-id"

_HOST = re.compile(rb"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:-]{1,128}")
# Given twice, the hub and whatever stands in front of it might each believe another one.
_SINGLE = frozenset((b"host", b"content-length", b"content-type", b"authorization", b"x-api-key", b"api-key"))


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
        headers[name] = value
    if size > MOST_HEADER_BYTES:
        raise HeadersTooLarge(f"The request's headers are larger than {MOST_HEADER_BYTES} bytes.")
    if not _HOST.fullmatch(headers.get(b"host", b"")):
        raise InvalidRequest("The request must have exactly one valid Host header.", code="invalid_host")
    if b"transfer-encoding" in headers and (b"content-length" in headers or scope["http_version"] == "1.0"):
        raise InvalidRequest("The request's length is declared in two ways.", code="ambiguous_length")
    return headers


def new_request_id() -> str:
    return "req_" + os.urandom(12).hex()


class Client:
    """One client and its request. `gone` turns true when it has left."""

    __slots__ = ("_receive", "_send", "_watcher", "extra_headers", "gone", "headers", "request_id", "started")

    def __init__(self, headers: dict[bytes, bytes], receive: Receive, send: Send, request_id: str) -> None:
        self.headers = headers
        self.request_id = request_id
        self.extra_headers: Headers = []
        self.started = False
        self.gone = False
        self._receive = receive
        self._send = send
        self._watcher: asyncio.Task[None] | None = None

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
        self._check_declared(limit_bytes)
        try:
            async with asyncio.timeout(timeout_s) as deadline:
                message = await self._receive()
                body: bytes = message.get("body", b"")
                if message.get("more_body"):
                    body = await self._rest(body, limit_bytes, deadline)
                elif message["type"] == "http.disconnect":
                    self._left()
        except TimeoutError:
            raise RequestTimeout("The request body came too slowly.") from None
        except (RuntimeError, OSError):  # Granian's word for malformed chunks
            raise InvalidRequest("The request body is malformed.", code="invalid_body") from None
        if len(body) > limit_bytes:
            raise _too_large(limit_bytes)
        return body

    async def _rest(self, first: bytes, limit_bytes: int, deadline: asyncio.Timeout) -> bytes:
        pieces, size, more = [first], len(first), True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self._left()
            piece = message.get("body", b"")
            pieces.append(piece)
            size += len(piece)
            if size > limit_bytes:
                raise _too_large(limit_bytes)
            due = deadline.when()
            if due is not None:
                deadline.reschedule(due + len(piece) / BODY_BYTES_PER_S)
            more = message.get("more_body", False)
        return b"".join(pieces)

    def _left(self) -> None:
        self.gone = True
        raise InvalidRequest("The client left before its request was complete.", code="incomplete_body")

    def _check_declared(self, limit_bytes: int) -> None:
        encoding = self.headers.get(b"content-encoding", b"identity").strip().lower()
        if encoding not in (b"", b"identity"):
            raise UnsupportedMediaType("Compressed request bodies are not accepted.")
        length = self.headers.get(b"content-length", b"0")
        if not length.isdigit():
            raise InvalidRequest("The Content-Length is not a number.", code="invalid_content_length")
        if len(length) > 18 or int(length) > limit_bytes:
            raise _too_large(limit_bytes)

    def watch(self) -> None:
        """From now on, cancel the calling task as soon as the client leaves."""
        task = asyncio.current_task()
        if task is not None:
            self._watcher = asyncio.create_task(self._wait_for_disconnect(task))

    async def _wait_for_disconnect(self, task: asyncio.Task[Any]) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.gone = True
        task.cancel()

    def unwatch(self) -> None:
        if self._watcher is not None:
            self._watcher.cancel()
            self._watcher = None

    async def receive(self) -> Message:
        """The next ASGI message, for the framework's own handlers."""
        return await self._receive()

    async def relay(self, message: Message) -> None:
        """An ASGI message of the framework's own."""
        await self._send(message)

    async def send(self, status: int, headers: Headers, body: bytes) -> None:
        """A whole response."""
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
        await self._send({"type": "http.response.body", "body": data, "more_body": False})


def _too_large(limit_bytes: int) -> RequestTooLarge:
    return RequestTooLarge(f"The request body is larger than {limit_bytes} bytes.")
