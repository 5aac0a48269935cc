"""Just enough HTTP/1.1 for both ends of the bench: request bytes out, whole messages in. No sockets."""

from __future__ import annotations

import re
from collections.abc import Mapping

CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
LAST_CHUNK = b"0\r\n\r\n"


class Inbox:
    """Collects one message at a time from a connection on which the peers take turns."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._head_size = 0
        self._size = 0

    def feed(self, data: bytes) -> bytes | None:
        """The whole message, head included, once its last byte is here. Chunks stay framed."""
        self._data += data
        if not self._head_size and not self._read_head():
            return None
        if not self._is_whole():
            return None
        message = bytes(self._data)
        self._data.clear()
        self._head_size = 0
        return message

    def _read_head(self) -> bool:
        end = self._data.find(b"\r\n\r\n")
        if end < 0:
            return False
        self._head_size = end + 4
        length = CONTENT_LENGTH.search(self._data, 0, self._head_size)
        if length:
            self._size = self._head_size + int(length[1])
        else:
            self._size = 0 if CHUNKED.search(self._data, 0, self._head_size) else self._head_size
        return True

    def _is_whole(self) -> bool:
        # JSON holds no raw CR, so the last chunk's bytes cannot stand inside a body.
        return len(self._data) >= self._size if self._size else self._data.endswith(LAST_CHUNK)


def request_bytes(path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "host: 127.0.0.1", "content-type: application/json"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"content-length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def response_bytes(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


def is_ok(message: bytes) -> bool:
    return message.startswith(b"HTTP/1.1 200 ")


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)
