"""Calls the hub's application in this process, as a server would, with a client that can leave in the middle."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import unquote

from entrepot.edge import Headers, Line, Message, Scope

App = Callable[[Line], Awaitable[None]]


class Call:
    """One request and what has come back of its response so far."""

    def __init__(self, app: App, method: str, target: str, headers: Mapping[str, str], body: bytes | Any) -> None:
        path, _, query = target.partition("?")
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"content-length": str(len(content)), **headers} if content else headers
        self.scope: Scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8080),
        }
        self.status = 0
        self.headers: dict[str, str] = {}
        self.pieces: list[bytes] = []
        self.ended = False
        self.is_complete = True
        self.is_congested = False
        self.is_lost = False
        self.on_leave: Callable[[], None] | None = None
        self._app = app
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        self._messages.put_nowait({"type": "http.request", "body": content, "more_body": False})

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> dict[str, Any]:
        error: dict[str, Any] = self.json["error"]
        return error

    @property
    def data(self) -> list[Any]:
        """The JSON of a stream's events; `[DONE]` as a string."""
        texts = [event.removeprefix(b"data: ") for event in self.body.split(b"\n\n") if event.startswith(b"data: ")]
        return ["[DONE]" if text == b"[DONE]" else json.loads(text) for text in texts]

    def leave(self) -> None:
        self.is_lost = True
        self._messages.put_nowait({"type": "http.disconnect"})
        if self.on_leave is not None:
            self.on_leave()

    async def run(self) -> Call:
        async with asyncio.timeout(10):
            await self._app(self)
        return self

    # edge.Line ------------------------------------------------------------------------------------

    async def receive(self) -> Message:
        return await self._messages.get()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start(message["status"], message["headers"])
        else:
            self.write(message.get("body", b""), more=message.get("more_body", False))

    def start(self, status: int, headers: Headers) -> None:
        assert not self.status, "a second response has begun"
        self.status = status
        self.headers = {name.decode().lower(): value.decode("latin-1") for name, value in headers}

    def write(self, data: bytes, *, more: bool) -> None:
        assert self.status, "a body came before its head"
        assert not self.ended, "bytes came after the end"
        self.pieces.append(data)
        self.ended = not more

    async def drained(self) -> None:
        raise AssertionError("nobody asked to wait")


def call(app: App, method: str, target: str, *, token: str | None = None, body: Any = b"", **headers: str) -> Call:
    """A call that has not begun: await its `run`. Underscores in header names stand for hyphens."""
    lines = {"host": "hub.test"} | {name.replace("_", "-"): value for name, value in headers.items()}
    if token is not None:
        lines["authorization"] = f"Bearer {token}"
    return Call(app, method, target, lines, body)
