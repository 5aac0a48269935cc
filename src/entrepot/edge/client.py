"""One client as the application sees it: what of its request is let in, and how an answer goes out.

Refused are requests with no Host or two, too many headers, a body that is declared twice, too large, too slow or cut
off.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from itertools import chain
from typing import Any

from entrepot.edge.asgi import Headers, Line, Scope
from entrepot.errors import HeadersTooLarge, InvalidRequest, RequestTimeout, RequestTooLarge, UnsupportedMediaType

MOST_HEADERS = 100
MOST_HEADER_BYTES = 32 * 1024
MOST_LENGTH_DIGITS = 18
BODY_BYTES_PER_S = 64 * 1024
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
    if len(b"".join(chain.from_iterable(lines))) > MOST_HEADER_BYTES:
        raise HeadersTooLarge(f"The request's headers are larger than {MOST_HEADER_BYTES} bytes.")
    headers = dict(lines)
    if len(headers) < len(lines):
        headers = _joined(lines)
    if not _HOST.fullmatch(headers.get(b"host", b"")):
        raise InvalidRequest("The request must have exactly one valid Host header.", code="invalid_host")
    encoding = headers.get(b"transfer-encoding")
    if encoding is not None and (b"content-length" in headers or scope["http_version"] == "1.0"):
        raise InvalidRequest("The request's length is declared in two ways.", code="ambiguous_length")
    if encoding is not None and encoding.lower() != b"chunked":
        raise InvalidRequest("The only transfer encoding accepted is 'chunked'.", code="ambiguous_length")
    return headers


def _joined(lines: Headers) -> dict[bytes, bytes]:
    """Headers of one name as one (RFC 9110, 5.3). Raises InvalidRequest where that would change their meaning."""
    headers: dict[bytes, bytes] = {}
    for name, value in lines:
        if name in headers and name in _SINGLE:
            raise InvalidRequest(f"The header '{name.decode('latin-1')}' is given twice.", code="duplicate_header")
        headers[name] = headers[name] + b", " + value if name in headers else value
    return headers


def new_request_id() -> str:
    """Ids sort by time, of one millisecond too: the store appends instead of inserting, and shows calls in order."""
    ms, ns = divmod(time.time_ns(), 1_000_000)
    return f"req_{ms:012x}{ns:05x}{random.getrandbits(44):011x}"


class Client:
    """One client and its request. `gone` turns true when it has left."""

    __slots__ = ("_line", "_task", "_timer", "_too_slow", "extra_headers", "gone", "headers", "request_id",
                 "started")  # fmt: skip

    def __init__(self, headers: dict[bytes, bytes], line: Line, request_id: str) -> None:
        self.headers = headers
        self.request_id = request_id
        self.extra_headers: Headers = []
        self.started = False
        self.gone = False
        self._line = line
        self._task = asyncio.current_task()
        self._timer: asyncio.TimerHandle | None = None
        self._too_slow = False

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
        if self._line.is_complete:
            return await self._whole_body(declared, limit_bytes)
        self._timer = asyncio.get_running_loop().call_later(timeout_s, self._cancel_slow)
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
            message = await self._line.receive()
            if message["type"] == "http.disconnect":
                # Malformed chunks are told in the same way; whoever sent them still waits for an answer.
                raise InvalidRequest("The request body is malformed or broke off.", code="incomplete_body")
            piece, more = message["body"], message["more_body"]
            pieces.append(piece)
            size += len(piece)
            if size > limit_bytes:
                raise _too_large(limit_bytes)
            if more and self._timer is not None:
                due_s = self._timer.when() + len(piece) / BODY_BYTES_PER_S
                self._timer.cancel()
                self._timer = asyncio.get_running_loop().call_at(due_s, self._cancel_slow)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _cancel_slow(self) -> None:
        self._too_slow = True
        self.task.cancel()

    def _declared(self, limit_bytes: int) -> int | None:
        """The body's declared length, None when it comes in chunks."""
        encoding = self.headers.get(b"content-encoding")
        if encoding is not None and encoding.strip().lower() not in (b"", b"identity"):
            raise UnsupportedMediaType("Compressed request bodies are not accepted.")
        media_type = self.headers.get(b"content-type", JSON)
        if media_type != JSON and media_type.partition(b";")[0].strip().lower() != JSON:
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
        """From now on the task that serves this client is cancelled when the client leaves."""
        if self._line.is_lost:
            self._leave()
        else:
            self._line.on_leave = self._leave

    def unwatch(self) -> None:
        self._line.on_leave = None

    def _leave(self) -> None:
        self.gone = True
        self.task.cancel()

    async def send(self, status: int, headers: Headers, body: bytes) -> None:
        """A whole response."""
        self.unwatch()
        self.started = True
        self._line.start(status, headers + self.extra_headers)
        self._line.write(body, more=False)

    async def start(self, status: int, headers: Headers) -> None:
        """The head of a streamed response."""
        self.started = True
        self._line.start(status, headers + self.extra_headers)

    async def write(self, data: bytes) -> None:
        self._line.write(data, more=True)
        if self._line.is_congested:
            await self._line.drained()

    async def end(self, data: bytes = b"") -> None:
        """The last of a streamed response: from here on, a client that leaves has not left too early."""
        self.unwatch()
        self._line.write(data, more=False)


def _too_large(limit_bytes: int) -> RequestTooLarge:
    return RequestTooLarge(f"The request body is larger than {limit_bytes} bytes.")
