"""Messages come out whole however the bytes were cut."""

from __future__ import annotations

import pytest
from bench.wire import Inbox, chunk, is_ok, request_bytes, response_bytes

SIZED = response_bytes(b'{"a": 1}')
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(b"data: 1\n\n") + b"0\r\n\r\n"
BARE = b"GET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n"
REQUEST = request_bytes("/v1/chat/completions", {"authorization": "Bearer k"}, b"{}")


@pytest.mark.parametrize("message", [SIZED, CHUNKED, BARE, REQUEST], ids=["sized", "chunked", "bare", "request"])
def test_a_message_is_whole_only_with_its_last_byte(message: bytes) -> None:
    inbox = Inbox()
    for byte in message[:-1]:
        assert inbox.feed(bytes([byte])) is None
    assert inbox.feed(message[-1:]) == message


def test_the_next_message_starts_afresh() -> None:
    inbox = Inbox()
    assert inbox.feed(CHUNKED) == CHUNKED
    assert inbox.feed(SIZED) == SIZED


def test_only_200_is_ok() -> None:
    assert is_ok(SIZED)
    assert not is_ok(b"HTTP/1.1 500 Internal Server Error\r\n\r\n")
