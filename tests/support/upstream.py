"""The fault upstream: a real TCP server on loopback that answers as its script says, and writes down what it saw.

    async with FaultUpstream(failure(500), plain("Hello")) as upstream:
        ...                                     # call upstream.base_url + "/chat/completions"
        upstream.requests[0].json["model"]
        await upstream.closed(0, within_s=1)    # the peer of the first request has closed its connection

A script is one reply for each request in turn (the last one repeats), or a function of the request. A reply
is a value: `plain`, `stream`, `failure`, `respond`, `raw` and `silence` make one, its methods bend it:

    stream("Hel", "lo").in_pieces_of(1).cut(120, "reset")
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import socket
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Literal, cast

End = Literal["keep", "close", "reset", "stall"]
Framing = Literal["length", "chunked", "until_close", "raw"]
Headers = dict[str, str]

MODEL = "upstream-model-2026"
USAGE: dict[str, Any] = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}


# Replies ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What one request gets: a head and body pieces, each `gap_s` after the one before, then the `end`."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    pieces: tuple[bytes, ...] = ()
    framing: Framing = "length"
    body_bytes: int | None = None
    wait_s: float = 0.0
    gap_s: float = 0.0
    end: End = "keep"
    has_head: bool = True

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)

    def in_pieces(self, *cuts: int) -> Reply:
        """The same body, cut at these offsets."""
        body, bounds = self.body, [0, *sorted(cuts), len(self.body)]
        return replace(self, pieces=tuple(body[begin:end] for begin, end in pairwise(bounds) if begin < end))

    def in_pieces_of(self, size_bytes: int) -> Reply:
        return self.in_pieces(*range(size_bytes, len(self.body), size_bytes))

    def slowly(self, gap_s: float) -> Reply:
        """A pause between two pieces."""
        return replace(self, gap_s=gap_s)

    def late(self, wait_s: float) -> Reply:
        """A pause before the head."""
        return replace(self, wait_s=wait_s)

    def cut(self, after_bytes: int, end: End = "close") -> Reply:
        """Only the first bytes of the body, then FIN, RST (`reset`) or nothing more (`stall`)."""
        left, pieces = after_bytes, []
        for piece in self.pieces:
            pieces.append(piece[:left])
            left = max(left - len(piece), 0)
        return replace(self, pieces=tuple(filter(None, pieces)), body_bytes=len(self.body), end=end)

    def until_close(self) -> Reply:
        """Without a length, as HTTP/1.0 servers do: the body ends where the connection does."""
        return replace(self, framing="until_close", end="close")

    def gzipped(self) -> Reply:
        headers = (*self.headers, ("content-encoding", "gzip"))
        return replace(self, pieces=(gzip.compress(self.body),), headers=headers)

    def with_headers(self, headers: Headers) -> Reply:
        return replace(self, headers=(*self.headers, *headers.items()))


def respond(body: bytes, *, status: int = 200, content_type: str = "application/json") -> Reply:
    return Reply(status=status, headers=(("content-type", content_type),), pieces=(body,) if body else ())


def plain(text: str = "Hello", *, usage: Any = USAGE, **fields: Any) -> Reply:
    """A chat completion; `usage=None` leaves the usage out, `fields` go over its other fields."""
    return respond(dump(completion(text, usage=usage) | fields))


def stream(*texts: str, usage: Any = USAGE, done: bool = True) -> Reply:
    """A streamed chat completion, one event a piece."""
    return events(*map(sse, chunks(*texts, usage=usage)), *([sse("[DONE]")] if done else []))


def events(*pieces: bytes) -> Reply:
    """A chunked text/event-stream of these bytes."""
    return Reply(headers=(("content-type", "text/event-stream"),), pieces=pieces, framing="chunked")


def failure(status: int, message: str = "no luck", **fields: Any) -> Reply:
    """An error in OpenAI's shape."""
    error = {"message": message, "type": "error", "param": None, "code": None}
    return respond(dump({"error": error | fields}), status=status)


def redirect(location: str, status: int = 307) -> Reply:
    return respond(b"", status=status).with_headers({"location": location})


def html(status: int = 200) -> Reply:
    return respond(b"<html><body>It works!</body></html>", status=status, content_type="text/html")


def raw(*pieces: bytes, end: End = "close") -> Reply:
    """Exactly these bytes, head included."""
    return Reply(pieces=pieces, framing="raw", end=end)


def silence(end: End = "stall") -> Reply:
    """No byte at all."""
    return Reply(has_head=False, framing="raw", end=end)


# Bodies -------------------------------------------------------------------------------------------


def completion(text: str = "Hello", *, usage: Any = USAGE) -> dict[str, Any]:
    message = {"role": "assistant", "content": text, "refusal": None}
    body = {
        "id": "chatcmpl-upstream",
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": MODEL,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
    }
    return body if usage is None else body | {"usage": usage}


