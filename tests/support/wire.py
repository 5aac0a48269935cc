"""A client made of one socket: it can stop in the middle of anything."""

from __future__ import annotations

import json
import socket
from typing import Any

from tests.support.hub import Hub


class Wire:
    """One POST to Chat Completions, sent at once and read as far as wanted."""

    def __init__(self, hub: Hub, token: str, *, model: str = "fault", timeout_s: float = 10.0, **fields: Any) -> None:
        body = json.dumps({"model": model, "messages": [{"role": "user", "content": "Go on"}]} | fields).encode()
        self._socket = socket.create_connection((hub.host, hub.port), timeout=timeout_s)
        self._socket.sendall(
            f"POST /v1/chat/completions HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        self.data = b""

    @property
    def status(self) -> int:
        return int(self.data.split(b" ", 2)[1])

    @property
    def request_id(self) -> str:
        return self.data.partition(b"x-request-id: ")[2].partition(b"\r\n")[0].decode()

    @property
    def body(self) -> bytes:
        """What has come of the body, without its chunk sizes."""
        rest, body = self.data.partition(b"\r\n\r\n")[2], b""
        if b"transfer-encoding: chunked" not in self.data.partition(b"\r\n\r\n")[0]:
            return rest
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            length = int(size, 16)
            body, rest = body + rest[:length], rest[length + 2 :]
        return body

    @property
    def events(self) -> list[Any]:
        """The stream's events as values, `[DONE]` as a string."""
        texts = [event[len("data: ") :] for event in self.body.decode().split("\n\n") if event.startswith("data: ")]
        return [text if text == "[DONE]" else json.loads(text) for text in texts]

    @property
    def text(self) -> str:
        """What the stream's events say together."""
        deltas = (choice["delta"] for event in self.events if isinstance(event, dict) for choice in event["choices"])
        return "".join(delta.get("content") or "" for delta in deltas)

    def read(self, until: bytes) -> bytes:
        """Read on until the answer ends with or holds `until`, or ends."""
        while until not in self.data and (piece := self._socket.recv(65536)):
            self.data += piece
        return self.data

    def read_events(self, count: int) -> None:
        """Read on until so many events are whole."""
        while self.data.count(b"\n\n") < count:
            piece = self._socket.recv(65536)
            assert piece, self.data
            self.data += piece

    def read_all(self) -> bytes:
        """Read a whole answer, whatever its framing."""
        self.read(b"\r\n\r\n")
        head, _, rest = self.data.partition(b"\r\n\r\n")
        if b"transfer-encoding: chunked" in head:
            return self.read(b"0\r\n\r\n")
        length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        while len(rest) < length and (piece := self._socket.recv(65536)):
            self.data += piece
            rest += piece
        return self.data

    def leave(self) -> None:
        self._socket.close()

    def __del__(self) -> None:
        self.leave()