def chunks(*texts: str, usage: Any = USAGE) -> list[dict[str, Any]]:
    """The chunks of a stream: role, one for each text, finish, and usage unless it is None."""
    head = {"id": "chatcmpl-upstream", "object": "chat.completion.chunk", "created": 1_790_000_000, "model": MODEL}
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}, *({"content": text} for text in texts), {}]
    finishes = [*[None] * (len(deltas) - 1), "stop"]
    made = [
        head | {"choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]}
        for delta, finish in zip(deltas, finishes, strict=True)
    ]
    return made if usage is None else [*made, head | {"choices": [], "usage": usage}]


def sse(value: Any, line_end: str = "\n") -> bytes:
    """One event; a string goes in as it is."""
    text = value if isinstance(value, str) else dump(value).decode()
    return f"data: {text}{line_end}{line_end}".encode()


def dump(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


# The server ---------------------------------------------------------------------------------------


@dataclass(slots=True, kw_only=True)
class Received:
    """One request as it came. `sent_bytes` counts the body bytes that its reply has handed to the socket."""

    method: str
    path: str
    headers: Headers
    body: bytes
    connection: int
    sent_bytes: int = 0
    answered: bool = False
    left: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Script = Callable[[Received], Reply]


class FaultUpstream:
    """An upstream on a free loopback port, from entering it to leaving it."""

    def __init__(self, *script: Reply | Script) -> None:
        self.script: Sequence[Reply | Script] = script
        self.requests: list[Received] = []
        self.connections = 0
        self.port = 0
        self._connected: set[_Connection] = set()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def open_connections(self) -> int:
        return len(self._connected)

    async def __aenter__(self) -> FaultUpstream:
        self._server = await asyncio.get_running_loop().create_server(lambda: _Connection(self), "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for connection in list(self._connected):
            connection.abort()
        await self._server.wait_closed()

    async def closed(self, index: int, *, within_s: float = 1.0) -> None:
        """Wait until the peer of a request has closed its connection. Raises TimeoutError when it does not."""
        await self.received(index + 1, within_s=within_s)
        await asyncio.wait_for(self.requests[index].left.wait(), within_s)

    async def received(self, count: int, *, within_s: float = 1.0) -> None:
        """Wait until this many requests have come. Raises TimeoutError when they do not."""
        async with asyncio.timeout(within_s):
            while len(self.requests) < count:
                await asyncio.sleep(0.005)

    def _reply_to(self, request: Received) -> Reply:
        self.requests.append(request)
        reply = self.script[min(len(self.requests), len(self.script)) - 1]
        return reply if isinstance(reply, Reply) else reply(request)


class _Connection(asyncio.Protocol):
    def __init__(self, upstream: FaultUpstream) -> None:
        self._upstream = upstream
        self._buffer = b""
        self._served: list[Received] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are not subclasses
        self._upstream.connections += 1
        self._number = self._upstream.connections
        self._upstream._connected.add(self)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, blank, rest = self._buffer.partition(b"\r\n\r\n")
        if not blank:
            return
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", "0"))
        if len(rest) < length:
            return
        self._buffer = rest[length:]
        method, path, _ = first.split(" ", 2)
        request = Received(method=method, path=path, headers=headers, body=rest[:length], connection=self._number)
        self._served.append(request)
        task = asyncio.get_running_loop().create_task(self._answer(self._upstream._reply_to(request), request))
        self._tasks.add(task)

    def connection_lost(self, error: Exception | None) -> None:
        self._upstream._connected.discard(self)
        for request in self._served:
            request.left.set()
        for task in self._tasks:
            task.cancel()

    def abort(self) -> None:
        self._transport.abort()

    async def _answer(self, reply: Reply, request: Received) -> None:
        await asyncio.sleep(reply.wait_s)
        if reply.has_head and reply.framing != "raw":
            self._transport.write(_head(reply))
        for index, piece in enumerate(reply.pieces):
            # Even without a gap each piece is a write of its own, so that the peer may see it alone.
            await asyncio.sleep(reply.gap_s if index else 0)
            self._transport.write(b"%x\r\n%b\r\n" % (len(piece), piece) if reply.framing == "chunked" else piece)
            request.sent_bytes += len(piece)
        if reply.framing == "chunked" and reply.end == "keep":
            self._transport.write(b"0\r\n\r\n")
        request.answered = reply.end != "stall"
        if reply.end == "close":
            self._transport.close()
        elif reply.end == "reset":
            await asyncio.sleep(0.02)  # an RST overtakes what the peer has not read yet
            linger = struct.pack("ii", 1, 0)
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self._transport.abort()


def _head(reply: Reply) -> bytes:
    lines = [f"HTTP/1.1 {reply.status} Whatever", *(f"{name}: {value}" for name, value in reply.headers)]
    if reply.framing == "chunked":
        lines.append("transfer-encoding: chunked")
    elif reply.framing == "length":
        lines.append(f"content-length: {len(reply.body) if reply.body_bytes is None else reply.body_bytes}")
    else:
        lines.append("connection: close")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


# Upstreams that are no server ---------------------------------------------------------------------


@contextlib.contextmanager
def refusing() -> Iterator[str]:
    """The base URL of a port that refuses connections, kept from other users meanwhile."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}/v1"


@contextlib.contextmanager
def black_hole() -> Iterator[str]:
    """The base URL of a port where a connection never comes about: its queue is full and nobody accepts."""
    with contextlib.ExitStack() as held:
        listener = held.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = held.enter_context(socket.socket())
            waiting.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                waiting.connect(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
